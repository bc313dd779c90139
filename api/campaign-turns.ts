import { BoundedMap } from '../domain/bounded-map.ts';
import { type ChosenAmong, faded, rankCampaigns } from '../domain/campaign-turns.ts';
import type { OfferedCampaign } from './campaign-cache.ts';

const MAX_CAMPAIGNS = 10_000;

/**
 * Which campaign an annotator who asks for any gets a task of. Each process counts what it gave out itself: where every
 * one is fair, all are together.
 */
export class CampaignTurns {
  readonly #served = new BoundedMap<string, { count: number; atMs: number }>(MAX_CAMPAIGNS);
  readonly #nowMs: () => number;
  #turn = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /**
   * The campaigns in the order in which they are to be asked; of equals another one comes first each time. Those that had
   * nothing for this annotator a moment ago come last: a look at each costs a statement.
   */
  rank(
    campaigns: readonly OfferedCampaign[],
    deskOf: (campaign: OfferedCampaign) => { held: number; empty: boolean },
  ): { campaign: OfferedCampaign; chosen: ChosenAmong }[] {
    const first = campaigns.length === 0 ? 0 : this.#turn++ % campaigns.length;
    const turned = [...campaigns.slice(first), ...campaigns.slice(0, first)];
    const known = turned.map((each) => ({
      each,
      served: this.#countOf(each.id),
      maxLeases: each.settings.maxLeases,
      ...deskOf(each),
    }));
    const ranked = rankCampaigns(known);
    return [
      ...ranked.filter(({ campaign }) => !campaign.empty),
      ...ranked.filter(({ campaign }) => campaign.empty),
    ].map(({ campaign: { each }, chosen }) => ({ campaign: each, chosen }));
  }

  /** A task of this campaign was given out, whoever asked for it and how. */
  served(campaignId: string): void {
    this.#served.set(campaignId, { count: this.#countOf(campaignId) + 1, atMs: this.#nowMs() });
  }

  #countOf(campaignId: string): number {
    const known = this.#served.get(campaignId);
    return known ? faded(known.count, this.#nowMs() - known.atMs) : 0;
  }
}

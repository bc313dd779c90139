/** What is known of a campaign when one annotator asks for work of any. */
export interface CampaignTurn {
  /** Tasks given out lately, by anybody: a count that fades. */
  readonly served: number;
  /** What this annotator holds of it now, and may hold. */
  readonly held: number;
  readonly maxLeases: number;
}

export const TURN_WEIGHTS = { fairness: 1.0, load: 0.5 } as const;

/** Why a campaign came first: its score and the parts of it, and how many there were. */
export interface ChosenAmong {
  readonly campaigns: number;
  /** Its share of what was given out lately, 0 to 1. */
  readonly share: number;
  readonly fairness: number;
  readonly load: number;
  readonly score: number;
}

/** Of what was given out so long ago, half counts still. */
const HALF_LIFE_MS = 60_000;

/**
 * The campaigns in the order in which they are asked for a task, with the score of each:
 * - fairness x 1: how far its share of what was given out lately is below that of an equal share, from -1 to 1, so that an
 *   old campaign with much work does not starve the others;
 * - load x 0.5: how much room the annotator has there for more leases, 0 to 1, so that nobody piles up work of one
 *   campaign.
 * Equal scores keep the order given.
 */
export function rankCampaigns<C extends CampaignTurn>(
  campaigns: readonly C[],
): { readonly campaign: C; readonly chosen: ChosenAmong }[] {
  const total = campaigns.reduce((sum, { served }) => sum + served, 0);
  const equal = 1 / Math.max(1, campaigns.length);
  return campaigns
    .map((campaign) => {
      const { served, held, maxLeases } = campaign;
      const share = total === 0 ? 0 : served / total;
      const fairness = total === 0 ? 0 : TURN_WEIGHTS.fairness * (equal - share);
      const load = TURN_WEIGHTS.load * Math.max(0, 1 - held / maxLeases);
      return { campaign, chosen: { campaigns: campaigns.length, share, fairness, load, score: fairness + load } };
    })
    .sort((a, b) => b.chosen.score - a.chosen.score);
}

/** A count from `elapsedMs` ago as it counts now: half of it after a minute. */
export function faded(count: number, elapsedMs: number): number {
  return count * 0.5 ** (Math.max(0, elapsedMs) / HALF_LIFE_MS);
}

/** The choice in words. */
export function turnWords({ campaigns, share, fairness, load, score }: ChosenAmong): string {
  const part = (value: number) => (value < 0 ? `- ${(-value).toFixed(2)}` : `+ ${value.toFixed(2)}`);
  return (
    `of ${campaigns} campaigns this one came first, with ${Math.round(100 * share)}% of what was given out lately: ` +
    `load ${load.toFixed(2)} ${part(fairness)} fairness = ${score.toFixed(2)}`
  );
}

import { Batcher } from '../db/batcher.ts';
import { type Db, sqlState } from '../db/client.ts';
import type { AnnotatorRow } from '../db/queries/annotators.ts';
import { hasPassedCalibration } from '../db/queries/calibration.ts';
import { findCampaign } from '../db/queries/campaigns.ts';
import { isAtDailyLimit } from '../db/queries/daily.ts';
import { leaseLapsed } from '../db/queries/lapsed-leases.ts';
import {
  type GoldWish,
  hasUnmetGold,
  heldLeases,
  type Lease,
  leaseGold,
  leaseSlots,
  type WantedSlot,
} from '../db/queries/leases.ts';
import { type Candidate, findCandidates, findDomainCandidates } from '../db/queries/queue.ts';
import { leaseRepeat } from '../db/queries/repeats.ts';
import type { ChosenAmong } from '../domain/campaign-turns.ts';
import { QuorateError } from '../domain/failures.ts';
import { DEFAULT_GOLD_FLOOR, goldRatioFor, rankCandidates, wantsGold } from '../domain/routing.ts';
import { TIERS, tierRank } from '../domain/tiers.ts';
import type { CampaignCache, OfferedCampaign } from './campaign-cache.ts';
import { CampaignTurns } from './campaign-turns.ts';
import { type Desk, Desks } from './desks.ts';
import { newId } from './new-id.ts';
import { offersTo, recalibrationAt, standingAt } from './offered.ts';
import { notFound } from './problems.ts';
import { type Queue, SlotWindows } from './slot-windows.ts';
import { WaitingRoom } from './waiting-room.ts';

/** A task handed to an annotator. Gold and work look the same from here on. */
export interface Offer {
  readonly lease: Lease;
  readonly campaign: OfferedCampaign;
}

// Enough that 32 clients asking at once find a slot each.
const CANDIDATES = 32;
const ATTEMPTS = 8;
/** How often a slot of the shared window is tried, each of which another process may have given out, before a search. */
const WINDOW_ATTEMPTS = 4;
const SHUFFLE_RANGE = 2 ** 31;
/** Of the ranked candidates this many are reached for before the queue is looked at again. */
const REACHES = 8;
const MAX_BATCH = 32;
const DAY_MS = 24 * 3600 * 1000;

type Wish = { readonly slot: WantedSlot } | { readonly gold: GoldWish };

/** Chooses the next task of an annotator: mostly one short statement, whether it becomes gold or work. */
export class TaskChooser {
  readonly #db: Db;
  readonly #campaigns: CampaignCache;
  readonly #random: () => number;
  readonly #nowMs: () => number;
  readonly #room: WaitingRoom;
  readonly #desks: Desks;
  readonly #windows: SlotWindows;
  readonly #leases: Batcher<Wish, Lease | undefined>;
  readonly #turns: CampaignTurns;

  constructor(deps: { db: Db; campaigns: CampaignCache; random: () => number; nowMs: () => number }) {
    this.#db = deps.db;
    this.#campaigns = deps.campaigns;
    this.#random = deps.random;
    this.#desks = new Desks(deps.db, deps.nowMs);
    this.#windows = new SlotWindows(deps.db, deps.nowMs);
    this.#nowMs = deps.nowMs;
    this.#turns = new CampaignTurns(deps.nowMs);
    this.#room = new WaitingRoom(this.#windows, deps.nowMs);
    this.#leases = new Batcher({
      run: (wishes) => leaseAll(deps.db, wishes),
      keyOf: (wish) => ('slot' in wish ? `${wish.slot.taskId} ${wish.slot.slotNo}` : wish.gold.assignmentId),
      concurrency: 2,
      maxBatch: MAX_BATCH,
      // Answers that were stored together are told together, and those who gave them ask again together.
      gathers: true,
    });
  }

  /**
   * A task of this campaign, or of any; undefined when there is none for this annotator now, nor within `waitMs`, nor
   * until `signal` aborts.
   */
  async next(
    annotator: AnnotatorRow,
    ask: {
      campaignId?: string | undefined;
      waitMs?: number;
      signal: AbortSignal;
      /** The annotator as they are after a wait, in which their standing may have changed; throws where they are gone. */
      again: () => Promise<AnnotatorRow>;
    },
  ): Promise<Offer | undefined> {
    let who = annotator;
    const { campaignId, signal } = ask;
    const untilMs = this.#nowMs() + (ask.waitMs ?? 0);
    for (;;) {
      const waits = this.#nowMs() < untilMs;
      const queues = waits ? await this.#queuesOf(who, campaignId) : [];
      const newest = await this.#room.newest(queues);
      const offer = await this.#offer(who, campaignId);
      if (offer || !waits || signal.aborted) return offer;
      await this.#room.wait(queues, newest, untilMs, signal);
      if (signal.aborted) return undefined;
      who = await ask.again();
    }
  }

  async #queuesOf(annotator: AnnotatorRow, campaignId: string | undefined): Promise<Queue[]> {
    const { workforce, tier } = annotator;
    const open = await this.#campaigns.open();
    return open
      .filter((campaign) => (campaignId ?? campaign.id) === campaign.id && offersTo(campaign, annotator))
      .map(({ id }) => ({ campaignId: id, workforce, tier: tierRank(tier) }));
  }

  async #offer(annotator: AnnotatorRow, campaignId: string | undefined): Promise<Offer | undefined> {
    if (annotator.standing === 'suspended') {
      const why = annotator.standingReason === null ? '' : ` ${annotator.standingReason}`;
      throw new QuorateError('suspended', `You are suspended and get no tasks for now.${why}`);
    }
    const open = await this.#campaigns.open();
    if (campaignId !== undefined) {
      const campaign = open.find(({ id }) => id === campaignId);
      if (campaign && standingAt(annotator, campaign) === 'suspended') {
        const what = campaign.type.title.toLowerCase();
        throw new QuorateError('suspended', `You are suspended from ${what} tasks and get none of them for now.`);
      }
      if (campaign && offersTo(campaign, annotator) && !(await this.#qualifies(annotator, campaign))) {
        const message = 'This campaign asks for a calibration session first; begin one with POST /v1/me/calibrations.';
        throw new QuorateError('forbidden', message, { details: { campaignId } });
      }
      return campaign ? this.#offerFrom(annotator, campaign) : this.#whyClosed(campaignId);
    }
    const offered = open.filter((campaign) => offersTo(campaign, annotator));
    const deskOf = ({ id }: OfferedCampaign) => this.#desks.known(annotator.id, id);
    for (const { campaign, chosen } of this.#turns.rank(offered, deskOf)) {
      const offer = await this.#offerFrom(annotator, campaign, offered.length > 1 ? chosen : undefined);
      if (offer) return offer;
    }
    return undefined;
  }

  /** An assignment of this annotator was answered or given back. */
  closed(annotatorId: string, campaignId: string): void {
    this.#desks.closed(annotatorId, campaignId);
  }

  async #whyClosed(campaignId: string): Promise<undefined> {
    const row = await findCampaign(this.#db, campaignId);
    if (!row) throw notFound('campaign', campaignId);
    if (row.state === 'finished' || row.state === 'stopped') {
      throw new QuorateError('campaign_closed', `The campaign ${row.name} has ended; it has no more tasks.`);
    }
    return undefined;
  }

  async #offerFrom(
    annotator: AnnotatorRow,
    campaign: OfferedCampaign,
    chosen?: ChosenAmong,
  ): Promise<Offer | undefined> {
    if (!offersTo(campaign, annotator)) return undefined;
    if (standingAt(annotator, campaign) === 'suspended') return undefined;
    if (!(await this.#qualifies(annotator, campaign))) return undefined;
    const desk = await this.#desks.of(annotator.id, campaign.id);
    const offer = await this.#desks.inTurn(desk, () => this.#offerAt(desk, annotator, campaign, chosen));
    if (offer) this.#turns.served(campaign.id);
    else this.#desks.nothing(desk);
    return offer;
  }

  /** Whether nothing keeps them from this campaign's tasks: a calibration session that it requires of people. */
  async #qualifies({ id: annotatorId, kind }: AnnotatorRow, campaign: OfferedCampaign): Promise<boolean> {
    if (!campaign.settings.calibration?.required || kind !== 'person') return true;
    const desk = await this.#desks.of(annotatorId, campaign.id);
    desk.qualified ||= await hasPassedCalibration(this.#db, { annotatorId, campaignId: campaign.id });
    return desk.qualified;
  }

  async #offerAt(
    desk: Desk,
    annotator: AnnotatorRow,
    campaign: OfferedCampaign,
    chosen: ChosenAmong | undefined,
  ): Promise<Offer | undefined> {
    const { settings, id: campaignId } = campaign;
    if (desk.held >= settings.maxLeases) {
      const held = await this.#desks.held(desk, annotator.id, campaignId);
      if (held >= settings.maxLeases) {
        const [oldest] = await heldLeases(this.#db, { annotatorId: annotator.id, campaignId, limit: 1 });
        if (oldest) return { lease: oldest, campaign };
      }
    }
    const { dailyLimit } = settings;
    if (await isAtDailyLimit(this.#db, { annotatorId: annotator.id, campaignId, dailyLimit })) return undefined;
    const recalibration = recalibrationAt(annotator, campaign);
    const forCause = recalibration === 'for cause';
    // For cause only while golds are left that decide it, mixed with work like everybody's: nobody can tell which they are.
    if (forCause && !(await this.#hasGold(annotator, desk, campaign))) return undefined;
    const running = campaign.state === 'running';
    const gold = running && this.#drawsGold(annotator, desk, campaign, recalibration !== 'none');
    const repeat = !gold && running && this.#drawsRepeat(desk, campaign);
    const lease = await this.#lease(annotator, campaign, desk, { gold, orNothing: forCause, repeat, chosen });
    return lease && { lease, campaign };
  }

  async #hasGold(annotator: AnnotatorRow, desk: Desk, campaign: OfferedCampaign): Promise<boolean> {
    if (!this.#desks.mayHaveGold(desk)) return false;
    const { id: campaignId, settings } = campaign;
    const reader = { annotatorId: annotator.id, campaignId, tier: tierRank(annotator.tier) };
    if (await hasUnmetGold(this.#db, { ...reader, maxPerGroup: settings.maxPerGroup })) return true;
    this.#desks.noGold(desk);
    return false;
  }

  #drawsRepeat(desk: Desk, { settings: { consistency } }: OfferedCampaign): boolean {
    return !!consistency && this.#random() < consistency.share && this.#desks.mayHaveRepeat(desk);
  }

  /** An item that the annotator answered some days ago, once more. */
  async #repeat(annotator: AnnotatorRow, campaign: OfferedCampaign, desk: Desk): Promise<Lease | undefined> {
    const { id: campaignId, settings, instructionsVersion } = campaign;
    const lease = await leaseRepeat(this.#db, {
      ...{
        assignmentId: newId(),
        annotatorId: annotator.id,
        campaignId,
        leaseMs: settings.leaseMs,
        instructionsVersion,
      },
      tier: tierRank(annotator.tier),
      afterMs: (settings.consistency?.afterDays ?? 0) * DAY_MS,
      shuffle: Math.floor(this.#random() * SHUFFLE_RANGE),
      room: roomOf(campaign),
    });
    if (lease) this.#desks.leased(desk, lease.taskId, false);
    else this.#desks.noRepeat(desk);
    return lease;
  }

  #drawsGold(annotator: AnnotatorRow, desk: Desk, { settings }: OfferedCampaign, recalibrating: boolean): boolean {
    desk.luck ??= this.#random();
    const draw = wantsGold({
      goldRatio: goldRatioFor(settings.goldRatio, recalibrating),
      answered: desk.answered,
      goldsSeen: desk.golds,
      floor: { ...DEFAULT_GOLD_FLOOR, golds: settings.goldFloor },
      qualityScore: annotator.qualityScore,
      u: desk.luck,
    });
    return draw && this.#desks.mayHaveGold(desk);
  }

  async #lease(
    annotator: AnnotatorRow,
    campaign: OfferedCampaign,
    desk: Desk,
    wants: { gold: boolean; orNothing: boolean; repeat: boolean; chosen: ChosenAmong | undefined },
  ): Promise<Lease | undefined> {
    let { gold, repeat } = wants;
    const { maxPerGroup } = campaign.settings;
    const own = maxPerGroup !== undefined || prefersDomains(annotator, campaign);
    const room = roomOf(campaign);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // Through another process they may have come to hold all that they may. Looked at once: each lease asks it anew.
      if (attempt === 1 && (await this.#desks.held(desk, annotator.id, campaign.id)) >= room.maxLeases)
        return undefined;
      // Asked for gold too: the same steps for both, and no gold where there is no work it could be mistaken for.
      const queue = { campaignId: campaign.id, workforce: annotator.workforce, tier: tierRank(annotator.tier) };
      // Whoever has specializations, or a limit on groups, is looked after alone: what comes first differs by person.
      const met = (slot: Candidate) => this.#desks.hasMet(desk, slot);
      const near = own || attempt >= WINDOW_ATTEMPTS ? undefined : await this.#windows.take(queue, met);
      const candidates = near ? [asRouted(near)] : await this.#search(annotator, campaign, desk);
      if (candidates.length === 0) return wants.orNothing ? undefined : this.#lapsed(annotator, campaign, desk);
      const ranked = rankCandidates(annotator, candidates);
      const { instructionsVersion } = campaign;
      const at = { annotatorId: annotator.id, leaseMs: campaign.settings.leaseMs, instructionsVersion };
      try {
        if (gold) {
          const from = Math.floor(this.#random() * SHUFFLE_RANGE);
          const work = ranked[0]?.candidate;
          const place = { campaignId: campaign.id, tier: tierRank(annotator.tier), from, inPlaceOf: work?.taskId };
          const like = { maxPerGroup, domain: campaign.hasDomains ? work?.domain : undefined };
          const lease = await this.#leases.add({ gold: { ...at, ...place, ...like, room, assignmentId: newId() } });
          if (lease) {
            if (near) this.#windows.putBack(queue, near);
            this.#desks.leased(desk, lease.taskId, true);
            return lease;
          }
          this.#desks.noGold(desk);
          gold = false;
          if (wants.orNothing) {
            if (near) this.#windows.putBack(queue, near);
            return undefined;
          }
        }
        if (repeat) {
          repeat = false;
          const lease = await this.#repeat(annotator, campaign, desk);
          if (lease) {
            if (near) this.#windows.putBack(queue, near);
            return lease;
          }
        }
        let reached = 0;
        for (const { candidate } of ranked) {
          // Looked at now, not when they were found: others have reached for some since.
          if (this.#windows.isWanted(candidate)) continue;
          if (reached++ === REACHES) break;
          const { taskId, slotNo } = candidate;
          const { workforce } = annotator;
          const slot = {
            ...{ ...at, assignmentId: newId(), taskId, slotNo, workforce, maxPerGroup, room },
            routing: wants.chosen,
          };
          const lease = await this.#windows.wanting(candidate, () => this.#leases.add({ slot }));
          if (!lease) continue;
          this.#desks.leased(desk, lease.taskId, false);
          return lease;
        }
      } catch (error) {
        // Through another process the same annotator took a slot of that task; the next look leaves the task out.
        if (sqlState(error) !== '23505') throw error;
      }
    }
    return undefined;
  }

  /** Nothing is new for them: a task whose lease ran out on them, where nobody has taken it since. */
  async #lapsed(annotator: AnnotatorRow, campaign: OfferedCampaign, desk: Desk): Promise<Lease | undefined> {
    const { instructionsVersion, settings } = campaign;
    const lease = await leaseLapsed(this.#db, {
      ...{ annotatorId: annotator.id, campaignId: campaign.id, workforce: annotator.workforce },
      ...{ tier: tierRank(annotator.tier), leaseMs: settings.leaseMs, instructionsVersion, room: roomOf(campaign) },
    });
    if (lease) desk.held += 1;
    return lease;
  }

  /** Looks through the queue for this annotator alone: the windows had nothing, or it has moved on. */
  async #search(annotator: AnnotatorRow, campaign: OfferedCampaign, desk: Desk) {
    const { id: annotatorId, workforce } = annotator;
    const tier = tierRank(annotator.tier);
    // Nobody reaches for those that others are about to lease: however many they are, there must be some beyond.
    const limit = CANDIDATES + this.#windows.wanted;
    const { maxPerGroup } = campaign.settings;
    const query = { campaignId: campaign.id, workforce, tier, annotatorId, limit, maxPerGroup };
    const own = prefersDomains(annotator, campaign);
    const [first, domains] = await Promise.all([
      findCandidates(this.#db, { ...query, after: desk.after }),
      own ? findDomainCandidates(this.#db, { ...query, domains: annotator.specializations }) : [],
    ]);
    this.#desks.advance(desk, first);
    const missed = first.length === 0 && this.#desks.mayHaveMissed(desk);
    const found = missed ? await findCandidates(this.#db, { ...query, after: desk.after }) : first;
    return distinct([...domains, ...found]).map(asRouted);
  }
}

const roomOf = ({ id: campaignId, settings: { maxLeases, dailyLimit } }: OfferedCampaign) => ({
  ...{ campaignId, maxLeases, dailyLimit },
});

/** Gold and work go together, so that neither is answered sooner. */
async function leaseAll(db: Db, wishes: readonly Wish[]): Promise<(Lease | undefined)[]> {
  const slots = wishes.flatMap((wish) => ('slot' in wish ? [wish.slot] : []));
  const golds = wishes.flatMap((wish) => ('gold' in wish ? [wish.gold] : []));
  const [leased, ...rest] = await Promise.all([
    slots.length > 0 ? leaseSlots(db, slots) : [],
    ...golds.map((gold) => leaseGold(db, gold)),
  ]);
  const byId = new Map([...leased, ...rest].flatMap((lease) => (lease ? [[lease.assignmentId, lease]] : [])));
  return wishes.map((wish) => byId.get('slot' in wish ? wish.slot.assignmentId : wish.gold.assignmentId));
}

function prefersDomains(annotator: AnnotatorRow, campaign: OfferedCampaign): boolean {
  return campaign.hasDomains && annotator.specializations.length > 0;
}

function asRouted(candidate: Candidate) {
  return { ...candidate, requiredTier: TIERS[candidate.tier] ?? 'crowd' };
}

function distinct(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map(candidates.map((each) => [`${each.taskId} ${each.slotNo}`, each])).values()];
}

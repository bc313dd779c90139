import type { Db } from '../db/client.ts';
import { countHeld, leaseCounts } from '../db/queries/leases.ts';
import { type Candidate, LANES } from '../db/queries/queue.ts';
import { BoundedMap } from '../domain/bounded-map.ts';

// About a quarter of a kilobyte each, and up to 30 KB for one that is busy.
const MAX_DESKS = 20_000;
const MAX_MET = 300;
const RESET_EVERY_MS = 60_000;
const RESET_WHEN_EMPTY_MS = 5_000;
const NOTHING_PAUSE_MS = 1000;
const GOLD_PAUSE_MS = 30_000;
const REPEAT_PAUSE_MS = 600_000;
const RECOUNT_MS = 60_000;

/** What is remembered of one annotator in one campaign. Losing it costs a few slower requests and nothing else. */
export interface Desk {
  /** By lane: all open slots up to this place are of tasks the annotator has met. */
  after: number[];
  cursorsSinceMs: number;
  /** Leases held, as far as this process knows. */
  held: number;
  countedMs: number;
  answered: number;
  golds: number;
  /**
   * The draw by which the next lease is a gold or not. It stays until there is one: a gold waits for no slot that others
   * reach for, too, so that whoever drew anew each time would meet more golds the scarcer work is.
   */
  luck: number | undefined;
  /** Tasks leased here lately, newest last: slots of these are not worth trying. */
  readonly met: Set<string>;
  /** There was no task for this annotator; other campaigns are asked first until then. */
  nothingUntilMs: number;
  /** No gold was left for this annotator; look again then. */
  noGoldUntilMs: number;
  /** No answer was old enough to be asked for again; look again then. */
  noRepeatUntilMs: number;
  /** Known to have passed the calibration session that the campaign requires. */
  qualified: boolean;
  /** The annotator's last request: two tabs at once would reach for slots of the same task. */
  turn: Promise<unknown>;
}

const laneOf = (priority: number, tier: number) => priority * LANES.tiers + tier;
const startOfQueue = () => new Array<number>(LANES.priorities * LANES.tiers).fill(0);

/** The desks of the annotators who asked lately. */
export class Desks {
  readonly #desks = new BoundedMap<string, Desk>(MAX_DESKS);
  readonly #db: Db;
  readonly #nowMs: () => number;

  constructor(db: Db, nowMs: () => number) {
    this.#db = db;
    this.#nowMs = nowMs;
  }

  async of(annotatorId: string, campaignId: string): Promise<Desk> {
    const key = `${annotatorId} ${campaignId}`;
    const known = this.#desks.get(key);
    const nowMs = this.#nowMs();
    if (known) {
      if (nowMs - known.cursorsSinceMs > RESET_EVERY_MS) this.#lookFromStart(known);
      if (nowMs - known.countedMs > RECOUNT_MS) await this.#recount(known, annotatorId, campaignId);
      return known;
    }
    const { held, answered, golds } = await leaseCounts(this.#db, { annotatorId, campaignId });
    const times = {
      cursorsSinceMs: nowMs,
      countedMs: nowMs,
      nothingUntilMs: 0,
      noGoldUntilMs: 0,
      noRepeatUntilMs: 0,
    };
    // Of two first requests at once both find nothing known; they must share one desk.
    const other = this.#desks.get(key);
    if (other) return other;
    const counts = { held, answered: answered + held, golds };
    const desk: Desk = {
      after: startOfQueue(),
      ...counts,
      ...times,
      luck: undefined,
      met: new Set(),
      qualified: false,
      turn: Promise.resolve(),
    };
    this.#desks.set(key, desk);
    return desk;
  }

  /** Does `work` after what was begun before it at this desk. */
  inTurn<T>(desk: Desk, work: () => Promise<T>): Promise<T> {
    const mine = desk.turn.then(work);
    desk.turn = mine.catch(() => undefined);
    return mine;
  }

  /** What they hold, counted anew: leases may have expired, and other processes have given some. */
  async held(desk: Desk, annotatorId: string, campaignId: string): Promise<number> {
    desk.held = await countHeld(this.#db, { annotatorId, campaignId });
    return desk.held;
  }

  /** Counts all anew: of what other processes have given some were golds. */
  async #recount(desk: Desk, annotatorId: string, campaignId: string): Promise<void> {
    desk.countedMs = this.#nowMs();
    const { held, answered, golds } = await leaseCounts(this.#db, { annotatorId, campaignId });
    desk.held = held;
    // What this process has given is not all answered yet.
    desk.answered = Math.max(desk.answered, answered + held);
    desk.golds = Math.max(desk.golds, golds);
  }

  /** What they hold there, as far as this process knows, and whether there was nothing for them a moment ago. */
  known(annotatorId: string, campaignId: string): { held: number; empty: boolean } {
    const desk = this.#desks.get(`${annotatorId} ${campaignId}`);
    return { held: desk?.held ?? 0, empty: desk !== undefined && this.#nowMs() < desk.nothingUntilMs };
  }

  nothing(desk: Desk): void {
    desk.nothingUntilMs = this.#nowMs() + NOTHING_PAUSE_MS;
  }

  /** A lease ended here. */
  closed(annotatorId: string, campaignId: string): void {
    const desk = this.#desks.get(`${annotatorId} ${campaignId}`);
    if (desk) desk.held = Math.max(0, desk.held - 1);
  }

  leased(desk: Desk, taskId: string, gold: boolean): void {
    desk.met.add(taskId);
    for (const oldest of desk.met) {
      if (desk.met.size <= MAX_MET) break;
      desk.met.delete(oldest);
    }
    desk.held += 1;
    desk.answered += 1;
    desk.luck = undefined;
    if (gold) desk.golds += 1;
  }

  noGold(desk: Desk): void {
    desk.noGoldUntilMs = this.#nowMs() + GOLD_PAUSE_MS;
  }

  noRepeat(desk: Desk): void {
    desk.noRepeatUntilMs = this.#nowMs() + REPEAT_PAUSE_MS;
  }

  mayHaveRepeat(desk: Desk): boolean {
    return this.#nowMs() >= desk.noRepeatUntilMs;
  }

  mayHaveGold(desk: Desk): boolean {
    return this.#nowMs() >= desk.noGoldUntilMs;
  }

  /** Whether the annotator is known to have met the slot's task: lately, or when the queue was last searched for them. */
  hasMet(desk: Desk, { taskId, priority, tier, pos }: Candidate): boolean {
    return desk.met.has(taskId) || pos <= (desk.after[laneOf(priority, tier)] ?? 0);
  }

  /** Moves each lane's place to just before its first candidate: everything before that was met already. */
  advance(desk: Desk, candidates: readonly Candidate[]): void {
    const seen = new Set<number>();
    for (const { priority, tier, pos } of candidates) {
      const lane = laneOf(priority, tier);
      if (seen.has(lane)) continue;
      seen.add(lane);
      desk.after[lane] = Math.max(desk.after[lane] ?? 0, pos - 1);
    }
  }

  /**
   * Nothing was found: places in the queue are given before the slots are committed, so one may have appeared behind
   * a cursor. True when it is worth looking once more from the start.
   */
  mayHaveMissed(desk: Desk): boolean {
    if (desk.after.every((place) => place === 0)) return false;
    if (this.#nowMs() - desk.cursorsSinceMs < RESET_WHEN_EMPTY_MS) return false;
    this.#lookFromStart(desk);
    return true;
  }

  #lookFromStart(desk: Desk): void {
    desk.after = startOfQueue();
    desk.cursorsSinceMs = this.#nowMs();
  }
}

import type { Db } from '../db/client.ts';
import { type Candidate, queueHead } from '../db/queries/queue.ts';
import { BoundedMap } from '../domain/bounded-map.ts';

const SIZE = 256;
/** Below this many slots the next ones are fetched while these are still given out. */
const LOW = 96;
/** Higher priorities and re-opened slots are looked for after this time, */
const KEEP_MS = 300;
/** and noticed within this one: nobody is given a slot from an older window. */
const STALE_MS = 600;
/** How fresh a look must be for those who wait for work. */
const LOOK_MS = 100;
const MAX_WINDOWS = 1000;
/** Slots given out that are remembered: more than are given out while a window holds. */
const MAX_GIVEN = 10_000;

/** The slots that annotators of one workforce and tier may take in one campaign. */
export interface Queue {
  readonly campaignId: string;
  readonly workforce: string;
  readonly tier: number;
}

const keyOf = ({ campaignId, workforce, tier }: Queue) => `${campaignId} ${workforce} ${tier}`;
const slotKey = ({ taskId, slotNo }: Candidate) => `${taskId} ${slotNo}`;

interface Window {
  slots: Candidate[];
  loadedMs: number;
  /** The latest place seen in this queue; new and re-opened slots have later ones. */
  newest: number;
  loading: Promise<void> | undefined;
}

/**
 * The head of each queue, kept in memory, so that asking for work usually costs one statement: the lease itself, which
 * checks everything anew. A slot that was given out here is gone from the window; one that another process gave out is
 * skipped by the lease.
 */
export class SlotWindows {
  readonly #windows = new BoundedMap<string, Window>(MAX_WINDOWS);
  readonly #db: Db;
  readonly #nowMs: () => number;
  readonly #wanted = new Set<string>();
  /**
   * Slots given out lately, with their places: other tiers' windows hold them too, as does one that was read meanwhile. One
   * that re-opens has a later place.
   */
  readonly #given = new BoundedMap<string, number>(MAX_GIVEN);

  constructor(db: Db, nowMs: () => number) {
    this.#db = db;
    this.#nowMs = nowMs;
  }

  /** The first slot whose task the annotator has not `met`, taken out of the window; undefined when its head has none. */
  async take(queue: Queue, met: (slot: Candidate) => boolean): Promise<Candidate | undefined> {
    const window = await this.#current(queue);
    const isGiven = (slot: Candidate) => (this.#given.get(slotKey(slot)) ?? 0) >= slot.pos;
    while (window.slots[0] && isGiven(window.slots[0])) window.slots.shift();
    const at = window.slots.findIndex((slot) => !met(slot) && !this.isWanted(slot) && !isGiven(slot));
    return at < 0 ? undefined : window.slots.splice(at, 1)[0];
  }

  /** How many slots the window holds, and the latest place seen, not older than `LOOK_MS`. */
  async look(queue: Queue): Promise<{ key: string; newest: number; size: number }> {
    const key = keyOf(queue);
    const window = await this.#current(queue, LOOK_MS);
    return { key, newest: window.newest, size: window.slots.length };
  }

  /** Puts back a slot that was taken and not leased. */
  putBack(queue: Queue, slot: Candidate): void {
    this.#windows.get(keyOf(queue))?.slots.unshift(slot);
  }

  /** Whether a request is about to lease this slot. */
  isWanted(slot: Candidate): boolean {
    return this.#wanted.has(slotKey(slot));
  }

  /** How many slots, of all queues, requests are about to lease. */
  get wanted(): number {
    return this.#wanted.size;
  }

  /** Leases a slot by `work`; until that is done, and if it leased the slot, nobody else is pointed to it. */
  async wanting<T>(slot: Candidate, work: () => Promise<T | undefined>): Promise<T | undefined> {
    const key = slotKey(slot);
    this.#wanted.add(key);
    try {
      const lease = await work();
      if (lease !== undefined) this.#given.set(key, slot.pos);
      return lease;
    } finally {
      this.#wanted.delete(key);
    }
  }

  async #current(queue: Queue, staleMs = STALE_MS): Promise<Window> {
    const key = keyOf(queue);
    const window = this.#windows.get(key) ?? {
      slots: [],
      loadedMs: Number.NEGATIVE_INFINITY,
      newest: 0,
      loading: undefined,
    };
    this.#windows.set(key, window);
    const ageMs = this.#nowMs() - window.loadedMs;
    if (ageMs > Math.min(KEEP_MS, staleMs) || window.slots.length < LOW) {
      const fresh = ageMs < 25;
      // A short queue is not read again for every request; the annotator's own search finds what is new.
      if (!fresh && !window.loading) {
        window.loading = this.#load(queue, window);
        // Nobody may wait for it; who does is told all the same.
        window.loading.catch(() => undefined);
      }
      if (ageMs > staleMs && window.loading) await window.loading;
    }
    return window;
  }

  async #load(queue: Queue, window: Window): Promise<void> {
    try {
      window.slots = await queueHead(this.#db, { ...queue, limit: SIZE });
      window.loadedMs = this.#nowMs();
      for (const { pos } of window.slots) window.newest = Math.max(window.newest, pos);
    } finally {
      window.loading = undefined;
    }
  }
}

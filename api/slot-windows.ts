import type { Db } from '../db/client.ts';
import { type Candidate, queueHead } from '../db/queries/leases.ts';
import { BoundedMap } from './bounded-map.ts';

const SIZE = 256;
/** Below this many slots the next ones are fetched while these are still given out. */
const LOW = 96;
/** Higher priorities and re-opened slots are noticed within this time. */
const KEEP_MS = 500;
const ALTERNATIVES = 8;
const MAX_WINDOWS = 1000;

/** The slots that annotators of one workforce and tier may take in one campaign. */
export interface Queue {
  readonly campaignId: string;
  readonly workforce: string;
  readonly tier: number;
}

const keyOf = ({ campaignId, workforce, tier }: Queue) => `${campaignId} ${workforce} ${tier}`;

interface Window {
  slots: Candidate[];
  loadedMs: number;
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

  constructor(db: Db, nowMs: () => number) {
    this.#db = db;
    this.#nowMs = nowMs;
  }

  /**
   * The first slots that are not of `met` tasks; the first of them is taken out of the window, the others are what to
   * try when it is gone. Empty when the head of the queue has nothing for this annotator.
   */
  async take(queue: Queue, met: ReadonlySet<string>): Promise<Candidate[]> {
    const window = await this.#current(queue);
    const found: Candidate[] = [];
    let firstAt = -1;
    for (let at = 0; at < window.slots.length && found.length < ALTERNATIVES; at++) {
      const slot = window.slots[at];
      if (!slot || met.has(slot.taskId)) continue;
      if (firstAt < 0) firstAt = at;
      found.push(slot);
    }
    if (firstAt >= 0) window.slots.splice(firstAt, 1);
    return found;
  }

  /** Puts back a slot that was taken and not leased. */
  putBack(queue: Queue, slot: Candidate): void {
    this.#windows.get(keyOf(queue))?.slots.unshift(slot);
  }

  async #current(queue: Queue): Promise<Window> {
    const key = keyOf(queue);
    const window = this.#windows.get(key) ?? { slots: [], loadedMs: Number.NEGATIVE_INFINITY, loading: undefined };
    this.#windows.set(key, window);
    const stale = this.#nowMs() - window.loadedMs > KEEP_MS;
    if (stale || window.slots.length < LOW) {
      const fresh = this.#nowMs() - window.loadedMs < KEEP_MS / 20;
      // A short queue is not read again for every request; the annotator's own search finds what is new.
      if (!fresh && !window.loading) {
        window.loading = this.#load(queue, window);
        // Nobody may wait for it; who does is told all the same.
        window.loading.catch(() => undefined);
      }
      if (stale && window.loading) await window.loading;
    }
    return window;
  }

  async #load(queue: Queue, window: Window): Promise<void> {
    try {
      window.slots = await queueHead(this.#db, { ...queue, limit: SIZE });
      window.loadedMs = this.#nowMs();
    } finally {
      window.loading = undefined;
    }
  }
}

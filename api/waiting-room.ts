import type { Queue, SlotWindows } from './slot-windows.ts';

/** How often queues that somebody waits at are looked at: once for all who wait there. */
const LOOK_MS = 150;
/** Whoever waits looks again after this time in any case: a lease may have been given up, a campaign have opened. */
const LOOK_ANYWAY_MS = 5000;

interface Guest {
  readonly queues: readonly Queue[];
  /** Of each queue, the newest place there was when this guest found nothing. */
  readonly newest: readonly number[];
  readonly untilMs: number;
  readonly wake: () => void;
}

/**
 * Where annotators wait for work. They are woken when a queue of theirs has slots that were not there before, in the
 * order in which they came and not more of them than there are slots; the cost does not grow with how many wait.
 */
export class WaitingRoom {
  readonly #windows: SlotWindows;
  readonly #nowMs: () => number;
  #guests = new Set<Guest>();
  #looking = false;

  constructor(windows: SlotWindows, nowMs: () => number) {
    this.#windows = windows;
    this.#nowMs = nowMs;
  }

  /** The newest place of each queue, to be taken before looking for work and handed to `wait`. */
  newest(queues: readonly Queue[]): Promise<number[]> {
    return Promise.all(queues.map(async (queue) => (await this.#windows.look(queue)).newest));
  }

  /** Waits until another look is worthwhile, `untilMs` is reached or `signal` aborts. */
  async wait(queues: readonly Queue[], newest: readonly number[], untilMs: number, signal: AbortSignal): Promise<void> {
    const anywayMs = Math.min(untilMs, this.#nowMs() + LOOK_ANYWAY_MS);
    if (signal.aborted || anywayMs <= this.#nowMs()) return;
    let wake = () => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const guest = { queues, newest, untilMs: anywayMs, wake };
    this.#guests.add(guest);
    signal.addEventListener('abort', wake);
    this.#keepLooking();
    await woken;
    // One who waits long comes here many times, with the same signal.
    signal.removeEventListener('abort', wake);
    this.#guests.delete(guest);
  }

  #keepLooking(): void {
    if (this.#looking) return;
    this.#looking = true;
    const timer = setInterval(() => {
      if (this.#guests.size === 0) {
        clearInterval(timer);
        this.#looking = false;
      } else this.#look().catch(() => this.#wakeAll());
    }, LOOK_MS);
  }

  async #look(): Promise<void> {
    const nowMs = this.#nowMs();
    const free = new Map<string, number>();
    for (const guest of [...this.#guests]) {
      if (nowMs >= guest.untilMs || (await this.#hasNews(guest, free))) this.#release(guest);
    }
  }

  async #hasNews(guest: Guest, free: Map<string, number>): Promise<boolean> {
    for (const [at, queue] of guest.queues.entries()) {
      const { key, newest, size } = await this.#windows.look(queue);
      const left = free.get(key) ?? size;
      if (left === 0 || newest <= (guest.newest[at] ?? 0)) continue;
      free.set(key, left - 1);
      return true;
    }
    return false;
  }

  /** The database is away: whoever waits finds out by asking. */
  #wakeAll(): void {
    for (const guest of [...this.#guests]) this.#release(guest);
  }

  #release(guest: Guest): void {
    this.#guests.delete(guest);
    guest.wake();
  }
}

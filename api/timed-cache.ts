import { BoundedMap } from '../domain/bounded-map.ts';

interface Entry<V> {
  readonly value: Promise<V>;
  staleAtMs: number;
  /** From then on a reader has the value loaded anew, and is not kept waiting for it. */
  refreshAtMs: number;
}

/**
 * Remembers what `load` answered for a while. Callers that come while it loads share that load. `share` keeps an
 * expensive load from being repeated at once: it is kept for at least `share` times as long as it took. With `ahead` a
 * value that is in use is loaded again before it is stale, so that no reader waits for it.
 */
export class TimedCache<V> {
  readonly #entries: BoundedMap<string, Entry<V>>;
  readonly #load: (key: string) => Promise<V>;
  readonly #keepMs: number;
  readonly #share: number;
  readonly #ahead: boolean;
  readonly #nowMs: () => number;

  constructor(options: {
    load: (key: string) => Promise<V>;
    keepMs: number;
    limit: number;
    share?: number;
    ahead?: boolean;
    nowMs: () => number;
  }) {
    this.#entries = new BoundedMap(options.limit);
    this.#load = options.load;
    this.#keepMs = options.keepMs;
    this.#share = options.share ?? 0;
    this.#ahead = options.ahead ?? false;
    this.#nowMs = options.nowMs;
  }

  get(key: string): Promise<V> {
    const known = this.#entries.get(key);
    const nowMs = this.#nowMs();
    if (!known || nowMs >= known.staleAtMs) {
      const entry = this.#begin(key);
      this.#entries.set(key, entry);
      entry.value.catch(() => this.#drop(key, entry));
      return entry.value;
    }
    if (nowMs >= known.refreshAtMs) {
      known.refreshAtMs = Number.POSITIVE_INFINITY;
      const entry = this.#begin(key);
      entry.value.then(
        // Forgotten meanwhile: what was loaded may be from before the change.
        () => this.#entries.get(key) === known && this.#entries.set(key, entry),
        () => undefined,
      );
    }
    return known.value;
  }

  #begin(key: string): Entry<V> {
    const startedMs = this.#nowMs();
    const never = Number.POSITIVE_INFINITY;
    const entry: Entry<V> = { value: this.#load(key), staleAtMs: never, refreshAtMs: never };
    entry.value.then(
      () => {
        const doneMs = this.#nowMs();
        const keepMs = Math.max(this.#keepMs, (doneMs - startedMs) * this.#share);
        entry.staleAtMs = doneMs + keepMs;
        if (this.#ahead) entry.refreshAtMs = doneMs + keepMs / 2;
      },
      () => undefined,
    );
    return entry;
  }

  #drop(key: string, entry: Entry<V>): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  /** Makes the next caller load again. */
  forget(key: string): void {
    this.#entries.delete(key);
  }
}

import { BoundedMap } from './bounded-map.ts';

interface Entry<V> {
  readonly value: Promise<V>;
  staleAtMs: number;
}

/**
 * Remembers what `load` answered for a while. Callers that come while it loads share that load. `share` keeps an
 * expensive load from being repeated at once: it is kept for at least `share` times as long as it took.
 */
export class TimedCache<V> {
  readonly #entries: BoundedMap<string, Entry<V>>;
  readonly #load: (key: string) => Promise<V>;
  readonly #keepMs: number;
  readonly #share: number;
  readonly #nowMs: () => number;

  constructor(options: {
    load: (key: string) => Promise<V>;
    keepMs: number;
    limit: number;
    share?: number;
    nowMs: () => number;
  }) {
    this.#entries = new BoundedMap(options.limit);
    this.#load = options.load;
    this.#keepMs = options.keepMs;
    this.#share = options.share ?? 0;
    this.#nowMs = options.nowMs;
  }

  get(key: string): Promise<V> {
    const known = this.#entries.get(key);
    const startedMs = this.#nowMs();
    if (known && startedMs < known.staleAtMs) return known.value;
    const entry: Entry<V> = { value: this.#load(key), staleAtMs: Number.POSITIVE_INFINITY };
    this.#entries.set(key, entry);
    entry.value.then(
      () => {
        const tookMs = this.#nowMs() - startedMs;
        entry.staleAtMs = startedMs + tookMs + Math.max(this.#keepMs, tookMs * this.#share);
      },
      () => this.forget(key),
    );
    return entry.value;
  }

  /** Makes the next caller load again. */
  forget(key: string): void {
    this.#entries.delete(key);
  }
}

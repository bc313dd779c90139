import { useCallback, useEffect, useRef } from 'react';

/** Without a key, a click or a scroll for this long, somebody is not at work. */
const IDLE_MS = 60_000;
// Screen readers keep keys to themselves, and move the focus and the page.
const ACTS = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart', 'focusin', 'scroll'] as const;

/** Adds up the time a page is looked at: in front, focused, and not left alone for a minute. */
export class FocusedTime {
  #totalMs = 0;
  #runningSinceMs: number | null = null;
  #actedAtMs = 0;

  /** Somebody did something, or the page came to the front. */
  act(nowMs: number): void {
    this.#settle(nowMs);
    this.#actedAtMs = nowMs;
    this.#runningSinceMs ??= nowMs;
  }

  /** The page lost the focus. */
  leave(nowMs: number): void {
    this.#settle(nowMs);
    this.#runningSinceMs = null;
  }

  reset(nowMs: number, seconds = 0): void {
    const runs = this.#runningSinceMs !== null;
    this.#totalMs = seconds * 1000;
    this.#actedAtMs = nowMs;
    this.#runningSinceMs = runs ? nowMs : null;
  }

  seconds(nowMs: number): number {
    this.#settle(nowMs);
    return this.#totalMs / 1000;
  }

  /** Whether somebody has acted within `withinMs`. */
  isBusy(nowMs: number, withinMs = IDLE_MS): boolean {
    return this.#runningSinceMs !== null && nowMs - this.#actedAtMs < withinMs;
  }

  #settle(nowMs: number): void {
    if (this.#runningSinceMs === null) return;
    const until = Math.min(nowMs, this.#actedAtMs + IDLE_MS);
    this.#totalMs += Math.max(0, until - this.#runningSinceMs);
    this.#runningSinceMs = until < nowMs ? null : nowMs;
  }
}

/** One measure for the page, fed by its events. */
export function useFocusedTime(): FocusedTime {
  const time = useRef<FocusedTime>(undefined);
  time.current ??= new FocusedTime();
  const measured = time.current;
  const look = useCallback(() => {
    if (document.visibilityState === 'visible' && document.hasFocus()) measured.act(performance.now());
    else measured.leave(performance.now());
  }, [measured]);
  useEffect(() => {
    look();
    const events = new AbortController();
    const { signal } = events;
    for (const name of ['focus', 'blur'] as const) window.addEventListener(name, look, { signal });
    document.addEventListener('visibilitychange', look, { signal });
    for (const name of ACTS) window.addEventListener(name, look, { signal, passive: true, capture: true });
    return () => events.abort();
  }, [look]);
  return measured;
}

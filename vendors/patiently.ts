import { setTimeout as sleep } from 'node:timers/promises';
import { VendorError } from './errors.ts';

const TRIES = 3;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** How often whoever waits is told that the call is still under way. */
const BEAT_MS = 2000;

/** Told while somebody is waited for; its signal says that the answer is no longer wanted. */
export interface Waiting {
  alive(): void;
  readonly signal?: AbortSignal | undefined;
}

/** Makes a call up to three times, where trying again may help, with longer waits or those that are asked for. */
export async function patiently<T>(call: () => Promise<T>, { alive, signal }: Waiting): Promise<T> {
  // One that hangs takes its whole time three times over: longer than a worker may be silent.
  const beat = setInterval(() => {
    try {
      alive();
    } catch {
      // Whoever says no more says so again when the call has its answer.
      clearInterval(beat);
    }
  }, BEAT_MS);
  try {
    for (let tried = 1; ; tried++) {
      try {
        return await call();
      } catch (error) {
        signal?.throwIfAborted();
        if (tried === TRIES || !(error instanceof VendorError) || error.kind !== 'retryable') throw error;
        const waitMs = Math.min(LONGEST_WAIT_MS, error.retryAfterMs ?? FIRST_WAIT_MS * 2 ** tried);
        await sleep(waitMs, undefined, { signal });
      }
    }
  } finally {
    clearInterval(beat);
  }
}

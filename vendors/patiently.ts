import { setTimeout as sleep } from 'node:timers/promises';
import { VendorError } from './errors.ts';

const TRIES = 3;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/** Makes a call up to three times, where trying again may help, with longer waits or those that are asked for. */
export async function patiently<T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await call();
    } catch (error) {
      if (tried === TRIES || !(error instanceof VendorError) || error.kind !== 'retryable') throw error;
      const waitMs = Math.min(LONGEST_WAIT_MS, error.retryAfterMs ?? FIRST_WAIT_MS * 2 ** tried);
      await sleep(waitMs, undefined, { signal });
    }
  }
}

import { AsyncLocalStorage } from 'node:async_hooks';

/** One attempt at a purchase. A later one may be under way when it was slow, or its machine had gone to sleep. */
export interface PurchaseAttempt {
  /** Aborts when nobody waits for the attempt any more. */
  readonly signal: AbortSignal;
  /** Whether no later attempt has begun. */
  readonly isLatest: () => Promise<boolean>;
}

/** Ends an attempt that a later one has taken the place of: it must change nothing at the vendor any more. */
export class SupersededError extends Error {
  constructor() {
    super('A later attempt at this purchase is under way; this one ends.');
  }
}

const attempts = new AsyncLocalStorage<PurchaseAttempt>();

/** Does `work` as this attempt: each of its requests that changes something is made only while it is the latest one. */
export const asAttempt = <T>(attempt: PurchaseAttempt, work: () => Promise<T>): Promise<T> =>
  attempts.run(attempt, work);

/** The attempt that a request is part of. Throws where a request that changes something comes too late. */
export async function attemptOf({ changes }: { changes: boolean }): Promise<PurchaseAttempt | undefined> {
  const attempt = attempts.getStore();
  if (attempt && (attempt.signal.aborted || (changes && !(await attempt.isLatest())))) throw new SupersededError();
  return attempt;
}

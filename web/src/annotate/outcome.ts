import { Problem } from '../api/client';
import { serverNow } from '../api/clock';
import type { Offer } from '../api/types';

export type Notice = 'work.held' | 'work.undone' | 'work.sent' | 'work.already' | 'work.gone' | 'work.extended';

/** A prefetched task with less time left than this is let go: it would run out while it is read. */
const LEAST_LEFT_MS = 20_000;
/** How long an answer can be taken back before it is sent. */
const HOLD_MS = 20_000;
/** Answered in another tab, or before the page was left. */
const GONE = ['conflict', 'lease_expired', 'not_found', 'already_answered', 'campaign_closed'];

export const isGone = ({ code }: Problem): boolean => GONE.includes(code);

/** Somebody else is signed in now, as by another tab. */
export const isForeign = ({ code }: Problem): boolean => code === 'lease_foreign';

/** What will be refused again however often it is asked. */
export const isRefusal = ({ status }: Problem): boolean => status >= 400 && status < 500 && status !== 429;

/** What is said of a task that is gone. */
export const goneNotice = ({ code }: Problem): Notice =>
  code === 'conflict' || code === 'already_answered' ? 'work.already' : 'work.gone';

const leftMs = ({ expiresAt }: Offer) => Date.parse(expiresAt) - serverNow();

export const isFresh = (offer: Offer) => leftMs(offer) > LEAST_LEFT_MS;

/** How long the answer to it can be held: it is sent while there is time. */
export const holdMs = (offer: Offer) => Math.max(0, Math.min(HOLD_MS, leftMs(offer) - LEAST_LEFT_MS));

export function asProblem(error: unknown): Problem {
  return error instanceof Problem
    ? error
    : new Problem(0, 'unknown', error instanceof Error ? error.message : String(error));
}

/** Waits, or less where the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

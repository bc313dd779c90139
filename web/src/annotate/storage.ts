import type { Offer } from '../api/types';
import type { Given } from './last-answer';

/** What an annotator has given so far for one assignment: the form's own value, not yet a label. */
export interface Draft {
  readonly value: unknown;
  readonly seconds: number;
  readonly savedAtMs: number;
}

const DRAFT = 'quorate.draft.';
const HELD = 'quorate.held.';
const KEEP_MS = 7 * 24 * 3600 * 1000;

function read<T>(key: string): T | undefined {
  try {
    const text = localStorage.getItem(key);
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

/** False where the browser has no room, or keeps nothing. */
function write(key: string, value: unknown): boolean {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export const readDraft = (assignmentId: string): Draft | undefined => read<Draft>(DRAFT + assignmentId);
export const writeDraft = (assignmentId: string, draft: Draft): boolean => write(DRAFT + assignmentId, draft);
export const dropDraft = (assignmentId: string): void => localStorage.removeItem(DRAFT + assignmentId);

/** Drafts of assignments that ended long ago go. */
export function sweepDrafts(nowMs: number): void {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(DRAFT)) continue;
    const draft = read<Draft>(key);
    if (!draft || nowMs - draft.savedAtMs > KEEP_MS) localStorage.removeItem(key);
  }
}

/** The assignments a tab holds: found again after a reload, and taken over from a tab that was closed. */
export interface Held {
  readonly owner: string;
  readonly offers: readonly Offer[];
  /** An answer that was given and is not sent yet. */
  readonly given: Given | null;
}

export const writeHeld = (tab: string, held: Held): boolean => write(HELD + tab, held);

export function takeHeld(owner: string, isAlive: (tab: string) => boolean): { offers: Offer[]; given: Given[] } {
  const offers: Offer[] = [];
  const given: Given[] = [];
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(HELD) || isAlive(key.slice(HELD.length))) continue;
    const held = read<Held>(key);
    if (held && held.owner !== owner) continue;
    localStorage.removeItem(key);
    offers.push(...(held?.offers ?? []));
    if (held?.given) given.push(held.given);
  }
  return { offers, given };
}

/** What other tabs that are open hold. */
export function heldByTabs(isAlive: (tab: string) => boolean): Offer[] {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(HELD) && isAlive(key.slice(HELD.length)))
    .flatMap((key) => {
      const held = read<Held>(key);
      return [...(held?.offers ?? []), ...(held?.given ? [held.given.offer] : [])];
    });
}

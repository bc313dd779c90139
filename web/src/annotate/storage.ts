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

/** Drafts and answers of assignments that ended long ago go. */
export function sweep(nowMs: number): void {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(DRAFT) && !key.startsWith(HELD)) continue;
    const kept = read<{ readonly savedAtMs?: number }>(key);
    if (!kept || nowMs - (kept.savedAtMs ?? nowMs) > KEEP_MS) localStorage.removeItem(key);
  }
}

/** The assignments a tab holds: found again after a reload, and taken over from a tab that was closed. */
export interface Held {
  readonly owner: string;
  readonly offers: readonly Offer[];
  /** Answers that were given and are not sent yet. */
  readonly given: readonly Given[];
  readonly savedAtMs: number;
}

export const writeHeld = (tab: string, held: Held): boolean => write(HELD + tab, held);

/** Keeps an answer until its owner is here again: somebody else is signed in. */
export const setAside = (owner: string, given: Given, savedAtMs: number): boolean =>
  writeHeld(given.offer.assignmentId, { owner, offers: [], given: [given], savedAtMs });

/** What tabs that are closed have left behind. */
export function heldByClosed(
  owner: string,
  isAlive: (tab: string) => boolean,
): { offers: Offer[]; given: Given[]; tabs: string[] } {
  const left = heldBy((tab) => !isAlive(tab)).filter(({ held }) => held.owner === owner);
  return {
    offers: left.flatMap(({ held }) => held.offers),
    given: left.flatMap(({ held }) => held.given),
    tabs: left.map(({ tab }) => tab),
  };
}

export const dropHeld = (tab: string): void => localStorage.removeItem(HELD + tab);

/** What other tabs that are open hold. */
export function heldByTabs(isAlive: (tab: string) => boolean): Offer[] {
  return heldBy(isAlive).flatMap(({ held: { offers, given } }) => [...offers, ...given.map(({ offer }) => offer)]);
}

function heldBy(isWanted: (tab: string) => boolean): { tab: string; held: Held }[] {
  return Object.keys(localStorage).flatMap((key) => {
    const tab = key.slice(HELD.length);
    if (!key.startsWith(HELD) || !isWanted(tab)) return [];
    const held = read<Held>(key);
    // Once there was one answer at most.
    return held ? [{ tab, held: { ...held, given: [held.given ?? []].flat() } }] : [];
  });
}

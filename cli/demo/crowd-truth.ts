import { createHash } from 'node:crypto';
import { seededRng } from '../../domain/rng.ts';

/** What the simulated crowd may know about an item it is shown. */
export interface KnownTruth {
  readonly label: string;
  /** 0 (nobody errs) to 1 (nearly everybody does). */
  readonly difficulty: number;
  /** The wrong answer to which most of those who err are drawn: errors of a crowd are not independent. */
  readonly temptation?: string;
  /** Field of knowledge; personas specialized in it do better. */
  readonly domain?: string;
}

interface KnownText {
  readonly text: string;
  readonly truth: string;
  readonly hard?: boolean;
  readonly domain?: string;
}

interface KnownPair {
  readonly prompt: string;
  readonly a: string;
  readonly b: string;
  readonly truth: string;
  readonly difficulty: number;
  readonly domain?: string;
}

/** A fingerprint of what a payload shows, or undefined if it is neither a text nor a pair. */
export function contentKey(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const { text, prompt, a, b } = payload as Record<string, unknown>;
  const parts = typeof text === 'string' ? [text] : [prompt, a, b];
  if (!parts.every((part) => typeof part === 'string')) return undefined;
  return createHash('sha1').update(JSON.stringify(parts)).digest('base64');
}

/**
 * Looks up the truth by what is shown: for pairs in both orders, with "a" meaning the answer shown first. Holds a hash
 * per item, not its text. Difficulty of a text comes from its hash: up to 0.6, and 0.65 to 0.9 where it is marked hard.
 */
export function buildTruthIndex(items: Iterable<KnownText | KnownPair>): (payload: unknown) => KnownTruth | undefined {
  const index = new Map<string, KnownTruth>();
  const add = (payload: object, truth: KnownTruth) => {
    const key = contentKey(payload);
    if (key !== undefined) index.set(key, truth);
  };
  for (const item of items) {
    if ('text' in item) {
      const u = seededRng(`difficulty ${item.text}`).next();
      add(item, { label: item.truth, difficulty: item.hard ? 0.65 + 0.25 * u : 0.6 * u, ...domainOf(item) });
    } else {
      const { prompt, a, b, difficulty } = item;
      const temptation = temptationOf(item);
      add(item, { label: item.truth, difficulty, temptation, ...domainOf(item) });
      const swapped = { label: mirror(item.truth), difficulty, temptation: mirror(temptation), ...domainOf(item) };
      add({ prompt, a: b, b: a }, swapped);
    }
  }
  return (payload) => {
    const key = contentKey(payload);
    return key === undefined ? undefined : index.get(key);
  };
}

function domainOf({ domain }: { domain?: string }): { domain?: string } {
  return domain === undefined ? {} : { domain };
}

/** Those who miss a difference mostly say "tie"; those who see one where there is none mostly prefer the longer answer. */
function temptationOf({ prompt, a, b, truth }: KnownPair): string {
  if (truth === 'tie' || truth === 'both_bad') return a.length >= b.length ? 'a' : 'b';
  return seededRng(`temptation ${prompt}`).next() < 0.7 ? 'tie' : mirror(truth);
}

function mirror(label: string): string {
  return label === 'a' ? 'b' : label === 'b' ? 'a' : label;
}

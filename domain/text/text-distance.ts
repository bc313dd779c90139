import { codePointsOf } from './code-points.ts';
import { editDistance } from './edit-distance.ts';
import { UNSPACED } from './words.ts';

/** Texts up to this many code points are compared letter by letter, longer ones word by word up to this many words. */
const MAX_LETTERS = 500;
const MAX_WORDS = 2000;

/** A letter of a script that writes no spaces, a word, or another visible character. */
const words = new RegExp(`[${UNSPACED}]|(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}_])+|\\S`, 'gu');

/** A text made ready for comparing it with many others. */
export interface ComparableText {
  readonly text: string;
  /** Its code points, where it is short enough to be compared by them. */
  readonly letters: Uint32Array | undefined;
  /** Its words as numbers, equal ones alike; read when they are first needed. */
  words(): Int32Array;
}

export function comparableText(text: string): ComparableText {
  const letters = text.length <= 2 * MAX_LETTERS ? codePointsOf(text) : undefined;
  let read: Int32Array | undefined;
  return {
    text,
    letters: letters && letters.length <= MAX_LETTERS ? letters : undefined,
    words() {
      read ??= Int32Array.from(text.matchAll(words), ([word]) => hash(word));
      return read;
    },
  };
}

/**
 * How far two texts are apart, 0 for equal ones to 1 where one is empty: the edit distance over letters; for longer
 * texts over words, and for the longest the share of words that they do not have in common, so that no pair takes more
 * than some milliseconds. The edit distance L is normalised as 2 L / (|a| + |b| + L), which is a metric: L. Yujian and
 * L. Bo, "A Normalized Levenshtein Distance Metric" (IEEE TPAMI 29, 2007).
 */
export function textDistance(a: string, b: string): number {
  return a === b ? 0 : distanceOf(comparableText(a), comparableText(b));
}

/** `textDistance` of texts made ready. */
export function distanceOf(a: ComparableText, b: ComparableText): number {
  if (a.text === b.text) return 0;
  if (a.letters && b.letters) return normalised(a.letters, b.letters);
  const [left, right] = [a.words(), b.words()];
  return Math.max(left.length, right.length) <= MAX_WORDS ? normalised(left, right) : notShared(left, right);
}

function normalised(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const edits = editDistance(a, b);
  return edits === 0 ? 0 : (2 * edits) / (a.length + b.length + edits);
}

/** Jaccard distance of the multisets. */
function notShared(a: Int32Array, b: Int32Array): number {
  const counts = new Map<number, number>();
  for (const id of a) counts.set(id, (counts.get(id) ?? 0) + 1);
  let shared = 0;
  for (const id of b) {
    const left = counts.get(id) ?? 0;
    if (left === 0) continue;
    shared++;
    counts.set(id, left - 1);
  }
  const either = a.length + b.length - shared;
  return either === 0 ? 0 : 1 - shared / either;
}

/** FNV-1a over UTF-16 units; that two of a text's words have the same hash is as good as impossible. */
function hash(word: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) value = Math.imul(value ^ word.charCodeAt(i), 0x01000193);
  return value;
}

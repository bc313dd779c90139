import { codePointsOf } from '../text/code-points.ts';

const LETTERS = 5;
/** Longer texts are compared by their beginnings. */
const MAX_LENGTH = 20_000;

/** A text as the set of its letter sequences, five letters long, with case, punctuation and spacing left out. */
export interface Shingles {
  /** Letters and digits in all. */
  readonly length: number;
  readonly set: ReadonlySet<string>;
}

export function shinglesOf(text: string): Shingles {
  const letters = lettersOf(text);
  const points = Array.from(letters);
  const set = new Set<string>();
  for (let at = 0; at + LETTERS <= points.length; at++) set.add(points.slice(at, at + LETTERS).join(''));
  // A text of fewer letters is one sequence by itself.
  if (points.length > 0 && set.size === 0) set.add(letters);
  return { length: points.length, set };
}

function lettersOf(text: string): string {
  return text
    .slice(0, MAX_LENGTH)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
}

/** Jaccard similarity of two texts' sequences: 1 for the same text, 0 for nothing in common (Broder, 1997). */
export function similarity(a: Shingles, b: Shingles): number {
  const shared = sharedWith(a, b);
  const either = a.set.size + b.set.size - shared;
  return either === 0 ? 1 : shared / either;
}

/** Which part of `part` is found in `whole`, 0 to 1. */
export function containment(part: Shingles, whole: Shingles): number {
  return part.set.size === 0 ? 1 : sharedWith(part, whole) / part.set.size;
}

function sharedWith(a: Shingles, b: Shingles): number {
  const [small, large] = a.set.size <= b.set.size ? [a.set, b.set] : [b.set, a.set];
  let shared = 0;
  for (const each of small) if (large.has(each)) shared++;
  return shared;
}

/** So many of a text's hashed sequences are kept: shorter texts are compared exactly, others with an error of about 0.03. */
const SKETCH_SIZE = 128;

/** A text in half a kilobyte, to be kept beside many others; see `likeness`. */
export interface Sketch {
  /** Letters and digits in all. */
  readonly length: number;
  /** The smallest hashes of its sequences, ascending. */
  readonly hashes: Uint32Array;
}

export function sketchOf(text: string): Sketch {
  const points = codePointsOf(lettersOf(text));
  const { length } = points;
  const sequences = Math.max(Math.min(1, length), length - LETTERS + 1);
  const hashes = new Uint32Array(sequences);
  for (let at = 0; at < sequences; at++) hashes[at] = hashOf(points, at, Math.min(length, at + LETTERS));
  hashes.sort();
  const smallest: number[] = [];
  for (let at = 0; at < sequences && smallest.length < SKETCH_SIZE; at++) {
    if (at === 0 || hashes[at] !== hashes[at - 1]) smallest.push(hashes[at] as number);
  }
  return { length, hashes: Uint32Array.from(smallest) };
}

/** Their `similarity`, by the smallest hashes of both together (bottom-k sketches: E. Cohen and H. Kaplan, 2007). */
export function likeness({ hashes: a }: Sketch, { hashes: b }: Sketch): number {
  let [i, j, shared, seen] = [0, 0, 0, 0];
  while (seen < SKETCH_SIZE && (i < a.length || j < b.length)) {
    const [x, y] = [a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY];
    if (x === y) shared += 1;
    if (x <= y) i += 1;
    if (y <= x) j += 1;
    seen += 1;
  }
  return seen === 0 ? 1 : shared / seen;
}

/** FNV-1a over code points, with a last mixing, as its low bits follow those of the last letter. */
function hashOf(points: Uint32Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (points[at] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

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
  const letters = text
    .slice(0, MAX_LENGTH)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
  const points = Array.from(letters);
  const set = new Set<string>();
  for (let at = 0; at + LETTERS <= points.length; at++) set.add(points.slice(at, at + LETTERS).join(''));
  // A text of fewer letters is one sequence by itself.
  if (points.length > 0 && set.size === 0) set.add(letters);
  return { length: points.length, set };
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

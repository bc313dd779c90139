import { order } from '../weighted-vote.ts';

/** A labelled part of a text: from code point `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

/** By start, then end, then label. */
export function spanOrder(a: Span, b: Span): number {
  return a.start - b.start || a.end - b.end || order(a.label, b.label);
}

/**
 * Positions are doubled: code point i is 2i, and 2i + 1 the joint between it and the next. A span covers its code
 * points and the joints between them, so that one span and its two halves side by side are not the same.
 */
export const doubled = {
  from: ({ start }: { readonly start: number }) => 2 * start,
  /** Not included. */
  to: ({ end }: { readonly end: number }) => 2 * end - 1,
};

/** A stretch that is covered at least `level` times, whole code points and the joints between them. */
export interface Stretch {
  readonly level: number;
  readonly start: number;
  readonly end: number;
}

/** Where spans cover a text once, where twice and so on: a span nested in another of its label is on the second level. */
export function stretches(spans: readonly { readonly start: number; readonly end: number }[]): Stretch[] {
  const starts = Int32Array.from(spans, ({ start }) => start).sort();
  const ends = Int32Array.from(spans, ({ end }) => end).sort();
  const open: number[] = [];
  const found: Stretch[] = [];
  for (let s = 0, e = 0; e < ends.length; ) {
    const start = starts[s] ?? Number.POSITIVE_INFINITY;
    const end = ends[e] ?? 0;
    // One that ends where the next starts does not cover the joint between them.
    if (start < end) {
      open.push(start);
      s++;
    } else {
      const level = open.length;
      found.push({ level, start: open.pop() ?? 0, end });
      e++;
    }
  }
  return found;
}

/** The spans of each label, labels in order. */
export function byLabel(spans: readonly Span[]): Map<string, Span[]> {
  const groups = new Map<string, Span[]>();
  for (const span of [...spans].sort((a, b) => order(a.label, b.label) || spanOrder(a, b))) {
    const group = groups.get(span.label);
    if (group) group.push(span);
    else groups.set(span.label, [span]);
  }
  return groups;
}

/**
 * 1 - (what both cover) / (what either covers), summed over the labels; code points and joints count once for each span
 * that covers them. This is the Jaccard distance of multisets (Ruzicka), a metric; 0 if both are empty, 1 if one is.
 * Only two spans of one label that cross are the same to it as one within the other on the same ground.
 */
export function spanDistance(a: readonly Span[], b: readonly Span[]): number {
  // Each label has a stretch of the number line to itself; agreement over many answers calls this millions of times.
  const places = new Map<string, number>();
  const steps: number[] = [];
  const add = (spans: readonly Span[], side: number) => {
    for (const span of spans) {
      const place = places.get(span.label) ?? places.size;
      places.set(span.label, place);
      const base = place * LABEL_ROOM;
      steps.push(4 * (base + doubled.from(span)) + side + OPENS, 4 * (base + doubled.to(span)) + side);
    }
  };
  add(a, 0);
  add(b, RIGHT);
  steps.sort((x, y) => x - y);
  let [left, right, last, both, either] = [0, 0, 0, 0, 0];
  for (const step of steps) {
    const at = Math.floor(step / 4);
    both += (at - last) * Math.min(left, right);
    either += (at - last) * Math.max(left, right);
    const change = step % 2 === OPENS ? 1 : -1;
    if (step % 4 >= RIGHT) right += change;
    else left += change;
    last = at;
  }
  return either === 0 ? 0 : 1 - both / either;
}

/** More than any doubled position. */
const LABEL_ROOM = 2 ** 32;
const OPENS = 1;
const RIGHT = 2;

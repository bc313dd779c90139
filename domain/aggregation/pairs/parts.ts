import type { PairCounts } from './pair-votes.ts';

export interface Parts {
  /** By item: the part it belongs to, numbered in order of the lowest item. */
  readonly part: Int32Array;
  readonly partCount: number;
  /**
   * By part: whether, split in two in any way, each side won something (or tied) against the other. Only then do the
   * comparisons alone bound the strengths (Ford, Solution of a ranking problem from binary comparisons, 1957).
   */
  readonly bounded: readonly boolean[];
}

/** Splits items into parts that no comparison connects. */
export function findParts(pairs: PairCounts): Parts {
  const all = neighbours(pairs, (at) => (pairs.count[at] as number) > 0);
  const beaten = neighbours(pairs, (at, fromFirst) => won(pairs, at, fromFirst) > 0);
  const beatenBy = neighbours(pairs, (at, fromFirst) => won(pairs, at, !fromFirst) > 0);
  const n = pairs.itemCount;
  const [part, down, up] = [new Int32Array(n).fill(-1), new Int32Array(n).fill(-1), new Int32Array(n).fill(-1)];
  const bounded: boolean[] = [];
  for (let item = 0; item < n; item++) {
    if (part[item] !== -1) continue;
    const id = bounded.length;
    const size = reach(item, all, part, id);
    bounded.push(reach(item, beaten, down, id) === size && reach(item, beatenBy, up, id) === size);
  }
  return { part, partCount: bounded.length, bounded };
}

function won({ count, wins }: PairCounts, at: number, first: boolean): number {
  return first ? (wins[at] as number) : (count[at] as number) - (wins[at] as number);
}

interface Neighbours {
  readonly start: Int32Array;
  readonly item: Int32Array;
}

function neighbours({ first, second, itemCount }: PairCounts, leads: (at: number, fromFirst: boolean) => boolean) {
  const start = new Int32Array(itemCount + 1);
  const each = (visit: (from: number, to: number) => void) => {
    for (let at = 0; at < first.length; at++) {
      if (leads(at, true)) visit(first[at] as number, second[at] as number);
      if (leads(at, false)) visit(second[at] as number, first[at] as number);
    }
  };
  each((from) => {
    start[from + 1] = (start[from + 1] as number) + 1;
  });
  for (let a = 0; a < itemCount; a++) start[a + 1] = (start[a + 1] as number) + (start[a] as number);
  const next = start.slice();
  const item = new Int32Array(start[itemCount] as number);
  each((from, to) => {
    item[next[from] as number] = to;
    next[from] = (next[from] as number) + 1;
  });
  return { start, item };
}

/** Marks all that can be reached from an item; returns how many, itself included. */
function reach(from: number, { start, item }: Neighbours, mark: Int32Array, id: number): number {
  const queue = [from];
  mark[from] = id;
  for (const a of queue) {
    for (let at = start[a] as number; at < (start[a + 1] as number); at++) {
      const b = item[at] as number;
      if (mark[b] !== -1) continue;
      mark[b] = id;
      queue.push(b);
    }
  }
  return queue.length;
}

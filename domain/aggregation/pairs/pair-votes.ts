import { QuorateError } from '../../failures.ts';

/** Comparisons of two items: comparison i says that annotator `rater[i]` saw `left[i]` beside `right[i]`. Dense ids. */
export interface PairVotes {
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** 1 where the left item won, 0 where the right one did, 0.5 for a tie. */
  readonly winner: Float64Array;
  readonly rater: Int32Array;
  readonly itemCount: number;
  readonly raterCount: number;
}

/** Comparisons together with what the ids stand for. */
export interface NamedPairVotes extends PairVotes {
  readonly items: readonly string[];
  readonly raters: readonly string[];
}

export interface PairRow {
  readonly left: string;
  readonly right: string;
  /** The item that won; "tie" or nothing is a tie. */
  readonly winner: string;
  readonly worker: string;
}

/**
 * Gives ids, in order of first appearance, to items and annotators. A worker may judge the same two items again: each
 * judgment counts. Throws QuorateError, naming the comparison by its number from 1, for an item compared with itself,
 * a winner that is neither of the two, and for no comparisons.
 */
export function toPairVotes(rows: Iterable<PairRow>): NamedPairVotes {
  const [items, raters] = [new Map<string, number>(), new Map<string, number>()];
  const idOf = (ids: Map<string, number>, name: string) => {
    const id = ids.get(name) ?? ids.size;
    ids.set(name, id);
    return id;
  };
  const left: number[] = [];
  const right: number[] = [];
  const winner: number[] = [];
  const rater: number[] = [];
  for (const row of rows) {
    left.push(idOf(items, row.left));
    right.push(idOf(items, row.right));
    rater.push(idOf(raters, row.worker));
    const share = row.winner === row.left ? 1 : row.winner === row.right ? 0 : 0.5;
    if (share === 0.5 && row.winner !== 'tie' && row.winner !== '') {
      const [won, x, y] = [row.winner, row.left, row.right].map((name) => JSON.stringify(name));
      const message = `The winner of comparison ${left.length} is ${won}, which is neither ${x}, ${y} nor "tie".`;
      throw new QuorateError('invalid_input', message);
    }
    winner.push(share);
  }
  const votes = {
    left: Int32Array.from(left),
    right: Int32Array.from(right),
    winner: Float64Array.from(winner),
    rater: Int32Array.from(rater),
    itemCount: items.size,
    raterCount: raters.size,
    items: [...items.keys()],
    raters: [...raters.keys()],
  };
  checkPairVotes(votes);
  return votes;
}

/**
 * Throws QuorateError for what no model of comparisons can be fitted to: none at all, an item beside itself, a winner
 * that is no number from 0 to 1; and RangeError for ids out of range, which only a bug makes.
 */
export function checkPairVotes({ left, right, winner, rater, itemCount, raterCount }: PairVotes): void {
  const n = winner.length;
  if (left.length !== n || right.length !== n || rater.length !== n) {
    throw new RangeError(
      `Comparisons need a left, right, winner and rater each: ${left.length}, ${right.length}, ${n}.`,
    );
  }
  if (n === 0) throw new QuorateError('invalid_input', 'There are no comparisons; at least one is needed.');
  const inRange = (id: number | undefined, count: number) => id !== undefined && id >= 0 && id < count;
  for (let i = 0; i < n; i++) {
    if (!(inRange(left[i], itemCount) && inRange(right[i], itemCount) && inRange(rater[i], raterCount))) {
      throw new RangeError(`Comparison ${i + 1} has an id out of range.`);
    }
    if (left[i] === right[i]) {
      throw new QuorateError('invalid_input', `Comparison ${i + 1} compares an item with itself; leave it out.`);
    }
    const share = winner[i] as number;
    if (!(share >= 0 && share <= 1)) {
      const message = `The winner of comparison ${i + 1} is ${share}; it must be 1 (left), 0 (right) or 0.5 (a tie).`;
      throw new QuorateError('invalid_input', message);
    }
  }
}

/** Comparisons summed over annotators, one entry for each two items that were ever compared, the lower id first. */
export interface PairCounts {
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** How often they were compared. */
  readonly count: Float64Array;
  /** How often the first of them won, a tie being half a win. */
  readonly wins: Float64Array;
  readonly itemCount: number;
}

/** Sums comparisons by pair, in time linear in comparisons and items; in order of ids. */
export function countPairs({ left, right, winner, itemCount }: PairVotes): PairCounts {
  const n = winner.length;
  const low = (i: number) => Math.min(left[i] as number, right[i] as number);
  const start = new Int32Array(itemCount + 1);
  for (let i = 0; i < n; i++) start[low(i) + 1] = (start[low(i) + 1] as number) + 1;
  for (let a = 0; a < itemCount; a++) start[a + 1] = (start[a + 1] as number) + (start[a] as number);
  const next = start.slice();
  const at = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const a = low(i);
    at[next[a] as number] = i;
    next[a] = (next[a] as number) + 1;
  }

  const [first, second] = [new Int32Array(n), new Int32Array(n)];
  const [count, wins] = [new Float64Array(n), new Float64Array(n)];
  // By second item: the first item it was last met with, and the entry of those two.
  const metWith = new Int32Array(itemCount).fill(-1);
  const entryOf = new Int32Array(itemCount);
  let entries = 0;
  for (let place = 0; place < n; place++) {
    const i = at[place] as number;
    const a = low(i);
    const b = Math.max(left[i] as number, right[i] as number);
    if (metWith[b] !== a) {
      metWith[b] = a;
      first[entries] = a;
      second[entries] = b;
      entryOf[b] = entries++;
    }
    const entry = entryOf[b] as number;
    const share = winner[i] as number;
    count[entry] = (count[entry] as number) + 1;
    wins[entry] = (wins[entry] as number) + (left[i] === a ? share : 1 - share);
  }
  return {
    first: first.slice(0, entries),
    second: second.slice(0, entries),
    count: count.slice(0, entries),
    wins: wins.slice(0, entries),
    itemCount,
  };
}

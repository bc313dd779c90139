import { QuorateError } from '../../failures.ts';
import type { Ranks } from './ranking-distance.ts';

/** One annotator's ranking of k items and how much it counts. */
export interface WeightedRanking {
  /** By item: its rank, 1 the best; equal ranks are a tie; null for an item that this annotator did not rank. */
  readonly ranks: Ranks;
  readonly weight: number;
}

/** How all rankings together see each pair of items, as shares of the total weight. */
export interface PairTable {
  readonly k: number;
  /** `before[a * k + b]`: what it costs to put a before b (1 a ranking that says b before a, half that says a tie). */
  readonly before: Float64Array;
  /** `tie[a * k + b]`: what it costs to let a and b share a rank (half a ranking that puts one before the other). */
  readonly tie: Float64Array;
  /** By item: weight of the rankings that put it behind another minus those that put it before, over all others. */
  readonly borda: Float64Array;
  /** Weight of all rankings. */
  readonly total: number;
}

/**
 * Counts pairs. Of an item that a ranking leaves out it says nothing. Weights that are all zero count alike. Throws
 * QuorateError for no rankings, a ranking that is not about k items, a rank that is no finite number and a weight that
 * is negative or no finite number.
 */
export function pairTable(given: readonly WeightedRanking[], k: number): PairTable {
  const rankings = counted(given, k);
  const total = rankings.reduce((all, { weight }) => all + weight, 0);
  const before = new Float64Array(k * k);
  const tie = new Float64Array(k * k);
  const borda = new Float64Array(k);
  for (const { ranks, weight } of rankings) {
    const share = weight / total;
    for (let a = 0; a < k; a++) {
      for (let b = 0; b < k; b++) {
        const [x, y] = [ranks[a] ?? null, ranks[b] ?? null];
        if (a === b || x === null || y === null) continue;
        const at = a * k + b;
        before[at] = (before[at] as number) + (x > y ? share : x === y ? share / 2 : 0);
        tie[at] = (tie[at] as number) + (x === y ? 0 : share / 2);
        borda[a] = (borda[a] as number) + Math.sign(x - y) * share;
      }
    }
  }
  return { k, before, tie, borda, total };
}

/** The rankings as they count: all alike where all weights are zero. Throws QuorateError for what cannot be counted. */
export function counted(rankings: readonly WeightedRanking[], k: number): readonly WeightedRanking[] {
  check(rankings, k);
  const none = rankings.every(({ weight }) => weight === 0);
  return none ? rankings.map(({ ranks }) => ({ ranks, weight: 1 })) : rankings;
}

function check(rankings: readonly WeightedRanking[], k: number): void {
  const refuse = (message: string) => new QuorateError('invalid_input', message);
  if (!(Number.isInteger(k) && k >= 1)) throw refuse(`A ranking needs at least one item, not ${k}.`);
  if (rankings.length === 0) throw refuse('There are no rankings to agree on.');
  for (const [at, { ranks, weight }] of rankings.entries()) {
    if (ranks.length !== k) throw refuse(`Ranking ${at + 1} has ${ranks.length} ranks for ${k} items.`);
    const odd = ranks.find((rank) => rank !== null && !Number.isFinite(rank));
    if (odd !== undefined) throw refuse(`Ranking ${at + 1} has the rank ${odd}, which is no number to rank by.`);
    if (!(Number.isFinite(weight) && weight >= 0)) {
      throw refuse(`The weight of ranking ${at + 1} is ${weight}; it must be a number from 0.`);
    }
  }
}

/**
 * What a weak order costs, compared in this order: its distance from the rankings; then how many pairs it orders (of
 * equally near orders the one with most ties claims least); then how far it goes against the mean ranks (Borda).
 */
export interface Cost {
  readonly distance: number;
  readonly ordered: number;
  readonly borda: number;
}

/** Distances are shares of weight: nearer than this they differ by rounding alone. */
const SAME = 1e-9;

/** Less than 0 where x is the better cost, 0 where neither is. */
export function compareCosts(x: Cost, y: Cost): number {
  if (Math.abs(x.distance - y.distance) > SAME) return x.distance - y.distance;
  if (x.ordered !== y.ordered) return x.ordered - y.ordered;
  return Math.abs(x.borda - y.borda) > SAME ? x.borda - y.borda : 0;
}

/** The cost of a weak order, given as groups of tied items from best to worst. */
export function costOf(groups: readonly (readonly number[])[], { k, before, tie, borda }: PairTable): Cost {
  const rankOf = new Map(groups.flatMap((group, rank) => group.map((item) => [item, rank] as const)));
  const items = [...rankOf.keys()];
  let [distance, ordered, against] = [0, 0, 0];
  for (const a of items) {
    for (const b of items) {
      const [x, y] = [rankOf.get(a) ?? 0, rankOf.get(b) ?? 0];
      if (x === y) {
        // Each tied pair is met twice.
        distance += (tie[a * k + b] as number) / 2;
      } else if (x < y) {
        distance += before[a * k + b] as number;
        ordered++;
        against += (borda[a] as number) - (borda[b] as number);
      }
    }
  }
  return { distance, ordered, borda: against };
}

import { compareCosts, costOf, type PairTable, pairTable, type WeightedRanking } from './ballots.ts';
import { EXACT_ITEMS, exactOrder } from './exact-order.ts';
import { searchOrder } from './search-order.ts';

export interface Consensus {
  /** By item: 1 for the best, tied items share a rank, and the next rank is one more (1, 2, 2, 3). */
  readonly ranks: number[];
  /** 1 minus the mean distance from the rankings: the share of weight that orders a pair of items as the consensus. */
  readonly confidence: number;
  /** Weighted sum over all rankings of the pairs they order the other way, ties against an order counting half. */
  readonly distance: number;
}

/**
 * The weighted Kemeny consensus with ties: the weak order with the least sum of distances from the rankings, where a
 * pair in reverse is a distance of 1 and a tie against an order is 1/2 (Kemeny, Mathematics without numbers, 1959;
 * Fagin et al., Comparing and aggregating rankings with ties, 2004, K with p = 1/2). So two items are tied where their
 * order is more contested than it is held to be a tie.
 *
 * Items are first split where every pair across the split is clear (Truchon's extended Condorcet criterion), which
 * loses nothing; what remains is solved exactly up to `EXACT_ITEMS` items and by local search beyond. Of equally near
 * orders the one with most ties is taken, then the one nearest to the mean ranks, then the one that puts the item
 * given first in front; only in this last case, a perfectly symmetric cycle, does the order of items matter.
 *
 * `ranks` of each ranking has k entries, null for an item that it leaves out. Throws QuorateError for no rankings,
 * k < 1, ranks that are not numbers, and negative weights; weights that are all zero count alike.
 */
export function kemenyConsensus(rankings: readonly WeightedRanking[], k: number): Consensus {
  const table = pairTable(rankings, k);
  const groups = clearSplits(table).flatMap((items) => {
    return items.length <= EXACT_ITEMS ? exactOrder(items, table) : searchOrder(items, table);
  });
  const ranks = new Array<number>(k).fill(0);
  for (const [rank, group] of groups.entries()) for (const item of group) ranks[item] = rank + 1;
  const { distance } = costOf(groups, table);
  // Both costs of a pair add up to the weight that ranked it.
  const judged = table.before.reduce((sum, cost) => sum + cost, 0);
  const confidence = k === 1 ? 1 : judged === 0 ? 0 : Math.min(1, Math.max(0, 1 - distance / judged));
  return { ranks, confidence, distance: distance * table.total };
}

/** Whether putting a before b is better than a tie and than b before a. */
function clearlyBefore({ k, before, tie }: PairTable, a: number, b: number): boolean {
  const cost = (distance: number) => ({ distance, ordered: 0, borda: 0 });
  const best = cost(before[a * k + b] as number);
  return (
    compareCosts(best, cost(tie[a * k + b] as number)) < 0 && compareCosts(best, cost(before[b * k + a] as number)) < 0
  );
}

/** The items in runs, each item of a run clearly before each item of all later runs; runs as short as possible. */
function clearSplits(table: PairTable): number[][] {
  const items = Array.from({ length: table.k }, (_, item) => item);
  const wins = items.map((a) => items.filter((b) => a !== b && clearlyBefore(table, a, b)).length);
  // An item of an earlier run has more clear wins than any of a later one.
  const byWins = [...items].sort((a, b) => (wins[b] ?? 0) - (wins[a] ?? 0) || a - b);
  const runs: number[][] = [];
  let run: number[] = [];
  for (const [at, item] of byWins.entries()) {
    run.push(item);
    const rest = byWins.slice(at + 1);
    if (run.every((a) => rest.every((b) => clearlyBefore(table, a, b)))) {
      runs.push(run.sort((a, b) => a - b));
      run = [];
    }
  }
  return runs;
}

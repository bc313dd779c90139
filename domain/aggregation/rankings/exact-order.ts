import { type Cost, compareCosts, type PairTable } from './ballots.ts';

/** 3^10 steps take about 5 ms. */
export const EXACT_ITEMS = 10;

/**
 * The best weak order of these items (at most `EXACT_ITEMS`), as groups of tied items from best to worst: dynamic
 * programming over sets, where the best order of a set is its best first group followed by the best order of the rest.
 */
export function exactOrder(items: readonly number[], { k, before, tie, borda }: PairTable): number[][] {
  const n = items.length;
  const sets = 1 << n;
  // The first item is the highest bit, so that among equals the larger set has the earlier items.
  const itemAt = (bit: number) => items[n - 1 - bit] as number;
  const size = new Int32Array(sets);
  const bordaOf = new Float64Array(sets);
  const tieOf = new Float64Array(sets);
  /** `beforeAll[bit * sets + S]`: what it costs to put an item before all of S. */
  const beforeAll = new Float64Array(n * sets);
  for (let set = 1; set < sets; set++) {
    const low = 31 - Math.clz32(set & -set);
    const rest = set & (set - 1);
    size[set] = (size[rest] as number) + 1;
    bordaOf[set] = (bordaOf[rest] as number) + (borda[itemAt(low)] as number);
    let ties = tieOf[rest] as number;
    for (let bit = 0; bit < n; bit++) {
      const [a, b] = [itemAt(bit), itemAt(low)];
      if ((rest >> bit) & 1) ties += tie[a * k + b] as number;
      beforeAll[bit * sets + set] = (beforeAll[bit * sets + rest] as number) + (before[a * k + b] as number);
    }
    tieOf[set] = ties;
  }

  const best: Cost[] = [{ distance: 0, ordered: 0, borda: 0 }];
  const firstGroup = new Int32Array(sets);
  for (let set = 1; set < sets; set++) {
    let least: Cost | undefined;
    for (let group = set; group > 0; group = (group - 1) & set) {
      const rest = set ^ group;
      const then = best[rest] as Cost;
      let distance = (tieOf[group] as number) + then.distance;
      for (let left = group; left > 0; left &= left - 1) {
        distance += beforeAll[(31 - Math.clz32(left & -left)) * sets + rest] as number;
      }
      const [n1, n2] = [size[group] as number, size[rest] as number];
      const cost = {
        distance,
        ordered: then.ordered + n1 * n2,
        borda: then.borda + n2 * (bordaOf[group] as number) - n1 * (bordaOf[rest] as number),
      };
      if (least !== undefined && compareCosts(cost, least) >= 0) continue;
      least = cost;
      firstGroup[set] = group;
    }
    best.push(least as Cost);
  }

  const groups: number[][] = [];
  for (let set = sets - 1; set > 0; set ^= firstGroup[set] as number) {
    const group = firstGroup[set] as number;
    groups.push(items.filter((_, at) => (group >> (n - 1 - at)) & 1));
  }
  return groups;
}

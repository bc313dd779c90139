import { type Cost, compareCosts, costOf, type PairTable } from './ballots.ts';

/** Far more than needed; only costs that differ by less than rounding could go round in circles. */
const MAX_SWEEPS = 1000;

/**
 * A good weak order of many items, as groups of tied items from best to worst: from each of two starts (the order of
 * mean ranks, and the order by pairs won) items are moved, one at a time, to wherever they cost least, until no move
 * helps. The result is a local optimum: no single item could stand better.
 */
export function searchOrder(items: readonly number[], table: PairTable): number[][] {
  const { k, before } = table;
  const won = (a: number) =>
    items.filter((b) => a !== b && (before[a * k + b] as number) < (before[b * k + a] as number)).length;
  const starts = [groupBy(items, (item) => table.borda[item] as number), groupBy(items, (item) => -won(item))].map(
    (start) => descend(start, items, table),
  );
  const [first, second] = starts as [number[][], number[][]];
  return compareCosts(costOf(second, table), costOf(first, table)) < 0 ? second : first;
}

/** Items in groups of equal keys (but for rounding), lowest first. */
function groupBy(items: readonly number[], key: (item: number) => number): number[][] {
  const groups: number[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const item of [...items].sort((a, b) => key(a) - key(b) || a - b)) {
    if (key(item) - last > 1e-9) groups.push([]);
    groups.at(-1)?.push(item);
    last = key(item);
  }
  return groups;
}

function descend(start: number[][], items: readonly number[], table: PairTable): number[][] {
  let groups = start;
  let moved = true;
  for (let sweep = 0; moved && sweep < MAX_SWEEPS; sweep++) {
    moved = false;
    for (const item of items) {
      const better = improve(groups, item, table);
      if (better === undefined) continue;
      groups = better;
      moved = true;
    }
  }
  return groups;
}

/** The groups with one item moved to its best place, or undefined where it stands in it. */
function improve(groups: number[][], item: number, { k, before, tie, borda }: PairTable): number[][] | undefined {
  const from = groups.findIndex((group) => group.includes(item));
  const alone = groups[from]?.length === 1;
  const rest = groups.map((group) => group.filter((other) => other !== item)).filter((group) => group.length > 0);
  const others = rest.flat();
  const own = borda[item] as number;

  // Its cost in front of all others; then step by step behind the next group, by way of joining it.
  let cost: Cost = { distance: 0, ordered: others.length, borda: 0 };
  const add = (more: Cost): Cost => ({
    distance: cost.distance + more.distance,
    ordered: cost.ordered + more.ordered,
    borda: cost.borda + more.borda,
  });
  for (const b of others) {
    cost = add({ distance: before[item * k + b] as number, ordered: 0, borda: own - (borda[b] as number) });
  }
  let best: { cost: Cost; at: number; join: boolean } | undefined;
  let now: Cost | undefined;
  const consider = (at: number, join: boolean) => {
    if (join ? !alone && at === from : alone && at === from) now = cost;
    if (best === undefined || compareCosts(cost, best.cost) < 0) best = { cost, at, join };
  };
  consider(0, false);
  for (const [at, group] of rest.entries()) {
    for (const b of group) {
      const distance = (tie[item * k + b] as number) - (before[item * k + b] as number);
      cost = add({ distance, ordered: -1, borda: (borda[b] as number) - own });
    }
    consider(at, true);
    for (const b of group) {
      const distance = (before[b * k + item] as number) - (tie[item * k + b] as number);
      cost = add({ distance, ordered: 1, borda: (borda[b] as number) - own });
    }
    consider(at + 1, false);
  }
  const chosen = best as { cost: Cost; at: number; join: boolean } | undefined;
  if (chosen === undefined || now === undefined || compareCosts(chosen.cost, now) >= 0) return undefined;
  if (chosen.join) return rest.map((group, at) => (at === chosen.at ? [...group, item] : group));
  return rest.toSpliced(chosen.at, 0, [item]);
}

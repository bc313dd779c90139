import type { WeightedRanking } from './ballots.ts';

/** That one item was put first of several: what the likelihood of a ranking divides by, ln(sum of share x e^strength). */
export interface Choice {
  readonly items: readonly number[];
  readonly shares: readonly number[];
  readonly weight: number;
}

/** Larger groups of tied items have too many orders to average over. */
const MOST_TIED = 8;

/**
 * A ranking as choices: best of all ranked items, best of the rest, and so on. Tied items count as the average of all
 * orders they could stand in, which for two is half a win each; with more than eight by Efron's approximation (The
 * efficiency of Cox's likelihood function for censored data, 1977), in which items leave a tied group in equal parts.
 */
export function choicesOf({ ranks, weight }: WeightedRanking): Choice[] {
  const groups = new Map<number, number[]>();
  for (const [item, rank] of ranks.entries()) {
    if (rank !== null) groups.set(rank, [...(groups.get(rank) ?? []), item]);
  }
  const choices: Choice[] = [];
  let rest: number[] = [];
  // From the worst group up, so that `rest` is what stands behind.
  for (const [, group] of [...groups].sort(([a], [b]) => b - a)) {
    choices.push(...(group.length <= MOST_TIED ? averaged(group, rest, weight) : efron(group, rest, weight)));
    rest = [...group, ...rest];
  }
  return choices;
}

/** Every set of j items of the group is what remains of it in an equal share of its orders. */
function averaged(group: readonly number[], rest: readonly number[], weight: number): Choice[] {
  const sets = Array.from({ length: 2 ** group.length - 1 }, (_, at) =>
    group.filter((_, bit) => ((at + 1) >> bit) & 1),
  );
  const sizes = sets.reduce((counts, { length }) => counts.set(length, (counts.get(length) ?? 0) + 1), new Map());
  return sets.map((left) => {
    const items = [...left, ...rest];
    return { items, shares: items.map(() => 1), weight: weight / sizes.get(left.length) };
  });
}

function efron(group: readonly number[], rest: readonly number[], weight: number): Choice[] {
  return group.map((_, gone) => {
    const left = (group.length - gone) / group.length;
    return { items: [...group, ...rest], shares: [...group.map(() => left), ...rest.map(() => 1)], weight };
  });
}

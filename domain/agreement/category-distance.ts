/** How far apart two categories are: all alike (`identity`), or by their order or numbers. */
export const WEIGHTS = ['identity', 'linear', 'quadratic', 'ordinal', 'ratio'] as const;
export type Weights = (typeof WEIGHTS)[number];

/** Two masses on the same categories: `a[i]` and `b[i]` lie on category `ids[i]`; ids ascend. */
export interface Masses {
  readonly ids: ArrayLike<number>;
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
}

/** The distance between categories 0 to `size` - 1, 0 for equal ones, and its sum over all pairs of two masses. */
export interface CategoryDistance {
  readonly size: number;
  between(i: number, j: number): number;
  /** The sum of a[i] b[j] between(i, j) over the entries from `from` up to, not including, `to`. */
  sum(masses: Masses, from: number, to: number): number;
}

/**
 * Distances as one minus the agreement weights of K. L. Gwet, "Handbook of Inter-Rater Reliability" (2014), so that the
 * ends of the scale are 1 apart. `scale` has the numbers of the categories, ascending without repeats; `identity` and
 * `ordinal` use only how many there are. Sums are O(entries) for all but `ratio`, which compares every pair.
 */
export function categoryDistance(weights: Weights, scale: ArrayLike<number>): CategoryDistance {
  const size = scale.length;
  const [low, high] = [scale[0] ?? 0, scale[size - 1] ?? 0];
  const x = (i: number) => scale[i] ?? 0;
  switch (weights) {
    case 'identity':
      return { size, between: (i, j) => (i === j ? 0 : 1), sum: differentPairs };
    case 'linear': {
      const unit = high - low || 1;
      const sum: CategoryDistance['sum'] = (masses, from, to) => absoluteDifferences(masses, from, to, x) / unit;
      return { size, between: (i, j) => Math.abs(x(i) - x(j)) / unit, sum };
    }
    case 'quadratic': {
      const unit = (high - low) ** 2 || 1;
      const sum: CategoryDistance['sum'] = (masses, from, to) => squaredDifferences(masses, from, to, x) / unit;
      return { size, between: (i, j) => (x(i) - x(j)) ** 2 / unit, sum };
    }
    case 'ordinal': {
      // The pairs that can be formed of the categories from i to j, as a share of all: (d^2 + d) / (q (q - 1)).
      const unit = size * (size - 1) || 1;
      const rank = (i: number) => i;
      return {
        size,
        between: (i, j) => ((i - j) ** 2 + Math.abs(i - j)) / unit,
        sum: (masses, from, to) =>
          (squaredDifferences(masses, from, to, rank) + absoluteDifferences(masses, from, to, rank)) / unit,
      };
    }
    case 'ratio': {
      const unit = high === low ? 1 : ((high - low) / (high + low)) ** 2;
      return pairwiseDistance(size, (i, j) => ((x(i) - x(j)) / (x(i) + x(j))) ** 2 / unit);
    }
  }
}

/** A distance of which nothing is known but its value for each pair of different categories: symmetric. */
export function pairwiseDistance(size: number, delta: (i: number, j: number) => number): CategoryDistance {
  const between = (i: number, j: number) => (i === j ? 0 : delta(i, j));
  const sum: CategoryDistance['sum'] = ({ ids, a, b }, from, to) => {
    let total = 0;
    for (let i = from; i < to; i++) {
      const [ai, bi] = [a[i] ?? 0, b[i] ?? 0];
      if (ai === 0 && bi === 0) continue;
      for (let j = from; j < i; j++) {
        const mass = ai * (b[j] ?? 0) + bi * (a[j] ?? 0);
        if (mass !== 0) total += mass * between(ids[i] ?? 0, ids[j] ?? 0);
      }
    }
    return total;
  };
  return { size, between, sum };
}

/** The mass of pairs on different categories; exact for counts, so that "always the same" is found exactly. */
function differentPairs({ a, b }: Masses, from: number, to: number): number {
  let [inA, inB, same] = [0, 0, 0];
  for (let i = from; i < to; i++) {
    const [ai, bi] = [a[i] ?? 0, b[i] ?? 0];
    inA += ai;
    inB += bi;
    same += ai * bi;
  }
  return inA * inB - same;
}

/** The sum of |x - y|: each gap between neighbours is crossed by the pairs with one side below and one above it. */
function absoluteDifferences({ ids, a, b }: Masses, from: number, to: number, x: (id: number) => number): number {
  let [inA, inB] = [0, 0];
  for (let i = from; i < to; i++) {
    inA += a[i] ?? 0;
    inB += b[i] ?? 0;
  }
  let [belowA, belowB, total] = [0, 0, 0];
  for (let i = from; i + 1 < to; i++) {
    belowA += a[i] ?? 0;
    belowB += b[i] ?? 0;
    const gap = x(ids[i + 1] ?? 0) - x(ids[i] ?? 0);
    total += gap * (belowA * (inB - belowB) + belowB * (inA - belowA));
  }
  return total;
}

/** The sum of (x - y)^2, by the spread about each mean and the distance of the means. */
function squaredDifferences({ ids, a, b }: Masses, from: number, to: number, x: (id: number) => number): number {
  let origin: number | undefined;
  let [inA, inB, meanA, meanB] = [0, 0, 0, 0];
  for (let i = from; i < to; i++) {
    const [ai, bi] = [a[i] ?? 0, b[i] ?? 0];
    if (ai === 0 && bi === 0) continue;
    // Counted from the first number in use: where there is no other, all sums are zero exactly.
    origin ??= x(ids[i] ?? 0);
    const at = x(ids[i] ?? 0) - origin;
    inA += ai;
    inB += bi;
    meanA += ai * at;
    meanB += bi * at;
  }
  if (inA === 0 || inB === 0 || origin === undefined) return 0;
  meanA /= inA;
  meanB /= inB;
  let [spreadA, spreadB] = [0, 0];
  for (let i = from; i < to; i++) {
    const [ai, bi] = [a[i] ?? 0, b[i] ?? 0];
    const at = x(ids[i] ?? 0) - origin;
    if (ai !== 0) spreadA += ai * (at - meanA) ** 2;
    if (bi !== 0) spreadB += bi * (at - meanB) ** 2;
  }
  return inB * spreadA + inA * spreadB + inA * inB * (meanA - meanB) ** 2;
}

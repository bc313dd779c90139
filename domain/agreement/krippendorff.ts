import type { MeasurementLevel } from '../tasks/task-type.ts';
import { byUnit, type Ratings } from './ratings.ts';

/** Disagreement between two values, 0 for equal ones: symmetric. Krippendorff's delta squared. */
export type Delta = (a: number, b: number) => number;

export type AlphaMetric =
  | { readonly level: 'nominal' }
  /** `scale[v]` is the number that value id v stands for (for `ordinal` only its rank matters). */
  | { readonly level: Exclude<MeasurementLevel, 'nominal'>; readonly scale: ArrayLike<number> }
  | { readonly level: 'custom'; readonly delta: Delta };

/**
 * Krippendorff's alpha: 1 - observed / expected disagreement, for any number of annotators, with missing answers.
 * Units with fewer than two answers pair nothing and are left out, as are their values. Undefined where alpha is: no
 * unit has two answers, or all pairable answers are the same value, so that no disagreement could be expected.
 *
 * K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011). O(answers) for nominal, ordinal and interval
 * (through sums of squares, and ranks for ordinal), O(answers x answers per unit + values^2) for ratio and custom.
 */
export function krippendorffAlpha(ratings: Ratings, metric: AlphaMetric): number | undefined {
  const pairable = pairableOf(ratings);
  if (pairable.n === 0) return undefined;
  const { observed, expected } = disagreement(pairable, metric);
  return expected > 0 ? 1 - observed / expected : undefined;
}

interface Pairable {
  /** Values unit by unit; those of unit u are `values[start[u]]` up to `values[start[u + 1]]`. */
  readonly values: Int32Array;
  readonly start: Int32Array;
  /** How often each value id occurs, and their sum. */
  readonly counts: Float64Array;
  readonly n: number;
}

function pairableOf(ratings: Ratings): Pairable {
  const grouped = byUnit(ratings);
  const values = new Int32Array(ratings.value.length);
  const start: number[] = [0];
  const counts = new Float64Array(ratings.valueCount);
  let n = 0;
  for (let u = 0; u < ratings.unitCount; u++) {
    const from = grouped.start[u] ?? 0;
    const to = grouped.start[u + 1] ?? 0;
    if (to - from < 2) continue;
    for (let i = from; i < to; i++) {
      const value = ratings.value[grouped.at[i] ?? 0] ?? 0;
      values[n++] = value;
      counts[value] = (counts[value] ?? 0) + 1;
    }
    start.push(n);
  }
  return { values, start: Int32Array.from(start), counts, n };
}

/** Mean disagreement of the pairs within units, and of all pairs of values. */
interface Disagreement {
  readonly observed: number;
  readonly expected: number;
}

function disagreement(pairable: Pairable, metric: AlphaMetric): Disagreement {
  switch (metric.level) {
    case 'nominal':
      return nominal(pairable);
    case 'ordinal':
      return squares(pairable, midRanks(pairable, checkedScale(metric.scale, pairable)));
    case 'interval':
      return squares(pairable, checkedScale(metric.scale, pairable));
    case 'ratio': {
      const scale = checkedScale(metric.scale, pairable);
      return pairs(pairable, (a, b) => ratioDelta(scale[a] ?? 0, scale[b] ?? 0));
    }
    case 'custom':
      return pairs(pairable, metric.delta);
  }
}

function checkedScale(scale: ArrayLike<number>, { counts }: Pairable): ArrayLike<number> {
  for (let v = 0; v < counts.length; v++) {
    if (counts[v] && !Number.isFinite(scale[v])) {
      throw new RangeError(`Value ${v} stands for ${scale[v]}; levels above nominal need finite numbers.`);
    }
  }
  return scale;
}

/** ((a - b) / (a + b))^2; two zeros agree. */
function ratioDelta(a: number, b: number): number {
  return a === b ? 0 : ((a - b) / (a + b)) ** 2;
}

function nominal({ values, start, counts, n }: Pairable): Disagreement {
  const inUnit = new Float64Array(counts.length);
  let observed = 0;
  for (let u = 0; u + 1 < start.length; u++) {
    const from = start[u] ?? 0;
    const to = start[u + 1] ?? 0;
    let same = 0;
    // The k-th answer of a value pairs with the k - 1 before it, twice.
    for (let i = from; i < to; i++) {
      const value = values[i] ?? 0;
      const before = inUnit[value] ?? 0;
      same += 2 * before;
      inUnit[value] = before + 1;
    }
    for (let i = from; i < to; i++) inUnit[values[i] ?? 0] = 0;
    const m = to - from;
    observed += (m * (m - 1) - same) / (m - 1);
  }
  let squared = 0;
  for (const count of counts) squared += count * count;
  return { observed: observed / n, expected: (n * n - squared) / (n * (n - 1)) };
}

/**
 * Squared differences of a number per value. Over m numbers the ordered pairs sum to 2 m times the squares about the
 * mean, so no pair has to be visited.
 */
function squares({ values, start, counts, n }: Pairable, scale: ArrayLike<number>): Disagreement {
  let observed = 0;
  for (let u = 0; u + 1 < start.length; u++) {
    const from = start[u] ?? 0;
    const to = start[u + 1] ?? 0;
    const m = to - from;
    let mean = 0;
    for (let i = from; i < to; i++) mean += (scale[values[i] ?? 0] ?? 0) / m;
    let sum = 0;
    for (let i = from; i < to; i++) sum += ((scale[values[i] ?? 0] ?? 0) - mean) ** 2;
    observed += (2 * m * sum) / (m - 1);
  }
  let mean = 0;
  let distinct = 0;
  let first: number | undefined;
  for (let v = 0; v < counts.length; v++) {
    const count = counts[v] ?? 0;
    if (count === 0) continue;
    const number = scale[v] ?? 0;
    mean += (count / n) * number;
    first ??= number;
    if (number !== first) distinct++;
  }
  // Without variation the sum below is rounding error, not zero.
  if (distinct === 0) return { observed: 0, expected: 0 };
  let sum = 0;
  for (let v = 0; v < counts.length; v++) sum += (counts[v] ?? 0) * ((scale[v] ?? 0) - mean) ** 2 * (counts[v] ? 1 : 0);
  return { observed: observed / n, expected: (2 * sum) / (n - 1) };
}

/**
 * The middle rank of each value among all pairable answers. Krippendorff's ordinal difference, the answers from c to k
 * less half of those at both ends, is the difference of these ranks.
 */
function midRanks({ counts }: Pairable, scale: ArrayLike<number>): Float64Array {
  const used = Array.from(counts.keys()).filter((v) => (counts[v] ?? 0) > 0);
  used.sort((a, b) => (scale[a] ?? 0) - (scale[b] ?? 0));
  const ranks = new Float64Array(counts.length);
  let below = 0;
  for (let i = 0; i < used.length; ) {
    // Ids that stand for the same number share a rank.
    let j = i;
    let size = 0;
    while (j < used.length && scale[used[j] ?? 0] === scale[used[i] ?? 0]) size += counts[used[j++] ?? 0] ?? 0;
    for (; i < j; i++) ranks[used[i] ?? 0] = below + size / 2;
    below += size;
  }
  return ranks;
}

function pairs({ values, start, counts, n }: Pairable, delta: Delta): Disagreement {
  let observed = 0;
  for (let u = 0; u + 1 < start.length; u++) {
    const from = start[u] ?? 0;
    const to = start[u + 1] ?? 0;
    let sum = 0;
    for (let i = from; i < to; i++) {
      for (let j = from; j < i; j++) {
        const [a, b] = [values[i] ?? 0, values[j] ?? 0];
        if (a !== b) sum += delta(a, b);
      }
    }
    observed += (2 * sum) / (to - from - 1);
  }
  const used = Array.from(counts.keys()).filter((v) => (counts[v] ?? 0) > 0);
  let expected = 0;
  for (let i = 0; i < used.length; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b] = [used[i] ?? 0, used[j] ?? 0];
      expected += 2 * (counts[a] ?? 0) * (counts[b] ?? 0) * delta(a, b);
    }
  }
  return { observed: observed / n, expected: expected / (n * (n - 1)) };
}

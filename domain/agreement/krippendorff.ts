import type { MeasurementLevel } from '../tasks/task-type.ts';
import { type CategoryDistance, categoryDistance, pairwiseDistance } from './category-distance.ts';
import { chanceCorrected, NOTHING_PAIRED, numberOf, type Statistic } from './coefficient.ts';
import { onScale } from './numeric-labels.ts';
import type { Ratings } from './ratings.ts';
import { rowWeights, type UnitTable, unitTable } from './unit-table.ts';

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
 * Throws RangeError for a value that is no finite number (at `ratio`, no number from 0), above `nominal`.
 *
 * K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011). O(answers) for nominal, ordinal and interval
 * (through sums of squares, and ranks for ordinal), O(answers x values per unit + values^2) for ratio and custom.
 */
export function krippendorffAlpha(ratings: Ratings, metric: AlphaMetric): number | undefined {
  const { level } = metric;
  const scaled =
    level === 'nominal' || level === 'custom' ? { ratings, scale: [] } : onScale(ratings, metric.scale, level);
  const table = unitTable(scaled.ratings);
  return numberOf(
    alphaStatistic(table, level === 'custom' ? metric : { level, scale: scaled.scale })(rowWeights(table)),
  );
}

/**
 * Alpha as a function of how often each row of `table` counts. Above `nominal` the value ids stand for the numbers
 * `scale[id]`, which ascend without repeats.
 */
export function alphaStatistic(
  table: UnitTable,
  metric: { level: MeasurementLevel; scale: ArrayLike<number> } | { level: 'custom'; delta: Delta },
): Statistic {
  const ids = Int32Array.from({ length: table.valueCount }, (_, id) => id);
  const fixed = metric.level === 'ordinal' ? undefined : distanceOf(metric, table.valueCount);
  const fixedObserved = fixed && withinRows(table, fixed);
  return (weight) => {
    const { counts, n } = pairableCounts(table, weight);
    if (n === 0) return { undefined: NOTHING_PAIRED };
    // Ordinal differences depend on how often each value was given.
    const distance = fixed ?? categoryDistance('quadratic', midRanks(counts));
    const within = fixedObserved ?? withinRows(table, distance);
    let observed = 0;
    for (let r = 0; r < table.rowCount; r++) observed += (weight[r] ?? 0) * (within[r] ?? 0);
    const expected = distance.sum({ ids, a: counts, b: counts }, 0, counts.length);
    return chanceCorrected(observed / n, expected / (n * (n - 1)));
  };
}

function distanceOf(
  metric: { level: MeasurementLevel; scale: ArrayLike<number> } | { level: 'custom'; delta: Delta },
  valueCount: number,
): CategoryDistance {
  switch (metric.level) {
    case 'nominal':
      return categoryDistance('identity', { length: valueCount });
    case 'custom':
      return pairwiseDistance(valueCount, metric.delta);
    default:
      // The unit of a distance cancels out.
      return categoryDistance(metric.level === 'ratio' ? 'ratio' : 'quadratic', metric.scale);
  }
}

/** The disagreement of the pairs within each row, each answer paired with the others once. */
function withinRows({ ids, counts, start, size, rowCount }: UnitTable, distance: CategoryDistance): Float64Array {
  const masses = { ids, a: counts, b: counts };
  const within = new Float64Array(rowCount);
  for (let r = 0; r < rowCount; r++) {
    const answers = size[r] ?? 0;
    if (answers > 1) within[r] = distance.sum(masses, start[r] ?? 0, start[r + 1] ?? 0) / (answers - 1);
  }
  return within;
}

/** How often each value occurs in rows with at least two answers, and how many that are together. */
function pairableCounts(table: UnitTable, weight: Float64Array): { counts: Float64Array; n: number } {
  const counts = new Float64Array(table.valueCount);
  let n = 0;
  for (let r = 0; r < table.rowCount; r++) {
    const [times, answers] = [weight[r] ?? 0, table.size[r] ?? 0];
    if (times === 0 || answers < 2) continue;
    n += times * answers;
    const to = table.start[r + 1] ?? 0;
    for (let i = table.start[r] ?? 0; i < to; i++) {
      const id = table.ids[i] ?? 0;
      counts[id] = (counts[id] ?? 0) + times * (table.counts[i] ?? 0);
    }
  }
  return { counts, n };
}

/**
 * The middle rank of each value among all pairable answers. Krippendorff's ordinal difference, the answers from c to k
 * less half of those at both ends, is the difference of these ranks.
 */
function midRanks(counts: Float64Array): Float64Array {
  let below = 0;
  return counts.map((count) => {
    below += count;
    return below - count / 2;
  });
}

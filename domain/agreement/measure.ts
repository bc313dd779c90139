import { seededRng } from '../rng.ts';
import type { MeasurementLevel } from '../tasks/task-type.ts';
import { bootstrapInterval, type Resampled } from './bootstrap.ts';
import { type CategoryDistance, categoryDistance, type Weights } from './category-distance.ts';
import type { Coefficient, Statistic } from './coefficient.ts';
import { MIN_SHARED, meanPairwiseKappa, pairwiseStatistic } from './cohen.ts';
import { fleissStatistic } from './fleiss.ts';
import { gwetStatistic } from './gwet.ts';
import { interpretation } from './interpretation.ts';
import { alphaStatistic } from './krippendorff.ts';
import { onScale } from './numeric-labels.ts';
import { answersByUnit, type Ratings } from './ratings.ts';
import { rowWeights, type UnitTable, unitTable } from './unit-table.ts';

export const METRICS = ['krippendorff', 'cohen', 'fleiss', 'gwet'] as const;
export type Metric = (typeof METRICS)[number];

export interface AgreementQuestion {
  readonly metric: Metric;
  readonly level: MeasurementLevel;
  /** The number that each value id stands for; needed above `nominal`. */
  readonly scale?: ArrayLike<number>;
  /** How disagreements weigh, for all metrics but Krippendorff's; by default what fits the level. */
  readonly weights?: Weights;
  /** Cohen's: tasks that a pair of annotators must share to count. @default 10; all that there are, of two annotators */
  readonly minShared?: number;
  /** Resamples of the tasks for the confidence interval. @default 0, which gives none */
  readonly resamples?: number;
  /** @default 0 */
  readonly seed?: number | string;
  /** Told how many resamples are done. */
  readonly onProgress?: (resamples: number) => void;
}

export interface AgreementMeasure {
  readonly value: number | null;
  /** Why there is no value. */
  readonly reason?: string;
  readonly ci95: readonly [low: number, high: number] | null;
  /** Why there is no interval although one was asked for. */
  readonly ciReason?: string;
  readonly weights?: Weights;
  /** Cohen's: pairs of annotators averaged over, and those whose kappa is undefined. */
  readonly pairs?: number;
  readonly undefinedPairs?: number;
  readonly interpretation: string;
}

/** Ratios are compared for every pair of different labels; more than these would take minutes. */
const MAX_RATIO_LABELS = 20_000;
const MAX_RATIO_STEPS = 5e9;
/** Kappas of two annotators that all resamples together may take: more would take minutes. */
const MAX_KAPPAS = 1e8;
/** With fewer, 95% of them are all of them, and one alone is no interval. */
const LEAST_RESAMPLES = 20;
/** Of fewer that have two answers, drawing them again hardly tells how far off the value is. */
const LEAST_TASKS = 10;

/**
 * One coefficient of agreement of a table of answers, in words as well, with a confidence interval if asked for.
 * Throws RangeError as `onScale` does.
 */
export function measureAgreement(ratings: Ratings, question: AgreementQuestion): AgreementMeasure {
  const { metric, level, resamples = 0, seed = 0 } = question;
  const weights = metric === 'krippendorff' ? undefined : (question.weights ?? defaultWeights(metric, level));
  const labels = level === 'nominal' ? { ratings, scale: [] } : onScale(ratings, question.scale ?? [], level);
  const { valueCount } = labels.ratings;
  const byPairs = (weights ?? level) === 'ratio';
  const common = { ...(weights && { weights }), ci95: null };
  if (byPairs && valueCount > MAX_RATIO_LABELS) {
    const reason = `ratios are compared for each pair of different labels, and ${valueCount} labels are too many for that (at most ${MAX_RATIO_LABELS})`;
    return { ...common, value: null, reason, interpretation: interpretation({ undefined: reason }) };
  }
  const { minShared = ratings.raterCount === 2 ? 1 : MIN_SHARED } = question;
  const coefficient = coefficientOf({ ...labels, metric, level, weights: weights ?? 'identity', minShared });
  const { counts, fewestShared = MIN_SHARED, estimate } = coefficient.estimate();
  const isFew = fewestShared > 0 && fewestShared < MIN_SHARED;
  /** How many have two answers or more. */
  const tasks = answersByUnit(ratings).filter((count) => count > 1).length;
  const few = isFew
    ? ` Two annotators share no more than ${fewestShared} ${fewestShared === 1 ? 'task' : 'tasks'}: it says little.`
    : tasks < LEAST_TASKS && 'value' in estimate
      ? ` No more than ${tasks === 1 ? '1 task has' : `${tasks} tasks have`} two answers: it says little.`
      : '';
  const told = (interval?: readonly [low: number, high: number]) => `${interpretation(estimate, interval)}${few}`;
  const said = { ...common, ...counts, interpretation: told() };
  if (!('value' in estimate)) return { ...said, value: null, reason: estimate.undefined };
  const { value } = estimate;
  if (resamples === 0) return { ...said, value };
  if (byPairs && (valueCount ** 2 / 2) * resamples > MAX_RATIO_STEPS) {
    return { ...said, value, ciReason: `${resamples} resamples are too many for ratios of ${valueCount} labels` };
  }
  const { pairs = 0, undefinedPairs = 0 } = counts ?? {};
  if ((pairs + undefinedPairs) * resamples > MAX_KAPPAS) {
    return {
      ...said,
      value,
      ciReason: `${resamples} resamples are too many for ${pairs + undefinedPairs} pairs of annotators`,
    };
  }
  if (resamples < LEAST_RESAMPLES) {
    return { ...said, value, ciReason: `an interval needs ${LEAST_RESAMPLES} resamples or more` };
  }
  if (tasks < LEAST_TASKS) {
    return { ...said, value, ciReason: `an interval needs ${LEAST_TASKS} tasks with two answers or more` };
  }
  const interval = bootstrapInterval(coefficient.resampled(), {
    resamples,
    rng: seededRng(seed),
    onProgress: question.onProgress,
  });
  return 'interval' in interval
    ? { ...said, value, ci95: interval.interval, interpretation: told(interval.interval) }
    : { ...said, value, ciReason: interval.undefined };
}

/** Weights that say what the level says; Cohen's ordinal kappa is the linear one of ranks, as is usual. */
function defaultWeights(metric: Metric, level: MeasurementLevel): Weights {
  switch (level) {
    case 'nominal':
      return 'identity';
    case 'ordinal':
      return metric === 'cohen' ? 'linear' : 'ordinal';
    case 'interval':
      return 'quadratic';
    case 'ratio':
      return 'ratio';
  }
}

interface Prepared {
  readonly ratings: Ratings;
  readonly scale: ArrayLike<number>;
  readonly metric: Metric;
  readonly level: MeasurementLevel;
  readonly weights: Weights;
  readonly minShared: number;
}

/** The coefficient of the table as it is, and as a function of how often each task counts. */
function coefficientOf(prepared: Prepared): {
  estimate(): {
    estimate: Coefficient;
    counts?: { pairs: number; undefinedPairs: number };
    fewestShared?: number;
  };
  resampled(): Resampled;
} {
  const { ratings, metric } = prepared;
  if (metric === 'cohen') {
    const { minShared } = prepared;
    const options = { distance: distanceOf(prepared), minShared };
    return {
      estimate() {
        const { kappa, fewestShared, ...counts } = meanPairwiseKappa(ratings, options);
        const estimate = kappa === undefined ? { undefined: noKappa(counts, minShared) } : { value: kappa };
        return { estimate, counts, fewestShared };
      },
      resampled() {
        // Who answered matters here, so each task is a row of its own.
        const rowOf = Int32Array.from(new Set(ratings.unit));
        return { statistic: pairwiseStatistic(ratings, options), rowOf, rowCount: ratings.unitCount };
      },
    };
  }
  const statistic = (table: UnitTable): Statistic => {
    if (metric === 'krippendorff') return alphaStatistic(table, prepared);
    return (metric === 'fleiss' ? fleissStatistic : gwetStatistic)(table, distanceOf(prepared));
  };
  return {
    estimate() {
      const table = unitTable(ratings);
      return { estimate: statistic(table)(rowWeights(table)) };
    },
    resampled() {
      const table = unitTable(ratings, { merge: true });
      return { statistic: statistic(table), rowOf: table.rowOf, rowCount: table.rowCount };
    },
  };
}

function distanceOf({ ratings, scale, level, weights }: Prepared): CategoryDistance {
  // Of an order, only ranks are known.
  const numbers = level === 'interval' || level === 'ratio' ? scale : ranks(ratings.valueCount);
  return categoryDistance(weights, numbers);
}

const ranks = (count: number) => Float64Array.from({ length: count }, (_, rank) => rank);

function noKappa({ undefinedPairs }: { undefinedPairs: number }, minShared: number): string {
  if (undefinedPairs > 0) return 'in each pair of annotators both always gave the same one label';
  return `no two annotators share ${minShared === 1 ? 'a task' : `${minShared} tasks`}`;
}

import { QuorateError } from '../failures.ts';
import { type Rng, seededRng } from '../rng.ts';
import { fitItems, judgeItems, normsOf } from './item-classifier.ts';
import type { ItemFeatures } from './item-features.ts';
import type { LinearModel } from './linear-model.ts';
import { mostProbable } from './logistic.ts';
import { gatherRows } from './row-keys.ts';
import { selectBatch } from './strategies.ts';
import { strategyOf } from './strategy-names.ts';

/** A pool whose labels are known, to try strategies on, and items to measure the models with. */
export interface CurveData {
  readonly pool: ItemFeatures;
  /** Class of each pool item, from 0 to classes - 1. */
  readonly labels: ArrayLike<number>;
  readonly test: ItemFeatures;
  /** Class of each test item; one that the pool does not have is never answered right. */
  readonly truth: ArrayLike<number>;
  readonly classes: number;
}

export interface CurveRun {
  /** A name that `strategyOf` knows. */
  readonly strategy: string;
  /** Numbers of labels at which accuracy is measured, ascending, none beyond the pool. */
  readonly budgets: readonly number[];
  /** Labels asked for at once; fewer where a budget comes first. */
  readonly batch: number;
  readonly seed: number | string;
  /** Told after each batch how many items are labelled. */
  readonly onBatch?: (labeled: number) => void;
}

export interface CurvePoint {
  readonly strategy: string;
  readonly budget: number;
  /** Mean over the seeds. */
  readonly accuracy: number;
  /** Standard deviation between seeds (n - 1), 0 with one seed. */
  readonly sd: number;
}

/** Strategies that never look at the model, which is then fitted for the budgets alone. */
const BLIND = new Set(['random', 'diversity']);

/**
 * Plays a campaign against the known labels: batch by batch the strategy chooses, the labels are looked up, and the
 * model is fitted again from where it was. Returns the accuracy on the test items at each budget. Every strategy has
 * the same features and the same learner.
 */
export function runCurve(data: CurveData, run: CurveRun): number[] {
  check(data, run);
  const { pool, labels, classes } = data;
  const choice = strategyOf(run.strategy);
  const rng = seededRng(run.seed);
  const open = new Set(Array.from({ length: pool.count }, (_, i) => i));
  const labeled: number[] = [];
  const taught: number[] = [];
  let model: LinearModel | undefined;

  return run.budgets.map((budget) => {
    while (labeled.length < budget) {
      const n = Math.min(run.batch, budget - labeled.length);
      for (const place of choosePlaces(data, { choice, open, labeled, model, n, rng })) {
        open.delete(place);
        labeled.push(place);
        taught.push(labels[place] as number);
      }
      if (labeled.length === budget || !BLIND.has(choice.strategy)) {
        model = fitItems(pool, labeled, taught, classes, model);
      }
      run.onBatch?.(labeled.length);
    }
    return accuracyOf(data, model, taught[0] as number);
  });
}

/** The places in the pool that a strategy labels next, given those it has and the model fitted on them. */
export function choosePlaces(
  { pool, classes }: CurveData,
  now: {
    readonly choice: ReturnType<typeof strategyOf>;
    readonly open: ReadonlySet<number>;
    readonly labeled: readonly number[];
    readonly model: LinearModel | undefined;
    readonly n: number;
    readonly rng: Rng;
  },
): number[] {
  const { choice, labeled, model, n, rng } = now;
  const places = [...now.open];
  const judged = model && judgeItems(pool, [...places, ...labeled], model, classes);
  const { chosen } = selectBatch({
    ...choice,
    n,
    candidates: {
      count: places.length,
      dims: pool.dims,
      dense: choice.strategy === 'random' ? undefined : gatherRows(pool.dense, places, pool.dims).dense,
      probabilities: judged?.subarray(0, places.length * classes),
      norms: choice.strategy === 'expected_change' ? normsOf(pool, places) : undefined,
      intercept: pool.spread !== undefined,
      words: pool.words && { matrix: pool.words, rows: places },
    },
    labeled: {
      ...gatherRows(pool.dense, labeled, pool.dims),
      probabilities: judged?.subarray(places.length * classes),
      words: pool.words && { matrix: pool.words, rows: labeled },
    },
    rng,
  });
  return Array.from(chosen, (at) => places[at] as number);
}

/** The share of the test items that the model answers right; without a model all are answered alike. */
export function accuracyOf(
  { test, truth, classes }: CurveData,
  model: LinearModel | undefined,
  otherwise: number,
): number {
  const tests = Array.from({ length: test.count }, (_, i) => i);
  const answers = model
    ? mostProbable(judgeItems(test, tests, model, classes), classes)
    : new Uint32Array(test.count).fill(otherwise);
  let right = 0;
  answers.forEach((answer, i) => {
    if (answer === truth[i]) right++;
  });
  return right / test.count;
}

/** Mean and spread over the runs of one strategy with different seeds (seeds x budgets). */
export function summarise(
  strategy: string,
  budgets: readonly number[],
  runs: readonly (readonly number[])[],
): CurvePoint[] {
  return budgets.map((budget, at) => {
    const values = runs.map((run) => run[at] as number);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { strategy, budget, accuracy: mean, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
  });
}

/**
 * Labels at which a curve reaches an accuracy and, by the mean with its neighbours, stays there at the next point,
 * interpolated; undefined where it never does. Measured points are noisy: three of them are averaged.
 */
export function labelsToReach(
  budgets: readonly number[],
  accuracies: readonly number[],
  target: number,
): number | undefined {
  const smooth = accuracies.map((_, at) => {
    const near = accuracies.slice(Math.max(0, at - 1), at + 2);
    return near.reduce((sum, value) => sum + value, 0) / near.length;
  });
  const at = smooth.findIndex((value) => value >= target);
  if (at < 0) return undefined;
  const to = budgets[at] as number;
  if (at === 0) return to;
  const from = budgets[at - 1] as number;
  const before = smooth[at - 1] as number;
  return from + ((to - from) * (target - before)) / ((smooth[at] as number) - before);
}

function check({ pool, labels, test, truth }: CurveData, { budgets, batch }: CurveRun): void {
  const fail = (message: string) => {
    throw new QuorateError('invalid_input', message);
  };
  if (pool.dims !== test.dims) {
    fail(`The vectors of the pool have ${pool.dims} dimensions, those of the test items ${test.dims}.`);
  }
  if (labels.length !== pool.count || truth.length !== test.count || test.count === 0) {
    fail('A curve needs a label for every pool item and test item, and at least one test item.');
  }
  if (!(Number.isInteger(batch) && batch >= 1)) fail(`The batch is ${batch}; it must be a whole number from 1.`);
  budgets.forEach((budget, at) => {
    if (!(Number.isInteger(budget) && budget > (budgets[at - 1] ?? 0) && budget <= pool.count)) {
      fail(`The budget ${budget} does not fit: budgets rise, and the pool has ${pool.count} items.`);
    }
  });
}

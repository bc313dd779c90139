import { addSlopes, CHANCES, chances, moveThresholds, noSlopes } from '../aggregation/ratings-model/thresholds.ts';
import { QuorateError } from '../failures.ts';
import { type FitOptions, fitLinear } from './fit-linear.ts';
import { type LinearModel, linearScores } from './linear-model.ts';
import type { SparseMatrix } from './sparse.ts';

/** Penalty for rows of words and latent directions, of length one each. */
const ORDINAL_L2 = 0.1;
/** Answers that each step is taken to have had from an average item: one that nobody used stays possible. */
const PRIOR_ANSWERS = 0.5;
const ROUNDS = 12;
/** Thresholds that move less than this have settled. */
const SETTLED = 1e-3;

/**
 * The proportional-odds model (McCullagh, JRSS B 1980): P(step > k) = sigmoid(w . x - threshold_k), one direction for all
 * steps. `targets` are places on the scale from 0 to steps - 1; one between two steps is shared by both. Fitted by turns:
 * the weights beside fixed thresholds, then the thresholds beside fixed weights; the loss is convex in both together.
 * The result is a model with steps - 1 outputs that differ by their intercept alone.
 */
export function fitOrdinal(
  matrix: SparseMatrix,
  targets: ArrayLike<number>,
  steps: number,
  options: FitOptions = {},
): LinearModel {
  check(matrix, targets, steps);
  const { l2 = ORDINAL_L2, sampleWeights, warmStart, ...rest } = options;
  const shares = Array.from(targets, (target) => sharesOf(target, steps));
  const weightOf = (row: number) => sampleWeights?.[row] ?? 1;
  const known = warmStart?.outputs === steps - 1 && warmStart.cols === matrix.cols ? warmStart : undefined;
  let thresholds = known
    ? Float64Array.from(known.intercept, (value) => -value)
    : firstThresholds(shares, steps, weightOf);
  let model = known && firstOutput(known);
  const at = new Float64Array(CHANCES);
  for (let round = 0; round < ROUNDS; round++) {
    const rowLoss = (row: number, scores: Float64Array, slope: Float64Array) => {
      let loss = 0;
      let derivative = 0;
      for (const [step, share] of shares[row] ?? []) {
        const here = chances(step, scores[0] as number, thresholds, at, 0);
        loss -= share * Math.log(here);
        derivative += (share * ((at[3] as number) - (at[4] as number))) / here;
      }
      // Above and below are the slopes of the upper and the lower end; a higher score moves both.
      slope[0] = derivative;
      return loss;
    };
    const problem = { matrix, outputs: 1, rowLoss, sampleWeights, l2, intercept: false };
    model = fitLinear(problem, model ? { ...rest, warmStart: model } : rest).model;
    const scores = linearScores(matrix, model);
    const slopes = noSlopes(steps - 1);
    const add = (step: number, weight: number, score: number) => {
      chances(step, score, thresholds, at, 0);
      addSlopes(slopes, step, weight, at, 0);
    };
    shares.forEach((parts, row) => {
      for (const [step, share] of parts) add(step, share * weightOf(row), scores[row] as number);
    });
    for (let step = 0; step < steps; step++) add(step, PRIOR_ANSWERS, 0);
    const moved = moveThresholds(thresholds, slopes);
    const most = moved.reduce((max, value, k) => Math.max(max, Math.abs(value - (thresholds[k] as number))), 0);
    thresholds = moved;
    if (most < SETTLED) break;
  }
  return spread(model as LinearModel, thresholds);
}

/** The probability of each step for each row (rows x steps). */
export function predictOrdinal(matrix: SparseMatrix, model: LinearModel): Float64Array {
  const { outputs } = model;
  const scores = linearScores(matrix, model);
  const probabilities = new Float64Array(matrix.rows * (outputs + 1));
  for (let row = 0; row < matrix.rows; row++) {
    let above = 1;
    for (let k = 0; k < outputs; k++) {
      const next = 1 / (1 + Math.exp(-(scores[row * outputs + k] as number)));
      probabilities[row * (outputs + 1) + k] = Math.max(0, above - next);
      above = Math.min(above, next);
    }
    probabilities[row * (outputs + 1) + outputs] = above;
  }
  return probabilities;
}

/** The expected step of each row, from 0 to steps - 1. */
export function expectedSteps(probabilities: Float64Array, steps: number): Float64Array {
  const expected = new Float64Array(probabilities.length / steps);
  probabilities.forEach((share, at) => {
    const row = Math.floor(at / steps);
    expected[row] = (expected[row] as number) + share * (at % steps);
  });
  return expected;
}

type Shares = readonly (readonly [step: number, share: number])[];

function sharesOf(target: number, steps: number): Shares {
  const low = Math.min(steps - 1, Math.max(0, Math.floor(target)));
  const part = Math.min(1, Math.max(0, target - low));
  return part === 0 || low === steps - 1
    ? [[low, 1]]
    : [
        [low, 1 - part],
        [low + 1, part],
      ];
}

/** The log-odds of the answers up to each step but the last. */
function firstThresholds(shares: readonly Shares[], steps: number, weightOf: (row: number) => number): Float64Array {
  const counts = new Float64Array(steps).fill(PRIOR_ANSWERS);
  shares.forEach((parts, row) => {
    for (const [step, share] of parts) counts[step] = (counts[step] as number) + share * weightOf(row);
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  let upTo = 0;
  return counts.slice(0, -1).map((count) => {
    upTo += count;
    return Math.log(upTo / (total - upTo));
  });
}

/** The one direction of a stored model. */
function firstOutput({ outputs, cols, columns, weights }: LinearModel): LinearModel {
  const own = Float32Array.from(columns, (_, place) => weights[place * outputs] as number);
  return { outputs: 1, cols, columns, weights: own, intercept: new Float32Array(1) };
}

function spread({ cols, columns, weights }: LinearModel, thresholds: Float64Array): LinearModel {
  const outputs = thresholds.length;
  const all = new Float32Array(columns.length * outputs);
  weights.forEach((weight, place) => {
    all.fill(weight, place * outputs, (place + 1) * outputs);
  });
  return { outputs, cols, columns, weights: all, intercept: Float32Array.from(thresholds, (value) => -value) };
}

function check(matrix: SparseMatrix, targets: ArrayLike<number>, steps: number): void {
  if (targets.length !== matrix.rows || !(Number.isInteger(steps) && steps >= 2)) {
    const message = `There are ${targets.length} targets for ${matrix.rows} rows, on a scale of ${steps} steps.`;
    throw new QuorateError('invalid_input', message);
  }
  const wrong = Array.from(targets).findIndex((target) => !Number.isFinite(target));
  if (wrong < 0) return;
  throw new QuorateError(
    'invalid_input',
    `The target of row ${wrong} is ${targets[wrong]}; it must be a finite number.`,
  );
}

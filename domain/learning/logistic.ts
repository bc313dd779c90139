import { QuorateError } from '../failures.ts';
import { type Fit, type FitOptions, fitLinear, type RowLoss } from './fit-linear.ts';
import { type LinearModel, linearScores } from './linear-model.ts';
import type { SparseMatrix } from './sparse.ts';
import { uncertainties } from './uncertainty.ts';

export interface LogisticOptions extends FitOptions {
  /** Whether classes may have a bias of their own. @default true */
  readonly intercept?: boolean;
}

/** Penalty on tf-idf rows of length one; chosen on held-out data. */
export const LOGISTIC_L2 = 0.03;
/** Labels that say next to nothing are no reason for a penalty without end. */
const LEAST_SURENESS = 0.1;

/** Targets of plain labels: 1 at each row's class, 0 elsewhere (rows x classes). */
export function oneHot(labels: ArrayLike<number>, classes: number): Float64Array {
  const targets = new Float64Array(labels.length * classes);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] as number;
    if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
      throw new QuorateError('invalid_input', `Row ${row} has class ${label}; it must be from 0 to ${classes - 1}.`);
    }
    targets[row * classes + label] = 1;
  }
  return targets;
}

/**
 * Multinomial logistic regression with an L2 penalty. `targets` (rows x classes) says how probable each class is for
 * each row: one-hot for decided labels, shares of votes for disputed ones. Two classes share one weight vector.
 */
export function fitLogistic(
  matrix: SparseMatrix,
  targets: Float64Array,
  classes: number,
  options: LogisticOptions = {},
): Fit {
  checkTargets(matrix.rows, targets, classes);
  const { l2 = LOGISTIC_L2, intercept = true, interceptValue, sampleWeights } = options;
  const rowLoss = classes === 2 ? sigmoidLoss(targets) : softmaxLoss(targets, classes);
  const outputs = classes === 2 ? 1 : classes;
  return fitLinear({ matrix, outputs, rowLoss, sampleWeights, l2, intercept, interceptValue }, options);
}

/** Probability of each class for each row (rows x classes; a row sums to one). */
export function predict(matrix: SparseMatrix, model: LinearModel): Float64Array {
  return probabilitiesOf(linearScores(matrix, model), model.outputs);
}

/** Probability of each class (rows x classes) by a model's raw outputs (rows x outputs), which may be overwritten. */
export function probabilitiesOf(scores: Float64Array, outputs: number): Float64Array {
  const rows = scores.length / outputs;
  if (outputs === 1) {
    const probabilities = new Float64Array(rows * 2);
    for (let row = 0; row < rows; row++) {
      const p = sigmoid(scores[row] as number);
      probabilities[2 * row] = 1 - p;
      probabilities[2 * row + 1] = p;
    }
    return probabilities;
  }
  for (let row = 0; row < rows; row++) softmax(scores, row * outputs, (row + 1) * outputs);
  return scores;
}

/** The most probable class of each row; the first of equals. */
export function mostProbable(probabilities: Float64Array, classes: number): Uint32Array {
  const best = new Uint32Array(probabilities.length / classes);
  for (let row = 0; row < best.length; row++) {
    for (let k = 1; k < classes; k++) {
      const most = probabilities[row * classes + (best[row] as number)] as number;
      if ((probabilities[row * classes + k] as number) > most) best[row] = k;
    }
  }
  return best;
}

/**
 * The penalty for labels that are not certain, by that for certain ones. Where the shares of a label say less than
 * that it is one class (a `sureness` of 0 to 1, on average `s`), the weights that fit them are that much smaller and what
 * is wrong in them is not, which calls for a penalty larger by 1/s²; by 1/s³ models of answers of which a quarter was wrong
 * were more accurate still (`bench:noisy-answers`). `shares` are rows x classes.
 */
export function penaltyFor(l2: number, shares: Float64Array, classes: number): number {
  const unsure = uncertainties(shares, classes, 'least_confidence');
  if (unsure.length === 0) return l2;
  const doubt = unsure.reduce((sum, each) => sum + each, 0) / unsure.length;
  return l2 / Math.max(LEAST_SURENESS, 1 - doubt / (1 - 1 / classes)) ** 3;
}

/** Cross entropy of two classes as a function of the log-odds of the second. */
export function sigmoidLoss(targets: Float64Array): RowLoss {
  return (row, scores, slope) => {
    const score = scores[0] as number;
    const target = targets[2 * row + 1] as number;
    slope[0] = sigmoid(score) - target;
    // ln(1 + e^score) - target x score, without overflow.
    return Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - target * score;
  };
}

/** Cross entropy as a function of one score a class. */
export function softmaxLoss(targets: Float64Array, classes: number): RowLoss {
  return (row, scores, slope) => {
    slope.set(scores);
    const logTotal = softmax(slope, 0, classes);
    let loss = 0;
    for (let k = 0; k < classes; k++) {
      const target = targets[row * classes + k] as number;
      loss += target * (logTotal - (scores[k] as number));
      slope[k] = (slope[k] as number) - target;
    }
    return loss;
  };
}

function sigmoid(score: number): number {
  if (score >= 0) return 1 / (1 + Math.exp(-score));
  const e = Math.exp(score);
  return e / (1 + e);
}

/** Turns the scores from one place to another into probabilities; returns ln(sum of e^score). */
function softmax(scores: Float64Array, from: number, to: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let k = from; k < to; k++) most = Math.max(most, scores[k] as number);
  let total = 0;
  for (let k = from; k < to; k++) {
    const e = Math.exp((scores[k] as number) - most);
    scores[k] = e;
    total += e;
  }
  for (let k = from; k < to; k++) scores[k] = (scores[k] as number) / total;
  return most + Math.log(total);
}

function checkTargets(rows: number, targets: Float64Array, classes: number): void {
  if (!(Number.isInteger(classes) && classes >= 2)) {
    throw new QuorateError('invalid_input', `A classifier needs at least two classes, not ${classes}.`);
  }
  if (targets.length !== rows * classes) {
    const message = `There are ${targets.length} target numbers for ${rows} rows of ${classes} classes.`;
    throw new QuorateError('invalid_input', message);
  }
  for (let row = 0; row < rows; row++) {
    const shares = targets.subarray(row * classes, (row + 1) * classes);
    const sum = shares.reduce((total, share) => total + share, 0);
    if (!(shares.every((share) => share >= 0) && Math.abs(sum - 1) < 1e-6)) {
      const message = `The target of row ${row} is ${[...shares].join(', ')}; it must be probabilities that sum to 1.`;
      throw new QuorateError('invalid_input', message);
    }
  }
}

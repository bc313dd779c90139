import { QuorateError } from '../failures.ts';
import { type Fit, type FitOptions, fitLinear } from './fit-linear.ts';
import { type LinearModel, linearScores } from './linear-model.ts';
import type { SparseMatrix } from './sparse.ts';

/** Penalty on tf-idf rows of length one. */
export const RIDGE_L2 = 0.3;

/**
 * Ridge regression for targets on a scale (Likert means): the model learns the deviation from the mean of the targets,
 * so that with few labels it predicts close to that mean.
 */
export function fitRidge(matrix: SparseMatrix, targets: ArrayLike<number>, options: FitOptions = {}): Fit {
  if (targets.length !== matrix.rows) {
    throw new QuorateError('invalid_input', `There are ${targets.length} targets for ${matrix.rows} rows.`);
  }
  const { l2 = RIDGE_L2, sampleWeights } = options;
  let sum = 0;
  let total = 0;
  for (let row = 0; row < targets.length; row++) {
    const target = targets[row] as number;
    if (!Number.isFinite(target)) {
      throw new QuorateError('invalid_input', `The target of row ${row} is ${target}; it must be a finite number.`);
    }
    const weight = sampleWeights?.[row] ?? 1;
    sum += weight * target;
    total += weight;
  }
  const mean = total > 0 ? sum / total : 0;
  const rowLoss = (row: number, scores: Float64Array, slope: Float64Array) => {
    const error = (scores[0] as number) + mean - (targets[row] as number);
    slope[0] = error;
    return (error * error) / 2;
  };
  const { warmStart, ...rest } = options;
  const start = warmStart && { ...warmStart, intercept: warmStart.intercept.map((value) => value - mean) };
  const problem = { matrix, outputs: 1, rowLoss, sampleWeights, l2, intercept: true };
  const fit = fitLinear(problem, start === undefined ? rest : { ...rest, warmStart: start });
  return { ...fit, model: { ...fit.model, intercept: fit.model.intercept.map((value) => value + mean) } };
}

/** The predicted value of each row, kept within [min, max]. */
export function predictScalar(matrix: SparseMatrix, model: LinearModel, min: number, max: number): Float64Array {
  return linearScores(matrix, model).map((value) => Math.min(max, Math.max(min, value)));
}

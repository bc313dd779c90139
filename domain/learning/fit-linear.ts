import { QuorateError } from '../failures.ts';
import { addColumns } from './add-columns.ts';
import { type MinimizeOptions, minimize, type Objective } from './lbfgs.ts';
import { columnPlaces, type LinearModel } from './linear-model.ts';
import { type Reduction, reduceColumns } from './reduce-columns.ts';
import type { SparseMatrix } from './sparse.ts';

/** The loss of one row given the model's outputs for it; writes its derivative by each output into `slope`. */
export type RowLoss = (row: number, scores: Float64Array, slope: Float64Array) => number;

export interface LinearProblem {
  readonly matrix: SparseMatrix;
  readonly outputs: number;
  readonly rowLoss: RowLoss;
  /** How much each row counts, 0 or more; by default all alike. */
  readonly sampleWeights: ArrayLike<number> | undefined;
  /** Strength of the penalty: the sum of losses plus l2 / 2 x squared weights is minimised (scikit-learn's 1 / C). */
  readonly l2: number;
  readonly intercept: boolean;
  /** What the column of the intercepts holds. @default 0.1 */
  readonly interceptValue?: number | undefined;
}

export interface FitOptions extends MinimizeOptions {
  readonly l2?: number;
  readonly sampleWeights?: ArrayLike<number>;
  /** A model fitted earlier to begin from: fewer iterations, the same result within the tolerance. */
  readonly warmStart?: LinearModel;
  /** See `LinearProblem`. */
  readonly interceptValue?: number;
  /**
   * In place of a tolerance: done when no component of the gradient is larger than this share of the largest at zero
   * weights. Components are the smaller the more classes and columns there are.
   */
  readonly precision?: number;
}

export interface Fit {
  readonly model: LinearModel;
  readonly iterations: number;
  readonly converged: boolean;
  /** Mean loss per unit of sample weight, with the penalty. */
  readonly loss: number;
  readonly gradientNorm: number;
}

/**
 * The intercept is a column that holds this value in every row, penalised like the others. Left free, it would learn
 * the class shares of a small sample before the words had a say: with 100 labels that costs 5 to 15 points.
 */
const INTERCEPT_VALUE = 0.1;

const biasOf = ({ intercept, interceptValue = INTERCEPT_VALUE }: LinearProblem) => (intercept ? interceptValue : 0);

/**
 * The penalised mean loss as a function of the parameters: weight of output k for column j at j * outputs + k, then
 * the intercepts' weights. All of `matrix.cols` columns have weights, so reduce the columns first.
 */
export function linearObjective(problem: LinearProblem): Objective {
  const { matrix, outputs, rowLoss, l2 } = problem;
  const { indptr, indices, values, rows, cols } = matrix;
  const size = cols * outputs;
  const sampleWeights = checkedWeights(problem);
  const total = sampleWeights.reduce((sum, weight) => sum + weight, 0);
  const bias = biasOf(problem);
  const scores = new Float64Array(outputs);
  const slope = new Float64Array(outputs);
  /** Where the weights of each entry's column begin. */
  const bases = indices.map((column) => column * outputs);

  return (x, gradient) => {
    const model = { weights: x, outputs };
    let loss = 0;
    for (let i = 0; i < x.length; i++) gradient[i] = (l2 / total) * (x[i] as number);
    for (let i = 0; i < x.length; i++) loss += (l2 / total / 2) * (x[i] as number) ** 2;
    for (let row = 0; row < rows; row++) {
      const weight = (sampleWeights[row] as number) / total;
      if (weight === 0) continue;
      const from = indptr[row] as number;
      const to = indptr[row + 1] as number;
      for (let k = 0; k < outputs; k++) scores[k] = bias * (x[size + k] as number);
      addColumns(scores, 0, model, { bases, values, from, to });
      loss += weight * rowLoss(row, scores, slope);
      for (let k = 0; k < outputs; k++) slope[k] = weight * (slope[k] as number);
      for (let e = from; e < to; e++) {
        const value = values[e] as number;
        const base = bases[e] as number;
        for (let k = 0; k < outputs; k++)
          gradient[base + k] = (gradient[base + k] as number) + value * (slope[k] as number);
      }
      for (let k = 0; k < outputs; k++)
        gradient[size + k] = (gradient[size + k] as number) + bias * (slope[k] as number);
    }
    return loss;
  };
}

/** Fits a linear model by minimising `linearObjective`; the solver of the logistic, preference and ridge models. */
export function fitLinear(problem: LinearProblem, options: FitOptions = {}): Fit {
  const { outputs } = problem;
  const { cols } = problem.matrix;
  const reduction = reduceColumns(problem.matrix);
  const { matrix, columns } = reduction;
  const size = matrix.cols * outputs;
  const objective = linearObjective({ ...problem, matrix });
  const start = startingPoint(reduction, problem, options.warmStart);
  const { x, value, iterations, gradientNorm, converged } = minimize(objective, start, {
    ...options,
    ...(options.precision !== undefined && { tolerance: options.precision * steepness(objective, start.length) }),
  });
  const bias = biasOf(problem);
  const model = {
    outputs,
    cols,
    columns,
    weights: reduction.expand(x, outputs),
    intercept: Float32Array.from(x.subarray(size), (weight) => bias * weight),
  };
  return { model, iterations, converged, loss: value, gradientNorm };
}

/** The largest component of the gradient at zero weights; not nothing, which no other point may have. */
function steepness(objective: Objective, size: number): number {
  const gradient = new Float64Array(size);
  objective(new Float64Array(size), gradient);
  return gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
}

function startingPoint(reduction: Reduction, problem: LinearProblem, warm: LinearModel | undefined): Float64Array {
  const { outputs, matrix } = problem;
  const { columns } = reduction;
  const size = reduction.matrix.cols * outputs;
  const start = new Float64Array(size + outputs);
  if (warm === undefined) return start;
  if (warm.outputs !== outputs || warm.cols !== matrix.cols) {
    const message = `The model to begin from has ${warm.outputs} outputs over ${warm.cols} columns, this one has ${outputs} over ${matrix.cols}.`;
    throw new QuorateError('invalid_input', message);
  }
  const places = columnPlaces(warm);
  const weights = new Float32Array(columns.length * outputs);
  columns.forEach((column, j) => {
    const place = places[column] as number;
    if (place >= 0) weights.set(warm.weights.subarray(place * outputs, (place + 1) * outputs), j * outputs);
  });
  start.set(reduction.reduce(weights, outputs));
  const bias = biasOf(problem);
  if (bias > 0) {
    warm.intercept.forEach((value, k) => {
      start[size + k] = value / bias;
    });
  }
  return start;
}

function checkedWeights({ matrix, sampleWeights, l2 }: LinearProblem): Float64Array {
  if (matrix.rows === 0) throw new QuorateError('invalid_input', 'A model needs at least one labelled row.');
  if (!(l2 > 0 && Number.isFinite(l2))) {
    throw new QuorateError('invalid_input', `The penalty l2 is ${l2}; it must be a positive number.`);
  }
  const weights =
    sampleWeights === undefined ? new Float64Array(matrix.rows).fill(1) : Float64Array.from(sampleWeights);
  if (weights.length !== matrix.rows) {
    throw new QuorateError('invalid_input', `There are ${weights.length} sample weights for ${matrix.rows} rows.`);
  }
  const bad = weights.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight)));
  if (bad >= 0) {
    const message = `The sample weight of row ${bad} is ${weights[bad]}; it must be a number of 0 or more.`;
    throw new QuorateError('invalid_input', message);
  }
  if (weights.every((weight) => weight === 0)) {
    throw new QuorateError('invalid_input', 'All sample weights are 0: at least one row must count.');
  }
  const wrong = matrix.values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const row = matrix.indptr.findLastIndex((start) => start <= wrong);
    throw new QuorateError('invalid_input', `Row ${row} holds ${matrix.values[wrong]}; every feature must be finite.`);
  }
  return weights;
}

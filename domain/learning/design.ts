import { inverse, product } from './symmetric.ts';
import type { WordDesign } from './word-design.ts';

/** Rows of vectors with what is known of each. */
export interface DesignRows {
  /** count x dims, one after another. */
  readonly dense: Float32Array;
  readonly count: number;
  /** What the label of each row would tell a linear model that has this prediction for it (see `information`). */
  readonly information: Float64Array;
}

export interface DesignRequest {
  readonly dims: number;
  /** Rows that may be chosen. */
  readonly candidates: DesignRows;
  /** Rows whose labels are known or on their way. */
  readonly labeled: DesignRows;
  /** Rows that the model is to judge well, and how much each matters. */
  readonly reference: { readonly dense: Float32Array; readonly count: number; readonly weights: Float64Array };
  readonly n: number;
  /** What the model's penalty says of every direction before any label. */
  readonly ridge: number;
  /** The part of the candidates' words, which counts beside that of their vectors. */
  readonly words?: WordDesign | undefined;
}

export interface DesignChoice {
  readonly index: number;
  /** By how much the mean weighted variance of the model's scores for the reference rows falls. */
  readonly gain: number;
  /** Variance of the model's score for the chosen row, before its label: high where nothing alike is labelled. */
  readonly variance: number;
}

/**
 * Chooses candidates one after another so that the labels say most about the reference rows: Bayesian A-optimal design
 * for a linear model, greedy (Chaloner and Verdinelli, Statistical Science 1995; for logistic regression Schein and
 * Ungar, Machine Learning 2007; BAIT: Ash et al., NeurIPS 2021).
 *
 * With M = ridge I + sum of information x x^T over labelled rows and F = mean of weight x x^T over reference rows, the
 * variance to lower is tr(M^-1 F). A label at x with information h lowers it by h x^T A x / (1 + h x^T M^-1 x), where
 * A = M^-1 F M^-1; both forms are brought up to date by a rank-one step after each choice, so a copy of a chosen row is
 * worth little. One matrix serves all classes. Words are a block of their own, independent of the vectors. Costs (labelled + reference + candidates) x dims^2 + dims^3 once, and
 * candidates x dims for each choice. Taken: the first of equals. Numbers must be finite (see `checkRequest`).
 */
export function designBatch(request: DesignRequest): DesignChoice[] {
  const { dims, candidates, labeled, reference, n, ridge, words } = request;
  const precision = new Float64Array(dims * dims);
  for (let i = 0; i < dims; i++) precision[i * dims + i] = ridge;
  addOuter(precision, labeled.dense, labeled.count, dims, (row) => labeled.information[row] as number);
  const target = new Float64Array(dims * dims);
  addOuter(
    target,
    reference.dense,
    reference.count,
    dims,
    (row) => (reference.weights[row] as number) / reference.count,
  );

  const covariance = inverse(precision, dims);
  const spread = product(covariance, product(target, covariance, dims), dims);
  const { dense, count, information } = candidates;
  const variance = forms(covariance, dense, count, dims);
  const effect = forms(spread, dense, count, dims);
  const taken = new Uint8Array(count);
  const chosen: DesignChoice[] = [];
  while (chosen.length < Math.min(n, count)) {
    let index = -1;
    let gain = Number.NEGATIVE_INFINITY;
    let wholeVariance = 0;
    for (let row = 0; row < count; row++) {
      if (taken[row] === 1) continue;
      const h = information[row] as number;
      const word = words?.measure(row) ?? NO_WORDS;
      const sum = (variance[row] as number) + word.variance;
      const value = (h * ((effect[row] as number) + word.effect)) / (1 + h * sum);
      if (value <= gain) continue;
      gain = value;
      index = row;
      wholeVariance = sum;
    }
    taken[index] = 1;
    chosen.push({ index, gain, variance: wholeVariance });
    words?.choose(index, information[index] as number);

    const h = information[index] as number;
    const x = dense.subarray(index * dims, (index + 1) * dims);
    const u = apply(covariance, x, dims);
    const v = apply(spread, x, dims);
    const step = h / (1 + h * (variance[index] as number));
    const own = step * step * (effect[index] as number);
    for (let row = 0; row < count; row++) {
      let ux = 0;
      let vx = 0;
      for (let d = 0, at = row * dims; d < dims; d++, at++) {
        ux += (u[d] as number) * (dense[at] as number);
        vx += (v[d] as number) * (dense[at] as number);
      }
      // Rounding must not make a variance negative.
      variance[row] = Math.max(0, (variance[row] as number) - step * ux * ux);
      effect[row] = Math.max(0, (effect[row] as number) - 2 * step * ux * vx + own * ux * ux);
    }
    for (let i = 0; i < dims; i++) {
      const ui = u[i] as number;
      const vi = v[i] as number;
      for (let j = 0, at = i * dims; j < dims; j++, at++) {
        const uj = u[j] as number;
        covariance[at] = (covariance[at] as number) - step * ui * uj;
        spread[at] = (spread[at] as number) - step * (ui * (v[j] as number) + vi * uj) + own * ui * uj;
      }
    }
  }
  return chosen;
}

const NO_WORDS = { variance: 0, effect: 0 };

/** Adds weight x x^T of every row to a symmetric matrix. */
function addOuter(
  matrix: Float64Array,
  dense: Float32Array,
  count: number,
  dims: number,
  weightOf: (row: number) => number,
): void {
  for (let row = 0; row < count; row++) {
    const from = row * dims;
    const weight = weightOf(row);
    for (let i = 0; i < dims; i++) {
      const scaled = weight * (dense[from + i] as number);
      if (scaled === 0) continue;
      for (let j = 0, at = i * dims; j <= i; j++, at++) {
        matrix[at] = (matrix[at] as number) + scaled * (dense[from + j] as number);
      }
    }
  }
  for (let i = 0; i < dims; i++) for (let j = 0; j < i; j++) matrix[j * dims + i] = matrix[i * dims + j] as number;
}

/** x^T M x of every row. */
function forms(matrix: Float64Array, dense: Float32Array, count: number, dims: number): Float64Array {
  return Float64Array.from({ length: count }, (_, row) => {
    const x = dense.subarray(row * dims, (row + 1) * dims);
    const mx = apply(matrix, x, dims);
    let sum = 0;
    for (let d = 0; d < dims; d++) sum += (mx[d] as number) * (x[d] as number);
    return sum;
  });
}

/** M x for a symmetric matrix. */
function apply(matrix: Float64Array, x: Float32Array, dims: number): Float64Array {
  const result = new Float64Array(dims);
  for (let i = 0; i < dims; i++) {
    let sum = 0;
    for (let j = 0, at = i * dims; j < dims; j++, at++) sum += (matrix[at] as number) * (x[j] as number);
    result[i] = sum;
  }
  return result;
}

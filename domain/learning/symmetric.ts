import { QuorateError } from '../failures.ts';

/** Square symmetric matrices are row-major, n x n. */

/**
 * Cholesky factor L (lower, row-major) of a symmetric positive definite matrix: M = L L^T.
 */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j] as number;
      for (let k = 0; k < j; k++) sum -= (factor[i * n + k] as number) * (factor[j * n + k] as number);
      factor[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-300)) : sum / (factor[j * n + j] as number);
    }
  }
  return factor;
}

/** Inverse of a symmetric positive definite matrix. */
export function inverse(matrix: Float64Array, n: number): Float64Array {
  const factor = cholesky(matrix, n);
  // Row r of `lower` is column r of the inverse of the factor: both loops then run along rows.
  const lower = new Float64Array(n * n);
  for (let column = 0; column < n; column++) {
    for (let i = column; i < n; i++) {
      let sum = i === column ? 1 : 0;
      for (let k = column; k < i; k++) sum -= (factor[i * n + k] as number) * (lower[column * n + k] as number);
      lower[column * n + i] = sum / (factor[i * n + i] as number);
    }
  }
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < n; k++) sum += (lower[i * n + k] as number) * (lower[j * n + k] as number);
      result[i * n + j] = sum;
      result[j * n + i] = sum;
    }
  }
  return result;
}

/** Product of two square matrices. */
export function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k] as number;
      if (factor === 0) continue;
      for (let j = 0; j < n; j++) result[i * n + j] = (result[i * n + j] as number) + factor * (b[k * n + j] as number);
    }
  }
  return result;
}

export interface Eigen {
  /** Largest first. */
  readonly values: Float64Array;
  /** Row i is the eigenvector of values[i]; length one, its largest component positive. */
  readonly vectors: Float64Array;
}

/** Turns that one eigenvalue may take; two are usual. */
const MOST_TURNS = 60;

/**
 * Eigenvalues and vectors of a symmetric matrix: Householder's reflections make it tridiagonal, and the QL method with
 * implicit shifts diagonal (Golub and Van Loan, Matrix Computations, 8.3; after EISPACK's tred2 and tql2).
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const form = tridiagonal(matrix, n);
  diagonalise(form);
  const { diagonal, vectors } = form;
  const order = Array.from({ length: n }, (_, i) => i);
  order.sort((i, j) => (diagonal[j] as number) - (diagonal[i] as number) || i - j);
  const sorted = new Float64Array(n * n);
  order.forEach((from, to) => {
    const vector = vectors.subarray(from * n, (from + 1) * n);
    let most = 0;
    for (const x of vector) if (Math.abs(x) > Math.abs(most) + 1e-12) most = x;
    for (let k = 0; k < n; k++) sorted[to * n + k] = (vector[k] as number) * (most < 0 ? -1 : 1);
  });
  return { values: Float64Array.from(order, (i) => diagonal[i] as number), vectors: sorted };
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** What is beside it: between i and i + 1 at i, and a 0 at the end. */
  readonly beside: Float64Array;
  /** Rows Q with Q M Q^T tridiagonal. */
  readonly vectors: Float64Array;
}

function tridiagonal(matrix: Float64Array, n: number): Tridiagonal {
  const a = matrix.slice();
  const beside = new Float64Array(n);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const reflection = new Float64Array(n);
  const image = new Float64Array(n);
  for (let column = 0; column + 1 < n; column++) {
    let squares = 0;
    for (let i = column + 1; i < n; i++) squares += (a[i * n + column] as number) ** 2;
    const first = a[(column + 1) * n + column] as number;
    const length = first > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
    beside[column] = length;
    // Below the next one there is nothing to reflect.
    if (squares === first * first) {
      beside[column] = first;
      continue;
    }
    for (let i = column + 1; i < n; i++) reflection[i] = a[i * n + column] as number;
    reflection[column + 1] = first - length;
    const factor = 1 / (squares - first * length);
    reflectBoth(a, n, { reflection, factor, image, from: column + 1 });
    reflectRows(vectors, n, { reflection, factor, image, from: column + 1 });
  }
  return { diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i] as number), beside, vectors };
}

interface Reflection {
  /** The vector v of I - factor v v^T; zero before `from`. */
  readonly reflection: Float64Array;
  readonly factor: number;
  readonly from: number;
  /** Room to work in. */
  readonly image: Float64Array;
}

/** Rows and columns from `from` on: less v w^T + w v^T, with p = factor M v and w = p - (factor / 2)(p v) v. */
function reflectBoth(a: Float64Array, n: number, { reflection, factor, image, from }: Reflection): void {
  let along = 0;
  for (let i = from; i < n; i++) {
    let sum = 0;
    for (let k = from; k < n; k++) sum += (a[i * n + k] as number) * (reflection[k] as number);
    image[i] = factor * sum;
    along += factor * sum * (reflection[i] as number);
  }
  for (let i = from; i < n; i++) {
    image[i] = (image[i] as number) - (factor / 2) * along * (reflection[i] as number);
  }
  for (let i = from; i < n; i++) {
    const [v, w] = [reflection[i] as number, image[i] as number];
    for (let k = from; k < n; k++) {
      a[i * n + k] = (a[i * n + k] as number) - v * (image[k] as number) - w * (reflection[k] as number);
    }
  }
}

/** Rows from `from` on. */
function reflectRows(rows: Float64Array, n: number, { reflection, factor, image, from }: Reflection): void {
  image.fill(0);
  for (let i = from; i < n; i++) {
    const v = reflection[i] as number;
    for (let k = 0; k < n; k++) image[k] = (image[k] as number) + v * (rows[i * n + k] as number);
  }
  for (let i = from; i < n; i++) {
    const v = factor * (reflection[i] as number);
    for (let k = 0; k < n; k++) rows[i * n + k] = (rows[i * n + k] as number) - v * (image[k] as number);
  }
}

/** Turns the diagonal into the eigenvalues, and the rows of `vectors` into their vectors. */
function diagonalise({ diagonal, beside, vectors }: Tridiagonal): void {
  const last = diagonal.length - 1;
  const largest = diagonal.reduce((most, x, i) => Math.max(most, Math.abs(x), Math.abs(beside[i] as number)), 0);
  const isNothing = (i: number) => Math.abs(beside[i] as number) <= Number.EPSILON * largest;
  for (let from = 0; from < last; from++) {
    for (let turn = 0; !isNothing(from); turn++) {
      if (turn === MOST_TURNS) {
        throw new QuorateError('invalid_input', 'The eigenvalues of this matrix were not found.');
      }
      // Where it falls apart into two.
      let to = from + 1;
      while (to < last && !isNothing(to)) to++;
      turnOnce({ diagonal, beside, vectors }, from, to);
    }
  }
}

/** One implicit QL step on the rows and columns `from` to `to`. */
function turnOnce({ diagonal: d, beside: e, vectors }: Tridiagonal, from: number, to: number): void {
  const n = d.length;
  const slope = ((d[from + 1] as number) - (d[from] as number)) / (2 * (e[from] as number));
  const root = Math.hypot(slope, 1);
  let g = (d[to] as number) - (d[from] as number) + (e[from] as number) / (slope + (slope < 0 ? -root : root));
  let sine = 1;
  let cosine = 1;
  let shift = 0;
  for (let i = to - 1; i >= from; i--) {
    const f = sine * (e[i] as number);
    const b = cosine * (e[i] as number);
    const length = Math.hypot(f, g);
    e[i + 1] = length;
    if (length === 0) {
      d[i + 1] = (d[i + 1] as number) - shift;
      e[to] = 0;
      return;
    }
    sine = f / length;
    cosine = g / length;
    g = (d[i + 1] as number) - shift;
    const turned = ((d[i] as number) - g) * sine + 2 * cosine * b;
    shift = sine * turned;
    d[i + 1] = g + shift;
    g = cosine * turned - b;
    for (let k = 0, one = i * n, next = one + n; k < n; k++, one++, next++) {
      const x = vectors[one] as number;
      const y = vectors[next] as number;
      vectors[next] = sine * x + cosine * y;
      vectors[one] = cosine * x - sine * y;
    }
  }
  d[from] = (d[from] as number) - shift;
  e[from] = g;
  e[to] = 0;
}

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

const MAX_SWEEPS = 30;

/**
 * Eigenvalues and vectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations,
 * 8.5): simple, accurate, and quick enough up to a few hundred rows.
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const a = matrix.slice();
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let sweep = 0; !isDiagonal(a, n); sweep++) {
    if (sweep === MAX_SWEEPS) throw new QuorateError('invalid_input', 'The eigenvalues of this matrix were not found.');
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, vectors, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i);
  order.sort((i, j) => (a[j * n + j] as number) - (a[i * n + i] as number) || i - j);
  const sorted = new Float64Array(n * n);
  order.forEach((from, to) => {
    const vector = vectors.subarray(from * n, (from + 1) * n);
    let most = 0;
    for (const x of vector) if (Math.abs(x) > Math.abs(most) + 1e-12) most = x;
    for (let k = 0; k < n; k++) sorted[to * n + k] = (vector[k] as number) * (most < 0 ? -1 : 1);
  });
  return { values: Float64Array.from(order, (i) => a[i * n + i] as number), vectors: sorted };
}

function isDiagonal(a: Float64Array, n: number): boolean {
  let outside = 0;
  let inside = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const square = (a[i * n + j] as number) ** 2;
      if (i === j) inside += square;
      else outside += square;
    }
  }
  return outside <= 1e-20 * inside;
}

/** Turns rows and columns p and q of `a` so that a[p][q] becomes 0, and rows p and q of `vectors` with them. */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q] as number;
  if (apq === 0) return;
  const theta = ((a[q * n + q] as number) - (a[p * n + p] as number)) / (2 * apq);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q, cosine, sine);
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k, cosine, sine);
  for (let k = 0; k < n; k++) turn(vectors, p * n + k, q * n + k, cosine, sine);
}

function turn(values: Float64Array, i: number, j: number, cosine: number, sine: number): void {
  const x = values[i] as number;
  const y = values[j] as number;
  values[i] = cosine * x - sine * y;
  values[j] = sine * x + cosine * y;
}

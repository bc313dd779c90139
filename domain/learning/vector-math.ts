import type { SparseMatrix } from './sparse.ts';

/**
 * The few loops that touch every vector of a pool. `plainMath` is the definition; another implementation (threads, SIMD)
 * must give the same bits, so all sums are of 32-bit floats in the order told here. Arrays of an implementation's own
 * (`floats`) let it work in place; it must take any others too.
 */
export interface VectorMath {
  /** Zeros that the operations may read and write. */
  floats(length: number): Float32Array;
  /** out (rows x map.outputs) = rows x weights + offset, term by term in the order of the dimensions. */
  affine(rows: Float32Array, map: AffineMap, out: Float32Array): void;
  /**
   * Lowers each of `nearest` (one a row) to the squared Euclidean distance of its row to the nearest of `targets` (a
   * multiple of `dims` numbers) where that is less. Equal rows give exactly 0.
   */
  lowerNearest(rows: Float32Array, dims: number, targets: Float32Array, nearest: Float32Array): void;
  /**
   * Lowers each of `nearest` (one a row) to the squared distance of its gradient to that of row `target` where that is
   * less. What is within the rounding of the lengths involved counts as 0.
   */
  lowerGradients(gradients: Gradients, target: number, nearest: Float32Array): void;
  /** Of each column, the sum of the deviations from `shift` and of their squares: NaN or infinite where any number is. */
  moments(rows: Float32Array, dims: number, shift: Float32Array): Moments;
  /** out (rows x width) = a sparse matrix x the rows of `x`, term by term in the order of a row's entries. */
  sparseTimes(matrix: SparseMatrix, x: Float32Array, width: number, out: Float32Array): void;
}

/**
 * Gradients of a linear model, one a row: the outer product of `classes` errors and the row. Their inner products are the
 * products of those of their parts, so they are never stored.
 */
export interface Gradients {
  readonly rows: Float32Array;
  readonly dims: number;
  readonly errors: Float32Array;
  readonly classes: number;
  /** Their squared lengths. */
  readonly squares: Float32Array;
}

/** One number a column. */
export interface Moments {
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

/** Moments are summed over so many rows at a time, and these sums in their order. */
export const PART_ROWS = 512;
/** Below this share of the lengths involved a squared distance is rounding of 32-bit sums. */
const ROUNDING = Math.fround(1e-6);

/** From `dims` numbers to `outputs`, a multiple of four. */
export interface AffineMap {
  readonly dims: number;
  readonly outputs: number;
  /** Weight of output k for dimension d at ((k >> 2) * dims + d) * 4 + (k & 3): four outputs side by side. */
  readonly weights: Float32Array;
  readonly offset: Float32Array;
}

/** The map whose output k is the sum of weightOf(d, k) x[d], plus offsetOf(k); outputs beyond `outputs` are 0. */
export function affineMap(
  dims: number,
  outputs: number,
  weightOf: (dimension: number, output: number) => number,
  offsetOf: (output: number) => number,
): AffineMap {
  const padded = 4 * Math.ceil(outputs / 4);
  const weights = new Float32Array(dims * padded);
  const offset = new Float32Array(padded);
  for (let k = 0; k < outputs; k++) {
    offset[k] = offsetOf(k);
    for (let d = 0; d < dims; d++) weights[((k >> 2) * dims + d) * 4 + (k & 3)] = weightOf(d, k);
  }
  return { dims, outputs: padded, weights, offset };
}

const { fround } = Math;

export const plainMath: VectorMath = {
  floats: (length) => new Float32Array(length),
  affine(rows, { dims, outputs, weights, offset }, out) {
    const count = rows.length / dims;
    for (let row = 0; row < count; row++) {
      const from = row * dims;
      for (let k = 0, w = 0; k < outputs; k += 4) {
        let a = offset[k] as number;
        let b = offset[k + 1] as number;
        let c = offset[k + 2] as number;
        let e = offset[k + 3] as number;
        for (let d = 0; d < dims; d++, w += 4) {
          const x = rows[from + d] as number;
          a = fround(a + fround(x * (weights[w] as number)));
          b = fround(b + fround(x * (weights[w + 1] as number)));
          c = fround(c + fround(x * (weights[w + 2] as number)));
          e = fround(e + fround(x * (weights[w + 3] as number)));
        }
        const to = row * outputs + k;
        out[to] = a;
        out[to + 1] = b;
        out[to + 2] = c;
        out[to + 3] = e;
      }
    }
  },
  lowerNearest(rows, dims, targets, nearest) {
    const whole = dims - (dims % 4);
    for (let row = 0; row < nearest.length; row++) {
      let least = nearest[row] as number;
      for (let y = 0; y < targets.length; y += dims) {
        const x = row * dims;
        let sum0 = 0;
        let sum1 = 0;
        let sum2 = 0;
        let sum3 = 0;
        for (let d = 0; d < whole; d += 4) {
          const a = fround((rows[x + d] as number) - (targets[y + d] as number));
          const b = fround((rows[x + d + 1] as number) - (targets[y + d + 1] as number));
          const c = fround((rows[x + d + 2] as number) - (targets[y + d + 2] as number));
          const e = fround((rows[x + d + 3] as number) - (targets[y + d + 3] as number));
          sum0 = fround(sum0 + fround(a * a));
          sum1 = fround(sum1 + fround(b * b));
          sum2 = fround(sum2 + fround(c * c));
          sum3 = fround(sum3 + fround(e * e));
        }
        let sum = fround(fround(sum0 + sum1) + fround(sum2 + sum3));
        for (let d = whole; d < dims; d++) {
          const a = fround((rows[x + d] as number) - (targets[y + d] as number));
          sum = fround(sum + fround(a * a));
        }
        if (sum < least) least = sum;
      }
      nearest[row] = least;
    }
  },
  lowerGradients({ rows, dims, errors, classes, squares }, target, nearest) {
    const square = squares[target] as number;
    for (let row = 0; row < nearest.length; row++) {
      const product = fround(
        dot(errors, row * classes, errors, target * classes, classes) *
          dot(rows, row * dims, rows, target * dims, dims),
      );
      const both = fround((squares[row] as number) + square);
      const distance = fround(both - fround(2 * product));
      const squared = distance > fround(ROUNDING * both) ? distance : 0;
      if (squared < (nearest[row] as number)) nearest[row] = squared;
    }
  },
  moments(rows, dims, shift) {
    const totals = new Float64Array(2 * dims);
    const part = new Float64Array(2 * dims);
    for (let from = 0; from < rows.length; from += PART_ROWS * dims) {
      part.fill(0);
      const to = Math.min(rows.length, from + PART_ROWS * dims);
      for (let at = from; at < to; ) {
        for (let d = 0; d < dims; d++, at++) {
          const apart = (rows[at] as number) - (shift[d] as number);
          part[d] = (part[d] as number) + apart;
          part[dims + d] = (part[dims + d] as number) + apart * apart;
        }
      }
      addParts(totals, part);
    }
    return momentsOf(totals);
  },
  sparseTimes({ rows, indptr, indices, values }, x, width, out) {
    out.fill(0);
    for (let row = 0; row < rows; row++) {
      const to = row * width;
      for (let e = indptr[row] as number; e < (indptr[row + 1] as number); e++) {
        const from = (indices[e] as number) * width;
        const value = values[e] as number;
        for (let k = 0; k < width; k++) {
          out[to + k] = (out[to + k] as number) + fround(value * (x[from + k] as number));
        }
      }
    }
  },
};

/** Adds sums to the totals, as many as there are a part, one part after the other. */
export function addParts(totals: Float64Array, parts: Float64Array): void {
  for (let at = 0; at < parts.length; ) {
    for (let i = 0; i < totals.length; i++, at++) totals[i] = (totals[i] as number) + (parts[at] as number);
  }
}

export function momentsOf(totals: Float64Array): Moments {
  return { sums: totals.slice(0, totals.length / 2), squares: totals.slice(totals.length / 2) };
}

/** One row of `width` numbers. */
export const rowOf = (rows: Float32Array, row: number, width: number) => rows.subarray(row * width, (row + 1) * width);

/** Inner product of `dims` numbers of each, from these places on. */
export function dot(a: Float32Array, fromA: number, b: Float32Array, fromB: number, dims: number): number {
  const whole = dims - (dims % 4);
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let d = 0, i = fromA, j = fromB; d < whole; d += 4, i += 4, j += 4) {
    sum0 = fround(sum0 + fround((a[i] as number) * (b[j] as number)));
    sum1 = fround(sum1 + fround((a[i + 1] as number) * (b[j + 1] as number)));
    sum2 = fround(sum2 + fround((a[i + 2] as number) * (b[j + 2] as number)));
    sum3 = fround(sum3 + fround((a[i + 3] as number) * (b[j + 3] as number)));
  }
  let sum = fround(fround(sum0 + sum1) + fround(sum2 + sum3));
  for (let d = whole; d < dims; d++) sum = fround(sum + fround((a[fromA + d] as number) * (b[fromB + d] as number)));
  return sum;
}

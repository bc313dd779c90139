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
  /** out[row] = inner product of the row and the target. */
  dots(rows: Float32Array, dims: number, target: Float32Array, out: Float32Array): void;
}

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
  dots(rows, dims, target, out) {
    for (let row = 0; row < out.length; row++) out[row] = dot(rows, row * dims, target, 0, dims);
  },
};

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

/** Rows of `dims` numbers, one after another. */
export interface DenseRows {
  readonly dense: Float32Array;
  readonly count: number;
}

/** Numbers compared before looking whether a row can still be the nearest. */
const STRIDE = 16;

/** Squared Euclidean distance from each row to the nearest of `others`; Infinity where there are none. */
export function nearestSquared(rows: DenseRows, others: DenseRows, dims: number): Float64Array {
  const nearest = new Float64Array(rows.count).fill(Number.POSITIVE_INFINITY);
  for (let other = 0; other < others.count; other++) lowerNearest(nearest, rows.dense, others.dense, other, dims);
  return nearest;
}

/** Takes row `other` of `others` into account: lowers `nearest` where that row is nearer. Equal rows give exactly 0. */
export function lowerNearest(
  nearest: Float64Array,
  rows: Float32Array,
  others: Float32Array,
  other: number,
  dims: number,
): void {
  const from = other * dims;
  for (let row = 0; row < nearest.length; row++) {
    const limit = nearest[row] as number;
    const base = row * dims;
    let sum = 0;
    for (let start = 0; start < dims && sum < limit; start += STRIDE) {
      const end = Math.min(start + STRIDE, dims);
      for (let d = start; d < end; d++) {
        const difference = (rows[base + d] as number) - (others[from + d] as number);
        sum += difference * difference;
      }
    }
    if (sum < limit) nearest[row] = sum;
  }
}

/** Rows of `dims` numbers, one after another. */
export interface DenseRows {
  readonly dense: Float32Array;
  readonly count: number;
}

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
  const target = others.subarray(other * dims, (other + 1) * dims);
  const whole = dims - (dims % 4);
  for (let row = 0, base = 0; row < nearest.length; row++, base += dims) {
    // Four sums that do not wait for each other: half as long as one.
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let d = 0; d < whole; d += 4) {
      const x0 = (rows[base + d] as number) - (target[d] as number);
      const x1 = (rows[base + d + 1] as number) - (target[d + 1] as number);
      const x2 = (rows[base + d + 2] as number) - (target[d + 2] as number);
      const x3 = (rows[base + d + 3] as number) - (target[d + 3] as number);
      sum0 += x0 * x0;
      sum1 += x1 * x1;
      sum2 += x2 * x2;
      sum3 += x3 * x3;
    }
    for (let d = whole; d < dims; d++) sum0 += ((rows[base + d] as number) - (target[d] as number)) ** 2;
    const sum = sum0 + sum1 + sum2 + sum3;
    if (sum < (nearest[row] as number)) nearest[row] = sum;
  }
}

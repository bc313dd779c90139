import type { DenseRows } from './nearest.ts';

/** A number for each row, the same for rows of exactly the same numbers; different rows meet once in 2^52 pairs. */
export function rowKeys({ dense, count }: DenseRows, dims: number): Float64Array {
  const bits = new Uint32Array(1);
  const number = new Float32Array(bits.buffer);
  return Float64Array.from({ length: count }, (_, row) => {
    let first = 0x811c9dc5;
    let second = 0x2c1b3c6d;
    for (let at = row * dims; at < (row + 1) * dims; at++) {
      // Adding 0 turns -0 into 0.
      number[0] = (dense[at] as number) + 0;
      const word = bits[0] as number;
      first = Math.imul(first ^ word, 0x01000193);
      first ^= first >>> 15;
      second = Math.imul(second ^ word, 0x85ebca6b);
      second ^= second >>> 13;
    }
    return (first >>> 0) * 2 ** 20 + (second >>> 12);
  });
}

/** The named rows, one after another. */
export function gatherRows(dense: Float32Array, rows: ArrayLike<number>, dims: number): DenseRows {
  const gathered = new Float32Array(rows.length * dims);
  for (let i = 0; i < rows.length; i++) {
    const from = (rows[i] as number) * dims;
    gathered.set(dense.subarray(from, from + dims), i * dims);
  }
  return { dense: gathered, count: rows.length };
}

/** The named rows of probabilities, one after another. */
export function gatherShares(probabilities: Float64Array, rows: ArrayLike<number>, classes: number): Float64Array {
  const gathered = new Float64Array(rows.length * classes);
  for (let i = 0; i < rows.length; i++) {
    const from = (rows[i] as number) * classes;
    gathered.set(probabilities.subarray(from, from + classes), i * classes);
  }
  return gathered;
}

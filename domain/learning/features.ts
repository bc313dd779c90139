import { QuorateError } from '../failures.ts';
import type { SparseMatrix } from './sparse.ts';
import { mix, tokenHashes } from './tokens.ts';

/** Number of hash buckets: 2^18. */
export const FEATURE_BUCKETS = 2 ** 18;

/** Characters of a text that are read: what comes later rarely changes its class and costs time. */
export const MAX_CHARACTERS = 20_000;

/** Separates the hash of a pair of neighbouring words from that of a single one. */
const PAIR_SALT = 0x9e3779b1;

/**
 * Counts of words and of pairs of neighbouring words, hashed into buckets, damped to 1 + ln(count). Row i belongs to
 * text i; a text without words gives an empty row. Rows are not normalised: see `applyIdf`.
 */
export function hashFeatures(texts: readonly string[]): SparseMatrix {
  const counts = new Uint16Array(FEATURE_BUCKETS);
  const indptr = new Uint32Array(texts.length + 1);
  const parts: Uint32Array[] = [];
  const weights: Float32Array[] = [];
  texts.forEach((text, row) => {
    const buckets: number[] = [];
    const count = (hash: number) => {
      const bucket = mix(hash) % FEATURE_BUCKETS;
      if (counts[bucket] === 0) buckets.push(bucket);
      counts[bucket] = (counts[bucket] as number) + 1;
    };
    let previous: number | undefined;
    for (const token of tokenHashes(text.slice(0, MAX_CHARACTERS))) {
      count(token);
      if (previous !== undefined) count(Math.imul(previous ^ PAIR_SALT, 0x85ebca6b) ^ token);
      previous = token;
    }
    const indices = Uint32Array.from(buckets).sort();
    parts.push(indices);
    weights.push(Float32Array.from(indices, (bucket) => 1 + Math.log(counts[bucket] as number)));
    for (const bucket of buckets) counts[bucket] = 0;
    indptr[row + 1] = (indptr[row] as number) + indices.length;
  });
  const size = indptr[texts.length] as number;
  const indices = new Uint32Array(size);
  const values = new Float32Array(size);
  parts.forEach((part, row) => {
    indices.set(part, indptr[row] as number);
  });
  weights.forEach((part, row) => {
    values.set(part, indptr[row] as number);
  });
  return { indptr, indices, values, rows: texts.length, cols: FEATURE_BUCKETS };
}

/**
 * Inverse document frequency of every column over all rows: ln((1 + rows) / (1 + rows with the column)) + 1
 * (smoothed, as in scikit-learn). Fit it on the whole pool: it needs no labels.
 */
export function fitIdf(matrix: SparseMatrix, minDf = 1): Float32Array {
  const frequency = new Uint32Array(matrix.cols);
  for (const column of matrix.indices) frequency[column] = (frequency[column] as number) + 1;
  return Float32Array.from(frequency, (df) => (df < minDf ? Number(process.env.HAP ?? 0.1) : 1) * (Math.log((1 + matrix.rows) / (1 + df)) + 1));
}

/** Weights each column by its idf and scales every row to length one (an empty row stays empty). */
export function applyIdf(matrix: SparseMatrix, idf: Float32Array): SparseMatrix {
  if (idf.length !== matrix.cols) {
    const message = `The idf weights are for ${idf.length} columns, the matrix has ${matrix.cols}.`;
    throw new QuorateError('invalid_input', message);
  }
  const values = new Float32Array(matrix.values.length);
  for (let row = 0; row < matrix.rows; row++) {
    const from = matrix.indptr[row] as number;
    const to = matrix.indptr[row + 1] as number;
    let sum = 0;
    for (let k = from; k < to; k++) {
      const value = (matrix.values[k] as number) * (idf[matrix.indices[k] as number] as number);
      values[k] = value;
      sum += value * value;
    }
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    for (let k = from; k < to; k++) values[k] = (values[k] as number) * scale;
  }
  return { ...matrix, values };
}

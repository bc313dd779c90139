import { QuorateError } from '../failures.ts';
import { FEATURE_BUCKETS, hashRows } from './hash-rows.ts';
import type { SparseMatrix } from './sparse.ts';
import { tokenHashes } from './tokens.ts';

export { FEATURE_BUCKETS };

/** Stands for the edge of a text in pairs: "what" at the very start says more than "what" anywhere. */
const EDGE = 0x2c1b3c6d;

/** Separates the hash of a pair of neighbouring words from that of a single one. */
const PAIR_SALT = 0x9e3779b1;

/** Counts of words and of pairs of neighbouring words (the text's edges count as neighbours), as by `hashRows`. */
export function hashFeatures(texts: readonly string[]): SparseMatrix {
  return hashRows(texts, (text, count) => {
    let previous = EDGE;
    for (const token of tokenHashes(text)) {
      count(token);
      count(pairHash(previous, token));
      previous = token;
    }
    if (previous !== EDGE) count(pairHash(previous, EDGE));
  });
}

const pairHash = (first: number, second: number) => Math.imul(first ^ PAIR_SALT, 0x85ebca6b) ^ second;

/**
 * Weight of a column that occurs in one row only, as a share of its idf. Such columns cannot carry a label to another
 * row, yet have the highest idf and would fill the row's length: on question and review texts the discount gains 1 to
 * 3 points. Not 0, so that rows made of rare words alone still differ from each other.
 */
const RARE_SHARE = 0.25;

/**
 * Inverse document frequency of every column over all rows: ln((1 + rows) / (1 + rows with the column)) + 1
 * (smoothed, as in scikit-learn), discounted for columns of one row or none. Fit it on the whole pool: it needs no
 * labels.
 */
export function fitIdf(matrix: SparseMatrix): Float32Array {
  const frequency = new Uint32Array(matrix.cols);
  for (const column of matrix.indices) frequency[column] = (frequency[column] as number) + 1;
  return Float32Array.from(frequency, (df) => {
    const idf = Math.log((1 + matrix.rows) / (1 + df)) + 1;
    return df > 1 ? idf : idf * RARE_SHARE;
  });
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

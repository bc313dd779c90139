import { QuorateError } from '../failures.ts';
import { seededRng } from '../rng.ts';
import { FEATURE_BUCKETS, hashRows } from './hash-rows.ts';
import type { SparseMatrix } from './sparse.ts';
import { mix, tokenHashes } from './tokens.ts';

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

/** Most places of the result that one column is added to. */
const SPREAD = 8;

/**
 * Sparse random projection to `dims` dimensions (rows x dims, each row scaled to length one; an empty row stays zero).
 * Each column is added to 8 places with a sign, one in each eighth of the result (the block construction of Kane and
 * Nelson, Sparser Johnson-Lindenstrauss Transforms, 2014). Angles are kept to about 1 / sqrt(dims); equal rows stay
 * equal. Rows can be compared only if they were projected with the same dims and seed.
 */
export function projectDense(matrix: SparseMatrix, dims: number, seed: number | string): Float32Array {
  if (!(Number.isInteger(dims) && dims >= 1)) {
    throw new QuorateError('invalid_input', `The number of dimensions is ${dims}; it must be a whole number from 1.`);
  }
  const blocks = Math.min(SPREAD, dims);
  const dense = new Float32Array(matrix.rows * dims);
  const sums = new Float64Array(dims);
  const rng = seededRng(seed);
  const salts = Uint32Array.from({ length: blocks }, () => rng.int(2 ** 32));
  const edges = Uint32Array.from({ length: blocks + 1 }, (_, block) => Math.floor((block * dims) / blocks));
  for (let row = 0; row < matrix.rows; row++) {
    sums.fill(0);
    const end = matrix.indptr[row + 1] as number;
    for (let k = matrix.indptr[row] as number; k < end; k++) {
      const value = matrix.values[k] as number;
      const column = Math.imul((matrix.indices[k] as number) + 1, 0x9e3779b1);
      for (let block = 0; block < blocks; block++) {
        const hash = mix(column ^ (salts[block] as number));
        const first = edges[block] as number;
        const place = first + ((hash >>> 1) % ((edges[block + 1] as number) - first));
        sums[place] = (sums[place] as number) + ((hash & 1) === 1 ? value : -value);
      }
    }
    const norm = Math.sqrt(sums.reduce((sum, x) => sum + x * x, 0));
    if (norm === 0) continue;
    for (let d = 0; d < dims; d++) dense[row * dims + d] = (sums[d] as number) / norm;
  }
  return dense;
}

import { QuorateError } from '../failures.ts';
import type { SparseMatrix } from './sparse.ts';
import { mix } from './tokens.ts';

/** Number of hash buckets: 2^18. */
export const FEATURE_BUCKETS = 2 ** 18;

/** Characters of a text that are read: what comes later rarely changes its class and costs time. */
export const MAX_CHARACTERS = 20_000;

/**
 * Counts what `each` reports of every text, by hash, in buckets; damped to 1 + ln(count). Row i belongs to text i; a
 * text of which nothing is reported gives an empty row. Rows are not normalised: see `applyIdf`.
 */
export function hashRows(
  texts: readonly string[],
  each: (text: string, count: (hash: number) => void) => void,
): SparseMatrix {
  const counts = new Uint16Array(FEATURE_BUCKETS);
  const indptr = new Uint32Array(texts.length + 1);
  const parts: { indices: Uint32Array; values: Float32Array }[] = [];
  texts.forEach((text, row) => {
    const buckets: number[] = [];
    each(text.slice(0, MAX_CHARACTERS), (hash) => {
      const bucket = mix(hash) % FEATURE_BUCKETS;
      if (counts[bucket] === 0) buckets.push(bucket);
      counts[bucket] = (counts[bucket] as number) + 1;
    });
    const indices = Uint32Array.from(buckets).sort();
    const values = Float32Array.from(indices, (bucket) => 1 + Math.log(counts[bucket] as number));
    parts.push({ indices, values });
    for (const bucket of buckets) counts[bucket] = 0;
    indptr[row + 1] = (indptr[row] as number) + indices.length;
  });
  const size = indptr[texts.length] as number;
  const indices = new Uint32Array(size);
  const values = new Float32Array(size);
  parts.forEach((part, row) => {
    indices.set(part.indices, indptr[row] as number);
    values.set(part.values, indptr[row] as number);
  });
  return { indptr, indices, values, rows: texts.length, cols: FEATURE_BUCKETS };
}

/** Two matrices side by side: row i is row i of the first, then row i of the second. */
export function beside(first: SparseMatrix, second: SparseMatrix): SparseMatrix {
  if (first.rows !== second.rows) {
    const message = `Matrices side by side need as many rows, not ${first.rows} and ${second.rows}.`;
    throw new QuorateError('invalid_input', message);
  }
  const size = first.values.length + second.values.length;
  const indptr = new Uint32Array(first.rows + 1);
  const indices = new Uint32Array(size);
  const values = new Float32Array(size);
  let at = 0;
  for (let row = 0; row < first.rows; row++) {
    for (let e = first.indptr[row] as number; e < (first.indptr[row + 1] as number); e++) {
      indices[at] = first.indices[e] as number;
      values[at++] = first.values[e] as number;
    }
    for (let e = second.indptr[row] as number; e < (second.indptr[row + 1] as number); e++) {
      indices[at] = first.cols + (second.indices[e] as number);
      values[at++] = second.values[e] as number;
    }
    indptr[row + 1] = at;
  }
  return { indptr, indices, values, rows: first.rows, cols: first.cols + second.cols };
}

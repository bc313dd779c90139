import { QuorateError } from '../failures.ts';

/** Compressed sparse rows: row i holds `values[k]` at column `indices[k]` for k in [indptr[i], indptr[i + 1]). */
export interface SparseMatrix {
  readonly indptr: Uint32Array;
  /** Ascending within a row. */
  readonly indices: Uint32Array;
  readonly values: Float32Array;
  readonly rows: number;
  readonly cols: number;
}

/** The named rows, in the given order; a row may be named more than once. */
export function selectRows(matrix: SparseMatrix, rows: ArrayLike<number>): SparseMatrix {
  const indptr = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (!(Number.isInteger(row) && row >= 0 && row < matrix.rows)) {
      throw new QuorateError('invalid_input', `There is no row ${row}: the matrix has ${matrix.rows} rows.`);
    }
    indptr[i + 1] = (indptr[i] as number) + (matrix.indptr[row + 1] as number) - (matrix.indptr[row] as number);
  }
  const size = indptr[rows.length] as number;
  const indices = new Uint32Array(size);
  const values = new Float32Array(size);
  for (let i = 0; i < rows.length; i++) {
    const from = matrix.indptr[rows[i] as number] as number;
    const to = matrix.indptr[(rows[i] as number) + 1] as number;
    indices.set(matrix.indices.subarray(from, to), indptr[i] as number);
    values.set(matrix.values.subarray(from, to), indptr[i] as number);
  }
  return { indptr, indices, values, rows: rows.length, cols: matrix.cols };
}

/** Row by row a - b; columns where the two are equal are left out, so a pair of equal texts is an empty row. */
export function differences(a: SparseMatrix, b: SparseMatrix): SparseMatrix {
  if (a.rows !== b.rows || a.cols !== b.cols) {
    const shapes = `${a.rows} x ${a.cols} and ${b.rows} x ${b.cols}`;
    throw new QuorateError('invalid_input', `Differences need two matrices of one shape, not ${shapes}.`);
  }
  const indptr = new Uint32Array(a.rows + 1);
  const indices = new Uint32Array(a.indices.length + b.indices.length);
  const values = new Float32Array(indices.length);
  let size = 0;
  for (let row = 0; row < a.rows; row++) {
    let i = a.indptr[row] as number;
    let j = b.indptr[row] as number;
    const aEnd = a.indptr[row + 1] as number;
    const bEnd = b.indptr[row + 1] as number;
    while (i < aEnd || j < bEnd) {
      const left = i < aEnd ? (a.indices[i] as number) : a.cols;
      const right = j < bEnd ? (b.indices[j] as number) : b.cols;
      const value = (left <= right ? (a.values[i++] as number) : 0) - (right <= left ? (b.values[j++] as number) : 0);
      if (value === 0) continue;
      indices[size] = Math.min(left, right);
      values[size++] = value;
    }
    indptr[row + 1] = size;
  }
  return { indptr, indices: indices.slice(0, size), values: values.slice(0, size), rows: a.rows, cols: a.cols };
}

/** Euclidean length of each row. */
export function rowNorms(matrix: SparseMatrix): Float64Array {
  const norms = new Float64Array(matrix.rows);
  for (let row = 0; row < matrix.rows; row++) {
    let sum = 0;
    for (let k = matrix.indptr[row] as number; k < (matrix.indptr[row + 1] as number); k++)
      sum += (matrix.values[k] as number) ** 2;
    norms[row] = Math.sqrt(sum);
  }
  return norms;
}

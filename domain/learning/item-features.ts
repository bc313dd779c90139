import type { LinearModel } from './linear-model.ts';
import { type SparseMatrix, selectRows } from './sparse.ts';

/** Items as the models and the strategies see them. */
export interface ItemFeatures {
  readonly count: number;
  /** The items as vectors (count x dims), for distances and designs. */
  readonly dense: Float32Array;
  readonly dims: number;
  /** What models are fitted on: the rows of the named items, in the given order. */
  rows(places: ArrayLike<number>): SparseMatrix;
  /** Of vectors: what the columns of `rows` are multiplied by to vary as those of the vectors do; see `spreadOf`. */
  readonly spread?: Float64Array;
  /** The model's raw outputs for all items (count x outputs), where there is a quick way to them. */
  scores?(model: LinearModel): Float32Array;
  /** The words of the items (count x words), where they have any: a strategy sees which words are yet to be learnt. */
  readonly words?: SparseMatrix;
}

/** Items with words, and with rows for models that hold these and more. */
export function wordedItems(
  words: SparseMatrix,
  matrix: SparseMatrix,
  { dense, dims }: { readonly dense: Float32Array; readonly dims: number },
): ItemFeatures {
  return { count: matrix.rows, dense, dims, rows: (places) => selectRows(matrix, places), words };
}

/** Dense rows as a matrix whose every column is stored. */
export function sparseOf(dense: Float32Array, rows: number, dims: number): SparseMatrix {
  const indptr = new Uint32Array(rows + 1);
  const indices = new Uint32Array(rows * dims);
  for (let row = 0; row < rows; row++) {
    indptr[row + 1] = (row + 1) * dims;
    for (let d = 0; d < dims; d++) indices[row * dims + d] = d;
  }
  return { indptr, indices, values: dense, rows, cols: dims };
}

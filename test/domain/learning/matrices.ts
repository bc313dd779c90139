import type { SparseMatrix } from '../../../domain/learning/sparse.ts';

/** A sparse matrix of the given dense rows. */
export function sparse(rows: readonly (readonly number[])[], cols = rows[0]?.length ?? 0): SparseMatrix {
  const cells = rows.map((row) => row.flatMap((value, column) => (value === 0 ? [] : [{ column, value }])));
  const indptr = Uint32Array.from([0, ...cells.map((_, i) => cells.slice(0, i + 1).flat().length)]);
  const all = cells.flat();
  return {
    indptr,
    indices: Uint32Array.from(all, ({ column }) => column),
    values: Float32Array.from(all, ({ value }) => value),
    rows: rows.length,
    cols,
  };
}

/** The dense form of one row. */
export function denseRow(matrix: SparseMatrix, row: number): number[] {
  const out = new Array<number>(matrix.cols).fill(0);
  for (let e = matrix.indptr[row] ?? 0; e < (matrix.indptr[row + 1] ?? 0); e++) {
    out[matrix.indices[e] ?? 0] = matrix.values[e] ?? 0;
  }
  return out;
}

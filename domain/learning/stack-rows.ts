import type { SparseMatrix } from './sparse.ts';

/** One matrix of the rows of several, in order. */
export function stackRows(parts: readonly SparseMatrix[], cols: number): SparseMatrix {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const size = parts.reduce((sum, part) => sum + part.values.length, 0);
  const indptr = new Uint32Array(rows + 1);
  const indices = new Uint32Array(size);
  const values = new Float32Array(size);
  let row = 0;
  let at = 0;
  for (const part of parts) {
    indices.set(part.indices, at);
    values.set(part.values, at);
    for (let i = 0; i < part.rows; i++) indptr[++row] = at + (part.indptr[i + 1] as number);
    at += part.values.length;
  }
  return { indptr, indices, values, rows, cols };
}

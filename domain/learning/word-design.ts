import type { SparseRows } from './selection.ts';

export interface WordDesignRequest {
  readonly candidates: SparseRows;
  readonly labeled: SparseRows;
  readonly reference: SparseRows;
  /** What the label of each labelled row told, and how much each reference row matters; see `designBatch`. */
  readonly information: Float64Array;
  readonly weights: Float64Array;
  readonly ridge: number;
}

/** The part that words have in a design: what `designBatch` keeps for dense vectors, for one weight a word. */
export interface WordDesign {
  /** Variance of a candidate's score, and by how much a label on it lowers that of the reference rows, per information. */
  measure(candidate: number): { readonly variance: number; readonly effect: number };
  /** Takes a chosen candidate into account. */
  choose(candidate: number, information: number): void;
}

/**
 * There are too many words for a matrix of their covariances, so each word's weight counts as independent of the
 * others: the precision of word j is ridge + sum of information x_j^2 over labelled rows. What is worth most is then a
 * short text of words that are frequent in the pool and seldom labelled.
 */
export function wordDesign(request: WordDesignRequest): WordDesign {
  const { candidates, labeled, reference, information, weights, ridge } = request;
  const { cols } = candidates.matrix;
  const precision = new Float64Array(cols).fill(ridge);
  const target = new Float64Array(cols);
  for (let i = 0; i < labeled.rows.length; i++) addSquares(precision, labeled, i, information[i] as number);
  const count = reference.rows.length;
  for (let i = 0; i < count; i++) addSquares(target, reference, i, (weights[i] as number) / count);
  return {
    measure(candidate) {
      const { matrix, rows } = candidates;
      const row = rows[candidate] as number;
      let variance = 0;
      let effect = 0;
      for (let e = matrix.indptr[row] as number; e < (matrix.indptr[row + 1] as number); e++) {
        const column = matrix.indices[e] as number;
        const square = (matrix.values[e] as number) ** 2 / (precision[column] as number);
        variance += square;
        effect += (square * (target[column] as number)) / (precision[column] as number);
      }
      return { variance, effect };
    },
    choose: (candidate, gained) => addSquares(precision, candidates, candidate, gained),
  };
}

function addSquares(sums: Float64Array, { matrix, rows }: SparseRows, place: number, factor: number): void {
  const row = rows[place] as number;
  for (let e = matrix.indptr[row] as number; e < (matrix.indptr[row + 1] as number); e++) {
    const column = matrix.indices[e] as number;
    sums[column] = (sums[column] as number) + factor * (matrix.values[e] as number) ** 2;
  }
}

import type { SparseMatrix } from './sparse.ts';

/** A smaller matrix with the same penalised optimum, and the way between the weights of the two. */
export interface Reduction {
  readonly matrix: SparseMatrix;
  /** The columns of the original that occur, ascending. */
  readonly columns: Uint32Array;
  /** Weights for `columns` from weights for the reduced matrix (weight of output k for column j at j * outputs + k). */
  expand(reduced: Float64Array, outputs: number): Float32Array;
  /** The other way round, for a warm start. */
  reduce(weights: Float32Array, outputs: number): Float64Array;
}

/**
 * Leaves out columns that do not occur and merges the columns that occur in one and the same row only. Those weights
 * matter only through their sum for that row, and under an L2 penalty the cheapest weights with that sum are in
 * proportion to the values: one column that holds their length says the same. Most word pairs occur once, so this
 * makes the problem several times smaller without changing its solution.
 */
export function reduceColumns(matrix: SparseMatrix): Reduction {
  const { indptr, indices, values, rows } = matrix;
  const uses = new Uint32Array(matrix.cols);
  for (const column of indices) uses[column] = (uses[column] as number) + 1;
  const columns = Uint32Array.from(numbersOf(uses));
  /** Number of each original column among `columns`, and in the reduced matrix with its share of that column. */
  const ranks = new Uint32Array(matrix.cols);
  const places = new Uint32Array(columns.length);
  const factors = new Float64Array(columns.length).fill(1);
  let cols = 0;
  columns.forEach((column, rank) => {
    ranks[column] = rank;
    if ((uses[column] as number) > 1) places[rank] = cols++;
  });

  const reducedIndptr = new Uint32Array(rows + 1);
  const reducedIndices = new Uint32Array(indices.length);
  const reducedValues = new Float32Array(indices.length);
  let size = 0;
  for (let row = 0; row < rows; row++) {
    const to = indptr[row + 1] as number;
    let squares = 0;
    for (let e = indptr[row] as number; e < to; e++) {
      const column = indices[e] as number;
      const value = values[e] as number;
      if (uses[column] === 1) {
        squares += value * value;
      } else {
        reducedIndices[size] = places[ranks[column] as number] as number;
        reducedValues[size++] = value;
      }
    }
    if (squares > 0) {
      const length = Math.sqrt(squares);
      for (let e = indptr[row] as number; e < to; e++) {
        const column = indices[e] as number;
        if (uses[column] !== 1) continue;
        places[ranks[column] as number] = cols;
        factors[ranks[column] as number] = (values[e] as number) / length;
      }
      reducedIndices[size] = cols++;
      reducedValues[size++] = length;
    }
    reducedIndptr[row + 1] = size;
  }
  return {
    matrix: {
      indptr: reducedIndptr,
      indices: reducedIndices.slice(0, size),
      values: reducedValues.slice(0, size),
      rows,
      cols,
    },
    columns,
    expand: (reduced, outputs) =>
      Float32Array.from({ length: columns.length * outputs }, (_, i) => {
        const rank = Math.floor(i / outputs);
        return (factors[rank] as number) * (reduced[(places[rank] as number) * outputs + (i % outputs)] as number);
      }),
    reduce: (weights, outputs) => {
      const reduced = new Float64Array(cols * outputs);
      weights.forEach((weight, i) => {
        const rank = Math.floor(i / outputs);
        const place = (places[rank] as number) * outputs + (i % outputs);
        reduced[place] = (reduced[place] as number) + (factors[rank] as number) * weight;
      });
      return reduced;
    },
  };
}

function* numbersOf(uses: Uint32Array): Generator<number> {
  for (let column = 0; column < uses.length; column++) if ((uses[column] as number) > 0) yield column;
}

import { QuorateError } from '../failures.ts';
import { type Rng, seededRng } from '../rng.ts';
import { type SparseMatrix, selectRows } from './sparse.ts';
import { gram, orthonormalise } from './subspace.ts';
import { symmetricEigen } from './symmetric.ts';
import { plainMath, type VectorMath } from './vector-math.ts';

/** Directions in which the rows of a pool differ most; learnt without labels. */
export interface LatentSpace {
  readonly dims: number;
  /** Columns a row may have. */
  readonly cols: number;
  /** The columns that count, ascending. */
  readonly columns: Uint32Array;
  /** Coordinate d of stored column j at j * dims + d. */
  readonly basis: Float32Array;
}

/** Numbers in the rows that the space is learnt from: more add time and little else. */
const MOST_VALUES = 3_000_000;
/** Directions beyond those wanted, and turns of the power iteration: both make the wanted ones more exact. */
const SPARE = 24;
const TURNS = 4;
/** Occurrences from which a column is worth a coordinate. */
const LEAST_ROWS = 2;

/** What a space may take: by default so much that more adds little. */
export interface LatentLimits {
  /** Numbers in the rows that it is learnt from. */
  readonly mostValues?: number;
  /** Columns that get coordinates, the most frequent ones. */
  readonly mostColumns?: number;
}

/**
 * Latent semantic analysis (Deerwester et al., JASIS 1990): the leading right singular vectors of the rows, found by
 * randomised subspace iteration (Halko, Martinsson, Tropp, SIAM Review 2011, algorithm 4.4). Fewer than `dims`
 * directions come back where the matrix has not as many.
 */
export function fitLatent(
  matrix: SparseMatrix,
  dims: number,
  seed: number | string,
  { mostValues = MOST_VALUES, mostColumns = Number.POSITIVE_INFINITY }: LatentLimits = {},
  math: VectorMath = plainMath,
): LatentSpace {
  if (!(Number.isInteger(dims) && dims >= 1)) {
    throw new QuorateError('invalid_input', `The number of dimensions is ${dims}; it must be a whole number from 1.`);
  }
  const rng = seededRng(seed);
  const sample = sampled(matrix, rng, mostValues);
  const { rows, columns } = compact(sample, mostColumns);
  const width = Math.min(dims + SPARE, sample.rows, columns.length);
  if (width === 0) return { dims: 0, cols: matrix.cols, columns: new Uint32Array(0), basis: new Float32Array(0) };

  const columnsOfRows = transposed(rows);
  const byColumn = math.floats(columns.length * width);
  for (let i = 0; i < byColumn.length; i++) byColumn[i] = rng.normal();
  const byRow = math.floats(sample.rows * width);
  for (let turn = 0; turn <= TURNS; turn++) {
    math.sparseTimes(rows, byColumn, width, byRow);
    orthonormalise(byRow, width, { exactly: turn === TURNS });
    math.sparseTimes(columnsOfRows, byRow, width, byColumn);
  }
  // byColumn = A^T Q: its left singular vectors are the directions wanted.
  const { values, vectors } = symmetricEigen(gram(byColumn, width), width);
  const floor = 1e-10 * (values[0] as number);
  const found = Math.min(dims, values.filter((value) => value > floor).length);
  const basis = basisOf(byColumn, { vectors, values, width, found });
  return { dims: found, cols: matrix.cols, columns, basis };
}

/** Coordinates of the columns: along the eigenvectors, over the square roots of their values. */
function basisOf(
  byColumn: Float32Array,
  eigen: { vectors: Float64Array; values: Float64Array; width: number; found: number },
): Float32Array {
  const { vectors, values, width, found } = eigen;
  const count = byColumn.length / width;
  const basis = new Float32Array(count * found);
  for (let column = 0; column < count; column++) {
    const from = column * width;
    let d = 0;
    // Four directions at a time: their sums do not wait for one another.
    for (; d + 4 <= found; d += 4) {
      const at = d * width;
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let k = 0; k < width; k++) {
        const x = byColumn[from + k] as number;
        s0 += x * (vectors[at + k] as number);
        s1 += x * (vectors[at + width + k] as number);
        s2 += x * (vectors[at + 2 * width + k] as number);
        s3 += x * (vectors[at + 3 * width + k] as number);
      }
      const to = column * found + d;
      basis[to] = s0 / Math.sqrt(values[d] as number);
      basis[to + 1] = s1 / Math.sqrt(values[d + 1] as number);
      basis[to + 2] = s2 / Math.sqrt(values[d + 2] as number);
      basis[to + 3] = s3 / Math.sqrt(values[d + 3] as number);
    }
    for (; d < found; d++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += (byColumn[from + k] as number) * (vectors[d * width + k] as number);
      basis[column * found + d] = sum / Math.sqrt(values[d] as number);
    }
  }
  return basis;
}

/** Coordinates of each row (rows x dims), scaled to length one unless told otherwise; zeros for a row outside the space. */
export function latentRows(
  matrix: SparseMatrix,
  space: LatentSpace,
  { unitLength = true }: { readonly unitLength?: boolean } = {},
): Float32Array {
  if (matrix.cols !== space.cols) {
    const message = `The space was learnt from ${space.cols} columns, the rows have ${matrix.cols}.`;
    throw new QuorateError('invalid_input', message);
  }
  const { dims, columns, basis } = space;
  const places = placesOf(columns, matrix.cols);
  const dense = new Float32Array(matrix.rows * dims);
  const sums = new Float64Array(dims);
  for (let row = 0; row < matrix.rows; row++) {
    sums.fill(0);
    for (let e = matrix.indptr[row] as number; e < (matrix.indptr[row + 1] as number); e++) {
      const place = places[matrix.indices[e] as number] as number;
      if (place < 0) continue;
      const value = matrix.values[e] as number;
      const from = place * dims;
      for (let d = 0; d < dims; d++) sums[d] = (sums[d] as number) + value * (basis[from + d] as number);
    }
    const length = Math.sqrt(sums.reduce((sum, x) => sum + x * x, 0));
    if (length < 1e-12) continue;
    const norm = unitLength ? length : 1;
    for (let d = 0; d < dims; d++) dense[row * dims + d] = (sums[d] as number) / norm;
  }
  return dense;
}

/** The matrix itself, or as many of its rows, drawn at random, as are worth the time. */
function sampled(matrix: SparseMatrix, rng: Rng, mostValues: number): SparseMatrix {
  if (matrix.values.length <= mostValues) return matrix;
  const drawn = rng.shuffle(Array.from({ length: matrix.rows }, (_, i) => i));
  let size = 0;
  const kept = drawn.filter((row) => {
    size += (matrix.indptr[row + 1] as number) - (matrix.indptr[row] as number);
    return size <= mostValues;
  });
  return selectRows(
    matrix,
    kept.sort((a, b) => a - b),
  );
}

/** The rows over the columns that occur often enough, numbered one after another. */
function compact(matrix: SparseMatrix, mostColumns: number): { rows: SparseMatrix; columns: Uint32Array } {
  const uses = new Uint32Array(matrix.cols);
  for (const column of matrix.indices) uses[column] = (uses[column] as number) + 1;
  const columns: number[] = [];
  uses.forEach((count, column) => {
    if (count >= LEAST_ROWS) columns.push(column);
  });
  if (columns.length > mostColumns) {
    columns.sort((a, b) => (uses[b] as number) - (uses[a] as number) || a - b);
    columns.length = mostColumns;
    columns.sort((a, b) => a - b);
  }
  const places = placesOf(columns, matrix.cols);
  const indptr = new Uint32Array(matrix.rows + 1);
  const indices = new Uint32Array(matrix.indices.length);
  const values = new Float32Array(matrix.indices.length);
  let size = 0;
  for (let row = 0; row < matrix.rows; row++) {
    for (let e = matrix.indptr[row] as number; e < (matrix.indptr[row + 1] as number); e++) {
      const place = places[matrix.indices[e] as number] as number;
      if (place < 0) continue;
      indices[size] = place;
      values[size++] = matrix.values[e] as number;
    }
    indptr[row + 1] = size;
  }
  const rows = { indptr, indices, values, rows: matrix.rows, cols: columns.length };
  return { rows, columns: Uint32Array.from(columns) };
}

function placesOf(columns: ArrayLike<number>, cols: number): Int32Array {
  const places = new Int32Array(cols).fill(-1);
  for (let place = 0; place < columns.length; place++) places[columns[place] as number] = place;
  return places;
}

/** The same matrix by columns; each one's entries in the order of the rows. */
function transposed({ indptr, indices, values, rows, cols }: SparseMatrix): SparseMatrix {
  const starts = new Uint32Array(cols + 1);
  for (let e = 0; e < (indptr[rows] as number); e++) {
    const next = (indices[e] as number) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let column = 0; column < cols; column++) {
    starts[column + 1] = (starts[column + 1] as number) + (starts[column] as number);
  }
  const next = starts.slice();
  const places = new Uint32Array(starts[cols] as number);
  const numbers = new Float32Array(places.length);
  for (let row = 0; row < rows; row++) {
    for (let e = indptr[row] as number; e < (indptr[row + 1] as number); e++) {
      const at = next[indices[e] as number] as number;
      next[indices[e] as number] = at + 1;
      places[at] = row;
      numbers[at] = values[e] as number;
    }
  }
  return { indptr: starts, indices: places, values: numbers, rows: cols, cols: rows };
}

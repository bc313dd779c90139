import { type Rng, seededRng } from '../rng.ts';
import { symmetricEigen } from './symmetric.ts';
import { affineMap, plainMath, type VectorMath } from './vector-math.ts';

/** Directions beyond those wanted, and turns of the power iteration: both make the wanted ones more exact. */
const SPARE = 24;
const TURNS = 5;

/**
 * The leading eigenvectors of the rows' inner products by column, that is their leading right singular vectors, found by
 * subspace iteration: component d of direction k at d * found + k, with `found` at most `wanted`.
 */
export function leadingDirections(
  rows: Float32Array,
  dims: number,
  wanted: number,
  rng: Rng,
  math: VectorMath = plainMath,
): { found: number; basis: Float32Array } {
  const moments = times(transposed(rows, dims, math), rows, { inner: rows.length / dims, columns: dims }, math);
  const width = Math.min(wanted + SPARE, dims);
  let directions: Float32Array = Float32Array.from({ length: dims * width }, () => rng.normal());
  for (let turn = 0; turn < TURNS; turn++) {
    orthonormalise(directions, width, { exactly: false });
    directions = times(moments, directions, { inner: dims, columns: width }, math);
  }
  orthonormalise(directions, width);
  // The moments seen from within the subspace: their eigenvectors turn it into the directions wanted.
  const inside = new Float64Array(width * width);
  const image = times(moments, directions, { inner: dims, columns: width }, math);
  for (let d = 0; d < dims; d++) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= i; j++) {
        inside[i * width + j] =
          (inside[i * width + j] as number) + (directions[d * width + i] as number) * (image[d * width + j] as number);
      }
    }
  }
  for (let i = 0; i < width; i++) for (let j = 0; j < i; j++) inside[j * width + i] = inside[i * width + j] as number;
  const { values, vectors } = symmetricEigen(inside, width);
  const floor = 1e-10 * (values[0] as number);
  const found = Math.min(wanted, values.filter((value) => value > floor).length);
  const basis = new Float32Array(dims * found);
  for (let d = 0; d < dims; d++) {
    for (let k = 0; k < found; k++) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += (directions[d * width + i] as number) * (vectors[k * width + i] as number);
      basis[d * found + k] = sum;
    }
  }
  return { found, basis };
}

/** Product of a matrix (rows x inner) and another (inner x columns), summed in 32 bits. */
function times(
  matrix: Float32Array,
  other: Float32Array,
  { inner, columns }: { inner: number; columns: number },
  math: VectorMath,
): Float32Array {
  const map = affineMap(
    inner,
    columns,
    (d, k) => other[d * columns + k] as number,
    () => 0,
  );
  const rows = matrix.length / inner;
  const padded = math.floats(rows * map.outputs);
  math.affine(matrix, map, padded);
  if (map.outputs === columns) return padded;
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    result.set(padded.subarray(row * map.outputs, row * map.outputs + columns), row * columns);
  }
  return result;
}

function transposed(matrix: Float32Array, columns: number, math: VectorMath): Float32Array {
  const rows = matrix.length / columns;
  const result = math.floats(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = matrix[row * columns + column] as number;
    }
  }
  return result;
}

/** Inner products of the columns of a tall matrix. */
export function gram(x: Float32Array, width: number): Float64Array {
  const products = new Float64Array(width * width);
  let from = 0;
  // Four rows at a time, added in their order: each sum is fetched and put back once for all of them.
  for (; from + 4 * width <= x.length; from += 4 * width) {
    const [second, third, fourth] = [from + width, from + 2 * width, from + 3 * width];
    for (let i = 0; i < width; i++) {
      const a = x[from + i] as number;
      const b = x[second + i] as number;
      const c = x[third + i] as number;
      const d = x[fourth + i] as number;
      for (let j = 0; j <= i; j++) {
        products[i * width + j] =
          (products[i * width + j] as number) +
          a * (x[from + j] as number) +
          b * (x[second + j] as number) +
          c * (x[third + j] as number) +
          d * (x[fourth + j] as number);
      }
    }
  }
  for (; from < x.length; from += width) {
    for (let i = 0; i < width; i++) {
      const value = x[from + i] as number;
      for (let j = 0; j <= i; j++) {
        products[i * width + j] = (products[i * width + j] as number) + value * (x[from + j] as number);
      }
    }
  }
  for (let i = 0; i < width; i++)
    for (let j = 0; j < i; j++) products[j * width + i] = products[i * width + j] as number;
  return products;
}

/** Squared share of a column that 32-bit sums make up by rounding: what is left of a dependent one. */
const DEPENDENT = 1e-11;

/**
 * Cholesky factor of the columns' inner products. A column that depends on those before it, as where rows are copies of
 * a few, gets an infinite pivot and so becomes zero: normalised, its rounding errors would grow from column to column.
 */
function independentFactor(products: Float64Array, width: number): Float64Array {
  const factor = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    const own = products[i * width + i] as number;
    for (let j = 0; j <= i; j++) {
      let sum = products[i * width + j] as number;
      for (let k = 0; k < j; k++) sum -= (factor[i * width + k] as number) * (factor[j * width + k] as number);
      if (i !== j) factor[i * width + j] = sum / (factor[j * width + j] as number);
      else factor[i * width + i] = sum > DEPENDENT * own ? Math.sqrt(sum) : Number.POSITIVE_INFINITY;
    }
  }
  return factor;
}

/**
 * Makes the columns orthonormal in place, by Cholesky of their inner products; twice, for what rounding left, unless
 * they are on their way only (`exactly`). Columns that
 * depend on others become directions drawn at random, orthogonal to all; zero where there are no more.
 */
export function orthonormalise(x: Float32Array, width: number, { exactly = true } = {}): void {
  for (let pass = 0; pass < 2; pass++) {
    const factor = independentFactor(gram(x, width), width);
    divideRows(x, factor, width);
    if (pass > 0) return;
    const rng = seededRng('orthonormalise');
    for (let i = 0; i < width; i++) {
      if (factor[i * width + i] === Number.POSITIVE_INFINITY) drawDirection(x, width, i, rng);
    }
    if (!exactly) return;
  }
}

/** Each row times the inverse of the (transposed) factor, in place. */
function divideRows(x: Float32Array, factor: Float64Array, width: number): void {
  let from = 0;
  // Four rows at a time: their sums do not wait for one another.
  for (; from + 4 * width <= x.length; from += 4 * width) {
    const [second, third, fourth] = [from + width, from + 2 * width, from + 3 * width];
    for (let i = 0; i < width; i++) {
      let a = x[from + i] as number;
      let b = x[second + i] as number;
      let c = x[third + i] as number;
      let d = x[fourth + i] as number;
      for (let k = 0; k < i; k++) {
        const share = factor[i * width + k] as number;
        a -= share * (x[from + k] as number);
        b -= share * (x[second + k] as number);
        c -= share * (x[third + k] as number);
        d -= share * (x[fourth + k] as number);
      }
      const pivot = factor[i * width + i] as number;
      x[from + i] = a / pivot;
      x[second + i] = b / pivot;
      x[third + i] = c / pivot;
      x[fourth + i] = d / pivot;
    }
  }
  for (; from < x.length; from += width) {
    for (let i = 0; i < width; i++) {
      let sum = x[from + i] as number;
      for (let k = 0; k < i; k++) sum -= (factor[i * width + k] as number) * (x[from + k] as number);
      x[from + i] = sum / (factor[i * width + i] as number);
    }
  }
}

/** What must be left of a random direction, as a share of its length, to be one of its own. */
const LEAST_LEFT = 1e-3;

/** Fills column i with a random direction orthogonal to the others (Gram-Schmidt, twice). */
function drawDirection(x: Float32Array, width: number, i: number, rng: Rng): void {
  const scale = Math.sqrt(width / x.length);
  for (let from = 0; from < x.length; from += width) x[from + i] = scale * rng.normal();
  const shares = new Float64Array(width);
  for (let turn = 0; turn < 2; turn++) {
    shares.fill(0);
    for (let from = 0; from < x.length; from += width) {
      const value = x[from + i] as number;
      for (let k = 0; k < width; k++) shares[k] = (shares[k] as number) + value * (x[from + k] as number);
    }
    shares[i] = 0;
    for (let from = 0; from < x.length; from += width) {
      let sum = x[from + i] as number;
      for (let k = 0; k < width; k++) sum -= (shares[k] as number) * (x[from + k] as number);
      x[from + i] = sum;
    }
  }
  let squares = 0;
  for (let at = i; at < x.length; at += width) squares += (x[at] as number) ** 2;
  const length = Math.sqrt(squares);
  for (let at = i; at < x.length; at += width) x[at] = length > LEAST_LEFT ? (x[at] as number) / length : 0;
}

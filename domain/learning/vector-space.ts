import { QuorateError } from '../failures.ts';
import { seededRng } from '../rng.ts';
import { firstNotFinite } from './finite.ts';
import { type ItemFeatures, sparseOf } from './item-features.ts';
import { columnPlaces, type LinearModel } from './linear-model.ts';
import { gatherRows } from './row-keys.ts';
import { leadingDirections } from './subspace.ts';
import { type AffineMap, affineMap, plainMath, type VectorMath } from './vector-math.ts';

/** How the numbers of imported vectors are brought to one scale. */
export interface VectorSpace {
  readonly dims: number;
  readonly mean: Float64Array;
  /** What a deviation from the mean is multiplied by; 0 for a column that never varies. */
  readonly scale: Float64Array;
  /** From vectors of many dimensions, as imported, to their leading directions, which strategies see in their place. */
  readonly leading?: AffineMap;
  /** Rows are shown to strategies at this length at most; as they are where it is absent. */
  readonly longest?: number;
}

/** Vectors of up to so many dimensions are shown to strategies as they are, larger ones by so many directions. */
const STRATEGY_DIMS = 100;
/** Rows that the leading directions and the median length are learnt from. */
const LEADING_ROWS = 2000;

/**
 * Learns the scale of imported vectors from a pool (rows x dims): each column is centred and brought to the same
 * variance, and rows to a mean squared length of one, which the models' penalties are made for. Strategies are shown no row
 * as longer than the median: to one that looks for what the model knows least of, a few far rows would outweigh all others.
 */
export function fitVectorSpace(
  vectors: Float32Array,
  dims: number,
  { seed = 0, math = plainMath }: { readonly seed?: number | string; readonly math?: VectorMath | undefined } = {},
): VectorSpace {
  const rows = checkedRows(vectors, dims);
  const { mean, squares } = columnMoments(vectors, dims);
  // Rounding leaves a column of equal numbers with a variance of about its square times 1e-14.
  const varies = (d: number) => (squares[d] as number) > 1e-12 * ((mean[d] as number) ** 2 + 1e-18);
  const varying = squares.reduce((count, _, d) => count + (varies(d) ? 1 : 0), 0);
  const scale = squares.map((square, d) => (varies(d) ? 1 / Math.sqrt(square * varying) : 0));
  const scaleOf = (d: number) => scale[d] as number;
  const meanOf = (d: number) => mean[d] as number;
  const rng = seededRng(seed);
  const drawn = Array.from({ length: rows }, (_, i) => i);
  const sample = rng.shuffle(drawn).slice(0, LEADING_ROWS);
  const rowsOfSample = scaledRows(vectors, sample, { dims, mean, scale });
  if (dims <= STRATEGY_DIMS) return withLongest({ dims, mean, scale }, rowsOfSample);
  const { found, basis } = leadingDirections(rowsOfSample, dims, STRATEGY_DIMS, rng, math);
  const leading = affineMap(
    dims,
    found,
    (d, k) => scaleOf(d) * (basis[d * found + k] as number),
    (k) => {
      let sum = 0;
      for (let d = 0; d < dims; d++) sum -= meanOf(d) * scaleOf(d) * (basis[d * found + k] as number);
      return sum;
    },
  );
  const space = { dims, mean, scale, leading };
  return withLongest(space, shownRows(gatherRows(vectors, sample, dims).dense, space, math));
}

/** With the median length of rows that strategies are shown, as a 32-bit float; without where that is nothing. */
function withLongest(space: VectorSpace, shown: Float32Array): VectorSpace {
  const width = space.leading?.outputs ?? space.dims;
  const lengths = Float32Array.from({ length: shown.length / width }, (_, row) =>
    lengthOf(shown.subarray(row * width, (row + 1) * width)),
  ).sort();
  const longest = lengths[lengths.length >> 1] ?? 0;
  return longest > 0 ? { ...space, longest } : space;
}

function lengthOf(row: Float32Array): number {
  let sum = 0;
  for (let d = 0; d < row.length; d++) sum += (row[d] as number) ** 2;
  return Math.sqrt(sum);
}

/**
 * Imported vectors on the scale of a space learnt before. The vectors are kept and not copied: what is needed of them is
 * scaled when it is asked for.
 */
export function vectorFeatures(vectors: Float32Array, space: VectorSpace, math: VectorMath = plainMath): ItemFeatures {
  const { dims, leading } = space;
  const count = checkedRows(vectors, dims);
  let shown: Float32Array | undefined;
  /** By number of outputs: what such math hands out is never given back. */
  const buffers = new Map<number, Float32Array>();
  return {
    count,
    get dense() {
      shown ??= shownRows(vectors, space, math);
      return shown;
    },
    dims: leading?.outputs ?? dims,
    rows: (places) => sparseOf(scaledRows(vectors, places, space), places.length, dims),
    scores(model) {
      const map = scoreMap(model, space);
      const padded = buffers.get(map.outputs) ?? math.floats(count * map.outputs);
      buffers.set(map.outputs, padded);
      math.affine(vectors, map, padded);
      const scores = new Float32Array(count * model.outputs);
      for (let row = 0; row < count; row++) {
        for (let k = 0; k < model.outputs; k++) {
          scores[row * model.outputs + k] = padded[row * map.outputs + k] as number;
        }
      }
      return scores;
    },
  };
}

function shownRows(vectors: Float32Array, space: VectorSpace, math: VectorMath): Float32Array {
  const { dims, leading, longest } = space;
  const width = leading?.outputs ?? dims;
  const dense = math.floats((vectors.length / dims) * width);
  if (leading) math.affine(vectors, leading, dense);
  else scaleInto(dense, vectors, space);
  for (let from = 0; longest !== undefined && from < dense.length; from += width) {
    const row = dense.subarray(from, from + width);
    const length = lengthOf(row);
    for (let d = 0; length > longest && d < width; d++) row[d] = (row[d] as number) * (longest / length);
  }
  return dense;
}

/** From the numbers as imported to the model's outputs. */
function scoreMap(model: LinearModel, { dims, mean, scale }: VectorSpace): AffineMap {
  const places = columnPlaces(model);
  const weightOf = (d: number, k: number) => {
    const place = places[d] as number;
    return place < 0 ? 0 : (scale[d] as number) * (model.weights[place * model.outputs + k] as number);
  };
  return affineMap(dims, model.outputs, weightOf, (k) => {
    let sum = model.intercept[k] as number;
    for (let d = 0; d < dims; d++) sum -= (mean[d] as number) * weightOf(d, k);
    return sum;
  });
}

/** Means and variances of the columns in one pass, about the first row, so that equal numbers come out as such. */
function columnMoments(vectors: Float32Array, dims: number): { mean: Float64Array; squares: Float64Array } {
  const shift = Float64Array.from(vectors.subarray(0, dims));
  const sums = new Float64Array(dims);
  const sumsOfSquares = new Float64Array(dims);
  for (let at = 0; at < vectors.length; ) {
    for (let d = 0; d < dims; d++, at++) {
      const deviation = (vectors[at] as number) - (shift[d] as number);
      sums[d] = (sums[d] as number) + deviation;
      sumsOfSquares[d] = (sumsOfSquares[d] as number) + deviation * deviation;
    }
  }
  const rows = vectors.length / dims;
  return {
    mean: sums.map((sum, d) => (shift[d] as number) + sum / rows),
    squares: sumsOfSquares.map((sum, d) => Math.max(0, sum / rows - ((sums[d] as number) / rows) ** 2)),
  };
}

/** The named rows on the common scale. */
function scaledRows(vectors: Float32Array, places: ArrayLike<number>, scaling: Scaling): Float32Array {
  const { dense } = gatherRows(vectors, places, scaling.dims);
  scaleInto(dense, dense, scaling);
  return dense;
}

type Scaling = Pick<VectorSpace, 'dims' | 'mean' | 'scale'>;

function scaleInto(out: Float32Array, vectors: Float32Array, { dims, mean, scale }: Scaling): void {
  for (let at = 0; at < vectors.length; ) {
    for (let d = 0; d < dims; d++, at++) {
      out[at] = ((vectors[at] as number) - (mean[d] as number)) * (scale[d] as number);
    }
  }
}

function checkedRows(vectors: Float32Array, dims: number): number {
  if (!(Number.isInteger(dims) && dims >= 1 && vectors.length % dims === 0)) {
    const message = `There are ${vectors.length} numbers; vectors of ${dims} dimensions need a multiple of that.`;
    throw new QuorateError('invalid_input', message);
  }
  const wrong = firstNotFinite(vectors);
  if (wrong >= 0) {
    const message = `Vector ${Math.floor(wrong / dims)} holds ${vectors[wrong]}; every number must be finite.`;
    throw new QuorateError('invalid_input', message);
  }
  return vectors.length / dims;
}

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
/** Of the squared length of rows a column has this share at most (its unit may make it large), */
const LARGEST_SHARE = 0.2;
/** and this share of it is divided among all columns alike: a small unit makes none disappear. */
const SHARED_ALIKE = 0.2;

interface FitOptions {
  readonly seed?: number | string;
  readonly math?: VectorMath | undefined;
}

/**
 * Learns the scale of imported vectors from a pool (rows x dims): each column is centred and brought to the same
 * variance, and rows to a mean squared length of one, which the models' penalties are made for. Strategies are shown no row
 * as longer than the median: to one that looks for what the model knows least of, a few far rows would outweigh all others.
 */
export function fitVectorSpace(
  vectors: Float32Array,
  dims: number,
  { seed = 0, math = plainMath }: FitOptions = {},
): VectorSpace {
  const rows = countRows(vectors, dims);
  const { mean, squares } = columnMoments(vectors, dims, math);
  // One number that is not finite shows in its column's sum: they need no look of their own.
  if (firstNotFinite(squares) >= 0) requireFinite(vectors, dims);
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

/**
 * What columns of one variance are multiplied by so that they differ as they did when imported: in embeddings and leading
 * directions the columns that vary most say most. What is due to units alone is bounded. The mean squared length of rows
 * stays one.
 */
export function spreadOf(scale: Float64Array): Float64Array {
  const variances = scale.map((each) => (each > 0 ? 1 / each ** 2 : 0));
  const varying = variances.filter((variance) => variance > 0).length;
  const most = cap(variances, varying);
  const bounded = variances.map((variance) => Math.min(variance, most));
  const mean = bounded.reduce((sum, variance) => sum + variance, 0) / varying;
  return bounded.map((variance) =>
    variance > 0 ? Math.sqrt(SHARED_ALIKE + ((1 - SHARED_ALIKE) * variance) / mean) : 1,
  );
}

/** The variance that, where no column has a larger one, is the largest share of their sum that one may have. */
function cap(variances: Float64Array, varying: number): number {
  const falling = variances.toSorted().reverse();
  let rest = falling.reduce((sum, variance) => sum + variance, 0);
  for (let above = 0; above < LARGEST_SHARE ** -1 && above < varying; above++) {
    const most = (LARGEST_SHARE * rest) / (1 - LARGEST_SHARE * above);
    if ((falling[above] as number) <= most) return most;
    rest -= falling[above] as number;
  }
  // So few columns vary that each has as large a share.
  return falling[varying - 1] ?? 0;
}

/** With the median length of rows that strategies are shown, as a 32-bit float; without where that is nothing. */
function withLongest(space: VectorSpace, shown: Float32Array): VectorSpace {
  const width = space.leading?.outputs ?? space.dims;
  const lengths = Float32Array.from({ length: shown.length / width }, (_, row) =>
    lengthOf(shown, row * width, width),
  ).sort();
  const longest = lengths[lengths.length >> 1] ?? 0;
  return longest > 0 ? { ...space, longest } : space;
}

function lengthOf(rows: Float32Array, from: number, width: number): number {
  let sum = 0;
  for (let at = from; at < from + width; at++) sum += (rows[at] as number) ** 2;
  return Math.sqrt(sum);
}

/**
 * Imported vectors on the scale of a space learnt before. The vectors are kept and not copied: what is needed of them is
 * scaled when it is asked for.
 */
export function vectorFeatures(vectors: Float32Array, space: VectorSpace, math: VectorMath = plainMath): ItemFeatures {
  countRows(vectors, space.dims);
  requireFinite(vectors, space.dims);
  return featuresIn(space, vectors, math);
}

/** Learns the scale of a pool of vectors, and gives these on it. */
export function fitVectors(
  vectors: Float32Array,
  dims: number,
  { seed = 0, math = plainMath }: FitOptions = {},
): { space: VectorSpace; pool: ItemFeatures } {
  const space = fitVectorSpace(vectors, dims, { seed, math });
  return { space, pool: featuresIn(space, vectors, math) };
}

function featuresIn(space: VectorSpace, vectors: Float32Array, math: VectorMath): ItemFeatures {
  const { dims, leading } = space;
  const count = vectors.length / dims;
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
    spread: spreadOf(space.scale),
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
    const length = lengthOf(dense, from, width);
    if (length <= longest) continue;
    const factor = longest / length;
    for (let at = from; at < from + width; at++) dense[at] = (dense[at] as number) * factor;
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
function columnMoments(
  vectors: Float32Array,
  dims: number,
  math: VectorMath,
): { mean: Float64Array; squares: Float64Array } {
  const shift = vectors.subarray(0, dims);
  const { sums, squares } = math.moments(vectors, dims, shift);
  const rows = vectors.length / dims;
  return {
    mean: sums.map((sum, d) => (shift[d] as number) + sum / rows),
    squares: squares.map((sum, d) => Math.max(0, sum / rows - ((sums[d] as number) / rows) ** 2)),
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

function countRows(vectors: Float32Array, dims: number): number {
  if (Number.isInteger(dims) && dims >= 1 && vectors.length % dims === 0) return vectors.length / dims;
  const message = `There are ${vectors.length} numbers; vectors of ${dims} dimensions need a multiple of that.`;
  throw new QuorateError('invalid_input', message);
}

function requireFinite(vectors: Float32Array, dims: number): void {
  const wrong = firstNotFinite(vectors);
  if (wrong < 0) return;
  const message = `Vector ${Math.floor(wrong / dims)} holds ${vectors[wrong]}; every number must be finite.`;
  throw new QuorateError('invalid_input', message);
}

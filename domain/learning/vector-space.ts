import { QuorateError } from '../failures.ts';
import { seededRng } from '../rng.ts';
import { type ItemFeatures, sparseOf, vectorItems } from './item-features.ts';
import { fitLatent, type LatentSpace, latentRows } from './latent.ts';
import { gatherRows } from './row-keys.ts';

/** How the numbers of imported vectors are brought to one scale. */
export interface VectorSpace {
  readonly dims: number;
  readonly mean: Float64Array;
  /** What a deviation from the mean is multiplied by; 0 for a column that never varies. */
  readonly scale: Float64Array;
  /** The leading directions, which strategies see in place of vectors of many dimensions. */
  readonly leading?: LatentSpace;
}

/** Vectors of up to so many dimensions are shown to strategies as they are, larger ones by so many directions. */
const STRATEGY_DIMS = 100;
/** Rows that the leading directions are learnt from. */
const LEADING_ROWS = 2000;
/** Rows brought to scale in one go: the working memory stays small for a pool of any size. */
const CHUNK = 4096;

/**
 * Learns the scale of imported vectors from a pool (rows x dims): each column is centred and brought to the same
 * variance, and rows to a mean squared length of one, which the models' penalties are made for.
 */
export function fitVectorSpace(vectors: Float32Array, dims: number, seed: number | string = 0): VectorSpace {
  const rows = checkedRows(vectors, dims);
  const mean = new Float64Array(dims);
  const squares = new Float64Array(dims);
  for (let at = 0; at < vectors.length; at++)
    mean[at % dims] = (mean[at % dims] as number) + (vectors[at] as number) / rows;
  for (let at = 0; at < vectors.length; at++) {
    const d = at % dims;
    squares[d] = (squares[d] as number) + ((vectors[at] as number) - (mean[d] as number)) ** 2 / rows;
  }
  // Rounding leaves a column of equal numbers with a variance of about its square times 1e-14.
  const varies = (d: number) => (squares[d] as number) > 1e-12 * ((mean[d] as number) ** 2 + 1e-18);
  const varying = squares.reduce((count, _, d) => count + (varies(d) ? 1 : 0), 0);
  const scale = squares.map((square, d) => (varies(d) ? 1 / Math.sqrt(square * varying) : 0));
  const space = { dims, mean, scale };
  if (dims <= STRATEGY_DIMS) return space;
  const drawn = seededRng(seed)
    .shuffle(Array.from({ length: rows }, (_, i) => i))
    .slice(0, LEADING_ROWS);
  const sample = scaled(gatherRows(vectors, drawn, dims).dense, space);
  return { ...space, leading: fitLatent(sparseOf(sample, drawn.length, dims), STRATEGY_DIMS, seed) };
}

/** Imported vectors on the scale of a space learnt before. */
export function vectorFeatures(vectors: Float32Array, space: VectorSpace): ItemFeatures {
  const { dims, leading } = space;
  const rows = checkedRows(vectors, dims);
  const full = scaled(vectors, space);
  const items = vectorItems(full, rows, dims);
  if (leading === undefined) return items;
  const dense = new Float32Array(rows * leading.dims);
  for (let from = 0; from < rows; from += CHUNK) {
    const count = Math.min(CHUNK, rows - from);
    const part = sparseOf(full.subarray(from * dims, (from + count) * dims), count, dims);
    // Lengths are kept: how far a vector lies from the middle of the pool means something.
    dense.set(latentRows(part, leading, { unitLength: false }), from * leading.dims);
  }
  return { ...items, dense, dims: leading.dims };
}

function scaled(vectors: Float32Array, { dims, mean, scale }: VectorSpace): Float32Array {
  return vectors.map((value, at) => (value - (mean[at % dims] as number)) * (scale[at % dims] as number));
}

function checkedRows(vectors: Float32Array, dims: number): number {
  if (!(Number.isInteger(dims) && dims >= 1 && vectors.length % dims === 0)) {
    const message = `There are ${vectors.length} numbers; vectors of ${dims} dimensions need a multiple of that.`;
    throw new QuorateError('invalid_input', message);
  }
  const wrong = vectors.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const message = `Vector ${Math.floor(wrong / dims)} holds ${vectors[wrong]}; every number must be finite.`;
    throw new QuorateError('invalid_input', message);
  }
  return vectors.length / dims;
}

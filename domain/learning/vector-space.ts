import { QuorateError } from '../failures.ts';
import { type ItemFeatures, vectorItems } from './item-features.ts';

/** How the numbers of imported vectors are brought to one scale. */
export interface VectorSpace {
  readonly dims: number;
  readonly mean: Float64Array;
  /** What a deviation from the mean is multiplied by; 0 for a column that never varies. */
  readonly scale: Float64Array;
}

/**
 * Learns the scale of imported vectors from a pool (rows x dims): each column is centred and brought to the same
 * variance, and rows to a mean squared length of one, which the models' penalties are made for.
 */
export function fitVectorSpace(vectors: Float32Array, dims: number): VectorSpace {
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
  return { dims, mean, scale };
}

/** Imported vectors on the scale of a space learnt before. */
export function vectorFeatures(vectors: Float32Array, { dims, mean, scale }: VectorSpace): ItemFeatures {
  const rows = checkedRows(vectors, dims);
  const dense = vectors.map((value, at) => (value - (mean[at % dims] as number)) * (scale[at % dims] as number));
  return vectorItems(dense, rows, dims);
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

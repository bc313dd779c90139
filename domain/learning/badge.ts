import type { Rng } from '../rng.ts';
import { drawn, farthestFirst, ranksOf } from './choosers.ts';
import { dot, plainMath, type VectorMath } from './vector-math.ts';

/** Below this share of the lengths involved a squared distance is rounding of 32-bit sums. */
const ROUNDING = 1e-6;

export interface BadgeRows {
  readonly dense: Float32Array;
  readonly dims: number;
  /** count x classes. */
  readonly probabilities: Float64Array;
  readonly count: number;
}

/**
 * BADGE (Ash et al., ICLR 2020): the gradient that each candidate would give if the model's own answer were right,
 * (p - e_best) x^T, is long where the model is unsure; candidates are drawn one after another by k-means++ on these
 * gradients, the first being the longest. The gradients (classes x dims numbers each) are never stored: inner products
 * of such outer products are the products of those of their parts. Costs candidates x (dims + classes) per choice.
 * `order`: those that may be chosen, which also breaks ties.
 */
export function badgeBatch(
  { dense, dims, probabilities, count }: BadgeRows,
  n: number,
  order: readonly number[],
  rng: Rng,
  math: VectorMath = plainMath,
): number[] {
  const classes = probabilities.length / count;
  const errors = errorsOf(probabilities, classes);
  const shared = math.floats(count);
  const squares = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    squares[row] = inner(errors, row, row, classes) * dot(dense, row * dims, dense, row * dims, dims);
  }
  const nearest = squares.slice();
  const taken = new Uint8Array(count).fill(1);
  for (const row of order) taken[row] = 0;
  const farthest = farthestFirst(ranksOf(order, count));
  const first = Float32Array.from(squares);
  const chosen: number[] = [];
  while (chosen.length < Math.min(n, order.length)) {
    const index = chosen.length === 0 ? farthest(first, taken) : (drawn(nearest, taken, rng) ?? farthest(first, taken));
    taken[index] = 1;
    chosen.push(index);
    math.dots(dense, dims, dense.subarray(index * dims, (index + 1) * dims), shared);
    for (let row = 0; row < count; row++) {
      if (taken[row] === 1) continue;
      const product = inner(errors, row, index, classes) * (shared[row] as number);
      const both = (squares[row] as number) + (squares[index] as number);
      const distance = both - 2 * product;
      // Rounding leaves copies a hair apart, on either side of zero.
      const squared = distance > ROUNDING * both ? distance : 0;
      if (chosen.length === 1 || squared < (nearest[row] as number)) nearest[row] = squared;
    }
  }
  return chosen;
}

/** p - e_best of each row. */
function errorsOf(probabilities: Float64Array, classes: number): Float64Array {
  const errors = probabilities.slice();
  for (let from = 0; from < errors.length; from += classes) {
    let best = from;
    for (let k = from; k < from + classes; k++) if ((errors[k] as number) > (errors[best] as number)) best = k;
    errors[best] = (errors[best] as number) - 1;
  }
  return errors;
}

function inner(values: Float64Array, a: number, b: number, width: number): number {
  let sum = 0;
  for (let k = 0, i = a * width, j = b * width; k < width; k++, i++, j++) {
    sum += (values[i] as number) * (values[j] as number);
  }
  return sum;
}

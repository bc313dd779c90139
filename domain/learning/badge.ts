import type { Rng } from '../rng.ts';
import { drawn, farthestFirst, ranksOf } from './choosers.ts';
import { mostProbable } from './logistic.ts';
import { dot, plainMath, type VectorMath } from './vector-math.ts';

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
  const errors = errorsOf(probabilities, classes, math);
  const squares = math.floats(count);
  for (let row = 0; row < count; row++) {
    const e = row * classes;
    const x = row * dims;
    squares[row] = dot(errors, e, errors, e, classes) * dot(dense, x, dense, x, dims);
  }
  const gradients = { rows: dense, dims, errors, classes, squares };
  const nearest = math.floats(count).fill(Number.POSITIVE_INFINITY);
  const taken = new Uint8Array(count).fill(1);
  for (const row of order) taken[row] = 0;
  const longest = farthestFirst(ranksOf(order, count));
  const chosen: number[] = [];
  while (chosen.length < Math.min(n, order.length)) {
    const index =
      chosen.length === 0 ? longest(squares, taken) : (drawn(nearest, taken, rng) ?? longest(squares, taken));
    taken[index] = 1;
    chosen.push(index);
    math.lowerGradients(gradients, index, nearest);
  }
  return chosen;
}

/** p - e_best of each row. */
function errorsOf(probabilities: Float64Array, classes: number, math: VectorMath): Float32Array {
  const errors = math.floats(probabilities.length);
  errors.set(probabilities);
  mostProbable(probabilities, classes).forEach((best, row) => {
    const at = row * classes + best;
    errors[at] = (probabilities[at] as number) - 1;
  });
  return errors;
}

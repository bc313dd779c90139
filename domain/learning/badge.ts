import type { Rng } from '../rng.ts';

/**
 * BADGE (Ash et al., ICLR 2020): the gradient that each candidate would give if the model's own answer were right,
 * (p - e_best) x^T, is long where the model is unsure; candidates are drawn one after another by k-means++ on these
 * gradients, the first being the longest. The gradients (classes x dims numbers each) are never stored: inner products
 * of such outer products are the products of those of their parts. Costs candidates x (dims + classes) per choice.
 */
export function badgeBatch(
  {
    dense,
    dims,
    probabilities,
    count,
  }: { dense: Float32Array; dims: number; probabilities: Float64Array; count: number },
  n: number,
  order: readonly number[],
  rng: Rng,
): number[] {
  const classes = probabilities.length / count;
  const errors = probabilities.slice();
  const squares = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    let best = row * classes;
    for (let k = best; k < (row + 1) * classes; k++) if ((errors[k] as number) > (errors[best] as number)) best = k;
    errors[best] = (errors[best] as number) - 1;
    squares[row] = inner(errors, row, row, classes) * inner(dense, row, row, dims);
  }
  const nearest = squares.slice();
  const taken = new Uint8Array(count);
  const chosen: number[] = [];
  while (chosen.length < Math.min(n, count)) {
    const index = chosen.length === 0 ? longest(nearest, order) : drawn(nearest, taken, order, rng);
    taken[index] = 1;
    chosen.push(index);
    for (let row = 0; row < count; row++) {
      if (taken[row] === 1) continue;
      const shared = inner(errors, row, index, classes) * inner(dense, row, index, dims);
      const distance = (squares[row] as number) + (squares[index] as number) - 2 * shared;
      // Rounding leaves copies a hair apart, on either side of zero.
      const least = 1e-12 * ((squares[row] as number) + (squares[index] as number));
      const squared = distance > least ? distance : 0;
      if (chosen.length === 1 || squared < (nearest[row] as number)) nearest[row] = squared;
    }
  }
  return chosen;
}

function longest(squares: Float64Array, order: readonly number[]): number {
  let index = order[0] as number;
  for (const i of order) if ((squares[i] as number) > (squares[index] as number)) index = i;
  return index;
}

/** A candidate with a chance in proportion to its squared distance; the first in order when all are copies. */
function drawn(nearest: Float64Array, taken: Uint8Array, order: readonly number[], rng: Rng): number {
  let total = 0;
  for (const i of order) if (taken[i] === 0) total += nearest[i] as number;
  let left = rng.next() * total;
  let index = -1;
  for (const i of order) {
    if (taken[i] === 1 || (total > 0 && nearest[i] === 0)) continue;
    index = i;
    left -= nearest[i] as number;
    if (left < 0 || total === 0) break;
  }
  return index;
}

function inner(values: Float32Array | Float64Array, a: number, b: number, width: number): number {
  let sum = 0;
  for (let k = 0, i = a * width, j = b * width; k < width; k++, i++, j++) {
    sum += (values[i] as number) * (values[j] as number);
  }
  return sum;
}

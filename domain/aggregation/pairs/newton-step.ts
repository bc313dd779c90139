import type { PairCounts } from './pair-votes.ts';

type Pairs = Pick<PairCounts, 'first' | 'second'>;

/** Second derivatives: one for each entry of the pairs (between their two items), and one for each item alone. */
export interface Curvature {
  readonly pair: Float64Array;
  readonly item: Float64Array;
}

/**
 * Solves H step = -gradient by conjugate gradients, H being the matrix (a graph's Laplacian plus a diagonal) of these
 * second derivatives, scaled by its diagonal. The closer to the optimum, the more exactly, so that Newton's method
 * keeps its fast end (Nocedal and Wright, Numerical Optimization, 2006, algorithm 7.1). `clear` takes out of a vector
 * what H is blind to, which rounding would otherwise blow up.
 */
export function newtonStep(
  pairs: Pairs,
  gradient: Float64Array,
  curvature: Curvature,
  clear: (vector: Float64Array) => void,
): Float64Array {
  const n = gradient.length;
  const diagonal = curvature.item.slice();
  for (let at = 0; at < curvature.pair.length; at++) {
    const [a, b, c] = [pairs.first[at] as number, pairs.second[at] as number, curvature.pair[at] as number];
    diagonal[a] = (diagonal[a] as number) + c;
    diagonal[b] = (diagonal[b] as number) + c;
  }
  const inverse = diagonal.map((value) => (value > 0 ? 1 / value : 0));
  const step = new Float64Array(n);
  const residual = gradient.map((slope) => -slope);
  clear(residual);
  const direction = residual.map((r, a) => r * (inverse[a] as number));
  const image = new Float64Array(n);
  let norm = dot(residual, direction);
  // Ten digits are more than a step needs; beyond that rounding takes over.
  const goal = norm * Math.min(1e-2, Math.max(norm, 1e-20));
  // In exact arithmetic n rounds are enough.
  for (let round = 0; round < n + 10 && norm > goal; round++) {
    multiply(pairs, curvature, direction, image);
    const bend = dot(direction, image);
    if (!(bend > 0)) break;
    const size = norm / bend;
    for (let a = 0; a < n; a++) {
      step[a] = (step[a] as number) + size * (direction[a] as number);
      residual[a] = (residual[a] as number) - size * (image[a] as number);
    }
    clear(residual);
    let next = 0;
    for (let a = 0; a < n; a++) next += (residual[a] as number) ** 2 * (inverse[a] as number);
    const share = next / norm;
    norm = next;
    for (let a = 0; a < n; a++) {
      direction[a] = (residual[a] as number) * (inverse[a] as number) + share * (direction[a] as number);
    }
  }
  clear(step);
  return step;
}

function multiply({ first, second }: Pairs, { pair, item }: Curvature, x: Float64Array, image: Float64Array) {
  for (let a = 0; a < x.length; a++) image[a] = (item[a] as number) * (x[a] as number);
  for (let at = 0; at < pair.length; at++) {
    const [a, b] = [first[at] as number, second[at] as number];
    const pull = (pair[at] as number) * ((x[a] as number) - (x[b] as number));
    image[a] = (image[a] as number) + pull;
    image[b] = (image[b] as number) - pull;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

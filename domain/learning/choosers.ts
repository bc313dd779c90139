import type { Rng } from '../rng.ts';

/**
 * Names the next item of a batch, given the squared distance of each candidate to the nearest labelled or chosen item
 * (Infinity where there is none yet) and which are taken; at least one is not. `score` is set where it is more than
 * the distance.
 */
export type Chooser = (nearest: Float64Array, taken: Uint8Array) => { index: number; score?: number };

/** The farthest; equals in `order`. */
export function farthestFirst(order: readonly number[]): Chooser {
  return (nearest, taken) => ({ index: best(order, nearest, taken, (i) => nearest[i] as number).index });
}

/** The largest weighted sum of uncertainty / max and distance / max; equals in `order`. */
export function weighted(
  order: readonly number[],
  uncertainty: Float64Array,
  weights: { readonly uncertainty: number; readonly diversity: number },
): Chooser {
  const scale = weights.uncertainty / largestOf(uncertainty);
  return (nearest, taken) => {
    const farthest = reach(nearest, taken);
    // With nothing to be distant from, or nothing but copies left, distance says nothing.
    const says = farthest > 0 && farthest < Number.POSITIVE_INFINITY;
    const perDistance = says ? weights.diversity / Math.sqrt(farthest) : 0;
    return best(order, nearest, taken, (i) => {
      const distance = says ? perDistance * Math.sqrt(nearest[i] as number) : 0;
      return distance + scale * (uncertainty[i] as number);
    });
  };
}

/** Drawn with a chance proportional to the squared distance; while distances say nothing, the first in `order`. */
export function spread(order: readonly number[], rng: Rng): Chooser {
  return (nearest, taken) => {
    let total = 0;
    for (const i of order) if (taken[i] === 0) total += nearest[i] as number;
    if (total === 0 || total === Number.POSITIVE_INFINITY) return best(order, nearest, taken, () => 0);
    let left = rng.next() * total;
    let index = -1;
    for (const i of order) {
      const share = nearest[i] as number;
      if (taken[i] === 1 || share === 0) continue;
      index = i;
      left -= share;
      if (left < 0) break;
    }
    return { index };
  };
}

/** The largest of the values, at least 0. */
export function largestOf(values: Float64Array): number {
  let largest = 0;
  for (const value of values) if (value > largest) largest = value;
  return largest;
}

/** The candidate with the largest measure; copies of what is labelled or chosen only when there is nothing else. */
function best(
  order: readonly number[],
  nearest: Float64Array,
  taken: Uint8Array,
  measure: (index: number) => number,
): { index: number; score: number } {
  const onlyCopies = reach(nearest, taken) === 0;
  let index = -1;
  let score = Number.NEGATIVE_INFINITY;
  for (const i of order) {
    if (taken[i] === 1 || (nearest[i] === 0 && !onlyCopies)) continue;
    const value = measure(i);
    if (value <= score) continue;
    score = value;
    index = i;
  }
  return { index, score };
}

/** The largest squared distance among the candidates not taken. */
function reach(nearest: Float64Array, taken: Uint8Array): number {
  let farthest = 0;
  for (let i = 0; i < nearest.length; i++) {
    if (taken[i] === 0 && (nearest[i] as number) > farthest) farthest = nearest[i] as number;
  }
  return farthest;
}

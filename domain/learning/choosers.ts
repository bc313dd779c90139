import type { Rng } from '../rng.ts';

/**
 * Names the next item of a batch, given the squared distance of each candidate to the nearest labelled or chosen item
 * (Infinity where there is none yet) and which are taken; at least one is not.
 */
export type Chooser = (nearest: Float32Array, taken: Uint8Array) => number;

/** The farthest; equals, and so copies when there is nothing else, by rank. */
export function farthestFirst(ranks: Uint32Array): Chooser {
  return (nearest, taken) => {
    let index = -1;
    let farthest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < nearest.length; i++) {
      const distance = nearest[i] as number;
      if (distance < farthest || taken[i] === 1) continue;
      if (distance === farthest && (ranks[i] as number) > (ranks[index] as number)) continue;
      index = i;
      farthest = distance;
    }
    return index;
  };
}

/** Drawn with a chance proportional to the squared distance; while distances say nothing, the first by rank. */
export function spread(ranks: Uint32Array, rng: Rng): Chooser {
  const farthest = farthestFirst(ranks);
  return (nearest, taken) => drawn(nearest, taken, rng) ?? farthest(nearest, taken);
}

/** A candidate with a chance in proportion to its weight; undefined where the sum of the weights is 0 or infinite. */
export function drawn(weights: Float32Array | Float64Array, taken: Uint8Array, rng: Rng): number | undefined {
  let total = 0;
  for (let i = 0; i < weights.length; i++) if (taken[i] === 0) total += weights[i] as number;
  if (total === 0 || total === Number.POSITIVE_INFINITY) return undefined;
  let left = rng.next() * total;
  let index: number | undefined;
  for (let i = 0; i < weights.length; i++) {
    const share = weights[i] as number;
    if (taken[i] === 1 || share === 0) continue;
    index = i;
    left -= share;
    if (left < 0) break;
  }
  return index;
}

/** Place of each of `count` items in an order of some of them; those outside it come last. */
export function ranksOf(order: readonly number[], count: number): Uint32Array {
  const ranks = new Uint32Array(count).fill(count);
  order.forEach((index, rank) => {
    ranks[index] = rank;
  });
  return ranks;
}

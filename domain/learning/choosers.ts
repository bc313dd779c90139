import type { Rng } from '../rng.ts';

/**
 * Names the next item of a batch, given the squared distance of each candidate to the nearest labelled or chosen item
 * (Infinity where there is none yet) and which are taken; at least one is not.
 */
export type Chooser = (nearest: Float64Array, taken: Uint8Array) => number;

/** The farthest; equals, and so copies when there is nothing else, in `order`. */
export function farthestFirst(order: readonly number[]): Chooser {
  return (nearest, taken) => {
    let index = -1;
    for (const i of order) {
      if (taken[i] === 0 && (index < 0 || (nearest[i] as number) > (nearest[index] as number))) index = i;
    }
    return index;
  };
}

/** Drawn with a chance proportional to the squared distance; while distances say nothing, the first in `order`. */
export function spread(order: readonly number[], rng: Rng): Chooser {
  return (nearest, taken) => {
    let total = 0;
    for (const i of order) if (taken[i] === 0) total += nearest[i] as number;
    if (total === 0 || total === Number.POSITIVE_INFINITY) return farthestFirst(order)(nearest, taken);
    let left = rng.next() * total;
    let index = -1;
    for (const i of order) {
      const share = nearest[i] as number;
      if (taken[i] === 1 || share === 0) continue;
      index = i;
      left -= share;
      if (left < 0) break;
    }
    return index;
  };
}

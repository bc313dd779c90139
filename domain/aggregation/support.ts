/**
 * How far the votes stand behind a label: 1 minus their weighted mean distance from it. Where distances are 0 or 1
 * this is the label's share of weight, so that confidences of different task types mean the same.
 */
export function supportOf<V>(ordered: readonly { vote: V; weight: number }[], distance: (vote: V) => number): number {
  let near = 0;
  let total = 0;
  for (const { vote, weight } of ordered) {
    near += weight * (1 - distance(vote));
    total += weight;
  }
  return total === 0 ? 0 : Math.min(1, Math.max(0, near / total));
}

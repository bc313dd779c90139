import { seededRng } from '../rng.ts';
import { type Ballot, order, orderedVotes } from './weighted-vote.ts';

export interface Medoid {
  /** The choice nearest to all votes; null where nobody voted. */
  readonly winner: string | null;
  /** Share of weight by choice, in order of the choice's text. */
  readonly distribution: readonly [string, number][];
  /** Whether the winner had to be drawn among equals. */
  readonly tie: boolean;
}

/** Sums of distances that differ by less than this share of all weight are equal. */
const TIE_TOLERANCE = 1e-12;

/**
 * The weighted medoid: the choice with the least sum of weighted distances to all votes, always one that somebody
 * gave. Of equals the one with more weight of its own, then one drawn by a hash of the sorted annotation ids.
 * O(choices^2) calls of `distance`.
 */
export function weightedMedoid(ballots: readonly Ballot[], distance: (a: string, b: string) => number): Medoid {
  const sums = new Map<string, number>();
  let total = 0;
  const ordered = orderedVotes(ballots, ({ choice }) => choice);
  for (const { vote, weight } of ordered) {
    sums.set(vote.choice, (sums.get(vote.choice) ?? 0) + weight);
    total += weight;
  }
  if (total === 0) return { winner: null, distribution: [], tie: false };
  const choices = [...sums.keys()].sort(order);
  const own = choices.map((choice) => sums.get(choice) ?? 0);
  const far = new Float64Array(choices.length);
  for (let i = 0; i < choices.length; i++) {
    for (let j = 0; j < i; j++) {
      const between = distance(choices[i] ?? '', choices[j] ?? '');
      far[i] = (far[i] ?? 0) + (own[j] ?? 0) * between;
      far[j] = (far[j] ?? 0) + (own[i] ?? 0) * between;
    }
  }
  const all = Array.from(choices.keys());
  const nearest = least(all, (i) => far[i] ?? 0, total);
  const best = least(nearest, (i) => -(own[i] ?? 0), total);
  const seed = ordered.map(({ vote }) => vote.annotationId).join('\n');
  const winner = best[best.length > 1 ? seededRng(seed).int(best.length) : 0] ?? 0;
  return {
    winner: choices[winner] ?? null,
    distribution: choices.map((choice, i) => [choice, (own[i] ?? 0) / total]),
    tie: best.length > 1,
  };
}

function least(candidates: readonly number[], measure: (i: number) => number, total: number): number[] {
  const lowest = Math.min(...candidates.map(measure));
  return candidates.filter((i) => measure(i) - lowest <= TIE_TOLERANCE * total);
}

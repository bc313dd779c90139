import { QuorateError } from '../failures.ts';
import { seededRng } from '../rng.ts';

export interface Ballot {
  readonly annotationId: string;
  readonly choice: string;
  readonly weight: number;
}

export interface VoteResult {
  /** The choice with most weight; null where nobody voted. */
  readonly winner: string | null;
  /** The winner's share of all weight. */
  readonly confidence: number;
  /** Share of weight by choice, in order of the choice's text. */
  readonly distribution: Record<string, number>;
  /** Whether the winner had to be drawn among equals. */
  readonly tie: boolean;
}

/** Sums that differ by less than this share of the total are equal: 0.1 + 0.2 ties with 0.3. */
const TIE_TOLERANCE = 1e-12;

/** Weights larger than this would lose the small ones in a sum of doubles. */
const MAX_WEIGHT = 1e9;

/**
 * The votes in the one order in which they are summed, so that the order of arrival cannot change the result.
 * If every weight is zero all count alike: a crowd of which nothing good is known still has a majority.
 */
export function orderedVotes<V extends { readonly annotationId: string; readonly weight: number }>(
  votes: readonly V[],
  tieBreak: (vote: V) => string,
): { vote: V; weight: number }[] {
  for (const { annotationId, weight } of votes) {
    if (!(weight >= 0 && weight <= MAX_WEIGHT)) {
      const message = `The weight of annotation ${annotationId} is ${weight}; it must be a number from 0 to ${MAX_WEIGHT}.`;
      throw new QuorateError('invalid_input', message, { field: 'weight' });
    }
  }
  const equal = votes.every(({ weight }) => weight === 0);
  return votes
    .map((vote) => ({ vote, weight: equal ? 1 : vote.weight, text: tieBreak(vote) }))
    .sort((x, y) => order(x.vote.annotationId, y.vote.annotationId) || order(x.text, y.text) || x.weight - y.weight)
    .map(({ vote, weight }) => ({ vote, weight }));
}

/** Order by UTF-16 code units: the same on every machine, whatever its locale. */
export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Weighted vote: summed weights per choice, the largest wins, confidence = its share. A tie is not broken by the
 * order of labels or votes, which would favour some labels: if `penalty` is given the tied choice with the least
 * penalty is taken, and among those that remain equal one is drawn by a hash of the sorted annotation ids.
 */
export function weightedVote(ballots: readonly Ballot[], penalty?: (choice: string) => number): VoteResult {
  const sums = new Map<string, number>();
  let total = 0;
  const ordered = orderedVotes(ballots, (ballot) => ballot.choice);
  for (const { vote, weight } of ordered) {
    sums.set(vote.choice, (sums.get(vote.choice) ?? 0) + weight);
    total += weight;
  }
  if (total === 0) return { winner: null, confidence: 0, distribution: {}, tie: false };

  const choices = [...sums.keys()].sort(order);
  const sumOf = (choice: string) => sums.get(choice) ?? 0;
  const most = Math.max(...sums.values());
  const tied = choices.filter((choice) => most - sumOf(choice) <= TIE_TOLERANCE * total);
  const best = penalty && tied.length > 1 ? leastPenalty(tied, penalty) : tied;
  const seed = ordered.map(({ vote }) => vote.annotationId).join('\n');
  const winner = best[best.length > 1 ? seededRng(seed).int(best.length) : 0] ?? null;
  return {
    winner,
    confidence: winner === null ? 0 : sumOf(winner) / total,
    // fromEntries defines own properties, so that a choice named "__proto__" is just a key.
    distribution: Object.fromEntries(choices.map((choice) => [choice, sumOf(choice) / total])),
    tie: tied.length > 1,
  };
}

function leastPenalty(choices: readonly string[], penalty: (choice: string) => number): string[] {
  const penalties = choices.map(penalty);
  const least = Math.min(...penalties);
  return choices.filter((_, at) => (penalties[at] ?? Infinity) - least <= TIE_TOLERANCE);
}

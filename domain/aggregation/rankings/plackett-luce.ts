import { newton, type Place } from '../pairs/newton.ts';
import { centre, type PairFit, toScores } from '../pairs/pair-fit.ts';
import type { PairCounts } from '../pairs/pair-votes.ts';
import { findParts } from '../pairs/parts.ts';
import { clearUnknown, priorWeights, virtualTies } from '../pairs/prior.ts';
import { counted, type WeightedRanking } from './ballots.ts';
import { type Choice, choicesOf } from './choices.ts';

export type PlackettLuceFit = Omit<PairFit, 'skills' | 'biases'>;

export interface PlackettLuceOptions {
  /** As for `bradleyTerry`: imagined comparisons of each item with an average one. */
  readonly prior?: number;
  readonly maxIterations?: number;
  /** Done when no strength changes by more. @default 1e-10 */
  readonly tolerance?: number;
}

/**
 * Plackett and Luce's model of weighted rankings, full or partial, by maximum likelihood: the best item is drawn with
 * probability proportional to e^strength, then the best of the rest, and so on (Plackett, The analysis of permutations,
 * 1975; Hunter, MM algorithms for generalized Bradley-Terry models, 2004). Tied items: see `choicesOf`. With two items
 * it is `bradleyTerry`. Fitted by Newton's method, in memory of the order of k x k. Where the rankings do not bound the
 * strengths (an item that is always first), the same small prior as there keeps them finite. Throws QuorateError as
 * `kemenyConsensus` does.
 */
export function plackettLuce(
  given: readonly WeightedRanking[],
  k: number,
  { prior, maxIterations = 100, tolerance = 1e-10 }: PlackettLuceOptions = {},
): PlackettLuceFit {
  const rankings = counted(given, k);
  const pairs = pairsOf(rankings, k);
  const parts = findParts(pairs);
  const { part, partCount } = parts;
  const priors = priorWeights(parts, prior);
  const choices = rankings.flatMap(choicesOf);
  // How often each item was chosen.
  const chosen = new Float64Array(k);
  for (const { ranks, weight } of rankings) {
    for (const [item, rank] of ranks.entries()) if (rank !== null) chosen[item] = (chosen[item] as number) + weight;
  }
  const { strengths, iterations, converged } = newton(pairs, new Float64Array(k), {
    look: (at) => lookAt(choices, chosen, priors, at),
    clear: (vector) => clearUnknown(vector, parts, priors),
    tolerance,
    maxIterations,
  });
  centre(strengths, parts);
  const logLikelihood = -lookAt(choices, chosen, new Float64Array(k), strengths).value;
  const scores = toScores(strengths);
  return { method: 'plackett-luce', strengths, scores, part, partCount, logLikelihood, iterations, converged };
}

/** Where the entry of two items, a < b, stands among all pairs of k. */
function entryOf(a: number, b: number, k: number): number {
  return (a * (2 * k - a - 1)) / 2 + b - a - 1;
}

/** Every two items, and how often the rankings compare them. */
function pairsOf(rankings: readonly WeightedRanking[], k: number): PairCounts {
  const size = (k * (k - 1)) / 2;
  const [first, second] = [new Int32Array(size), new Int32Array(size)];
  const [count, wins] = [new Float64Array(size), new Float64Array(size)];
  for (let a = 0, at = 0; a < k; a++) {
    for (let b = a + 1; b < k; b++, at++) {
      first[at] = a;
      second[at] = b;
      for (const { ranks, weight } of rankings) {
        const [x, y] = [ranks[a] ?? null, ranks[b] ?? null];
        if (x === null || y === null) continue;
        count[at] = (count[at] as number) + weight;
        wins[at] = (wins[at] as number) + (x < y ? weight : x === y ? weight / 2 : 0);
      }
    }
  }
  return { first, second, count, wins, itemCount: k };
}

/** Minus the log-likelihood (and prior), and its derivatives. */
function lookAt(
  choices: readonly Choice[],
  chosen: Float64Array,
  priors: Float64Array,
  strengths: Float64Array,
): Place {
  const k = strengths.length;
  const { value: priorValue, gradient, curvature } = virtualTies(priors, strengths, (k * (k - 1)) / 2);
  let value = priorValue;
  for (let a = 0; a < k; a++) {
    value -= (chosen[a] as number) * (strengths[a] as number);
    gradient[a] = (gradient[a] as number) - (chosen[a] as number);
  }
  for (const { items, shares, weight } of choices) {
    const most = items.reduce((max, item) => Math.max(max, strengths[item] as number), Number.NEGATIVE_INFINITY);
    const parts = items.map((item, at) => (shares[at] as number) * Math.exp((strengths[item] as number) - most));
    const sum = parts.reduce((all, each) => all + each, 0);
    value += weight * (most + Math.log(sum));
    for (const [i, a] of items.entries()) {
      const p = (parts[i] as number) / sum;
      gradient[a] = (gradient[a] as number) + weight * p;
      for (let j = 0; j < i; j++) {
        const b = items[j] as number;
        const entry = entryOf(Math.min(a, b), Math.max(a, b), k);
        const bend = (weight * p * (parts[j] as number)) / sum;
        curvature.pair[entry] = (curvature.pair[entry] as number) + bend;
      }
    }
  }
  return { value, gradient, curvature };
}

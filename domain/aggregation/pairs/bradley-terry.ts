import { logistic, softplus } from '../logistic.ts';
import { newton, type Place } from './newton.ts';
import { centre, type PairFit, type PairOptions, toScores } from './pair-fit.ts';
import { checkPairVotes, countPairs, type PairCounts, type PairVotes } from './pair-votes.ts';
import { findParts } from './parts.ts';
import { clearUnknown, priorWeights, virtualTies } from './prior.ts';

export interface BradleyTerryOptions extends PairOptions {
  /**
   * Comparisons with an average item, each half won, that are imagined for every item so that its strength stays
   * finite. Without this option: none in a part whose comparisons bound all strengths, so that the result there is the
   * maximum likelihood and nothing else; `UNBOUNDED_PRIOR` in other parts, such as with an item that never lost.
   */
  readonly prior?: number;
}

/**
 * Bradley and Terry's model of comparisons, P(a beats b) = e^s(a) / (e^s(a) + e^s(b)), by maximum likelihood (Rank
 * analysis of incomplete block designs, 1952). A tie is half a win for each. Annotators all count alike, and each of
 * their judgments counts.
 *
 * The log-likelihood is concave; Newton's method, each step solved by conjugate gradients, takes about ten steps. Stops
 * when no strength changes by more than `tolerance` (1e-10). Items that no comparisons connect cannot be compared:
 * see `part`. Throws QuorateError for no comparisons, an item beside itself, a winner that is no number, and a
 * negative prior.
 */
export function bradleyTerry(votes: PairVotes, options: BradleyTerryOptions = {}): PairFit {
  const { tolerance = 1e-10, maxIterations = 100 } = options;
  checkPairVotes(votes);
  const pairs = countPairs(votes);
  const parts = findParts(pairs);
  const { part, partCount } = parts;
  const prior = priorWeights(parts, options.prior);
  const clear = (vector: Float64Array) => clearUnknown(vector, parts, prior);
  const start = new Float64Array(votes.itemCount);
  const look = (strengths: Float64Array) => lookAt(pairs, prior, strengths);
  const { strengths, iterations, converged } = newton(pairs, start, { look, clear, tolerance, maxIterations });
  centre(strengths, parts);
  const logLikelihood = -lookAt(pairs, new Float64Array(prior.length), strengths).value;
  const scores = toScores(strengths);
  return { method: 'bradley-terry', strengths, scores, part, partCount, logLikelihood, iterations, converged };
}

/** Minus the log-likelihood (and prior), and its derivatives. */
function lookAt({ first, second, count, wins }: PairCounts, prior: Float64Array, strengths: Float64Array): Place {
  const { value: priorValue, gradient, curvature } = virtualTies(prior, strengths, count.length);
  let value = priorValue;
  for (let at = 0; at < count.length; at++) {
    const [a, b] = [first[at] as number, second[at] as number];
    const [n, won] = [count[at] as number, wins[at] as number];
    const s = (strengths[a] as number) - (strengths[b] as number);
    const p = logistic(s);
    const surplus = n * p - won;
    value += n * softplus(s) - won * s;
    gradient[a] = (gradient[a] as number) + surplus;
    gradient[b] = (gradient[b] as number) - surplus;
    curvature.pair[at] = n * p * (1 - p);
  }
  return { value, gradient, curvature };
}

import { assertNever } from '../failures.ts';
import { checkRequest } from './check-request.ts';
import { type Chooser, farthestFirst, largestOf, spread, weighted } from './choosers.ts';
import { lowerNearest, nearestSquared } from './nearest.ts';
import type { Candidates, ChoiceScore, Selection, SelectionRequest, Strategy } from './selection.ts';
import { entropies, expectedChanges } from './uncertainty.ts';

const DEFAULT_WEIGHTS = { uncertainty: 0.6, diversity: 0.4 };

/** A model whose largest uncertainty is below this has nothing to say, as when it has met one class only. */
const LEAST_UNCERTAINTY = 1e-12;

/**
 * Chooses the batch to label next.
 * - `random`: any.
 * - `uncertainty`: the largest entropy of the prediction.
 * - `expected_change`: the largest expected gradient.
 * - `diversity`: one after another the item farthest from all labelled and chosen ones (k-center greedy: Sener and
 *   Savarese, ICLR 2018).
 * - `combined`: one after another the largest 0.6 x uncertainty / max + 0.4 x distance / max, distances taken anew
 *   after each choice.
 * Without a model, or with one that is sure of everything, the three that need one make a diverse start: items drawn one
 * after another with a chance proportional to their squared distance (k-means++ seeding: Arthur and Vassilvitskii, SODA
 * 2007; farthest points would be outliers, which teach a first model less), or at random if there are no vectors.
 * Exact copies of a labelled or chosen item are left until nothing else is, except by `random` and where a model's
 * `uncertainty` or `expected_change` decides. Equals are drawn by `rng`.
 */
export function selectBatch(request: SelectionRequest): Selection {
  checkRequest(request);
  const { strategy, candidates, rng, weights = DEFAULT_WEIGHTS } = request;
  const order = rng.shuffle(Array.from({ length: candidates.count }, (_, i) => i));
  const n = Math.min(request.n, candidates.count);
  if (strategy === 'random') return unscored(order.slice(0, n));

  if (strategy === 'diversity') return greedy(request, n, farthestFirst(order));
  const uncertainty = uncertaintyOf(strategy, candidates);
  if (uncertainty === undefined) {
    return candidates.dense === undefined ? unscored(order.slice(0, n)) : greedy(request, n, spread(order, rng));
  }
  switch (strategy) {
    case 'combined':
      return greedy(request, n, weighted(order, uncertainty, weights), uncertainty);
    case 'uncertainty':
    case 'expected_change':
      return largest(uncertainty, n, order);
    default:
      return assertNever(strategy);
  }
}

/** How unsure the model is of each candidate; undefined without a model or where it says nothing. */
function uncertaintyOf(strategy: Strategy, candidates: Candidates): Float64Array | undefined {
  const { probabilities, count, norms } = candidates;
  if (probabilities === undefined || count === 0) return undefined;
  const classes = probabilities.length / count;
  const uncertainty =
    strategy === 'expected_change' ? expectedChanges(probabilities, classes, norms) : entropies(probabilities, classes);
  return largestOf(uncertainty) < LEAST_UNCERTAINTY ? undefined : uncertainty;
}

function unscored(chosen: readonly number[]): Selection {
  const scores = chosen.map(() => ({ uncertainty: null, distance: null, score: null }));
  return { chosen: Uint32Array.from(chosen), scores };
}

function largest(values: Float64Array, n: number, order: readonly number[]): Selection {
  // The sort is stable: equals stay in their drawn order.
  const sorted = [...order].sort((a, b) => (values[b] as number) - (values[a] as number)).slice(0, n);
  const scores = sorted.map((i) => ({ uncertainty: values[i] as number, distance: null, score: values[i] as number }));
  return { chosen: Uint32Array.from(sorted), scores };
}

/** Chooses one by one by `choose`, which sees the distances to everything labelled or chosen so far. */
function greedy(
  { candidates, labeled }: SelectionRequest,
  n: number,
  choose: Chooser,
  uncertainty?: Float64Array,
): Selection {
  const { dims, count } = candidates;
  const dense = candidates.dense ?? new Float32Array(0);
  const nearest = nearestSquared({ dense, count }, labeled ?? { dense: new Float32Array(0), count: 0 }, dims);
  const taken = new Uint8Array(count);
  const chosen: number[] = [];
  const scores: ChoiceScore[] = [];
  while (chosen.length < n) {
    const { index, score } = choose(nearest, taken);
    const squared = nearest[index] as number;
    const distance = squared === Number.POSITIVE_INFINITY ? null : Math.sqrt(squared);
    scores.push({ uncertainty: uncertainty?.[index] ?? null, distance, score: score ?? distance });
    taken[index] = 1;
    chosen.push(index);
    lowerNearest(nearest, dense, dense, index, dims);
  }
  return { chosen: Uint32Array.from(chosen), scores };
}

import { assertNever } from '../failures.ts';
import type { Rng } from '../rng.ts';
import type { STRATEGIES } from '../settings.ts';
import { checkRequest } from './check-request.ts';
import { type DenseRows, lowerNearest, nearestSquared } from './nearest.ts';
import { entropies, expectedChanges } from './uncertainty.ts';

export type Strategy = (typeof STRATEGIES)[number];

export interface Candidates {
  readonly count: number;
  /** What the model predicts (count x classes); without it a strategy that needs a model makes a diverse start. */
  readonly probabilities?: Float64Array | undefined;
  /** Columns of `probabilities`; by default as many as fit. */
  readonly classes?: number | undefined;
  /** Vectors for distances (count x dims); `diversity` and `combined` need them. */
  readonly dense?: Float32Array | undefined;
  readonly dims: number;
  /** Lengths of the model's feature rows, for `expected_change`; by default all alike. */
  readonly norms?: Float64Array | undefined;
}

export interface SelectionRequest {
  readonly strategy: Strategy;
  /** How many to choose; fewer come back when there are fewer candidates. */
  readonly n: number;
  readonly candidates: Candidates;
  /** What the batch keeps its distance from: labelled items, and those chosen and not yet labelled. */
  readonly labeled?: DenseRows | undefined;
  /** Draws the random choices and breaks ties. */
  readonly rng: Rng;
  /** Parts of `combined`. @default { uncertainty: 0.6, diversity: 0.4 } */
  readonly weights?: { readonly uncertainty: number; readonly diversity: number } | undefined;
}

/** Why an item was chosen, as known at that moment; null where a number played no part. */
export interface ChoiceScore {
  /** Entropy in nats, or for `expected_change` the expected length of the gradient. */
  readonly uncertainty: number | null;
  /** Euclidean distance to the nearest labelled or already chosen item; null when there is none. */
  readonly distance: number | null;
  readonly score: number | null;
}

export interface Selection {
  /** Positions of the chosen candidates, best first. */
  readonly chosen: Uint32Array;
  readonly scores: ChoiceScore[];
}

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
 * Without a model, or with one that is sure of everything, all but `random` choose by diversity (`uncertainty` and
 * `expected_change` at random if there are no vectors). `diversity` and `combined` take an exact copy of a labelled or
 * chosen item only when nothing else is left. Equals are drawn by `rng`.
 */
export function selectBatch(request: SelectionRequest): Selection {
  checkRequest(request);
  const { strategy, candidates, rng, weights = DEFAULT_WEIGHTS } = request;
  const order = rng.shuffle(Array.from({ length: candidates.count }, (_, i) => i));
  const n = Math.min(request.n, candidates.count);
  if (strategy === 'random') return unscored(order.slice(0, n));

  const uncertainty = strategy === 'diversity' ? undefined : uncertaintyOf(strategy, candidates);
  switch (strategy) {
    case 'diversity':
      return greedy(request, n, order);
    case 'combined':
      return uncertainty === undefined ? greedy(request, n, order) : greedy(request, n, order, uncertainty, weights);
    case 'uncertainty':
    case 'expected_change':
      if (uncertainty !== undefined) return largest(uncertainty, n, order);
      return candidates.dense === undefined ? unscored(order.slice(0, n)) : greedy(request, n, order);
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
  return most(uncertainty) < LEAST_UNCERTAINTY ? undefined : uncertainty;
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

/** Chooses one by one; without `uncertainty` the distance alone decides. */
function greedy(
  { candidates, labeled }: SelectionRequest,
  n: number,
  order: readonly number[],
  uncertainty?: Float64Array,
  weights = { uncertainty: 0, diversity: 1 },
): Selection {
  const { dims, count } = candidates;
  const dense = candidates.dense as Float32Array;
  const nearest = nearestSquared({ dense, count }, labeled ?? { dense: new Float32Array(0), count: 0 }, dims);
  const scale = uncertainty === undefined ? 0 : weights.uncertainty / most(uncertainty);
  const left = [...order];
  const chosen: number[] = [];
  const scores: ChoiceScore[] = [];
  while (chosen.length < n) {
    let farthest = 0;
    for (const i of left) farthest = Math.max(farthest, nearest[i] as number);
    // With nothing to be distant from, or nothing but copies left, distance says nothing.
    const perDistance =
      farthest > 0 && farthest < Number.POSITIVE_INFINITY ? weights.diversity / Math.sqrt(farthest) : 0;
    let best = -1;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (let place = 0; place < left.length; place++) {
      const i = left[place] as number;
      const squared = nearest[i] as number;
      if (squared === 0 && farthest > 0) continue;
      const distance = perDistance === 0 ? 0 : perDistance * Math.sqrt(squared);
      const score = distance + (uncertainty === undefined ? 0 : scale * (uncertainty[i] as number));
      if (score <= bestScore) continue;
      bestScore = score;
      best = place;
    }
    const i = left[best] as number;
    left.splice(best, 1);
    chosen.push(i);
    const distance = nearest[i] === Number.POSITIVE_INFINITY ? null : Math.sqrt(nearest[i] as number);
    scores.push({ uncertainty: uncertainty?.[i] ?? null, distance, score: bestScore });
    lowerNearest(nearest, dense, dense, i, dims);
  }
  return { chosen: Uint32Array.from(chosen), scores };
}

function most(values: Float64Array): number {
  let max = 0;
  for (const value of values) max = Math.max(max, value);
  return max;
}

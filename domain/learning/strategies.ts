import { assertNever } from '../failures.ts';
import { badgeBatch } from './badge.ts';
import { checkRequest } from './check-request.ts';
import { type Chooser, farthestFirst, ranksOf, spread } from './choosers.ts';
import { combinedBatch } from './combined.ts';
import { mostProbable } from './logistic.ts';
import type { Candidates, ChoiceScore, Instead, Selection, SelectionRequest } from './selection.ts';
import { expectedChanges, margins, uncertainties } from './uncertainty.ts';
import { plainMath } from './vector-math.ts';

/** A model whose largest uncertainty is below this has nothing to say, as when it has met one class only. */
const LEAST_UNCERTAINTY = 1e-12;
const NOTHING = { dense: new Float32Array(0), count: 0 };

/**
 * Chooses the batch to label next.
 * - `random`: any.
 * - `uncertainty`: the least margin between the two most probable classes (or another `measure`).
 * - `expected_change`: the largest expected gradient.
 * - `diversity`: one after another the item farthest from all labelled and chosen ones (k-center greedy: Sener and
 *   Savarese, ICLR 2018), or drawn with a chance proportional to its squared distance (k-means++ seeding: Arthur and
 *   Vassilvitskii, SODA 2007).
 * - `combined`: what most lowers the variance of the model's answers near its border; see `combinedBatch`.
 * - `badge`: drawn by k-means++ on gradients; see `badgeBatch`.
 * Without a model, or with one that is sure of everything, the four that need one make a diverse start by k-means++
 * (farthest points would be outliers, which teach a first model less), or a random one if there are no vectors.
 * Of a first batch that has guesses to go by, each class that is guessed of any item has one, as far as there is room.
 * Exact copies of a labelled or chosen item are left until nothing else is, except by `random` and `badge` and where a
 * model's `uncertainty` or `expected_change` decides. Equals are drawn by `rng`.
 */
export function selectBatch(request: SelectionRequest): Selection {
  checkRequest(request);
  const { strategy, candidates, labeled = NOTHING } = request;
  const selection = chooseBatch(request);
  const guesses = labeled.count === 0 && strategy !== 'random' ? candidates.probabilities : undefined;
  return guesses ? meetEveryGuess(selection, candidates, guesses) : selection;
}

/**
 * A first batch has an item of each class that somebody else's model guesses of any candidate, as far as it has room: in
 * place of the last chosen of a class that has others comes the one of which the guess is surest.
 */
function meetEveryGuess(selection: Selection, candidates: Candidates, probabilities: Float64Array): Selection {
  const { count } = candidates;
  const classes = probabilities.length / count;
  const guessOf = mostProbable(probabilities, classes);
  const surest = new Map<number, number>();
  for (const index of openRows(candidates)) {
    const guess = guessOf[index] as number;
    const best = surest.get(guess);
    const at = (row: number) => probabilities[row * classes + guess] as number;
    if (best === undefined || at(index) > at(best)) surest.set(guess, index);
  }
  const chosen = Uint32Array.from(selection.chosen);
  const scores = [...selection.scores];
  const counts = new Map<number, number>();
  const tally = (index: number, by: number) => {
    const guess = guessOf[index] as number;
    counts.set(guess, (counts.get(guess) ?? 0) + by);
  };
  for (const index of chosen) tally(index, 1);
  for (const [guess, index] of surest) {
    if (counts.has(guess)) continue;
    const place = chosen.findLastIndex((other) => (counts.get(guessOf[other] as number) ?? 0) > 1);
    if (place < 0) break;
    tally(chosen[place] as number, -1);
    tally(index, 1);
    chosen[place] = index;
    scores[place] = { uncertainty: null, distance: null, score: null };
  }
  return { ...selection, chosen, scores };
}

function chooseBatch(request: SelectionRequest): Selection {
  const { strategy, candidates, rng, labeled = NOTHING } = request;
  const order = rng.shuffle(openRows(candidates));
  const n = Math.min(request.n, order.length);
  const { dense, probabilities, dims, count } = candidates;
  if (strategy === 'random' || n === 0) return unscored(order.slice(0, n));
  if (strategy === 'diversity') {
    const ranks = ranksOf(order, count);
    return unlessAlike(greedy(request, n, request.spread === 'kmeans++' ? spread(ranks, rng) : farthestFirst(ranks)));
  }
  if (probabilities === undefined || !tellsApart(candidates, probabilities)) {
    const because = probabilities === undefined ? 'no_model' : 'sure_of_all';
    if (dense === undefined) return { ...unscored(order.slice(0, n)), instead: { by: 'chance', because } };
    return unlessAlike(greedy(request, n, spread(ranksOf(order, count), rng)), { by: 'diverse_start', because });
  }
  const classes = probabilities.length / count;
  switch (strategy) {
    case 'uncertainty':
      return largest(uncertainties(probabilities, classes, request.measure ?? 'margin'), n, order);
    case 'expected_change':
      return largest(expectedChanges(probabilities, classes, candidates.norms), n, order);
    case 'combined':
    case 'badge': {
      // checkRequest has seen to it that there are vectors.
      const judged = { ...candidates, dense: dense ?? NOTHING.dense, dims, probabilities };
      if (strategy === 'combined') return scored(combinedBatch(judged, labeled, n, order));
      const unsure = margins(probabilities, classes);
      const chosen = badgeBatch(judged, n, order, rng, request.math);
      return scored(
        chosen.map((index) => {
          const uncertainty = 1 - (unsure[index] as number);
          return { index, score: { uncertainty, distance: null, score: null } };
        }),
      );
    }
    default:
      return assertNever(strategy);
  }
}

/** A choice by distances, of which chance alone is left where there are none; otherwise as it came about. */
function unlessAlike(selection: Selection, instead?: Instead): Selection {
  const alike = selection.scores.length > 1 && selection.scores.every(({ distance }) => !distance);
  if (alike) return { ...selection, instead: { by: 'chance', because: 'all_alike' } };
  return instead ? { ...selection, instead } : selection;
}

/** Places of the candidates that may be chosen. */
function openRows({ count, closed }: Candidates): number[] {
  const all = Array.from({ length: count }, (_, i) => i);
  return closed ? all.filter((i) => closed[i] === 0) : all;
}

/** Whether the model is unsure of anything. */
function tellsApart({ count }: Candidates, probabilities: Float64Array): boolean {
  return uncertainties(probabilities, probabilities.length / count, 'least_confidence').some(
    (value) => value >= LEAST_UNCERTAINTY,
  );
}

function scored(choices: readonly { index: number; score: ChoiceScore }[]): Selection {
  return { chosen: Uint32Array.from(choices, ({ index }) => index), scores: choices.map(({ score }) => score) };
}

function unscored(chosen: readonly number[]): Selection {
  return scored(chosen.map((index) => ({ index, score: { uncertainty: null, distance: null, score: null } })));
}

function largest(values: Float64Array, n: number, order: readonly number[]): Selection {
  // The sort is stable: equals stay in their drawn order.
  const sorted = [...order].sort((a, b) => (values[b] as number) - (values[a] as number)).slice(0, n);
  return scored(
    sorted.map((index) => {
      const uncertainty = values[index] as number;
      return { index, score: { uncertainty, distance: null, score: uncertainty } };
    }),
  );
}

/** Chooses one by one by `choose`, which sees the distances to everything labelled or chosen so far. */
function greedy(
  { candidates, labeled = NOTHING, math = plainMath }: SelectionRequest,
  n: number,
  choose: Chooser,
): Selection {
  const { dims, count } = candidates;
  const dense = candidates.dense ?? NOTHING.dense;
  const nearest = math.floats(count).fill(Number.POSITIVE_INFINITY);
  math.lowerNearest(dense, dims, labeled.dense, nearest);
  const taken = candidates.closed?.slice() ?? new Uint8Array(count);
  const choices: { index: number; score: ChoiceScore }[] = [];
  while (choices.length < n) {
    const index = choose(nearest, taken);
    const squared = nearest[index] as number;
    const distance = squared === Number.POSITIVE_INFINITY ? null : Math.sqrt(squared);
    choices.push({ index, score: { uncertainty: null, distance, score: distance } });
    taken[index] = 1;
    math.lowerNearest(dense, dims, dense.subarray(index * dims, (index + 1) * dims), nearest);
  }
  return scored(choices);
}

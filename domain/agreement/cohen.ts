import { type CategoryDistance, categoryDistance } from './category-distance.ts';
import { type Coefficient, chanceCorrected, NOTHING_PAIRED, numberOf, type Statistic } from './coefficient.ts';
import type { Ratings } from './ratings.ts';
import { eachPair, type SharedTasks } from './shared-tasks.ts';

/** Pairs with fewer shared tasks say next to nothing, and are left out by default. */
export const MIN_SHARED = 10;

/** Pairs of answers that are held to be weighed again and again: 1.2 GB. */
const MOST_HELD = 1e8;

/**
 * Cohen's kappa of two annotators who labelled the same tasks: (po - pe) / (1 - pe), where po is how often they agree
 * and pe how often they would by chance; with a `distance` between categories the weighted kappa. Labels are ids from 0
 * to valueCount - 1. Undefined without tasks, and where both always gave the same one label (pe = 1).
 * J. Cohen, "A coefficient of agreement for nominal scales" (1960); "Weighted kappa" (1968).
 */
export function cohenKappa(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  valueCount: number,
  distance: CategoryDistance = categoryDistance('identity', { length: valueCount }),
): number | undefined {
  if (a.length !== b.length) throw new RangeError(`The two annotators have ${a.length} and ${b.length} labels.`);
  const unit = Int32Array.from({ length: a.length }, (_, i) => i);
  return numberOf(pairKappa(distance)({ unit, a: Int32Array.from(a), b: Int32Array.from(b) }));
}

export interface PairwiseKappa {
  /** The mean over the pairs that have a kappa; undefined where none has. */
  readonly kappa: number | undefined;
  /** Pairs averaged over. */
  readonly pairs: number;
  /** Pairs with enough shared tasks whose kappa is undefined (one label throughout). */
  readonly undefinedPairs: number;
  /** The fewest tasks that a pair averaged over shares; 0 without any. */
  readonly fewestShared: number;
}

interface PairOptions {
  /** Default `MIN_SHARED`. */
  readonly minShared?: number;
  /** Default: all disagreements alike. */
  readonly distance?: CategoryDistance;
}

/** Cohen's kappa averaged over all pairs of annotators with at least `minShared` shared tasks. */
export function meanPairwiseKappa(ratings: Ratings, options: PairOptions = {}): PairwiseKappa {
  const { minShared = MIN_SHARED, distance = categoryDistance('identity', { length: ratings.valueCount }) } = options;
  const kappaOf = pairKappa(distance);
  let [sum, pairs, undefinedPairs, fewest] = [0, 0, 0, Number.POSITIVE_INFINITY];
  eachPair(ratings, minShared, (shared) => {
    const kappa = numberOf(kappaOf(shared));
    if (kappa === undefined) undefinedPairs++;
    else {
      sum += kappa;
      pairs++;
      fewest = Math.min(fewest, shared.unit.length);
    }
  });
  const fewestShared = pairs === 0 ? 0 : fewest;
  return { kappa: pairs === 0 ? undefined : sum / pairs, pairs, undefinedPairs, fewestShared };
}

/** The mean pairwise kappa as a function of how often each task counts; the pairs are those of the whole table. */
export function pairwiseStatistic(ratings: Ratings, options: PairOptions = {}): Statistic {
  const { minShared = MIN_SHARED, distance = categoryDistance('identity', { length: ratings.valueCount }) } = options;
  const all: SharedTasks[] = [];
  const keep = ({ unit, a, b }: SharedTasks) => all.push({ unit: unit.slice(), a: a.slice(), b: b.slice() });
  eachPair(ratings, minShared, keep, MOST_HELD);
  const kappaOf = pairKappa(distance);
  return (weight) => {
    let [sum, pairs] = [0, 0];
    for (const shared of all) {
      const kappa = kappaOf(shared, weight);
      if (!('value' in kappa)) continue;
      sum += kappa.value;
      pairs++;
    }
    return pairs === 0 ? { undefined: 'no pair of annotators has a kappa' } : { value: sum / pairs };
  };
}

/** Kappa of one pair, with its working arrays kept from pair to pair. */
function pairKappa(distance: CategoryDistance): (shared: SharedTasks, weight?: Float64Array) => Coefficient {
  const place = new Int32Array(distance.size).fill(-1);
  return ({ unit, a, b }, weight) => {
    const ids = usedIds(place, a, b);
    const [inA, inB] = [new Float64Array(ids.length), new Float64Array(ids.length)];
    for (let k = 0; k < ids.length; k++) place[ids[k] ?? 0] = k;
    let [n, apart] = [0, 0];
    for (let i = 0; i < a.length; i++) {
      const times = weight ? (weight[unit[i] ?? 0] ?? 0) : 1;
      if (times === 0) continue;
      const [x, y] = [a[i] ?? 0, b[i] ?? 0];
      const [atX, atY] = [place[x] ?? 0, place[y] ?? 0];
      n += times;
      if (x !== y) apart += times * distance.between(x, y);
      inA[atX] = (inA[atX] ?? 0) + times;
      inB[atY] = (inB[atY] ?? 0) + times;
    }
    for (const id of ids) place[id] = -1;
    if (n === 0) return { undefined: NOTHING_PAIRED };
    // Both times n squared, in whole numbers where disagreements are all alike.
    return chanceCorrected(apart * n, distance.sum({ ids, a: inA, b: inB }, 0, ids.length));
  };
}

/** The categories that either annotator used, ascending. `place` is -1 throughout, and left so. */
function usedIds(place: Int32Array, a: Int32Array, b: Int32Array): Int32Array {
  const ids: number[] = [];
  for (const side of [a, b]) {
    for (const id of side) {
      if (place[id] !== -1) continue;
      place[id] = 0;
      ids.push(id);
    }
  }
  return Int32Array.from(ids).sort();
}

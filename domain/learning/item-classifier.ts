import { fitVectorLogistic } from './fit-vectors.ts';
import type { ItemFeatures } from './item-features.ts';
import type { LinearModel } from './linear-model.ts';
import { fitLogistic, oneHot, penaltyFor, predict, probabilitiesOf } from './logistic.ts';
import { rowNorms } from './sparse.ts';

/** Penalty for rows of words and latent directions, of length one each; accuracy hardly changes from 0.03 to 0.3. */
const L2 = 0.1;
/** Good enough to answer with and to choose by; each next fit begins where the last one ended. */
const PRECISION = 0.01;
/** Rows looked at in one go: the working memory stays small for a pool of any size. */
const CHUNK = 4096;
/** From this share of the items on, the quick way to all of them is taken. */
const WORTH_JUDGING_ALL = 0.5;

/** The classifier of labelled items; undefined while they are all of one class, which tells a model nothing. */
export function fitItems(
  items: ItemFeatures,
  places: readonly number[],
  labels: readonly number[],
  classes: number,
  warmStart?: LinearModel,
): LinearModel | undefined {
  if (new Set(labels).size < 2) return undefined;
  return fitShares(items, places, oneHot(labels, classes), classes, warmStart);
}

/** As `fitItems`, of items of which each class has a share only (places x classes). */
export function fitShares(
  items: ItemFeatures,
  places: readonly number[],
  shares: Float64Array,
  classes: number,
  warmStart?: LinearModel,
): LinearModel {
  const options = { l2: penaltyFor(L2, shares, classes), precision: PRECISION, ...(warmStart && { warmStart }) };
  const matrix = items.rows(places);
  const { spread } = items;
  if (spread) return fitVectorLogistic({ matrix, targets: shares, classes, spread }, options);
  return fitLogistic(matrix, shares, classes, options).model;
}

/** Probability of each class for each of the named items (places x classes). */
export function judgeItems(
  items: ItemFeatures,
  places: readonly number[],
  model: LinearModel,
  classes: number,
): Float64Array {
  if (items.scores && places.length >= items.count * WORTH_JUDGING_ALL) {
    const { outputs } = model;
    const scores = items.scores(model);
    const wanted = new Float64Array(places.length * outputs);
    for (let i = 0; i < places.length; i++) {
      const from = (places[i] as number) * outputs;
      for (let k = 0; k < outputs; k++) wanted[i * outputs + k] = scores[from + k] as number;
    }
    return probabilitiesOf(wanted, outputs);
  }
  const probabilities = new Float64Array(places.length * classes);
  for (let from = 0; from < places.length; from += CHUNK) {
    probabilities.set(predict(items.rows(places.slice(from, from + CHUNK)), model), from * classes);
  }
  return probabilities;
}

/** The lengths of the rows that a model sees of the named items. */
export function normsOf(items: ItemFeatures, places: readonly number[]): Float64Array {
  const norms = new Float64Array(places.length);
  for (let from = 0; from < places.length; from += CHUNK) {
    norms.set(rowNorms(items.rows(places.slice(from, from + CHUNK))), from);
  }
  return norms;
}

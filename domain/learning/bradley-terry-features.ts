import type { Fit, FitOptions } from './fit-linear.ts';
import type { LinearModel } from './linear-model.ts';
import { fitLogistic, predict } from './logistic.ts';
import type { SparseMatrix } from './sparse.ts';

/**
 * A preference model that can judge answers it has never seen: Bradley-Terry with an item's strength linear in its
 * features, P(a beats b) = sigmoid(w . (a - b)). `pairs` holds the rows a - b (see `differences`); `preferences` how
 * much each pair favours a: 1 a won, 0 b won, 0.5 a tie, or a share of votes. There is no intercept, so swapping the
 * two answers of a pair turns p into exactly 1 - p.
 */
export function fitPreferences(pairs: SparseMatrix, preferences: ArrayLike<number>, options: FitOptions = {}): Fit {
  const targets = new Float64Array(preferences.length * 2);
  for (let row = 0; row < preferences.length; row++) {
    targets[2 * row] = 1 - (preferences[row] as number);
    targets[2 * row + 1] = preferences[row] as number;
  }
  return fitLogistic(pairs, targets, 2, { ...options, intercept: false });
}

/** Probabilities of each pair (rows x 2): b is better, a is better. Feeds `selectBatch` as it is. */
export function predictPreferences(pairs: SparseMatrix, model: LinearModel): Float64Array {
  return predict(pairs, model);
}

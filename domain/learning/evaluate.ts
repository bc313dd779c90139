import { QuorateError } from '../failures.ts';

/** Where a share lies with 95% confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Accuracy extends Interval {
  readonly accuracy: number;
  readonly correct: number;
  readonly total: number;
}

/** The 97.5th percentile of the standard normal. */
const Z = 1.959963984540054;

/** Share of predictions equal to the truth, with its 95% interval; at least one is needed. */
export function accuracyOf(predicted: ArrayLike<unknown>, truth: ArrayLike<unknown>): Accuracy {
  if (predicted.length !== truth.length || truth.length === 0) {
    const message = `Accuracy needs as many predictions as true labels and at least one, not ${predicted.length} and ${truth.length}.`;
    throw new QuorateError('invalid_input', message);
  }
  let correct = 0;
  for (let i = 0; i < truth.length; i++) if (predicted[i] === truth[i]) correct++;
  const total = truth.length;
  return { accuracy: correct / total, correct, total, ...wilsonInterval(correct, total) };
}

/**
 * Wilson's score interval for a share of `correct` out of `total` (Wilson, JASA 1927), within [0, 1]: of 95%, or as wide
 * as the standard normal's quantile `z` says.
 */
export function wilsonInterval(correct: number, total: number, z = Z): Interval {
  if (!(total > 0 && correct >= 0 && correct <= total)) {
    throw new QuorateError('invalid_input', `An interval needs 0 <= correct <= total, not ${correct} of ${total}.`);
  }
  const share = correct / total;
  const scale = 1 + z ** 2 / total;
  const centre = (share + z ** 2 / (2 * total)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  // At the ends the formula gives exactly 0 and 1; doubles miss them by a hair.
  return {
    low: correct === 0 ? 0 : Math.max(0, centre - half),
    high: correct === total ? 1 : Math.min(1, centre + half),
  };
}

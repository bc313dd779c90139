import { byUnit, type Ratings } from '../agreement/ratings.ts';

export interface MeanScores {
  /** By task; NaN-free: 0 where a task has no answer, with confidence 0. */
  readonly mean: Float64Array;
  /** By task, in [0, 1]. */
  readonly confidence: Float64Array;
}

/** How near the mean has to be, as a share of the range of all answers. */
const NEAR = 0.1;
/** How many answers the variance over all tasks counts for beside a task's own answers. */
const PRIOR_ANSWERS = 4;

/**
 * The mean answer of each task. Its confidence is the probability, by the normal approximation, that the mean of many
 * more answers would lie within a tenth of the scale of it. The variance of a task's answers is its own together with
 * that of all tasks, so that a single answer, or two equal ones by chance, are not taken for certain. Where all answers
 * to all tasks are the same number there is no scale to measure by, and n answers have the confidence n / (n + 4).
 * `scale[v]` is the number that value id v stands for.
 */
export function meanScores(ratings: Ratings, scale: ArrayLike<number>): MeanScores {
  const { start, at } = byUnit(ratings);
  const tasks = ratings.unitCount;
  const [mean, squares] = [new Float64Array(tasks), new Float64Array(tasks)];
  let [low, high, within, freedom] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let t = 0; t < tasks; t++) {
    const [from, to] = [start[t] ?? 0, start[t + 1] ?? 0];
    let total = 0;
    for (let k = from; k < to; k++) {
      const score = scale[ratings.value[at[k] ?? 0] ?? 0] ?? 0;
      total += score;
      low = Math.min(low, score);
      high = Math.max(high, score);
    }
    const average = to > from ? total / (to - from) : 0;
    mean[t] = average;
    let about = 0;
    for (let k = from; k < to; k++) about += ((scale[ratings.value[at[k] ?? 0] ?? 0] ?? 0) - average) ** 2;
    squares[t] = about;
    within += about;
    freedom += Math.max(0, to - from - 1);
  }
  // Where all answers are one number nothing tells how far others would be from it.
  const unknownRange = high <= low;
  // With one answer a task nothing tells annotators' variance from tasks': the uniform one of the range is no less.
  const variance = freedom > 0 ? within / freedom : (high - low) ** 2 / 12;
  const confidence = mean.map((_, t) => {
    const n = (start[t + 1] ?? 0) - (start[t] ?? 0);
    if (n === 0) return 0;
    if (unknownRange) return n / (n + PRIOR_ANSWERS);
    const own = ((squares[t] ?? 0) + PRIOR_ANSWERS * variance) / (n - 1 + PRIOR_ANSWERS);
    return own === 0 ? 1 : normalWithin((NEAR * (high - low)) / Math.sqrt(own / n));
  });
  return { mean, confidence };
}

/** The probability that a standard normal number is at most `z` from 0; right to 2e-7 (Numerical Recipes, erfcc). */
function normalWithin(z: number): number {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const terms = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  const exponent = terms.reduceRight((sum, term) => sum * t + term, 0);
  return Math.min(1, Math.max(0, 1 - t * Math.exp(-x * x + exponent)));
}

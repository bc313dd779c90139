import { onScale } from '../../agreement/numeric-labels.ts';
import { answersByUnit, type Ratings } from '../../agreement/ratings.ts';
import { QuorateError } from '../../failures.ts';

/** Scores from which each annotator's own leniency has been removed. Tasks and annotators are the ratings' ids. */
export interface RaterScores {
  readonly method: string;
  /**
   * By task: what the whole crowd would give on average, in the scale's own unit. A task that nobody rated has the
   * mean of all tasks.
   */
  readonly score: Float64Array;
  /** By task: the probability that `score` is within a tenth of the scale's range of what it estimates; 0 unrated. */
  readonly confidence: Float64Array;
  /** By annotator: how much higher than the crowd's their scores are on average, in the scale's unit; 0 unknown. */
  readonly leniency: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

export interface RaterOptions {
  readonly maxIterations?: number;
  /** The largest change of a task's effect, as a share of their spread, at which the fit has converged. */
  readonly tolerance?: number;
}

/** Ratings by step of an ascending scale whose steps are all in use. */
export interface ScaledRatings {
  readonly ratings: Ratings;
  readonly scale: Float64Array;
  /** How many ratings each task has. */
  readonly answers: Int32Array;
}

/**
 * Ratings with value ids in the order of the numbers `scale` gives them, only those in use. Throws QuorateError for no ratings and for a
 * value in use that stands for no finite number.
 */
export function scaled(ratings: Ratings, scale: ArrayLike<number>): ScaledRatings {
  if (ratings.value.length === 0) throw new QuorateError('invalid_input', 'There are no ratings; one is needed.');
  const odd = ratings.value.find((value) => !Number.isFinite(scale[value]));
  if (odd !== undefined) {
    throw new QuorateError('invalid_input', `A rating stands for ${scale[odd]}; ratings must be finite numbers.`);
  }
  const answers = answersByUnit(ratings);
  // Steps that nobody used stand for no number and are left out.
  const used = new Float64Array(ratings.valueCount).fill(Number.NaN);
  for (const value of ratings.value) used[value] = scale[value] as number;
  return { ...onScale(ratings, used, 'interval'), answers };
}

/** How near a score has to be, as a share of the scale's range. */
export const NEAR = 0.1;

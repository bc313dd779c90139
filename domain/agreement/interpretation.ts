import type { Coefficient } from './coefficient.ts';

/** Below this the instructions are the first suspect; above the other annotators are calibrated. */
const AMBIGUOUS_BELOW = 0.6;
const CALIBRATED_ABOVE = 0.8;
/** So far above that people add little to one another. */
const PLAIN_FROM = 0.95;

/**
 * What a coefficient of agreement means for whoever runs the campaign, in a sentence or two; `interval` is where it lies,
 * as far as that is known.
 */
export function interpretation(coefficient: Coefficient, interval?: readonly [low: number, high: number]): string {
  if (!('value' in coefficient)) return `Undefined, because ${coefficient.undefined}.`;
  const { value } = coefficient;
  if (value < 0 && interval !== undefined && interval[1] < 0) {
    return 'Below what chance gives: annotators read the task in opposite ways. Fix the instructions before collecting more.';
  }
  if (value <= 0) {
    return 'No better than chance: annotators guess, or each reads the task in a way of their own. Fix the instructions before collecting more.';
  }
  if (value < AMBIGUOUS_BELOW) {
    return `Below ${AMBIGUOUS_BELOW}: the instructions are the first suspect. Look for bad annotators, then fix the instructions before collecting more.`;
  }
  if (value <= CALIBRATED_ABOVE) {
    return `Between ${AMBIGUOUS_BELOW} and ${CALIBRATED_ABOVE}: usable. Look at the labels that are confused most often.`;
  }
  if (value < PLAIN_FROM) return `Above ${CALIBRATED_ABOVE}: annotators are calibrated. Fewer answers a task may do.`;
  return `Far above ${CALIBRATED_ABOVE}: the task is plain. Fewer annotators or an automatic labeler may do.`;
}

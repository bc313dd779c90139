/** A coefficient of agreement, or why there is none: `undefined` completes the sentence "Undefined, because ...". */
export type Coefficient = { readonly value: number } | { readonly undefined: string };

/** A coefficient as a function of how often each task (or each group of equal tasks) counts. */
export type Statistic = (weight: Float64Array) => Coefficient;

export const NOTHING_PAIRED = 'no task has two answers';
export const NO_VARIATION = 'all answers that could be compared are the same, so that no disagreement can be expected';

/** 1 - observed / expected disagreement; undefined where none can be expected. */
export function chanceCorrected(observed: number, expected: number): Coefficient {
  return expected > 0 ? { value: 1 - observed / expected } : { undefined: NO_VARIATION };
}

/** The number, or undefined, for callers that have no use for the reason. */
export function numberOf(coefficient: Coefficient): number | undefined {
  return 'value' in coefficient ? coefficient.value : undefined;
}

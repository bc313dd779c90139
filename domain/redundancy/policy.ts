import { QuorateError } from '../failures.ts';

/** The same number of answers for every task. */
export interface FixedPolicy {
  readonly kind: 'fixed';
  readonly n: number;
}

/** More answers for hard and contested tasks, fewer for easy ones. */
export interface AdaptivePolicy {
  readonly kind: 'adaptive';
  /** Every task gets at least so many answers... */
  readonly min: number;
  /** ...and none more than this. */
  readonly max: number;
  /** A task is done once its most probable label is at least this probable. */
  readonly target: number;
  /** Answers the campaign pays for, a task on average; by default three, or one more than `min` where that is more. */
  readonly average?: number;
  /**
   * How many annotators may be looked at for an answer, to ask the one who would tell most; 1 takes whoever comes.
   * By default `ADAPTIVE_DEFAULTS.atHand`.
   */
  readonly atHand?: number;
}

export type RedundancyPolicy = FixedPolicy | AdaptivePolicy;

/** Answers a task on average: what a campaign with fixed redundancy would usually pay for. */
const MEAN_ANSWERS = 3;

/** `max` is where further answers on recorded crowds stop paying: tasks still contested by then are hard for everybody. */
export const ADAPTIVE_DEFAULTS = { min: 2, max: 10, target: 0.95, atHand: 5 } as const;

/** The policy with its defaults filled in. Throws `QuorateError` (invalid_input) where its numbers make no sense. */
export function adaptivePolicy(given: Partial<Omit<AdaptivePolicy, 'kind'>> = {}): Required<AdaptivePolicy> {
  const { max = Math.max(ADAPTIVE_DEFAULTS.max, given.min ?? 0), target = ADAPTIVE_DEFAULTS.target } = given;
  const { min = Math.min(ADAPTIVE_DEFAULTS.min, max), atHand = ADAPTIVE_DEFAULTS.atHand } = given;
  const average = given.average ?? Math.min(max, Math.max(MEAN_ANSWERS, min + 1));
  whole('min', min);
  whole('max', max);
  whole('atHand', atHand);
  if (min > max) throw wrong('min', `min is ${min}, more than max, which is ${max}.`);
  if (!(target >= 0 && target <= 1)) throw wrong('target', `target is ${target}; it must be from 0 to 1.`);
  if (!(average >= min)) throw wrong('average', `average is ${average}; it must be at least min, which is ${min}.`);
  return { kind: 'adaptive', min, max, target, average, atHand };
}

/** A fixed policy. Throws `QuorateError` (invalid_input) unless `n` is a whole number from 1. */
export function fixedPolicy(n: number): FixedPolicy {
  whole('n', n);
  return { kind: 'fixed', n };
}

function whole(field: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 1)) {
    throw wrong(field, `${field} is ${value}; it must be a whole number from 1.`);
  }
}

function wrong(field: string, message: string): QuorateError {
  return new QuorateError('invalid_input', message, { field });
}

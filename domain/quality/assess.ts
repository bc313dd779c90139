import { QuorateError } from '../failures.ts';
import type { QualityFlag, Signal } from './signal.ts';

/** The rules by which one annotation is scored; every number is a setting. Factors are from 0 to 1. */
export interface QualityThresholds {
  /** Answers given in fewer seconds are too fast. */
  readonly tooFastS: number;
  readonly tooFastFactor: number;
  /** Answers that took more seconds are too slow. */
  readonly tooSlowS: number;
  readonly tooSlowFactor: number;
  /** Reported time may exceed the time since the lease was given by so much: clocks and roundings differ. */
  readonly clockSkewS: number;
  readonly timeOverstatedFactor: number;
  readonly goldIncorrectFactor: number;
  /** Gold accuracy is judged from this many gold answers on. */
  readonly goldMinSeen: number;
  readonly goldMinAccuracy: number;
  readonly belowGoldFactor: number;
  readonly honeypotFailedFactor: number;
}

export const DEFAULT_QUALITY_THRESHOLDS: QualityThresholds = {
  tooFastS: 5,
  tooFastFactor: 0.3,
  tooSlowS: 600,
  tooSlowFactor: 0.8,
  clockSkewS: 2,
  timeOverstatedFactor: 0.8,
  goldIncorrectFactor: 0.5,
  goldMinSeen: 10,
  goldMinAccuracy: 0.7,
  belowGoldFactor: 0.3,
  // A gold measures accuracy, a honeypot attention: failing it weighs more.
  honeypotFailedFactor: 0.3,
};

export interface AnnotationFacts {
  /** As the annotator's page reports it; null where nobody said: then no rule looks at the time. */
  readonly timeSpentS: number | null;
  /** By the server's own clock, where the reported time is to be held against it. */
  readonly sinceLeaseS?: number | undefined;
  /** Only for gold tasks. */
  readonly goldVerdict?: 'correct' | 'wrong' | undefined;
  /** Gold answers of this annotator so far, this one included, and how many of them were right. */
  readonly goldSeen: number;
  readonly goldCorrect: number;
  /** Whether this was a honeypot, answered wrong. */
  readonly honeypotFailed?: boolean | undefined;
  /** What the rules found that look at more than this one answer. */
  readonly signals?: readonly Signal[] | undefined;
}

export interface Assessment {
  /** 0 to 1: the product of the factors of all rules that apply. */
  readonly score: number;
  readonly flags: QualityFlag[];
  /** The numbers behind the flags that have some. */
  readonly evidence: Record<string, Signal['evidence']>;
}

/** Scores one annotation: starts at 1, each rule that applies adds its flag and multiplies by its factor. */
export function assess(facts: AnnotationFacts, rules: QualityThresholds = DEFAULT_QUALITY_THRESHOLDS): Assessment {
  const { timeSpentS, sinceLeaseS = Infinity, goldSeen, goldCorrect } = facts;
  if (timeSpentS !== null) requireNumber('timeSpentS', timeSpentS, timeSpentS >= 0, 'seconds, 0 or more');
  requireNumber('goldSeen', goldSeen, Number.isInteger(goldSeen) && goldSeen >= 0, 'a whole number from 0');
  const counted = Number.isInteger(goldCorrect) && goldCorrect >= 0 && goldCorrect <= goldSeen;
  requireNumber('goldCorrect', goldCorrect, counted, `a whole number from 0 to goldSeen, ${goldSeen}`);

  const flags: QualityFlag[] = [];
  const evidence: Assessment['evidence'] = {};
  let score = 1;
  const apply = (flag: QualityFlag, factor: number, numbers?: Signal['evidence']) => {
    flags.push(flag);
    score *= factor;
    if (numbers) evidence[flag] = numbers;
  };
  if (timeSpentS !== null) {
    // Nobody can have worked on a task for longer than they had it: then our own clock is believed.
    const overstated = timeSpentS > Math.max(0, sinceLeaseS) + rules.clockSkewS;
    const timeS = overstated ? Math.max(0, sinceLeaseS) : timeSpentS;
    if (timeS < rules.tooFastS) apply('too_fast', rules.tooFastFactor);
    if (timeS > rules.tooSlowS) apply('too_slow', rules.tooSlowFactor);
    if (overstated) apply('time_overstated', rules.timeOverstatedFactor, { reportedS: timeSpentS, sinceLeaseS });
  }
  if (facts.goldVerdict === 'wrong') apply('gold_incorrect', rules.goldIncorrectFactor);
  if (goldSeen > 0 && goldSeen >= rules.goldMinSeen && goldCorrect / goldSeen < rules.goldMinAccuracy) {
    apply('below_gold_threshold', rules.belowGoldFactor);
  }
  if (facts.honeypotFailed) apply('honeypot_failed', rules.honeypotFailedFactor);
  for (const signal of facts.signals ?? []) apply(signal.flag, signal.factor, signal.evidence);
  return { score, flags, evidence };
}

function requireNumber(field: string, value: number, valid: boolean, wanted: string): void {
  if (valid && Number.isFinite(value)) return;
  throw new QuorateError('invalid_input', `${field} is ${value}; it must be ${wanted}.`, { field });
}

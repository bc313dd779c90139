import { DEFAULT_QUALITY_THRESHOLDS, type QualityThresholds } from './assess.ts';

/** The same answer again and again; null turns a rule off, a factor of 1 only flags. */
export interface StraightLiningRules {
  /** Shorter runs are nobody's fault. */
  readonly minRun: number;
  /** Flagged when somebody who draws answers by the others' shares would show such a run with at most this chance. */
  readonly maxChance: number;
  /** Answers of others that tell the shares; with fewer nobody is flagged. */
  readonly minPeerAnswers: number;
  readonly factor: number;
}

/** Preferring what is shown in one place, which is drawn anew for each answer. */
export interface PositionBiasRules {
  readonly minAnswers: number;
  /** Flagged when somebody without a preference would choose so with at most this chance ... */
  readonly maxChance: number;
  /** ... and by at least this much more often than the place deserves (a share, so 0.2 is 70 instead of 50 in 100). */
  readonly minExcess: number;
  readonly factor: number;
}

/** A text much like another annotator's on the task, or one's own to another item. */
export interface CopiedTextRules {
  /** Shorter texts are alike by themselves; in characters, punctuation and spacing apart. */
  readonly minCharacters: number;
  /** Least share of common letter sequences; 1 is the same text. */
  readonly minSimilarity: number;
  readonly factor: number;
}

/** Another answer to the same item, or nearly the same, than the annotator's own one before. */
export interface ContradictionRules {
  /** Least distance of the two labels, by the task type's own measure, 0 to 1. */
  readonly minDistance: number;
  /** Least share of common letter sequences of two items' texts; 1, as in settings from before it was one: the same item. */
  readonly minSimilarity?: number;
  readonly factor: number;
}

/** Agreement with the others hardly above chance, on tasks where the others agree with each other. */
export interface PeerAgreementRules {
  /** Tasks shared with others. */
  readonly minTasks: number;
  /** Nobody is judged where the others agree among themselves by less than this above chance. */
  readonly minPeerExcess: number;
  /** Of the way from chance to the others' own agreement, how much is asked for. */
  readonly share: number;
  /** Flagged when agreement lies below that with at least this probability. */
  readonly certainty: number;
  readonly factor: number;
}

/** Limits of time learnt from the campaign's answers; they only ever tighten the fixed ones. */
export interface LearnedTimeRules {
  readonly minAnswers: number;
  /** How many robust standard deviations of the logarithm from the median are too fast, and too slow. */
  readonly fastDeviations: number;
  readonly slowDeviations: number;
  /** Whether learnt limits only tighten the fixed ones; so it is in settings from before it could be said. */
  readonly tightenOnly?: boolean;
}

/** Every number by which answers are judged. */
export interface QualityRules extends QualityThresholds {
  /** How many of an annotator's newest answers in the campaign the rules below look at. */
  readonly recentAnswers: number;
  readonly straightLining: StraightLiningRules | null;
  readonly positionBias: PositionBiasRules | null;
  readonly copiedText: CopiedTextRules | null;
  readonly contradiction: ContradictionRules | null;
  readonly lowPeerAgreement: PeerAgreementRules | null;
  readonly learnedTimes: LearnedTimeRules | null;
}

/** Every rule switched on, with the numbers it has unless the campaign sets others. */
export const RULE_DEFAULTS = {
  straightLining: { minRun: 10, maxChance: 0.001, minPeerAnswers: 30, factor: 0.5 },
  positionBias: { minAnswers: 20, maxChance: 0.001, minExcess: 0.2, factor: 0.5 },
  copiedText: { minCharacters: 40, minSimilarity: 0.8, factor: 0.3 },
  contradiction: { minDistance: 0.5, minSimilarity: 0.9, factor: 0.7 },
  lowPeerAgreement: { minTasks: 15, minPeerExcess: 0.2, share: 0.5, certainty: 0.99, factor: 0.5 },
  learnedTimes: { minAnswers: 100, fastDeviations: 3, slowDeviations: 4, tightenOnly: false },
} satisfies Partial<QualityRules>;

export const DEFAULT_QUALITY_RULES: QualityRules = {
  ...DEFAULT_QUALITY_THRESHOLDS,
  recentAnswers: 50,
  ...RULE_DEFAULTS,
  // The fixed limits of time are the rule; learning them is the requester's choice.
  learnedTimes: null,
};

/** The rules as stored with a campaign, completed: settings stored before a rule existed have its default. */
export function qualityRulesOf(stored: Partial<QualityRules> | undefined): QualityRules {
  return { ...DEFAULT_QUALITY_RULES, ...stored };
}

import { z } from 'zod';
import { DEFAULT_QUALITY_RULES as defaults, type QualityRules, RULE_DEFAULTS as rules } from './rules.ts';

const share = z.number().min(0).max(1);
const seconds = z.number().min(0).max(86_400);
const count = (min: number) => z.number().int().min(min).max(1000);
/** A chance of flagging somebody by accident, for each look: never a mere coin toss. */
const chance = z.number().gt(0).max(0.1);

const straightLining = z.strictObject({
  minRun: count(3).default(rules.straightLining.minRun),
  maxChance: chance.default(rules.straightLining.maxChance),
  minPeerAnswers: count(1).default(rules.straightLining.minPeerAnswers),
  factor: share.default(rules.straightLining.factor),
});

const positionBias = z.strictObject({
  minAnswers: count(5).default(rules.positionBias.minAnswers),
  maxChance: chance.default(rules.positionBias.maxChance),
  minExcess: share.default(rules.positionBias.minExcess),
  factor: share.default(rules.positionBias.factor),
});

const copiedText = z.strictObject({
  minCharacters: count(1).default(rules.copiedText.minCharacters),
  minSimilarity: z.number().min(0.5).max(1).default(rules.copiedText.minSimilarity),
  factor: share.default(rules.copiedText.factor),
});

const contradiction = z.strictObject({
  minDistance: z.number().gt(0).max(1).default(rules.contradiction.minDistance),
  minSimilarity: z.number().min(0.5).max(1).default(rules.contradiction.minSimilarity),
  factor: share.default(rules.contradiction.factor),
});

const lowPeerAgreement = z.strictObject({
  minTasks: count(5).default(rules.lowPeerAgreement.minTasks),
  minPeerExcess: share.default(rules.lowPeerAgreement.minPeerExcess),
  share: share.default(rules.lowPeerAgreement.share),
  certainty: z.number().min(0.5).lt(1).default(rules.lowPeerAgreement.certainty),
  factor: share.default(rules.lowPeerAgreement.factor),
});

const learnedTimes = z.strictObject({
  minAnswers: count(30).default(rules.learnedTimes.minAnswers),
  fastDeviations: z.number().min(1).max(10).default(rules.learnedTimes.fastDeviations),
  slowDeviations: z.number().min(1).max(10).default(rules.learnedTimes.slowDeviations),
  tightenOnly: z.boolean().default(rules.learnedTimes.tightenOnly),
});

/**
 * Reads a campaign's quality rules; what is left out has the default, and null turns a rule off. Kept apart so that
 * `assess` needs no zod.
 */
export const qualityRulesSchema = z
  .strictObject({
    tooFastS: seconds.default(defaults.tooFastS),
    tooFastFactor: share.default(defaults.tooFastFactor),
    tooSlowS: seconds.default(defaults.tooSlowS),
    tooSlowFactor: share.default(defaults.tooSlowFactor),
    clockSkewS: seconds.default(defaults.clockSkewS),
    timeOverstatedFactor: share.default(defaults.timeOverstatedFactor),
    goldIncorrectFactor: share.default(defaults.goldIncorrectFactor),
    goldMinSeen: count(1).default(defaults.goldMinSeen),
    goldMinAccuracy: share.default(defaults.goldMinAccuracy),
    belowGoldFactor: share.default(defaults.belowGoldFactor),
    honeypotFailedFactor: share.default(defaults.honeypotFailedFactor),
    recentAnswers: z.number().int().min(5).max(200).default(defaults.recentAnswers),
    straightLining: straightLining.nullable().default(defaults.straightLining),
    positionBias: positionBias.nullable().default(defaults.positionBias),
    copiedText: copiedText.nullable().default(defaults.copiedText),
    contradiction: contradiction.nullable().default(rules.contradiction),
    lowPeerAgreement: lowPeerAgreement.nullable().default(defaults.lowPeerAgreement),
    // Off: the fixed limits of time are the rule.
    learnedTimes: learnedTimes.nullable().default(null),
  })
  .refine(({ tooFastS, tooSlowS }) => tooFastS < tooSlowS, {
    error: 'tooFastS must be less than tooSlowS',
    path: ['tooFastS'],
  }) satisfies z.ZodType<QualityRules>;

import { z } from 'zod';
import { DEFAULT_QUALITY_RULES as defaults, type QualityRules, RULE_DEFAULTS as rules } from './rules.ts';

const share = z.number().min(0).max(1);
const seconds = z.number().min(0).max(86_400);
const count = (min: number) => z.number().int().min(min).max(1000);
/** A chance of flagging somebody by accident, for each look: never a mere coin toss. */
const chance = z.number().gt(0).max(0.1);

/** What a rule that finds something multiplies the score by. */
const factor = (usual: number) => share.default(usual).describe('The score is multiplied by this; 1 only flags');

const straightLining = z.strictObject({
  minRun: count(3).default(rules.straightLining.minRun).describe('Answers in a row that are the same, at least'),
  maxChance: chance.default(rules.straightLining.maxChance).describe('The run must be no more likely than this'),
  minPeerAnswers: count(1)
    .default(rules.straightLining.minPeerAnswers)
    .describe('Answers of others before their label shares are known'),
  factor: factor(rules.straightLining.factor),
});

const positionBias = z.strictObject({
  minAnswers: count(5).default(rules.positionBias.minAnswers).describe('Answers before it is looked for'),
  maxChance: chance.default(rules.positionBias.maxChance).describe('The preference must be no more likely than this'),
  minExcess: share
    .default(rules.positionBias.minExcess)
    .describe('How much more often than the drawn order explains, at least'),
  factor: factor(rules.positionBias.factor),
});

const copiedText = z.strictObject({
  minCharacters: count(1).default(rules.copiedText.minCharacters).describe('Shorter texts are not compared'),
  minSimilarity: z
    .number()
    .min(0.5)
    .max(1)
    .default(rules.copiedText.minSimilarity)
    .describe('Nearly the same from here on'),
  factor: factor(rules.copiedText.factor),
});

const contradiction = z.strictObject({
  minDistance: z
    .number()
    .gt(0)
    .max(1)
    .default(rules.contradiction.minDistance)
    .describe('How far apart the two answers are, at least'),
  minSimilarity: z
    .number()
    .min(0.5)
    .max(1)
    .default(rules.contradiction.minSimilarity)
    .describe('How alike the two items are, at least'),
  factor: factor(rules.contradiction.factor),
});

const lowPeerAgreement = z.strictObject({
  minTasks: count(5)
    .default(rules.lowPeerAgreement.minTasks)
    .describe('Tasks shared with others before it is looked for'),
  minPeerExcess: share
    .default(rules.lowPeerAgreement.minPeerExcess)
    .describe('How far above chance the others must agree with each other'),
  share: share
    .default(rules.lowPeerAgreement.share)
    .describe("Less than this share of the others' agreement above chance is low"),
  certainty: z.number().min(0.5).lt(1).default(rules.lowPeerAgreement.certainty).describe('How sure that must be'),
  factor: factor(rules.lowPeerAgreement.factor),
});

const learnedTimes = z.strictObject({
  minAnswers: count(30).default(rules.learnedTimes.minAnswers).describe('Answers before limits are learnt'),
  fastDeviations: z
    .number()
    .min(1)
    .max(10)
    .default(rules.learnedTimes.fastDeviations)
    .describe('Too fast: so many deviations below the median'),
  slowDeviations: z
    .number()
    .min(1)
    .max(10)
    .default(rules.learnedTimes.slowDeviations)
    .describe('Too slow: so many above it'),
  tightenOnly: z
    .boolean()
    .default(rules.learnedTimes.tightenOnly)
    .describe('Learnt limits hold only if they are tighter than the fixed ones'),
});

/**
 * Reads a campaign's quality rules; what is left out has the default, and null turns a rule off. Kept apart so that
 * `assess` needs no zod.
 */
export const qualityRulesSchema = z
  .strictObject({
    tooFastS: seconds.default(defaults.tooFastS).describe('Less time than that is `too_fast`'),
    tooFastFactor: factor(defaults.tooFastFactor),
    tooSlowS: seconds.default(defaults.tooSlowS).describe('More time than that is `too_slow`'),
    tooSlowFactor: factor(defaults.tooSlowFactor),
    clockSkewS: seconds
      .default(defaults.clockSkewS)
      .describe('More time reported than has passed since the lease, by more than that, is `time_overstated`'),
    timeOverstatedFactor: factor(defaults.timeOverstatedFactor),
    goldIncorrectFactor: factor(defaults.goldIncorrectFactor),
    goldMinSeen: count(1).default(defaults.goldMinSeen).describe('Nobody is judged on fewer golds'),
    goldMinAccuracy: share
      .default(defaults.goldMinAccuracy)
      .describe('Fewer of them right is `below_gold_threshold`, and means recalibrating'),
    belowGoldFactor: factor(defaults.belowGoldFactor),
    honeypotFailedFactor: factor(defaults.honeypotFailedFactor),
    recentAnswers: z
      .number()
      .int()
      .min(5)
      .max(200)
      .default(defaults.recentAnswers)
      .describe("So many of an annotator's newest answers are looked at"),
    straightLining: straightLining
      .nullable()
      .default(defaults.straightLining)
      .describe('The same click again and again; null: not looked for'),
    positionBias: positionBias
      .nullable()
      .default(defaults.positionBias)
      .describe('What is shown first, or last, is chosen too often; null: not looked for'),
    copiedText: copiedText
      .nullable()
      .default(defaults.copiedText)
      .describe("Nearly another annotator's text, or the own one to another item; null: not looked for"),
    contradiction: contradiction
      .nullable()
      .default(rules.contradiction)
      .describe('Far from the own answer to the same content before; null: not looked for'),
    lowPeerAgreement: lowPeerAgreement
      .nullable()
      .default(defaults.lowPeerAgreement)
      .describe('Agreement with others hardly above chance; null: not looked for'),
    // Off: the fixed limits of time are the rule.
    learnedTimes: learnedTimes
      .nullable()
      .default(null)
      .describe('Limits of time are learnt from the newest answers. By default not'),
  })
  .refine(({ tooFastS, tooSlowS }) => tooFastS < tooSlowS, {
    error: 'tooFastS must be less than tooSlowS',
    path: ['tooFastS'],
  }) satisfies z.ZodType<QualityRules>;

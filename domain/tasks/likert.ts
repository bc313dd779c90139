import { z } from 'zod';
import { order, orderedVotes } from '../aggregation/weighted-vote.ts';
import { mismatch, payloadOf, refuser, shownFields, textField } from './fields.ts';
import {
  fairMeans,
  namesOf,
  nearest,
  overallMean,
  readScores,
  type Scores,
  sameSteps,
  scaleFault,
  scaleShape,
  scoreDistance,
  scoresCertainty,
} from './scale.ts';
import { isRuling, type TaskType } from './task-type.ts';

const configSchema = z
  .object(scaleShape('config'), { error: (issue) => mismatch('config', 'an object', issue.input) })
  .superRefine((scale, ctx) => {
    const message = scaleFault(scale, 'config');
    if (message !== undefined) ctx.addIssue({ code: 'custom', message });
  });

const payloadSchema = payloadOf({
  /** What is rated. */
  text: textField('payload.text', { filled: true }),
  /** What it answers, if anything. */
  prompt: textField('payload.prompt').optional(),
  title: textField('payload.title').optional(),
});

export type LikertConfig = z.infer<typeof configSchema>;
export type LikertPayload = z.infer<typeof payloadSchema>;
/** A score by criterion: whole numbers when submitted, means (to full precision) when decided. */
export type LikertLabel = Scores;

/** Beside a known answer each score may be off by this share of the range: nothing up to nine steps, 10 from 0 to 100. */
const GOLD_TOLERANCE = 0.1;

/** Ratings on a scale of whole numbers, by one or several criteria. */
export const likert: TaskType<LikertConfig, LikertPayload, LikertLabel> = {
  name: 'likert',
  title: 'Likert scale',
  defaultSeconds: 30,
  agreementLevel: 'ordinal',
  configSchema,
  payloadSchema,

  labelSchema(config) {
    return z.unknown().transform((value, ctx) => {
      const scores = readScores(value, config, 'label');
      return typeof scores === 'string' ? refuser(ctx)(scores) : scores;
    });
  },

  canonical(label) {
    return JSON.stringify(Object.entries(label).sort(([a], [b]) => order(a, b)));
  },

  distance(a, b, config) {
    return scoreDistance(a, b, config);
  },

  /** The same steps: means to full precision differ with every answer. */
  same(a, b, config) {
    return sameSteps(a, b, config);
  },

  matches(label, known, { min, max }) {
    const off = (name: string) => Math.abs((label[name] ?? Number.NaN) - (known[name] ?? Number.NaN));
    return Object.keys(known).every((name) => off(name) <= GOLD_TOLERANCE * (max - min));
  },

  /**
   * Weighted mean per criterion, to full precision, less the mean of the annotators' leniency where that is known; beside it in `stats`, by criterion: `sd`, `count` and the
   * nearest category `rounded`. Its confidence, the agreement, is 1 - sd / (half the range), averaged over criteria: 1
   * when all scores are the same, 0 when they are split between the ends of the scale.
   */
  aggregate(votes, config) {
    if (votes.length === 0) return { label: null, confidence: 0, distribution: {}, method: 'weighted_mean', n: 0 };
    const ordered = orderedVotes(votes, ({ label }) => likert.canonical(label));
    const means = fairMeans(
      ordered.map(({ vote: { label, leniency }, weight }) => ({ scores: label, weight, leniency })),
      config,
    );
    const key = (name: string, score: number) => (config.criteria.length > 1 ? `${name}=${score}` : `${score}`);
    const confidence = means.reduce((sum, each) => sum + each.confidence / means.length, 0);
    return {
      label: Object.fromEntries(means.map(({ name, mean }) => [name, mean])),
      confidence: Math.min(1, confidence),
      distribution: Object.fromEntries(
        means.flatMap((each) => each.shares.map(([score, share]) => [key(each.name, score), share])),
      ),
      method: 'weighted_mean',
      n: votes.length,
      stats: Object.fromEntries(
        means.flatMap(({ name, mean, sd, count, rounded }) => [
          [`mean:${name}`, mean],
          [`sd:${name}`, sd],
          [`count:${name}`, count],
          [`rounded:${name}`, rounded],
        ]),
      ),
    };
  },

  /** Averaged over the criteria (`certaintyOfMean`). */
  certainty(answers, _decided, { config, usual: { variance } }) {
    const scored = answers.map(({ label, ...rest }) => ({ ...rest, scores: label }));
    return { confidence: scoresCertainty(scored, config, variance) };
  },

  scales(label) {
    return label;
  },

  shifted(label, by, { min, max }) {
    const scores = Object.entries(label).map(([name, score]) => {
      return [name, Math.min(max, Math.max(min, score - (by[name] ?? 0)))] as const;
    });
    return Object.fromEntries(scores);
  },

  present(payload) {
    return { payload: shownFields(payload, ['text', 'prompt', 'title']), order: '' };
  },

  /** `rounded` is the label's nearest steps; `sd` is that of the answers, null where an expert ruled otherwise. */
  exportRecord(payload, { label, confidence, method, n, stats = {} }, config) {
    const names = namesOf(config);
    const rounded = names.map((name) => [name, label?.[name] === undefined ? null : nearest(label[name])] as const);
    const sd = names.map((name) => [name, (isRuling(method) ? null : stats[`sd:${name}`]) ?? null] as const);
    return {
      ...payload,
      label,
      rounded: Object.fromEntries(rounded),
      sd: Object.fromEntries(sd),
      confidence,
      n_annotators: n,
    };
  },

  modelTarget({ min, max }) {
    return { kind: 'scalar', min, max };
  },

  /** The mean over the criteria. */
  modelLabel(label) {
    return overallMean(label);
  },

  features({ prompt, text }) {
    return prompt ? `${prompt}\n${text}` : text;
  },
};

import { z } from 'zod';
import { shares, spread } from '../aggregation/weighted-scores.ts';
import { order, orderedVotes } from '../aggregation/weighted-vote.ts';
import { mismatch, nameField, payloadOf, repeated, textField } from './fields.ts';
import { listed, show } from './messages.ts';
import type { TaskType } from './task-type.ts';

const bound = (field: string) =>
  z
    .number({ error: (issue) => mismatch(field, 'a whole number from -1000 to 1000', issue.input) })
    .refine((value) => Number.isInteger(value) && Math.abs(value) <= 1000, {
      error: (issue) => mismatch(field, 'a whole number from -1000 to 1000', issue.input),
    });

const configSchema = z
  .object(
    {
      min: bound('config.min'),
      max: bound('config.max'),
      criteria: z
        .array(
          z.object(
            {
              name: nameField('config.criteria'),
              description: textField('config.criteria: description')
                .max(10_000, {
                  error: 'config.criteria: a description has at most 10,000 characters',
                })
                .optional(),
            },
            { error: (issue) => mismatch('config.criteria', 'a list of {name, description}', issue.input) },
          ),
          { error: (issue) => mismatch('config.criteria', 'a list of {name, description}', issue.input) },
        )
        .min(1, { error: 'config.criteria is empty; at least one criterion is needed' })
        .max(50, { error: 'config.criteria has more than 50 entries; at most 50 are allowed' }),
    },
    { error: (issue) => mismatch('config', 'an object', issue.input) },
  )
  .superRefine(({ min, max, criteria }, ctx) => {
    const twice = repeated(criteria.map(({ name }) => name));
    if (twice !== undefined)
      ctx.addIssue({ code: 'custom', message: `config.criteria: ${show(twice)} is there twice` });
    if (max - min < 1 || max - min > 100) {
      ctx.addIssue({ code: 'custom', message: `config.max is ${max}; it must be 1 to 100 above config.min, ${min}` });
    }
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
export type LikertLabel = Record<string, number>;

const namesOf = (config: LikertConfig) => config.criteria.map(({ name }) => name).sort(order);

function labelSchema(config: LikertConfig): z.ZodType<LikertLabel> {
  const names = namesOf(config);
  const { min, max } = config;
  return z.unknown().transform((value, ctx) => {
    const refuse = (message: string) => {
      ctx.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    const [only] = names;
    const plain = typeof value !== 'object' || value === null;
    if (plain && names.length > 1) {
      return refuse(`label: ${show(value)} is not an object with a score for each of ${listed(names)}`);
    }
    const given = plain ? new Map([[only, value]]) : new Map<string | undefined, unknown>(Object.entries(value));
    for (const key of given.keys()) {
      if (key === undefined || !names.includes(key))
        return refuse(`label: ${show(key)} is not one of ${listed(names)}`);
    }
    const scores: [string, number][] = [];
    for (const name of names) {
      const score = given.get(name);
      if (typeof score !== 'number' || !Number.isInteger(score) || score < min || score > max) {
        const field = plain ? 'label' : `label.${name}`;
        return refuse(`${field}: ${show(score)} is not a whole number from ${min} to ${max}`);
      }
      scores.push([name, score + 0]); // + 0 turns -0 into 0
    }
    return Object.fromEntries(scores);
  });
}

/** The nearest category, halves upward; the small term undoes rounding errors such as 3.4999999999999996. */
const nearest = (mean: number) => Math.floor(mean + 0.5 + 1e-9);

/** Ratings on a scale of whole numbers, by one or several criteria. */
export const likert: TaskType<LikertConfig, LikertPayload, LikertLabel> = {
  name: 'likert',
  title: 'Likert scale',
  defaultSeconds: 30,
  agreementLevel: 'ordinal',
  configSchema,
  payloadSchema,
  labelSchema,

  canonical(label) {
    return JSON.stringify(Object.entries(label).sort(([a], [b]) => order(a, b)));
  },

  /** Difference of scores as a share of the scale's range, averaged over the criteria. */
  distance(a, b, config) {
    const names = namesOf(config);
    const range = config.max - config.min;
    const sum = names.reduce((total, name) => total + Math.abs((a[name] ?? 0) - (b[name] ?? 0)) / range, 0);
    return sum / names.length;
  },

  /**
   * Weighted mean per criterion, to full precision; beside it in `stats`, by criterion: `sd`, `count` and the
   * nearest category `rounded`. Confidence is 1 - sd / (half the range), averaged over criteria: 1 when all scores are
   * the same, 0 when they are split between the ends of the scale.
   */
  aggregate(votes, config) {
    if (votes.length === 0) return { label: null, confidence: 0, distribution: {}, method: 'weighted_mean', n: 0 };
    const ordered = orderedVotes(votes, ({ label }) => likert.canonical(label));
    const names = namesOf(config);
    const label: [string, number][] = [];
    const stats: [string, number][] = [];
    const distribution: [string, number][] = [];
    let confidence = 0;
    for (const name of names) {
      const scores = ordered.map(({ vote, weight }) => ({ score: vote.label[name] ?? Number.NaN, weight }));
      const { mean, sd } = spread(scores);
      label.push([name, mean]);
      stats.push([`mean:${name}`, mean], [`sd:${name}`, sd], [`count:${name}`, scores.length]);
      stats.push([`rounded:${name}`, nearest(mean)]);
      confidence += Math.max(0, 1 - (2 * sd) / (config.max - config.min)) / names.length;
      for (const [score, share] of shares(scores))
        distribution.push([names.length > 1 ? `${name}=${score}` : `${score}`, share]);
    }
    return {
      label: Object.fromEntries(label),
      confidence: Math.min(1, confidence),
      distribution: Object.fromEntries(distribution),
      method: 'weighted_mean',
      n: votes.length,
      stats: Object.fromEntries(stats),
    };
  },

  scales(label) {
    return label;
  },

  present({ text, prompt, title }) {
    const shown = { text, ...(prompt === undefined ? {} : { prompt }), ...(title === undefined ? {} : { title }) };
    return { payload: shown, order: '' };
  },

  exportRecord(payload, { label, confidence, n, stats = {} }, config) {
    const pick = (what: string) =>
      Object.fromEntries(namesOf(config).map((name) => [name, stats[`${what}:${name}`] ?? null]));
    return { ...payload, label, rounded: pick('rounded'), sd: pick('sd'), confidence, n_annotators: n };
  },

  modelTarget({ min, max }) {
    return { kind: 'scalar', min, max };
  },

  /** The mean over the criteria. */
  modelLabel(label) {
    const scores = Object.keys(label)
      .sort(order)
      .map((name) => label[name] ?? 0);
    return scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length;
  },

  features({ prompt, text }) {
    return prompt ? `${prompt}\n${text}` : text;
  },
};

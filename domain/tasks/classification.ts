import { z } from 'zod';
import { order, orderedVotes, weightedVote } from '../aggregation/weighted-vote.ts';
import { mismatch, nameField, payloadOf, repeated, textField } from './fields.ts';
import { listed, show } from './messages.ts';
import type { TaskType } from './task-type.ts';

const configSchema = z.object(
  {
    /** The choices, in the order the form shows them. */
    labels: z
      .array(nameField('config.labels'), {
        error: (issue) => mismatch('config.labels', 'a list of names', issue.input),
      })
      .min(2, { error: (issue) => `config.labels has ${(issue.input as unknown[]).length}; at least 2 are needed` })
      .max(500, { error: (issue) => `config.labels has ${(issue.input as unknown[]).length}; at most 500 are allowed` })
      .superRefine((labels, ctx) => {
        const twice = repeated(labels);
        if (twice !== undefined)
          ctx.addIssue({ code: 'custom', message: `config.labels: ${show(twice)} is there twice` });
      }),
    /** Whether an annotator may choose several labels. */
    multiple: z.boolean({ error: (issue) => mismatch('config.multiple', 'true or false', issue.input) }).optional(),
  },
  { error: (issue) => mismatch('config', 'an object', issue.input) },
);

const payloadSchema = payloadOf({
  text: textField('payload.text', { filled: true }),
  title: textField('payload.title').optional(),
});

export type ClassificationConfig = z.infer<typeof configSchema>;
export type ClassificationPayload = z.infer<typeof payloadSchema>;
/** A choice; with `multiple` the chosen set, sorted and without repeats. */
export type ClassificationLabel = string | string[];

function labelSchema(config: ClassificationConfig): z.ZodType<ClassificationLabel> {
  const allowed = new Set(config.labels);
  return z.unknown().transform((value, ctx) => {
    const refuse = (message: string) => {
      ctx.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    const chosen: unknown[] = config.multiple && Array.isArray(value) ? value : [value];
    const texts: string[] = [];
    for (const each of chosen) {
      if (typeof each !== 'string' || !allowed.has(each)) {
        return refuse(`label: ${show(each)} is not one of ${listed(config.labels)}`);
      }
      texts.push(each);
    }
    const [first] = texts;
    if (first === undefined) return refuse(`label: choose at least one of ${listed(config.labels)}`);
    return config.multiple ? [...new Set(texts)].sort(order) : first;
  });
}

/** JSON of the label; sets are sorted first, so that equal sets have equal text. */
function canonical(label: ClassificationLabel): string {
  return JSON.stringify(typeof label === 'string' ? label : [...new Set(label)].sort(order));
}

/** 0 or 1 for single choices; for sets (sorted) the Jaccard distance, 1 - |both| / |either|. */
function distance(a: ClassificationLabel, b: ClassificationLabel): number {
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : 1;
  const [left, right] = [typeof a === 'string' ? [a] : a, typeof b === 'string' ? [b] : b];
  let both = 0;
  // One walk along both sorted lists; agreement over many different sets calls this millions of times.
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const step = order(left[i] ?? '', right[j] ?? '');
    if (step === 0) both++;
    if (step <= 0) i++;
    if (step >= 0) j++;
  }
  const either = left.length + right.length - both;
  return either === 0 ? 0 : 1 - both / either;
}

/** One text put into one of a list of classes, or with `multiple` into several. */
export const classification: TaskType<ClassificationConfig, ClassificationPayload, ClassificationLabel> = {
  name: 'classification',
  title: 'Classification',
  defaultSeconds: 15,
  agreementLevel: 'nominal',
  configSchema,
  payloadSchema,
  labelSchema,
  canonical,
  distance,

  /**
   * Weighted vote over whole labels; confidence = the winner's share. Tied sets: the one nearest to all votes by
   * weighted Jaccard distance, so that {a}, {a,b}, {b} come to {a,b}.
   */
  aggregate(votes) {
    const labels = new Map(votes.map(({ label }) => [canonical(label), label]));
    const ordered = orderedVotes(votes, ({ label }) => canonical(label));
    const penalty = (choice: string) => {
      const label = labels.get(choice) ?? [];
      return ordered.reduce((sum, { vote, weight }) => sum + weight * distance(label, vote.label), 0);
    };
    const ballots = votes.map(({ annotationId, label, weight }) => ({
      annotationId,
      weight,
      choice: canonical(label),
    }));
    const result = weightedVote(ballots, penalty);
    const named = Object.entries(result.distribution).map(([choice, share]) => {
      const label = labels.get(choice);
      return [typeof label === 'string' ? label : choice, share] as const;
    });
    return {
      label: result.winner === null ? null : (JSON.parse(result.winner) as ClassificationLabel),
      confidence: result.confidence,
      distribution: Object.fromEntries(named),
      method: 'weighted_vote',
      n: votes.length,
      stats: { tie: result.tie ? 1 : 0 },
    };
  },

  present(payload) {
    const { text, title } = payload;
    return { payload: title === undefined ? { text } : { text, title }, order: '' };
  },

  exportRecord(payload, { label, confidence, distribution, n }) {
    return { ...payload, label, confidence, distribution, n_annotators: n };
  },

  modelTarget(config) {
    return { kind: 'classes', classes: [...config.labels] };
  },

  /** A set of several labels is no single class, and teaches the model nothing. */
  modelLabel(label) {
    if (typeof label === 'string') return label;
    return label.length === 1 ? (label[0] ?? null) : null;
  },

  features({ title, text }) {
    return title ? `${title}\n${text}` : text;
  },
};

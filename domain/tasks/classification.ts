import { z } from 'zod';
import { supportOf } from '../aggregation/support.ts';
import { pathOf, treeVote } from '../aggregation/tree-vote.ts';
import { order, orderedVotes, weightedVote } from '../aggregation/weighted-vote.ts';
import { flagField, mismatch, nameIn, namesField, payloadOf, refuser, shownFields, textField } from './fields.ts';
import { listed, show } from './messages.ts';
import type { Aggregate, TaskType, WeightedVote } from './task-type.ts';

const configSchema = z
  .object(
    {
      /** The choices, in the order the form shows them; with a separator, paths in a tree. */
      labels: namesField('config.labels', { min: 2, max: 500 }),
      /** Whether an annotator may choose several labels. */
      multiple: flagField('config.multiple').optional(),
      /** What stands between the steps of a path, as "/" in "animal/dog". Only labels listed can be chosen. */
      separator: textField('config.separator')
        .refine((text) => text.length >= 1 && text.length <= 5, {
          error: (issue) => mismatch('config.separator', 'a text of 1 to 5 characters', issue.input),
        })
        .optional(),
    },
    { error: (issue) => mismatch('config', 'an object', issue.input) },
  )
  .superRefine(({ labels, separator }, ctx) => {
    if (separator === undefined) return;
    const bad = labels.find((label) => label.split(separator).some((step) => step === '' || step.trim() !== step));
    if (bad === undefined) return;
    const message = `config.labels: ${show(bad)} has a step that is empty or has spaces around it; write its path as a${separator}b`;
    ctx.addIssue({ code: 'custom', message });
  });

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
    const refuse = refuser(ctx);
    const chosen: unknown[] = config.multiple && Array.isArray(value) ? value : [value];
    const texts: string[] = [];
    for (const each of chosen) {
      const name = typeof each === 'string' && allowed.has(each) ? each : nameIn(config.labels, each);
      if (name === undefined) return refuse(`label: ${show(each)} is not one of ${listed(config.labels)}`);
      texts.push(name);
    }
    const [first] = texts;
    if (first === undefined) return refuse(`label: choose at least one of ${listed(config.labels)}`);
    return config.multiple ? setOf(texts, config) : first;
  });
}

/** Sorted, without repeats, and in a tree without what lies above another choice: that goes without saying. */
function setOf(labels: readonly string[], { separator }: ClassificationConfig): string[] {
  const above = new Set(labels.flatMap((label) => pathOf(label, separator).slice(0, -1)));
  return [...new Set(labels)].filter((label) => !above.has(label)).sort(order);
}

/** JSON of the label; sets are sorted first, so that equal sets have equal text. */
function canonical(label: ClassificationLabel): string {
  return JSON.stringify(typeof label === 'string' ? label : [...new Set(label)].sort(order));
}

/**
 * Jaccard distance, 1 - |both| / |either|, of the chosen sets; in a tree of the labels with all that lie above them, so
 * that two labels are the nearer the more ancestors they share. For plain single choices that is 0 or 1.
 */
function distance(a: ClassificationLabel, b: ClassificationLabel, { separator }: ClassificationConfig): number {
  if (separator === undefined && typeof a === 'string' && typeof b === 'string') return a === b ? 0 : 1;
  const [left, right] = [withAncestors(a, separator), withAncestors(b, separator)];
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

function withAncestors(label: ClassificationLabel, separator: string | undefined): readonly string[] {
  const labels = typeof label === 'string' ? [label] : label;
  if (separator === undefined) return labels;
  return [...new Set(labels.flatMap((each) => pathOf(each, separator)))].sort(order);
}

/** Shares that differ by less are equal: 0.1 + 0.2 is 0.3. */
const TIE_TOLERANCE = 1e-12;

function aggregateTree(
  votes: readonly WeightedVote<ClassificationLabel>[],
  labels: readonly string[],
  separator: string,
): Aggregate<ClassificationLabel> {
  const ballots = votes.map(({ annotationId, label, weight }) => ({ annotationId, weight, choice: String(label) }));
  const { winner, confidence, distribution, tie } = treeVote(ballots, { separator, selectable: new Set(labels) });
  const stats = { tie: tie ? 1 : 0 };
  return { label: winner, confidence, distribution, method: 'tree_vote', n: votes.length, stats };
}

/**
 * A vote on each label by itself, in a tree also on all that lie above it: those that more than half of the weight
 * chose. Undefined where there are none.
 */
function aggregateSets(
  votes: readonly WeightedVote<ClassificationLabel>[],
  config: ClassificationConfig,
): Aggregate<ClassificationLabel> | undefined {
  const ordered = orderedVotes(votes, ({ label }) => canonical(label));
  const sums = new Map<string, number>();
  let total = 0;
  for (const { vote, weight } of ordered) {
    total += weight;
    const chosen = typeof vote.label === 'string' ? [vote.label] : vote.label;
    for (const label of withAncestors(chosen, config.separator)) sums.set(label, (sums.get(label) ?? 0) + weight);
  }
  const shares = [...sums].map(([label, sum]) => [label, sum / total] as const).sort(([a], [b]) => order(a, b));
  const selectable = new Set(config.labels);
  const voted = shares.filter(([label, share]) => selectable.has(label) && share > 0.5 + TIE_TOLERANCE);
  if (voted.length === 0) return undefined;
  const label = setOf(
    voted.map(([each]) => each),
    config,
  );
  return {
    label,
    confidence: supportOf(ordered, (vote) => distance(vote.label, label, config)),
    distribution: Object.fromEntries(shares),
    method: 'label_vote',
    n: votes.length,
    stats: { tie: 0 },
  };
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

  /** In a tree what lies below the decided label says the same, only more exactly. */
  nearness(label, decided, config) {
    const { separator } = config;
    const below =
      typeof label === 'string' && typeof decided === 'string' && pathOf(label, separator).includes(decided);
    return below ? 1 : 1 - distance(label, decided, config);
  },

  choices({ labels, multiple, separator }) {
    return multiple || separator !== undefined ? undefined : labels.map((label) => ({ key: label, label }));
  },

  /**
   * Single choices in a tree: a vote down the tree. Sets: the labels that more than half of the weight chose; confidence
   * is 1 minus the votes' weighted mean distance from that set, `distribution` the share behind each label. Otherwise
   * weighted vote over whole labels; confidence = the winner's share. So are sets where no label has a majority; of tied
   * ones it is the set nearest to all votes by weighted Jaccard distance.
   */
  aggregate(votes, config, _payload, rules = 2) {
    const { separator, multiple } = config;
    if (separator !== undefined && !multiple) return aggregateTree(votes, config.labels, separator);
    const voted = multiple && rules >= 2 ? aggregateSets(votes, config) : undefined;
    if (voted) return voted;
    const labels = new Map(votes.map(({ label }) => [canonical(label), label]));
    const ordered = orderedVotes(votes, ({ label }) => canonical(label));
    const penalty = (choice: string) => {
      const label = labels.get(choice) ?? [];
      return ordered.reduce((sum, { vote, weight }) => sum + weight * distance(label, vote.label, config), 0);
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
    return { payload: shownFields(payload, ['text', 'title']), order: '' };
  },

  exportRecord(payload, { label, confidence, distribution, n }) {
    return { ...payload, label, confidence, distribution, n_annotators: n };
  },

  modelTarget({ labels, separator }) {
    return { kind: 'classes', classes: [...labels], ...(separator === undefined ? {} : { separator }) };
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

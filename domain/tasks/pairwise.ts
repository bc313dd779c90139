import { z } from 'zod';
import { orderedVotes, weightedVote } from '../aggregation/weighted-vote.ts';
import { seededRng } from '../rng.ts';
import {
  flagField,
  isObject,
  mismatch,
  namesField,
  payloadOf,
  refuser,
  textField,
  unknownField,
  wholeField,
} from './fields.ts';
import { listed, show } from './messages.ts';
import type { TaskType } from './task-type.ts';

const configSchema = z.object(
  {
    allowTie: flagField('config.allowTie').default(true),
    allowBothBad: flagField('config.allowBothBad').default(true),
    /** If set, an annotator may say how much better the chosen answer is, from 1 to `max`. */
    strength: z
      .object(
        { max: wholeField('config.strength.max', { min: 2, max: 10 }) },
        { error: (issue) => mismatch('config.strength', 'an object with max', issue.input) },
      )
      .optional(),
    /** What to compare by (accuracy, helpfulness, …): shown beside the answers. */
    criteria: namesField('config.criteria', { min: 0, max: 50 }).optional(),
  },
  { error: (issue) => mismatch('config', 'an object', issue.input) },
);

const payloadSchema = payloadOf({
  prompt: textField('payload.prompt', { filled: true }),
  // An empty answer is a real answer of a model, and can lose a comparison.
  a: textField('payload.a'),
  b: textField('payload.b'),
});

export type PairwiseConfig = z.infer<typeof configSchema>;
export type PairwisePayload = z.infer<typeof payloadSchema>;
export type PairwiseChoice = 'a' | 'b' | 'tie' | 'both_bad';
export interface PairwiseLabel {
  readonly choice: PairwiseChoice;
  /** How much better, 1 to the configured most; only with `a` and `b`. */
  readonly strength?: number;
}

function choicesOf(config: PairwiseConfig): PairwiseChoice[] {
  return [
    'a',
    'b',
    ...(config.allowTie ? ['tie' as const] : []),
    ...(config.allowBothBad ? ['both_bad' as const] : []),
  ];
}

function labelSchema(config: PairwiseConfig): z.ZodType<PairwiseLabel> {
  const choices = choicesOf(config);
  return z.unknown().transform((value, ctx) => {
    const refuse = refuser(ctx);
    const given: { choice?: unknown; strength?: unknown } = isObject(value) ? value : { choice: value };
    const unknown = unknownField(given, ['choice', 'strength']);
    if (unknown !== undefined) return refuse(`label has the unknown field ${show(unknown)}; use choice and strength`);
    const field = isObject(value) ? 'label.choice' : 'label';
    const said = given.choice === 'A' || given.choice === 'B' ? given.choice.toLowerCase() : given.choice;
    const choice = choices.find((each) => each === said);
    if (choice === undefined) return refuse(`${field}: ${show(given.choice)} is not one of ${listed(choices)}`);
    if (given.strength === undefined || given.strength === null) return { choice };

    const max = config.strength?.max;
    if (max === undefined) return refuse('label.strength is given, but this campaign does not ask for a strength');
    if (choice !== 'a' && choice !== 'b')
      return refuse(`label.strength goes with "a" or "b", not with ${show(choice)}`);
    const { strength } = given;
    if (typeof strength !== 'number' || !Number.isInteger(strength) || strength < 1 || strength > max) {
      return refuse(`label.strength: ${show(strength)} is not a whole number from 1 to ${max}`);
    }
    return { choice, strength };
  });
}

/** Where a preference lies: -1 (a, at full strength) over 0 (tie) to 1 (b). A strength not stated counts as full. */
function position({ choice, strength }: PairwiseLabel, config: PairwiseConfig): number {
  if (choice === 'tie' || choice === 'both_bad') return 0;
  const max = config.strength?.max ?? 1;
  const size = Math.min(strength ?? max, max) / max;
  return choice === 'a' ? -size : size;
}

const MIRROR: Record<PairwiseChoice, PairwiseChoice> = { a: 'b', b: 'a', tie: 'tie', both_bad: 'both_bad' };

/** Two answers to one prompt: which is better, and if asked by how much. */
export const pairwise: TaskType<PairwiseConfig, PairwisePayload, PairwiseLabel> = {
  name: 'pairwise',
  title: 'Pairwise comparison',
  defaultSeconds: 45,
  agreementLevel: 'ordinal',
  configSchema,
  payloadSchema,
  labelSchema,

  canonical({ choice, strength }) {
    return JSON.stringify(strength === undefined ? { choice } : { choice, strength });
  },

  /**
   * a < tie < b: half the difference of positions, so a and b are 1 apart and a tie is half-way between them.
   * "Both bad" is no point on that line but a verdict on both answers: it is 1 from everything but itself.
   */
  distance(a, b, config) {
    if (a.choice === 'both_bad' || b.choice === 'both_bad') return a.choice === b.choice ? 0 : 1;
    return Math.abs(position(a, config) - position(b, config)) / 2;
  },

  /** The same choice; how strongly is a matter of taste. */
  matches(label, known) {
    return label.choice === known.choice;
  },

  /** By the choice: the strength of what is decided is the mean of those who chose it. */
  nearness({ choice }, decided, config) {
    return 1 - pairwise.distance({ choice }, { choice: decided.choice }, config);
  },

  /** Where strengths are asked for, they are part of what is decided. */
  choices(config) {
    return config.strength ? undefined : choicesOf(config).map((choice) => ({ key: choice, label: { choice } }));
  },

  /** Weighted vote over the four choices; confidence = the winner's share; `stats.strength` = the winners' mean. */
  aggregate(votes) {
    const ballots = votes.map(({ annotationId, label, weight }) => ({ annotationId, weight, choice: label.choice }));
    const result = weightedVote(ballots);
    const stats: Record<string, number> = { tie: result.tie ? 1 : 0 };
    let strengths = 0;
    let weights = 0;
    for (const { vote, weight } of orderedVotes(votes, ({ label }) => pairwise.canonical(label))) {
      if (vote.label.choice !== result.winner || vote.label.strength === undefined) continue;
      strengths += weight * vote.label.strength;
      weights += weight;
    }
    if (weights > 0) stats.strength = strengths / weights;
    return {
      label: result.winner === null ? null : { choice: result.winner as PairwiseChoice },
      confidence: result.confidence,
      distribution: result.distribution,
      method: 'weighted_vote',
      n: votes.length,
      stats,
    };
  },

  /** Half of the annotators see b first: whoever prefers the first answer out of habit then favours neither. */
  present({ prompt, a, b }, seed) {
    const swap = seededRng(`pairwise ${seed}`).next() < 0.5;
    return swap ? { payload: { prompt, a: b, b: a }, order: 'ba' } : { payload: { prompt, a, b }, order: 'ab' };
  },

  undo(label, order) {
    return order === 'ba' ? { ...label, choice: MIRROR[label.choice] } : label;
  },

  redo(label, order) {
    return pairwise.undo?.(label, order) ?? label;
  },

  /**
   * A DPO record; `chosen` and `rejected` are null for ties, "both bad" and tasks without a decision. Where strengths
   * are asked for, `strength` is a ruling's own, or the mean of those who gave the choice; null where there is none.
   */
  exportRecord(payload, { label, confidence, n, distribution, stats }, config) {
    const { prompt, a, b } = payload;
    const [chosen, rejected] = label?.choice === 'a' ? [a, b] : label?.choice === 'b' ? [b, a] : [null, null];
    const record = { ...payload, prompt, chosen, rejected, confidence, n_annotators: n };
    if (!config.strength) return record;
    // A ruling may be for another choice than the votes, whose strength is not its own.
    const voted =
      label !== null && Object.values(distribution).every((share) => share <= (distribution[label.choice] ?? 0));
    return { ...record, strength: label?.strength ?? (voted ? stats?.strength : undefined) ?? null };
  },

  modelTarget() {
    return { kind: 'pair' };
  },

  /** The chance that a is better: 1, 0, or 0.5 for a tie; "both bad" says nothing about which is better. */
  modelLabel({ choice }) {
    return choice === 'both_bad' ? null : { a: 1, b: 0, tie: 0.5 }[choice];
  },

  features({ a, b }) {
    return [a, b];
  },
};

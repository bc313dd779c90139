import { z } from 'zod';
import type { Evidence } from '../aggregation/certainty.ts';
import { orderedVotes } from '../aggregation/weighted-vote.ts';
import {
  isObject,
  mismatch,
  namesField,
  orJsonText,
  payloadOf,
  refuser,
  shareField,
  shownFields,
  textField,
  unknownField,
} from './fields.ts';
import { grouped, show } from './messages.ts';
import { overallMean } from './scale.ts';
import { isRuling, type ModelTarget, type TaskType } from './task-type.ts';
import { MAX_TURNS, readTurns, type TurnVerdicts, turnsDistance } from './turns.ts';
import {
  canonicalVerdict,
  decideVerdict,
  type Question,
  questionField,
  readVerdict,
  sameVerdict,
  type Verdict,
  verdictCertainty,
  verdictDistance,
} from './verdict.ts';

/** Beside a known label: one step off on a scale of five, everywhere. */
const GOLD_TOLERANCE = 0.25;

const configSchema = z
  .object(
    {
      /** Whose turns are judged. */
      roles: namesField('config.roles', { min: 1, max: 20 }).default(['assistant']),
      /** What is asked of each of their turns, and of the dialog as a whole; one of the two at least. */
      turn: questionField('config.turn').optional(),
      overall: questionField('config.overall').optional(),
      /** Largest distance from a known label at which an answer counts as right. */
      goldTolerance: shareField('config.goldTolerance').optional(),
    },
    { error: (issue) => mismatch('config', 'an object', issue.input) },
  )
  .superRefine(({ turn, overall }, ctx) => {
    if (turn || overall) return;
    const message =
      'config.turn and config.overall are missing; at least one must be {choices} or {min, max, criteria}';
    ctx.addIssue({ code: 'custom', message });
  });

// The place in the list comes before these messages.
const turnSchema = z.looseObject(
  { role: textField('it', { filled: true }), text: textField('it') },
  { error: (issue) => mismatch('it', 'an object with role and text', issue.input) },
);

const payloadSchema = payloadOf({
  turns: orJsonText(
    z
      .array(turnSchema, { error: (issue) => mismatch('payload.turns', 'a list of {role, text}', issue.input) })
      .min(1, { error: 'payload.turns is empty; a dialog has at least one turn' })
      .max(MAX_TURNS, {
        error: (issue) =>
          `payload.turns has ${grouped((issue.input as unknown[]).length)}; at most ${MAX_TURNS} are allowed`,
      }),
  ),
  title: textField('payload.title').optional(),
});

export type DialogConfig = z.infer<typeof configSchema>;
export type DialogPayload = z.infer<typeof payloadSchema>;
/** An answer for each turn, null where nothing is asked of it, and one for the whole; each only if it is asked for. */
export interface DialogLabel {
  readonly turns?: TurnVerdicts;
  readonly overall?: Verdict | null;
}

function labelSchema(config: DialogConfig, payload?: DialogPayload): z.ZodType<DialogLabel> {
  const asked = (['turns', 'overall'] as const).filter((part) => config[part === 'turns' ? 'turn' : part]);
  return z.unknown().transform((value, ctx) => {
    const refuse = refuser(ctx);
    if (!isObject(value)) return refuse(`label: ${show(value)} is not an object with ${asked.join(' and ')}`);
    const unknown = unknownField(value, asked);
    if (unknown !== undefined)
      return refuse(`label has the unknown field ${show(unknown)}; use ${asked.join(' and ')}`);
    const label: { turns?: TurnVerdicts; overall?: Verdict } = {};
    if (config.turn) {
      const turns = readTurns(value.turns, config.turn, { roles: config.roles, dialog: payload?.turns });
      if (typeof turns === 'string') return refuse(turns);
      label.turns = turns;
    }
    if (config.overall) {
      const overall = readVerdict(value.overall, config.overall, 'label.overall');
      if ('fault' in overall) return refuse(overall.fault);
      label.overall = overall.verdict;
    }
    return label;
  });
}

function distance(a: DialogLabel, b: DialogLabel, { turn, overall }: DialogConfig): number {
  const turns = turn && turnsDistance(a.turns ?? [], b.turns ?? [], turn);
  const [one, other] = [a.overall ?? null, b.overall ?? null];
  const whole =
    !overall || (one === null && other === null)
      ? undefined
      : one === null || other === null
        ? 1
        : verdictDistance(one, other, overall);
  return meanOf([turns, whole]) ?? 0;
}

function meanOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** A dialog of several turns: each turn of some role is rated or given a choice, and so is the whole. */
export const dialog: TaskType<DialogConfig, DialogPayload, DialogLabel> = {
  name: 'dialog',
  title: 'Multi-turn dialog',
  defaultSeconds: 180,
  agreementLevel: 'distance',
  labelReadsPayload: true,
  configSchema,
  payloadSchema,
  labelSchema,

  canonical({ turns, overall }) {
    const part = (verdict: Verdict | null | undefined) => (verdict ? canonicalVerdict(verdict) : null);
    return JSON.stringify([turns ? turns.map(part) : null, part(overall)]);
  },

  /** The mean of two distances: that of the turns, averaged over them, and that of the whole. */
  distance,

  /** The same choices, and on scales the same steps. */
  same(a, b, { turn, overall }) {
    const [left, right] = [a.turns ?? [], b.turns ?? []];
    const alike = (x: Verdict | null | undefined, y: Verdict | null | undefined, question: Question | undefined) =>
      !x || !y || !question ? !x === !y : sameVerdict(x, y, question);
    const length = Math.max(left.length, right.length);
    const turns = Array.from({ length }, (_, at) => alike(left[at], right[at], turn));
    return turns.every(Boolean) && alike(a.overall, b.overall, overall);
  },

  matches(label, known, config) {
    return distance(label, known, config) <= (config.goldTolerance ?? GOLD_TOLERANCE);
  },

  /**
   * Each turn and the whole are decided by themselves: weighted vote or weighted means. Its confidence, the agreement, is
   * the mean of the whole's and that of the turns, averaged over them; `stats` has each one's.
   */
  aggregate(votes, { turn, overall }) {
    if (votes.length === 0) return { label: null, confidence: 0, distribution: {}, method: 'by_turn', n: 0 };
    const ordered = orderedVotes(votes, ({ label }) => dialog.canonical(label));
    const distribution: [string, number][] = [];
    const stats: [string, number][] = [];
    let ties = 0;
    const decide = (name: string, question: Question, read: (label: DialogLabel) => Verdict | null | undefined) => {
      const given = ordered.flatMap(({ vote: { annotationId, label }, weight }) => {
        const verdict = read(label) ?? null;
        return verdict === null ? [] : [{ annotationId, weight, verdict }];
      });
      if (given.length === 0) return null;
      const decided = decideVerdict(given, question);
      for (const [choice, share] of decided.distribution) distribution.push([`${name}${choice}`, share]);
      stats.push([`confidence:${name}`, decided.confidence]);
      if (decided.tie) ties++;
      return decided;
    };
    const length = Math.max(...votes.map(({ label }) => label.turns?.length ?? 0));
    const turns = turn && Array.from({ length }, (_, at) => decide(`turns[${at}]`, turn, (label) => label.turns?.[at]));
    const whole = overall && decide('overall', overall, (label) => label.overall);
    return {
      label: {
        ...(turns ? { turns: turns.map((each) => each?.verdict ?? null) } : {}),
        ...(overall ? { overall: whole?.verdict ?? null } : {}),
      },
      confidence: meanOf([turns && meanOf(turns.map((each) => each?.confidence)), whole?.confidence]) ?? 0,
      distribution: Object.fromEntries(distribution),
      method: 'by_turn',
      n: votes.length,
      stats: { ...Object.fromEntries(stats), tie: ties },
    };
  },

  /** Each turn's and the whole's by itself, averaged like the agreement; they take its place in `stats`. */
  certainty(answers, decided, { config: { turn, overall }, usual }) {
    const parts: [string, number][] = [];
    const certain = (name: string, question: Question, read: (label: DialogLabel) => Verdict | null | undefined) => {
      const winner = read(decided) ?? null;
      if (winner === null) return undefined;
      const given = answers.flatMap(({ label, evidence }: Evidence<DialogLabel>) => {
        const verdict = read(label) ?? null;
        return verdict === null ? [] : [{ verdict, evidence }];
      });
      const certainty = verdictCertainty(given, winner, { question, usual });
      parts.push([`confidence:${name}`, certainty]);
      return certainty;
    };
    const turns = turn && decided.turns?.map((_, at) => certain(`turns[${at}]`, turn, (label) => label.turns?.[at]));
    const whole = overall && certain('overall', overall, (label) => label.overall);
    return { confidence: meanOf([turns && meanOf(turns), whole]) ?? 0, parts: Object.fromEntries(parts) };
  },

  present(payload) {
    const turns = payload.turns.map((turn) => shownFields(turn, ['role', 'text']));
    return { payload: { ...shownFields(payload, ['turns', 'title']), turns }, order: '' };
  },

  /** `turn_confidence` has a place for each turn, null for those not judged, and for all where an expert ruled. */
  exportRecord(payload, { label, confidence, method, n, stats = {} }) {
    const turns = payload.turns.map((_, at) => (isRuling(method) ? null : stats[`confidence:turns[${at}]`]) ?? null);
    return { ...payload, label, turn_confidence: turns, confidence, n_annotators: n };
  },

  /** What is asked of the whole; without such a question the mean rating of the turns. */
  modelTarget({ turn, overall }): ModelTarget {
    const question = overall ?? turn;
    if (!question) return { kind: 'none' };
    if (!('choices' in question)) return { kind: 'scalar', min: question.min, max: question.max };
    return overall ? { kind: 'classes', classes: [...question.choices] } : { kind: 'none' };
  },

  modelLabel(label, { overall }) {
    if (overall) return typeof label.overall === 'string' ? label.overall : overallMean(label.overall ?? {});
    const means = (label.turns ?? []).map((each) => (typeof each === 'object' && each ? overallMean(each) : null));
    return meanOf(means.map((each) => each ?? undefined)) ?? null;
  },

  features({ title, turns }) {
    return [title, ...turns.map(({ role, text }) => `${role}: ${text}`)].filter(Boolean).join('\n');
  },
};

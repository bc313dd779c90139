import type { TaskType } from '../tasks/task-type.ts';
import { NO_VARIATION, NOTHING_PAIRED } from './coefficient.ts';
import { distanceAlpha } from './distance-alpha.ts';
import { krippendorffAlpha } from './krippendorff.ts';
import { toRatings } from './ratings.ts';

export interface Answer<Label> {
  readonly taskId: string;
  readonly annotatorId: string;
  readonly label: Label;
}

export interface TaskAgreement {
  /** Krippendorff's alpha, over several scales their mean; undefined where no scale has one. */
  readonly alpha: number | undefined;
  /** Completes the sentence "Undefined, because ..." where there is no alpha. */
  readonly undefinedBecause?: string;
  /** By scale (a Likert criterion); empty for types with a single label. */
  readonly byScale: Record<string, number | undefined>;
  readonly answers: number;
  /** Whether alpha was measured on a random part of the pairs of answers, as there were too many to compare. */
  readonly sampled: boolean;
  /** Of alpha, for types without scales. */
  readonly standardError?: number | undefined;
}

/** Usual effort of one measurement: some seconds at most, and an error of at most 0.02 where it has to sample. */
const EFFORT = 1e7;
/** As few where labels are very long: an error of about 0.025. */
const MIN_PAIRS = 100;
const MAX_PAIRS = 500_000;

/**
 * Krippendorff's alpha of a campaign's answers by their task type's own idea of disagreement: per numeric scale where
 * the type has scales, otherwise by its distance. For ordered types the distance is squared, which with equal steps is
 * the interval alpha; for all others it is taken as it is (0/1 is the nominal alpha, Jaccard the set-valued one).
 * `effort` bounds the distances taken times the mean length of a label's text; with more it samples (`distanceAlpha`).
 */
export function taskAgreement<C, P, L>(
  type: TaskType<C, P, L>,
  config: C,
  answers: readonly Answer<L>[],
  effort = EFFORT,
): TaskAgreement {
  const measured = type.scales ? scaledAgreement(type, config, answers) : plainAgreement(type, config, answers, effort);
  return measured.alpha === undefined ? { ...measured, undefinedBecause: whyUndefined(answers) } : measured;
}

function whyUndefined(answers: readonly { readonly taskId: string }[]): string {
  return new Set(answers.map(({ taskId }) => taskId)).size < answers.length ? NO_VARIATION : NOTHING_PAIRED;
}

function plainAgreement<C, P, L>(
  type: TaskType<C, P, L>,
  config: C,
  answers: readonly Answer<L>[],
  effort: number,
): TaskAgreement {
  const first = new Map<string, L>();
  const rows = answers.map(({ taskId, annotatorId, label }) => {
    const text = type.canonical(label);
    if (!first.has(text)) first.set(text, label);
    return { task: taskId, worker: annotatorId, label: text };
  });
  const ratings = toRatings(rows);
  const labels = ratings.values.map((text) => first.get(text) as L);
  const compare = type.comparing?.(config) ?? { distance: (a: L, b: L) => type.distance(a, b, config) };
  const squared = type.agreementLevel !== 'nominal' && type.agreementLevel !== 'distance';
  const delta = (a: number, b: number) => {
    const distance = compare.distance(labels[a] as L, labels[b] as L);
    return squared ? distance ** 2 : distance;
  };
  const length = rows.reduce((sum, { label }) => sum + label.length, 0) / Math.max(1, rows.length);
  const maxPairs = Math.min(MAX_PAIRS, Math.max(MIN_PAIRS, Math.round(effort / Math.max(1, length))));
  return { ...distanceAlpha(ratings, delta, maxPairs), byScale: {}, answers: answers.length };
}

function scaledAgreement<C, P, L>(type: TaskType<C, P, L>, config: C, answers: readonly Answer<L>[]): TaskAgreement {
  const rows = new Map<string, { task: string; worker: string; label: string }[]>();
  for (const { taskId, annotatorId, label } of answers) {
    for (const [scale, score] of Object.entries(type.scales?.(label, config) ?? {})) {
      const row = { task: taskId, worker: annotatorId, label: String(score) };
      const known = rows.get(scale);
      if (known) known.push(row);
      else rows.set(scale, [row]);
    }
  }
  const byScale = [...rows].map(([name, scaleRows]) => {
    const ratings = toRatings(scaleRows);
    const level = type.agreementLevel === 'distance' ? 'interval' : type.agreementLevel;
    const metric = level === 'nominal' ? { level } : { level, scale: ratings.values.map(Number) };
    return [name, krippendorffAlpha(ratings, metric)] as const;
  });
  const defined = byScale.map(([, alpha]) => alpha).filter((alpha) => alpha !== undefined);
  const alpha = defined.length === 0 ? undefined : defined.reduce((sum, each) => sum + each, 0) / defined.length;
  return { alpha, byScale: Object.fromEntries(byScale), answers: answers.length, sampled: false };
}

import { toRatings } from '../../agreement/ratings.ts';
import type { AnyTaskType, TaskType, WeightedVote } from '../../tasks/task-type.ts';
import { additiveRater } from '../ratings-model/additive-rater.ts';
import { ordinalRater } from '../ratings-model/ordinal-rater.ts';
import type { PeerAnswer } from './peer-reliability.ts';

/** By criterion of a scale, how much higher than the crowd's somebody's scores are on average; in steps of the scale. */
export type Leniency = Readonly<Record<string, number>>;

/** With more steps in use their order alone says too little of each: the additive model is taken. */
const MAX_STEPS = 12;
const PRECISION = 1e6;

/**
 * Every annotator's leniency by criterion, for task types whose labels are scores that can be shifted: by the ordinal
 * model (`ordinalRater`), on finer scales the additive one, which shrink it towards 0 for whoever gave few. Empty for all other types.
 */
export function leniencyOf<L>(
  type: TaskType<unknown, unknown, L> | AnyTaskType,
  answers: readonly PeerAnswer<L>[],
): Map<string, Leniency> {
  const found = new Map<string, Record<string, number>>();
  if (!type.scales || !type.shifted) return found;
  const byScale = new Map<string, { task: string; worker: string; label: string }[]>();
  for (const { taskId, annotatorId, label } of answers) {
    for (const [scale, score] of Object.entries(type.scales(label as never, undefined as never))) {
      const row = { task: taskId, worker: annotatorId, label: String(score) };
      const rows = byScale.get(scale);
      if (rows) rows.push(row);
      else byScale.set(scale, [row]);
    }
  }
  for (const [scale, rows] of byScale) {
    const ratings = toRatings(rows);
    const fitted = ratings.values.length > MAX_STEPS ? additiveRater : ordinalRater;
    const { leniency } = fitted(ratings, ratings.values.map(Number));
    for (const [at, annotatorId] of ratings.raters.entries()) {
      const its = found.get(annotatorId) ?? {};
      its[scale] = Math.round((leniency[at] ?? 0) * PRECISION) / PRECISION;
      found.set(annotatorId, its);
    }
  }
  return found;
}

/** The label less its annotator's leniency; the same where there is none or the type has no scores. */
export function withoutLeniency<C, P, L>(
  type: TaskType<C, P, L>,
  config: C,
  label: L,
  leniency: Leniency | undefined,
): L {
  return leniency && type.shifted ? type.shifted(label, leniency, config) : label;
}

/** The votes, each less its annotator's leniency, by annotation. */
export function fairVotes<C, P, L>(
  type: TaskType<C, P, L>,
  config: C,
  votes: readonly WeightedVote<L>[],
  leniency: Readonly<Record<string, Leniency>>,
): WeightedVote<L>[] {
  return votes.map((vote) => {
    return { ...vote, label: withoutLeniency(type, config, vote.label, leniency[vote.annotationId]) };
  });
}

import type { Aggregate, TaskType, WeightedVote } from '../../tasks/task-type.ts';
import { order } from '../weighted-vote.ts';
import { type JudgingModel, livePosterior } from './live-model.ts';

/** What a decision needs of the crowd's model: the shared part, and the row of each answer by its annotation. */
export interface CrowdEvidence {
  /** Which fit of the campaign's crowd this is; 0 = none yet, every annotator taken for a newcomer. */
  readonly version: number;
  readonly model: JudgingModel;
  readonly rows: Readonly<Record<string, readonly number[]>>;
}

/** Choices whose probabilities differ by less are equally likely. */
const TIE = 1e-9;

/**
 * Decides by how reliable each annotator has shown to be: the most probable choice given the answers, with its
 * probability as confidence. Of equally likely choices the one with most weight of votes is taken, then the first by
 * its text. Undefined where the type's labels are no fixed choices, or an answer is none of them.
 */
export function decideByCrowd<C, P, L>(
  type: TaskType<C, P, L>,
  config: C,
  votes: readonly WeightedVote<L>[],
  crowd: CrowdEvidence,
): Aggregate<L> | undefined {
  const choices = type.choices?.(config);
  if (!choices || votes.length === 0) return undefined;
  const byText = new Map(choices.map(({ key, label }) => [type.canonical(label), key]));
  const given = votes.map(({ annotationId, label, weight }) => ({
    key: byText.get(type.canonical(label)),
    row: crowd.rows[annotationId],
    weight: Math.min(1, weight),
    annotationId,
  }));
  const known = given.flatMap(({ key, row, ...vote }) => (key !== undefined && row ? [{ ...vote, key, row }] : []));
  if (known.length < votes.length) return undefined;
  known.sort((a, b) => order(a.annotationId, b.annotationId));

  const posterior = livePosterior(crowd.model, known);
  const weightOf = (key: string) => known.reduce((sum, vote) => sum + (vote.key === key ? vote.weight : 0), 0);
  const ranked = crowd.model.choices
    .map((key, at) => ({ key, probability: posterior[at] ?? 0, weight: weightOf(key) }))
    .sort((a, b) => b.probability - a.probability || order(a.key, b.key));
  const [best] = ranked;
  if (!best) return undefined;
  const tied = ranked.filter(({ probability }) => best.probability - probability < TIE);
  const winner = tied.reduce((a, b) => (b.weight > a.weight ? b : a), best);
  const label = choices.find(({ key }) => key === winner.key)?.label;
  if (label === undefined) return undefined;
  return {
    label,
    confidence: winner.probability,
    distribution: Object.fromEntries(ranked.map(({ key, probability }) => [key, probability])),
    method: 'crowd_model',
    n: votes.length,
    stats: { tie: tied.length > 1 ? 1 : 0 },
  };
}

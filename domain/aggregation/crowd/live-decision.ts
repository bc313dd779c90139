import { seededRng } from '../../rng.ts';
import type { Aggregate, TaskType, WeightedVote } from '../../tasks/task-type.ts';
import { order } from '../weighted-vote.ts';
import { UNHEARD } from './conclude.ts';
import { type JudgingModel, type LiveVote, livePosterior } from './live-model.ts';

/**
 * How the winner is found; kept with each decision, which is made again by the rule that made it.
 * 1 (or none): of equals the first by its text; weights as they are; a label that nobody gave is as good as any.
 * 2: as `decideByCrowd` says.
 */
export const CROWD_RULE = 2;

/** What a decision needs of the crowd's model: the shared part, and the row of each answer by its annotation. */
export interface CrowdEvidence {
  /** Which fit of the campaign's crowd this is; 0 = none yet, every annotator taken for a newcomer. */
  readonly version: number;
  readonly rule?: 1 | typeof CROWD_RULE;
  readonly model: JudgingModel;
  readonly rows: Readonly<Record<string, readonly number[]>>;
}

/** A vote as the model sees it, for one of its choices. */
export interface CrowdVote extends LiveVote {
  readonly annotationId: string;
  /** Which choice it is for. */
  readonly key: string;
}

/** Choices whose probabilities, or weights, differ by less are equal. */
const TIE = 1e-9;

/**
 * Decides by how reliable each annotator has shown to be: the most probable choice given the answers, with its
 * probability as confidence. Of equally likely choices the one with most weight of votes is taken; among those that remain
 * equal one is drawn by a hash of the sorted annotation ids, as in `weightedVote`. If every weight is zero all answers count
 * alike, as there. A choice that nobody gave may be the most probable, but is no sure one: confidence is at most a
 * half, and it counts as a tie. Undefined where the type's labels are no fixed choices, or an answer is none of them.
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
  const known = votes.flatMap(({ annotationId, label, weight }) => {
    const key = byText.get(type.canonical(label));
    const row = crowd.rows[annotationId];
    return key !== undefined && row ? [{ annotationId, key, row, weight }] : [];
  });
  if (known.length < votes.length) return undefined;
  const chosen = chooseByCrowd(crowd.model, known, crowd.rule);
  const label = choices.find(({ key }) => key === chosen?.key)?.label;
  if (!chosen || label === undefined) return undefined;
  const { confidence, distribution, method, n, stats } = chosen;
  return { label, confidence, distribution, method, n, stats };
}

/** The same for votes whose choices and rows are known; `key` is the winner. Undefined for a model without choices. */
export function chooseByCrowd(model: JudgingModel, votes: readonly CrowdVote[], rule: CrowdEvidence['rule'] = 1) {
  const equal = rule === CROWD_RULE && votes.every(({ weight }) => weight === 0);
  const known = votes
    .map((vote) => ({ ...vote, weight: equal ? 1 : Math.min(1, vote.weight) }))
    .sort((a, b) => order(a.annotationId, b.annotationId));

  const posterior = livePosterior(model, known);
  const weightOf = (key: string) => known.reduce((sum, vote) => sum + (vote.key === key ? vote.weight : 0), 0);
  const ranked = model.choices
    .map((key, at) => ({ key, probability: posterior[at] ?? 0, weight: weightOf(key) }))
    .sort((a, b) => b.probability - a.probability || order(a.key, b.key));
  const [best] = ranked;
  if (!best) return undefined;
  const tied = ranked.filter(({ probability }) => best.probability - probability < TIE);
  const heaviest = tied.reduce((a, b) => (b.weight > a.weight ? b : a), best);
  const equals = tied.filter(({ weight }) => heaviest.weight - weight < TIE).sort((a, b) => order(a.key, b.key));
  const draws = rule === CROWD_RULE && equals.length > 1;
  const seed = () => known.map(({ annotationId }) => annotationId).join('\n');
  const winner = (draws ? equals[seededRng(seed()).int(equals.length)] : undefined) ?? heaviest;
  const unheard = rule === CROWD_RULE && winner.weight === 0;
  return {
    key: winner.key,
    confidence: unheard ? Math.min(UNHEARD, winner.probability) : winner.probability,
    distribution: Object.fromEntries(ranked.map(({ key, probability }) => [key, probability])),
    method: 'crowd_model',
    n: votes.length,
    stats: { tie: tied.length > 1 || unheard ? 1 : 0 },
  };
}

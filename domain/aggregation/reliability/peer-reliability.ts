import { seededRng } from '../../rng.ts';
import { correlatedPairs } from './correlated-pairs.ts';
import { oneFactor } from './one-factor.ts';
import { crossed, type NumberedTask, type PairAgreement, pairAgreement } from './pair-agreement.ts';

/** One label of one annotator. */
export interface PeerAnswer<Label> {
  readonly taskId: string;
  readonly annotatorId: string;
  readonly label: Label;
}

export interface PeerReliability {
  /** By annotator, 0 to 1: 0 agrees with others as chance does, 1 as the truth would. */
  readonly reliability: ReadonlyMap<string, number>;
  /** Of the crowd: what somebody of whom nothing is known is taken for. */
  readonly crowd: number;
  /** How alike labels of different tasks are, 0 to 1. */
  readonly chance: number;
  /** Pairs who are not two voices. */
  readonly correlations: readonly NamedCorrelation[];
}

/** Two annotators by id and how far they are one voice. */
export interface NamedCorrelation {
  readonly a: string;
  readonly b: string;
  readonly correlation: number;
}

export interface ReliabilityOptions<Label> {
  /** 1 for equal labels to 0 for the farthest apart. */
  readonly similarity: (a: Label, b: Label) => number;
  /** Known answers by task: they count as an annotator who is never wrong. */
  readonly known?: ReadonlyMap<string, Label>;
  /** Pairs of answers that are compared at most; with more, tasks are drawn at random. */
  readonly maxPairs: number;
}

/**
 * How reliable annotators are, for labels of any kind that have a distance. Two annotators w and v who are right by
 * themselves agree beyond chance by r(w) r(v): a matrix of agreements that has one factor (`oneFactor`; A. Ghosh, S. Kale,
 * P. McAfee, "Who moderates the moderators?", 2011, for two labels; here agreement is 1 less the distance, and chance how
 * alike each one's labels are to other tasks' labels). Pairs who are no two voices teach less (`correlatedPairs`). Undefined where nothing agrees beyond chance, or all labels
 * are alike. The same answers give the same result.
 */
export function peerReliability<Label>(
  answers: readonly PeerAnswer<Label>[],
  options: ReliabilityOptions<Label>,
): PeerReliability | undefined {
  const ids = [...new Set(answers.map(({ annotatorId }) => annotatorId))].sort();
  const numbers = new Map(ids.map((id, at) => [id, at]));
  const truth = ids.length;
  const tasks = tasksOf(answers, numbers, truth, options.known);
  const rng = seededRng('peer reliability');
  const drawn = rng.shuffle(tasks);
  const chance = crossed(drawn, ids.length + 1, options.similarity);
  const pairs = pairAgreement(drawn, chance, options);
  if (pairs.length === 0) return undefined;
  const { correlated, pairs: judged } = correlatedPairs(pairs, ids.length);
  const fit = oneFactor(judged, ids.length);
  if (!fit) return undefined;
  return {
    reliability: new Map(ids.map((id, w) => [id, fit.factor[w] as number])),
    crowd: fit.crowd,
    chance: meanChance(pairs),
    correlations: correlated.map(({ a, b, correlation }) => ({ a: ids[a] ?? '', b: ids[b] ?? '', correlation })),
  };
}

function meanChance(pairs: readonly PairAgreement[]): number {
  const shared = pairs.reduce((sum, { count }) => sum + count, 0);
  return pairs.reduce((sum, { count, chance }) => sum + count * chance, 0) / shared;
}

/** Nobody's vote weighs less than this reliability's would. */
const LEAST = 0.1;

/**
 * What a vote weighs, in (0, 1]: the square of its annotator's reliability, the share of agreement with the truth that is
 * theirs. On made-up crowds of all kinds of label this came nearest to the truth together with the odds r / (1 - r), and is
 * less sure of a single annotator.
 */
export function reliabilityWeight(reliability: number): number {
  return Math.min(1, Math.max(LEAST, reliability)) ** 2;
}

function tasksOf<Label>(
  answers: readonly PeerAnswer<Label>[],
  numbers: ReadonlyMap<string, number>,
  truth: number,
  known: ReadonlyMap<string, Label> | undefined,
): NumberedTask<Label>[] {
  const byTask = new Map<string, { by: number; label: Label }[]>();
  for (const { taskId, annotatorId, label } of answers) {
    const answer = { by: numbers.get(annotatorId) ?? 0, label };
    const task = byTask.get(taskId);
    if (task) task.push(answer);
    else byTask.set(taskId, [answer]);
  }
  const ids = [...byTask.keys()].sort();
  return ids.map((id) => {
    const task = (byTask.get(id) ?? []).toSorted((a, b) => a.by - b.by);
    const right = known?.get(id);
    return right === undefined ? task : [...task, { by: truth, label: right }];
  });
}

import { QuorateError } from '../failures.ts';
import { getTaskType } from '../tasks/index.ts';
import type { Aggregate, TaskType, WeightedVote } from '../tasks/task-type.ts';
import { canonicalJson } from './canonical-json.ts';
import { certaintyOf, evidenceOf, STRANGERS, type Usual } from './certainty.ts';
import { type CrowdEvidence, decideByCrowd } from './crowd/live-decision.ts';
import { fairVotes, type Leniency } from './reliability/leniency.ts';
import { order } from './weighted-vote.ts';

/** The aggregate of a task's votes by its type's own rule. The same annotation twice is refused, not counted twice. */
export function aggregateTask<C, P, L>(
  type: TaskType<C, P, L>,
  config: C,
  votes: readonly WeightedVote<L>[],
  payload?: P,
  { rules = RECORD_VERSION, usual = STRANGERS }: { readonly rules?: number; readonly usual?: Usual } = {},
): Aggregate<L> {
  const seen = new Set<string>();
  for (const { annotationId } of votes) {
    if (seen.has(annotationId)) {
      throw new QuorateError('conflict', `Annotation ${annotationId} is among the votes twice.`, { field: 'votes' });
    }
    seen.add(annotationId);
  }
  const result = type.aggregate(votes, config, payload, rules);
  return rules >= 3 ? withCertainty(type, config, votes, result, usual) : result;
}

/**
 * The result with a probability as its confidence, where labels are no fixed choices: what the type itself says is how
 * near the answers are to each other, which is kept as `agreement`.
 */
function withCertainty<C, P, L>(
  type: TaskType<C, P, L>,
  config: C,
  votes: readonly WeightedVote<L>[],
  result: Aggregate<L>,
  usual: Usual,
): Aggregate<L> {
  const { label: decided, confidence: agreement, stats } = result;
  if (decided === null || type.choices?.(config)) return result;
  const answers = evidenceOf(votes, usual);
  const { confidence, parts } = type.certainty?.(answers, decided, { config, usual }) ?? { confidence: byNearness() };
  return { ...result, confidence, stats: { ...stats, ...parts, agreement } };

  function byNearness(): number {
    const near = (a: L, b: L) => type.nearness?.(a, b, config) ?? 1 - type.distance(a, b, config);
    return certaintyOf(answers, decided as L, near, usual);
  }
}

/**
 * The rules by which a record was decided, and is recomputed.
 * 1: sets of labels by vote on whole sets; spans that nobody's majority marks are none; each score less its annotator's
 *    leniency.
 * 2: sets by vote on each label; then the spans nearest to all; the mean score less the mean leniency.
 * 3: where labels are no fixed choices confidence is a probability (`withCertainty`), not how near the answers are.
 */
const RECORD_VERSION = 3;

/** With the version of the instructions that it was given under, where these are not the task's. */
export type RecordedVote = WeightedVote<unknown> & { readonly instructionsVersion?: number };

/** Everything a decision depends on. Labels are in their normal form, config as its schema returned it. */
export interface DecisionInputs {
  /** The present rules where absent. */
  readonly version?: number;
  readonly taskId: string;
  readonly type: string;
  readonly policyVersion: number;
  readonly instructionsVersion: number;
  readonly config: unknown;
  readonly votes: readonly RecordedVote[];
  /** The item's payload; kept, and needed, only where the type decides by it (`aggregateReadsPayload`). */
  readonly payload?: unknown;
  /** What is known of the crowd, where the campaign has a model of it. */
  readonly crowd?: CrowdEvidence;
  /** By annotation how lenient its annotator is, where the campaign has a model of that: taken off their scores. */
  readonly leniency?: Readonly<Record<string, Leniency>>;
  /** What is known of usual answers, where the campaign has a model of that. */
  readonly usual?: Usual;
  /** Further facts to keep with the decision as they are (outcome, cost, …): plain JSON, bigints allowed. */
  readonly context?: unknown;
}

export interface DecisionRecord {
  readonly result: Aggregate<unknown>;
  /** The record as canonical JSON: inputs, weights and result. */
  readonly json: string;
}

/** Decides a task and writes down what it was decided from, so that `recomputeDecision` can check it at any time. */
export function decisionRecord(inputs: DecisionInputs): DecisionRecord {
  const { taskId, type: name, policyVersion, instructionsVersion, config, context, crowd, leniency, usual } = inputs;
  const type = getTaskType(name);
  const payload = type.aggregateReadsPayload ? inputs.payload : undefined;
  const votes = inputs.votes
    .map(({ annotationId, label, weight, instructionsVersion: shown }) => {
      return { annotationId, label, weight, ...(shown === undefined ? {} : { instructionsVersion: shown }) };
    })
    .sort((a, b) => order(a.annotationId, b.annotationId));
  const { version = RECORD_VERSION } = inputs;
  const rules = { rules: version, ...(usual ? { usual } : {}) };
  const byCrowd = crowd && decideByCrowd(type, config, votes, crowd);
  const result = byCrowd ?? byScores();
  const versions = { version, policyVersion, instructionsVersion };
  return {
    result,
    json: canonicalJson({
      ...versions,
      taskId,
      type: name,
      config,
      votes,
      payload,
      crowd,
      leniency,
      usual,
      context,
      result,
    }),
  };

  /** Decided by fair scores, where the annotators' leniency is known; what was said stays as it was. */
  function byScores(): Aggregate<unknown> {
    if (!leniency || !type.shifted) return aggregateTask(type, config, votes, payload, rules);
    if (version >= 2) {
      const known = votes.map((vote) => ({ ...vote, leniency: leniency[vote.annotationId] ?? {} }));
      return { ...aggregateTask(type, config, known, payload, rules), method: 'rater_model' };
    }
    const { distribution } = aggregateTask(type, config, votes, payload, rules);
    const fair = aggregateTask(type, config, fairVotes(type, config, votes, leniency), payload, rules);
    return { ...fair, distribution, method: 'rater_model' };
  }
}

/** Decides again from a stored record's inputs alone; the answer is the same text unless the rules have changed. */
export function recomputeDecision(json: string): string {
  return decisionRecord(JSON.parse(json) as DecisionInputs).json;
}

/** Whether a stored record leads to the stored result again, byte for byte. */
export function recomputes(evidence: unknown): boolean {
  try {
    const stored = canonicalJson(evidence);
    return recomputeDecision(stored) === stored;
  } catch {
    return false;
  }
}

/**
 * By annotation, how probable the label of a recorded decision would have been without that answer, where the crowd's model
 * decided: what its answers weigh says how much of an answer each one is, and not how far it moved the decision. Empty for
 * other decisions, and without an answer where there is no other one.
 */
export function confidenceWithout(evidence: unknown): ReadonlyMap<string, number> {
  const { type: name, config, votes, crowd, result } = (evidence ?? {}) as Partial<DecisionInputs & DecisionRecord>;
  if (!name || !votes || !crowd || result?.method !== 'crowd_model') return new Map();
  const type = getTaskType(name);
  const decided = type.canonical(result.label);
  const key = type.choices?.(config)?.find(({ label }) => type.canonical(label) === decided)?.key ?? '';
  return new Map(
    votes.flatMap(({ annotationId }) => {
      const others = votes.filter((vote) => vote.annotationId !== annotationId);
      const left = decideByCrowd(type, config, others, crowd)?.distribution[key];
      return left === undefined ? [] : [[annotationId, left] as const];
    }),
  );
}

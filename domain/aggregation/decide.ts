import { QuorateError } from '../failures.ts';
import { getTaskType } from '../tasks/index.ts';
import type { Aggregate, TaskType, WeightedVote } from '../tasks/task-type.ts';
import { canonicalJson } from './canonical-json.ts';
import { order } from './weighted-vote.ts';

/** The aggregate of a task's votes by its type's own rule. The same annotation twice is refused, not counted twice. */
export function aggregateTask<C, P, L>(
  type: TaskType<C, P, L>,
  config: C,
  votes: readonly WeightedVote<L>[],
): Aggregate<L> {
  const seen = new Set<string>();
  for (const { annotationId } of votes) {
    if (seen.has(annotationId)) {
      throw new QuorateError('conflict', `Annotation ${annotationId} is among the votes twice.`, { field: 'votes' });
    }
    seen.add(annotationId);
  }
  return type.aggregate(votes, config);
}

/** Everything a decision depends on. Labels are in their normal form, config as its schema returned it. */
export interface DecisionInputs {
  readonly taskId: string;
  readonly type: string;
  readonly policyVersion: number;
  readonly instructionsVersion: number;
  readonly config: unknown;
  readonly votes: readonly WeightedVote<unknown>[];
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
  const { taskId, type, policyVersion, instructionsVersion, config, context } = inputs;
  const votes = inputs.votes
    .map(({ annotationId, label, weight }) => ({ annotationId, label, weight }))
    .sort((a, b) => order(a.annotationId, b.annotationId));
  const result = aggregateTask(getTaskType(type), config, votes);
  const record = { version: 1, taskId, type, policyVersion, instructionsVersion, config, votes, context, result };
  return { result, json: canonicalJson(record) };
}

/** Decides again from a stored record's inputs alone; the answer is the same text unless the rules have changed. */
export function recomputeDecision(json: string): string {
  return decisionRecord(JSON.parse(json) as DecisionInputs).json;
}

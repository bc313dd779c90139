import { type DecisionInputs, type DecisionRecord, decisionRecord } from '../aggregation/decide.ts';
import { getTaskType, isSameLabel } from '../tasks/index.ts';
import type { Aggregate } from '../tasks/task-type.ts';

/**
 * What becomes of a decision without somebody's answer:
 * - `apart`: the answer had no part in it
 * - `stays`: the label says the same; scores may move within their nearest step
 * - `flips`: the label is another
 * - `unanswered`: no answer is left that a label could come from
 */
export type WithoutOutcome = 'apart' | 'stays' | 'flips' | 'unanswered';

export interface Without {
  readonly outcome: WithoutOutcome;
  /** The decision as it is. */
  readonly before: Aggregate<unknown>;
  /** The decision without the answer; its label is null where it is `unanswered`. */
  readonly after: Aggregate<unknown>;
  /** The record of that decision, with `context`. */
  readonly record: DecisionRecord;
}

/**
 * Decides again from a decision's stored record, without one annotation: its vote, and what was known of its
 * annotator. Everything else (other votes, their weights, the crowd's model, policy) is as it was, so that a change
 * has no other cause.
 */
export function withoutAnnotation(evidence: unknown, annotationId: string, context?: unknown): Without {
  const { result: before, crowd, ...inputs } = evidence as DecisionInputs & { readonly result: Aggregate<unknown> };
  const votes = inputs.votes.filter((vote) => vote.annotationId !== annotationId);
  const { [annotationId]: _, ...rows } = crowd?.rows ?? {};
  const { [annotationId]: __, ...leniency } = inputs.leniency ?? {};
  const known = { ...(crowd ? { crowd: { ...crowd, rows } } : {}), ...(inputs.leniency ? { leniency } : {}) };
  const record = decisionRecord({ ...inputs, votes, ...known, context });
  const after = record.result;
  return { outcome: outcomeOf(), before, after, record };

  function outcomeOf(): WithoutOutcome {
    if (votes.length === inputs.votes.length) return 'apart';
    if (votes.length === 0 || after.label === null) return 'unanswered';
    return isSameLabel(getTaskType(inputs.type), inputs.config, after.label, before.label) ? 'stays' : 'flips';
  }
}

/** Whether a decision was confident enough before, and is not any more. */
export function fallsBelow({ before, after }: Without, minConfidence: number): boolean {
  return before.confidence >= minConfidence && after.confidence < minConfidence;
}

import type { NewestDecision } from '../db/queries/reopenings.ts';
import { type DecisionInputs, decisionRecord } from '../domain/aggregation/decide.ts';

/** What the record of a decision says of the one it revises; nothing where it is the first. */
export function revising(before: NewestDecision | undefined): { revises?: number; because?: string } {
  return before ? { revises: before.revision, because: `reopened:${before.cause}` } : {};
}

export interface RestatedDecision {
  readonly label: unknown;
  readonly confidence: number;
  readonly method: string;
  readonly evidence: unknown;
}

/**
 * The decision that a task had, once more: for one that was asked again under new instructions and got no answers.
 * Undefined after a quarantine: what it was is what was wrong with it.
 */
export function restated(before: NewestDecision): RestatedDecision | undefined {
  if (before.cause !== 'instructions') return undefined;
  const context = { outcome: 'decided', ...revising(before), unanswered: true };
  const { result, json } = decisionRecord({ ...(before.evidence as DecisionInputs), context });
  if (result.label === null) return undefined;
  const { label, confidence, method } = result;
  return { label, confidence, method, evidence: JSON.parse(json) as unknown };
}

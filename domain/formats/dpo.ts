import type { AnyTaskType } from '../tasks/task-type.ts';
import { aggregateOf, type DecidedTask } from './records.ts';

/** Preferences less sure than this teach more noise than signal, and are left out. */
export const MIN_DPO_CONFIDENCE = 0.6;

export interface DpoRecord {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  readonly confidence: number;
  readonly n_annotators: number;
}

/** A decided comparison as a DPO triple; undefined for ties, "both bad", undecided tasks and unsure preferences. */
export function dpoRecord(type: AnyTaskType, config: unknown, task: DecidedTask): DpoRecord | undefined {
  if (task.confidence < MIN_DPO_CONFIDENCE) return undefined;
  const record = type.exportRecord(task.payload, aggregateOf(task), config);
  const { prompt, chosen, rejected, confidence, n_annotators } = record as Partial<DpoRecord>;
  if (typeof prompt !== 'string' || typeof chosen !== 'string' || typeof rejected !== 'string') return undefined;
  return { prompt, chosen, rejected, confidence: confidence ?? task.confidence, n_annotators: n_annotators ?? 0 };
}

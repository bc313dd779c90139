import type { AnyTaskType, TaskTypeName } from '../tasks/task-type.ts';
import { aggregateOf, type DecidedTask } from './records.ts';

/** Preferences less sure than this teach more noise than signal, and are left out. */
export const MIN_DPO_CONFIDENCE = 0.6;

/** The task types that say which of two answers is better. */
export const DPO_TYPES: readonly TaskTypeName[] = ['pairwise', 'preference_ranking'];

export interface DpoRecord {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  readonly confidence: number;
  readonly n_annotators: number;
  /** Of the item and of the task that the preference is from. */
  readonly key: string;
  readonly task_id: string | null;
}

/**
 * A decided comparison as DPO triples: one for a pair, for a ranking each best answer over each worst one; none for
 * ties, "both bad", undecided tasks and unsure preferences.
 */
export function dpoRecords(type: AnyTaskType, config: unknown, task: DecidedTask): DpoRecord[] {
  if (task.confidence < MIN_DPO_CONFIDENCE) return [];
  const record = type.exportRecord(task.payload, aggregateOf(task), config);
  const { prompt, confidence = task.confidence, n_annotators = 0 } = record as Partial<DpoRecord>;
  // A pair's item may have a field of that name.
  const pairs = (type.name === 'pairwise' ? [record] : record.pairs) as Partial<DpoRecord>[];
  return pairs.flatMap(({ chosen, rejected }) => {
    if (typeof prompt !== 'string' || typeof chosen !== 'string' || typeof rejected !== 'string') return [];
    return [{ prompt, chosen, rejected, confidence, n_annotators, key: task.key, task_id: task.taskId }];
  });
}

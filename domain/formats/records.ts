import type { Aggregate, AnyTaskType } from '../tasks/task-type.ts';

/** A decision as an export reads it: the newest revision of one task. */
export interface DecidedTask {
  readonly key: string;
  /** Null where the model labelled the item: there is no task of it, and nobody was paid. */
  readonly taskId: string | null;
  readonly provenance: 'annotators' | 'model';
  readonly state: string;
  readonly label: unknown;
  readonly confidence: number;
  readonly method: string;
  readonly revision: number;
  readonly policyVersion: number | null;
  readonly costUsd: string;
  readonly decidedAt: string;
  readonly payload: unknown;
  /** The stored decision record; its `result` is the aggregate that the label came from. */
  readonly evidence: unknown;
}

/** The columns that every export has, in this order; the task type's own ones follow. */
export const COMMON_COLUMNS = [
  'key',
  'task_id',
  'state',
  'label',
  'confidence',
  'method',
  'n_annotators',
  'revision',
  'policy_version',
  'cost_usd',
  'decided_at',
  'provenance',
] as const;

export type ExportRecord = Record<(typeof COMMON_COLUMNS)[number], unknown> & Record<string, unknown>;

/**
 * One training-ready record: what the decision is and how it came about, then the task type's own fields. A field of
 * the payload that has the name of a common column, or of one that the type fills, appears as `payload_NAME`.
 */
export function exportRecord(type: AnyTaskType, config: unknown, task: DecidedTask): ExportRecord {
  const aggregate = aggregateOf(task);
  const common: Record<(typeof COMMON_COLUMNS)[number], unknown> = {
    key: task.key,
    task_id: task.taskId,
    state: task.state,
    label: task.label,
    confidence: task.confidence,
    method: task.method,
    n_annotators: aggregate.n,
    revision: task.revision,
    policy_version: task.policyVersion,
    cost_usd: task.costUsd,
    decided_at: task.decidedAt,
    provenance: task.provenance,
  };
  const payload: Record<string, unknown> = isObject(task.payload) ? task.payload : {};
  const own = Object.entries(type.exportRecord(task.payload, aggregate, config)).filter(([name]) => !(name in common));
  const computed = new Map(own);
  const hidden = Object.entries(payload)
    .filter(([name, value]) => name in common || computed.get(name) !== value)
    .map(([name, value]) => [`payload_${name}`, value]);
  return { ...common, ...Object.fromEntries([...own, ...hidden]) };
}

/** The aggregate behind a decision, with the label and confidence that were decided (a ruling may differ from it). */
export function aggregateOf(
  task: Pick<DecidedTask, 'label' | 'confidence' | 'method' | 'evidence'>,
): Aggregate<unknown> {
  const result: Partial<Aggregate<unknown>> =
    isObject(task.evidence) && isObject(task.evidence.result) ? task.evidence.result : {};
  const { label, confidence, method } = task;
  return {
    label,
    confidence,
    method,
    distribution: result.distribution ?? {},
    n: result.n ?? 0,
    ...(result.stats === undefined ? {} : { stats: result.stats }),
  };
}

/**
 * The columns of a table of such records: the common ones, and the type's own as the first records have them. What
 * later records have beyond these goes into `extra`.
 */
export function columnsOf(records: readonly ExportRecord[]): string[] {
  const own = new Set(records.flatMap((record) => Object.keys(record)));
  for (const name of COMMON_COLUMNS) own.delete(name);
  own.delete(EXTRA_COLUMN);
  return [...COMMON_COLUMNS, ...own, EXTRA_COLUMN];
}

const EXTRA_COLUMN = 'extra';

/** A record's cells for those columns. */
export function cellsOf(record: ExportRecord, columns: readonly string[]): unknown[] {
  const named = new Set(columns);
  const rest = Object.entries(record).filter(([name]) => !named.has(name) || name === EXTRA_COLUMN);
  const extra = rest.length === 0 ? null : Object.fromEntries(rest);
  return columns.map((name) => (name === EXTRA_COLUMN ? extra : (record[name] ?? null)));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

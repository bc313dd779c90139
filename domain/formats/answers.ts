import type { NamedRatings } from '../agreement/ratings.ts';
import { type Column, inputError, type Names } from './column-shape.ts';
import { readColumns } from './columns.ts';
import { type Duplicates, keepOnce, select } from './duplicates.ts';
import type { TableReader } from './kernel-table.ts';

/** The names that columns of answers and gold may have; the first that is there counts. */
export const COLUMN_NAMES = {
  task: ['task', 'item'],
  worker: ['worker'],
  /** A comparison's winner can be aggregated as a label, too. */
  label: ['label', 'winner'],
  left: ['left', 'item_a'],
  right: ['right', 'item_b'],
} as const;

/** A file of answers as ratings, and where in the file they came from. */
export interface Answers extends NamedRatings {
  readonly source: string;
  readonly unitNames: Names;
  /** The line of each answer, from 1. */
  readonly line: Int32Array;
  readonly labelColumn: { readonly name: string; readonly number: number };
  /** Answers left out because their worker had another on the same task. */
  readonly dropped: number;
}

export interface AnswersOptions {
  /** What messages call the file. */
  readonly source: string;
  /** Which of a worker's several answers to a task counts. @default 'error', which refuses them */
  readonly duplicates?: Duplicates;
  /** The labels there may be: they are the values then, in this order. @default those in use, as they appear */
  readonly labels?: readonly string[] | undefined;
  /** What reads plain tables; gives the same. @default plain TypeScript */
  readonly reader?: TableReader | undefined;
}

/**
 * A CSV file with the columns `task` (or `item`), `worker` and `label` (or `winner`) in any order, among others, as
 * ratings. Names are decoded only when they are asked for. Throws QuorateError (`invalid_input`) naming file, line and
 * column.
 */
export function readAnswers(
  bytes: Uint8Array,
  { source, duplicates = 'error', labels, reader }: AnswersOptions,
): Answers {
  const { task: names, worker: workers, label: choices } = COLUMN_NAMES;
  const wishes = { task: { names }, worker: { names: workers }, label: { names: choices } };
  const read = readColumns(bytes, source, wishes, reader);
  const { task, worker, label } = read.columns;
  if (read.line.length === 0) throw inputError({ source }, 'it has a header, but no answers.');
  const [unitCount, raterCount] = [task.table.count, worker.table.count];
  const all = { unit: task.ids, rater: worker.ids, unitCount, raterCount };
  const kept = keepOnce(all, duplicates, (again, before) => {
    const who = JSON.stringify(worker.table.names()[worker.ids[again] ?? 0]);
    const what = JSON.stringify(task.table.names()[task.ids[again] ?? 0]);
    return inputError(
      { source, line: read.line[again] ?? 0 },
      `worker ${who} (column ${worker.number}) answered task ${what} before, in line ${read.line[before]}. ` +
        'Say --duplicates first or --duplicates last to keep one of the answers.',
    );
  });
  const line = select(read.line, kept);
  const given = select(label.ids, kept);
  const values = labels ? bySchema(label, given, { labels, source, line }) : inUse(label, given, kept !== undefined);
  return {
    unit: select(task.ids, kept),
    rater: select(worker.ids, kept),
    value: values.ids,
    unitCount,
    raterCount,
    valueCount: values.count,
    get units() {
      return task.table.names();
    },
    get raters() {
      return worker.table.names();
    },
    get values() {
      return values.names();
    },
    source,
    unitNames: task.table,
    line,
    labelColumn: { name: label.name, number: label.number },
    dropped: read.line.length - line.length,
  };
}

interface Values {
  readonly ids: Int32Array;
  readonly count: number;
  names(): readonly string[];
}

/** The labels that occur. Where answers were left out, some may have gone with them. */
function inUse({ table }: Column, ids: Int32Array, mayMiss: boolean): Values {
  const all: Values = { ids, count: table.count, names: () => table.names() };
  if (!mayMiss) return all;
  const newId = new Int32Array(table.count).fill(-1);
  const used: number[] = [];
  for (const id of ids) {
    if (newId[id] !== -1) continue;
    newId[id] = used.length;
    used.push(id);
  }
  if (used.length === table.count) return all;
  const names = () => used.map((id) => table.names()[id] ?? '');
  return { ids: ids.map((id) => newId[id] ?? 0), count: used.length, names };
}

/** The labels that are allowed, in their order. */
function bySchema(
  { table, name, number }: Column,
  ids: Int32Array,
  { labels, source, line }: { labels: readonly string[]; source: string; line: Int32Array },
): Values {
  const newId = Int32Array.from(table.names(), (label) => labels.indexOf(label));
  const stranger = ids.findIndex((id) => newId[id] === -1);
  if (stranger >= 0) {
    const label = JSON.stringify(table.names()[ids[stranger] ?? 0]);
    const message = `column ${number} (${name}) is ${label}, which is none of the labels ${labels.join(', ')}.`;
    throw inputError({ source, line: line[stranger] ?? 0 }, message);
  }
  return { ids: ids.map((id) => newId[id] ?? 0), count: labels.length, names: () => labels };
}

import type { NamedRatings } from '../agreement/ratings.ts';
import { ByteNames } from './byte-names.ts';
import { COLUMN_NAMES, type Column, inputError, type Names } from './column-shape.ts';
import { headerNames, readColumns } from './columns.ts';
import { winners } from './comparisons.ts';
import { type Duplicates, keepOnce, select } from './duplicates.ts';
import type { TableReader } from './kernel-table.ts';
import {
  namesTwoItems,
  pairNames,
  pairOfTasks,
  pairsOfRows,
  requireTwoItems,
  SIDES,
  sideLabels,
  type TaskPairs,
} from './pair-labels.ts';

/** A file of answers as ratings, and where in the file they came from. */
export interface Answers extends NamedRatings {
  readonly source: string;
  readonly unitNames: Names;
  /** The line of each answer, from 1. */
  readonly line: Int32Array;
  readonly labelColumn: { readonly name: string; readonly number: number };
  /** Of comparisons: what each task compares. Their labels are `SIDES` then, and any other label as it is. */
  readonly pairs?: TaskPairs;
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
 * ratings. Names are decoded only when they are asked for. Where it has `left` and `right` (or `item_a`, `item_b`), too,
 * and most labels but ties are one of these, labels are what became of comparisons (`pairs`): an item's name says nothing
 * about other tasks. Without a task column each two items are a task. Throws QuorateError (`invalid_input`) naming
 * file, line and column.
 */
export function readAnswers(
  bytes: Uint8Array,
  { source, duplicates = 'error', labels, reader }: AnswersOptions,
): Answers {
  const read = readRows(bytes, source, labels, reader);
  const { task, worker, label, pairs } = read;
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
  const values = labels
    ? bySchema(label, given, { labels, source, line })
    : inUse(label, given, kept !== undefined || pairs !== undefined);
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
    ...(pairs && { pairs }),
    dropped: read.line.length - line.length,
  };
}

/** A column whose texts may stand nowhere in the file. */
type Labels = Omit<Column, 'table'> & { readonly table: Pick<Names, 'count' | 'names'> };

interface Rows {
  readonly line: Int32Array;
  readonly task: Column;
  readonly worker: Column;
  readonly label: Labels;
  readonly pairs?: TaskPairs;
}

/** The rows of a file, those of comparisons with `SIDES` for labels. */
function readRows(
  bytes: Uint8Array,
  source: string,
  schema: AnswersOptions['labels'],
  reader: AnswersOptions['reader'],
): Rows {
  const { task: tasks, worker: workers, label: choices, left: lefts, right: rights } = COLUMN_NAMES;
  const some = ({ line }: { line: Int32Array }) => {
    if (line.length === 0) throw inputError({ source }, 'it has a header, but no answers.');
  };
  if (!namesTwoItems(headerNames(bytes, source))) {
    const wishes = { task: { names: tasks }, worker: { names: workers }, label: { names: choices } };
    const { line, columns } = readColumns(bytes, source, wishes, reader);
    some({ line });
    return { line, ...columns };
  }
  const table = new ByteNames();
  const { line, columns } = readColumns(bytes, source, {
    task: { names: tasks, optional: true },
    worker: { names: workers },
    label: { names: choices, mayBeEmpty: true },
    left: { names: lefts, table, mayBeEmpty: true },
    right: { names: rights, table, mayBeEmpty: true },
  });
  some({ line });
  const { task, worker, label, left, right } = columns;
  const items = table.names();
  const rows = pairsOfRows({ left, right });
  const { named, ties, ...sides } = sideLabels(label, items, (row) => {
    const pair = rows.pair[row] as number;
    return [rows.first[pair] as number, rows.second[pair] as number];
  });
  if (!task) {
    if (isSchemaOfNames(schema)) {
      const wanted = tasks.map((name) => JSON.stringify(name)).join(' or ');
      const message = `without a column ${wanted} the labels are ${SIDES.join(', ')}, not ${schema?.join(', ')}.`;
      throw inputError({ source }, message);
    }
    winners({ left, right, label }, line, source);
    const pairs = { left: rows.first, right: rows.second, items };
    return {
      line,
      task: { ...left, ids: rows.pair, table: pairNames(pairs) },
      worker,
      label: { ...label, ...sides },
      pairs,
    };
  }
  // Ties prove nothing: labels may well be "left", "right" and "tie" already.
  if (isSchemaOfNames(schema) || named === 0 || 2 * named < line.length - ties) {
    const empty = label.ids.findIndex((id) => label.table.names()[id] === '');
    if (empty < 0) return { line, task, worker, label };
    throw inputError({ source, line: line[empty] ?? 0 }, `column ${label.number} (${label.name}) is empty.`);
  }
  line.forEach((at, row) => {
    requireTwoItems({ left, right }, row, { source, line: at });
  });
  const of = pairOfTasks(task, rows.pair, line, source);
  const item = (ids: Int32Array) => of.map((pair) => ids[pair] as number);
  const pairs = { left: item(rows.first), right: item(rows.second), items };
  return { line, task, worker, label: { ...label, ...sides }, pairs };
}

/** Whether the labels that there may be are other ones than a comparison has. */
function isSchemaOfNames(schema: AnswersOptions['labels']): boolean {
  return schema?.some((label) => !SIDES.some((side) => side === label)) ?? false;
}

interface Values {
  readonly ids: Int32Array;
  readonly count: number;
  names(): readonly string[];
}

/** The labels that occur. Where answers were left out, some may have gone with them. */
function inUse({ table }: Labels, ids: Int32Array, mayMiss: boolean): Values {
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
  { table, name, number }: Labels,
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

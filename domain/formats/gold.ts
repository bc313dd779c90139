import type { Answers } from './answers.ts';
import { ByteNames } from './byte-names.ts';
import { COLUMN_NAMES, type Column, inputError, shown } from './column-shape.ts';
import { readColumns } from './columns.ts';
import { decimal } from './decimal.ts';
import type { TableReader } from './kernel-table.ts';
import { otherPairName, pairName, sideName, type TaskPairs } from './pair-labels.ts';

/** A file of known answers, and where in the file they came from. */
export interface Gold {
  readonly source: string;
  /** The known label by task. */
  readonly labels: ReadonlyMap<string, string>;
  /** By task, in the order of `labels`: the line that named its label, from 1. */
  readonly lines: Int32Array;
  readonly labelColumn: Pick<Column, 'name' | 'number'>;
}

/**
 * A CSV file of known answers, with the columns `task` (or `item`) and `label` (or `winner`). Throws QuorateError
 * (`invalid_input`) naming file, line and column, also where a task has two different labels.
 */
export function readGold(bytes: Uint8Array, source: string, reader?: TableReader): Gold {
  const wishes = { task: { names: COLUMN_NAMES.task }, label: { names: COLUMN_NAMES.label } };
  const { line, columns } = readColumns(bytes, source, wishes, reader);
  return goldOf(columns, line, source);
}

/**
 * Gold for what became of comparisons, whose label is the item that won; "tie" or nothing is a tie. Tasks are those of
 * the answers, by name or, without one, by their two items (`left` and `right`). Throws QuorateError likewise.
 */
export function readGoldOfPairs(bytes: Uint8Array, source: string, { units, pairs }: UnitsOfPairs): Gold {
  const { line, columns } = readColumns(bytes, source, {
    task: { names: COLUMN_NAMES.task, optional: true },
    left: { names: COLUMN_NAMES.left, optional: true, mayBeEmpty: true },
    right: { names: COLUMN_NAMES.right, optional: true, mayBeEmpty: true },
    label: { names: COLUMN_NAMES.label, mayBeEmpty: true },
  });
  const { task, left, right, label } = columns;
  const textOf = (column: Column | undefined, row: number) => column?.table.names()[column.ids[row] ?? 0];
  const byName = new Map(units.map((name, unit) => [name, unit]));
  const byItems = unitsByItems(pairs);
  /** Whether answers have no other name for a task than its items, so that gold's name for it is none of theirs. */
  const isUnnamed = (unit = SEVERAL) => unit !== SEVERAL && units[unit] === pairName(pairs, unit);
  const unnamed = [...units.keys()].filter(isUnnamed);
  const byOtherName = new Map(unnamed.map((unit) => [otherPairName(pairs, unit), unit]));
  const rows = Array.from(line, (at, row) => {
    const sides = [textOf(left, row), textOf(right, row)].filter((side) => side !== undefined).sort();
    const found = sides.length === 2 ? byItems.get(JSON.stringify(sides)) : undefined;
    const name = textOf(task, row);
    if (name === undefined && (sides.length < 2 || found === SEVERAL)) {
      const why = found === SEVERAL ? 'several tasks compare these two items' : 'it has none of them';
      throw inputError({ source, line: at }, `gold for comparisons needs task, or left and right; ${why}.`);
    }
    const unit = name === undefined || isUnnamed(found) ? found : (byName.get(name) ?? byOtherName.get(name));
    return {
      task: unit === undefined ? (name ?? sides.join(' | ')) : (units[unit] ?? ''),
      label: sideName(textOf(label, row) ?? '', pairs, unit),
    };
  });
  const named = (texts: readonly string[]) => {
    const table = new ByteNames();
    return { ids: Int32Array.from(texts, (text) => table.internText(text)), table };
  };
  const tasks = named(rows.map((row) => row.task));
  return goldOf({ task: tasks, label: { ...label, ...named(rows.map((row) => row.label)) } }, line, source);
}

interface UnitsOfPairs {
  readonly units: readonly string[];
  readonly pairs: TaskPairs;
}

const SEVERAL = -1;

/** By two items, in order of their names: the task that compares them. */
function unitsByItems({ left, right, items }: TaskPairs): Map<string, number> {
  const units = new Map<string, number>();
  left.forEach((a, unit) => {
    const key = JSON.stringify([items[a] ?? '', items[right[unit] ?? 0] ?? ''].sort());
    units.set(key, units.has(key) ? SEVERAL : unit);
  });
  return units;
}

interface Cells {
  readonly ids: Int32Array;
  readonly table: Pick<Column['table'], 'names'>;
}

function goldOf(
  { task, label }: { task: Cells; label: Cells & Pick<Column, 'name' | 'number'> },
  line: Int32Array,
  source: string,
): Gold {
  if (line.length === 0) throw inputError({ source }, 'it has a header, but no gold labels.');
  /** By task: the row that named its label. */
  const firstRow = new Int32Array(task.table.names().length).fill(-1);
  for (let row = 0; row < line.length; row++) {
    const id = task.ids[row] ?? 0;
    const first = firstRow[id] ?? -1;
    if (first < 0) firstRow[id] = row;
    else if (label.ids[first] !== label.ids[row]) {
      const [before, now] = [first, row].map((at) => JSON.stringify(label.table.names()[label.ids[at] ?? 0]));
      const name = JSON.stringify(task.table.names()[id]);
      const message = `column ${label.number} (${label.name}) says ${now} for task ${name}, but line ${line[first]} said ${before}.`;
      throw inputError({ source, line: line[row] ?? 0 }, message);
    }
  }
  const labels = label.table.names();
  return {
    source,
    labels: new Map(task.table.names().map((name, id) => [name, labels[label.ids[firstRow[id] ?? 0] ?? 0] ?? ''])),
    lines: firstRow.map((row) => line[row] ?? 0),
    labelColumn: { name: label.name, number: label.number },
  };
}

/**
 * Gold whose labels are written as the answers write them: a number that no answer gave is the label of the same value, such
 * as "2" for "2.0", where there is just one.
 */
export function asAnswered(gold: Gold, { values }: Pick<Answers, 'values'>): Gold {
  const given = new Set(values);
  const byNumber = new Map<number, string | undefined>();
  for (const value of values) {
    const number = decimal(value);
    if (Number.isFinite(number)) byNumber.set(number, byNumber.has(number) ? undefined : value);
  }
  const labels = Array.from(gold.labels, ([task, label]): [string, string] => {
    return [task, given.has(label) ? label : (byNumber.get(decimal(label)) ?? label)];
  });
  return { ...gold, labels: new Map(labels) };
}

/** Whoever writes more labels than this writes texts. */
const MOST_CLASSES = 10_000;

/** The first two labels that look like the same one in another spelling, such as "Yes" and "yes", or "1" and "1.0". */
export function labelsAlike(values: readonly string[]): readonly [string, string] | undefined {
  if (values.length > MOST_CLASSES) return undefined;
  const met = new Map<string | number, string>();
  for (const value of values) {
    const number = decimal(value);
    const form = Number.isFinite(number) ? number : value.trim().toLowerCase();
    const before = met.get(form);
    if (before !== undefined) return [before, value];
    met.set(form, value);
  }
  return undefined;
}

/** Gold labels that no answer can equal, among the tasks with answers. */
export interface StrangeGold {
  readonly count: number;
  readonly example?: { readonly label: string; readonly message: string };
}

/**
 * The gold labels that no answer gave, such as "1" beside answers of "1.0": they make right answers wrong. Throws
 * QuorateError (`invalid_input`) with file and line where that is all of them, or where `labels` says which labels there
 * may be and one is none of these.
 */
export function strangeGold(gold: Gold, answers: Answers, labels?: readonly string[]): StrangeGold {
  const { source, lines, labelColumn } = gold;
  const said = (task: number, label: string) =>
    [
      { source, line: lines[task] ?? 0 },
      `column ${labelColumn.number} (${labelColumn.name}) is ${shown(label)}`,
    ] as const;
  const given = new Set(answers.values);
  const answered = new Set(answers.units);
  if (labels) {
    let task = 0;
    for (const [name, label] of gold.labels) {
      const [place, what] = said(task++, label);
      // Without an answer it is not known which sides a comparison's items are.
      if (labels.includes(label) || (answers.pairs && !answered.has(name))) continue;
      throw inputError(place, `${what}, which is none of the labels ${labels.join(', ')}.`);
    }
  }
  let [known, count, task] = [0, 0, 0];
  let first: { readonly task: number; readonly label: string } | undefined;
  for (const [name, label] of gold.labels) {
    if (answered.has(name)) {
      known++;
      if (!given.has(label)) {
        count++;
        first ??= { task, label };
      }
    }
    task++;
  }
  if (!first) return { count };
  const [place, what] = said(first.task, first.label);
  const like = answers.values.find((value) => isLike(value, first.label));
  const instead = like === undefined ? '' : `; the answers write ${shown(like)}`;
  if (count === known) {
    const isScore = like === undefined && Number.isFinite(decimal(first.label));
    const hint = isScore ? 'Scores belong to --method mean.' : 'If it is meant so, name all labels with --labels.';
    const some = answers.values.slice(0, MOST_NAMED).map(shown).join(', ');
    throw inputError(place, `${what}, and no gold label is a label of the answers, such as ${some}${instead}. ${hint}`);
  }
  return {
    count,
    example: {
      label: first.label,
      message: inputError(place, `${what}, a label that no answer has${instead}.`).message,
    },
  };
}

/** Labels that a message names. */
const MOST_NAMED = 3;

/** Whether two labels that differ look like the same one: in capitals and blanks, or as numbers. */
function isLike(a: string, b: string): boolean {
  const [x, y] = [a, b].map((label) => label.trim().toLowerCase());
  return x === y || decimal(a) === decimal(b);
}

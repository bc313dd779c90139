import type { NamedPairVotes } from '../aggregation/pairs/pair-votes.ts';
import { ByteNames } from './byte-names.ts';
import { COLUMN_NAMES, type Column, inputError } from './column-shape.ts';
import { headerNames, readColumns } from './columns.ts';
import { type Duplicates, keepOnce, select } from './duplicates.ts';
import { namesTwoItems, noWinner, pairsOfRows, requireTwoItems } from './pair-labels.ts';

/** A file of comparisons as votes. */
export interface Comparisons extends NamedPairVotes {
  /** Comparisons left out because their worker had made the same one before. */
  readonly dropped: number;
  /** Comparisons left out because they say that both items are bad, which says nothing of either beside the other. */
  readonly bothBad: number;
  /** What the file calls the task of a comparison, where it has a column for that: the first comparison of each. */
  readonly tasks: ReadonlyMap<string, number> | undefined;
}

export interface ComparisonsOptions {
  /** What messages call the file. */
  readonly source: string;
  /** Which of a worker's several judgments of the same two items counts. @default all of them */
  readonly duplicates?: Duplicates | undefined;
}

/** Whether a file can be nothing but comparisons: it names two items, and no task of its own. */
export function hasOnlyComparisons(bytes: Uint8Array, source: string): boolean {
  const names = headerNames(bytes, source);
  return namesTwoItems(names) && !COLUMN_NAMES.task.some((name) => names.includes(name));
}

/**
 * A CSV file with the columns `left` (or `item_a`), `right` (or `item_b`), `label` (or `winner`) and `worker` in any
 * order, among others. The label is the item that won; "tie" or nothing is a tie, and "both_bad" leaves a row out. Throws
 * QuorateError (`invalid_input`) naming file, line and column.
 */
export function readComparisons(bytes: Uint8Array, { source, duplicates }: ComparisonsOptions): Comparisons {
  const table = new ByteNames();
  const read = readColumns(bytes, source, {
    left: { names: COLUMN_NAMES.left, table },
    right: { names: COLUMN_NAMES.right, table },
    label: { names: COLUMN_NAMES.label, mayBeEmpty: true },
    worker: { names: COLUMN_NAMES.worker },
    task: { names: COLUMN_NAMES.task, optional: true, mayBeEmpty: true },
  });
  const { left, right, worker, task } = read.columns;
  if (read.line.length === 0) throw inputError({ source }, 'it has a header, but no comparisons.');
  const [itemCount, raterCount] = [table.count, worker.table.count];
  const winner = winners(read.columns, read.line, source);
  const kept = duplicates && keepOneEach(read.columns, duplicates, read.line, source);
  const once = kept ?? left.ids.map((_, row) => row);
  const rows = once.filter((row) => !Number.isNaN(winner[row]));
  if (rows.length === 0)
    throw inputError({ source }, 'it says of all items that both are bad, and of none that it won.');
  const chosen = rows.length === winner.length ? undefined : rows;
  return {
    left: select(left.ids, chosen),
    right: select(right.ids, chosen),
    winner: chosen ? Float64Array.from(chosen, (row) => winner[row] ?? 0.5) : winner,
    rater: select(worker.ids, chosen),
    itemCount,
    raterCount,
    get items() {
      return table.names();
    },
    get raters() {
      return worker.table.names();
    },
    dropped: winner.length - once.length,
    bothBad: once.length - rows.length,
    get tasks() {
      return task && firstRows(task, rows);
    },
  };
}

/**
 * 1, 0 or 0.5 by row: which side the label names; NaN where it says that both are bad. Throws QuorateError
 * (`invalid_input`) where it is anything else.
 */
export function winners(
  { left, right, label }: Record<'left' | 'right' | 'label', Column>,
  line: Int32Array,
  source: string,
): Float64Array {
  const items = left.table.names();
  const ids = new Map(items.map((name, id) => [name, id]));
  const labels = label.table.names();
  const itemOf = labels.map((name) => ids.get(name) ?? -1);
  return Float64Array.from(label.ids, (id, row) => {
    const [a, b] = [left.ids[row] ?? 0, right.ids[row] ?? 0];
    const place = { source, line: line[row] ?? 0 };
    requireTwoItems({ left, right }, row, place);
    const name = labels[id] ?? '';
    if (name === 'tie' && (itemOf[id] === a || itemOf[id] === b)) {
      throw inputError(
        place,
        `column ${label.number} (${label.name}) is "tie", and so is an item's name. Rename the item.`,
      );
    }
    if (itemOf[id] === a) return 1;
    if (itemOf[id] === b) return 0;
    const neither = name === 'tie' || itemOf[id] === -1 ? noWinner(name) : undefined;
    if (neither) return neither === 'tie' ? 0.5 : Number.NaN;
    const [x, y, won] = [items[a], items[b], name].map((text) => JSON.stringify(text));
    throw inputError(place, `column ${label.number} (${label.name}) is ${won}, which is neither ${x}, ${y} nor "tie".`);
  });
}

/** The rows that count when each worker judges the same two items, in whichever order, once. */
function keepOneEach(
  { left, right, worker }: Record<'left' | 'right' | 'worker', Column>,
  duplicates: Duplicates,
  line: Int32Array,
  source: string,
): Int32Array | undefined {
  const { pair, first } = pairsOfRows({ left, right });
  const table = { unit: pair, rater: worker.ids, unitCount: first.length, raterCount: worker.table.count };
  return keepOnce(table, duplicates, (again, before) => {
    const who = JSON.stringify(worker.table.names()[worker.ids[again] ?? 0]);
    return inputError(
      { source, line: line[again] ?? 0 },
      `worker ${who} (column ${worker.number}) judged these two items before, in line ${line[before]}. ` +
        'Say --duplicates first or --duplicates last to keep one of the judgments.',
    );
  });
}

function firstRows(task: Column, rows: Int32Array): Map<string, number> {
  const names = task.table.names();
  const first = new Map<string, number>();
  rows.forEach((row, at) => {
    const name = names[task.ids[row] ?? 0] ?? '';
    if (name !== '' && !first.has(name)) first.set(name, at);
  });
  return first;
}

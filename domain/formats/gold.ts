import { COLUMN_NAMES } from './answers.ts';
import { inputError } from './column-shape.ts';
import { readColumns } from './columns.ts';
import type { TableReader } from './kernel-table.ts';

/**
 * A CSV file of known answers, with the columns `task` (or `item`) and `label` (or `winner`), as label by task. Throws
 * QuorateError (`invalid_input`) naming file, line and column, also where a task has two different labels.
 */
export function readGold(bytes: Uint8Array, source: string, reader?: TableReader): Map<string, string> {
  const wishes = { task: { names: COLUMN_NAMES.task }, label: { names: COLUMN_NAMES.label } };
  const { line, columns } = readColumns(bytes, source, wishes, reader);
  const { task, label } = columns;
  if (line.length === 0) throw inputError({ source }, 'it has a header, but no gold labels.');
  /** By task: the row that named its label. */
  const firstRow = new Int32Array(task.table.count).fill(-1);
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
  return new Map(task.table.names().map((name, id) => [name, labels[label.ids[firstRow[id] ?? 0] ?? 0] ?? '']));
}

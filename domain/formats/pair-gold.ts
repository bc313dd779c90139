import { COLUMN_NAMES } from './answers.ts';
import { type Column, inputError } from './column-shape.ts';
import { readColumns } from './columns.ts';
import type { Comparisons } from './comparisons.ts';

/** A comparison whose outcome is known; items are ids of the comparisons. */
export interface KnownOutcome {
  readonly winner: number;
  readonly loser: number;
}

export interface PairGold {
  readonly outcomes: readonly KnownOutcome[];
  /** Rows about items or tasks that were never compared. */
  readonly unknown: number;
}

/**
 * Known outcomes of comparisons: a CSV file with the columns `left` (or `item_a`), `right` (or `item_b`) and `label` (or
 * `winner`), or with `task` (or `item`), as the comparisons name it, and `label`. Ties say nothing about which item is
 * the better one, and are left out. Throws QuorateError (`invalid_input`) naming file, line and column.
 */
export function readPairGold(bytes: Uint8Array, source: string, comparisons: Comparisons): PairGold {
  const { line, columns } = readColumns(bytes, source, {
    left: { names: COLUMN_NAMES.left, optional: true },
    right: { names: COLUMN_NAMES.right, optional: true },
    task: { names: COLUMN_NAMES.task, optional: true },
    label: { names: COLUMN_NAMES.label, mayBeEmpty: true },
  });
  const sides = sidesBy(columns, comparisons, source);
  const { label } = columns;
  const names = label.table.names();
  const outcomes: KnownOutcome[] = [];
  let unknown = 0;
  line.forEach((at, row) => {
    const name = names[label.ids[row] ?? 0] ?? '';
    const pair = sides(row);
    if (!pair) unknown++;
    else if (name === comparisons.items[pair[0]]) outcomes.push({ winner: pair[0], loser: pair[1] });
    else if (name === comparisons.items[pair[1]]) outcomes.push({ winner: pair[1], loser: pair[0] });
    else if (name !== '' && name !== 'tie') {
      const [a, b, won] = [comparisons.items[pair[0]], comparisons.items[pair[1]], name].map((each) =>
        JSON.stringify(each),
      );
      const message = `column ${label.number} (${label.name}) is ${won}, which is neither ${a}, ${b} nor "tie".`;
      throw inputError({ source, line: at }, message);
    }
  });
  return { outcomes, unknown };
}

type Sides = readonly [left: number, right: number];

/** The items that a row is about; undefined where they were never compared. */
function sidesBy(
  { left, right, task }: { left: Column | undefined; right: Column | undefined; task: Column | undefined },
  comparisons: Comparisons,
  source: string,
): (row: number) => Sides | undefined {
  if (left && right) {
    const ids = new Map(comparisons.items.map((name, id) => [name, id]));
    const idsOf = ({ table }: Column) => table.names().map((name) => ids.get(name) ?? -1);
    const [lefts, rights] = [idsOf(left), idsOf(right)];
    return (row) => {
      const [a, b] = [lefts[left.ids[row] ?? 0] ?? -1, rights[right.ids[row] ?? 0] ?? -1];
      return a < 0 || b < 0 ? undefined : [a, b];
    };
  }
  const { tasks } = comparisons;
  if (!task || !tasks) {
    const missing = task ? 'the answers have no column "task" or "item" to find it by' : 'it has none of them';
    throw inputError({ source, line: 1 }, `gold for comparisons needs left and right, or task; ${missing}.`);
  }
  const rows = task.table.names().map((name) => tasks.get(name));
  return (row) => {
    const at = rows[task.ids[row] ?? 0];
    return at === undefined ? undefined : [comparisons.left[at] ?? 0, comparisons.right[at] ?? 0];
  };
}

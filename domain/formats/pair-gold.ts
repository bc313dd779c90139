import { COLUMN_NAMES, type Column, inputError } from './column-shape.ts';
import { readColumns } from './columns.ts';
import type { Comparisons } from './comparisons.ts';
import { noWinner, otherPairName, pairName, requireTwoItems } from './pair-labels.ts';

/** A comparison whose outcome is known; items are ids of the comparisons. */
export interface KnownOutcome {
  readonly winner: number;
  readonly loser: number;
}

export interface PairGold {
  readonly outcomes: readonly KnownOutcome[];
  /** Rows that say neither is the better one. */
  readonly ties: number;
  /** Rows about items or tasks that were never compared. */
  readonly unknown: number;
}

/**
 * Known outcomes of comparisons: a CSV file with the columns `left` (or `item_a`), `right` (or `item_b`) and `label` (or
 * `winner`), or with `task` (or `item`), as the comparisons name it or else as their two items (`left | right`), and `label`. Ties say nothing about which item is
 * the better one, and are left out; a row that says the same again counts once. Throws QuorateError (`invalid_input`)
 * naming file, line and column, also where a task or, in a file without tasks, a pair has two different outcomes.
 */
export function readPairGold(bytes: Uint8Array, source: string, comparisons: Comparisons): PairGold {
  const { line, columns } = readColumns(bytes, source, {
    left: { names: COLUMN_NAMES.left, optional: true },
    right: { names: COLUMN_NAMES.right, optional: true },
    task: { names: COLUMN_NAMES.task, optional: true },
    label: { names: COLUMN_NAMES.label, mayBeEmpty: true },
  });
  if (line.length === 0) throw inputError({ source }, 'it has a header, but no gold labels.');
  const sides = sidesBy(columns, comparisons, source);
  const { left, right, label, task } = columns;
  const outcomes: KnownOutcome[] = [];
  let [unknown, ties] = [0, 0];
  const said = new Map<string, { readonly better: number | undefined; readonly line: number }>();
  line.forEach((at, row) => {
    if (left && right) requireTwoItems({ left, right }, row, { source, line: at });
    const pair = sides(row);
    if (!pair) {
      unknown++;
      return;
    }
    const better = betterOf(pair, { label, row, items: comparisons.items, place: { source, line: at } });
    // A task can have several comparisons: of one prompt's answers, say.
    const about = `${task ? task.ids[row] : ''} ${[...pair].sort((x, y) => x - y).join()}`;
    const before = said.get(about);
    if (before && before.better !== better) {
      const what = task ? `task ${JSON.stringify(task.table.names()[task.ids[row] ?? 0])}` : 'these two items';
      const won = JSON.stringify(label.table.names()[label.ids[row] ?? 0]);
      const message = `column ${label.number} (${label.name}) says ${won} for ${what}, but line ${before.line} said otherwise.`;
      throw inputError({ source, line: at }, message);
    }
    if (before) return;
    said.set(about, { better, line: at });
    if (better === undefined) ties++;
    else outcomes.push({ winner: better, loser: pair[0] === better ? pair[1] : pair[0] });
  });
  return { outcomes, ties, unknown };
}

interface Place {
  readonly source: string;
  readonly line: number;
}

/** The item that a row says is the better one; undefined for a tie. */
function betterOf(
  pair: Sides,
  { label, row, items, place }: { label: Column; row: number; items: readonly string[]; place: Place },
): number | undefined {
  const name = label.table.names()[label.ids[row] ?? 0] ?? '';
  const better = pair.find((item) => items[item] === name);
  if (better !== undefined || noWinner(name)) return better;
  const [a, b, won] = [items[pair[0]], items[pair[1]], name].map((each) => JSON.stringify(each));
  throw inputError(place, `column ${label.number} (${label.name}) is ${won}, which is neither ${a}, ${b} nor "tie".`);
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
  if (!task)
    throw inputError({ source, line: 1 }, 'gold for comparisons needs left and right, or task; it has none of them.');
  const { tasks = rowsByItems(comparisons) } = comparisons;
  const rows = task.table.names().map((name) => tasks.get(name));
  return (row) => {
    const at = rows[task.ids[row] ?? 0];
    return at === undefined ? undefined : [comparisons.left[at] ?? 0, comparisons.right[at] ?? 0];
  };
}

/** By the names that two items have as a task, in either order: their first comparison. */
function rowsByItems(comparisons: Comparisons): Map<string, number> {
  const rows = new Map<string, number>();
  comparisons.left.forEach((_, row) => {
    for (const name of [pairName(comparisons, row), otherPairName(comparisons, row)]) {
      if (!rows.has(name)) rows.set(name, row);
    }
  });
  return rows;
}

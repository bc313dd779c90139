import { ByteNames } from './byte-names.ts';
import { COLUMN_NAMES, type Column, inputError, type Names } from './column-shape.ts';

/** The labels of a comparison: which side won, where the sides of any two items have one order throughout a file. */
export const SIDES = ['left', 'right', 'tie'] as const;

/** What is said of two items of which neither won: nothing or a tie (in capitals or not), or that both are bad. */
export function noWinner(name: string): 'tie' | 'both_bad' | undefined {
  if (name === '' || /^tie$/i.test(name)) return 'tie';
  return /^both[ _-]?bad$/i.test(name) ? 'both_bad' : undefined;
}

/** What the tasks of a file of comparisons are about. */
export interface TaskPairs {
  /** By task, the items that `left` and `right` stand for: ids of `items`. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly items: readonly string[];
}

/** Whether the names in a file's header are of two items, too. */
export function namesTwoItems(header: readonly string[]): boolean {
  return [COLUMN_NAMES.left, COLUMN_NAMES.right].every((wanted) => wanted.some((name) => header.includes(name)));
}

/** Each two items that occur, in order of appearance: which they are by row, and both in the order of their first row. */
export function pairsOfRows({ left, right }: Record<'left' | 'right', Column>) {
  const ids = new Map<number, number>();
  const [first, second]: [number[], number[]] = [[], []];
  const pair = left.ids.map((a, row) => {
    const b = right.ids[row] as number;
    const key = Math.min(a, b) * left.table.count + Math.max(a, b);
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, first.length);
    first.push(a);
    second.push(b);
    return first.length - 1;
  });
  return { pair, first: Int32Array.from(first), second: Int32Array.from(second) };
}

/** Throws QuorateError (`invalid_input`) where a row lacks one of its two items, or has one beside itself. */
export function requireTwoItems(
  { left, right }: Record<'left' | 'right', Column>,
  row: number,
  place: { readonly source: string; readonly line: number },
): void {
  const a = left.table.names()[left.ids[row] ?? 0];
  const b = right.table.names()[right.ids[row] ?? 0];
  const empty = a === '' ? left : b === '' ? right : undefined;
  if (empty) throw inputError(place, `column ${empty.number} (${empty.name}) is empty.`);
  if (a !== b) return;
  throw inputError(place, `column ${right.number} (${right.name}) is the item of column ${left.number} again.`);
}

/** The pair of each task. Throws QuorateError (`invalid_input`) where a task is about more than two items. */
export function pairOfTasks(task: Column, pair: Int32Array, line: Int32Array, source: string): Int32Array {
  const firstRow = new Int32Array(task.table.count).fill(-1);
  pair.forEach((p, row) => {
    const t = task.ids[row] as number;
    const first = firstRow[t] as number;
    if (first < 0) firstRow[t] = row;
    else if (pair[first] !== p) {
      const name = `task ${JSON.stringify(task.table.names()[t])} (column ${task.number})`;
      const message = `${name} compares other items than in line ${line[first]}. If labels are meant as names, name all of them with --labels.`;
      throw inputError({ source, line: line[row] ?? 0 }, message);
    }
  });
  return firstRow.map((row) => pair[row] as number);
}

/**
 * The labels of rows as `SIDES`, where they name one of the row's items, or say "tie" or nothing, and otherwise as they
 * are; how many name one of two items, and how many no winner.
 */
export function sideLabels(
  label: Column,
  items: readonly string[],
  sidesOf: (row: number) => readonly [number, number],
) {
  const itemIds = new Map(items.map((name, id) => [name, id]));
  const labels = label.table.names();
  const itemOf = labels.map((name) => itemIds.get(name));
  const names: string[] = [...SIDES];
  const others = labels.map(() => -1);
  let [named, ties] = [0, 0];
  const ids = label.ids.map((id, row) => {
    const [a, b] = sidesOf(row);
    const areTwo = a !== b && items[a] !== '' && items[b] !== '';
    const side = areTwo ? [a, b].indexOf(itemOf[id] ?? -1) : -1;
    if (side >= 0) {
      named++;
      return side;
    }
    const name = labels[id] ?? '';
    if (others[id] === -1) {
      const called = noWinner(name) === 'tie' && !itemIds.has(name) ? 'tie' : name;
      const known = names.indexOf(name === '' ? 'tie' : called);
      others[id] = known >= 0 ? known : names.push(name) - 1;
    }
    if (others[id] === 2) ties++;
    return others[id] as number;
  });
  return { ids, table: { count: names.length, names: () => names }, named, ties };
}

/** A task's two items as its name. */
export function pairName({ left, right, items }: TaskPairs, task: number): string {
  const names = [left, right].map((side) => items[side[task] as number] ?? '');
  return names.map((name) => (/^"|[|]/.test(name) ? JSON.stringify(name) : name)).join(' | ');
}

/** The same had they come the other way round. */
export function otherPairName({ left, right, items }: TaskPairs, task: number): string {
  return pairName({ left: right, right: left, items }, task);
}

/** The pairs' names as a table of names. */
export function pairNames(pairs: TaskPairs): Names {
  const table = new ByteNames();
  for (let pair = 0; pair < pairs.left.length; pair++) table.internText(pairName(pairs, pair));
  return table;
}

/** What a file calls a task's label. */
export function labelName(label: string, { left, right, items }: TaskPairs, task: number): string {
  const side = label === SIDES[0] ? left : label === SIDES[1] ? right : undefined;
  return side ? (items[side[task] as number] ?? '') : label;
}

/** The other way round: the label that an item's name, a tie or nothing stands for in a task; others are as they are. */
export function sideName(name: string, { left, right, items }: TaskPairs, task: number | undefined): string {
  if (task !== undefined && name === items[left[task] as number]) return SIDES[0];
  if (task !== undefined && name === items[right[task] as number]) return SIDES[1];
  return noWinner(name) === 'tie' ? SIDES[2] : name;
}

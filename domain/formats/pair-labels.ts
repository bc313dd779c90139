import { ByteNames, HASH_START, hashByte } from './byte-names.ts';
import { COLUMN_NAMES, type Column, type Names } from './column-shape.ts';

/** The labels of a comparison: which side won, where the sides of any two items have one order throughout a file. */
export const SIDES = ['left', 'right', 'tie'] as const;

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

/** The pair of each task; undefined where a task is about more than two items, or an item beside itself. */
export function pairOfTasks(task: Column, { pair, first, second }: ReturnType<typeof pairsOfRows>) {
  const of = new Int32Array(task.table.count).fill(-1);
  for (let row = 0; row < pair.length; row++) {
    const [t, p] = [task.ids[row] as number, pair[row] as number];
    if (of[t] === -1) of[t] = p;
    if (of[t] !== p || first[p] === second[p]) return undefined;
  }
  return of;
}

/**
 * The labels of rows as `SIDES`, where they name one of the row's items, or say "tie" or nothing, and otherwise as they
 * are; `sideCount` is how many name an item or no winner.
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
  let sideCount = 0;
  const ids = label.ids.map((id, row) => {
    const side = sidesOf(row).indexOf(itemOf[id] ?? -1);
    if (side >= 0) {
      sideCount++;
      return side;
    }
    const name = labels[id] ?? '';
    if (others[id] === -1) {
      const known = names.indexOf(name === '' ? 'tie' : name);
      others[id] = known >= 0 ? known : names.push(name) - 1;
    }
    if (others[id] === 2) sideCount++;
    return others[id] as number;
  });
  return { ids, table: { count: names.length, names: () => names }, sideCount };
}

/** Two items as the name of a task. */
export function pairName(left: string, right: string): string {
  return [left, right].map((name) => (/^"|[|]/.test(name) ? JSON.stringify(name) : name)).join(' | ');
}

/** The pairs' names as a table of names. */
export function pairNames({ left, right, items }: TaskPairs): Names {
  const table = new ByteNames();
  const encoder = new TextEncoder();
  left.forEach((a, pair) => {
    const bytes = encoder.encode(pairName(items[a] ?? '', items[right[pair] as number] ?? ''));
    table.intern(bytes, 0, bytes.length, bytes.reduce(hashByte, HASH_START));
  });
  return table;
}

/** What a file calls a task's label. */
export function labelName(label: string, { left, right, items }: TaskPairs, task: number): string {
  const side = label === SIDES[0] ? left : label === SIDES[1] ? right : undefined;
  return side ? (items[side[task] as number] ?? '') : label;
}

/** The other way round: the label that an item's name, "tie" or nothing stands for in a task; others are as they are. */
export function sideName(name: string, { left, right, items }: TaskPairs, task: number | undefined): string {
  if (task !== undefined && name === items[left[task] as number]) return SIDES[0];
  if (task !== undefined && name === items[right[task] as number]) return SIDES[1];
  return name === '' ? SIDES[2] : name;
}

import { byUnit } from '../agreement/ratings.ts';

export const DUPLICATES = ['error', 'first', 'last'] as const;
/** What to do about a worker's further answers to a task: refuse them, or keep the first or last one in the file. */
export type Duplicates = (typeof DUPLICATES)[number];

/**
 * The rows that count: one per task and worker, ascending; undefined where that is all of them. With 'error', throws
 * what `refuse` makes of the first row in the file that repeats an earlier one.
 */
export function keepOnce(
  table: { unit: Int32Array; rater: Int32Array; unitCount: number; raterCount: number },
  duplicates: Duplicates,
  refuse: (again: number, before: number) => Error,
): Int32Array | undefined {
  const { unit, rater } = table;
  if (hasNone(table)) return undefined;
  const { start, at } = byUnit(table);
  /** By worker: the task looked at when they were last met, and their row there that is kept. */
  const metIn = new Int32Array(table.raterCount).fill(-1);
  const metAt = new Int32Array(table.raterCount);
  const dropped = new Uint8Array(unit.length);
  let count = 0;
  let worst: { again: number; before: number } | undefined;
  for (let u = 0; u < table.unitCount; u++) {
    const to = start[u + 1] ?? 0;
    for (let k = start[u] ?? 0; k < to; k++) {
      const row = at[k] ?? 0;
      const r = rater[row] ?? 0;
      const before = metAt[r] ?? 0;
      if (metIn[r] === u) {
        if (!worst || row < worst.again) worst = { again: row, before };
        dropped[duplicates === 'last' ? before : row] = 1;
        count++;
        if (duplicates !== 'last') continue;
      }
      metIn[r] = u;
      metAt[r] = row;
    }
  }
  if (!worst) return undefined;
  if (duplicates === 'error') throw refuse(worst.again, worst.before);
  const kept = new Int32Array(unit.length - count);
  for (let row = 0, next = 0; row < unit.length; row++) if (dropped[row] === 0) kept[next++] = row;
  return kept;
}

/** Whether rows that come task by task, as they often do, repeat nobody; false also where they come otherwise. */
function hasNone({ unit, rater, raterCount }: { unit: Int32Array; rater: Int32Array; raterCount: number }): boolean {
  const metIn = new Int32Array(raterCount).fill(-1);
  let before = 0;
  for (let row = 0; row < unit.length; row++) {
    const u = unit[row] as number;
    const r = rater[row] as number;
    if (u < before || metIn[r] === u) return false;
    metIn[r] = u;
    before = u;
  }
  return true;
}

/** The entries at `rows`; all of them where `rows` is undefined. */
export function select(column: Int32Array, rows: Int32Array | undefined): Int32Array {
  return rows ? rows.map((row) => column[row] ?? 0) : column;
}

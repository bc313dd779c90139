import { byUnit, type Ratings } from './ratings.ts';

/**
 * What each task was answered, without who answered it. Row r has `counts[i]` answers of value `ids[i]` for i from
 * `start[r]` up to, not including, `start[r + 1]`; ids ascend.
 */
export interface UnitTable {
  readonly ids: Int32Array;
  readonly counts: Float64Array;
  readonly start: Int32Array;
  /** Answers by row. */
  readonly size: Float64Array;
  /** The row of each task that has an answer. */
  readonly rowOf: Int32Array;
  readonly rowCount: number;
  readonly valueCount: number;
}

/**
 * Counts each task's answers. With `merge`, tasks that were answered alike share a row: a hundred thousand tasks of five
 * answers from five classes then have at most 126, which is what makes resampling them cheap.
 */
export function unitTable(ratings: Ratings, { merge = false }: { merge?: boolean } = {}): UnitTable {
  const grouped = byUnit(ratings);
  const answers = ratings.unit.length;
  const ids = new Int32Array(answers);
  const counts = new Float64Array(answers);
  const rowOf = new Int32Array(ratings.unitCount);
  const start = new Int32Array(ratings.unitCount + 1);
  const size = new Float64Array(ratings.unitCount);
  const known = merge ? rowIndex(ratings.unitCount) : undefined;
  const values = grouped.at.map((i) => ratings.value[i] ?? 0);
  let [rows, units, end] = [0, 0, 0];
  for (let u = 0; u < ratings.unitCount; u++) {
    const from = grouped.start[u] ?? 0;
    const to = grouped.start[u + 1] ?? 0;
    if (from === to) continue;
    sortRange(values, from, to);
    const begin = end;
    for (let i = from; i < to; ) {
      const value = values[i] ?? 0;
      let next = i + 1;
      while (next < to && values[next] === value) next++;
      ids[end] = value;
      counts[end++] = next - i;
      i = next;
    }
    const row = known?.find({ ids, counts, start }, { from: begin, to: end, rows }) ?? rows;
    rowOf[units++] = row;
    if (row < rows) {
      end = begin;
      continue;
    }
    size[rows++] = to - from;
    start[rows] = end;
  }
  return {
    ids: ids.slice(0, end),
    counts: counts.slice(0, end),
    start: start.slice(0, rows + 1),
    size: size.slice(0, rows),
    rowOf: rowOf.slice(0, units),
    rowCount: rows,
    valueCount: ratings.valueCount,
  };
}

/** How many tasks each row stands for. */
export function rowWeights({ rowOf, rowCount }: Pick<UnitTable, 'rowOf' | 'rowCount'>): Float64Array {
  const weight = new Float64Array(rowCount);
  for (const row of rowOf) weight[row] = (weight[row] ?? 0) + 1;
  return weight;
}

/** Below this a plain insertion sort is faster than the call of a library sort. */
const SMALL = 24;

function sortRange(values: Int32Array, from: number, to: number): void {
  if (to - from > SMALL) {
    values.subarray(from, to).sort();
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const value = values[i] ?? 0;
    let at = i;
    for (; at > from && (values[at - 1] ?? 0) > value; at--) values[at] = values[at - 1] ?? 0;
    values[at] = value;
  }
}

/** A hash table of the rows so far. */
function rowIndex(unitCount: number) {
  const mask = 2 ** Math.ceil(Math.log2(2 * unitCount + 2)) - 1;
  const slots = new Int32Array(mask + 1).fill(-1);
  return {
    /** The row equal to the entries from `from` to `to`, which else become row `rows`. */
    find(
      { ids, counts, start }: { ids: Int32Array; counts: Float64Array; start: Int32Array },
      { from, to, rows }: { from: number; to: number; rows: number },
    ): number {
      let hash = to - from;
      for (let i = from; i < to; i++) {
        hash = Math.imul(hash ^ (ids[i] ?? 0), 0x9e3779b1);
        hash = Math.imul(hash ^ (hash >>> 15) ^ (counts[i] ?? 0), 0x85ebca6b);
      }
      for (let slot = (hash ^ (hash >>> 13)) & mask; ; slot = (slot + 1) & mask) {
        const row = slots[slot] ?? -1;
        if (row < 0) {
          slots[slot] = rows;
          return rows;
        }
        const begin = start[row] ?? 0;
        if ((start[row + 1] ?? 0) - begin !== to - from) continue;
        let i = 0;
        while (i < to - from && ids[begin + i] === ids[from + i] && counts[begin + i] === counts[from + i]) i++;
        if (i === to - from) return row;
      }
    },
  };
}

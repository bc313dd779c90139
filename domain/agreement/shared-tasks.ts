import { byUnit, type Ratings } from './ratings.ts';

/** Two annotators' answers to the tasks they share: entry i is task `unit[i]`, where they gave values `a[i]` and `b[i]`. */
export interface SharedTasks {
  readonly unit: Int32Array;
  readonly a: Int32Array;
  readonly b: Int32Array;
}

/**
 * Calls `visit` for each pair of annotators with at least `minShared` shared tasks, in the order of their ids. The
 * arrays are used again for the next pair. Works through one annotator at a time, so that a crowd with very many pairs
 * needs little memory; O(answers x answers per task).
 */
export function eachPair(ratings: Ratings, minShared: number, visit: (shared: SharedTasks) => void): void {
  const tasks = byUnit(ratings);
  const own = byUnit({ unit: ratings.rater, unitCount: ratings.raterCount });
  const met = new Int32Array(ratings.raterCount);
  const next = new Int32Array(ratings.raterCount);
  for (let p = 0; p < ratings.raterCount; p++) {
    const partners: number[] = [];
    eachShared(ratings, tasks, own, p, (q) => {
      if (met[q] === 0) partners.push(q);
      met[q] = (met[q] ?? 0) + 1;
    });
    const enough = partners.filter((q) => (met[q] ?? 0) >= Math.max(1, minShared)).sort((x, y) => x - y);
    let total = 0;
    for (const q of enough) {
      next[q] = total;
      total += met[q] ?? 0;
    }
    const [unit, a, b] = [new Int32Array(total), new Int32Array(total), new Int32Array(total)];
    if (total > 0) {
      eachShared(ratings, tasks, own, p, (q, i, j) => {
        if ((met[q] ?? 0) < minShared) return;
        const at = next[q] ?? 0;
        unit[at] = ratings.unit[i] ?? 0;
        a[at] = ratings.value[i] ?? 0;
        b[at] = ratings.value[j] ?? 0;
        next[q] = at + 1;
      });
    }
    for (const q of enough) {
      const to = next[q] ?? 0;
      const from = to - (met[q] ?? 0);
      visit({ unit: unit.subarray(from, to), a: a.subarray(from, to), b: b.subarray(from, to) });
    }
    for (const q of partners) met[q] = 0;
  }
}

type Groups = ReturnType<typeof byUnit>;

/** Calls `visit(annotator, answer of p, answer of that annotator)` for those of higher id on the tasks of `p`. */
function eachShared(
  { unit, rater }: Ratings,
  tasks: Groups,
  own: Groups,
  p: number,
  visit: (q: number, i: number, j: number) => void,
): void {
  const last = own.start[p + 1] ?? 0;
  for (let k = own.start[p] ?? 0; k < last; k++) {
    const i = own.at[k] ?? 0;
    const u = unit[i] ?? 0;
    const to = tasks.start[u + 1] ?? 0;
    for (let m = tasks.start[u] ?? 0; m < to; m++) {
      const j = tasks.at[m] ?? 0;
      const q = rater[j] ?? 0;
      if (q > p) visit(q, i, j);
    }
  }
}

import { QuorateError } from '../failures.ts';
import { byUnit, type Ratings } from './ratings.ts';

/** Two annotators' answers to the tasks they share: entry i is task `unit[i]`, where they gave values `a[i]` and `b[i]`. */
export interface SharedTasks {
  readonly unit: Int32Array;
  readonly a: Int32Array;
  readonly b: Int32Array;
}

/** Answers that may be held against each other: some minutes. */
const MOST_COMPARISONS = 1e10;

/**
 * Calls `visit` for each pair of annotators with at least `minShared` shared tasks, in the order of their ids. The
 * arrays are used again for the next pair. Works through one annotator at a time, so that a crowd with very many pairs
 * needs little memory; O(answers x answers per task) over annotators with enough answers. Throws `QuorateError` where these
 * have more than `most` pairs of answers to the same task.
 */
export function eachPair(
  all: Ratings,
  minShared: number,
  visit: (shared: SharedTasks) => void,
  most = MOST_COMPARISONS,
): void {
  const ratings = ofFrequent(all, minShared);
  const tasks = byUnit(ratings);
  refuseMore(tasks, most);
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

/** Without the answers of those who have too few to share enough tasks with anybody: often nearly all of a crowd. */
function ofFrequent(ratings: Ratings, least: number): Ratings {
  const { unit, rater, value, raterCount } = ratings;
  const answers = new Int32Array(raterCount);
  for (const r of rater) answers[r] = (answers[r] ?? 0) + 1;
  if (answers.every((n) => n >= least)) return ratings;
  const kept = Int32Array.from(unit.keys()).filter((i) => (answers[rater[i] ?? 0] ?? 0) >= least);
  const pick = (column: Int32Array) => kept.map((i) => column[i] ?? 0);
  return { ...ratings, unit: pick(unit), rater: pick(rater), value: pick(value) };
}

function refuseMore({ start }: Groups, most: number): void {
  const comparisons = start.reduce((sum, from, u) => {
    const n = (start[u + 1] ?? from) - from;
    return sum + (n * (n - 1)) / 2;
  }, 0);
  if (comparisons <= most) return;
  throw new QuorateError(
    'invalid_input',
    `${comparisons} pairs of answers would have to be compared, and ${most} is the most; take Krippendorff's alpha, or fewer answers a task.`,
    { details: { comparisons, most } },
  );
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

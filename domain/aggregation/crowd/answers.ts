import type { NamedRatings, Ratings } from '../../agreement/ratings.ts';
import { QuorateError } from '../../failures.ts';

/**
 * Ratings grouped for fitting: the answers task by task, and the *cells*, that is the different labels which a task
 * was given. There are never more cells than answers, however many labels there are.
 */
export interface Answers {
  readonly taskCount: number;
  readonly workerCount: number;
  readonly labelCount: number;
  /** The answers to task t are those at `start[t]` up to, not including, `start[t + 1]`. */
  readonly start: Int32Array;
  /** By answer: who gave it, which label, and its cell. */
  readonly worker: Int32Array;
  readonly label: Int32Array;
  readonly cell: Int32Array;
  /** The cells of task t are those at `cellStart[t]` up to, not including, `cellStart[t + 1]`. */
  readonly cellStart: Int32Array;
  readonly cellLabel: Int32Array;
}

/** What is known of tasks and answers beside the answers themselves. */
export interface KnownBeside {
  /** By task, the label that is known to be right, or -1. */
  readonly known?: Int32Array;
  /** By answer, how much of one it is, 0 to 1: the power its probabilities are raised to. */
  readonly weights?: Float64Array;
}

/**
 * Groups ratings by task, in time and memory linear in answers, tasks, workers and labels. Throws `QuorateError` where
 * a worker answered a task twice, as no method here has a meaning for that, and RangeError for ids out of range.
 */
export function groupAnswers(ratings: Ratings): Answers {
  const { unit, rater, value, unitCount: taskCount, raterCount: workerCount, valueCount: labelCount } = ratings;
  const n = unit.length;
  const start = new Int32Array(taskCount + 1);
  let inOrder = true;
  for (let i = 0, before = 0; i < n; i++) {
    if ((unit[i] as number) < before) inOrder = false;
    before = unit[i] as number;
    inRange(unit[i], taskCount, 'task');
    inRange(rater[i], workerCount, 'worker');
    inRange(value[i], labelCount, 'label');
    start[(unit[i] as number) + 1] = (start[(unit[i] as number) + 1] as number) + 1;
  }
  for (let t = 0; t < taskCount; t++) start[t + 1] = (start[t + 1] as number) + (start[t] as number);

  // Answers often come task by task.
  const [worker, label] = inOrder ? [rater, value] : byTask(ratings, start);

  const cell = new Int32Array(n);
  const cellStart = new Int32Array(taskCount + 1);
  const cellLabel = new Int32Array(n);
  // The last task in which a worker or a label was met, so that each task starts fresh without clearing anything.
  const metWorker = new Int32Array(workerCount).fill(-1);
  const metLabel = new Int32Array(labelCount).fill(-1);
  const cellOf = new Int32Array(labelCount);
  let cells = 0;
  for (let t = 0; t < taskCount; t++) {
    cellStart[t] = cells;
    for (let i = start[t] as number; i < (start[t + 1] as number); i++) {
      const w = worker[i] as number;
      const l = label[i] as number;
      if (metWorker[w] === t) throw answeredTwice(ratings, t, w);
      metWorker[w] = t;
      if (metLabel[l] !== t) {
        metLabel[l] = t;
        cellOf[l] = cells;
        cellLabel[cells++] = l;
      }
      cell[i] = cellOf[l] as number;
    }
  }
  cellStart[taskCount] = cells;
  return {
    taskCount,
    workerCount,
    labelCount,
    start,
    worker,
    label,
    cell,
    cellStart,
    cellLabel: cellLabel.subarray(0, cells),
  };
}

/** Who answered and what, task by task. */
function byTask({ unit, rater, value }: Ratings, start: Int32Array): [worker: Int32Array, label: Int32Array] {
  const next = start.slice();
  const worker = new Int32Array(unit.length);
  const label = new Int32Array(unit.length);
  for (let i = 0; i < unit.length; i++) {
    const t = unit[i] as number;
    const place = next[t] as number;
    next[t] = place + 1;
    worker[place] = rater[i] as number;
    label[place] = value[i] as number;
  }
  return [worker, label];
}

/** How many answers each worker gave. */
export function answersByWorker({ worker, workerCount }: Answers): Float64Array {
  const counts = new Float64Array(workerCount);
  for (let i = 0; i < worker.length; i++) counts[worker[i] as number] = (counts[worker[i] as number] as number) + 1;
  return counts;
}

type Names = Pick<NamedRatings, 'units' | 'raters' | 'values'>;

/** The names behind the ids, where the ratings carry them. */
export function namesOf(ratings: Ratings & Partial<Names>): Partial<Names> {
  return ratings;
}

function inRange(id: number | undefined, count: number, what: string): void {
  if (id === undefined || id < 0 || id >= count) throw new RangeError(`There is no ${what} ${id} among ${count}.`);
}

function answeredTwice(ratings: Ratings, task: number, worker: number): QuorateError {
  const { units, raters } = namesOf(ratings);
  const [taskName, workerName] = [units?.[task] ?? String(task), raters?.[worker] ?? String(worker)];
  return new QuorateError(
    'invalid_input',
    `Worker ${workerName} answered task ${taskName} more than once; keep one of these answers.`,
    { details: { task: taskName, worker: workerName } },
  );
}

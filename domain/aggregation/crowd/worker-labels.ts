import type { Answers } from './answers.ts';

/** The different (worker, label) pairs that occur, worker by worker: never more than there are answers. */
export interface WorkerLabels {
  readonly pairCount: number;
  /** By answer, in the order of `Answers`. */
  readonly pair: Int32Array;
  readonly pairLabel: Int32Array;
  /** The pairs of worker w are those at `start[w]` up to, not including, `start[w + 1]`. */
  readonly start: Int32Array;
}

/** Numbers the pairs, in time and memory linear in answers, workers and labels. */
export function workerLabels(answers: Answers): WorkerLabels {
  const cells = answers.workerCount * answers.labelCount;
  return cells <= MAX_TABLE ? byTable(answers) : bySorting(answers);
}

/** A table of workers and labels with at most so many cells is small beside the answers, and much faster than sorting. */
const MAX_TABLE = 1 << 20;

/** The pairs of a worker in the order of their labels. */
function byTable({ worker, label, workerCount, labelCount }: Answers): WorkerLabels {
  const n = worker.length;
  const number = new Int32Array(workerCount * labelCount).fill(-1);
  const pair = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const at = (worker[i] as number) * labelCount + (label[i] as number);
    pair[i] = at;
    number[at] = 0;
  }
  const pairLabel: number[] = [];
  const start = new Int32Array(workerCount + 1);
  for (let w = 0, at = 0; w < workerCount; w++) {
    start[w] = pairLabel.length;
    for (let l = 0; l < labelCount; l++, at++) if (number[at] === 0) number[at] = pairLabel.push(l) - 1;
  }
  start[workerCount] = pairLabel.length;
  for (let i = 0; i < n; i++) pair[i] = number[pair[i] as number] as number;
  return { pairCount: pairLabel.length, pair, pairLabel: Int32Array.from(pairLabel), start };
}

function bySorting({ worker, label, workerCount, labelCount }: Answers): WorkerLabels {
  const n = worker.length;
  const first = new Int32Array(workerCount + 1);
  for (let i = 0; i < n; i++) {
    const w = worker[i] as number;
    first[w + 1] = (first[w + 1] as number) + 1;
  }
  for (let w = 0; w < workerCount; w++) first[w + 1] = (first[w + 1] as number) + (first[w] as number);
  const next = first.slice();
  const byWorker = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const w = worker[i] as number;
    byWorker[next[w] as number] = i;
    next[w] = (next[w] as number) + 1;
  }

  const pair = new Int32Array(n);
  const pairLabel = new Int32Array(n);
  const start = new Int32Array(workerCount + 1);
  const met = new Int32Array(labelCount).fill(-1);
  const pairOf = new Int32Array(labelCount);
  let pairs = 0;
  for (let w = 0; w < workerCount; w++) {
    start[w] = pairs;
    for (let j = first[w] as number; j < (first[w + 1] as number); j++) {
      const i = byWorker[j] as number;
      const l = label[i] as number;
      if (met[l] !== w) {
        met[l] = w;
        pairOf[l] = pairs;
        pairLabel[pairs++] = l;
      }
      pair[i] = pairOf[l] as number;
    }
  }
  start[workerCount] = pairs;
  return { pairCount: pairs, pair, pairLabel: pairLabel.slice(0, pairs), start };
}

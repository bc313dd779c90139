import type { Answers } from './answers.ts';
import type { ConfusionLoop } from './confusion-loop.ts';
import type { EmModel } from './em.ts';
import { voteShares } from './shares.ts';
import type { WorkerLabels } from './worker-labels.ts';

/** Least expected count, and least prior probability: keeps logarithms finite (crowd-kit's value, so fits compare). */
const FLOOR = 1e-10;

/** Counts up to this come to less than 1e-6 in the bound of the largest table, and most of many labels are so small. */
const NOTHING = 1e-15;

/**
 * Dawid and Skene's model as EM. Its parameters: for each (worker, label) pair that occurs, a row of labelCount
 * probabilities, how often the worker gives that label where each label is true; then the labels' prior probabilities.
 * The rows of a worker sum to 1 in each column. A step leaves its
 * posteriors in `loop`.
 */
export function confusionModel(answers: Answers, pairs: WorkerLabels, loop: ConfusionLoop): EmModel {
  const K = answers.labelCount;
  const priorAt = pairs.pairCount * K;
  const { counts, answersOf } = loop;

  const project = (x: Float64Array) => normalise(x, answers, pairs);
  const maximise = (to: Float64Array) => {
    to.set(counts);
    project(to);
  };
  const start = new Float64Array(priorAt + K);
  countVotes(answers, pairs, loop);
  maximise(start);

  return {
    start,
    project,
    step(from, to) {
      const likelihood = loop.run(from);
      maximise(to);
      return likelihood;
    },
    bound(from, to, likelihood) {
      let sum = likelihood;
      for (let at = 0; at < priorAt; at++) {
        const count = counts[at] as number;
        if (count > NOTHING) sum += count * (Math.log(to[at] as number) - Math.log(from[at] as number));
      }
      for (let k = 0, at = priorAt; k < K; k++, at++) {
        sum += (answersOf[k] as number) * Math.log(to[at] as number);
        sum -= (counts[at] as number) * Math.log(from[at] as number);
      }
      return sum;
    },
  };
}

/** The counts where the shares of the votes are the posteriors. */
function countVotes(answers: Answers, pairs: WorkerLabels, { counts, answersOf }: ConfusionLoop): void {
  const { taskCount, labelCount: K, start, cellStart, cellLabel } = answers;
  const priorAt = pairs.pairCount * K;
  const votes = voteShares(answers).cell;
  for (let t = 0; t < taskCount; t++) {
    const [first, end] = [start[t] as number, start[t + 1] as number];
    for (let c = cellStart[t] as number; c < (cellStart[t + 1] as number); c++) {
      const k = cellLabel[c] as number;
      const p = votes[c] as number;
      counts[priorAt + k] = (counts[priorAt + k] as number) + p;
      answersOf[k] = (answersOf[k] as number) + (end - first) * p;
      for (let i = first; i < end; i++) {
        const at = (pairs.pair[i] as number) * K + k;
        counts[at] = (counts[at] as number) + p;
      }
    }
  }
}

/** Floors everything and makes each worker's columns, and the priors, sum to 1. */
function normalise(x: Float64Array, { workerCount, labelCount: K }: Answers, pairs: WorkerLabels): void {
  for (let w = 0; w < workerCount; w++) {
    const first = (pairs.start[w] as number) * K;
    const end = (pairs.start[w + 1] as number) * K;
    for (let k = 0; k < K; k++) {
      let total = 0;
      for (let at = first + k; at < end; at += K) {
        const floored = Math.max(FLOOR, x[at] as number);
        x[at] = floored;
        total += floored;
      }
      for (let at = first + k; at < end; at += K) x[at] = (x[at] as number) / total;
    }
  }
  let total = 0;
  for (let at = pairs.pairCount * K; at < x.length; at++) total += Math.max(0, x[at] as number);
  for (let at = pairs.pairCount * K; at < x.length; at++) x[at] = Math.max(FLOOR, (x[at] as number) / total);
}

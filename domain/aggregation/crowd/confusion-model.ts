import type { Answers } from './answers.ts';
import type { EmModel } from './em.ts';
import { voteShares } from './shares.ts';
import type { WorkerLabels } from './worker-labels.ts';

/** Least expected count, and least prior probability: keeps logarithms finite (crowd-kit's value, so fits compare). */
const FLOOR = 1e-10;

/**
 * So many probabilities can be multiplied: each is at least FLOOR over a worker's number of answers, 1e-22 for a million
 * million of them, and 12 of them with a prior 1e-274.
 */
const FEW_ANSWERS = 12;

/**
 * Dawid and Skene's model as EM. Its parameters: for each (worker, label) pair that occurs, a row of labelCount
 * probabilities, how often the worker gives that label where each label is true; then the labels' prior probabilities.
 * The rows of a worker sum to 1 in each column. A step leaves the posteriors (row-major taskCount x labelCount) behind.
 */
export function confusionModel(answers: Answers, pairs: WorkerLabels, posteriors: Float64Array): EmModel {
  const { taskCount, labelCount: K } = answers;
  const priorAt = pairs.pairCount * K;
  /** Where the parameters of each answer begin. */
  const row = pairs.pair.map((pair) => pair * K);
  /** The expected counts behind the last M-step, laid out as the parameters; and the answers to tasks of each label. */
  const counts = new Float64Array(priorAt + K);
  const answersOf = new Float64Array(K);

  const project = (x: Float64Array) => normalise(x, answers, pairs);
  const maximise = (to: Float64Array) => {
    countAnswers(answers, row, posteriors, counts, answersOf);
    to.set(counts);
    project(to);
  };
  const { cellStart, cellLabel } = answers;
  const votes = voteShares(answers).cell;
  for (let t = 0; t < taskCount; t++) {
    for (let c = cellStart[t] as number; c < (cellStart[t + 1] as number); c++) {
      posteriors[t * K + (cellLabel[c] as number)] = votes[c] as number;
    }
  }
  const start = new Float64Array(priorAt + K);
  maximise(start);

  return {
    start,
    project,
    step(from, to) {
      const likelihood = infer(answers, row, from, posteriors);
      maximise(to);
      return likelihood;
    },
    bound(from, to, likelihood) {
      let sum = likelihood;
      for (let at = 0; at < priorAt; at++) {
        sum += (counts[at] as number) * (Math.log(to[at] as number) - Math.log(from[at] as number));
      }
      for (let k = 0, at = priorAt; k < K; k++, at++) {
        sum += (answersOf[k] as number) * Math.log(to[at] as number);
        sum -= (counts[at] as number) * Math.log(from[at] as number);
      }
      return sum;
    },
  };
}

/**
 * The E-step. Returns the log-likelihood of the answers. `row[i]` is where the parameters of answer i begin. Products
 * of a few probabilities cannot underflow and need no exponential; those of many are sums of logarithms, shifted by the
 * task's largest. (Labels in the outer loop: half the time of answers in the outer loop.)
 */
function infer(
  { taskCount, labelCount: K, start }: Answers,
  row: Int32Array,
  x: Float64Array,
  into: Float64Array,
): number {
  const priorAt = x.length - K;
  let logs: Float64Array | undefined;
  let likelihood = 0;
  for (let t = 0, own = 0; t < taskCount; t++, own += K) {
    const first = start[t] as number;
    const end = start[t + 1] as number;
    let most = 0;
    let total = 0;
    if (end - first <= FEW_ANSWERS) {
      for (let k = 0; k < K; k++) {
        let product = x[priorAt + k] as number;
        for (let i = first; i < end; i++) product *= x[(row[i] as number) + k] as number;
        into[own + k] = product;
        total += product;
      }
    } else {
      logs ??= x.map(Math.log);
      most = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < K; k++) {
        let sum = logs[priorAt + k] as number;
        for (let i = first; i < end; i++) sum += logs[(row[i] as number) + k] as number;
        into[own + k] = sum;
        if (sum > most) most = sum;
      }
      for (let k = 0; k < K; k++) {
        const scaled = Math.exp((into[own + k] as number) - most);
        into[own + k] = scaled;
        total += scaled;
      }
    }
    const share = 1 / total;
    for (let k = 0; k < K; k++) into[own + k] = (into[own + k] as number) * share;
    // A task without answers has the prior for its posterior, and says nothing.
    if (first < end) likelihood += most + Math.log(total);
  }
  return likelihood;
}

/** Expected answers by parameter (pair and true label), then tasks by label; and the answers to those tasks. */
function countAnswers(
  { taskCount, labelCount: K, start }: Answers,
  row: Int32Array,
  posteriors: Float64Array,
  counts: Float64Array,
  answersOf: Float64Array,
): void {
  const priorAt = counts.length - K;
  counts.fill(0);
  answersOf.fill(0);
  for (let t = 0, own = 0; t < taskCount; t++, own += K) {
    const first = start[t] as number;
    const end = start[t + 1] as number;
    if (first === end) continue;
    for (let k = 0; k < K; k++) {
      const p = posteriors[own + k] as number;
      counts[priorAt + k] = (counts[priorAt + k] as number) + p;
      answersOf[k] = (answersOf[k] as number) + (end - first) * p;
      for (let i = first; i < end; i++) {
        const at = (row[i] as number) + k;
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

import type { Answers } from './answers.ts';
import type { WorkerLabels } from './worker-labels.ts';

/**
 * So many probabilities can be multiplied: each is at least 1e-10 over a worker's number of answers, 1e-22 for a million
 * million of them, and 12 of them with a prior 1e-274.
 */
export const FEW_ANSWERS = 12;

/** Dawid and Skene's E-step and the expected counts for the M-step, in one pass over the answers. */
export interface ConfusionLoop {
  /** Expected answers by parameter (pair and true label), then tasks by label; laid out as the parameters. */
  readonly counts: Float64Array;
  /** Expected answers to tasks of each label. */
  readonly answersOf: Float64Array;
  /** Fills the counts by the parameters `x`; returns the log-likelihood of the answers. */
  run(x: Float64Array): number;
  /** Row-major taskCount x labelCount, as the last run left them; the prior for a task without answers. */
  posteriors(): Float64Array;
}

/**
 * Products of a few probabilities cannot underflow and need no exponential; those of many are sums of logarithms,
 * shifted by the task's largest. (Labels in the outer loop: half the time of answers in the outer loop.)
 */
export function confusionLoop(answers: Answers, pairs: WorkerLabels): ConfusionLoop {
  const { taskCount, labelCount: K, start } = answers;
  const priorAt = pairs.pairCount * K;
  /** Where the parameters of each answer begin. */
  const row = pairs.pair.map((pair) => pair * K);
  const counts = new Float64Array(priorAt + K);
  const answersOf = new Float64Array(K);
  const posteriors = new Float64Array(taskCount * K);

  function run(x: Float64Array): number {
    counts.fill(0);
    answersOf.fill(0);
    let logs: Float64Array | undefined;
    let likelihood = 0;
    // Of the probabilities of tasks, whose logarithm is taken once for many: a logarithm takes as long as a task.
    let product = 1;
    for (let t = 0, own = 0; t < taskCount; t++, own += K) {
      const first = start[t] as number;
      const end = start[t + 1] as number;
      let total = 0;
      if (end - first <= FEW_ANSWERS) {
        for (let k = 0; k < K; k++) {
          let p = x[priorAt + k] as number;
          for (let i = first; i < end; i++) p *= x[(row[i] as number) + k] as number;
          posteriors[own + k] = p;
          total += p;
        }
        // A task without answers has the prior for its posterior, and says nothing.
        if (first < end) {
          product *= total;
          if (product < 1e-30) {
            likelihood += Math.log(product);
            product = 1;
          }
        }
      } else {
        logs ??= x.map(Math.log);
        let most = Number.NEGATIVE_INFINITY;
        for (let k = 0; k < K; k++) {
          let sum = logs[priorAt + k] as number;
          for (let i = first; i < end; i++) sum += logs[(row[i] as number) + k] as number;
          posteriors[own + k] = sum;
          if (sum > most) most = sum;
        }
        for (let k = 0; k < K; k++) {
          const scaled = Math.exp((posteriors[own + k] as number) - most);
          posteriors[own + k] = scaled;
          total += scaled;
        }
        likelihood += most + Math.log(total);
      }
      const share = 1 / total;
      for (let k = 0; k < K; k++) {
        const p = (posteriors[own + k] as number) * share;
        posteriors[own + k] = p;
        if (first === end) continue;
        counts[priorAt + k] = (counts[priorAt + k] as number) + p;
        answersOf[k] = (answersOf[k] as number) + (end - first) * p;
        for (let i = first; i < end; i++) {
          const at = (row[i] as number) + k;
          counts[at] = (counts[at] as number) + p;
        }
      }
    }
    return likelihood + Math.log(product);
  }

  return { counts, answersOf, run, posteriors: () => posteriors };
}

import type { Objective } from '../../learning/lbfgs.ts';
import { type Answers, answersByWorker } from './answers.ts';

/** Mean of the normal priors, of variance 1, of abilities and log easiness: where fitting starts. */
const PRIOR_MEAN = 1;

/**
 * GLAD's parameters x: the workers' abilities, then the tasks' easiness as its logarithm. An answer is right with
 * probability sigmoid(ability * easiness), and any wrong label has an equal share of the rest.
 */
export interface GladModel {
  readonly size: number;
  /** Minus the log-likelihood and log priors at x (constants left out). Leaves the posteriors behind. */
  readonly negative: Objective;
  /** The same with the truth known by `posterior` alone: minus EM's Q. */
  readonly negativeExpected: (posterior: Float64Array) => Objective;
  /** Posteriors as of the last call of `negative`, as in `CellPosteriors` with equal priors. */
  readonly cell: Float64Array;
  readonly factor: Float64Array;
  /** By worker, the mean probability of a right answer over the tasks answered. */
  readonly skills: (x: Float64Array) => Float64Array;
}

export function gladModel(answers: Answers): GladModel {
  const { taskCount, workerCount, labelCount, start, worker, cell: cellOf, cellStart } = answers;
  const cell = new Float64Array(answers.cellLabel.length);
  const factor = new Float64Array(taskCount);
  /** By answer: its probability of being right, and the logit of that. */
  const right = new Float64Array(worker.length);
  const logit = new Float64Array(worker.length);
  const logOthers = Math.log(labelCount - 1);

  const evaluate = (x: Float64Array, gradient: Float64Array, known: Float64Array | undefined) => {
    let sum = priors(x, gradient);
    for (let t = 0; t < taskCount; t++) {
      const from = start[t] as number;
      const to = start[t + 1] as number;
      const easiness = Math.exp(x[workerCount + t] as number);
      // log P of all answers if all are wrong; the product takes one logarithm for many factors of at most 2.
      let wrong = -(to - from) * logOthers;
      let product = 1;
      for (let i = from; i < to; i++) {
        const z = (x[worker[i] as number] as number) * easiness;
        const small = Math.exp(-Math.abs(z));
        logit[i] = z;
        right[i] = (z > 0 ? 1 : small) / (1 + small);
        if (z > 0) wrong -= z;
        product *= 1 + small;
        if (product > 1e250) {
          wrong -= Math.log(product);
          product = 1;
        }
      }
      sum += wrong - Math.log(product);
      if (known === undefined) sum += infer(t);
      const truth = known ?? cell;
      let slope = 0;
      for (let i = from; i < to; i++) {
        const p = truth[cellOf[i] as number] as number;
        const w = worker[i] as number;
        const excess = p - (right[i] as number);
        if (known !== undefined) sum += p * ((logit[i] as number) + logOthers);
        gradient[w] = (gradient[w] as number) - excess * easiness;
        slope += excess * (logit[i] as number);
      }
      gradient[workerCount + t] = (gradient[workerCount + t] as number) - slope;
    }
    return -sum;
  };
  /** The posterior of task t from the logits; returns the log of the mean odds of its labels. */
  const infer = (t: number) => {
    const [first, end] = [cellStart[t] as number, cellStart[t + 1] as number];
    for (let c = first; c < end; c++) cell[c] = 0;
    for (let i = start[t] as number; i < (start[t + 1] as number); i++) {
      const c = cellOf[i] as number;
      cell[c] = (cell[c] as number) + (logit[i] as number) + logOthers;
    }
    const ungiven = labelCount - (end - first);
    let most = ungiven > 0 ? 0 : Number.NEGATIVE_INFINITY;
    for (let c = first; c < end; c++) if ((cell[c] as number) > most) most = cell[c] as number;
    const scale = ungiven > 0 ? Math.exp(-most) : 0;
    let total = ungiven * scale;
    for (let c = first; c < end; c++) total += cell[c] = Math.exp((cell[c] as number) - most);
    for (let c = first; c < end; c++) cell[c] = (cell[c] as number) / total;
    factor[t] = (labelCount * scale) / total;
    return most + Math.log(total / labelCount);
  };

  return {
    size: workerCount + taskCount,
    cell,
    factor,
    negative: (x, gradient) => evaluate(x, gradient, undefined),
    negativeExpected: (posterior) => (x, gradient) => evaluate(x, gradient, posterior),
    skills(x) {
      evaluate(x, new Float64Array(x.length), undefined);
      const skills = new Float64Array(workerCount);
      for (let i = 0; i < worker.length; i++) {
        skills[worker[i] as number] = (skills[worker[i] as number] as number) + (right[i] as number);
      }
      const given = answersByWorker(answers);
      return skills.map((sum, w) => sum / Math.max(1, given[w] as number));
    },
  };
}

/** The log density of the normal priors, without its constant; sets the gradient to minus its slope. */
function priors(x: Float64Array, gradient: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < x.length; at++) {
    const d = (x[at] as number) - PRIOR_MEAN;
    gradient[at] = d;
    sum -= (d * d) / 2;
  }
  return sum;
}

/**
 * An objective in coordinates u, where x = 1 + u / sqrt(1 + 0.7 n) for a worker with n answers and x = 1 + u for a
 * task: about equally curved in all, so that L-BFGS takes tens of steps instead of hundreds (0.7 is about the
 * curvature that an answer adds where fitting starts).
 */
export function scaled(answers: Answers): {
  readonly toX: (u: Float64Array) => Float64Array;
  readonly toU: (x: Float64Array) => Float64Array;
  readonly objective: (objective: Objective) => Objective;
} {
  const { workerCount, taskCount } = answers;
  const width = new Float64Array(workerCount + taskCount).fill(1);
  answersByWorker(answers).forEach((n, w) => {
    width[w] = 1 / Math.sqrt(1 + 0.7 * n);
  });
  const x = new Float64Array(width.length);
  const place = (u: Float64Array) => {
    for (let at = 0; at < u.length; at++) x[at] = PRIOR_MEAN + (u[at] as number) * (width[at] as number);
    return x;
  };
  return {
    toX: (u) => place(u).slice(),
    toU: (from) => from.map((value, at) => (value - PRIOR_MEAN) / (width[at] as number)),
    objective: (objective) => (u, gradient) => {
      const value = objective(place(u), gradient);
      for (let at = 0; at < u.length; at++) gradient[at] = (gradient[at] as number) * (width[at] as number);
      return value;
    },
  };
}

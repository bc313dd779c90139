import { digamma, logGamma } from '../../gamma.ts';
import { type Answers, answersByWorker } from './answers.ts';
import type { CellLoop } from './cell-expectation.ts';
import type { EmStep } from './squarem.ts';
import type { WorkerLabels } from './worker-labels.ts';

/** Where a run starts: how likely each worker spams, and then gives a label. */
export interface MaceStart {
  readonly spamming: (worker: number) => number;
  readonly strategy: (worker: number, label: number) => number;
}

export interface MaceVariant {
  /** `vb`: variational Bayes with the priors of the paper. `em`: maximum likelihood, its counts smoothed by 0.01. */
  readonly estimate: 'vb' | 'em';
  /** Whether the labels are equally probable before any answer, or as probable as they turn out. */
  readonly classPrior: 'uniform' | 'estimated';
}

/** The priors of the paper: a Beta for spamming, a symmetric Dirichlet for what spammers answer. */
const BETA = 0.5;
const DIRICHLET = 10;
/** What the maximum likelihood variant adds to its counts, over the number of labels. */
const SMOOTHING = 0.01;
/** What is added to the tasks of each label where the labels' probabilities are estimated. */
const CLASS_COUNT = 1;

/**
 * MACE as EM on expected counts: x holds, by worker, the answers given knowingly, then by (worker, label) pair those
 * given by habit, then by label the tasks. The objective is a bound of the answers' log-likelihood for `vb`, and for
 * `em` their log-likelihood with that of the priors whose mode the smoothed shares are.
 */
export interface MaceModel {
  readonly step: EmStep;
  /** The counts after one E-step from given probabilities and equally probable labels. */
  readonly countsFrom: (start: MaceStart) => Float64Array;
  readonly project: (x: Float64Array) => void;
  /** The labels' probabilities at x. */
  readonly prior: (x: Float64Array) => Float64Array;
  /** By worker, the probability of knowing at x. */
  readonly skills: (x: Float64Array) => Float64Array;
}

export function maceModel(answers: Answers, pairs: WorkerLabels, into: CellLoop, variant: MaceVariant): MaceModel {
  const { workerCount, labelCount } = answers;
  const habitsAt = workerCount;
  const tasksAt = habitsAt + pairs.pairCount;
  const given = answersByWorker(answers);
  /** Answers by pair. */
  const answered = new Float64Array(pairs.pairCount);
  for (const p of pairs.pair) answered[p] = (answered[p] as number) + 1;
  const base = new Float64Array(pairs.pairCount);
  const gain = new Float64Array(pairs.pairCount);
  /** By pair, the probability that a right answer was given knowingly. */
  const knowing = new Float64Array(pairs.pairCount);
  const vb = variant.estimate === 'vb';
  const [beta, dirichlet] = vb ? [BETA, DIRICHLET] : [SMOOTHING / labelCount, SMOOTHING / labelCount];
  // The same in every step, which these functions take most of.
  const [ofBeta, ofStrategies, ofDirichlet] = [
    logBeta(beta, beta),
    logGamma(labelCount * dirichlet),
    logGamma(dirichlet),
  ];
  /** The logarithm of what a share of counts stands for in the E-step. */
  const logShare = vb
    ? (count: number, total: number) => digamma(count) - digamma(total)
    : (count: number, total: number) => Math.log(count / total);

  const setPair = (pair: number, logKnow: number, logHabit: number) => {
    base[pair] = logHabit;
    // Bounded, so that a start which excludes an answer is no division of infinities.
    const odds = Math.min(1e300, Math.exp(logKnow - logHabit));
    gain[pair] = Math.log(1 + odds);
    knowing[pair] = odds / (1 + odds);
  };
  const prior = (x: Float64Array) => {
    if (variant.classPrior === 'uniform') return new Float64Array(labelCount).fill(1 / labelCount);
    const tasks = x.subarray(tasksAt);
    const total = tasks.reduce((sum, n) => sum + n + CLASS_COUNT, 0);
    return tasks.map((n) => (n + CLASS_COUNT) / total);
  };
  const estimate = (probable: Float64Array, to: Float64Array) => {
    const likelihood = into.run({ base, gain, prior: probable });
    for (let w = 0; w < workerCount; w++) {
      let known = 0;
      for (let p = pairs.start[w] as number; p < (pairs.start[w + 1] as number); p++) {
        const knew = (into.right[p] as number) * (knowing[p] as number);
        known += knew;
        to[habitsAt + p] = (answered[p] as number) - knew;
      }
      to[w] = known;
    }
    to.set(into.tasks, tasksAt);
    return likelihood;
  };

  return {
    prior,
    skills: (x) => given.map((all, w) => ((x[w] as number) + beta) / (all + 2 * beta)),
    step(from, to) {
      const probable = prior(from);
      let belief = 0;
      if (variant.classPrior === 'estimated') for (const p of probable) belief += CLASS_COUNT * Math.log(p);
      for (let w = 0; w < workerCount; w++) {
        const all = given[w] as number;
        const known = from[w] as number;
        const habit = all - known;
        const strategies = habit + labelCount * dirichlet;
        const logKnow = logShare(known + beta, all + 2 * beta);
        const logSpam = logShare(habit + beta, all + 2 * beta);
        const [first, end] = [pairs.start[w] as number, pairs.start[w + 1] as number];
        if (vb) {
          // Minus the Kullback-Leibler divergences of the posteriors from the priors.
          belief -= known * logKnow + habit * logSpam + ofBeta - logBeta(known + beta, habit + beta);
          belief -= logGamma(strategies) - ofStrategies;
        } else {
          belief += beta * (logKnow + logSpam);
          belief += (labelCount - (end - first)) * dirichlet * Math.log(dirichlet / strategies);
        }
        for (let p = first; p < end; p++) {
          const count = from[habitsAt + p] as number;
          const logStrategy = logShare(count + dirichlet, strategies);
          if (vb) belief -= count * logStrategy + ofDirichlet - logGamma(count + dirichlet);
          else belief += dirichlet * logStrategy;
          setPair(p, logKnow, logSpam + logStrategy);
        }
      }
      return estimate(probable, to) + belief;
    },
    countsFrom(start) {
      for (let w = 0; w < workerCount; w++) {
        const spamming = start.spamming(w);
        for (let p = pairs.start[w] as number; p < (pairs.start[w + 1] as number); p++) {
          const strategy = start.strategy(w, pairs.pairLabel[p] as number);
          setPair(p, Math.log1p(-spamming), Math.log(spamming) + Math.log(strategy));
        }
      }
      const x = new Float64Array(tasksAt + labelCount);
      estimate(new Float64Array(labelCount).fill(1 / labelCount), x);
      return x;
    },
    project(x) {
      // An answer is known or habit: each pair's counts stay within what was answered, and a worker's add up.
      for (let w = 0; w < workerCount; w++) {
        let habit = 0;
        for (let p = pairs.start[w] as number; p < (pairs.start[w + 1] as number); p++) {
          const at = habitsAt + p;
          habit += x[at] = Math.min(answered[p] as number, Math.max(0, x[at] as number));
        }
        x[w] = Math.max(0, (given[w] as number) - habit);
      }
      for (let at = tasksAt; at < x.length; at++) x[at] = Math.max(0, x[at] as number);
    },
  };
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

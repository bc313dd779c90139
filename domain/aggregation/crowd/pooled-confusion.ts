import type { Answers, KnownBeside } from './answers.ts';
import { judgeByOthers } from './judge-by-others.ts';
import {
  countAnswers,
  emptyRows,
  expectedLogs,
  judgeHabits,
  judgeSkills,
  type Rows,
  rowEvidence,
  type Strength,
  startingStrength,
  strengthStep,
} from './pooled-rows.ts';
import { columnSums, shareTable, splitIntoKinds, statePriors, sumOverKinds, updateStates } from './pooled-states.ts';
import { startingWeights } from './starting-weights.ts';
import type { WorkerLabels } from './worker-labels.ts';

export interface PooledConfusion {
  /** Tasks x labels, row-major; rows sum to 1. */
  readonly posteriors: Float64Array;
  /** Lower bound of ln P(all answers), kinds' shares by half a ln of the tasks each (BIC). Larger is better. */
  readonly evidence: number;
  /** ln P(state), by state; state k * kinds + m is "the true label is k, and the task of kind m". */
  readonly logPrior: Float64Array;
  readonly rows: Rows;
  /** What the parts of a row's prior count for. The one by skill large: workers are coins. */
  readonly strength: Strength;
  /** The accuracy of the crowd and of each worker. */
  readonly skill: { readonly crowd: number; readonly workers: Float64Array };
  readonly iterations: number;
  readonly converged: boolean;
}

export interface PooledOptions {
  /** Kinds of task for each label, from 1. */
  readonly kinds: number;
  readonly maxIterations: number;
  /** Stops once a round moves less than this share of a task's probability, on average over the tasks. */
  readonly tolerance: number;
  readonly beside?: KnownBeside;
}

/** Rounds with the strength as it starts: the first ones still judge workers by mere shares of votes. */
const STRENGTH = { start: 2, nearCoins: 20, learnAfter: 3, stepsARound: 5, stepsWithHabits: 3 };

/** Of the first round's. */
const LARGE_STEP = 1 / 3;

/**
 * Confusion matrices, partly pooled. Worker w answers a task in state s by a distribution over the labels of w's own,
 * with the prior
 *
 *   p[w, s] ~ Dirichlet(strength.coin * coin(skill[w, s]) + strength.habit * habit[w, s]),
 *
 * where coin(a) puts a on the true label and spreads the rest evenly, skill[w, s] is the worker's accuracy in all the
 * *other* states, shrunk towards the crowd's, and habit[w, s] how often w gives each label where another one is true than in
 * s: whoever always gives the same one, or one too often, is expected to do so here. So a worker with few answers in a class is judged by the other
 * classes, one with few answers by the crowd, and one with many by the matrix; how many is many, the strengths, are learnt
 * by empirical Bayes (T. Minka, "Estimating a Dirichlet distribution", 2000). More than one kind of task for a label
 * makes workers' errors depend on each other, as hard or misleading tasks do (Y. Li, B. Rubinstein, T. Cohn,
 * "Exploiting worker correlation for label aggregation in crowdsourcing", ICML 2019).
 *
 * Fitted by mean-field variational Bayes (with many labels nearly that: see `logarithm`) from the vote shares, with nothing
 * random in it. From a good start few rounds
 * are enough (Y. Zhang and others, "Spectral methods meet EM", JMLR 2016), and on recorded crowds later rounds mostly
 * confirmed the model in its own errors (0.3 points on average), so the tolerance is best left coarse. A large round that moves more
 * than the one before it leaves the votes for an explanation of its own (where each worker met tasks of one label alone, that
 * all of them answer blindly), so the fit begins again, nearer to coins, and ends there if it does so once more.
 */
export function fitPooledConfusion(answers: Answers, pairs: WorkerLabels, options: PooledOptions): PooledConfusion {
  const { walkedAway, ...fit } = fitFrom(answers, pairs, options, STRENGTH.start);
  return walkedAway ? fitFrom(answers, pairs, options, STRENGTH.nearCoins) : fit;
}

function fitFrom(
  answers: Answers,
  pairs: WorkerLabels,
  options: PooledOptions,
  start: number,
): PooledConfusion & { readonly walkedAway: boolean } {
  const { kinds, maxIterations, tolerance, beside = {} } = options;
  const shares = shareTable(answers, startingWeights(answers, pairs, beside.weights));
  const voted = columnSums(shares, answers.labelCount);
  const states = splitIntoKinds(shares, kinds, beside.known);
  const rows = emptyRows(answers, pairs, kinds);
  const logAnswer = new Float64Array(rows.counts.length);
  // Where nobody ever answered the same task as somebody else, answers would only confirm themselves.
  const compared = answers.start.some((from, t) => (answers.start[t + 1] ?? from) - from > 1);
  let logPrior = statePriors(states, voted, kinds);
  let skill: PooledConfusion['skill'] = { crowd: 1, workers: new Float64Array(answers.workerCount) };
  let strength = startingStrength(start, answers.labelCount);
  let iterations = 0;
  let converged = false;
  let tasksEvidence = 0;
  let moved = Infinity;
  let first = Infinity;
  let walkedAway = false;

  while (iterations < maxIterations && !converged && !walkedAway) {
    iterations++;
    if (compared) countAnswers(answers, pairs, states, rows);
    if (beside.weights && iterations > 1) judgeByOthers(answers, pairs, { logPrior, logAnswer, beside, states }, rows);
    skill = judgeSkills(pairs, rows);
    judgeHabits(pairs, rows);
    if (iterations > STRENGTH.learnAfter) {
      const steps = strength.habit > 0 ? STRENGTH.stepsWithHabits : STRENGTH.stepsARound;
      for (let step = 0; step < steps; step++) strength = strengthStep(pairs, rows, strength);
    }
    expectedLogs(pairs, rows, strength, logAnswer);
    logPrior = statePriors(states, voted, kinds);
    const update = updateStates(answers, pairs, { logPrior, logAnswer, beside }, states);
    tasksEvidence = update.evidence;
    converged = update.moved < tolerance;
    // The last small steps may grow a little and mean nothing; without habits workers cannot be blind.
    const isLarge = update.moved > first * LARGE_STEP;
    walkedAway = isLarge && strength.habit > 0 && update.moved > moved;
    if (iterations === 1) first = update.moved;
    moved = update.moved;
  }
  const freeShares = answers.labelCount * (kinds - 1);
  const evidence =
    tasksEvidence +
    rowEvidence(pairs, rows, strength, logAnswer) -
    (freeShares / 2) * Math.log(Math.max(1, answers.taskCount));
  return {
    posteriors: sumOverKinds(states, kinds),
    evidence,
    logPrior,
    rows,
    strength,
    skill,
    iterations,
    converged,
    walkedAway,
  };
}

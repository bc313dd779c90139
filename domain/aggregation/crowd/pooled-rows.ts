import { digamma, logGamma } from '../../gamma.ts';
import type { Answers } from './answers.ts';
import type { WorkerLabels } from './worker-labels.ts';

/** What is expected of each worker's answers. Row-major; "pair" is a (worker, label) pair of `WorkerLabels`. */
export interface Rows {
  readonly labelCount: number;
  /** States are labels split into kinds of task: state s = k * kinds + m. */
  readonly kinds: number;
  /** Expected answers, pairs x states. */
  readonly counts: Float64Array;
  /** Expected answers, workers x states, and how many of them are right. */
  readonly totals: Float64Array;
  readonly hits: Float64Array;
  /** The accuracy expected of a worker in a state from the same worker's answers in all other states. */
  readonly skills: Float64Array;
  /** How often a worker gives a label where any label but one is true, pairs x labels: each of the others counts alike. */
  readonly habits: Float64Array;
}

/** How many answers in a state the two parts of its prior count for: the one by skill, and the one by habit. */
export interface Strength {
  readonly coin: number;
  readonly habit: number;
}

/** With more labels than this, `logarithm` is the plain one, and habits have no say. */
const FEW_LABELS = 10;
/** A worker's skill starts as the crowd's, with the weight of so many answers. Between 2 and 10 it hardly matters. */
const SKILL_ANSWERS = 4;
/** Habits where a label is true start as even ones, with the weight of so many answers. */
const HABIT_ANSWERS = 4;
/** Keeps priors above zero: nobody is certain never to give an answer. */
const LEAST = 1e-6;

export function emptyRows({ workerCount, labelCount }: Answers, { pairCount }: WorkerLabels, kinds: number): Rows {
  const states = labelCount * kinds;
  const byWorker = () => new Float64Array(workerCount * states);
  const counts = new Float64Array(pairCount * states);
  const habits = new Float64Array(pairCount * labelCount);
  return { labelCount, kinds, counts, totals: byWorker(), hits: byWorker(), skills: byWorker(), habits };
}

/** Fills `counts` from the tasks' distributions over the states. */
export function countAnswers({ taskCount, start }: Answers, { pair }: WorkerLabels, states: Float64Array, rows: Rows) {
  const stateCount = rows.labelCount * rows.kinds;
  const { counts } = rows;
  counts.fill(0);
  for (let t = 0; t < taskCount; t++) {
    const row = t * stateCount;
    for (let i = start[t] as number; i < (start[t + 1] as number); i++) {
      const cell = (pair[i] as number) * stateCount;
      for (let s = 0; s < stateCount; s++)
        counts[cell + s] = (counts[cell + s] as number) + (states[row + s] as number);
    }
  }
}

/** Fills `totals`, `hits` and `skills` from `counts`; returns the accuracy of the crowd and of each worker. */
export function judgeSkills({ start, pairLabel }: WorkerLabels, rows: Rows): { crowd: number; workers: Float64Array } {
  const { labelCount, kinds, counts, totals, hits, skills } = rows;
  const stateCount = labelCount * kinds;
  const workers = new Float64Array(start.length - 1);
  totals.fill(0);
  hits.fill(0);
  for (let w = 0; w < workers.length; w++) {
    const row = w * stateCount;
    for (let p = start[w] as number; p < (start[w + 1] as number); p++) {
      const cell = p * stateCount;
      for (let s = 0; s < stateCount; s++) totals[row + s] = (totals[row + s] as number) + (counts[cell + s] as number);
      const own = (pairLabel[p] as number) * kinds;
      for (let s = own; s < own + kinds; s++) hits[row + s] = counts[cell + s] as number;
    }
  }
  const all = sum(totals, 0, totals.length);
  // Without answers, half way between guessing and knowing.
  const crowd = all > 0 ? sum(hits, 0, hits.length) / all : (1 + 1 / labelCount) / 2;
  for (let w = 0; w < workers.length; w++) {
    const row = w * stateCount;
    const right = SKILL_ANSWERS * crowd + sum(hits, row, row + stateCount);
    const total = SKILL_ANSWERS + sum(totals, row, row + stateCount);
    workers[w] = right / total;
    for (let at = row; at < row + stateCount; at++) {
      skills[at] = (right - (hits[at] as number)) / (total - (totals[at] as number));
    }
  }
  return { crowd, workers };
}

/** Fills `habits` from `counts` and `totals`. */
export function judgeHabits({ start }: WorkerLabels, rows: Rows): void {
  const { labelCount, kinds, counts, habits } = rows;
  for (let w = 0; w + 1 < start.length; w++) {
    for (let p = start[w] as number; p < (start[w + 1] as number); p++) {
      habitsOf(rows, w, counts.subarray(p * labelCount * kinds), habits.subarray(p * labelCount, (p + 1) * labelCount));
    }
  }
}

/** The habits of a worker in giving a label, from how often it was given in each state, into `out` by the label left out. */
export function habitsOf({ labelCount, kinds, totals }: Rows, w: number, given: Float64Array, out: Float64Array): void {
  let all = 0;
  for (let k = 0; k < labelCount; k++) {
    let [own, total] = [HABIT_ANSWERS / labelCount, HABIT_ANSWERS];
    for (let s = k * kinds; s < (k + 1) * kinds; s++) {
      own += given[s] ?? 0;
      total += totals[w * labelCount * kinds + s] ?? 0;
    }
    out[k] = own / total;
    all += own / total;
  }
  for (let k = 0; k < labelCount; k++)
    out[k] = Math.max(LEAST, (all - (out[k] as number)) / Math.max(1, labelCount - 1));
}

/** The prior probability of an answer by skill alone. */
export function coin(skill: number, right: boolean, labelCount: number): number {
  return Math.max(LEAST, right ? skill : (1 - skill) / (labelCount - 1));
}

/** Before it is learnt. */
const HABIT_SHARE = 0.1;

/** A prior worth so many answers. With many labels there is too little of each to tell a habit, and skill alone has a say. */
export function startingStrength(answers: number, labelCount: number): Strength {
  const habit = labelCount > FEW_LABELS ? 0 : HABIT_SHARE * answers;
  return { coin: answers - habit, habit };
}

/** One step of Minka's fixed point for the strength of the prior (how many answers its parts count for). */
export function strengthStep({ start, pairLabel }: WorkerLabels, rows: Rows, before: Strength): Strength {
  const { labelCount, kinds, counts, totals, skills, habits } = rows;
  const stateCount = labelCount * kinds;
  const strength = before.coin + before.habit;
  // Expected counts as small as this add nothing that can be seen.
  const nothing = 1e-9;
  const atStrength = digamma(strength);
  let [byCoin, byHabit, below] = [0, 0, 0];
  for (let w = 0; w + 1 < start.length; w++) {
    const row = w * stateCount;
    for (let s = row; s < row + stateCount; s++) {
      if ((totals[s] as number) > nothing) below += digamma((totals[s] as number) + strength) - atStrength;
    }
    for (let p = start[w] as number; p < (start[w + 1] as number); p++) {
      for (let s = 0; s < stateCount; s++) {
        const n = counts[p * stateCount + s] as number;
        if (n <= nothing) continue;
        const k = Math.floor(s / kinds);
        const ofCoin = coin(skills[row + s] as number, k === pairLabel[p], labelCount);
        const ofHabit = habits[p * labelCount + k] as number;
        const prior = before.coin * ofCoin + before.habit * ofHabit;
        const more = digamma(n + prior) - digamma(prior);
        byCoin += ofCoin * more;
        byHabit += ofHabit * more;
      }
    }
  }
  if (!(byCoin > 0 && byHabit > 0 && below > 0)) return before;
  // Between "every worker is a matrix" and "every worker is a coin" for any number of answers that occurs.
  const within = (answers: number) => Math.min(1e3, Math.max(1e-3, answers));
  const habit = before.habit === 0 ? 0 : within((before.habit * byHabit) / below);
  return { coin: within((before.coin * byCoin) / below), habit };
}

/**
 * How ln of a row's probability is taken: that which is expected of it, as variational Bayes has it, by digamma; with many
 * labels ln of the probability that is expected. There the prior of one wrong answer is worth hundredths of an answer, and the
 * expected logarithm, far below the other (-33 for 0.03 answers, where ln is -3.5), would rule out every confusion not yet
 * seen: the first guesses confirm themselves, and are certain of it.
 */
export function logarithm(labelCount: number): (answers: number) => number {
  return labelCount > FEW_LABELS ? Math.log : digamma;
}

/** Fills `out`, pairs x states, with ln of the probability that the worker gives the label in the state (see `logarithm`). */
export function expectedLogs({ start, pairLabel }: WorkerLabels, rows: Rows, strength: Strength, out: Float64Array) {
  const { labelCount, kinds, counts, totals, skills, habits } = rows;
  const stateCount = labelCount * kinds;
  const ln = logarithm(labelCount);
  const ofTotal = new Float64Array(stateCount);
  for (let w = 0; w + 1 < start.length; w++) {
    const row = w * stateCount;
    for (let s = 0; s < stateCount; s++) ofTotal[s] = ln((totals[row + s] as number) + strength.coin + strength.habit);
    for (let p = start[w] as number; p < (start[w + 1] as number); p++) {
      const cell = p * stateCount;
      for (let s = 0; s < stateCount; s++) {
        const k = Math.floor(s / kinds);
        const ofCoin = coin(skills[row + s] as number, k === pairLabel[p], labelCount);
        const prior = strength.coin * ofCoin + strength.habit * (habits[p * labelCount + k] as number);
        out[cell + s] = ln((counts[cell + s] as number) + prior) - (ofTotal[s] as number);
      }
    }
  }
}

/**
 * What the answers are worth as evidence for the rows' prior, less what `updateStates` already counts: the expected ln
 * of the answers given the rows is taken out, and the ln of their probability with the rows integrated out put in.
 */
export function rowEvidence({ start, pairLabel }: WorkerLabels, rows: Rows, parts: Strength, logAnswer: Float64Array) {
  const { labelCount, kinds, counts, totals, skills, habits } = rows;
  const stateCount = labelCount * kinds;
  const strength = parts.coin + parts.habit;
  const ofStrength = logGamma(strength);
  let evidence = 0;
  for (let w = 0; w + 1 < start.length; w++) {
    const row = w * stateCount;
    for (let s = row; s < row + stateCount; s++) evidence += ofStrength - logGamma((totals[s] as number) + strength);
    for (let p = start[w] as number; p < (start[w + 1] as number); p++) {
      for (let s = 0; s < stateCount; s++) {
        const k = Math.floor(s / kinds);
        const ofCoin = coin(skills[row + s] as number, k === pairLabel[p], labelCount);
        const prior = parts.coin * ofCoin + parts.habit * (habits[p * labelCount + k] as number);
        const n = counts[p * stateCount + s] as number;
        evidence += logGamma(n + prior) - logGamma(prior) - n * (logAnswer[p * stateCount + s] as number);
      }
    }
  }
  return evidence;
}

function sum(values: Float64Array, from: number, to: number): number {
  let total = 0;
  for (let i = from; i < to; i++) total += values[i] as number;
  return total;
}

import { digamma } from '../../gamma.ts';
import type { Answers, KnownBeside } from './answers.ts';
import type { WorkerLabels } from './worker-labels.ts';

/** Dirichlet concentration of a label's kinds: below 1, kinds that are not needed die out (Li et al. 2019). */
const KIND_CONCENTRATION = 0.1;
/**
 * What the votes' own shares of the labels weigh against the model's, in deciding how frequent each label is. Without
 * it, a label that few answers support can be talked out of existence, round by round; with more of it wrong votes make
 * rare labels seem frequent.
 */
const VOTES_WEIGHT = 0.2;

/** The votes' shares, tasks x labels, by the answers' weights; even where nobody answered. */
export function shareTable(
  { taskCount, labelCount, start, label }: Answers,
  weights: KnownBeside['weights'],
): Float64Array {
  const shares = new Float64Array(taskCount * labelCount);
  for (let t = 0; t < taskCount; t++) {
    const row = t * labelCount;
    const [from, to] = [start[t] as number, start[t + 1] as number];
    if (from === to) shares.fill(1 / labelCount, row, row + labelCount);
    let total = 0;
    for (let i = from; i < to; i++) {
      const weight = weights ? (weights[i] as number) : 1;
      total += weight;
      shares[row + (label[i] as number)] = (shares[row + (label[i] as number)] as number) + weight;
    }
    for (let k = row; from < to && k < row + labelCount; k++) shares[k] = (shares[k] as number) / total;
  }
  return shares;
}

/**
 * Shares v split over the kinds of task by Binomial(kinds - 1, 1 - v): the first kind of a label starts with the tasks
 * on which all agree, the last with the most contested. A task whose label is known is of that label alone. The result is
 * tasks x states.
 */
export function splitIntoKinds(shares: Float64Array, kinds: number, known: KnownBeside['known']): Float64Array {
  const binomial = [1];
  for (let m = 1; m < kinds; m++) binomial.push(((binomial[m - 1] as number) * (kinds - m)) / m);
  const states = new Float64Array(shares.length * kinds);
  const labelCount = known ? shares.length / known.length : 0;
  for (let i = 0; i < shares.length; i++) {
    const share = shares[i] as number;
    const label = known?.[Math.floor(i / labelCount)] ?? -1;
    // Of the known label's own share: how many missed it says how hard the task is.
    const whole = label < 0 ? share : i % labelCount === label ? 1 : 0;
    for (let m = 0; m < kinds; m++) {
      states[i * kinds + m] = whole * (binomial[m] as number) * share ** (kinds - 1 - m) * (1 - share) ** m;
    }
  }
  return states;
}

/** The other way round: the probabilities of the labels, tasks x labels. */
export function sumOverKinds(states: Float64Array, kinds: number): Float64Array {
  const out = new Float64Array(states.length / kinds);
  for (let i = 0; i < states.length; i++) {
    const to = Math.floor(i / kinds);
    out[to] = (out[to] as number) + (states[i] as number);
  }
  return out;
}

/** The column sums of a row-major table. */
export function columnSums(table: Float64Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let at = 0; at < table.length; at += columns) {
    for (let k = 0; k < columns; k++) sums[k] = (sums[k] as number) + (table[at + k] as number);
  }
  return sums;
}

/** ln P(state), from the states' expected tasks and the labels' share of the votes (`voted`, in tasks). */
export function statePriors(states: Float64Array, voted: Float64Array, kinds: number): Float64Array {
  const labelCount = voted.length;
  const logPrior = new Float64Array(labelCount * kinds);
  const sums = columnSums(states, logPrior.length);
  const all = (1 + VOTES_WEIGHT) * (states.length / logPrior.length) + labelCount;
  for (let k = 0; k < labelCount; k++) {
    let tasks = 0;
    for (let m = 0; m < kinds; m++) tasks += sums[k * kinds + m] as number;
    const ofLabel = Math.log((tasks + VOTES_WEIGHT * (voted[k] as number) + 1) / all);
    const ofKinds = digamma(tasks + KIND_CONCENTRATION);
    for (let m = 0; m < kinds; m++) {
      const ofKind = digamma((sums[k * kinds + m] as number) + KIND_CONCENTRATION / kinds);
      logPrior[k * kinds + m] = ofLabel + ofKind - ofKinds;
    }
  }
  return logPrior;
}

/**
 * Each task's distribution over the states from its answers, in place; a known label leaves its own states alone. Returns
 * how much of it moved (total variation), on average over the tasks, and the sum of ln P(answers of a task, its label
 * where that is known) before normalising.
 */
export function updateStates(
  { taskCount, labelCount, start }: Answers,
  { pair }: WorkerLabels,
  {
    logPrior,
    logAnswer,
    beside: { known, weights },
  }: { readonly logPrior: Float64Array; readonly logAnswer: Float64Array; readonly beside: KnownBeside },
  states: Float64Array,
): { moved: number; evidence: number } {
  const stateCount = logPrior.length;
  const logs = new Float64Array(stateCount);
  let moved = 0;
  let evidence = 0;
  for (let t = 0; t < taskCount; t++) {
    logs.set(logPrior);
    for (let i = start[t] as number; i < (start[t + 1] as number); i++) {
      const cell = (pair[i] as number) * stateCount;
      const weight = weights ? (weights[i] as number) : 1;
      for (let s = 0; s < stateCount; s++) logs[s] = (logs[s] as number) + weight * (logAnswer[cell + s] as number);
    }
    const label = known?.[t] ?? -1;
    if (label >= 0) {
      for (let s = 0; s < stateCount; s++) if (Math.floor((s * labelCount) / stateCount) !== label) logs[s] = -Infinity;
    }
    let most = -Infinity;
    for (let s = 0; s < stateCount; s++) most = Math.max(most, logs[s] as number);
    let sum = 0;
    for (let s = 0; s < stateCount; s++) sum += logs[s] = Math.exp((logs[s] as number) - most);
    evidence += most + Math.log(sum);
    const row = t * stateCount;
    for (let s = 0; s < stateCount; s++) {
      const value = (logs[s] as number) / sum;
      moved += Math.abs(value - (states[row + s] as number));
      states[row + s] = value;
    }
  }
  return { moved: moved / 2 / Math.max(1, taskCount), evidence };
}

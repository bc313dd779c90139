import type { Asked, CrowdEstimate } from './crowd-estimate.ts';

/** Labels are taken for equally frequent with the weight of so many tasks each. */
const EVEN_TASKS = 10;
/** Rounds of EM at each refit: from even shares, so that no earlier judgment confirms itself. */
const ROUNDS = 3;

/** Fills `out` with the probability of each label of a task where labels are as frequent as `shares` says. */
export type Judge = (unit: number, shares: Float64Array, out: Float64Array) => Float64Array;

/**
 * Judges tasks by several views of the crowd, each of which takes labels for equally frequent: the mean of what each says
 * (`chances`) once it is told how frequent they are.
 */
export function judgeUnder(views: readonly CrowdEstimate[], idCount: number) {
  const chances = ({ posteriors }: CrowdEstimate, unit: number, shares: Float64Array, out: Float64Array) => {
    let total = 0;
    for (let k = 0; k < idCount; k++) {
      out[k] = (posteriors[unit * idCount + k] as number) * (shares[k] as number);
      total += out[k] as number;
    }
    for (let k = 0; k < idCount; k++) out[k] = (out[k] as number) / total;
    return out;
  };
  const row = new Float64Array(idCount);
  const judge: Judge = (unit, shares, out) => {
    out.fill(0);
    for (const view of views) {
      chances(view, unit, shares, row);
      for (let k = 0; k < idCount; k++) out[k] = (out[k] as number) + (row[k] as number) / views.length;
    }
    return out;
  };
  return { judge, chances };
}

/**
 * How frequent each label is among the tasks with answers: by EM on the tasks' probabilities, shrunk towards even shares.
 * Not by the annotators' views themselves: frequencies that tell on who is held for good, and so on whose answers count,
 * feed on themselves where answers are few and go to contested tasks.
 */
export function labelFrequencies({ count, unit, unitCount, idCount }: Asked, judge: Judge): Float64Array {
  const isAnswered = new Uint8Array(unitCount);
  for (let i = 0; i < count; i++) isAnswered[unit[i] as number] = 1;
  const row = new Float64Array(idCount);
  let shares = new Float64Array(idCount).fill(1 / idCount);
  for (let round = 0; round < ROUNDS; round++) {
    const tasks = new Float64Array(idCount).fill(EVEN_TASKS);
    for (let task = 0; task < unitCount; task++) {
      if (isAnswered[task] === 0) continue;
      judge(task, shares, row);
      for (let k = 0; k < idCount; k++) tasks[k] = (tasks[k] as number) + (row[k] as number);
    }
    const all = tasks.reduce((sum, each) => sum + each, 0);
    shares = tasks.map((each) => each / all);
  }
  return shares;
}

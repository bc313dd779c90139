import type { TaskModel } from './task-posterior.ts';

/** What all annotators of a crowd share, as plain JSON; ln of probabilities, rounded so that records stay short. */
export interface SharedModel {
  /** Keys of the labels, by label id. */
  readonly choices: readonly string[];
  /** Kinds of task in each component; component c has `choices.length * kinds[c]` states, one after the other. */
  readonly kinds: readonly number[];
  /** How much each component's opinion counts; sums to 1. */
  readonly weights: readonly number[];
  /** The power to which the averaged probabilities are raised: below 1 they are less sure of themselves. */
  readonly sharpness: number;
  /** ln P(state), over the states of all components. */
  readonly logPrior: readonly number[];
  /** An annotator's table for whoever has no record yet. */
  readonly newcomer: readonly number[];
}

/** One answer as the model sees it: ln P(this answer | state) over the states of all components. */
export interface LiveVote {
  readonly row: readonly number[];
  /** 0 to 1: how much of an answer this is; the power its probabilities are raised to. */
  readonly weight: number;
}

/** Digits kept after the decimal point: far below what a decision turns on. */
const PRECISION = 1e6;

/** States of all components together: the length of a row. */
export function stateCount({ choices, kinds }: Pick<SharedModel, 'choices' | 'kinds'>): number {
  return choices.length * kinds.reduce((sum, kind) => sum + kind, 0);
}

/** The row of an annotator's table for one answer. */
export function rowOf(shared: SharedModel, table: readonly number[], choice: number): number[] {
  const length = stateCount(shared);
  return table.slice(choice * length, (choice + 1) * length);
}

/**
 * A fitted model taken apart: what is shared, and a table by annotator (`choices.length` rows of `stateCount`), so that
 * deciding a task reads its own annotators alone. `components` is how many of the model's components to keep at most,
 * those that count most.
 */
export function takeApart(model: TaskModel, choices: readonly string[], components: number) {
  const { labelCount, workerCount, sharpness = 1 } = model;
  const kept = model.components
    .filter(({ weight = 1 }) => weight > 0)
    .toSorted((a, b) => (b.weight ?? 1) - (a.weight ?? 1) || a.kinds - b.kinds)
    .slice(0, components);
  const allWeights = kept.reduce((sum, { weight = 1 }) => sum + weight, 0);
  const tableOf = (worker: number) => {
    const table: number[] = [];
    for (let label = 0; label < labelCount; label++) {
      for (const { logPrior, logAnswer } of kept) {
        const states = logPrior.length;
        const at = (worker * labelCount + label) * states;
        for (const value of logAnswer.subarray(at, at + states)) table.push(rounded(value));
      }
    }
    return table;
  };
  const shared: SharedModel = {
    choices,
    kinds: kept.map(({ kinds }) => kinds),
    weights: kept.map(({ weight = 1 }) => rounded(weight / allWeights)),
    sharpness,
    logPrior: kept.flatMap(({ logPrior }) => Array.from(logPrior, rounded)),
    newcomer: tableOf(workerCount),
  };
  return { shared, tableOf };
}

/** What judging a task needs of the shared part. */
export type JudgingModel = Omit<SharedModel, 'newcomer'>;

/** The probability of each choice, given the answers so far: as `taskPosterior` on the whole model. Sums to 1. */
export function livePosterior(shared: JudgingModel, votes: readonly LiveVote[]): number[] {
  const out = new Array<number>(shared.choices.length).fill(0);
  let from = 0;
  for (const [component, kinds] of shared.kinds.entries()) {
    const weightOfComponent = shared.weights[component] ?? 0;
    const logs = shared.logPrior.slice(from, from + shared.choices.length * kinds);
    for (const { row, weight } of votes) {
      for (let s = 0; s < logs.length; s++) logs[s] = (logs[s] ?? 0) + weight * (row[from + s] ?? 0);
    }
    const most = Math.max(...logs);
    const sum = logs.reduce((total, value) => total + Math.exp(value - most), 0);
    for (const [s, value] of logs.entries()) {
      const choice = Math.floor(s / kinds);
      out[choice] = (out[choice] ?? 0) + (Math.exp(value - most) / sum) * weightOfComponent;
    }
    from += logs.length;
  }
  const powers = out.map((probability) => probability ** shared.sharpness);
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

function rounded(value: number): number {
  return Math.round(value * PRECISION) / PRECISION;
}

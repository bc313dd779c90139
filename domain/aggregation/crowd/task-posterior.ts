/** One annotator's answer to the task at hand. */
export interface Vote {
  /** The annotator's id in the model; -1 (or any id the model does not know) for a newcomer. */
  readonly worker: number;
  readonly label: number;
}

/**
 * One way in which answers come about. Its states are the labels split into kinds of task: state s = k * kinds + m
 * stands for "the true label is k, and the task is of kind m"; given the state, answers are independent.
 */
export interface TaskComponent {
  /** How much its opinion counts, against the other components' weights; 1 where absent. */
  readonly weight?: number;
  readonly kinds: number;
  /** ln P(state), by state. */
  readonly logPrior: Float64Array;
  /** ln P(answer l | state s) of worker w at (w * labelCount + l) * states + s; the last worker is the newcomer. */
  readonly logAnswer: Float64Array;
}

/** What is known of a crowd: components, whose opinions on a task are averaged. */
export interface TaskModel {
  readonly labelCount: number;
  readonly workerCount: number;
  readonly components: readonly TaskComponent[];
  /** The power to which the averaged probabilities are raised (see `sharpen`); 1 where absent. */
  readonly sharpness?: number;
}

/**
 * The probability of each label of one task, from the answers it has so far: `Float64Array(labelCount)`, sum 1. Without
 * answers it is the model's prior. Pure and linear in the answers. Throws RangeError for a label out of range.
 */
export function taskPosterior(model: TaskModel, votes: readonly Vote[]): Float64Array {
  const { labelCount, workerCount, components, sharpness = 1 } = model;
  const out = new Float64Array(labelCount);
  const allWeights = components.reduce((sum, { weight = 1 }) => sum + weight, 0);
  for (const { kinds, logPrior, logAnswer, weight = 1 } of components) {
    const stateCount = logPrior.length;
    const logs = logPrior.slice();
    for (const { worker, label } of votes) {
      if (!(label >= 0 && label < labelCount)) throw new RangeError(`There is no label ${label} among ${labelCount}.`);
      const known = worker >= 0 && worker < workerCount ? worker : workerCount;
      const at = (known * labelCount + label) * stateCount;
      for (let s = 0; s < stateCount; s++) logs[s] = (logs[s] as number) + (logAnswer[at + s] as number);
    }
    const most = logs.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = logs.reduce((total, value) => total + Math.exp(value - most), 0);
    for (let s = 0; s < stateCount; s++) {
      const k = Math.floor(s / kinds);
      out[k] = (out[k] as number) + (Math.exp((logs[s] as number) - most) / sum) * (weight / allWeights);
    }
  }
  sharpen(out, labelCount, sharpness);
  return out;
}

/**
 * Raises the probabilities of a row-major table to a power and scales each row back to 1, in place. Below 1 it makes
 * them less sure of themselves, without changing their order.
 */
export function sharpen(table: Float64Array, columns: number, power: number): void {
  if (power === 1) return;
  for (let row = 0; row < table.length; row += columns) {
    let sum = 0;
    for (let i = row; i < row + columns; i++) sum += table[i] = (table[i] as number) ** power;
    for (let i = row; i < row + columns; i++) table[i] = (table[i] as number) / sum;
  }
}

/**
 * The model of annotators of whom only the reliability is known: each gives the true label with the probability
 * `skills[w]`, and otherwise any other label alike (the one-coin model). `newcomer` is the reliability of annotators
 * without a record; `prior` the share of each label, even if absent. Skills are kept within [0.001, 0.999].
 */
export function coinModel(
  labelCount: number,
  skills: ArrayLike<number>,
  { newcomer, prior }: { newcomer: number; prior?: ArrayLike<number> },
): TaskModel {
  const workerCount = skills.length;
  const logAnswer = new Float64Array((workerCount + 1) * labelCount * labelCount);
  for (let w = 0; w <= workerCount; w++) {
    const skill = Math.min(0.999, Math.max(0.001, w < workerCount ? (skills[w] as number) : newcomer));
    const [right, wrong] = [Math.log(skill), Math.log((1 - skill) / Math.max(1, labelCount - 1))];
    for (let l = 0; l < labelCount; l++) {
      const at = (w * labelCount + l) * labelCount;
      for (let k = 0; k < labelCount; k++) logAnswer[at + k] = k === l ? right : wrong;
    }
  }
  const logPrior = Float64Array.from({ length: labelCount }, (_, k) =>
    Math.log(Math.max(1e-9, prior === undefined ? 1 / labelCount : (prior[k] as number))),
  );
  return { labelCount, workerCount, components: [{ kinds: 1, logPrior, logAnswer }] };
}

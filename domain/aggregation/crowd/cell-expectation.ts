import type { Answers } from './answers.ts';

/**
 * A model in which an answer's probability depends only on its key (its worker, or worker and label) and on whether it
 * is right: log P(answer | truth) = `base[key]`, and `gain[key]` more where the truth is the answer.
 */
export interface KeyedModel {
  readonly base: Float64Array;
  readonly gain: Float64Array;
  /** P(label); sums to 1. */
  readonly prior: Float64Array;
}

/** What one E-step leaves behind: the posteriors (as `CellPosteriors`) and the expected counts. */
export interface Expectation {
  readonly cell: Float64Array;
  readonly factor: Float64Array;
  /** Expected number of right answers by key. */
  readonly right: Float64Array;
  /** Expected number of tasks by label, and of the answers to them. */
  readonly tasks: Float64Array;
  readonly answers: Float64Array;
}

/** Zeros. */
export function expectationFor(answers: Answers, keys: number): Expectation {
  return {
    cell: new Float64Array(answers.cellLabel.length),
    factor: new Float64Array(answers.taskCount),
    right: new Float64Array(keys),
    tasks: new Float64Array(answers.labelCount),
    answers: new Float64Array(answers.labelCount),
  };
}

/** An E-step over the same answers and keys, again and again. */
export interface CellLoop extends Expectation {
  /** Fills the expectation; returns the log-likelihood of the answers. */
  run(model: KeyedModel): number;
}

/**
 * Time is linear in answers and labels together: labels that nobody gave to a task differ there only by their priors,
 * so one number stands for all of them. `key[i]` is the key of answer i. In the log domain, shifted by each task's
 * largest score.
 */
export function cellLoop(answers: Answers, key: Int32Array, keys: number): CellLoop {
  const into = expectationFor(answers, keys);
  return { ...into, run: (model) => expect(answers, key, model, into) };
}

function expect(answers: Answers, key: Int32Array, model: KeyedModel, into: Expectation): number {
  const { taskCount, labelCount, start, cell: cellOf, cellStart, cellLabel } = answers;
  const { base, gain, prior } = model;
  const { cell, factor, right, tasks, answers: given } = into;
  const logPrior = prior.map(Math.log);
  right.fill(0);
  tasks.fill(0);
  given.fill(0);
  let likelihood = 0;
  // Of the tasks' totals, whose logarithm is taken once for many.
  let product = 1;
  let ungiven = 0;
  let ungivenAnswers = 0;
  for (let t = 0; t < taskCount; t++) {
    const from = start[t] as number;
    const to = start[t + 1] as number;
    if (from === to) continue;
    const firstCell = cellStart[t] as number;
    const endCell = cellStart[t + 1] as number;
    let rest = 1;
    for (let c = firstCell; c < endCell; c++) {
      const label = cellLabel[c] as number;
      cell[c] = logPrior[label] as number;
      rest -= prior[label] as number;
    }
    let sum = 0;
    for (let i = from; i < to; i++) {
      const c = cellOf[i] as number;
      const k = key[i] as number;
      sum += base[k] as number;
      cell[c] = (cell[c] as number) + (gain[k] as number);
    }
    // Exactly nothing where every label was given, not the rounding error of the subtraction.
    if (endCell - firstCell === labelCount || rest < 0) rest = 0;
    // The labels nobody gave score 0, apart from their priors.
    let most = rest > 0 ? 0 : Number.NEGATIVE_INFINITY;
    for (let c = firstCell; c < endCell; c++) if ((cell[c] as number) > most) most = cell[c] as number;
    const restScale = rest > 0 ? Math.exp(-most) : 0;
    let total = rest * restScale;
    for (let c = firstCell; c < endCell; c++) {
      const scaled = Math.exp((cell[c] as number) - most);
      cell[c] = scaled;
      total += scaled;
    }
    const share = 1 / total;
    const perPrior = restScale * share;
    factor[t] = perPrior;
    ungiven += perPrior;
    ungivenAnswers += (to - from) * perPrior;
    for (let c = firstCell; c < endCell; c++) {
      const posterior = (cell[c] as number) * share;
      const label = cellLabel[c] as number;
      cell[c] = posterior;
      // `ungiven` counts every label of the task below; take back what it adds for the labels that were given.
      const more = posterior - perPrior * (prior[label] as number);
      tasks[label] = (tasks[label] as number) + more;
      given[label] = (given[label] as number) + (to - from) * more;
    }
    for (let i = from; i < to; i++) {
      const k = key[i] as number;
      right[k] = (right[k] as number) + (cell[cellOf[i] as number] as number);
    }
    likelihood += sum + most;
    product *= total;
    if (product > 1e100 || product < 1e-100) {
      likelihood += Math.log(product);
      product = 1;
    }
  }
  shareUngiven(into, prior, ungiven, ungivenAnswers);
  return likelihood + Math.log(product);
}

/** Adds to each label what all tasks say together of labels that nobody gave them. */
export function shareUngiven(
  { tasks, answers: given }: Expectation,
  prior: Float64Array,
  ungiven: number,
  ungivenAnswers: number,
): void {
  for (let l = 0; l < prior.length; l++) {
    tasks[l] = Math.max(0, (tasks[l] as number) + ungiven * (prior[l] as number));
    given[l] = Math.max(0, (given[l] as number) + ungivenAnswers * (prior[l] as number));
  }
}

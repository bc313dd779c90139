import { seededRng } from '../rng.ts';
import { atTemperature, fitTemperature } from './calibration.ts';
import type { FitOptions } from './fit-linear.ts';
import type { LinearModel, Prior } from './linear-model.ts';
import { fitLogistic, predict } from './logistic.ts';
import { type SparseMatrix, selectRows } from './sparse.ts';

/** Without class shares of its own, and with them nearly free: for classes that are as frequent, and for rare ones. */
const TIMID = 0.1;
const BOLD = 1;
/** Share of the usual penalty where few columns tell much. */
const WEAK = 0.1;
/** Held-out rows are a third, in turn, of few labels fewer: a model of two thirds of those is another model. */
const FOLDS = 3;
const FOLDS_OF_FEW = 8;
const FEW = 60;
/** Of more labels so many say as much. */
const MOST_ROWS = 300;
/** Of fewer labels no part says anything. */
const LEAST_ROWS = 9;
/** Fits that are only compared may be rough. */
const ROUGH = 0.02;
/** What is not this much better is not taken: with few labels it may be luck. */
const BETTER = 0.95;
/** A choice holds until there are half as many labels more. */
const GROWTH = 1.5;
/** Columns whose spreads are so near each other fit alike by either. */
const ALIKE = 1.25;

/** With the penalty said, of which a prior may take a share. */
type Penalised = FitOptions & { readonly l2: number };

interface Vectors {
  readonly matrix: SparseMatrix;
  readonly targets: Float64Array;
  readonly classes: number;
  /** What brings the columns to the spread that the vectors' own have; see `spreadOf`. */
  readonly spread: Float64Array;
}

/**
 * Logistic regression on imported vectors. Unlike those of words, their columns may count by how much they vary (leading
 * directions) or all alike (quantities of different units), and classes may be told so badly by few labels that the
 * share of each is the best answer. Which holds is no matter of belief: the ways are fitted on parts of the labels, and the one
 * with clearly less loss on the rest is taken. The model is one of the columns as given, whichever it is.
 */
export function fitVectorLogistic(given: Vectors, options: Penalised): LinearModel {
  const { rows } = given.matrix;
  const before = options.warmStart?.prior;
  const prior = before && rows < GROWTH * before.rows ? before : choosePrior(given, options);
  return fitBy(given, prior, options);
}

function choosePrior(given: Vectors, { warmStart: _, sampleWeights, ...options }: Penalised): Prior {
  const { rows } = given.matrix;
  let best: Prior = { own: true, intercept: TIMID, penalty: 1, rows };
  if (rows < LEAST_ROWS) return best;
  const order = seededRng('held out').shuffle(Array.from({ length: rows }, (_row, at) => at));
  const folds = rows < FEW ? FOLDS_OF_FEW : FOLDS;
  const parts = Array.from({ length: folds }, (_part, fold) =>
    order.slice(0, MOST_ROWS).filter((_row, at) => at % folds === fold),
  );
  // Each from nothing: a model to begin from has seen what is held out.
  const held = parts.flat();
  const truths = someOf(given, held).targets;
  const weightsOfHeld = sampleWeights && held.map((row) => sampleWeights[row] as number);
  const lossOf = (prior: Prior) => {
    const probabilities = new Float64Array(truths.length);
    let at = 0;
    for (const part of parts) {
      const taught = parts.flatMap((other) => (other === part ? [] : other));
      const weights = sampleWeights && { sampleWeights: taught.map((row) => sampleWeights[row] as number) };
      const model = fitBy(someOf(given, taught), prior, { ...options, ...weights, precision: ROUGH });
      probabilities.set(predict(selectRows(given.matrix, part), model), at);
      at += part.length * given.classes;
    }
    return crossEntropy(probabilities, truths, given.classes, weightsOfHeld);
  };
  const [least, most] = [Math.min(...given.spread), Math.max(...given.spread)];
  let lowest = lossOf(best);
  const others = [
    ...(most > ALIKE * least ? [{ own: false }] : []),
    { intercept: BOLD },
    { intercept: BOLD, penalty: WEAK },
  ];
  for (const other of others) {
    const prior = { ...best, ...other };
    const loss = lossOf(prior);
    if (loss < BETTER * lowest) [best, lowest] = [prior, loss];
  }
  return best;
}

function someOf({ matrix, targets, classes, spread }: Vectors, rows: readonly number[]): Vectors {
  const some = new Float64Array(rows.length * classes);
  rows.forEach((row, at) => {
    some.set(targets.subarray(row * classes, (row + 1) * classes), at * classes);
  });
  return { matrix: selectRows(matrix, rows), targets: some, classes, spread };
}

/** The loss at the temperature that suits best: how sure a model is changes with its penalty, and none of its answers with that. */
function crossEntropy(
  probabilities: Float64Array,
  targets: Float64Array,
  classes: number,
  weights: readonly number[] | undefined,
): number {
  const temperature = fitTemperature(probabilities, targets, classes, weights);
  const suited = atTemperature(probabilities, classes, temperature);
  let loss = 0;
  targets.forEach((share, at) => {
    const weight = weights?.[Math.floor(at / classes)] ?? 1;
    if (share > 0) loss -= weight * share * Math.log(Math.max(1e-12, suited[at] as number));
  });
  return loss;
}

function fitBy({ matrix, targets, classes, spread }: Vectors, prior: Prior, options: Penalised): LinearModel {
  const { warmStart, l2 } = options;
  const factorOf = (column: number) => (prior.own ? (spread[column] as number) : 1);
  const values = matrix.values.map((value, at) => value * factorOf(matrix.indices[at] as number));
  const scaled = (model: LinearModel, factor: (column: number) => number) => ({
    ...model,
    weights: model.weights.map(
      (weight, at) => weight * factor(model.columns[Math.floor(at / model.outputs)] as number),
    ),
  });
  const { model } = fitLogistic({ ...matrix, values }, targets, classes, {
    ...options,
    l2: l2 * prior.penalty,
    interceptValue: prior.intercept,
    ...(warmStart && { warmStart: scaled(warmStart, (column) => 1 / factorOf(column)) }),
  });
  return { ...scaled(model, factorOf), prior };
}

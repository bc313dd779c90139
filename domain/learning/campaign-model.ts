import { pathOf } from '../aggregation/tree-vote.ts';
import type { ModelTarget } from '../tasks/task-type.ts';
import { fitPreferences, predictPreferences } from './bradley-terry-features.ts';
import { fitVectorLogistic } from './fit-vectors.ts';
import type { ItemRows } from './item-rows.ts';
import { fitLearningLine, type LearningLine, type MeasuredPart, partSizes } from './learning-line.ts';
import type { LinearModel } from './linear-model.ts';
import { fitLogistic, mostProbable, penaltyFor, predict } from './logistic.ts';
import { expectedSteps, fitOrdinal, predictOrdinal } from './ordinal.ts';
import { fitRankings, isRightOrder, orderProbabilities, rankedAnswers } from './ranking-model.ts';
import { fitRidge, predictScalar } from './ridge.ts';
import { type SparseMatrix, selectRows } from './sparse.ts';
import { classCount, type SoftLabel } from './targets.ts';

/** Penalty for rows of words and latent directions, of length one each: see `item-classifier.ts`. */
const L2 = 0.1;

/** With more steps a scale is as good as continuous, and a model of each step too large. */
const MOST_STEPS = 11;

/** What a model sees of items. */
export interface ModelRows {
  readonly matrix: SparseMatrix;
  readonly spread?: ItemRows['spread'] | undefined;
  readonly answers?: ItemRows['answers'] | undefined;
}
type Scale = Extract<ModelTarget, { kind: 'scalar' }>;

/** Steps of a scale that has a model of them; undefined for finer ones, which have a regression. */
function ordinalSteps({ min, max }: Scale): number | undefined {
  const steps = max - min + 1;
  return Number.isInteger(steps) && steps >= 3 && steps <= MOST_STEPS ? steps : undefined;
}

/** Whether a model is of steps; those from before there were such have one output. */
function isOrdinal(target: Scale, { outputs }: LinearModel): boolean {
  const steps = ordinalSteps(target);
  return steps !== undefined && outputs === steps - 1;
}

/** Fits the model that a target calls for; null when the labels so far give it nothing to tell apart. */
export function fitCampaignModel(
  target: ModelTarget,
  { matrix, spread, answers }: ModelRows,
  labels: readonly SoftLabel[],
  warmStart?: LinearModel | undefined,
): LinearModel | null {
  if (target.kind === 'none') return null;
  const first = (label: SoftLabel) => label.shares[0] ?? 0;
  const sampleWeights = Float64Array.from(labels, ({ weight }) => weight);
  // A model of other columns, from before the space was learnt anew, is no beginning.
  const options = { sampleWeights, ...(warmStart?.cols === matrix.cols ? { warmStart } : {}) };
  if (target.kind === 'scalar') {
    if (new Set(labels.map(first)).size < 2) return null;
    const steps = ordinalSteps(target);
    if (steps === undefined) return fitRidge(matrix, labels.map(first), options).model;
    const places = labels.map((label) => first(label) - target.min);
    return fitOrdinal(matrix, places, steps, options);
  }
  // Vectors of whole items do not tell their answers apart.
  if (target.kind === 'ranking') return answers ? fitRankings(answers, labels, options) : null;
  const met = new Set(labels.map(({ shares }) => shares.indexOf(Math.max(...shares))));
  if (met.size < 2) return null;
  if (target.kind === 'pair') {
    return fitPreferences(
      matrix,
      labels.map(({ shares }) => shares[1] ?? 0),
      options,
    ).model;
  }
  const targets = Float64Array.from(labels.flatMap(({ shares }) => shares));
  const classes = classCount(target);
  const penalised = { ...options, l2: penaltyFor(L2, targets, classes) };
  if (spread) return fitVectorLogistic({ matrix, targets, classes, spread }, penalised);
  return fitLogistic(matrix, targets, classes, penalised).model;
}

/**
 * How the error falls with the labels, by models of the first of them (as they come), measured on the same items; null where that
 * cannot be told.
 */
export function fitCampaignLine(
  target: ModelTarget,
  rows: ModelRows,
  labels: readonly SoftLabel[],
  measured: { readonly rows: ModelRows; readonly truths: readonly (string | number)[] },
): LearningLine | null {
  let model: LinearModel | null = null;
  const parts: MeasuredPart[] = [];
  for (const size of partSizes(labels.length)) {
    model = fitCampaignModel(target, firstOf(rows, size), labels.slice(0, size), model ?? undefined);
    if (!model) continue;
    const answers = modelAnswers(target, measured.rows, model);
    const right = Uint8Array.from(measured.truths, (truth, at) => +isRight(target, answers[at] ?? '', truth));
    parts.push({ labels: size, right });
  }
  return fitLearningLine(parts);
}

/** The rows of the first items. */
function firstOf({ matrix, spread, answers }: ModelRows, items: number): ModelRows {
  const first = (of: SparseMatrix, rows: number) =>
    selectRows(
      of,
      Uint32Array.from({ length: rows }, (_, row) => row),
    );
  const counts = answers?.counts.slice(0, items) ?? [];
  const rows = counts.reduce((sum, count) => sum + count, 0);
  return { matrix: first(matrix, items), spread, answers: answers && { matrix: first(answers.matrix, rows), counts } };
}

/**
 * Probability of each class or step for each row (rows x classes; pairs: b is better, a is better; rankings: see
 * `orderProbabilities`); undefined without.
 */
export function classProbabilities(
  target: ModelTarget,
  { matrix, answers }: ModelRows,
  model: LinearModel,
): Float64Array | undefined {
  if (target.kind === 'none') return undefined;
  if (target.kind === 'ranking') return answers && orderProbabilities(answers, matrix, model);
  if (target.kind === 'scalar') return isOrdinal(target, model) ? predictOrdinal(matrix, model) : undefined;
  if (target.kind === 'classes') return predict(matrix, model);
  return predictPreferences(matrix, model);
}

/** What the model says of each row, in the terms of the task type's `modelLabel`: a class, a number, 1 (a), 0 (b), or ranks. */
export function modelAnswers(target: ModelTarget, rows: ModelRows, model: LinearModel): (string | number)[] {
  if (target.kind === 'none') return [];
  const { matrix, answers } = rows;
  if (target.kind === 'ranking') return answers ? rankedAnswers(answers, model) : [];
  if (target.kind === 'scalar') {
    if (!isOrdinal(target, model)) return [...predictScalar(matrix, model, target.min, target.max)];
    const steps = target.max - target.min + 1;
    return [...expectedSteps(predictOrdinal(matrix, model), steps)].map((step) => target.min + step);
  }
  const probabilities = classProbabilities(target, rows, model);
  return probabilities === undefined ? [] : answersOf(target, probabilities);
}

/** As `modelAnswers`, of probabilities (rows x classes). */
export function answersOf(target: ModelTarget, probabilities: Float64Array): (string | number)[] {
  if (target.kind !== 'classes' && target.kind !== 'pair') return [];
  const best = [...mostProbable(probabilities, classCount(target))];
  return target.kind === 'pair' ? best : best.map((k) => target.classes[k] ?? '');
}

/** On a scale without a model of its steps an answer so near the truth is right, as a share of the range. */
const NEAR = 0.1;

/**
 * Whether the model's answer is right: the same class (in a tree also one below it) or step, on a finer scale within a tenth of its range, of answers in
 * order as near as a known order asks of people.
 */
export function isRight(target: ModelTarget, answer: string | number, truth: string | number): boolean {
  if (target.kind === 'ranking') return isRightOrder(String(answer), String(truth), target.tolerance);
  if (target.kind === 'classes') return pathOf(String(answer), target.separator).includes(String(truth));
  if (target.kind !== 'scalar') return answer === truth;
  const [said, known] = [Number(answer), Number(truth)];
  if (ordinalSteps(target) !== undefined) return Math.round(said) === Math.round(known);
  return Math.abs(said - known) <= NEAR * (target.max - target.min);
}

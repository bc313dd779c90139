import type { Ratings } from '../../agreement/ratings.ts';
import type { CorrelatedPair } from '../reliability/correlated-pairs.ts';
import { type Answers, groupAnswers, type KnownBeside } from './answers.ts';
import { concludeTable, UNHEARD, ungivenTasks } from './conclude.ts';
import type { CrowdFit, CrowdMethod, CrowdOptions } from './fit.ts';
import { oneCoin } from './one-coin.ts';
import { pooledComponent } from './pooled-component.ts';
import { fitPooledConfusion, type PooledConfusion } from './pooled-confusion.ts';
import { sharpen, type TaskModel } from './task-posterior.ts';
import { voicesOf } from './voices.ts';
import { type WorkerLabels, workerLabels } from './worker-labels.ts';

/** The fit of `defaultMethod`, and the model by which single tasks are judged as their answers come in. */
export interface CrowdModelFit extends CrowdFit {
  readonly model: TaskModel;
}

/** Kinds of task of the models that are fitted: the first choice that fits in memory and time. */
const CHOICES = [[1, 2, 3], [1]];
/**
 * Answers of one crowd are less independent than any of the models say, so probabilities come out too near 0 and 1. On
 * recorded crowds a power from 0.2 to 0.5 fits best, on made-up crowds whose answers are independent one from 0.7 to 1.
 */
export const SHARPNESS = 0.5;
/** Numbers held by a model, for tasks and for workers, and numbers touched in a round: at most 80, 32 MB and 0.2 s. */
const LIMITS = { tasks: 1e7, workers: 4e6, round: 1e8 };

/**
 * The default: decides by itself, without looking at any truth, how far to trust each worker's confusion matrix, skill
 * and the crowd (`fitPooledConfusion`), and whether all tasks of a label are of one kind, by the models' evidence; those
 * who copy from each other count as one (`voicesOf`). With
 * so many labels that matrices are out of the question, workers are coins (`oneCoin`). `method` says which it was.
 *
 * Deterministic; equally probable labels by the rule of `concludeTable`, to which the seed goes. Of a label that nobody gave
 * to the task it is no more than half sure. `skills` are accuracies. Throws `QuorateError` where a worker answered a task twice.
 */
export const defaultMethod: CrowdMethod = (ratings, options = {}) => {
  const answers = groupAnswers(ratings);
  const pairs = workerLabels(answers);
  const kinds = CHOICES.find((choice) => fits(answers, pairs, choice));
  if (kinds) {
    const { correlated, beside } = voicesOf(answers);
    const { fit } = pooled(ratings, answers, pairs, kinds, { ...options, beside });
    return correlated.length === 0 ? fit : { ...fit, method: `${fit.method}; ${toldOf(correlated)}` };
  }
  const coins = oneCoin(ratings, options);
  return { ...coins, method: `default: ${coins.method}, as ${tooMany(answers, pairs)} for matrices` };
};

/**
 * The same together with the model for `taskPosterior`, which holds workers x labels x labels numbers; meant for a live
 * campaign's few labels. `beside` is what is known beside the answers, which must come task by task then. Throws
 * RangeError where it is too much.
 */
export function fitCrowdModel(
  ratings: Ratings,
  options: CrowdOptions & { readonly beside?: KnownBeside } = {},
): CrowdModelFit {
  const answers = groupAnswers(ratings);
  const { workerCount, labelCount } = answers;
  const pairs = workerLabels(answers);
  const numbers = ([...kinds]: number[]) => (workerCount + 1) * labelCount ** 2 * Math.max(...kinds);
  const kinds = CHOICES.find((choice) => fits(answers, pairs, choice) && numbers(choice) <= LIMITS.workers);
  if (!kinds) throw new RangeError(`No model for ${workerCount} workers and ${labelCount} labels: too large.`);
  const { fit, models, weights } = pooled(ratings, answers, pairs, kinds, options);
  const components = models.flatMap((model, at) => {
    const weight = weights[at] ?? 0;
    return weight > 0 ? [{ ...pooledComponent(model, answers, pairs), weight }] : [];
  });
  return { ...fit, model: { labelCount, workerCount, components, sharpness: SHARPNESS } };
}

function fits(answers: Answers, pairs: WorkerLabels, kinds: number[]): boolean {
  return sizesOf(answers, pairs, kinds).every(({ size, limit }) => size <= limit);
}

/** What grows with the number of states, and how far it may. */
function sizesOf(
  { taskCount, workerCount, labelCount, worker }: Answers,
  { pairCount }: WorkerLabels,
  kinds: readonly number[],
) {
  const states = labelCount * Math.max(...kinds);
  return [
    { what: `${taskCount} tasks`, size: taskCount * states, limit: LIMITS.tasks },
    { what: `${workerCount} workers`, size: Math.max(pairCount, workerCount) * states, limit: LIMITS.workers },
    { what: `${worker.length} answers`, size: worker.length * states, limit: LIMITS.round },
  ];
}

/** What is too large even for one kind of task. */
function tooMany(answers: Answers, pairs: WorkerLabels): string {
  const excess = ({ size, limit }: { size: number; limit: number }) => size / limit;
  const { what } = sizesOf(answers, pairs, [1]).reduce((a, b) => (excess(b) > excess(a) ? b : a));
  return `${answers.labelCount} labels with ${what} are too many`;
}

function pooled(
  ratings: Ratings,
  answers: Answers,
  pairs: WorkerLabels,
  kinds: number[],
  options: CrowdOptions & { readonly beside?: KnownBeside },
) {
  const { maxIterations = 100, tolerance = 0.01, seed, beside = {} } = options;
  const models = kinds.map((kind) => {
    return fitPooledConfusion(answers, pairs, { kinds: kind, maxIterations, tolerance, beside });
  });
  const weights = weigh(models.map(({ evidence }) => evidence));
  const posteriors = average(
    models.map((model) => model.posteriors),
    weights,
  );
  sharpen(posteriors, answers.labelCount, SHARPNESS);
  const conclusion = concludeTable(ratings, answers, posteriors, seed);
  const { labels, confidence } = conclusion;
  for (const t of ungivenTasks(ratings, labels)) confidence[t] = Math.min(UNHEARD, confidence[t] as number);
  const fit: CrowdFit = {
    method: described(kinds, weights, models),
    ...conclusion,
    skills: average(
      models.map((model) => model.skill.workers),
      weights,
    ),
    iterations: Math.max(...models.map((model) => model.iterations)),
    converged: models.every((model) => model.converged),
  };
  return { fit, models, weights };
}

/**
 * The weights of models with one kind of task and with more. Where one kind explains the answers best, that model has
 * as much to say as all others; else it would take hard tasks for bad workers, and is left out. The models with more
 * kinds are equals, as a poor split of the one is mended by the other. (Weights by the evidence itself come to the same
 * as taking the best model alone, as evidence differs by tens and hundreds.)
 */
function weigh([one = 0, ...more]: number[]): number[] {
  if (more.length === 0) return [1];
  const ofOne = more.every((evidence) => one > evidence) ? 0.5 : 0;
  return [ofOne, ...more.map(() => (1 - ofOne) / more.length)];
}

function toldOf(correlated: readonly CorrelatedPair[]): string {
  const who = new Set(correlated.flatMap(({ a, b }) => [a, b]));
  return `${who.size} workers who answer as if they copied from each other count for less`;
}

function average(tables: Float64Array[], weights: number[]): Float64Array {
  const out = new Float64Array(tables[0]?.length ?? 0);
  tables.forEach((table, at) => {
    const weight = weights[at] ?? 0;
    for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) + weight * (table[i] as number);
  });
  return out;
}

function described(kinds: number[], weights: number[], models: PooledConfusion[]): string {
  const used = models.flatMap(({ strength }, at) =>
    weights[at]
      ? [`${kinds[at]} (weight ${weights[at]}, prior worth ${(strength.coin + strength.habit).toPrecision(2)} answers)`]
      : [],
  );
  return `default: pooled confusion matrices, kinds of task a label: ${used.join(', ')}`;
}

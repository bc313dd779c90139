import type { Ratings } from '../../agreement/ratings.ts';
import { type Answers, groupAnswers, namesOf } from './answers.ts';
import { concludeCells } from './conclude.ts';
import type { CrowdFit, CrowdOptions } from './fit.ts';
import { plainLoops } from './loops.ts';
import { type MaceModel, type MaceStart, type MaceVariant, maceModel } from './mace-model.ts';
import { majority } from './majority.ts';
import { type Maximum, squarem } from './squarem.ts';
import { hash } from './ties.ts';
import { workerLabels } from './worker-labels.ts';

export interface MaceOptions extends CrowdOptions, Partial<MaceVariant> {
  /**
   * How many starts, of which the best objective is kept: the first is even, the others are drawn by the seed.
   * @default 10, fewer for more than 200,000 answers (which leave less to chance, and take their time): at least 2
   */
  readonly restarts?: number;
  /** A single start, instead of those. */
  readonly start?: MaceStart;
}

/** Steps after which a start has shown what it is worth; only the best goes on. */
const TRIAL_STEPS = 12;
/** Answers that all starts together may go through in a step. */
const START_ANSWERS = 2e6;

/**
 * MACE: on each task a worker either knows, and gives the true label, or spams, and answers by a habit of their own
 * whatever the task. `skills` are the probabilities of knowing; `history` is the objective of `MaceModel`. Converged
 * when a step raises it by less than `tolerance` (1e-12) per answer.
 *
 * D. Hovy, T. Berg-Kirkpatrick, A. Vaswani, E. Hovy, "Learning whom to trust with MACE", NAACL-HLT 2013; by default
 * its variational Bayes. The paper takes all labels for equally probable. With two labels that turns an uneven truth
 * into habits of the workers (with one task in ten of the rarer label, accuracy falls below the majority's), so there,
 * unless `classPrior` says otherwise, the labels' probabilities are estimated. A step is linear in the answers for any
 * number of labels. With a single label there is nothing to fit: its majority.
 */
export function mace(ratings: Ratings, options: MaceOptions = {}): CrowdFit {
  const { tolerance = 1e-12, maxIterations = 2000 } = options;
  const method = 'mace';
  if (ratings.valueCount < 2) return { ...majority(ratings, options), method };
  const answers = groupAnswers(ratings);
  const pairs = workerLabels(answers);
  const { loops = plainLoops } = options;
  const expectation = loops.cells(answers, pairs.pair, pairs.pairCount);
  const { estimate = 'vb', classPrior = answers.labelCount === 2 ? 'estimated' : 'uniform' } = options;
  const model = maceModel(answers, pairs, expectation, { estimate, classPrior });
  const run = (x: Float64Array, most: number) => {
    const limits = { tolerance: tolerance * answers.worker.length, maxIterations: most, project: model.project };
    return squarem(model.step, x, limits);
  };

  const { x, ...fit } = best(model, startsOf(ratings, answers, options), run, maxIterations);
  const last = new Float64Array(x.length);
  model.step(x, last);
  const conclusion = concludeCells(ratings, answers, { ...expectation, prior: model.prior(x) }, options);
  return { method, ...conclusion, skills: model.skills(x), ...fit };
}

/** Tries each start a little and runs the best to the end; the first is kept among equals. */
function best(
  model: MaceModel,
  starts: Iterable<MaceStart>,
  run: (x: Float64Array, most: number) => Maximum,
  maxIterations: number,
): Maximum {
  let leader: Maximum | undefined;
  let iterations = 0;
  for (const start of starts) {
    const trial = run(model.countsFrom(start), Math.min(TRIAL_STEPS, maxIterations));
    iterations += trial.iterations;
    if (leader === undefined || objective(trial) > objective(leader)) leader = trial;
  }
  if (leader === undefined) throw new RangeError('MACE needs at least one start.');
  if (leader.converged || leader.iterations >= maxIterations) return { ...leader, iterations };
  const end = run(leader.x, maxIterations - leader.iterations);
  // The run begins by measuring the point where the trial ended.
  const history = [...leader.history, ...end.history.slice(1)];
  return { x: end.x, iterations: iterations + end.iterations, converged: end.converged, history };
}

function objective({ history }: Maximum): number {
  return history.at(-1) ?? Number.NEGATIVE_INFINITY;
}

/** Random starts hash the names of workers and labels, so that the order of the answers does not change them. */
function* startsOf(ratings: Ratings, answers: Answers, options: MaceOptions): Generator<MaceStart> {
  const some = Math.floor(START_ANSWERS / answers.worker.length);
  // Whoever answered once or not at all can be anything: a random start would break ties by its hash.
  const isSparse = answers.worker.length < 2 * answers.workerCount;
  const { restarts = isSparse ? 1 : Math.max(2, Math.min(10, some)), seed = 0 } = options;
  if (options.start) {
    yield options.start;
    return;
  }
  const even = 1 / answers.labelCount;
  yield { spamming: () => 0.5, strategy: () => even };
  const { raters, values } = namesOf(ratings);
  for (let n = 1; n < restarts; n++) {
    // Near even, as in the paper's program: uniform draws from [1, 2.5), over those of the alternatives.
    const draw = (worker: number, what: string) =>
      1 + 1.5 * (hash(`${seed}\n${n}\n${raters?.[worker] ?? worker}\n${what}`) / 2 ** 32);
    yield {
      spamming: (w) => draw(w, 'spams') / (draw(w, 'spams') + draw(w, 'knows')),
      strategy: (w, label) => (draw(w, `says\n${values?.[label] ?? label}`) / 1.75) * even,
    };
  }
}

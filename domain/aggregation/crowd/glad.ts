import type { Ratings } from '../../agreement/ratings.ts';
import { minimize } from '../../learning/lbfgs.ts';
import { type Answers, groupAnswers } from './answers.ts';
import { concludeCells } from './conclude.ts';
import { type EmOptions, untilBound } from './em.ts';
import type { CrowdFit } from './fit.ts';
import { type GladModel, gladModel, scaled } from './glad-model.ts';
import { majority } from './majority.ts';
import type { Maximum } from './squarem.ts';

/** Largest slope left by an M-step, in scaled coordinates. */
const INNER_TOLERANCE = 1e-3;
const INNER_ITERATIONS = 100;

/**
 * GLAD: a worker of ability a is right on a task of easiness e with probability sigmoid(a e), with normal priors on
 * ability and log easiness, and equally probable labels. By default EM with exact M-steps that ends by crowd-kit's
 * rule for it (`EmOptions`): Q has risen by less than `tolerance` (1e-5) per answer and label. With
 * `stop: 'likelihood'`, the maximum of likelihood times priors itself by L-BFGS, until no slope exceeds `tolerance`
 * (1e-4). `skills` are the mean probabilities of a right answer, `history` the objective without constants.
 *
 * J. Whitehill, P. Ruvolo, T. Wu, J. Bergsma, J. Movellan, "Whose vote should count more", NIPS 2009. Linear in the
 * answers for any number of labels. With a single label there is nothing to fit: its majority.
 */
export function glad(ratings: Ratings, options: EmOptions = {}): CrowdFit {
  const method = 'glad';
  if (ratings.valueCount < 2) return { ...majority(ratings, options), method };
  const answers = groupAnswers(ratings);
  const model = gladModel(answers);
  const { x, ...fit } = options.stop === 'likelihood' ? maximise(answers, model, options) : em(answers, model, options);
  const skills = model.skills(x);
  const prior = new Float64Array(answers.labelCount).fill(1 / answers.labelCount);
  const posterior = { cell: model.cell, factor: model.factor, prior };
  return { method, ...concludeCells(ratings, answers, posterior, options), skills, ...fit };
}

function maximise(answers: Answers, model: GladModel, options: EmOptions): Maximum {
  const { tolerance = 1e-4, maxIterations = 1000 } = options;
  const space = scaled(answers);
  const history: number[] = [];
  const objective = space.objective(model.negative);
  const watched: typeof objective = (u, gradient) => {
    const value = objective(u, gradient);
    // Points that the line search tries and leaves are no progress.
    if (-value > (history.at(-1) ?? Number.NEGATIVE_INFINITY)) history.push(-value);
    return value;
  };
  const end = minimize(watched, new Float64Array(model.size), { tolerance, maxIterations });
  return { x: space.toX(end.x), iterations: end.iterations, converged: end.converged, history };
}

function em(answers: Answers, model: GladModel, options: EmOptions): Maximum {
  const { tolerance = 1e-5, maxIterations = 100 } = options;
  const space = scaled(answers);
  const unused = new Float64Array(model.size);
  let expected = 0;
  const steps = {
    start: space.toX(new Float64Array(model.size)),
    step(from: Float64Array, to: Float64Array) {
      const value = -model.negative(from, unused);
      const q = space.objective(model.negativeExpected(model.cell));
      const end = minimize(q, space.toU(from), { tolerance: INNER_TOLERANCE, maxIterations: INNER_ITERATIONS });
      to.set(space.toX(end.x));
      expected = -end.value;
      return value;
    },
    bound: () => expected,
  };
  return untilBound(steps, tolerance * answers.worker.length * answers.labelCount, maxIterations);
}

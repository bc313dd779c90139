import { byUnit, type Ratings } from '../../agreement/ratings.ts';
import { logistic } from '../logistic.ts';
import { normalWithin } from '../normal.ts';
import { type Effects, effectsOf, learnVariance, recentre } from './effects.ts';
import { NEAR, type RaterOptions, type RaterScores, scaled } from './rater-scores.ts';
import { addSlopes, CHANCES, chances, moveThresholds, noSlopes, startThresholds } from './thresholds.ts';

/** Where a few answers happen to be in perfect order they set no bound to the effects; this does. */
const VARIANCE_PRIOR = { variance: 1, count: 2 };
/** A step of Newton's method beyond this could leave the region where its parabola holds. */
const LONGEST_STEP = 1;
/** Gauss-Hermite quadrature with five points: places and weights for a standard normal variable. */
const PLACES = [-2.8569700138728056, -1.3556261799742659, 0, 1.3556261799742659, 2.8569700138728056];
const WEIGHTS = [
  0.011257411327720688, 0.22207592200561263, 0.5333333333333333, 0.22207592200561263, 0.011257411327720688,
];

/**
 * The cumulative logit model of ratings (McCullagh, Regression models for ordinal data, 1980) with effects of tasks
 * and annotators: P(rating <= step k) = 1 / (1 + e^(task + annotator - threshold k)). Only the order of the steps
 * matters to the fit, so that an annotator may be lenient in the middle of the scale and still give the lowest step
 * where all do; the numbers serve to express the result. Effects are normal with variances learned beside them.
 *
 * Fitted by EM: tasks, of which each has few answers, are integrated over (adaptive Gauss-Hermite quadrature: Pinheiro
 * and Bates, 1995), as their most probable values alone would make all look surer than it is; annotators and thresholds
 * take a step of Newton's method. `score` is the mean rating expected from a crowd of such annotators. Throws
 * QuorateError for no ratings and for values that are no finite numbers.
 */
export function ordinalRater(
  ratings: Ratings,
  scale: ArrayLike<number>,
  { maxIterations = 1000, tolerance = 1e-4 }: RaterOptions = {},
): RaterScores {
  const { ratings: answers, scale: steps, answers: counts } = scaled(ratings, scale);
  const { unit, rater, value, unitCount, raterCount, valueCount } = answers;
  const [tasks, raters] = [effectsOf(unit, unitCount, 1), effectsOf(rater, raterCount, 1)];
  const groups = byUnit(answers);
  const found = new Float64Array(CHANCES * PLACES.length * counts.reduce((most, count) => Math.max(most, count), 0));
  let thresholds = startThresholds(value, valueCount);
  let iterations = 0;
  // With one step all is known.
  let converged = valueCount === 1;
  while (!converged && iterations < maxIterations) {
    iterations++;
    const before = tasks.mean.slice();
    const slopes = noSlopes(thresholds.length);
    const pull = { slope: raters.mean.map((x) => -x / raters.variance), curvature: new Float64Array(raterCount) };
    pull.curvature.fill(1 / raters.variance);
    for (let t = 0; t < unitCount; t++) {
      const own = groups.at.subarray(groups.start[t], groups.start[t + 1]);
      const weights = integrate(t, own, { tasks, raters, value, thresholds }, found);
      for (let at = 0, q = 0; q < PLACES.length; q++) {
        const weight = weights[q] as number;
        for (let n = 0; n < own.length; n++, at += CHANCES) {
          const i = own[n] as number;
          const w = rater[i] as number;
          // Derivatives of ln(1 - above - below) by eta, which those of the logistic function make so short.
          const [above, below] = [found[at + 1] as number, found[at + 2] as number];
          const bend = (found[at + 3] as number) + (found[at + 4] as number);
          pull.slope[w] = (pull.slope[w] as number) + weight * (below - above);
          pull.curvature[w] = (pull.curvature[w] as number) + weight * bend;
          addSlopes(slopes, value[i] as number, weight, found, at);
        }
      }
    }
    for (let w = 0; w < raterCount; w++) {
      const step = (pull.slope[w] as number) / (pull.curvature[w] as number);
      raters.mean[w] = (raters.mean[w] as number) + Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, step));
      raters.uncertainty[w] = 1 / (pull.curvature[w] as number);
    }
    thresholds = moveThresholds(thresholds, slopes);
    // The thresholds take what all effects have in common: the same likelihood at a higher prior.
    recentre(raters);
    const shift = recentre(tasks);
    thresholds = thresholds.map((threshold) => threshold - shift);
    for (const each of [tasks, raters]) learnVariance(each, VARIANCE_PRIOR);
    const change = tasks.mean.reduce((most, x, t) => Math.max(most, Math.abs(x - (before[t] as number))), 0);
    converged = change <= tolerance * Math.sqrt(tasks.variance);
  }
  const [score, confidence] = [new Float64Array(unitCount), new Float64Array(unitCount)];
  const range = (steps.at(-1) as number) - (steps[0] as number);
  for (let t = 0; t < unitCount; t++) {
    const [effect, uncertainty] = [tasks.mean[t] as number, tasks.uncertainty[t] as number];
    score[t] = expected(effect, raters.variance + uncertainty, thresholds, steps);
    const [low, high] = [-1, 1].map((side) =>
      expected(effect + side * Math.sqrt(uncertainty), raters.variance, thresholds, steps),
    ) as [number, number];
    confidence[t] = counts[t] === 0 ? 0 : normalWithin(NEAR * range, (high - low) / 2);
  }
  const usual = expected(0, 0, thresholds, steps);
  const leniency = raters.mean.map((effect) => expected(effect, 0, thresholds, steps) - usual);
  return { method: 'ordinal-rater', score, confidence, leniency, iterations, converged };
}

interface Model {
  readonly tasks: Effects;
  readonly raters: Effects;
  readonly value: Int32Array;
  readonly thresholds: Float64Array;
}

/**
 * Moves a task's mean and uncertainty half way to those of its posterior, given its answers. Returns the posterior weights of the
 * places of the quadrature, and writes the `chances` of each answer at each of them to `found`.
 */
function integrate(
  t: number,
  answers: Int32Array,
  { tasks, raters, value, thresholds }: Model,
  found: Float64Array,
): number[] {
  const [centre, sd] = [tasks.mean[t] as number, Math.sqrt(tasks.uncertainty[t] as number)];
  let at = 0;
  const logs = PLACES.map((place, q) => {
    const effect = centre + sd * place;
    // The normal density that the places are drawn for is divided out again.
    let log = Math.log(WEIGHTS[q] as number) + place ** 2 / 2 - effect ** 2 / (2 * tasks.variance);
    for (let n = 0; n < answers.length; n++, at += CHANCES) {
      const i = answers[n] as number;
      const eta = effect + (raters.mean[raters.owner[i] as number] as number);
      log += Math.log(chances(value[i] as number, eta, thresholds, found, at));
    }
    return log;
  });
  const most = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - most));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let [first, second] = [0, 0];
  for (const [q, place] of PLACES.entries()) {
    weights[q] = (weights[q] as number) / total;
    first += (weights[q] as number) * place;
    second += (weights[q] as number) * place ** 2;
  }
  // Half way to the posterior: where it is skewed, at the ends of the scale, places set for all of the last one's step
  // can swing between two states for ever.
  tasks.mean[t] = centre + 0.5 * sd * first;
  // Places far from a narrow posterior see next to nothing of its width: approach it by steps.
  tasks.uncertainty[t] = sd ** 2 * (0.5 + 0.5 * Math.max(second - first ** 2, 0.25));
  return weights;
}

/** pi / 8: a logistic curve averaged over a normal variable of variance v is flatter by sqrt(1 + pi v / 8) (MacKay). */
const FLATTER = Math.PI / 8;

/** The expected rating at an effect known up to a variance. */
function expected(effect: number, variance: number, thresholds: Float64Array, steps: Float64Array): number {
  const width = Math.sqrt(1 + FLATTER * variance);
  let score = steps.at(-1) as number;
  for (let k = 0; k < thresholds.length; k++) {
    const gap = (steps[k + 1] as number) - (steps[k] as number);
    score -= gap * logistic(((thresholds[k] as number) - effect) / width);
  }
  return score;
}

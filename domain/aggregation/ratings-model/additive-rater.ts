import type { Ratings } from '../../agreement/ratings.ts';
import { normalWithin } from '../normal.ts';
import { type Effects, effectsOf, learnVariance } from './effects.ts';
import { NEAR, type RaterOptions, type RaterScores, scaled } from './rater-scores.ts';

/**
 * Score = mean + task + annotator + noise, the effects of tasks and of annotators drawn from normal distributions whose
 * variances are learned with them: a linear mixed model. An annotator who is known from few answers is taken for an
 * average one, and a task with few answers for an average task, each as far as the variances say.
 *
 * Fitted by variational EM (task and annotator effects independent given the data; Menictas, Di Credico and Wand,
 * Streamlined variational inference for linear mixed models with crossed random effects, 2022): the means are those of Henderson's
 * mixed model equations, and variances count the uncertainty of effects, as REML does, which is what keeps them from
 * shrinking to nothing. Throws QuorateError for no ratings and for values that are no finite numbers.
 */
export function additiveRater(
  ratings: Ratings,
  scale: ArrayLike<number>,
  { maxIterations = 1000, tolerance = 1e-6 }: RaterOptions = {},
): RaterScores {
  const { ratings: answers, scale: steps, answers: counts } = scaled(ratings, scale);
  const { unit, rater, unitCount, raterCount } = answers;
  const scores = Float64Array.from(answers.value, (value) => steps[value] as number);
  let mean = average(scores);
  const spread = average(scores.map((score) => (score - mean) ** 2));
  const [tasks, raters] = [effectsOf(unit, unitCount, spread / 2), effectsOf(rater, raterCount, spread / 4)];
  const prior = { variance: spread, count: PRIOR_COUNT };
  let noise = spread / 2;
  let iterations = 0;
  // Where all scores are equal there is nothing to explain.
  let converged = spread === 0;
  while (!converged && iterations < maxIterations) {
    iterations++;
    const change = update(
      tasks,
      noise,
      (i) => (scores[i] as number) - mean - (raters.mean[rater[i] as number] as number),
    );
    update(raters, noise, (i) => (scores[i] as number) - mean - (tasks.mean[unit[i] as number] as number));
    let [rest, squares] = [0, 0];
    for (let i = 0; i < scores.length; i++) {
      const [t, w] = [unit[i] as number, rater[i] as number];
      const left = (scores[i] as number) - mean - (tasks.mean[t] as number) - (raters.mean[w] as number);
      rest += left;
      squares += left ** 2 + (tasks.uncertainty[t] as number) + (raters.uncertainty[w] as number);
    }
    mean += rest / scores.length;
    noise = (squares + prior.count * prior.variance) / (scores.length + prior.count);
    for (const each of [tasks, raters]) learnVariance(each, prior);
    converged = change <= tolerance * Math.sqrt(spread);
  }
  const [low, high] = [steps[0] as number, steps.at(-1) as number];
  const confidence = tasks.uncertainty.map((variance, t) => {
    return counts[t] === 0 ? 0 : normalWithin(NEAR * (high - low), Math.sqrt(variance));
  });
  // Nothing stands beyond the ends of the scale, even where only the harsh or only the lenient were asked.
  const score = tasks.mean.map((effect) => Math.min(high, Math.max(low, effect + mean)));
  return { method: 'additive-rater', score, confidence, leniency: raters.mean, iterations, converged };
}

/** What the prior of variances (that of all scores) weighs beside the effects seen: next to nothing. */
const PRIOR_COUNT = 0.1;

/** The effects given all else, `rest` being what is left of answer i for them; returns the largest change. */
function update({ owner, count, mean, uncertainty, variance }: Effects, noise: number, rest: (i: number) => number) {
  const sum = new Float64Array(mean.length);
  for (let i = 0; i < owner.length; i++) sum[owner[i] as number] = (sum[owner[i] as number] as number) + rest(i);
  let change = 0;
  for (let id = 0; id < mean.length; id++) {
    const precision = (count[id] as number) / noise + 1 / variance;
    const next = (sum[id] as number) / noise / precision;
    change = Math.max(change, Math.abs(next - (mean[id] as number)));
    mean[id] = next;
    uncertainty[id] = 1 / precision;
  }
  return change;
}

function average(xs: Float64Array): number {
  return xs.reduce((sum, x) => sum + x, 0) / xs.length;
}

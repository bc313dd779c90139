import { answersByUnit, type Ratings } from '../../agreement/ratings.ts';
import { SHARPNESS } from './default.ts';
import { livePosterior, rowOf, type SharedModel } from './live-model.ts';

/** Where all tasks are known. */
const USUAL_ANSWERS = 3;
/** The powers that are tried. */
const LEAST = 0.3;
const STEPS = 14;
const STEP = 0.05;
/** How many known answers the power of which nothing is known counts for. */
const PRIOR_TASKS = 50;

/**
 * The power that makes the model's probabilities come true on known answers: the one of greatest likelihood (temperature
 * scaling: C. Guo and others, "On calibration of modern neural networks", ICML 2017), from 0.3 to 1, shrunk towards the
 * usual one. A known answer to which many have answered is looked at by so many of them at a time as other tasks have;
 * `among` says what each of these (positions in the ratings) counts.
 */
export function learnSharpness(
  { ratings, known, among }: { ratings: Ratings; known: Int32Array; among: (places: readonly number[]) => number[] },
  { shared, tables }: { shared: SharedModel; tables: readonly (readonly number[])[] },
): number {
  const plain = { ...shared, sharpness: 1 };
  const places = new Map<number, number[]>();
  for (const [at, unit] of ratings.unit.entries()) {
    if ((known[unit] ?? -1) < 0) continue;
    const own = places.get(unit);
    if (own) own.push(at);
    else places.set(unit, [at]);
  }
  if (places.size === 0) return SHARPNESS;
  const size = answersATask(ratings, known);
  const likelihood = new Float64Array(STEPS + 1);
  for (const [unit, own] of places) {
    const groups = Math.ceil(own.length / size);
    for (let group = 0; group < groups; group++) {
      const some = own.slice(group * size, (group + 1) * size);
      const weights = among(some);
      const votes = some.map((at, place) => {
        const table = tables[ratings.rater[at] as number] ?? shared.newcomer;
        return { row: rowOf(shared, table, ratings.value[at] as number), weight: weights[place] ?? 1 };
      });
      const logs = livePosterior(plain, votes).map((probability) => Math.log(Math.max(1e-12, probability)));
      const right = logs[known[unit] as number] as number;
      for (let step = 0; step <= STEPS; step++) {
        const power = LEAST + step * STEP;
        const all = logs.reduce((sum, log) => sum + Math.exp(power * (log - right)), 0);
        likelihood[step] = (likelihood[step] as number) - Math.log(all) / groups;
      }
    }
  }
  const best = LEAST + STEP * likelihood.indexOf(Math.max(...likelihood));
  return Math.round(((places.size * best + PRIOR_TASKS * SHARPNESS) / (places.size + PRIOR_TASKS)) * 1e6) / 1e6;
}

/** The median number of answers to a task whose label is not known. */
function answersATask(ratings: Ratings, known: Int32Array): number {
  const open = answersByUnit(ratings)
    .filter((count, task) => count > 0 && (known[task] ?? -1) < 0)
    .sort();
  return open[open.length >> 1] ?? USUAL_ANSWERS;
}

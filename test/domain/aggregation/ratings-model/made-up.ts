import { type NamedRatings, toRatings } from '../../../../domain/agreement/ratings.ts';
import { seededRng } from '../../../../domain/rng.ts';

export interface Rated {
  readonly ratings: NamedRatings;
  /** By value id. */
  readonly scale: readonly number[];
  /** By task id, what it is worth; by annotator id, how lenient they are. */
  readonly worth: readonly number[];
  readonly leniency: readonly number[];
}

/**
 * Ratings = worth + leniency + noise, in steps of 1 from `low` to `high`: few of the annotators rate each task, so that
 * the plain mean of a task depends on who they were.
 */
export function madeUpRatings(
  { tasks, raters, perTask }: { tasks: number; raters: number; perTask: number },
  {
    sd,
    low,
    high,
    seed,
  }: { sd: { worth: number; leniency: number; noise: number }; low: number; high: number; seed: number },
): Rated {
  const rng = seededRng(seed);
  const middle = (low + high) / 2;
  const worth = Array.from({ length: tasks }, () => middle + sd.worth * rng.normal());
  const leniency = Array.from({ length: raters }, () => sd.leniency * rng.normal());
  const who = Array.from({ length: raters }, (_, w) => w);
  const answers = worth.flatMap((value, t) =>
    rng
      .shuffle(who)
      .slice(0, perTask)
      .map((w) => {
        const score = Math.round(value + (leniency[w] ?? 0) + sd.noise * rng.normal());
        return { task: `${t}`, worker: `${w}`, label: `${Math.max(low, Math.min(high, score))}` };
      }),
  );
  const ratings = toRatings(answers);
  return {
    ratings,
    scale: ratings.values.map(Number),
    worth: ratings.units.map((name) => worth[Number(name)] ?? Number.NaN),
    leniency: ratings.raters.map((name) => leniency[Number(name)] ?? Number.NaN),
  };
}

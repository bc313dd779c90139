import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type NamedRatings, type Ratings, toRatings } from '../../../../domain/agreement/ratings.ts';
import { seededRng } from '../../../../domain/rng.ts';

/** P(answer | truth): `confusion(truth, label)` of one made-up worker. */
export type Confusion = (truth: number, label: number) => number;

export interface Crowd {
  readonly ratings: Ratings;
  readonly truth: Int32Array;
}

/** Right with the probability `skill`, else any other label alike. */
export function coinWorker(skill: number, labels: number): Confusion {
  return (truth, label) => (truth === label ? skill : (1 - skill) / (labels - 1));
}

/** A crowd that answers `perTask` times a task, by workers drawn alike; `prior` are the labels' shares. */
export function madeUpCrowd(
  workers: readonly Confusion[],
  { tasks, perTask, prior, seed }: { tasks: number; perTask: number; prior: readonly number[]; seed: number },
): Crowd {
  const rng = seededRng(seed);
  const draw = (weights: readonly number[]) => {
    const u = rng.next();
    let sum = 0;
    const at = weights.findIndex((weight) => {
      sum += weight;
      return u < sum;
    });
    return at < 0 ? weights.length - 1 : at;
  };
  const truth = Int32Array.from({ length: tasks }, () => draw(prior));
  const ids = workers.map((_, w) => w);
  const rows = Array.from(truth, (label, unit) =>
    rng
      .shuffle(ids)
      .slice(0, perTask)
      .map((rater) => ({ unit, rater, value: draw(prior.map((_, l) => workers[rater]?.(label, l) ?? 0)) })),
  ).flat();
  const column = (of: 'unit' | 'rater' | 'value') => Int32Array.from(rows, (row) => row[of]);
  const counts = { unitCount: tasks, raterCount: workers.length, valueCount: prior.length };
  return { ratings: { unit: column('unit'), rater: column('rater'), value: column('value'), ...counts }, truth };
}

export function accuracy(labels: ArrayLike<number>, truth: ArrayLike<number>): number {
  let right = 0;
  for (let t = 0; t < truth.length; t++) if (labels[t] === truth[t]) right++;
  return right / truth.length;
}

const folder = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));

/** A recorded crowd kept beside the project (first answers only) with its gold labels; undefined where there is none. */
export function recordedCrowd(name: string): { ratings: NamedRatings; gold: Map<number, number> } | undefined {
  if (!existsSync(`${folder}${name}/answers.csv`)) {
    console.warn(`Skipped: no recorded crowd at ../shared/data/${name}.`);
    return undefined;
  }
  const met = new Set<string>();
  const answers = rowsOf(`${name}/answers.csv`).flatMap(([task = '', worker = '', label = '']) => {
    const key = `${task}\n${worker}`;
    return met.has(key) ? [] : [met.add(key) && { task, worker, label }];
  });
  const ratings = toRatings(answers);
  const [units, values] = [ratings.units, ratings.values].map((names) => new Map(names.map((text, id) => [text, id])));
  const gold = rowsOf(`${name}/gold.csv`).flatMap(([task = '', label = '']): [number, number][] => {
    const unit = units?.get(task);
    return unit === undefined ? [] : [[unit, values?.get(label) ?? -1]];
  });
  return { ratings, gold: new Map(gold) };
}

function rowsOf(path: string): string[][] {
  const lines = readFileSync(folder + path, 'utf8')
    .trim()
    .split(/\r?\n/);
  return lines.slice(1).map((line) => line.split(','));
}

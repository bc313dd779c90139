import { QuorateError } from '../failures.ts';
import { type Rng, seededRng } from '../rng.ts';
import { accuracyOf, type CurveData, choosePlaces } from './curve.ts';
import { fitItems, fitShares, judgeItems } from './item-classifier.ts';
import type { LinearModel } from './linear-model.ts';
import { type AnswerOption, relabelOrNew } from './relabel-or-new.ts';
import { strategyOf } from './strategy-names.ts';

/**
 * What is made of answers that may be wrong:
 * - `hard`: each item is asked about `answersEach` times, and its majority is taken for true (ties drawn);
 * - `soft`: the same answers, and the model learns how probable they make each class;
 * - `adaptive`: as `soft`, but each item is asked about until its answers make one class 95% probable, from two to five times;
 * - `relabel_or_new`: the next answer goes to an old item or to a new one, whichever is expected to save more errors.
 */
export const NOISY_WAYS = ['hard', 'soft', 'adaptive', 'relabel_or_new'] as const;
export type NoisyWay = (typeof NOISY_WAYS)[number];

export interface NoisyRun {
  readonly way: NoisyWay;
  /** How new items are chosen: a name that `strategyOf` knows. */
  readonly strategy: string;
  /** The share of answers that are wrong: another class, each as likely. */
  readonly error: number;
  readonly answersEach: number;
  /** Numbers of answers at which accuracy is measured, ascending. */
  readonly budgets: readonly number[];
  /** Answers asked for before the model is fitted again. */
  readonly batch: number;
  readonly seed: number | string;
}

/** Of adaptive redundancy. */
const ADAPTIVE = { least: 2, most: 5, sure: 0.95 } as const;
/** Never asked about more often: further answers are as likely wrong as the last one. */
const MOST_ANSWERS = 9;

/**
 * As `runCurve`, with answers of a simulated crowd in place of labels, and budgets in answers, so that ways of asking are
 * compared at equal spend. Returns the accuracy on the test items at each budget.
 */
export function runNoisyCurve(data: CurveData, run: NoisyRun): number[] {
  if (!(run.error >= 0 && run.error < 1 - 1 / data.classes)) {
    const message = `The error is ${run.error}; answers must be right more often than by chance.`;
    throw new QuorateError('invalid_input', message, { field: 'error' });
  }
  const crowd = new Crowd(data, run.error, seededRng(`answers ${run.seed}`));
  const rng = seededRng(run.seed);
  const ties = seededRng(`ties ${run.seed}`);
  const choice = strategyOf(run.strategy);
  const open = new Set(Array.from({ length: data.pool.count }, (_, i) => i));
  const asked: number[] = [];
  let model: LinearModel | undefined;

  const choose = (n: number) =>
    open.size === 0 ? [] : choosePlaces(data, { choice, open, labeled: asked, model, n: Math.min(n, open.size), rng });
  const take = (place: number, answers: number) => {
    if (open.delete(place)) asked.push(place);
    for (let i = 0; i < answers; i++) {
      const enough = i >= ADAPTIVE.least && Math.max(...crowd.beliefOf(place)) >= ADAPTIVE.sure;
      if (run.way === 'adaptive' && enough) return;
      crowd.ask(place);
    }
  };

  return run.budgets.map((budget) => {
    while (crowd.answers < budget) {
      const left = Math.min(run.batch, budget - crowd.answers);
      const each = { hard: run.answersEach, soft: run.answersEach, adaptive: ADAPTIVE.most, relabel_or_new: 1 }[
        run.way
      ];
      const fresh = choose(Math.ceil(left / each));
      const places = run.way === 'relabel_or_new' ? nextPlaces(data, { crowd, asked, model, fresh, n: left }) : fresh;
      // All that there is has been asked about.
      if (places.length === 0) break;
      places.forEach((place, at) => {
        take(place, Math.min(each, left - at * each));
      });
      model = run.way === 'hard' ? fitMajority(data, crowd, asked, model, ties) : fitBelief(data, crowd, asked, model);
    }
    return accuracyOf(data, model, 0);
  });
}

/** Answers by class of the items that were asked about. */
class Crowd {
  readonly #counts = new Map<number, number[]>();
  readonly #data: CurveData;
  readonly #rng: Rng;
  readonly error: number;
  answers = 0;

  constructor(data: CurveData, error: number, rng: Rng) {
    this.#data = data;
    this.error = error;
    this.#rng = rng;
  }

  ask(place: number): void {
    const { labels, classes } = this.#data;
    const truth = labels[place] as number;
    const wrong = this.#rng.next() < this.error;
    const given = wrong ? (truth + 1 + this.#rng.int(classes - 1)) % classes : truth;
    const counts = this.countsOf(place);
    counts[given] = (counts[given] as number) + 1;
    this.answers += 1;
  }

  countsOf(place: number): number[] {
    const counts = this.#counts.get(place) ?? Array.from({ length: this.#data.classes }, () => 0);
    this.#counts.set(place, counts);
    return counts;
  }

  /** How probable the answers make each class, before which all were alike (Bayes' rule). */
  beliefOf(place: number): number[] {
    const odds = (1 - this.error) / Math.max(this.error / (this.#data.classes - 1), 1e-6);
    const counts = this.countsOf(place);
    const most = Math.max(...counts);
    return normalised(counts.map((count) => odds ** (count - most)));
  }
}

function fitMajority(
  data: CurveData,
  crowd: Crowd,
  asked: readonly number[],
  before: LinearModel | undefined,
  rng: Rng,
) {
  const labels = asked.map((place) => {
    const counts = crowd.countsOf(place);
    const most = Math.max(...counts);
    const tied = counts.flatMap((count, label) => (count === most ? [label] : []));
    return tied[rng.int(tied.length)] as number;
  });
  return fitItems(data.pool, asked, labels, data.classes, before);
}

function fitBelief(data: CurveData, crowd: Crowd, asked: readonly number[], before: LinearModel | undefined) {
  const shares = Float64Array.from(asked.flatMap((place) => crowd.beliefOf(place)));
  return fitShares(data.pool, asked, shares, data.classes, before);
}

/** Where the next answers go, one each. */
function nextPlaces(
  data: CurveData,
  now: {
    readonly crowd: Crowd;
    readonly asked: readonly number[];
    readonly model: LinearModel | undefined;
    readonly fresh: readonly number[];
    readonly n: number;
  },
): number[] {
  const { crowd, asked, model, fresh, n } = now;
  if (!model) return fresh.slice(0, n);
  const { pool, classes } = data;
  const total = (place: number) => crowd.countsOf(place).reduce((sum, count) => sum + count, 0);
  const old = asked.filter((place) => total(place) < MOST_ANSWERS);
  const places = [...old, ...fresh];
  const judged = judgeItems(pool, places, model, classes);
  const options = places.map((place, at): AnswerOption => {
    const byAnswers = at < old.length ? crowd.beliefOf(place) : Array.from({ length: classes }, () => 1 / classes);
    const byModel = [...judged.subarray(at * classes, (at + 1) * classes)];
    const belief = normalised(byModel.map((p, k) => p * (byAnswers[k] as number)));
    return { belief, byAnswers, price: 1, allowed: MOST_ANSWERS - (at < old.length ? total(place) : 0) };
  });
  const worth = relabelOrNew(options.slice(0, old.length), options.slice(old.length), {
    accuracy: 1 - crowd.error,
    errorsPerLabel: errorsPerLabel(data, model, asked.length),
  });
  return worth.slice(0, n).map(({ kind, index }) => (kind === 'relabel' ? old : fresh)[index] as number);
}

/**
 * The errors in the rest of the pool that one more certain label saves: the model's own expected error falls about with
 * the root of the labels, so by error / (2 labels) for each item of the pool.
 */
function errorsPerLabel({ pool, classes }: CurveData, model: LinearModel, labels: number): number {
  const all = judgeItems(
    pool,
    Array.from({ length: pool.count }, (_, i) => i),
    model,
    classes,
  );
  let errors = 0;
  for (let i = 0; i < pool.count; i++) errors += 1 - Math.max(...all.subarray(i * classes, (i + 1) * classes));
  return errors / (2 * Math.max(1, labels));
}

function normalised(values: readonly number[]): number[] {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}

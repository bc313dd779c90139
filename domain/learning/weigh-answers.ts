import { type LiveCrowd, liveCrowd } from '../redundancy/live-crowd.ts';
import { type AnswerWorth, relabelOrNew } from './relabel-or-new.ts';

/** What is known when the question is where the next answers go; choices, annotators and items by number. */
export interface AnswersToWeigh {
  /** Answers of decided items: which item, who, and what they chose. */
  readonly answers: { readonly unit: Int32Array; readonly rater: Int32Array; readonly value: Int32Array };
  readonly raterCount: number;
  readonly choiceCount: number;
  /** Which choice each class of the model is. */
  readonly classes: readonly number[];
  /** The decided items: the price of one more answer, how many more each may get, and the model's view (items x classes). */
  readonly old: {
    readonly prices: readonly number[];
    readonly allowed: readonly number[];
    readonly probabilities: Float64Array;
  };
  /** New items: they get `atOnce` answers at first. */
  readonly fresh: {
    readonly price: number;
    readonly atOnce: number;
    readonly allowed: number;
    readonly probabilities: Float64Array;
  };
  /** The model's view of items drawn from the pool by chance, and how large that is. */
  readonly pool: { readonly size: number; readonly probabilities: Float64Array };
  /** Labels that the model was taught, or will be. */
  readonly labels: number;
}

export interface WeighedAnswers {
  /** The best first. */
  readonly worths: AnswerWorth[];
  /** How often an answer of this crowd is right. */
  readonly accuracy: number;
}

const ROUNDS = 20;
/** No crowd is as good as certain, nor as bad as no use at all. */
const MOST_ACCURACY = 0.99;
/** A model is never certain enough to outweigh any number of answers. */
const LEAST_SHARE = 1e-3;

/**
 * What the next answer is worth at each decided item and at each new one. The crowd is learnt from the answers alone
 * (`liveCrowd`); what an item's answers make of it and what the model says are held for independent. Choices that are no
 * class of the model, as a tie is none, are taken to be as frequent everywhere as the answers say.
 */
export function weighAnswers(given: AnswersToWeigh): WeighedAnswers {
  const { choiceCount, classes, old, fresh, pool } = given;
  const units = old.prices.length;
  const crowd = crowdOf(given, units);
  const chance = 1 / choiceCount;
  const accuracy = Math.min(MOST_ACCURACY, Math.max(chance, crowd.accuracy()));
  const posteriors = Array.from({ length: units }, (_, unit) => [...crowd.byAnswers(unit)]);
  const frequencies = Array.from({ length: choiceCount }, (_, choice) =>
    units === 0 ? chance : posteriors.reduce((sum, each) => sum + (each[choice] ?? 0), 0) / units,
  );
  const told = classes.reduce((sum, choice) => sum + (frequencies[choice] ?? 0), 0);
  const priorOf = (probabilities: Float64Array, row: number) => {
    const prior = [...frequencies];
    classes.forEach((choice, at) => {
      prior[choice] = told * (probabilities[row * classes.length + at] ?? 0);
    });
    return normalised(prior.map((share) => Math.max(share, LEAST_SHARE)));
  };
  const olds = posteriors.map((byAnswers, unit) => {
    const prior = priorOf(old.probabilities, unit);
    const belief = normalised(byAnswers.map((share, choice) => share * (prior[choice] ?? 0)));
    return { belief, byAnswers, price: old.prices[unit] ?? 0, allowed: old.allowed[unit] ?? 0 };
  });
  const none = Array.from({ length: choiceCount }, () => chance);
  const { price, atOnce, allowed } = fresh;
  const news = Array.from({ length: fresh.probabilities.length / classes.length }, (_, row) => ({
    ...{ belief: priorOf(fresh.probabilities, row), byAnswers: none, price, atOnce, allowed },
  }));
  // The model's expected error falls about with the root of the labels.
  const errors = pool.size * expectedError(pool.probabilities, classes.length);
  const errorsPerLabel = errors / (2 * Math.max(1, given.labels));
  return { worths: relabelOrNew(olds, news, { accuracy, errorsPerLabel }), accuracy };
}

function crowdOf({ answers, raterCount, choiceCount }: AnswersToWeigh, unitCount: number): LiveCrowd {
  const { unit, rater, value } = answers;
  const capacity = unit.length;
  const crowd = liveCrowd({ unitCount, raterCount, labelCount: choiceCount, idCount: choiceCount, capacity });
  for (let at = 0; at < capacity; at++) crowd.add(unit[at] as number, rater[at] as number, value[at] as number);
  crowd.refit(ROUNDS);
  return crowd;
}

/** The share of items that the model expects to have wrong. */
function expectedError(probabilities: Float64Array, classes: number): number {
  const count = probabilities.length / classes;
  let sum = 0;
  for (let row = 0; row < count; row++) {
    let most = 0;
    for (let k = row * classes; k < (row + 1) * classes; k++) most = Math.max(most, probabilities[k] as number);
    sum += 1 - most;
  }
  return count === 0 ? 0 : sum / count;
}

function normalised(values: readonly number[]): number[] {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}

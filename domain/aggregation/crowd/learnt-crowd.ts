import { answersByUnit, type Ratings } from '../../agreement/ratings.ts';
import { hasChanged } from '../../refitting.ts';
import type { CorrelatedPair } from '../reliability/correlated-pairs.ts';
import { groupAnswers, type KnownBeside } from './answers.ts';
import { fitCrowdModel } from './default.ts';
import { type SharedModel, takeApart } from './live-model.ts';
import { learnSharpness } from './sharpness.ts';
import { coinModel } from './task-posterior.ts';
import { ALL_INDEPENDENT, voicesOf } from './voices.ts';

/** Below this there is nothing to learn about anybody that the vote does not know. */
export const LEAST_TO_LEARN = { answers: 60, annotators: 3 } as const;
/** The crowd is learnt anew when there are this many times the answers: all its fits cost a few times the last one. */
export const REFIT_GROWTH = 1.1;
/** With more choices no crowd is learnt: its tables would grow too large. */
export const MAX_CHOICES_LEARNT = 50;
/** With more choices its tables grow large: one kind of task only. */
const MANY_CHOICES = 12;
/** How often an annotator of whom nothing is known is taken to be right: 15 to 25% of single preference labels are wrong. */
const STRANGER_SKILL = 0.8;

/** What is known of a crowd: what all share, and a table by annotator. */
export interface LearntCrowd {
  readonly shared: SharedModel;
  readonly tables: readonly (readonly number[])[];
  /** Annotators who are no two voices. */
  readonly correlated: readonly CorrelatedPair[];
}

/** Whether a crowd with so many answers is to be learnt (anew, where `fittedOn` of them were there the last time). */
export function isToBeLearnt(answers: number, fittedOn: number | undefined, growth: number): boolean {
  return answers >= LEAST_TO_LEARN.answers && (fittedOn === undefined || hasChanged(answers, fittedOn, growth));
}

/**
 * What is known of a crowd by its answers, taken apart by annotator; undefined where its tables would not fit in memory, and
 * where too few answers can be held against a known one or another's: those to tasks with no other say nothing of anybody.
 * With `known` (by task the right choice, or -1) known answers are what they are, the probabilities are as sure as they
 * come true there (`learnSharpness`), and annotators who are no two voices (`correlatedPairs`) count for less in it.
 */
export function learnCrowd(
  given: Ratings,
  keys: readonly string[],
  { known }: { readonly known?: Int32Array } = {},
): LearntCrowd | undefined {
  if (tellingAnswers(given, known) < LEAST_TO_LEARN.answers) return undefined;
  try {
    const ratings = known ? taskByTask(given) : given;
    const { correlated, beside, among } = known ? voicesOf(groupAnswers(ratings), known) : ALL_INDEPENDENT;
    const fitted = (more: KnownBeside) => {
      const { model } = fitCrowdModel(ratings, { beside: { ...beside, ...more } });
      const components = keys.length > MANY_CHOICES ? 1 : model.components.length;
      const { shared, tableOf } = takeApart(model, keys, components);
      return { shared, tables: Array.from({ length: ratings.raterCount }, (_, at) => tableOf(at)) };
    };
    if (!known?.some((label) => label >= 0)) return { ...fitted({}), correlated };
    // A fit that has seen the known answers would foretell these too well.
    const sharpness = learnSharpness({ ratings, known, among }, fitted({}));
    const { shared, tables } = fitted({ known });
    return { shared: { ...shared, sharpness }, tables, correlated };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** How many answers are to tasks of which the right one is known, or that others answered, too. */
function tellingAnswers(given: Ratings, known: Int32Array | undefined): number {
  return answersByUnit(given).reduce(
    (sum, count, task) => sum + (count > 1 || (known?.[task] ?? -1) >= 0 ? count : 0),
    0,
  );
}

function taskByTask(ratings: Ratings): Ratings {
  const order = Int32Array.from(ratings.unit.keys()).sort((i, j) => {
    return (ratings.unit[i] as number) - (ratings.unit[j] as number) || i - j;
  });
  const turned = (column: ArrayLike<number>) => Int32Array.from(order, (i) => column[i] as number);
  return { ...ratings, unit: turned(ratings.unit), rater: turned(ratings.rater), value: turned(ratings.value) };
}

/** A crowd of which nothing is known yet. */
export function strangers(keys: readonly string[]): SharedModel {
  return takeApart(coinModel(keys.length, [], { newcomer: STRANGER_SKILL }), keys, 1).shared;
}

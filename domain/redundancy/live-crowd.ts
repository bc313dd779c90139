import { SHARPNESS } from '../aggregation/crowd/default.ts';
import { sharpen } from '../aggregation/crowd/task-posterior.ts';
import { coinEstimate } from './coin-estimate.ts';
import type { Asked, CrowdEstimate } from './crowd-estimate.ts';
import { informationGain } from './expected-gain.ts';
import { independence } from './independence.ts';
import { judgeUnder, labelFrequencies } from './label-frequencies.ts';
import { matrixEstimate } from './matrix-estimate.ts';

/** What a running campaign knows of its crowd and tasks: the answers asked so far, never the truth. */
export interface LiveCrowd {
  readonly asked: Asked;
  /** Takes in an answer; it tells on the task at the next refit. Labels are ids below `idCount`. */
  add(unit: number, rater: number, value: number): void;
  /** Judges annotators and tasks anew, in so many rounds. */
  refit(rounds: number): void;
  /**
   * The probability of each label id of a task, as of the last refit; as cautious as the default method's. Labels are as
   * frequent as the tasks answered so far make them.
   */
  posterior(unit: number): Float64Array;
  /** The same by the task's own answers alone, all labels being as frequent as any other before them. */
  byAnswers(unit: number): Float64Array;
  /** The accuracy of the crowd so far. */
  accuracy(): number;
  /** How much an annotator's answer would tell about a task, in nats. */
  informationGain(unit: number, rater: number): number;
}

export interface LiveCrowdSize {
  readonly unitCount: number;
  readonly raterCount: number;
  readonly labelCount: number;
  readonly idCount: number;
  /** The most answers that will be asked. */
  readonly capacity: number;
}

/** Matrices of more labels than this are out of proportion to a handful of answers a task. */
export const MOST_MATRIX_LABELS = 32;
/** Numbers in all matrices together: 32 MB. */
const MOST_NUMBERS = 4e6;

/**
 * Two views of the crowd, of equal weight: annotators as coins and, where labels are few, as confusion matrices. Coins
 * are right where errors are spread evenly or classes are very unequal, matrices where some labels are confused, and
 * which it is cannot be told from a few answers. Annotators who agree more than independent ones would count for less.
 * How frequent labels are is learnt beside them (`labelFrequencies`) and tells on tasks alone, never on annotators.
 */
export function liveCrowd({ capacity, ...size }: LiveCrowdSize): LiveCrowd {
  const asked: Asked = {
    ...size,
    count: 0,
    unit: new Int32Array(capacity),
    rater: new Int32Array(capacity),
    value: new Int32Array(capacity),
    weight: new Float64Array(capacity).fill(1),
  };
  const { idCount, labelCount, raterCount } = size;
  const hasMatrices =
    labelCount > 1 &&
    labelCount <= MOST_MATRIX_LABELS &&
    idCount === labelCount &&
    raterCount * labelCount ** 2 <= MOST_NUMBERS;
  const voices = independence({ ...size, capacity });
  const coins = coinEstimate(asked);
  const views: CrowdEstimate[] = hasMatrices ? [coins, matrixEstimate(asked, coins.posteriors)] : [coins];
  const { judge, chances } = judgeUnder(views, idCount);
  const even = new Float64Array(idCount).fill(1 / idCount);
  let frequencies: Float64Array = even;
  const told = new Float64Array(idCount);
  const cautious = (unit: number, shares: Float64Array) => {
    const out = judge(unit, shares, new Float64Array(idCount));
    sharpen(out, idCount, SHARPNESS);
    return out;
  };
  return {
    asked,
    add(unit, rater, value) {
      asked.unit[asked.count] = unit;
      asked.rater[asked.count] = rater;
      asked.value[asked.count] = value;
      asked.count++;
      voices.add(unit, rater, value);
    },
    refit(rounds) {
      voices.weigh(coins.accuracy, asked.weight);
      for (const view of views) view.refit(asked, rounds);
      // Labels that are numbered task by task have no frequencies.
      if (idCount === labelCount) frequencies = labelFrequencies(asked, judge);
    },
    posterior: (unit) => cautious(unit, frequencies),
    byAnswers: (unit) => cautious(unit, even),
    accuracy() {
      let total = 0;
      for (let i = 0; i < asked.count; i++) total += coins.accuracy[asked.rater[i] as number] as number;
      return asked.count > 0 ? total / asked.count : (coins.accuracy[0] ?? 1);
    },
    informationGain(unit, rater) {
      const gains = views.map((view) =>
        informationGain(chances(view, unit, frequencies, told), (k, l) => view.chance(rater, k, l)),
      );
      return gains.reduce((sum, gain) => sum + gain, 0) / views.length;
    },
  };
}

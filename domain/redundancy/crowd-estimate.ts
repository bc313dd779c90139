/** The answers asked so far, in order; the arrays may be longer than `count`. */
export interface Asked {
  count: number;
  readonly unit: Int32Array;
  readonly rater: Int32Array;
  readonly value: Int32Array;
  /** What each answer counts, from 0 to 1 (see `answerWeights`). */
  readonly weight: Float64Array;
  readonly unitCount: number;
  readonly raterCount: number;
  /** Labels there are to choose from. */
  readonly labelCount: number;
  /** Label ids that occur; fewer than `labelCount` where labels are numbered task by task. */
  readonly idCount: number;
}

/** A view of the crowd that is refined as answers come in. */
export interface CrowdEstimate {
  /** Tasks x label ids, row-major; rows sum to 1, even ones where nobody answered. */
  readonly posteriors: Float64Array;
  /** Accuracy by annotator; the crowd's for whoever has not answered. */
  readonly accuracy: Float64Array;
  /** The probability that annotator w says l where k is true. */
  chance(w: number, k: number, l: number): number;
  /** So many rounds of EM. */
  refit(asked: Asked, rounds: number): void;
}

/** An annotator's accuracy starts as the crowd's, with the weight of so many answers. Between 2 and 10 it hardly matters. */
export const SKILL_ANSWERS = 4;
/** The crowd starts half way between guessing and knowing, with the weight of so many answers. */
const CROWD_ANSWERS = 2;

/** Half way between guessing and knowing. */
export function startingAccuracy(labelCount: number): number {
  return (1 + 1 / labelCount) / 2;
}

/** The share of right answers in all of the crowd's; so many answers of a middling annotator are added. */
export function crowdAccuracy(right: number, answers: number, labelCount: number): number {
  return (right + CROWD_ANSWERS * startingAccuracy(labelCount)) / (answers + CROWD_ANSWERS);
}

/** Rows of unnormalised logarithms to rows of probabilities. */
export function normalise(logs: Float64Array, out: Float64Array, size: number): void {
  for (let row = 0; row < logs.length; row += size) {
    let most = -Infinity;
    for (let at = row; at < row + size; at++) most = Math.max(most, logs[at] as number);
    let total = 0;
    for (let at = row; at < row + size; at++) {
      out[at] = Math.exp((logs[at] as number) - most);
      total += out[at] as number;
    }
    for (let at = row; at < row + size; at++) out[at] = (out[at] as number) / total;
  }
}

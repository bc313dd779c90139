import type { Ratings } from '../../agreement/ratings.ts';
import type { Answers } from './answers.ts';
import type { CrowdFit, CrowdOptions } from './fit.ts';
import { TIE_TOLERANCE, tieBreaker } from './ties.ts';

/** A table of posteriors with more cells than this is not built (80 MB). */
const MAX_TABLE = 1e7;

/** Confidence, at most, in a label that nobody gave: it and the one that was given are as good as each other. */
export const UNHEARD = 0.5;

/** The tasks that have a label which nobody gave them. */
export function ungivenTasks({ unit, value, unitCount }: Ratings, labels: Int32Array): number[] {
  const given = new Uint8Array(unitCount);
  for (let i = 0; i < unit.length; i++) if (value[i] === labels[unit[i] as number]) given[unit[i] as number] = 1;
  const tasks: number[] = [];
  labels.forEach((label, t) => {
    if (label !== -1 && given[t] === 0) tasks.push(t);
  });
  return tasks;
}

/** Posteriors of a crowd with any number of labels: those of the labels that a task was given, and a rule for others. */
export interface CellPosteriors {
  /** By cell of `Answers`. */
  readonly cell: Float64Array;
  /** The posterior of a label k that nobody gave to task t is `factor[t] * prior[k]`. */
  readonly factor: Float64Array;
  readonly prior: Float64Array;
}

type Conclusion = Pick<CrowdFit, 'labels' | 'confidence' | 'drawnFrom' | 'posteriors'>;

/** Labels, confidences and, where it is not too large, the whole table. A tie prefers labels that somebody gave. */
export function concludeCells(
  ratings: Ratings,
  answers: Answers,
  posterior: CellPosteriors,
  { seed, table: wanted = true }: CrowdOptions = {},
): Conclusion {
  const { taskCount, labelCount, cellStart, cellLabel, start } = answers;
  const { cell, factor, prior } = posterior;
  const rank = tieBreaker(ratings, seed);
  const bestUngiven = ungivenLabels(answers, prior, rank);
  const largestPrior = prior.reduce((most, p) => Math.max(most, p), 0);
  const labels = new Int32Array(taskCount).fill(-1);
  const confidence = new Float64Array(taskCount);
  const drawnFrom = new Map<number, number[]>();
  for (let t = 0; t < taskCount; t++) {
    if (start[t] === start[t + 1]) continue;
    const from = cellStart[t] as number;
    const to = cellStart[t + 1] as number;
    let best = from;
    let hasEqual = false;
    for (let c = from + 1; c < to; c++) {
      const ahead = (cell[c] as number) - (cell[best] as number);
      if (ahead < -TIE_TOLERANCE) continue;
      hasEqual = ahead <= TIE_TOLERANCE;
      if (!hasEqual || rank(t, cellLabel[c] as number) > rank(t, cellLabel[best] as number)) best = c;
    }
    labels[t] = cellLabel[best] as number;
    confidence[t] = cell[best] as number;
    if (hasEqual) {
      const least = (cell[best] as number) - TIE_TOLERANCE;
      const equals = Array.from(cellLabel.subarray(from, to)).filter((_, c) => (cell[from + c] as number) >= least);
      drawnFrom.set(t, equals);
    }
    if ((factor[t] as number) * largestPrior <= (confidence[t] as number) + TIE_TOLERANCE) continue;
    const ungiven = bestUngiven(t);
    const chance = ungiven < 0 ? 0 : (factor[t] as number) * (prior[ungiven] as number);
    if (chance <= (confidence[t] as number) + TIE_TOLERANCE) continue;
    drawnFrom.delete(t);
    labels[t] = ungiven;
    confidence[t] = chance;
  }
  const table = wanted && taskCount * labelCount <= MAX_TABLE ? tableOf(answers, posterior) : undefined;
  return { labels, confidence, drawnFrom, ...(table === undefined ? {} : { posteriors: table }) };
}

/**
 * The same from a whole table, row-major taskCount x labelCount. Among equals the label that most annotators gave is
 * taken: where annotators have hardly other answers, all labels are equals, and one that nobody gave is no better.
 */
export function concludeTable(ratings: Ratings, answers: Answers, posteriors: Float64Array, seed?: number): Conclusion {
  const { taskCount, labelCount, start } = answers;
  const rank = tieBreaker(ratings, seed);
  const labels = new Int32Array(taskCount).fill(-1);
  const confidence = new Float64Array(taskCount);
  const drawnFrom = new Map<number, number[]>();
  for (let t = 0; t < taskCount; t++) {
    if (start[t] === start[t + 1]) continue;
    const row = t * labelCount;
    let best = 0;
    for (let k = 1; k < labelCount; k++) {
      if ((posteriors[row + k] as number) > (posteriors[row + best] as number)) best = k;
    }
    const least = (posteriors[row + best] as number) - TIE_TOLERANCE;
    let equal = 0;
    for (let k = 0; k < labelCount; k++) if ((posteriors[row + k] as number) >= least) equal++;
    // Ties are few, and lists for each task took a fifth of the whole command.
    if (equal > 1) {
      const isEqual = (k: number) => (posteriors[row + k] as number) >= least;
      const given = mostGiven(answers, t, isEqual);
      const equals = given.length > 0 ? given : Array.from({ length: labelCount }, (_, k) => k).filter(isEqual);
      best = equals.reduce((a, b) => (rank(t, b) > rank(t, a) ? b : a), equals[0] ?? -1);
      if (equals.length > 1) drawnFrom.set(t, equals);
    }
    labels[t] = best;
    confidence[t] = posteriors[row + best] as number;
  }
  return { labels, confidence, drawnFrom, posteriors };
}

/** Of the labels that a task was given and that are equals, those given most often; none where nobody gave any. */
function mostGiven(
  { start, label, cellStart, cellLabel }: Answers,
  t: number,
  isEqual: (label: number) => boolean,
): number[] {
  let best: number[] = [];
  let bestVotes = 0;
  for (let c = cellStart[t] as number; c < (cellStart[t + 1] as number); c++) {
    const k = cellLabel[c] as number;
    if (!isEqual(k)) continue;
    let votes = 0;
    for (let i = start[t] as number; i < (start[t + 1] as number); i++) if (label[i] === k) votes++;
    if (votes === bestVotes) best.push(k);
    if (votes > bestVotes) [best, bestVotes] = [[k], votes];
  }
  return best;
}

/** By task: the label with the largest prior among those nobody gave it, or -1; equals by a start drawn per task. */
function ungivenLabels({ labelCount, cellStart, cellLabel }: Answers, prior: Float64Array, rank: Rank) {
  let order: Int32Array | undefined;
  let equals = 0;
  return (t: number): number => {
    if (order === undefined) {
      order = Int32Array.from(prior.keys()).sort((a, b) => (prior[b] as number) - (prior[a] as number));
      const most = prior[order[0] ?? 0] ?? 0;
      while (equals < labelCount && (prior[order[equals] as number] as number) >= most - TIE_TOLERANCE) equals++;
    }
    const given = new Set(cellLabel.subarray(cellStart[t], cellStart[t + 1]));
    const first = rank(t, -1) % equals;
    for (let at = 0; at < labelCount; at++) {
      const label = order[at < equals ? (first + at) % equals : at] as number;
      if (!given.has(label)) return label;
    }
    return -1;
  };
}

type Rank = ReturnType<typeof tieBreaker>;

function tableOf(answers: Answers, { cell, factor, prior }: CellPosteriors): Float64Array {
  const { taskCount, labelCount, cellStart, cellLabel, start } = answers;
  const table = new Float64Array(taskCount * labelCount);
  for (let t = 0; t < taskCount; t++) {
    const row = t * labelCount;
    const unanswered = start[t] === start[t + 1];
    for (let k = 0; k < labelCount; k++) {
      table[row + k] = unanswered ? (prior[k] as number) : (factor[t] as number) * (prior[k] as number);
    }
    for (let c = cellStart[t] as number; c < (cellStart[t + 1] as number); c++) {
      table[row + (cellLabel[c] as number)] = cell[c] as number;
    }
  }
  return table;
}

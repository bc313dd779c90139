import { distanceFromKnown } from '../aggregation/rankings/ranking-distance.ts';
import { fitPreferences } from './bradley-terry-features.ts';
import type { FitOptions } from './fit-linear.ts';
import type { AnswerRows } from './item-rows.ts';
import { type LinearModel, linearScores } from './linear-model.ts';
import { differences, type SparseMatrix, selectRows } from './sparse.ts';
import { ranksOf, type SoftLabel } from './targets.ts';

/** Of more comparisons some are left out, evenly among all rankings. */
const MOST_PAIRS = 60_000;

interface Comparison {
  readonly first: number;
  readonly second: number;
  /** 1 where the first is better, 0.5 for a tie. */
  readonly preference: number;
  readonly weight: number;
}

/**
 * The preference model of pairs, learnt from rankings: each two answers that an order compares are a comparison, even
 * where they are tied. k answers in order count as k - 1 comparisons, as in the model of Plackett and Luce, so that a
 * ranking of two is a pair. `labels` hold the rank of each answer, 0 for one left out. Null where all are tied.
 */
export function fitRankings(
  answers: AnswerRows,
  labels: readonly SoftLabel[],
  options: FitOptions = {},
): LinearModel | null {
  const all = comparisons(answers, labels);
  if (all.every(({ preference }) => preference === 0.5)) return null;
  const stride = Math.ceil(all.length / MOST_PAIRS);
  const some = all.filter((_, at) => at % stride === 0);
  const sideOf = (side: 'first' | 'second') => Uint32Array.from(some, (each) => each[side]);
  const [firsts, seconds] = [selectRows(answers.matrix, sideOf('first')), selectRows(answers.matrix, sideOf('second'))];
  const sampleWeights = Float64Array.from(some, ({ weight }) => weight * stride);
  const preferences = some.map(({ preference }) => preference);
  return fitPreferences(differences(firsts, seconds), preferences, { ...options, sampleWeights }).model;
}

function comparisons({ counts }: AnswerRows, labels: readonly SoftLabel[]): Comparison[] {
  const found: Comparison[] = [];
  let from = 0;
  labels.forEach(({ shares: ranks, weight }, item) => {
    const count = counts[item] ?? 0;
    const ranked = ranks.flatMap((rank, at) => (rank > 0 && at < count ? [{ rank, row: from + at }] : []));
    ranked.forEach((one, at) => {
      for (const other of ranked.slice(at + 1)) {
        const preference = (1 + Math.sign(other.rank - one.rank)) / 2;
        found.push({ first: one.row, second: other.row, preference, weight: (2 * weight) / ranked.length });
      }
    });
    from += count;
  });
  return found;
}

/**
 * How undecided the order of each item's answers is, as the probabilities of a pair that is as undecided (items x 2): the
 * mean over its pairs of how far each is from even. `sides` are the items' own rows, the first of two answers less the
 * second, and the second column is that the first is better: of two answers it is just their pair.
 */
export function orderProbabilities(
  { matrix, counts }: AnswerRows,
  sides: SparseMatrix,
  model: LinearModel,
): Float64Array {
  const scores = linearScores(matrix, model);
  const leads = linearScores(sides, model);
  const probabilities = new Float64Array(2 * counts.length);
  let from = 0;
  counts.forEach((count, item) => {
    let [sum, pairs] = [0, 0];
    for (let i = from; i < from + count; i++) {
      for (let j = i + 1; j < from + count; j++, pairs++) {
        // |2p - 1| of p = sigmoid(difference)
        sum += Math.tanh(Math.abs((scores[i] as number) - (scores[j] as number)) / 2);
      }
    }
    const sure = pairs === 0 ? 0 : (Math.sign(leads[item] as number) * sum) / pairs;
    probabilities[2 * item] = (1 - sure) / 2;
    probabilities[2 * item + 1] = (1 + sure) / 2;
    from += count;
  });
  return probabilities;
}

/** The order in which a model puts each item's answers, as ranks in JSON; equal scores are a tie. */
export function rankedAnswers({ matrix, counts }: AnswerRows, model: LinearModel): string[] {
  const scores = [...linearScores(matrix, model)];
  let from = 0;
  return counts.map((count) => {
    const own = scores.slice(from, from + count);
    from += count;
    const steps = [...new Set(own)].sort((a, b) => b - a);
    return JSON.stringify(own.map((score) => steps.indexOf(score) + 1));
  });
}

/** Whether a model's order is right beside a known one, both as ranks in JSON. */
export function isRightOrder(answer: string, known: string, tolerance: number): boolean {
  return distanceFromKnown(ranksOf(answer), ranksOf(known)) <= tolerance;
}

/** Whether an order prefers no answer to another. */
export function isTiedOrder(known: string): boolean {
  return new Set(ranksOf(known).filter((rank) => rank !== null)).size < 2;
}

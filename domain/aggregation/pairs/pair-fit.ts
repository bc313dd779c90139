import { logistic } from '../logistic.ts';
import type { PairVotes } from './pair-votes.ts';

/** What a method concluded from comparisons. Items and annotators are the votes' ids. */
export interface PairFit {
  readonly method: string;
  /** By item: its strength; P(a beats b) = 1 / (1 + e^(strength[b] - strength[a])). Mean 0 in each part (see `part`). */
  readonly strengths: Float64Array;
  /** e^strength, scaled to the sum 1. */
  readonly scores: Float64Array;
  /** By item: which part it belongs to. Comparisons connect the items of a part; between parts nothing is known. */
  readonly part: Int32Array;
  readonly partCount: number;
  /** By annotator, in [0, 1], where the method estimates it: how often they judge by the items instead of by habit. */
  readonly skills?: Float64Array;
  /** By annotator, in [0, 1], where the method estimates it: how often they pick the left item when they do not look. */
  readonly biases?: Float64Array;
  /** Of the comparisons, a tie being half a win for each; without priors. */
  readonly logLikelihood: number;
  readonly iterations: number;
  readonly converged: boolean;
}

export interface PairOptions {
  readonly maxIterations?: number;
  /** The method's own measure of change at which it has converged. */
  readonly tolerance?: number;
}

/** Throws QuorateError where the comparisons cannot be fitted by the method. */
export type PairMethod = (votes: PairVotes, options?: PairOptions) => PairFit;

/** Strengths that differ by less differ by rounding alone. */
const SAME = 1e-9;

/** The chance that an annotator who looks prefers a to b; 0.5 where they are equal or no comparisons connect them. */
export function winProbability({ strengths, part }: PairFit, a: number, b: number): number {
  const ahead = (strengths[a] ?? 0) - (strengths[b] ?? 0);
  return part[a] !== part[b] || Math.abs(ahead) < SAME ? 0.5 : logistic(ahead);
}

/** Shifts strengths to the mean 0 in each part, or only those of the items that are named, by whole parts. */
export function centre(
  strengths: Float64Array,
  { part, partCount }: Pick<PairFit, 'part' | 'partCount'>,
  only: (item: number) => boolean = () => true,
): void {
  const [sums, sizes] = [new Float64Array(partCount), new Float64Array(partCount)];
  for (let a = 0; a < strengths.length; a++) {
    const p = part[a] as number;
    sums[p] = (sums[p] as number) + (strengths[a] as number);
    sizes[p] = (sizes[p] as number) + 1;
  }
  for (let a = 0; a < strengths.length; a++) {
    const p = part[a] as number;
    if (only(a)) strengths[a] = (strengths[a] as number) - (sums[p] as number) / (sizes[p] as number);
  }
}

/** e^strength, scaled to the sum 1. */
export function toScores(strengths: Float64Array): Float64Array {
  const most = strengths.reduce((max, strength) => Math.max(max, strength), Number.NEGATIVE_INFINITY);
  const scores = strengths.map((strength) => Math.exp(strength - most));
  const sum = scores.reduce((all, score) => all + score, 0);
  return scores.map((score) => score / sum);
}

import type { Ratings } from '../../agreement/ratings.ts';
import type { CrowdLoops } from './loops.ts';

/** What a method concluded from a table of categorical answers. Tasks, annotators and labels are the ratings' ids. */
export interface CrowdFit {
  readonly method: string;
  /** The most probable label by task; `Int32Array(unitCount)`. -1 where nobody answered the task. */
  readonly labels: Int32Array;
  /** The probability of `labels[t]`; `Float64Array(unitCount)`. 0 where nobody answered the task. */
  readonly confidence: Float64Array;
  /** By task whose label was drawn from several that are equally good: all of these. */
  readonly drawnFrom: ReadonlyMap<number, readonly number[]>;
  /** Row-major unitCount x valueCount, rows sum to 1. Absent where that would be too large to hold. */
  readonly posteriors?: Float64Array;
  /** Accuracy or skill by annotator, in [0, 1], where the method estimates one. */
  readonly skills?: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
  /** The objective (log-likelihood unless the method says otherwise) after each iteration, where there is one. */
  readonly history?: readonly number[];
}

export interface CrowdOptions {
  /** Decides ties and random starts; the same seed gives the same fit. */
  readonly seed?: number;
  readonly maxIterations?: number;
  /** The method's own measure of change below which it has converged. */
  readonly tolerance?: number;
  /** Whether `posteriors` are wanted, where they take work of their own. @default true */
  readonly table?: boolean;
  /** What the inner loops of EM run on; gives the same bits. @default plain TypeScript */
  readonly loops?: CrowdLoops;
}

/** Throws `QuorateError` where the ratings cannot be fitted by the method. */
export type CrowdMethod = (ratings: Ratings, options?: CrowdOptions) => CrowdFit;

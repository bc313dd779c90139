import type { Rng } from '../rng.ts';
import type { DenseRows } from './nearest.ts';
import type { SparseMatrix } from './sparse.ts';
import type { UncertaintyMeasure } from './uncertainty.ts';
import type { VectorMath } from './vector-math.ts';

export type Strategy = 'random' | 'uncertainty' | 'diversity' | 'expected_change' | 'combined' | 'badge';

/** Some rows of a sparse matrix, in an order of their own. */
export interface SparseRows {
  readonly matrix: SparseMatrix;
  readonly rows: ArrayLike<number>;
}

export interface Candidates {
  readonly count: number;
  /** 1 for a row that may not be chosen; none by default. */
  readonly closed?: Uint8Array | undefined;
  /** What the model predicts (count x classes); without it a strategy that needs a model makes a diverse start. */
  readonly probabilities?: Float64Array | undefined;
  /** Columns of `probabilities`; by default as many as fit. */
  readonly classes?: number | undefined;
  /** Vectors (count x dims); `diversity`, `combined` and `badge` need them. */
  readonly dense?: Float32Array | undefined;
  readonly dims: number;
  /** Whether the model's intercept counts beside the vectors, as it does where these are all that it sees of single items. */
  readonly intercept?: boolean;
  /** Their words, where they have any; sharpens `combined`. */
  readonly words?: SparseRows | undefined;
  /** Lengths of the model's feature rows, for `expected_change`; by default all alike. */
  readonly norms?: Float64Array | undefined;
}

/** Items that need not be chosen again: labelled ones, and those chosen and not yet labelled. */
export interface LabeledRows extends DenseRows {
  /** What the model predicts for them (count x classes); sharpens `combined`. */
  readonly probabilities?: Float64Array | undefined;
  /** Their words; counts only where the candidates have words too. */
  readonly words?: SparseRows | undefined;
}

export interface SelectionRequest {
  readonly strategy: Strategy;
  /** How many to choose; fewer come back when there are fewer candidates. */
  readonly n: number;
  readonly candidates: Candidates;
  /** What the batch keeps its distance from. */
  readonly labeled?: LabeledRows | undefined;
  /** Draws the random choices and breaks ties. */
  readonly rng: Rng;
  /** What `uncertainty` goes by. @default 'margin' */
  readonly measure?: UncertaintyMeasure | undefined;
  /** How `diversity` spreads: the farthest item each time, or drawn by squared distance. @default 'k_center' */
  readonly spread?: 'k_center' | 'kmeans++' | undefined;
  /** Does the work on all vectors; the choice is the same whichever it is. @default plainMath */
  readonly math?: VectorMath | undefined;
}

/** Why an item was chosen, as known at that moment; null where a number played no part. */
export interface ChoiceScore {
  /** How unsure the model is, by the measure used; for `expected_change` the expected length of the gradient. */
  readonly uncertainty: number | null;
  /** Standard deviation of the model's score, before this label; for `combined`. */
  readonly novelty?: number;
  /** Euclidean distance to the nearest labelled or already chosen item; null when there is none. */
  readonly distance: number | null;
  readonly score: number | null;
}

/** What chose a batch in which its strategy had no part, and why it had none. */
export interface Instead {
  readonly by: 'diverse_start' | 'chance';
  readonly because: 'no_model' | 'sure_of_all' | 'all_alike';
}

export interface Selection {
  /** Positions of the chosen candidates, best first. */
  readonly chosen: Uint32Array;
  readonly scores: ChoiceScore[];
  /** Absent where the strategy chose. */
  readonly instead?: Instead;
}

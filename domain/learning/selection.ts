import type { Rng } from '../rng.ts';
import type { STRATEGIES } from '../settings.ts';
import type { DenseRows } from './nearest.ts';

export type Strategy = (typeof STRATEGIES)[number];

export interface Candidates {
  readonly count: number;
  /** What the model predicts (count x classes); without it a strategy that needs a model makes a diverse start. */
  readonly probabilities?: Float64Array | undefined;
  /** Columns of `probabilities`; by default as many as fit. */
  readonly classes?: number | undefined;
  /** Vectors for distances (count x dims); `diversity` and `combined` need them. */
  readonly dense?: Float32Array | undefined;
  readonly dims: number;
  /** Lengths of the model's feature rows, for `expected_change`; by default all alike. */
  readonly norms?: Float64Array | undefined;
}

export interface SelectionRequest {
  readonly strategy: Strategy;
  /** How many to choose; fewer come back when there are fewer candidates. */
  readonly n: number;
  readonly candidates: Candidates;
  /** What the batch keeps its distance from: labelled items, and those chosen and not yet labelled. */
  readonly labeled?: DenseRows | undefined;
  /** Draws the random choices and breaks ties. */
  readonly rng: Rng;
  /** Parts of `combined`. @default { uncertainty: 0.6, diversity: 0.4 } */
  readonly weights?: { readonly uncertainty: number; readonly diversity: number } | undefined;
}

/** Why an item was chosen, as known at that moment; null where a number played no part. */
export interface ChoiceScore {
  /** Entropy in nats, or for `expected_change` the expected length of the gradient. */
  readonly uncertainty: number | null;
  /** Euclidean distance to the nearest labelled or already chosen item; null when there is none. */
  readonly distance: number | null;
  readonly score: number | null;
}

export interface Selection {
  /** Positions of the chosen candidates, best first. */
  readonly chosen: Uint32Array;
  readonly scores: ChoiceScore[];
}

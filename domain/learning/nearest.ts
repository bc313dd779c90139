/** Rows of `dims` numbers, one after another. */
export interface DenseRows {
  readonly dense: Float32Array;
  readonly count: number;
}

/** Share of the room between two thresholds that one step may take away. */
const CLOSER = 0.5;
/** Farther than this a step leaves the region where its parabola holds. */
const FARTHEST = 1;
/** Least second derivative: where all ratings are certain, rounding may leave none. */
const LEAST_PIVOT = 1e-9;
/** Least probability of a rating; below it doubles run out. */
const LEAST = 1e-300;

/** The log-odds of the share of ratings up to each step but the last. Every step must be in use. */
export function startThresholds(value: Int32Array, valueCount: number): Float64Array {
  const upTo = new Float64Array(valueCount);
  for (const k of value) upTo[k] = (upTo[k] as number) + 1;
  for (let k = 1; k < valueCount; k++) upTo[k] = (upTo[k] as number) + (upTo[k - 1] as number);
  return upTo.slice(0, -1).map((count) => Math.log(count / (value.length - count)));
}

/** Numbers that `chances` writes, one after the other. */
export const CHANCES = 5;

/**
 * For a rating on step k whose linear part is `eta`: the probabilities of that step, of those above and of those below,
 * and the slopes of the latter two; written to `out` from `at`. Returns the first.
 */
export function chances(k: number, eta: number, thresholds: Float64Array, out: Float64Array, at: number): number {
  let [above, notAbove, below, notBelow] = [0, 1, 0, 1];
  if (k < thresholds.length) {
    const x = eta - (thresholds[k] as number);
    const small = Math.exp(-Math.abs(x));
    above = (x < 0 ? small : 1) / (1 + small);
    notAbove = (x < 0 ? 1 : small) / (1 + small);
  }
  if (k > 0) {
    const x = (thresholds[k - 1] as number) - eta;
    const small = Math.exp(-Math.abs(x));
    below = (x < 0 ? small : 1) / (1 + small);
    notBelow = (x < 0 ? 1 : small) / (1 + small);
  }
  // The difference of the two smaller numbers, as that of two near 1 would be rounding alone.
  const here = Math.max(above < below ? notBelow - above : notAbove - below, LEAST);
  out[at] = here;
  out[at + 1] = above;
  out[at + 2] = below;
  out[at + 3] = above * notAbove;
  out[at + 4] = below * notBelow;
  return here;
}

/** First and second derivatives of the log-likelihood by thresholds: each meets only its neighbours. */
export interface ThresholdSlopes {
  readonly slope: Float64Array;
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
}

export function noSlopes(count: number): ThresholdSlopes {
  return { slope: new Float64Array(count), diagonal: new Float64Array(count), beside: new Float64Array(count) };
}

/** Adds a rating on step k, of which `chances` wrote to `from` at `at`. */
export function addSlopes(
  { slope, diagonal, beside }: ThresholdSlopes,
  k: number,
  weight: number,
  from: Float64Array,
  at: number,
): void {
  const [above, below] = [from[at + 1] as number, from[at + 2] as number];
  const up = (from[at + 3] as number) / (from[at] as number);
  const down = (from[at + 4] as number) / (from[at] as number);
  if (k < slope.length) {
    slope[k] = (slope[k] as number) + weight * up;
    diagonal[k] = (diagonal[k] as number) + weight * up * (up + 1 - 2 * above);
  }
  if (k > 0) {
    slope[k - 1] = (slope[k - 1] as number) - weight * down;
    diagonal[k - 1] = (diagonal[k - 1] as number) + weight * down * (down + 1 - 2 * below);
  }
  if (k > 0 && k < slope.length) beside[k - 1] = (beside[k - 1] as number) - weight * up * down;
}

/** The thresholds after one step of Newton's method, shortened where they would meet. */
export function moveThresholds(thresholds: Float64Array, { slope, diagonal, beside }: ThresholdSlopes): Float64Array {
  const step = solve(diagonal, beside, slope);
  let size = Math.min(1, FARTHEST / step.reduce((most, each) => Math.max(most, Math.abs(each)), 0));
  for (let k = 1; k < thresholds.length; k++) {
    const room = (thresholds[k] as number) - (thresholds[k - 1] as number);
    const closing = (step[k - 1] as number) - (step[k] as number);
    if (closing > CLOSER * room) size = Math.min(size, (CLOSER * room) / closing);
  }
  return thresholds.map((threshold, k) => threshold + size * (step[k] as number));
}

/** Solves a symmetric positive definite system of three diagonals (Thomas). */
function solve(diagonal: Float64Array, beside: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  const [ratio, x] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n; k++) {
    const above = k > 0 ? (beside[k - 1] as number) : 0;
    const own = (diagonal[k] as number) - (k > 0 ? above * (ratio[k - 1] as number) : 0);
    const pivot = Math.max(own, LEAST_PIVOT);
    ratio[k] = (beside[k] as number) / pivot;
    x[k] = ((right[k] as number) - (k > 0 ? above * (x[k - 1] as number) : 0)) / pivot;
  }
  for (let k = n - 2; k >= 0; k--) x[k] = (x[k] as number) - (ratio[k] as number) * (x[k + 1] as number);
  return x;
}

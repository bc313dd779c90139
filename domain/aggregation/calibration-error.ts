/** How sure a method was of its labels, and how often that came true. */
export interface Calibration {
  readonly meanConfidence: number;
  /**
   * Expected calibration error (M. Naeini, G. Cooper, M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
   * binning", AAAI 2015): by ten bins of equally many labels in the order of their confidence, the mean difference of what was
   * claimed and what came true.
   */
  readonly calibrationError: number;
}

const BINS = 10;

/** Of labels of which it is known whether they are right, 0 to 1 (a share where equals were drawn). Undefined without any. */
export function calibrationOf(
  claims: readonly { readonly confidence: number; readonly right: number }[],
): Calibration | undefined {
  const n = claims.length;
  if (n === 0) return undefined;
  const sorted = claims.toSorted((a, b) => a.confidence - b.confidence);
  let error = 0;
  for (let bin = 1, from = 0; bin <= BINS; bin++) {
    let to = Math.max(from, Math.round((bin * n) / BINS));
    // What is as sure belongs together: which of them came first says nothing.
    while (to > from && to < n && sorted[to]?.confidence === sorted[to - 1]?.confidence) to++;
    error += Math.abs(sorted.slice(from, to).reduce((sum, { confidence, right }) => sum + confidence - right, 0));
    from = to;
  }
  return {
    meanConfidence: claims.reduce((sum, { confidence }) => sum + confidence, 0) / n,
    calibrationError: error / n,
  };
}

/**
 * The probability that a normal number is within `reach` of its mean; 1 where it does not vary, but 0 for a reach of 0: where
 * all gave the same there is no scale to measure by.
 */
export function normalWithin(reach: number, sd: number): number {
  if (sd === 0) return reach > 0 ? 1 : 0;
  // Abramowitz and Stegun, 7.1.26: right to 1.5e-7.
  const x = reach / sd / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const terms = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];
  const tail = terms.reduceRight((sum, term) => (sum + term) * t, 0) * Math.exp(-x * x);
  return Math.min(1, Math.max(0, 1 - tail));
}

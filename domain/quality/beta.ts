import { logGamma } from '../gamma.ts';

/**
 * The regularised incomplete beta function I_x(a, b): the probability that a Beta(a, b) variable is at most x.
 * Continued fraction by Lentz's method (Numerical Recipes, 3rd edition, section 6.4); about 14 digits for the small
 * a and b we use. a, b > 0 and 0 <= x <= 1, otherwise a RangeError.
 */
export function betaCdf(x: number, a: number, b: number): number {
  if (!(a > 0 && b > 0 && Number.isFinite(a) && Number.isFinite(b))) {
    throw new RangeError(`betaCdf needs positive a and b, not ${a} and ${b}.`);
  }
  if (!(x >= 0 && x <= 1)) throw new RangeError(`betaCdf needs x from 0 to 1, not ${x}.`);
  if (x === 0 || x === 1) return x;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges fast only on this side of the mean; the other side follows by symmetry.
  if (x < (a + 1) / (a + b + 2)) return (front * continuedFraction(x, a, b)) / a;
  return 1 - (front * continuedFraction(1 - x, b, a)) / b;
}

/** P(accuracy < `threshold`) after `correct` right answers of `n`, from a uniform prior (Beta(1, 1)). */
export function probabilityBelow(threshold: number, correct: number, n: number): number {
  return betaCdf(threshold, 1 + correct, 1 + n - correct);
}

/**
 * The central interval that holds the accuracy with probability `level` after `correct` right answers of `n`, from a
 * uniform prior: quantiles of Beta(1 + correct, 1 + n - correct), by bisection to 1e-9.
 */
export function accuracyInterval(correct: number, n: number, level = 0.95): { low: number; high: number } {
  const quantile = (p: number) => {
    let [low, high] = [0, 1];
    while (high - low > 1e-9) {
      const middle = (low + high) / 2;
      if (probabilityBelow(middle, correct, n) < p) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return { low: quantile((1 - level) / 2), high: quantile((1 + level) / 2) };
}

/** P(X >= `count`) for X binomial with `n` draws of chance `p`: the incomplete beta function I_p(count, n - count + 1). */
export function binomialTail(count: number, n: number, p: number): number {
  if (count <= 0) return 1;
  return count > n ? 0 : betaCdf(p, count, n - count + 1);
}

function continuedFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const guarded = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / guarded(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guarded(1 + even * d);
    c = guarded(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guarded(1 + odd * d);
    c = guarded(1 + odd / c);
    const change = d * c;
    result *= change;
    if (Math.abs(change - 1) < 1e-15) break;
  }
  return result;
}

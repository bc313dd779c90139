import { betaCdf } from './beta.ts';

const STEPS = 40;

/**
 * The central 95% credible interval of an accuracy after `correct` right answers of `n`, from a uniform prior: the 2.5%
 * and 97.5% quantiles of Beta(1 + correct, 1 + n - correct), by bisection to about 1e-12.
 */
export function goldInterval(correct: number, n: number): { low: number; high: number } {
  const [a, b] = [1 + correct, 1 + n - correct];
  const quantile = (share: number) => {
    let [low, high] = [0, 1];
    for (let step = 0; step < STEPS; step++) {
      const middle = (low + high) / 2;
      if (betaCdf(middle, a, b) < share) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return { low: quantile(0.025), high: quantile(0.975) };
}

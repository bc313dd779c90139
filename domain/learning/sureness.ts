import { expectedRight } from '../redundancy/expected-gain.ts';

/**
 * How sure the label of an item is expected to be after `n` more answers: E[probability of the most probable class], where
 * each answer is right with `accuracy` and otherwise names another class at random (Bayes' rule). For shares of classes
 * and n of 1 or more. Exact for two classes, for one answer, and where all classes are alike; otherwise a lower bound,
 * that of the two most probable classes or of one answer, as more answers never make a label less sure.
 */
export function expectedSureness(accuracy: number, classes: number) {
  const ofTwo = expectedRight(accuracy, classes);
  const ofEqual = new Map<number, number>();
  return (shares: readonly number[], n: number): number => {
    const [first = 0] = shares;
    if (n > 1 && shares.every((share) => Math.abs(share - first) < 1e-12)) {
      const known = ofEqual.get(n) ?? equalSureness(accuracy, classes, n);
      ofEqual.set(n, known);
      return known;
    }
    const { best, rival, at } = topTwo(shares);
    const one = afterOne(shares, accuracy, at, best, rival);
    return n === 1 ? one : Math.max(one, ofTwo(best, rival, n));
  };
}

/** Sum over answers of max_c P(c) P(answer | c). */
function afterOne(shares: readonly number[], accuracy: number, at: number, best: number, rival: number): number {
  const wrong = (1 - accuracy) / (shares.length - 1);
  let sum = 0;
  for (let answer = 0; answer < shares.length; answer++) {
    const others = answer === at ? rival : best;
    sum += Math.max((shares[answer] as number) * accuracy, others * wrong);
  }
  return sum;
}

/**
 * Where all classes are alike the one most often named is the most probable (the least often, where answers are worse than
 * chance): the number of ways to give n answers by how often that one is named, times their probability.
 */
function equalSureness(accuracy: number, classes: number, n: number): number {
  const wrong = (1 - accuracy) / (classes - 1);
  const isBetter = accuracy >= wrong;
  let sum = 0;
  let before = 0;
  for (let times = isBetter ? 0 : n; isBetter ? times <= n : times >= 0; times += isBetter ? 1 : -1) {
    const ways = isBetter ? waysWithin(classes, n, 0, times) : waysWithin(classes, n, times, n);
    sum += (ways - before) * accuracy ** times * wrong ** (n - times);
    before = ways;
  }
  return sum / classes;
}

/** In how many ways n answers can name so many classes, each from `least` to `most` times: n! [x^n] (sum x^j / j!)^classes. */
function waysWithin(classes: number, n: number, least: number, most: number): number {
  const inverse = [1];
  for (let j = 1; j <= n; j++) inverse.push((inverse[j - 1] as number) / j);
  let series: number[] = inverse.map((_, j) => (j === 0 ? 1 : 0));
  for (let each = 0; each < classes; each++) {
    series = series.map((_, degree) => {
      let sum = 0;
      for (let j = least; j <= Math.min(most, degree); j++) {
        sum += (series[degree - j] as number) * (inverse[j] as number);
      }
      return sum;
    });
  }
  return (series[n] as number) / (inverse[n] as number);
}

function topTwo(shares: readonly number[]): { best: number; rival: number; at: number } {
  let [best, rival, at] = [-1, 0, 0];
  shares.forEach((share, k) => {
    if (share > best) {
      rival = Math.max(best, 0);
      best = share;
      at = k;
    } else if (share > rival) rival = share;
  });
  return { best, rival, at };
}

/** How far ahead is looked: answers that no such number can change are worth nothing. */
export const MAX_LOOKAHEAD = 8;

/**
 * What one more answer is worth: the expected rise in the probability that the task's label is right, per answer, if
 * as many more are asked as pays best (one alone often cannot change the label, although two can). The most probable
 * label and its strongest rival decide; each answer is right with `accuracy`, and otherwise any other label alike.
 *
 *   gain = max over n of (E[largest posterior after n answers] - largest posterior) / n
 *
 * The value of information of decision theory, not the myopic one, which stops too early (E. Kamar, S. Hacker,
 * E. Horvitz, "Combining human and machine intelligence in large-scale crowdsourcing", AAMAS 2012). The returned
 * function takes both probabilities and how many more answers are allowed.
 */
export function gainPerAnswer(accuracy: number, labelCount: number) {
  const rightAfter = expectedRight(accuracy, labelCount);
  return (best: number, rival: number, allowed: number): number => {
    let most = 0;
    for (let n = 1; n <= Math.min(allowed, MAX_LOOKAHEAD); n++) {
      most = Math.max(most, (rightAfter(best, rival, n) - best) / n);
    }
    // Differences this small are rounding.
    return most < 1e-12 ? 0 : most;
  };
}

/**
 * The probability that the better of two labels, as `n` more answers will leave them, is right: E[largest posterior], as
 * long as no third label comes to be the most probable. For both probabilities and n.
 */
export function expectedRight(accuracy: number, labelCount: number) {
  // Made when they are first looked at: most tasks have only a few more answers to come.
  const tables: Outcomes[] = [];
  return (best: number, rival: number, n: number): number => {
    tables[n - 1] ??= outcomes(n, accuracy, labelCount);
    const { ifBest, ifRival } = tables[n - 1] as Outcomes;
    let right = 0;
    for (let i = 0; i < ifBest.length; i++) {
      right += Math.max(best * (ifBest[i] as number), rival * (ifRival[i] as number));
    }
    return right;
  };
}

/** The probabilities of all counts, among n answers, for the one, the other and neither, under either truth. */
interface Outcomes {
  readonly ifBest: Float64Array;
  readonly ifRival: Float64Array;
}

function outcomes(n: number, accuracy: number, labelCount: number): Outcomes {
  const right = Math.min(1 - 1e-9, Math.max(1e-9, accuracy));
  const wrong = (1 - right) / Math.max(1, labelCount - 1);
  const neither = Math.max(0, 1 - right - wrong);
  const ifBest: number[] = [];
  const ifRival: number[] = [];
  for (let x = 0; x <= n; x++) {
    for (let y = 0; x + y <= n; y++) {
      const rest = (factorial(n) / (factorial(x) * factorial(y) * factorial(n - x - y))) * neither ** (n - x - y);
      ifBest.push(rest * right ** x * wrong ** y);
      ifRival.push(rest * wrong ** x * right ** y);
    }
  }
  return { ifBest: Float64Array.from(ifBest), ifRival: Float64Array.from(ifRival) };
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/**
 * How much an annotator's answer would tell about a task, in nats: the mutual information of answer and truth, for the
 * task's probabilities by label and `chance(k, l)`, the probability that the annotator says l where k is true.
 */
export function informationGain(posterior: ArrayLike<number>, chance: (k: number, l: number) => number): number {
  const labelCount = posterior.length;
  let gain = 0;
  for (let l = 0; l < labelCount; l++) {
    let said = 0;
    for (let k = 0; k < labelCount; k++) said += (posterior[k] as number) * chance(k, l);
    for (let k = 0; k < labelCount; k++) {
      const both = (posterior[k] as number) * chance(k, l);
      if (both > 1e-15) gain += both * Math.log(chance(k, l) / said);
    }
  }
  return Math.max(0, gain);
}

import { byUnit, type Ratings } from '../agreement/ratings.ts';

/** Agreement within so many standard errors of chance is taken for chance. */
const STANDARD_ERRORS = 2;

/** How far two annotators are one voice: 0 = independent, 1 = the second answer adds nothing to the first. */
export type Correlation = (a: number, b: number) => number;

/**
 * Finds annotators who agree more often than two independent ones of their accuracy would. With o of their n shared
 * tasks answered alike and e expected by chance,
 *
 *   correlation = (o - e - 2 standard errors of e) / (n - e), from 0 to 1:
 *
 * the surplus in which one can trust, over the most it could be. Copies come near 1 after some dozen tasks; a pair with
 * few shared tasks is innocent; `isNone` where all are. `accuracy` is by annotator. Time and memory grow with the pairs of answers to a task.
 */
export function pairCorrelations(
  ratings: Pick<Ratings, 'unit' | 'rater' | 'value' | 'unitCount' | 'valueCount'>,
  accuracy: ArrayLike<number>,
): Correlation & { readonly isNone: boolean } {
  const { rater, value, unitCount, valueCount } = ratings;
  const agreed = new Map<number, PairCount>();
  const { start, at } = byUnit(ratings);
  for (let u = 0; u < unitCount; u++) {
    for (let p = start[u] as number; p < (start[u + 1] as number); p++) {
      for (let q = p + 1; q < (start[u + 1] as number); q++) {
        const [i, j] = [at[p] as number, at[q] as number];
        const [a, b] = [rater[i] as number, rater[j] as number];
        const chance = agreementByChance(accuracy[a] as number, accuracy[b] as number, valueCount);
        const pair = agreed.get(key(a, b)) ?? { shared: 0, alike: 0, expected: 0, variance: 0 };
        if (pair.shared === 0) agreed.set(key(a, b), pair);
        pair.shared++;
        if (value[i] === value[j]) pair.alike++;
        pair.expected += chance;
        pair.variance += chance * (1 - chance);
      }
    }
  }
  // Of hardly any pair can a surplus be trusted.
  const found = new Map<number, number>();
  for (const [both, pair] of agreed) {
    const surplus = pair.alike - pair.expected - STANDARD_ERRORS * Math.sqrt(pair.variance);
    if (surplus > 0) found.set(both, Math.min(1, surplus / (pair.shared - pair.expected)));
  }
  return Object.assign((a: number, b: number) => found.get(key(a, b)) ?? 0, { isNone: found.size === 0 });
}

interface PairCount {
  shared: number;
  alike: number;
  expected: number;
  variance: number;
}

/**
 * What each answer of one task counts, from 0 to 1: one among others that say the same counts 1 / (1 + the sum of its
 * correlations with them), so n copies count as one answer and independent ones in full (Kish's design effect).
 */
export function answerWeights(
  answers: readonly { readonly annotator: number; readonly label: number }[],
  correlation: Correlation,
): number[] {
  return answers.map(({ annotator, label }, i) => {
    const shared = answers.reduce(
      (sum, other, j) => (i === j || other.label !== label ? sum : sum + correlation(annotator, other.annotator)),
      0,
    );
    return 1 / (1 + shared);
  });
}

/** The chance that two independent annotators say the same: both right, or both wrong in the same way. */
function agreementByChance(a: number, b: number, labelCount: number): number {
  return a * b + ((1 - a) * (1 - b)) / Math.max(1, labelCount - 1);
}

// Annotator ids are dense, so the product stays far below 2 ** 53.
const PAIR = 2 ** 26;

function key(a: number, b: number): number {
  return Math.min(a, b) * PAIR + Math.max(a, b);
}

import { describe, expect, test } from 'vitest';
import { furtherAnswersAreIdle } from '../../../domain/redundancy/idle-answers.ts';

const settings = {
  redundancyPolicy: 'adaptive',
  whenContested: 'accept',
  redundancy: 2,
  maxRedundancy: 5,
  minConfidence: 0.95,
} as const;
/** A task of two choices after n answers. */
const judged = (n: number, confidence: number) => ({
  n,
  method: 'crowd_model',
  stats: { tie: 0 },
  distribution: { yes: confidence, no: 1 - confidence },
});

describe('answers of an adaptive task that would change nothing', () => {
  test('the last one allowed cannot overturn what is nearly sure; two can', () => {
    expect(furtherAnswersAreIdle(settings, judged(4, 0.93))).toBe(true);
    expect(furtherAnswersAreIdle(settings, judged(3, 0.93))).toBe(false);
    expect(furtherAnswersAreIdle(settings, judged(4, 0.7))).toBe(false);
  });

  test('nor are they asked where they are not worth their price', () => {
    // After one that is right nine times in ten the label is right with 0.7 x 0.9 + 0.3 x 0.9: 0.2 for $0.10.
    const priced = { ...settings, priceMicros: '100000' };
    const worth = (leastGainPerUsd: number, priceMicros = priced.priceMicros) =>
      !furtherAnswersAreIdle({ ...priced, leastGainPerUsd, priceMicros }, judged(2, 0.7));
    expect([0.5, 1.9, 2.1, 5].map((least) => worth(least))).toEqual([true, true, false, false]);
    // At half the price twice as much is worth it, and what is free is always.
    expect(worth(2.1, '50000')).toBe(true);
    expect(worth(1e6, '0')).toBe(true);
  });

  test('are asked all the same below the least, by vote, and where an expert would have to rule', () => {
    expect(furtherAnswersAreIdle({ ...settings, redundancy: 5 }, judged(4, 0.93))).toBe(false);
    expect(furtherAnswersAreIdle(settings, { ...judged(4, 0.93), method: 'weighted_vote' })).toBe(false);
    expect(furtherAnswersAreIdle({ ...settings, whenContested: 'adjudicate' }, judged(4, 0.93))).toBe(false);
    expect(furtherAnswersAreIdle({ ...settings, redundancyPolicy: 'fixed' }, judged(4, 0.93))).toBe(false);
  });
});

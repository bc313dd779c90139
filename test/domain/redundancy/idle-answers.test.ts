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

  test('are asked all the same below the least, by vote, and where an expert would have to rule', () => {
    expect(furtherAnswersAreIdle({ ...settings, redundancy: 5 }, judged(4, 0.93))).toBe(false);
    expect(furtherAnswersAreIdle(settings, { ...judged(4, 0.93), method: 'weighted_vote' })).toBe(false);
    expect(furtherAnswersAreIdle({ ...settings, whenContested: 'adjudicate' }, judged(4, 0.93))).toBe(false);
    expect(furtherAnswersAreIdle({ ...settings, redundancyPolicy: 'fixed' }, judged(4, 0.93))).toBe(false);
  });
});

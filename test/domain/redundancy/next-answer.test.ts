import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gainPerAnswer } from '../../../domain/redundancy/expected-gain.ts';
import { nextAnswer } from '../../../domain/redundancy/next-answer.ts';
import { adaptivePolicy } from '../../../domain/redundancy/policy.ts';

const policy = adaptivePolicy({ min: 2, max: 6, target: 0.95 });
const task = { answers: 3, posterior: [0.6, 0.4], accuracy: 0.8, labelCount: 2 };

describe('whether a task gets one more answer', () => {
  test.each([
    ['below the least', { ...task, answers: 1, posterior: [0.99, 0.01] }, 'ask_more', 'below_min'],
    ['contested', task, 'ask_more', 'worth_it'],
    ['sure enough', { ...task, posterior: [0.04, 0.96] }, 'stop', 'target_reached'],
    ['at the most', { ...task, answers: 6 }, 'stop', 'at_max'],
    ['beyond what the answers left can change', { ...task, answers: 5, posterior: [0.9, 0.1] }, 'stop', 'not_worth_it'],
    ['answers that tell nothing', { ...task, accuracy: 0.5 }, 'stop', 'not_worth_it'],
  ] as const)('%s', (_, given, next, reason) => {
    expect(nextAnswer(policy, given)).toMatchObject({ next, reason, confidence: Math.max(...given.posterior) });
  });

  test('an answer that costs more than it gains is not asked for', () => {
    const { gain } = nextAnswer(policy, task);
    expect(nextAnswer(policy, task, gain / 2).next).toBe('ask_more');
    expect(nextAnswer(policy, task, gain)).toMatchObject({ next: 'stop', reason: 'not_worth_it' });
  });

  test('one answer of accuracy a on an even task of two labels gains a - 1/2', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 1, noNaN: true }), (accuracy) => {
        expect(gainPerAnswer(accuracy, 2)(0.5, 0.5, 1)).toBeCloseTo(accuracy - 0.5, 6);
      }),
    );
  });

  test('the gain is never negative, nor more than what is missing, and more answers allowed never lower it', () => {
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(probability, probability, fc.integer({ min: 2, max: 9 }), probability, (accuracy, p, labels, q) => {
        const best = Math.max(p, 1 - p);
        const gainOf = gainPerAnswer(accuracy, labels);
        const gains = [0, 1, 2, 5, 50].map((allowed) => gainOf(best, (1 - best) * q, allowed));
        expect(gains[0]).toBe(0);
        for (const [at, gain] of gains.entries()) {
          expect(gain).toBeGreaterThanOrEqual(gains[at - 1] ?? 0);
          expect(gain).toBeLessThanOrEqual(1 - best + 1e-9);
        }
      }),
    );
  });

  test.each([
    [{ min: 4, max: 3 }, /min is 4, more than max/],
    [{ min: 0 }, /min is 0; it must be a whole number from 1/],
    [{ target: Number.NaN }, /target is NaN/],
    [{ average: 1 }, /average is 1; it must be at least min/],
  ])('%j is no policy', (given, message) => {
    expect(() => adaptivePolicy(given)).toThrow(message);
  });
});

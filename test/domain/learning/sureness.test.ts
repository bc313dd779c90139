import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedSureness } from '../../../domain/learning/sureness.ts';

/** The same by its definition: over all ways to give n answers. */
function byHand(shares: readonly number[], accuracy: number, n: number): number {
  const wrong = (1 - accuracy) / (shares.length - 1);
  let weights: number[][] = [[...shares]];
  for (let at = 0; at < n; at++) {
    weights = weights.flatMap((each) =>
      shares.map((_, answer) => each.map((p, k) => p * (k === answer ? accuracy : wrong))),
    );
  }
  return weights.reduce((sum, each) => sum + Math.max(...each), 0);
}

const accuracy = fc.double({ min: 0.05, max: 0.99, noNaN: true });
const some = (least: number, most: number) =>
  fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: least, maxLength: most }).map((raw) => {
    const sum = raw.reduce((total, x) => total + x, 0);
    return raw.map((x) => x / sum);
  });

describe('how sure a label is expected to become', () => {
  it('is exact for two classes, for one answer, and where all classes are alike', () => {
    fc.assert(
      fc.property(accuracy, some(2, 2), fc.integer({ min: 1, max: 6 }), (skill, shares, n) => {
        expect(expectedSureness(skill, 2)(shares, n)).toBeCloseTo(byHand(shares, skill, n), 10);
      }),
    );
    fc.assert(
      fc.property(accuracy, some(2, 6), (skill, shares) => {
        expect(expectedSureness(skill, shares.length)(shares, 1)).toBeCloseTo(byHand(shares, skill, 1), 10);
      }),
    );
    fc.assert(
      fc.property(accuracy, fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 5 }), (skill, classes, n) => {
        const flat = Array.from({ length: classes }, () => 1 / classes);
        expect(expectedSureness(skill, classes)(flat, n)).toBeCloseTo(byHand(flat, skill, n), 10);
      }),
    );
  });

  it('is never more than it can be, nor less than it is', () => {
    fc.assert(
      fc.property(accuracy, some(3, 4), fc.integer({ min: 2, max: 5 }), (skill, shares, n) => {
        const sureness = expectedSureness(skill, shares.length)(shares, n);
        expect(sureness).toBeLessThan(byHand(shares, skill, n) + 1e-9);
        expect(sureness).toBeGreaterThan(Math.max(...shares) - 1e-9);
      }),
    );
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { distanceFromKnown, rankingDistance } from '../../../../domain/aggregation/rankings/ranking-distance.ts';

const rank = fc.integer({ min: 1, max: 4 });
const ranks = fc.array(fc.option(rank), { minLength: 4, maxLength: 4 });
const full = fc.array(rank, { minLength: 4, maxLength: 4 });

it('is a metric among rankings of the same items', () => {
  fc.assert(
    fc.property(full, full, full, (a, b, c) => {
      const d = rankingDistance;
      expect(d(a, c)).toBeLessThanOrEqual(d(a, b) + d(b, c) + 1e-12);
    }),
  );
});

it('is symmetric, at most 1, and does not depend on how the items are numbered', () => {
  fc.assert(
    fc.property(ranks, ranks, fc.nat(3), (a, b, turn) => {
      const d = rankingDistance;
      expect(d(a, a)).toBe(0);
      expect(d(a, b)).toBe(d(b, a));
      expect(d(a, b)).toBeLessThanOrEqual(1);
      const turned = (list: readonly (number | null)[]) => [...list.slice(turn), ...list.slice(0, turn)];
      expect(d(turned(a), turned(b))).toBeCloseTo(d(a, b), 12);
    }),
  );
});

it('counts pairs', () => {
  expect(rankingDistance([1, 2, 3, 4], [4, 3, 2, 1])).toBe(1);
  expect(rankingDistance([1, 2, 3, 4], [1, 2, 4, 3])).toBeCloseTo(1 / 6, 12);
  expect(rankingDistance([1, 1, 2, 2], [1, 2, 3, 4])).toBeCloseTo(1 / 6, 12);
  // Of the three pairs that either compares, two are compared by one alone.
  expect(rankingDistance([1, 2, null, null], [1, 2, 3, null])).toBeCloseTo(1 / 3, 12);
  expect(rankingDistance([1, 2, null, null], [2, 1, null, null])).toBe(1);
  expect(rankingDistance([1, 2, null, null], [null, null, 1, 2])).toBe(0.5);
  expect(rankingDistance([1], [1])).toBe(0);
});

it('beside a known ranking counts the pairs alone that this compares', () => {
  expect(distanceFromKnown([2, 1, 3, 4, 5], [1, 2, null, null, null])).toBe(1);
  expect(distanceFromKnown([1, 2, 3, 4, 5], [1, 2, null, null, null])).toBe(0);
  expect(distanceFromKnown([1, null, 2, 3, 4], [1, 2, null, null, null])).toBe(0.5);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rankingDistance } from '../../../../domain/aggregation/rankings/ranking-distance.ts';

const ranks = fc.array(fc.option(fc.integer({ min: 1, max: 4 })), { minLength: 4, maxLength: 4 });

it('is a metric, and does not depend on how the items are numbered', () => {
  fc.assert(
    fc.property(ranks, ranks, ranks, fc.nat(3), (a, b, c, turn) => {
      const d = rankingDistance;
      expect(d(a, a)).toBe(0);
      expect(d(a, b)).toBe(d(b, a));
      expect(d(a, c)).toBeLessThanOrEqual(d(a, b) + d(b, c) + 1e-12);
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
  expect(rankingDistance([1, 2, null, null], [1, 2, 3, null])).toBeCloseTo(1 / 6, 12);
  expect(rankingDistance([1], [1])).toBe(0);
});

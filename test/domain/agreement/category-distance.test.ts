import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { categoryDistance, WEIGHTS } from '../../../domain/agreement/category-distance.ts';

const scales = fc
  .uniqueArray(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 7 })
  .map((numbers) => numbers.sort((a, b) => a - b));
const cases = scales.chain((scale) => {
  const mass = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: scale.length, maxLength: scale.length });
  return fc.tuple(fc.constant(scale), mass, mass);
});

describe.each(WEIGHTS)('categoryDistance %s', (weights) => {
  it('sums over pairs as the distances do one by one', () => {
    fc.assert(
      fc.property(cases, ([scale, a, b]) => {
        const distance = categoryDistance(weights, scale);
        let slow = 0;
        a.forEach((x, i) => {
          b.forEach((y, j) => {
            slow += x * y * distance.between(i, j);
          });
        });
        const ids = scale.map((_, id) => id);
        expect(distance.sum({ ids, a, b }, 0, ids.length)).toBeCloseTo(slow, 9);
      }),
    );
  });

  it('is 0 for equal categories, symmetric, and 1 from end to end', () => {
    fc.assert(
      fc.property(scales, fc.nat(), fc.nat(), (scale, x, y) => {
        const { between } = categoryDistance(weights, scale);
        const [i, j] = [x % scale.length, y % scale.length];
        expect(between(i, i)).toBe(0);
        expect(between(i, j)).toBe(between(j, i));
        if (scale.length > 1) expect(between(0, scale.length - 1)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('sums to exactly 0 where all lies on one category', () => {
    const distance = categoryDistance(weights, [0.1, 0.2, 0.3]);
    for (const id of [0, 1, 2]) {
      const a = [0, 0, 0].map((_, at) => (at === id ? 3 : 0));
      expect(distance.sum({ ids: [0, 1, 2], a, b: a }, 0, 3)).toBe(0);
    }
  });
});

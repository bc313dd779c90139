import { expect, it } from 'vitest';
import { goldUnitsBeside } from '../../../domain/vendors/golds.ts';

it('golds come as often as their ratio says, in small orders by chance, in any order by the nearest whole numbers', () => {
  const drawn = Array.from({ length: 2000 }, (_, at) => goldUnitsBeside(5, 0.05, `order ${at}`));
  expect(new Set(drawn)).toEqual(new Set([0, 1]));
  expect(drawn.reduce((sum, count) => sum + count, 0) / 2000).toBeCloseTo(0.25, 1);
  expect(goldUnitsBeside(40, 0.05, 'a')).toBe(2);
  expect(goldUnitsBeside(5, 0.05, 'a')).toBe(goldUnitsBeside(5, 0.05, 'a'));
  expect(goldUnitsBeside(100, 0, 'a')).toBe(0);
});

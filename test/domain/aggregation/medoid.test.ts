import { expect, it } from 'vitest';
import { weightedMedoid } from '../../../domain/aggregation/medoid.ts';

const line = (a: string, b: string) => Math.abs(Number(a) - Number(b)) / 10;
const cast = (...choices: [string, number][]) =>
  weightedMedoid(
    choices.map(([choice, weight], at) => ({ annotationId: `${at}`, weight, choice })),
    line,
  );

it('is the choice with the least weighted distance to all, on a line the median', () => {
  expect(cast(['1', 1], ['2', 1], ['9', 1]).winner).toBe('2');
  expect(cast(['1', 1], ['2', 1], ['9', 5]).winner).toBe('9');
  expect(cast(['1', 1], ['4', 1], ['4', 1]).distribution).toEqual([
    ['1', 1 / 3],
    ['4', 2 / 3],
  ]);
});

it('prefers of equals the one with more weight of its own, and draws the rest', () => {
  // 2 and 8 are as far from all; 5 in the middle as well.
  expect(cast(['2', 2], ['8', 1], ['9', 1])).toMatchObject({ winner: '2', tie: false });
  expect(cast(['2', 1], ['8', 1]).tie).toBe(true);
  expect(cast(['2', 0], ['8', 0], ['8', 0]).winner).toBe('8');
  expect(cast()).toEqual({ winner: null, distribution: [], tie: false });
});

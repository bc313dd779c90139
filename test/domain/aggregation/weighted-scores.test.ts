import { describe, expect, it } from 'vitest';
import { shares, spread } from '../../../domain/aggregation/weighted-scores.ts';

const scores = [
  { score: 4, weight: 1 },
  { score: 1, weight: 0.5 },
  { score: 4, weight: 0.5 },
];

describe('weighted scores', () => {
  it('have a weighted mean and population deviation', () => {
    expect(spread(scores).mean).toBeCloseTo(3.25, 12);
    expect(spread(scores).sd).toBeCloseTo(Math.sqrt(0.75 * 0.25) * 3, 12);
    expect(spread([{ score: 2, weight: 0.1 }])).toEqual({ mean: 2, sd: 0 });
  });

  it('have shares of weight by score, lowest first', () => {
    expect(shares(scores)).toEqual([
      [1, 0.25],
      [4, 0.75],
    ]);
    expect(shares([])).toEqual([]);
  });
});

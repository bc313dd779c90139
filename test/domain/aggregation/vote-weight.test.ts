import { expect, test } from 'vitest';
import { voteWeight } from '../../../domain/aggregation/vote-weight.ts';

test('by quality: the quality score times the assessment', () => {
  expect(voteWeight('quality', { qualityScore: 0.8, score: 0.5 })).toBeCloseTo(0.4, 12);
});

test('by log-odds: one expert outweighs two annotators who are right a little more often than not', () => {
  const expert = voteWeight('log_odds', { qualityScore: 0.95, score: 1 });
  const guess = voteWeight('log_odds', { qualityScore: 0.6, score: 1 });
  expect(expert).toBeCloseTo(Math.log(19), 12);
  expect(expert).toBeGreaterThan(2 * guess);
});

test('by log-odds: chance and worse weigh nothing, and certainty stays finite', () => {
  expect(voteWeight('log_odds', { qualityScore: 0.5, score: 1 })).toBe(0);
  expect(voteWeight('log_odds', { qualityScore: 0.2, score: 1 })).toBe(0);
  expect(Number.isFinite(voteWeight('log_odds', { qualityScore: 1, score: 1 }))).toBe(true);
});

import { krippendorffAlpha } from '../agreement/krippendorff.ts';
import type { NamedRatings } from '../agreement/ratings.ts';
import { decimal } from './decimal.ts';

/** Of the squared difference of two answers that differ: what is left of it, at most, between answers to one task. */
const NEAR = 0.5;

/**
 * Whether labels are scores of a scale by which tasks differ, and not names that happen to be numbers: answers to one task
 * that differ are near each other. Of names it does not matter how far they are from each other, and the squared difference within tasks is about that between any two answers: with alpha = 1 - observed / expected,
 * (1 - alpha at the interval level) / (1 - nominal alpha) is their ratio.
 */
export function areScores(ratings: NamedRatings): boolean {
  const scale = ratings.values.map(decimal);
  if (!scale.every(Number.isFinite)) return false;
  const [names, scores] = [
    krippendorffAlpha(ratings, { level: 'nominal' }),
    krippendorffAlpha(ratings, { level: 'interval', scale }),
  ];
  return names !== undefined && scores !== undefined && names < 1 && 1 - scores < NEAR * (1 - names);
}

import { describe, expect, it } from 'vitest';
import { asShown } from '../../../domain/quality/as-shown.ts';
import { positionBias } from '../../../domain/quality/position-bias.ts';
import { RULE_DEFAULTS } from '../../../domain/quality/rules.ts';
import { seededRng } from '../../../domain/rng.ts';
import { pairwise } from '../../../domain/tasks/pairwise.ts';
import { preferenceRanking } from '../../../domain/tasks/preference-ranking.ts';
import { times } from './patterns.ts';

const rules = RULE_DEFAULTS.positionBias;
const places = (first: number, second: number) => [
  ...new Array<{ at: number; of: number }>(first).fill({ at: 0, of: 2 }),
  ...new Array<{ at: number; of: number }>(second).fill({ at: 1, of: 2 }),
];

describe('position bias', () => {
  it('is the first shown far more often than the lot explains, with its interval', () => {
    const found = positionBias(places(27, 3), rules);
    expect(found).toMatchObject({ flag: 'position_bias', factor: 0.5, evidence: { place: 'first', answers: 30 } });
    // 2 * sum over k from 27 to 30 of C(30, k) / 2^30 = 2 * 4526 / 2^30.
    expect(found?.evidence.chance).toBeCloseTo(9052 / 2 ** 30, 12);
    expect(found?.evidence.low).toBeGreaterThan(0.7);
    expect(positionBias(places(3, 27), rules)?.evidence.place).toBe('last');
  });

  it('is none with a few answers, nor by a share that luck gives', () => {
    expect(positionBias([], rules)).toBeUndefined();
    expect(positionBias(places(19, 0), rules)).toBeUndefined();
    expect(positionBias(places(20, 10), rules)).toBeUndefined();
    // Certain, but too small to matter.
    expect(positionBias(places(600, 400), rules)).toBeUndefined();
  });

  it('finds hardly anybody who chooses by worth, whatever the number of things shown', () => {
    const found = times(2000, (seed) => {
      const rng = seededRng(seed);
      const chosen = Array.from({ length: 50 }, () => {
        const of = 2 + Math.floor(rng.next() * 4);
        return { at: Math.floor(rng.next() * of), of };
      });
      return positionBias(chosen, rules) !== undefined;
    });
    expect(found).toBeLessThanOrEqual(6);
  });
});

describe('an answer as it was shown', () => {
  it('is the same click for whoever always takes the first, whatever the order was', () => {
    for (const seed of ['x', 'y', 'z', 'u', 'v']) {
      const { order } = pairwise.present?.({ prompt: 'p', a: 'A', b: 'B' }, seed) ?? { order: '' };
      const label = pairwise.undo?.({ choice: 'a' }, order);
      expect(asShown('pairwise', label, 'text', order)).toEqual({ key: 'first', place: { at: 0, of: 2 } });
      const payload = { prompt: 'p', answers: ['a', 'b', 'c'] };
      const ranked = preferenceRanking.present?.(payload, seed) ?? { order: '' };
      const ranking = preferenceRanking.undo?.({ ranks: [2, 1, 3] }, ranked.order);
      const shown = { key: '[2,1,3]', place: { at: 1, of: 3 } };
      expect(asShown('preference_ranking', ranking, 'text', ranked.order)).toEqual(shown);
    }
  });

  it('has no place for ties, and is the label itself where nothing is drawn', () => {
    expect(asShown('pairwise', { choice: 'tie' }, 'tie', 'ba')).toEqual({ key: 'tie' });
    expect(asShown('preference_ranking', { ranks: [1, 1, 2] }, 'tie', '0,1,2')).toEqual({ key: '[1,1,2]' });
    expect(asShown('classification', 'spam', 'spam', null)).toEqual({ key: 'spam' });
  });
});

import { expect, it } from 'vitest';
import { calibrationOf } from '../../../../domain/aggregation/calibration-error.ts';
import { logistic } from '../../../../domain/aggregation/logistic.ts';
import { betterProbability } from '../../../../domain/aggregation/pairs/better.ts';
import { bradleyTerry } from '../../../../domain/aggregation/pairs/bradley-terry.ts';
import { noisyBradleyTerry } from '../../../../domain/aggregation/pairs/noisy-bradley-terry.ts';
import { toPairVotes } from '../../../../domain/aggregation/pairs/pair-votes.ts';
import { seededRng } from '../../../../domain/rng.ts';

it.each([
  ['bradley-terry', bradleyTerry],
  ['noisy-bradley-terry', noisyBradleyTerry],
] as const)('is how often the item of higher score is the better one: %s', (_, method) => {
  const rng = seededRng('better');
  const claims = Array.from({ length: 30 }, () => {
    const strengths = Array.from({ length: 40 }, () => rng.normal());
    const rows = Array.from({ length: 300 }, () => {
      const a = rng.int(40);
      const b = (a + 1 + rng.int(39)) % 40;
      const wins = rng.next() < logistic((strengths[a] ?? 0) - (strengths[b] ?? 0));
      return { left: `${a}`, right: `${b}`, winner: `${wins ? a : b}`, worker: `w${rng.int(12)}` };
    });
    const votes = toPairVotes(rows);
    const better = betterProbability(method(votes), votes);
    const at = (item: number) => strengths[Number(votes.items[item])] ?? 0;
    return votes.items.flatMap((_name, a) =>
      Array.from({ length: a }, (_each, b) => {
        const chance = better(a, b);
        expect(better(b, a)).toBeCloseTo(1 - chance, 12);
        return { confidence: Math.max(chance, 1 - chance), right: chance > 0.5 === at(a) > at(b) ? 1 : 0 };
      }),
    );
  }).flat();
  expect(calibrationOf(claims)?.calibrationError).toBeLessThan(0.04);
});

it('grows with what says the same, and nothing is known of items that no comparison connects', () => {
  const row = (left: string, right: string, winner: string, worker: string) => ({ left, right, winner, worker });
  const sureness = [1, 4, 16].map((times) => {
    const rows = Array.from({ length: times }, (_, w) => [
      row('a', 'b', 'a', `w${w}`),
      row('a', 'b', 'a', `x${w}`),
      row('a', 'b', 'b', `y${w}`),
    ]).flat();
    const votes = toPairVotes([...rows, row('c', 'd', 'c', 'w0')]);
    const better = betterProbability(bradleyTerry(votes), votes);
    expect(better(0, 2)).toBe(0.5);
    return better(0, 1);
  });
  expect(sureness).toEqual(sureness.toSorted((x, y) => x - y));
  expect(sureness[0]).toBeLessThan(0.8);
  expect(sureness[2]).toBeGreaterThan(0.9);
});

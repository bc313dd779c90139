import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bradleyTerry } from '../../../../domain/aggregation/pairs/bradley-terry.ts';
import type { WeightedRanking } from '../../../../domain/aggregation/rankings/ballots.ts';
import { plackettLuce } from '../../../../domain/aggregation/rankings/plackett-luce.ts';
import { seededRng } from '../../../../domain/rng.ts';
import { votesOf } from '../pairs/made-up.ts';

const ballots = (...ranks: (number | null)[][]): WeightedRanking[] => ranks.map((each) => ({ ranks: each, weight: 1 }));

/** Drawn from the model: items leave with probability proportional to e^strength. */
function draw(strengths: readonly number[], count: number, seed: number): WeightedRanking[] {
  const rng = seededRng(seed);
  return Array.from({ length: count }, () => {
    // The order of exponential waiting times at these rates is such a ranking.
    const times = strengths.map((strength) => -Math.log(1 - rng.next()) / Math.exp(strength));
    const order = [...times.keys()].sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
    return { ranks: times.map((_, item) => order.indexOf(item) + 1), weight: 1 };
  });
}

describe('plackettLuce', () => {
  it('is Bradley and Terry of the pairs where rankings are of two items', () => {
    const said = ['a>b', 'a>b', 'b>c', 'c>a', 'a=c', 'b>a', 'c=b', 'c>d', 'd>b', 'a>d'];
    const votes = votesOf(...said);
    const rankings = Array.from(votes.winner, (share, i): WeightedRanking => {
      const ranks = Array.from({ length: 4 }, (): number | null => null);
      ranks[votes.left[i] ?? 0] = share === 0 ? 2 : 1;
      ranks[votes.right[i] ?? 0] = share === 1 ? 2 : 1;
      return { ranks, weight: 1 };
    });
    const [pairs, whole] = [bradleyTerry(votes), plackettLuce(rankings, 4)];
    expect(whole.converged).toBe(true);
    expect(whole.logLikelihood).toBeCloseTo(pairs.logLikelihood, 9);
    for (const [item, strength] of pairs.strengths.entries()) expect(whole.strengths[item]).toBeCloseTo(strength, 9);
  });

  it('chooses each item as often as it was chosen', () => {
    // At the maximum, the sum over choices of P(chosen) is the number of times it was chosen (Hunter, 2004).
    const rankings = draw([1, 0.5, 0, -0.5, -1], 60, 1);
    const { strengths, converged } = plackettLuce(rankings, 5);
    expect(converged).toBe(true);
    const expected = new Float64Array(5);
    for (const { ranks } of rankings) {
      const order = [1, 2, 3, 4, 5].map((rank) => ranks.indexOf(rank));
      for (let at = 0; at < 5; at++) {
        const left = order.slice(at);
        const total = left.reduce((sum, item) => sum + Math.exp(strengths[item] ?? 0), 0);
        for (const item of left) expected[item] = (expected[item] ?? 0) + Math.exp(strengths[item] ?? 0) / total;
      }
    }
    for (const each of expected) expect(each).toBeCloseTo(60, 7);
  });

  it('recovers the strengths that rankings were drawn from', () => {
    const truth = [2, 1, 0, 0, -1, -2];
    const { strengths } = plackettLuce(draw(truth, 3000, 2), 6);
    for (const [item, strength] of truth.entries())
      expect(Math.abs((strengths[item] ?? 0) - strength)).toBeLessThan(0.12);
  });

  it('holds tied items equal, in groups of any size', () => {
    for (const k of [3, 8, 9, 12]) {
      const tied = ballots(Array.from({ length: k }, () => 1));
      const { strengths, scores } = plackettLuce(tied, k);
      for (const strength of strengths) expect(strength).toBeCloseTo(0, 9);
      expect(scores[0]).toBeCloseTo(1 / k, 9);
    }
  });

  it('is finite where an item is always first, and where rankings say nothing of one another', () => {
    const first = plackettLuce(ballots([1, 2, 3], [1, 3, 2]), 3);
    expect(first.converged).toBe(true);
    expect(first.strengths[0]).toBeGreaterThan(1);
    expect(first.strengths[1]).toBeCloseTo(first.strengths[2] ?? 0, 9);
    const apart = plackettLuce(ballots([1, 2, null, null, null], [null, null, 1, 2, null]), 5);
    expect(apart.partCount).toBe(3);
    expect([...apart.strengths].every(Number.isFinite)).toBe(true);
  });

  it('does not depend on the order of rankings or the names of items', () => {
    const ranks = fc.array(fc.option(fc.integer({ min: 1, max: 4 })), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(ranks, { minLength: 1, maxLength: 8 }), fc.nat(3), (list, turn) => {
        const fit = plackettLuce(ballots(...list), 4);
        expect(fit.converged).toBe(true);
        const turned = list.map((each) => [...each.slice(turn), ...each.slice(0, turn)]).reverse();
        const again = plackettLuce(ballots(...turned), 4);
        for (const [item, strength] of fit.strengths.entries()) {
          expect(again.strengths[(item - turn + 4) % 4]).toBeCloseTo(strength, 7);
        }
      }),
    );
  });

  it('refuses what is no ranking', () => {
    expect(() => plackettLuce([], 3)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    expect(() => plackettLuce(ballots([1, Number.NaN]), 2)).toThrow(/rank NaN/);
    expect(() => plackettLuce(ballots([1, 2]), 2, { prior: -1 })).toThrow(/prior/);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WeightedRanking } from '../../../../domain/aggregation/rankings/ballots.ts';
import { kemenyConsensus } from '../../../../domain/aggregation/rankings/kemeny.ts';
import { rankingDistance } from '../../../../domain/aggregation/rankings/ranking-distance.ts';
import { seededRng } from '../../../../domain/rng.ts';

const ballots = (...ranks: (number | null)[][]): WeightedRanking[] => ranks.map((each) => ({ ranks: each, weight: 1 }));

/** Sum of distances from full rankings, in pairs. */
function cost(rankings: readonly WeightedRanking[], ranks: readonly number[]): number {
  const pairs = (ranks.length * (ranks.length - 1)) / 2;
  return rankings.reduce((sum, each) => sum + each.weight * pairs * rankingDistance(each.ranks, ranks), 0);
}

/** Every way to rank k items with ties, some of them several times. */
function* everyOrder(k: number): Generator<number[]> {
  for (let code = 0; code < k ** k; code++) yield Array.from({ length: k }, (_, at) => Math.floor(code / k ** at) % k);
}

const K = 4;
const full = fc.record({
  ranks: fc.array(fc.integer({ min: 1, max: K }), { minLength: K, maxLength: K }),
  weight: fc.constantFrom(0.1, 0.3, 0.5, 1, 2),
});
const rankings = fc.array(full, { minLength: 1, maxLength: 6 });

describe('kemenyConsensus', () => {
  it('is the ranking that all agree on', () => {
    expect(kemenyConsensus(ballots([2, 1, 2, 3], [2, 1, 2, 3]), 4)).toEqual({
      ranks: [2, 1, 2, 3],
      confidence: 1,
      distance: 0,
    });
  });

  it('solves a published example', () => {
    // Condorcet's 60 voters (Young, Condorcet's theory of voting, 1988), with a majority for each of a > b > c > a.
    const votes = [
      { ranks: [1, 2, 3], weight: 23 },
      { ranks: [3, 1, 2], weight: 17 },
      { ranks: [2, 1, 3], weight: 2 },
      { ranks: [2, 3, 1], weight: 10 },
      { ranks: [3, 2, 1], weight: 8 },
    ];
    const { ranks, distance } = kemenyConsensus(votes, 3);
    // b > c > a has 42 + 35 + 27 votes on its side, the most of all six orders.
    expect(ranks).toEqual([3, 1, 2]);
    expect(distance).toBeCloseTo(cost(votes, [3, 1, 2]), 9);
  });

  it('is nearest of all rankings to those given, whatever their weights', () => {
    fc.assert(
      fc.property(rankings, (votes) => {
        const { ranks, distance, confidence } = kemenyConsensus(votes, K);
        expect(distance).toBeCloseTo(cost(votes, ranks), 9);
        for (const other of everyOrder(K)) expect(distance).toBeLessThanOrEqual(cost(votes, other) + 1e-9);
        const weight = votes.reduce((sum, each) => sum + each.weight, 0);
        expect(confidence).toBeCloseTo(1 - distance / weight / 6, 9);
        // Ranks leave no number out.
        expect(new Set(ranks).size).toBe(Math.max(...ranks));
      }),
      { numRuns: 200 },
    );
  });

  it('does not depend on the order of rankings, nor on how items are numbered unless they are in a symmetric cycle', () => {
    fc.assert(
      fc.property(rankings, fc.nat(), (votes, seed) => {
        const consensus = kemenyConsensus(votes, K);
        expect(kemenyConsensus([...votes].reverse(), K).ranks).toEqual(consensus.ranks);
        const order = seededRng(seed).shuffle([0, 1, 2, 3]);
        const renumbered = votes.map(({ ranks, weight }) => ({ ranks: order.map((at) => ranks[at] ?? 0), weight }));
        const again = kemenyConsensus(renumbered, K);
        expect(again.distance).toBeCloseTo(consensus.distance, 9);
        expect(new Set(again.ranks).size).toBe(new Set(consensus.ranks).size);
      }),
    );
  });

  it('ties what is as often one way as the other, and what most hold to be tied', () => {
    expect(kemenyConsensus(ballots([1, 2], [2, 1]), 2)).toEqual({ ranks: [1, 1], confidence: 0.5, distance: 1 });
    expect(kemenyConsensus(ballots([1, 1], [1, 1], [1, 2]), 2).ranks).toEqual([1, 1]);
    expect(kemenyConsensus(ballots([1, 1], [1, 2], [1, 2]), 2).ranks).toEqual([1, 2]);
    // 0.1 + 0.2 is no more than 0.3.
    const rounded = [0.1, 0.2, 0.3].map((weight, at) => ({ ranks: at < 2 ? [1, 2] : [2, 1], weight }));
    expect(kemenyConsensus(rounded, 2).ranks).toEqual([1, 1]);
  });

  it('breaks a symmetric cycle in favour of the item given first', () => {
    const { ranks } = kemenyConsensus(ballots([1, 2, 3], [3, 1, 2], [2, 3, 1]), 3);
    expect(ranks).toEqual([1, 2, 3]);
  });

  it('takes an item that a ranking leaves out for one of which it says nothing', () => {
    const { ranks, distance } = kemenyConsensus(ballots([1, 2, null], [null, 1, 2], [1, null, 2]), 3);
    expect(ranks).toEqual([1, 2, 3]);
    expect(distance).toBe(0);
    // Nothing is known of the third item, which then makes no difference to the others.
    const unknown = kemenyConsensus(ballots([1, 2, null]), 3);
    expect(unknown.ranks[0]).toBeLessThan(unknown.ranks[1] ?? 0);
    expect(unknown.confidence).toBe(1);
    expect(kemenyConsensus(ballots([null, null]), 2)).toEqual({ ranks: [1, 1], confidence: 0, distance: 0 });
  });

  it('is defined for one item, and for weights of which none counts', () => {
    expect(kemenyConsensus(ballots([1]), 1)).toEqual({ ranks: [1], confidence: 1, distance: 0 });
    const silent = ballots([1, 2], [1, 2], [2, 1]).map(({ ranks }) => ({ ranks, weight: 0 }));
    expect(kemenyConsensus(silent, 2)).toEqual(kemenyConsensus(ballots([1, 2], [1, 2], [2, 1]), 2));
  });

  it('finds what it was made from among 40 items, from noisy rankings', () => {
    const rng = seededRng(7);
    const votes = Array.from({ length: 15 }, () => {
      const scores = Array.from({ length: 40 }, (_, item) => item + 3 * rng.normal());
      const order = [...scores.keys()].sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
      return { ranks: scores.map((_, item) => order.indexOf(item) + 1), weight: 1 };
    });
    const { ranks, distance } = kemenyConsensus(votes, 40);
    const truth = Array.from({ length: 40 }, (_, item) => item + 1);
    expect(rankingDistance(ranks, truth)).toBeLessThan(0.03);
    expect(distance).toBeLessThanOrEqual(cost(votes, truth));
    for (const { ranks: own } of votes) {
      expect(distance).toBeLessThanOrEqual(cost(votes, own as number[]));
    }
  });

  it.each([
    [[], 2, /There are no rankings/],
    [ballots([1, 2, 3]), 2, /Ranking 1 has 3 ranks for 2 items/],
    [ballots([1, Number.NaN]), 2, /Ranking 1 has the rank NaN/],
    [[{ ranks: [1, 2], weight: -1 }], 2, /The weight of ranking 1 is -1/],
    [ballots([]), 0, /at least one item/],
  ])('refuses what is no ranking (%#)', (votes, k, message) => {
    expect(() => kemenyConsensus(votes, k)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    expect(() => kemenyConsensus(votes, k)).toThrow(message);
  });
});

import { describe, expect, it } from 'vitest';
import { checkPairVotes, countPairs, toPairVotes } from '../../../../domain/aggregation/pairs/pair-votes.ts';
import { votesOf } from './made-up.ts';

describe('toPairVotes', () => {
  it('gives ids in order of appearance, and half a win to each side of a tie', () => {
    const votes = votesOf('a>b:x', 'c<a:y', 'b=c:x');
    expect(votes.items).toEqual(['a', 'b', 'c']);
    expect(votes.raters).toEqual(['x', 'y']);
    expect([...votes.left]).toEqual([0, 2, 1]);
    expect([...votes.right]).toEqual([1, 0, 2]);
    expect([...votes.winner]).toEqual([1, 0, 0.5]);
    expect([...votes.rater]).toEqual([0, 1, 0]);
    expect(toPairVotes([{ left: 'a', right: 'b', winner: '', worker: 'x' }]).winner[0]).toBe(0.5);
  });

  it.each([
    [[], /There are no comparisons/],
    [[{ left: 'a', right: 'a', winner: 'a', worker: 'x' }], /Comparison 1 compares an item with itself/],
    [[{ left: 'a', right: 'b', winner: 'c', worker: 'x' }], /The winner of comparison 1 is "c".*"a", "b" nor "tie"/],
  ])('refuses what cannot be fitted (%#)', (rows, message) => {
    expect(() => toPairVotes(rows)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    expect(() => toPairVotes(rows)).toThrow(message);
  });
});

describe('checkPairVotes', () => {
  const votes = votesOf('a>b', 'b>a');

  it('refuses a winner that is no share, and ids that stand for nothing', () => {
    for (const share of [Number.NaN, -0.1, 1.5, Number.POSITIVE_INFINITY]) {
      const odd = { ...votes, winner: Float64Array.from([1, share]) };
      expect(() => checkPairVotes(odd)).toThrow(/The winner of comparison 2 is/);
    }
    expect(() => checkPairVotes({ ...votes, itemCount: 1 })).toThrow(RangeError);
    expect(() => checkPairVotes({ ...votes, rater: Int32Array.of(0, -1) })).toThrow(RangeError);
    expect(() => checkPairVotes({ ...votes, rater: Int32Array.of(0) })).toThrow(RangeError);
  });
});

it('countPairs sums comparisons whichever side an item was on', () => {
  const counts = countPairs(votesOf('c>b', 'b>c', 'a=c', 'b>c', 'c<a', 'a>b'));
  // In order of appearance the ids are c 0, b 1, a 2.
  expect([...counts.first]).toEqual([0, 0, 1]);
  expect([...counts.second]).toEqual([1, 2, 2]);
  expect([...counts.count]).toEqual([3, 2, 1]);
  expect([...counts.wins]).toEqual([1, 0.5, 0]);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SpanBallot, spanVote } from '../../../../domain/aggregation/spans/vote.ts';

const ballot = (...spans: readonly [number, number][]): SpanBallot => ({
  weight: 1,
  spans: spans.map(([start, end]) => ({ start, end, label: 'A' })),
});

describe('the vote on spans does not depend on the order of its voters', () => {
  it('where a stretch coincides by exactly half', () => {
    const ballots = [ballot([6, 9]), ballot([3, 7], [1, 4]), ballot([6, 7], [4, 6])];
    const [a, b, c] = ballots as [SpanBallot, SpanBallot, SpanBallot];
    const expected = spanVote(ballots);
    for (const other of [
      [a, c, b],
      [b, a, c],
      [b, c, a],
      [c, a, b],
      [c, b, a],
    ])
      expect(spanVote(other)).toEqual(expected);
  });

  it('whatever they marked', () => {
    const span = fc
      .tuple(fc.nat(9), fc.integer({ min: 1, max: 5 }), fc.constantFrom('A', 'B'))
      .map(([start, size, label]) => ({ start, end: start + size, label }));
    const ballots = fc.array(
      fc.record({ spans: fc.array(span, { maxLength: 3 }), weight: fc.constantFrom(1, 1, 1, 0.5, 0.7) }),
      { maxLength: 6 },
    );
    const shuffled = ballots.chain((all) =>
      fc.shuffledSubarray(all, { minLength: all.length }).map((other) => [all, other] as const),
    );
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        expect(JSON.stringify(spanVote(other))).toBe(JSON.stringify(spanVote(all)));
      }),
      { numRuns: 3000 },
    );
  });
});

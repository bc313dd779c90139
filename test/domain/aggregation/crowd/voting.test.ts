import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { majority } from '../../../../domain/aggregation/crowd/majority.ts';
import { wawa } from '../../../../domain/aggregation/crowd/wawa.ts';
import { type Ratings, toRatings } from '../../../../domain/agreement/ratings.ts';
import { seededRng } from '../../../../domain/rng.ts';
import { difference, referenceCrowds, smallCrowds } from './reference-crowds.ts';

type Row = readonly [task: string, worker: string, label: string];
const ratingsOf = (rows: readonly Row[]) => toRatings(rows.map(([task, worker, label]) => ({ task, worker, label })));
/** Two workers who disagree on every task. */
const tied = (tasks: number): Row[] =>
  Array.from({ length: tasks }, (_, t): Row[] => [
    [`t${t}`, 'ann', 'x'],
    [`t${t}`, 'ben', 'y'],
  ]).flat();

describe('majority', () => {
  it('takes the share of the answers for the probability', () => {
    const { labels, confidence, posteriors } = majority(
      ratingsOf([
        ['t', 'ann', 'x'],
        ['t', 'ben', 'y'],
        ['t', 'cat', 'y'],
        ['u', 'ann', 'x'],
      ]),
    );
    expect([...labels]).toEqual([1, 0]);
    expect([...confidence]).toEqual([2 / 3, 1]);
    expect([...(posteriors ?? [])]).toEqual([1 / 3, 2 / 3, 1, 0]);
  });

  it('gives tied labels equal probabilities and draws each about equally often', () => {
    const { labels, confidence } = majority(ratingsOf(tied(2000)));
    expect(new Set(confidence)).toEqual(new Set([0.5]));
    const first = labels.filter((label) => label === 0).length;
    // Four standard deviations of a fair coin.
    expect(Math.abs(first - 1000)).toBeLessThan(90);
  });

  it('draws by the seed and the names, not by the order of answers or labels', () => {
    const named = (rows: readonly Row[], seed = 0) => {
      const ratings = ratingsOf(rows);
      const { labels } = majority(ratings, { seed });
      return new Map(ratings.units.map((unit, t) => [unit, ratings.values[labels[t] ?? -1]]));
    };
    const rows = tied(200);
    const drawn = named(rows);
    expect(named([...rows].reverse())).toEqual(drawn);
    expect(named(seededRng(1).shuffle(rows))).toEqual(drawn);
    expect(named(rows, 1)).not.toEqual(drawn);
  });

  it('says so where nobody answered', () => {
    const { labels, confidence, posteriors } = majority({ ...ratingsOf(tied(1)), unitCount: 2 });
    expect(labels[1]).toBe(-1);
    expect(confidence[1]).toBe(0);
    expect([...(posteriors ?? []).slice(2)]).toEqual([0.5, 0.5]);
  });
});

describe('wawa', () => {
  it('weighs workers by their agreement with the majority', () => {
    const rows: Row[] = [];
    for (const t of ['a', 'b', 'c']) rows.push([t, 'ann', 'x'], [t, 'ben', 'x'], [t, 'cat', 'x'], [t, 'dan', 'y']);
    rows.push(['d', 'ann', 'y'], ['d', 'dan', 'x']);
    const { labels, skills, confidence } = wawa(ratingsOf(rows));
    // On d ann's label carries the tie, as dan never agreed: ann 4 of 4, dan 0 of 4.
    expect([...(skills ?? [])]).toEqual([1, 1, 1, 0]);
    expect([...labels]).toEqual([0, 0, 0, 1]);
    expect(confidence[3]).toBe(1);
  });

  it('shares a tie that skills do not break, and counts all alike where nobody has any skill', () => {
    const { skills, confidence } = wawa(ratingsOf(tied(3)));
    expect([...(skills ?? [])]).toEqual([0.5, 0.5]);
    expect([...confidence]).toEqual([0.5, 0.5, 0.5]);
    const lone = wawa(
      ratingsOf([
        ['a', 'ann', 'x'],
        ['a', 'ben', 'x'],
        ['a', 'cat', 'y'],
        ['a', 'dan', 'y'],
        ['a', 'eve', 'y'],
        ['b', 'ann', 'z'],
      ]),
    );
    expect([...(lone.skills ?? [])]).toEqual([0.5, 0, 1, 1, 1]);
    expect(lone.confidence[1]).toBe(1);
  });
});

describe('voting', () => {
  it('does not depend on the order of the answers', () => {
    fc.assert(
      fc.property(smallCrowds, fc.nat(), (answers, seed) => {
        const [one, two] = [toRatings(answers), toRatings(seededRng(seed).shuffle(answers))];
        for (const method of [majority, wawa]) {
          const [a, b] = [method(one), method(two)];
          one.units.forEach((unit, t) => {
            const u = two.units.indexOf(unit);
            expect(two.values[b.labels[u] ?? -1]).toBe(one.values[a.labels[t] ?? -1]);
            expect(b.confidence[u]).toBeCloseTo(a.confidence[t] ?? Number.NaN, 12);
          });
        }
      }),
    );
  });

  it('copes with a million labels', () => {
    const n = 1_000_000;
    const ids = Int32Array.from({ length: n }, (_, i) => i);
    const ratings: Ratings = {
      unit: ids.map((i) => i >> 1),
      rater: ids.map((i) => i % 1000),
      value: ids,
      unitCount: n / 2,
      raterCount: 1000,
      valueCount: n,
    };
    for (const method of [majority, wawa]) {
      const { labels, confidence, posteriors } = method(ratings);
      expect(posteriors).toBeUndefined();
      expect(labels.every((label, t) => label >> 1 === t)).toBe(true);
      expect(confidence.every((p) => p >= 0.4)).toBe(true);
    }
  });
});

describe.skipIf(referenceCrowds.length === 0)('majority against crowd-kit 1.4.2', () => {
  it.each(referenceCrowds)('case $seed', ({ ratings, out }) => {
    expect(difference(ratings, majority(ratings), out.MajorityVote.probas)).toBeLessThan(1e-12);
  });
});

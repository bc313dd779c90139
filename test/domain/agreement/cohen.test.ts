import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { categoryDistance } from '../../../domain/agreement/category-distance.ts';
import { cohenKappa, meanPairwiseKappa } from '../../../domain/agreement/cohen.ts';
import { toRatings } from '../../../domain/agreement/ratings.ts';
import { eachPair } from '../../../domain/agreement/shared-tasks.ts';
import { seededRng } from '../../../domain/rng.ts';
import { reference } from './reference.ts';

describe('cohenKappa', () => {
  it('is the textbook value', () => {
    // 50 cases: both yes 20, both no 15, 5 and 10 apart: po 0.7, pe 0.5.
    const cells: [number, number, number][] = [
      [1, 1, 20],
      [1, 0, 5],
      [0, 1, 10],
      [0, 0, 15],
    ];
    const a = cells.flatMap(([x, , n]) => Array.from({ length: n }, () => x));
    const b = cells.flatMap(([, y, n]) => Array.from({ length: n }, () => y));
    expect(cohenKappa(a, b, 2)).toBeCloseTo(0.4, 12);
    expect(cohenKappa(a, a, 2)).toBe(1);
  });

  it('is undefined without tasks or without variation', () => {
    expect(cohenKappa([], [], 2)).toBeUndefined();
    expect(cohenKappa([1, 1], [1, 1], 2)).toBeUndefined();
    expect(cohenKappa([1, 1], [0, 0], 2)).toBe(0);
    expect(() => cohenKappa([1], [1, 2], 3)).toThrow('1 and 2 labels');
  });
});

describe('eachPair', () => {
  const crowd = (workers: number) =>
    toRatings(Array.from({ length: workers }, (_, w) => ({ task: 't', worker: `w${w}`, label: 'a' })));

  it('refuses more comparisons than it may make', () => {
    let pairs = 0;
    eachPair(crowd(5), 1, () => pairs++, 10);
    expect(pairs).toBe(10);
    expect(() => eachPair(crowd(6), 1, () => pairs++, 10)).toThrow('15 pairs of answers');
    expect(pairs).toBe(10);
  });
});

describe('meanPairwiseKappa', () => {
  const answersOf = (columns: Record<string, (string | null)[]>) =>
    Object.entries(columns).flatMap(([worker, labels]) =>
      labels.flatMap((label, task) => (label === null ? [] : [{ task: `${task}`, worker, label }])),
    );

  it('averages over pairs with enough shared tasks only', () => {
    const x = [...'yyyyynnnnn'];
    const y = [...'yyyynnnnnn'];
    const few = [...x.slice(0, 9), null];
    const ratings = toRatings(answersOf({ x, y, few }));
    const expected = cohenKappa(
      x.map((l) => (l === 'y' ? 0 : 1)),
      y.map((l) => (l === 'y' ? 0 : 1)),
      2,
    );
    expect(meanPairwiseKappa(ratings)).toEqual({ kappa: expected, pairs: 1, undefinedPairs: 0, fewestShared: 10 });
    expect(meanPairwiseKappa(ratings, { minShared: 9 }).pairs).toBe(3);
    expect(meanPairwiseKappa(ratings, { minShared: 11 })).toEqual({
      kappa: undefined,
      pairs: 0,
      undefinedPairs: 0,
      fewestShared: 0,
    });
    const constant = toRatings(answersOf({ p: Array(10).fill('y'), q: Array(10).fill('y') }));
    expect(meanPairwiseKappa(constant)).toEqual({ kappa: undefined, pairs: 0, undefinedPairs: 1, fewestShared: 0 });
  });

  it('does not depend on the order of answers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.constantFrom('y', 'n', 'm'), { minLength: 3, maxLength: 3 }), { minLength: 12 }),
        fc.nat(),
        (rows, seed) => {
          const answers = rows.flatMap((row, task) =>
            row.map((label, i) => ({ task: `${task}`, worker: `w${i}`, label })),
          );
          const { kappa } = meanPairwiseKappa(toRatings(answers));
          const mixed = meanPairwiseKappa(toRatings(seededRng(seed).shuffle(answers)));
          if (kappa === undefined) expect(mixed.kappa).toBeUndefined();
          else expect(Math.abs((mixed.kappa ?? Number.NaN) - kappa)).toBeLessThan(1e-12);
        },
      ),
    );
  });
});

interface Case {
  seed: number;
  classes: number[];
  a: number[];
  b: number[];
  plain: number;
  linear: number;
  quadratic: number;
}
const file = reference<{ cases: Case[] }>('cohen.json');

describe.skipIf(!file)('cohenKappa against scikit-learn 1.5.2', () => {
  it.each(file?.cases ?? [])('case $seed', ({ classes, a, b, ...expected }) => {
    const count = Math.max(...classes) + 1;
    const unit = Int32Array.from([...a, ...b], (_, i) => i % a.length);
    const rater = Int32Array.from(unit, (_, i) => Math.floor(i / a.length));
    const value = Int32Array.from([...a, ...b]);
    const ratings = { unit, rater, value, unitCount: a.length, raterCount: 2, valueCount: count };
    for (const [weights, kappa] of [
      ['identity', expected.plain],
      ['linear', expected.linear],
      ['quadratic', expected.quadratic],
    ] as const) {
      const distance = categoryDistance(
        weights,
        Array.from({ length: count }, (_, id) => id),
      );
      expect(Math.abs((cohenKappa(a, b, count, distance) ?? Number.NaN) - kappa)).toBeLessThan(1e-9);
      const mean = meanPairwiseKappa(ratings, { minShared: 1, distance }).kappa;
      expect(Math.abs((mean ?? Number.NaN) - kappa)).toBeLessThan(1e-9);
    }
  });
});

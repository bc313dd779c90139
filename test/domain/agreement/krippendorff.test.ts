import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlphaMetric, krippendorffAlpha } from '../../../domain/agreement/krippendorff.ts';
import type { NamedRatings } from '../../../domain/agreement/ratings.ts';
import { seededRng } from '../../../domain/rng.ts';
import { type Cell, ratingsOf, transpose } from './matrices.ts';
import { reference } from './reference.ts';

const LEVELS = ['nominal', 'ordinal', 'interval', 'ratio'] as const;
type Level = (typeof LEVELS)[number];

function alpha(ratings: NamedRatings, level: Level): number | undefined {
  const scale = ratings.values.map(Number);
  return krippendorffAlpha(ratings, level === 'nominal' ? { level } : { level, scale });
}

/** The definition, by a coincidence matrix and all pairs: slow and obvious. */
function slowAlpha(matrix: readonly (readonly Cell[])[], delta: (a: number, b: number) => number): number | undefined {
  const units = matrix.map((row) => row.filter((cell) => cell !== null).map(Number)).filter((row) => row.length > 1);
  const all = units.flat();
  let observed = 0;
  for (const row of units) for (const a of row) for (const b of row) observed += delta(a, b) / (row.length - 1);
  let expected = 0;
  for (const a of all) for (const b of all) expected += delta(a, b);
  return expected === 0 ? undefined : 1 - (observed * (all.length - 1)) / expected;
}

describe('krippendorffAlpha', () => {
  it("is Krippendorff's own example", () => {
    const matrix: Cell[][] = transpose([
      [1, 2, 3, 3, 2, 1, 4, 1, 2, null, null, null],
      [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, null, 3],
      [null, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, null],
      [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, null],
    ]);
    const expected = { nominal: 0.743421, ordinal: 0.815388, interval: 0.849107, ratio: 0.797403 };
    for (const level of LEVELS) expect(alpha(ratingsOf(matrix), level)).toBeCloseTo(expected[level], 6);
  });

  it('is 1 in perfect agreement and below 0 in systematic disagreement', () => {
    for (const level of LEVELS) {
      expect(
        alpha(
          ratingsOf([
            [1, 1],
            [2, 2],
            [3, 3],
          ]),
          level,
        ),
      ).toBe(1);
      expect(
        alpha(
          ratingsOf([
            [1, 2],
            [2, 1],
            [1, 2],
            [2, 1],
          ]),
          level,
        ),
      ).toBeLessThan(0);
    }
    expect(
      alpha(
        ratingsOf([
          [0, 0],
          [1, 1],
          [2, 2],
        ]),
        'ratio',
      ),
    ).toBe(1);
  });

  it('is undefined where nothing can be paired or nothing varies', () => {
    for (const level of LEVELS) {
      expect(alpha(ratingsOf([]), level)).toBeUndefined();
      expect(
        alpha(
          ratingsOf([
            [1, null],
            [null, 2],
          ]),
          level,
        ),
      ).toBeUndefined();
      expect(
        alpha(
          ratingsOf([
            [0.1, 0.1],
            [0.1, 0.1],
            [0.1, 0.1],
          ]),
          level,
        ),
      ).toBeUndefined();
      // The only other value is not pairable.
      expect(
        alpha(
          ratingsOf([
            [1, 1],
            [1, 1],
            [2, null],
          ]),
          level,
        ),
      ).toBeUndefined();
    }
  });

  it('is undefined where the labels differ but stand for one number', () => {
    const ratings = ratingsOf([
      ['0.1', '.1'],
      ['0.10', '0.1'],
      ['0.1', '0.1'],
    ]);
    expect(alpha(ratings, 'nominal')).toBeLessThan(0);
    for (const level of ['ordinal', 'interval', 'ratio'] as const) expect(alpha(ratings, level)).toBeUndefined();
  });

  it('refuses a value that is no number, above nominal, and a negative one where ratios are taken', () => {
    const ratings = ratingsOf([['x', 'y']]);
    expect(() => alpha(ratings, 'interval')).toThrow('stands for NaN');
    const negative = ratingsOf([
      [-1, 1],
      [-1, -1],
    ]);
    expect(() => alpha(negative, 'ratio')).toThrow('stands for -1; the ratio level needs numbers from 0.');
    expect(alpha(negative, 'interval')).toBeCloseTo(0, 12);
    expect(alpha(ratings, 'nominal')).toBeCloseTo(0, 12);
  });

  const cell = fc.option(fc.integer({ min: 0, max: 4 }), { nil: null, freq: 3 });
  const matrices = fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 10 });

  it('equals the definition, at every level', () => {
    fc.assert(
      fc.property(matrices, (matrix) => {
        const ratings = ratingsOf(matrix);
        const pairable = matrix.map((row) => row.filter((c) => c !== null)).filter((row) => row.length > 1);
        const all = pairable.flat();
        const upTo = (a: number, b: number) => {
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          const between = all.filter((v) => v >= low && v <= high).length;
          return between - (all.filter((v) => v === a).length + all.filter((v) => v === b).length) / 2;
        };
        const deltas: Record<Level, (a: number, b: number) => number> = {
          nominal: (a, b) => (a === b ? 0 : 1),
          ordinal: (a, b) => (a === b ? 0 : upTo(a, b) ** 2),
          interval: (a, b) => (a - b) ** 2,
          ratio: (a, b) => (a === b ? 0 : ((a - b) / (a + b)) ** 2),
        };
        for (const level of LEVELS) {
          const fast = alpha(ratings, level);
          const slow = slowAlpha(matrix, deltas[level]);
          if (slow === undefined) expect(fast).toBeUndefined();
          else expect(Math.abs((fast ?? Number.NaN) - slow)).toBeLessThan(1e-9);
          const numbers = ratings.values.map(Number);
          const custom: AlphaMetric = {
            level: 'custom',
            delta: (a, b) => deltas[level](numbers[a] ?? 0, numbers[b] ?? 0),
          };
          const same = krippendorffAlpha(ratings, custom);
          if (slow === undefined) expect(same).toBeUndefined();
          else expect(Math.abs((same ?? Number.NaN) - slow)).toBeLessThan(1e-9);
        }
      }),
    );
  });

  it('does not care who answered, in which order, or (interval) on which scale', () => {
    fc.assert(
      fc.property(matrices, fc.nat(), (matrix, seed) => {
        const mixed = seededRng(seed).shuffle(matrix.map((row) => seededRng(seed + 1).shuffle(row)));
        const moved = matrix.map((row) => row.map((c) => (c === null ? null : 10 * c - 7)));
        const before = alpha(ratingsOf(matrix), 'interval');
        for (const other of [mixed, moved]) {
          const after = alpha(ratingsOf(other), 'interval');
          if (before === undefined) expect(after).toBeUndefined();
          else expect(Math.abs((after ?? Number.NaN) - before)).toBeLessThan(1e-9);
        }
      }),
    );
  });

  it('does 100,000 tasks of 5 answers in about a second', () => {
    const rng = seededRng('large');
    const size = 500_000;
    const ratings = {
      unit: Int32Array.from({ length: size }, (_, i) => Math.floor(i / 5)),
      rater: Int32Array.from({ length: size }, (_, i) => i % 5),
      value: Int32Array.from({ length: size }, () => rng.int(8)),
      unitCount: 100_000,
      raterCount: 5,
      valueCount: 8,
    };
    const scale = [1, 2, 3, 4, 5, 6, 7, 8];
    const started = performance.now();
    for (const level of LEVELS) {
      const value = krippendorffAlpha(ratings, level === 'nominal' ? { level } : { level, scale });
      // Answers drawn at random agree as chance does.
      expect(Math.abs(value ?? 1)).toBeLessThan(0.01);
    }
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

interface AgreementFile {
  cases: {
    seed: number;
    ratings_items_by_raters: (number | null)[][];
    krippendorff_alpha: Record<Level, number | null>;
  }[];
}
const file = reference<AgreementFile>('agreement.json');

describe.skipIf(!file)('krippendorffAlpha against krippendorff 0.9.0', () => {
  it.each(file?.cases ?? [])('case $seed', ({ ratings_items_by_raters: matrix, krippendorff_alpha: expected }) => {
    for (const level of LEVELS) {
      const value = expected[level];
      if (value === null || value === undefined) continue;
      expect(Math.abs((alpha(ratingsOf(matrix), level) ?? Number.NaN) - value)).toBeLessThan(1e-9);
    }
  });
});

interface Example {
  id: string;
  layout?: string;
  data?: Cell[][];
  cases?: { data: Cell[][] }[];
  expected?: Record<string, number> & { krippendorff?: { identity: { coefficient_value: number } } };
  measured?: Record<string, number> & {
    krippendorff?: Record<'identity' | 'quadratic', { coefficient_value: number } | undefined>;
  };
}
const examples = reference<Example[]>('agreement-examples.json');

describe.skipIf(!examples)('krippendorffAlpha against published examples', () => {
  const usable = (examples ?? []).filter(({ layout, data }) => data && /rows = (observers|units)/.test(layout ?? ''));

  it.each(usable)('$id', ({ layout, data = [], expected = {}, measured = {} }) => {
    const ratings = ratingsOf(layout?.startsWith('rows = observers') ? transpose(data) : data);
    let compared = 0;
    for (const level of LEVELS) {
      for (const [values, tolerance] of [
        [expected, 6e-4],
        [measured, 6e-7],
      ] as const) {
        const value = values[`alpha_${level}`];
        if (value === undefined) continue;
        expect(Math.abs((alpha(ratings, level) ?? Number.NaN) - value)).toBeLessThan(tolerance);
        compared++;
      }
    }
    const nominal = measured.krippendorff?.identity?.coefficient_value;
    if (nominal !== undefined) {
      expect(Math.abs((alpha(ratings, 'nominal') ?? Number.NaN) - nominal)).toBeLessThan(6e-7);
      compared++;
    }
    const interval = measured.krippendorff?.quadratic?.coefficient_value;
    if (interval !== undefined && ratings.values.every((value) => Number.isFinite(Number(value)))) {
      expect(Math.abs((alpha(ratings, 'interval') ?? Number.NaN) - interval)).toBeLessThan(6e-7);
      compared++;
    }
    expect(compared).toBeGreaterThan(0);
  });

  it('has no value where the examples say that it must be refused', () => {
    const refused = examples?.find(({ id }) => id === 'errors')?.cases ?? [];
    expect(refused.length).toBeGreaterThan(0);
    for (const { data } of refused) expect(alpha(ratingsOf(transpose(data)), 'nominal')).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpretation } from '../../../domain/agreement/interpretation.ts';
import { METRICS, measureAgreement } from '../../../domain/agreement/measure.ts';
import type { Ratings } from '../../../domain/agreement/ratings.ts';
import { rowWeights, unitTable } from '../../../domain/agreement/unit-table.ts';
import { seededRng } from '../../../domain/rng.ts';
import { ratingsOf } from './matrices.ts';

const LEVELS = ['nominal', 'ordinal', 'interval', 'ratio'] as const;

/** Each of `raters` answers each task, right with probability `skill`, else one of `labels` at random. */
function crowd({ tasks = 200, raters = 3, labels = 4, skill = 0.7, seed = 'crowd' } = {}): Ratings {
  const rng = seededRng(seed);
  const truth = Array.from({ length: tasks }, () => rng.int(labels));
  const size = tasks * raters;
  return {
    unit: Int32Array.from({ length: size }, (_, i) => Math.floor(i / raters)),
    rater: Int32Array.from({ length: size }, (_, i) => i % raters),
    value: Int32Array.from({ length: size }, (_, i) =>
      rng.next() < skill ? (truth[Math.floor(i / raters)] ?? 0) : rng.int(labels),
    ),
    unitCount: tasks,
    raterCount: raters,
    valueCount: labels,
  };
}

describe('unitTable', () => {
  it('counts the same answers whether rows are merged or not', () => {
    const ratings = crowd({ tasks: 300 });
    const [plain, merged] = [unitTable(ratings), unitTable(ratings, { merge: true })];
    expect(plain.rowCount).toBe(300);
    // Multisets of three of four labels.
    expect(merged.rowCount).toBeLessThanOrEqual(20);
    const weight = rowWeights(merged);
    expect(weight.reduce((sum, each) => sum + each, 0)).toBe(300);
    const row = (table: typeof plain, r: number) =>
      Array.from(table.ids.subarray(table.start[r], table.start[r + 1]), (id, i) => [
        id,
        table.counts[(table.start[r] ?? 0) + i],
      ]);
    for (let u = 0; u < 300; u++) expect(row(merged, merged.rowOf[u] ?? 0)).toEqual(row(plain, plain.rowOf[u] ?? 0));
  });

  it('leaves tasks without answers out', () => {
    const ratings = { ...ratingsOf([['a', 'b']]), unitCount: 3 };
    expect(unitTable(ratings)).toMatchObject({ rowCount: 1, rowOf: Int32Array.of(0) });
  });
});

describe('measureAgreement', () => {
  const scale = [1, 2, 3, 5];

  it.each(METRICS)('%s has a value and an interval around it at each level, the same for the same seed', (metric) => {
    for (const level of LEVELS) {
      const question = { metric, level, scale, resamples: 200, seed: 7 };
      const measure = measureAgreement(crowd(), question);
      const [low, high] = measure.ci95 ?? [Number.NaN, Number.NaN];
      expect(low).toBeLessThan(measure.value ?? Number.NaN);
      expect(high).toBeGreaterThan(measure.value ?? Number.NaN);
      expect(measureAgreement(crowd(), question)).toEqual(measure);
      const wider = measureAgreement(crowd({ tasks: 40 }), question).ci95 ?? [0, 0];
      expect(wider[1] - wider[0]).toBeGreaterThan(high - low);
    }
  });

  it('has an interval that holds the truth about as often as it says', () => {
    // With answers right by 0.8 and else at random among 4, alpha is 0.64 in a crowd without end.
    let held = 0;
    for (let k = 0; k < 200; k++) {
      const ratings = crowd({ tasks: 120, raters: 2, skill: 0.8, seed: `k${k}` });
      const { ci95 } = measureAgreement(ratings, { metric: 'krippendorff', level: 'nominal', resamples: 200, seed: k });
      if (ci95 && ci95[0] <= 0.64 && 0.64 <= ci95[1]) held++;
    }
    expect(held).toBeGreaterThan(178);
    expect(held).toBeLessThan(200);
  });

  it.each(METRICS)('%s falls as disagreement is planted', (metric) => {
    for (const level of LEVELS) {
      const values = [1, 0.8, 0.5, 0.2].map(
        (skill) => measureAgreement(crowd({ skill }), { metric, level, scale }).value ?? Number.NaN,
      );
      expect(values[0]).toBeCloseTo(1, 12);
      for (let i = 1; i < values.length; i++) expect(values[i]).toBeLessThan(values[i - 1] ?? Number.NaN);
    }
  });

  it('says why there is no value', () => {
    const of = (matrix: (string | null)[][], metric: (typeof METRICS)[number]) =>
      measureAgreement(ratingsOf(matrix), { metric, level: 'nominal', resamples: 20 });
    for (const metric of METRICS) {
      expect(of([], metric)).toMatchObject({ value: null, ci95: null, reason: expect.any(String) });
      const constant = of(Array(12).fill(['a', 'a']), metric);
      expect(constant).toMatchObject({ value: null, interpretation: `Undefined, because ${constant.reason}.` });
    }
    expect(of([['a', 'b', 'a']], 'cohen')).toMatchObject({
      value: null,
      reason: 'no two annotators share 10 tasks',
      pairs: 0,
    });
  });

  it.each(METRICS)(
    '%s has no interval of fewer than ten tasks with two answers, and says how little it says',
    (metric) => {
      const of = (tasks: number) => {
        const apart = [['a', 'b', 'c'], ...Array.from({ length: tasks - 1 }, () => ['b', 'a', 'b'])];
        // Tasks of one answer tell nothing of agreement.
        const matrix = [...apart, ...Array.from({ length: 10 }, () => ['a', null, null])];
        return measureAgreement(ratingsOf(matrix), { metric, level: 'nominal', minShared: 1, resamples: 20 });
      };
      expect(of(2)).toMatchObject({
        value: expect.any(Number),
        ci95: null,
        ciReason: 'an interval needs 10 tasks with two answers or more',
        interpretation: expect.stringMatching(/ no more than 2 tasks.*: it says little\.$/i),
      });
      expect(of(9)).toMatchObject({ ci95: null, interpretation: expect.stringMatching(/: it says little\.$/) });
      expect(of(10)).toMatchObject({
        ci95: expect.any(Array),
        interpretation: expect.not.stringContaining('says little'),
      });
    },
  );

  it('is never NaN, whatever the table', () => {
    const cell = fc.option(fc.constantFrom('0', '-0', '1', '1.0', '2', '1e300'), { nil: null });
    const matrices = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { maxLength: 14 });
    fc.assert(
      fc.property(matrices, fc.constantFrom(...METRICS), fc.constantFrom(...LEVELS), (matrix, metric, level) => {
        const ratings = ratingsOf(matrix);
        const numbers = ratings.values.map(Number);
        const { value, ci95, reason } = measureAgreement(ratings, { metric, level, scale: numbers, resamples: 5 });
        if (value === null) expect(reason).toMatch(/^[a-z].*[^.]$/);
        else expect(value).toBeLessThanOrEqual(1);
        for (const end of ci95 ?? []) expect(end).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('answers for a million different labels', () => {
    const size = 1_000_000;
    const value = Int32Array.from({ length: size }, (_, i) => i);
    const unit = value.map((i) => i >> 1);
    const rater = value.map((i) => i & 1);
    const ratings = { unit, rater, value, unitCount: size / 2, raterCount: 2, valueCount: size };
    for (const metric of METRICS) {
      expect(measureAgreement(ratings, { metric, level: 'nominal' }).value).toBeLessThanOrEqual(1);
      expect(measureAgreement(ratings, { metric, level: 'interval', scale: value }).value).toBeLessThanOrEqual(1);
      expect(measureAgreement(ratings, { metric, level: 'ratio', scale: value })).toMatchObject({
        value: null,
        reason: expect.stringContaining('1000000 labels are too many'),
      });
    }
  });
});

describe('interpretation', () => {
  it.each([
    [-0.1, /^No better than chance/],
    [0, /^No better than chance/],
    [0.01, /^Below 0\.6: the instructions are the first suspect\. .* fix the instructions/],
    [0.599, /^Below 0\.6/],
    [0.6, /^Between 0\.6 and 0\.8/],
    [0.8, /^Between/],
    [0.81, /^Above 0\.8: annotators are calibrated/],
    [1, /automatic labeler may do\.$/],
  ])('of %d', (value, text) => {
    expect(interpretation({ value })).toMatch(text);
  });

  it('speaks of opposite ways only where the whole interval lies below chance', () => {
    expect(interpretation({ value: -0.1 }, [-0.3, 0.1])).toMatch(/^No better than chance/);
    expect(interpretation({ value: -0.3 }, [-0.5, -0.1])).toMatch(/^Below what chance gives: .* opposite ways/);
  });
});

it('tells how far its resamples are', () => {
  const told: number[] = [];
  const question = { metric: 'krippendorff', level: 'nominal', resamples: 25 } as const;
  measureAgreement(crowd(), { ...question, onProgress: (done) => told.push(done) });
  expect(told).toEqual(Array.from({ length: 25 }, (_, at) => at + 1));
});

it('resamples no more pairs of annotators than it can in some minutes', () => {
  const ratings = crowd({ tasks: 1, raters: 500 });
  const { ciReason } = measureAgreement(ratings, {
    metric: 'cohen',
    level: 'nominal',
    minShared: 1,
    resamples: 1000,
  });
  expect(ciReason).toBe('1000 resamples are too many for 124750 pairs of annotators');
});

import { describe, expect, it } from 'vitest';
import { choosePlaces, labelsToReach, runCurve, summarise } from '../../../domain/learning/curve.ts';
import { curveSvg, roundTicks } from '../../../domain/learning/curve-svg.ts';
import { fitItems } from '../../../domain/learning/item-classifier.ts';
import { strategyOf } from '../../../domain/learning/strategy-names.ts';
import { fitVectorSpace, vectorFeatures } from '../../../domain/learning/vector-space.ts';
import { seededRng } from '../../../domain/rng.ts';
import { STRATEGIES } from '../../../domain/settings.ts';
import { blobs, data } from './blobs.ts';

describe('a learning curve', () => {
  it.each([...STRATEGIES, 'margin'])('%s learns, the same by the same seed', (strategy) => {
    const run = { strategy, budgets: [30, 75], batch: 20, seed: 5 };
    const seen: number[] = [];
    const accuracies = runCurve(data(), { ...run, onBatch: (labeled) => seen.push(labeled) });
    // The best possible rule is right in 84%.
    expect(accuracies[1]).toBeGreaterThan(0.75);
    expect(seen).toEqual([20, 30, 50, 70, 75]);
    expect(runCurve(data(), run)).toEqual(accuracies);
  });

  it('of combined is hardly below random where a few vectors lie far off, which tells nothing of their class', () => {
    const rng = seededRng('long rows');
    const made = (count: number) => {
      const truth = Array.from({ length: count }, (_, i) => i % 4);
      const vectors = Float32Array.from(
        truth.flatMap((k) => {
          const noise = rng.next() < 0.05 ? 20 : 1;
          return Array.from({ length: 20 }, (_, d) => (d === k ? 2 : 0) + noise * rng.normal());
        }),
      );
      return { truth, vectors };
    };
    const [pool, test] = [made(1200), made(400)];
    const space = fitVectorSpace(pool.vectors, 20);
    const features = ({ vectors }: typeof pool) => vectorFeatures(vectors, space);
    const given = { pool: features(pool), labels: pool.truth, test: features(test), truth: test.truth, classes: 4 };
    const mean = (strategy: string) => {
      const runs = [1, 2].map((seed) => runCurve(given, { strategy, budgets: [100], batch: 25, seed })[0] ?? 0);
      return runs.reduce((sum, accuracy) => sum + accuracy, 0) / runs.length;
    };
    expect(mean('combined')).toBeGreaterThan(mean('random') - 0.03);
  });

  it('of expected change prefers the longer of two rows that are as unsure', () => {
    // Two classes on a line, and items half way between them that differ in a dimension of their own.
    const rows = [
      ...Array.from({ length: 40 }, (_, i) => [i % 2 === 0 ? -1 : 1, 0]),
      ...[1, 9, 3].map((far) => [0, far]),
    ];
    const vectors = Float32Array.from(rows.flat());
    const pool = vectorFeatures(vectors, fitVectorSpace(vectors, 2));
    const labels = rows.map(([x = 0], i) => (x === 0 ? i % 2 : x < 0 ? 0 : 1));
    const labeled = Array.from({ length: 40 }, (_, i) => i);
    const model = fitItems(pool, labeled, labels.slice(0, 40), 2);
    const given = { pool, labels, test: pool, truth: labels, classes: 2 };
    const choice = strategyOf('expected_change');
    const now = { choice, open: new Set([40, 41, 42]), labeled, model, n: 2, rng: seededRng(1) };
    expect(choosePlaces(given, now)).toEqual([41, 42]);
  });

  it('uses the pool up, and answers with the one class met so far', () => {
    const small = data(10);
    const all = runCurve(small, { strategy: 'combined', budgets: [1, 10], batch: 3, seed: 1 });
    expect(all).toHaveLength(2);
    expect(all[0]).toBe(0.5);
    const oneClass = { ...small, labels: new Array<number>(10).fill(1) };
    expect(runCurve(oneClass, { strategy: 'combined', budgets: [10], batch: 5, seed: 1 })).toEqual([0.5]);
  });

  it('counts classes that the pool does not have as never answered right', () => {
    const given = data();
    const strange = { ...given, truth: Array.from(given.truth, (k) => (k === 1 ? -1 : k)) };
    const [accuracy = 1] = runCurve(strange, { strategy: 'random', budgets: [100], batch: 100, seed: 1 });
    expect(accuracy).toBeLessThanOrEqual(0.5);
  });

  it('refuses budgets beyond the pool, and files that do not fit', () => {
    const run = { strategy: 'random', budgets: [10], batch: 5, seed: 1 };
    expect(() => runCurve(data(8), run)).toThrow('the pool has 8 items');
    expect(() => runCurve(data(), { ...run, budgets: [10, 10] })).toThrow('budgets rise');
    expect(() => runCurve(data(), { ...run, batch: 0 })).toThrow('The batch is 0');
    expect(() => runCurve(data(), { ...run, strategy: 'best' })).toThrow('no strategy "best"; there are random');
    const { vectors } = blobs(10, 3);
    const other = vectorFeatures(vectors.subarray(0, 30), fitVectorSpace(vectors.subarray(0, 30), 3));
    expect(() => runCurve({ ...data(), test: other, truth: new Array<number>(10).fill(0) }, run)).toThrow(
      'those of the test items 3',
    );
  });

  it('is summarised by mean and standard deviation between seeds', () => {
    expect(
      summarise(
        'random',
        [10, 20],
        [
          [0.5, 0.6],
          [0.7, 0.6],
        ],
      ),
    ).toEqual([
      { strategy: 'random', budget: 10, accuracy: expect.closeTo(0.6, 12), sd: expect.closeTo(Math.SQRT2 / 10, 12) },
      { strategy: 'random', budget: 20, accuracy: expect.closeTo(0.6, 12), sd: expect.closeTo(0, 12) },
    ]);
    expect(summarise('random', [10], [[0.5]])[0]?.sd).toBe(0);
  });

  it('says how many labels an accuracy takes', () => {
    expect(labelsToReach([100, 200, 300, 400], [0.5, 0.6, 0.7, 0.8], 0.65)).toBeCloseTo(250, 9);
    expect(labelsToReach([100, 200, 300], [0.5, 0.6, 0.7], 0.9)).toBeUndefined();
    expect(labelsToReach([100, 200], [0.5, 0.6], 0.2)).toBe(100);
  });
});

describe('the drawing', () => {
  it('has ticks at round numbers that enclose the values', () => {
    expect(roundTicks(0, 2500, 8)).toEqual([0, 500, 1000, 1500, 2000, 2500]);
    expect(roundTicks(61.3, 68.9, 7)).toEqual([60, 62, 64, 66, 68, 70]);
    expect(roundTicks(5, 5, 7).length).toBeGreaterThanOrEqual(2);
  });

  it('shows every strategy with its band, units and legend, and no markup of names', () => {
    const points = [
      ...summarise(
        'random',
        [100, 200],
        [
          [0.5, 0.6],
          [0.52, 0.64],
        ],
      ),
      ...summarise(
        '<b>',
        [100, 200],
        [
          [0.6, 0.7],
          [0.6, 0.72],
        ],
      ),
    ];
    const svg = curveSvg(points, 'a "title" & more');
    expect(svg).toContain('<title>a &quot;title&quot; &amp; more</title>');
    expect(svg.match(/<polygon/g)).toHaveLength(2);
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg.match(/<circle/g)).toHaveLength(4);
    expect(svg).toContain('>labels<');
    expect(svg).toContain('>70%<');
    expect(svg).not.toContain('<b>');
    expect(svg).not.toContain('NaN');
    // The best at the end comes first in the legend.
    expect(svg.indexOf('>&lt;b&gt;<')).toBeLessThan(svg.indexOf('>random<'));
  });
});

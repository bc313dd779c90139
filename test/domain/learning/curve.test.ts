import { describe, expect, it } from 'vitest';
import { labelsToReach, runCurve, summarise } from '../../../domain/learning/curve.ts';
import { curveSvg, roundTicks } from '../../../domain/learning/curve-svg.ts';
import { fitVectorSpace, vectorFeatures } from '../../../domain/learning/vector-space.ts';
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

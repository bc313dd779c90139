import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atTemperature, fitTemperature, targetsWithDoubt } from '../../../domain/learning/calibration.ts';
import { seededRng } from '../../../domain/rng.ts';

/** Answers drawn from probabilities, and the probabilities told too sure by a factor. */
function overconfident(factor: number, rows: number, classes: number) {
  const rng = seededRng(factor * 10);
  const honest = new Float64Array(rows * classes);
  const targets = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    const weights = Array.from({ length: classes }, () => Math.exp(1.5 * rng.normal()));
    const sum = weights.reduce((a, b) => a + b, 0);
    weights.forEach((weight, k) => {
      honest[row * classes + k] = weight / sum;
    });
    let left = rng.next() * sum;
    const drawn = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    targets[row * classes + Math.max(0, drawn)] = 1;
  }
  return { told: atTemperature(honest, classes, 1 / factor), targets };
}

describe('a temperature', () => {
  it.each([0.5, 1, 2, 4])('undoes being too sure by a factor of %d', (factor) => {
    const { told, targets } = overconfident(factor, 8000, 3);
    expect(fitTemperature(told, targets, 3) / factor).toBeCloseTo(1, 1);
  });

  it('two classes, by hand: right in 3 of 4 although it says 0.9', () => {
    const told = Float64Array.from({ length: 8 }, (_, at) => (at % 2 === 0 ? 0.9 : 0.1));
    const hard = Float64Array.of(1, 0, 1, 0, 1, 0, 0, 1);
    // sigmoid(ln 9 / T) = 3 / 4 where T = ln 9 / ln 3 = 2.
    expect(fitTemperature(told, hard, 2)).toBeCloseTo(2, 9);
    // The same as a soft answer, or as two answers of which one counts three times.
    expect(fitTemperature(told.subarray(0, 2), Float64Array.of(0.75, 0.25), 2)).toBeCloseTo(2, 9);
    expect(fitTemperature(told.subarray(0, 4), Float64Array.of(1, 0, 0, 1), 2, [3, 1])).toBeCloseTo(2, 9);
  });

  it('stays within bounds, and is 1 where nothing says otherwise', () => {
    const told = Float64Array.of(0.6, 0.4);
    expect(fitTemperature(told, Float64Array.of(1, 0), 2)).toBeCloseTo(0.05, 6);
    expect(fitTemperature(told, Float64Array.of(0, 1), 2)).toBeCloseTo(20, 6);
    expect(fitTemperature(new Float64Array(0), new Float64Array(0), 2)).toBe(1);
    expect(fitTemperature(told, Float64Array.of(1, 0), 2, [0])).toBe(1);
    expect(fitTemperature(Float64Array.of(0.5, 0.5), Float64Array.of(1, 0), 2)).toBe(1);
  });

  it('makes no model certain that was right so far', () => {
    const told = Float64Array.from({ length: 160 }, (_, at) => (at % 2 === 0 ? 0.9 : 0.1));
    const truths = Array.from({ length: 80 }, () => 0);
    // As if in 81 of 82: sigmoid(ln 9 / T) = 81 / 82 where T = ln 9 / ln 81.
    expect(fitTemperature(told, targetsWithDoubt(truths, 2), 2)).toBeCloseTo(0.5, 9);
    expect([...targetsWithDoubt([1, 0], 3)]).toEqual([0.125, 0.75, 0.125, 0.75, 0.125, 0.125]);
    expect(targetsWithDoubt([], 2)).toEqual(new Float64Array());
  });

  it('leaves rows that sum to one, and the order of the classes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 6 }),
        fc.double({ min: 0.05, max: 20, noNaN: true }),
        (raw, temperature) => {
          const sum = raw.reduce((a, b) => a + b, 0);
          fc.pre(sum > 0.01);
          const row = Float64Array.from(raw, (x) => x / sum);
          const heated = atTemperature(row, row.length, temperature);
          expect(heated.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
          for (let i = 0; i < row.length; i++) {
            for (let j = 0; j < row.length; j++)
              if ((row[i] ?? 0) > (row[j] ?? 0)) expect(heated[i]).toBeGreaterThanOrEqual(heated[j] ?? 0);
          }
        },
      ),
      { seed: 2 },
    );
    expect(() => atTemperature(Float64Array.of(1, 0), 2, 0)).toThrow('The temperature is 0');
  });
});

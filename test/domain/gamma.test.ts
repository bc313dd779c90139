import { describe, expect, it } from 'vitest';
import { digamma, logGamma } from '../../domain/gamma.ts';

const EULER = 0.5772156649015329;

describe('gamma functions', () => {
  it('have their known values', () => {
    expect(digamma(1)).toBeCloseTo(-EULER, 13);
    expect(digamma(0.5)).toBeCloseTo(-EULER - 2 * Math.log(2), 13);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
    expect(logGamma(1)).toBeCloseTo(0, 13);
    expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 12);
  });

  it('follow their recurrences from tiny to huge arguments', () => {
    for (const x of [1e-3, 0.1, 0.9, 3.7, 9.99, 10, 42, 1e3, 1e6]) {
      expect(Math.abs(digamma(x + 1) - digamma(x) - 1 / x) * x).toBeLessThan(1e-12 * Math.max(1, x));
      expect(Math.abs(logGamma(x + 1) - logGamma(x) - Math.log(x))).toBeLessThan(
        1e-13 * Math.max(1, x * Math.log(x + 2)),
      );
    }
  });
});

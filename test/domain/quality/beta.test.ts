import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaCdf, probabilityBelow } from '../../../domain/quality/beta.ts';

/** P(Binomial(n, p) >= k), term by term: equals I_p(k, n - k + 1). */
function binomialTail(n: number, k: number, p: number): number {
  let term = (1 - p) ** n;
  let below = 0;
  for (let i = 0; i < k; i++) {
    below += term;
    term *= ((n - i) / (i + 1)) * (p / (1 - p));
  }
  return 1 - below;
}

describe('betaCdf', () => {
  // Computed with mpmath at 40 digits.
  it.each([
    [2, 3, 0.5, 0.6875],
    [0.5, 0.5, 0.2, 0.2951672353008666],
    [1.5, 2.5, 0.3, 0.41568785229802535],
    [10, 4, 0.7, 0.42060564576099985],
    [200, 300, 0.42, 0.8196010664172663],
    [12, 9, 0.6, 0.5955987253122249],
    [1, 21, 0.7, 0.9999999999895397],
    [0.1, 5, 0.001, 0.6128983593749945],
  ])('I_x(%d, %d) at %d', (a, b, x, expected) => {
    expect(Math.abs(betaCdf(x, a, b) - expected)).toBeLessThan(1e-13);
  });

  it('is the binomial tail for whole parameters', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(39),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (n, j, p) => {
          const k = 1 + (j % n);
          expect(Math.abs(betaCdf(p, k, n - k + 1) - binomialTail(n, k, p))).toBeLessThan(1e-11);
        },
      ),
    );
  });

  it('rises from 0 to 1 and mirrors', () => {
    const shape = fc.double({ min: 0.05, max: 500, noNaN: true });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(shape, shape, share, share, (a, b, x, y) => {
        expect(betaCdf(Math.min(x, y), a, b)).toBeLessThanOrEqual(betaCdf(Math.max(x, y), a, b) + 1e-12);
        // The mirror is exact only where 1 - x is.
        const z = Math.round(x * 1024) / 1024;
        expect(Math.abs(betaCdf(z, a, b) + betaCdf(1 - z, b, a) - 1)).toBeLessThan(1e-11);
      }),
    );
    expect(betaCdf(0, 2, 3)).toBe(0);
    expect(betaCdf(1, 2, 3)).toBe(1);
  });

  it('refuses what has no value', () => {
    expect(() => betaCdf(0.5, 0, 1)).toThrow('positive a and b');
    expect(() => betaCdf(1.5, 1, 1)).toThrow('x from 0 to 1');
    expect(() => betaCdf(Number.NaN, 1, 1)).toThrow('x from 0 to 1');
  });
});

describe('probabilityBelow', () => {
  it('is the threshold itself without evidence, and moves with it', () => {
    expect(probabilityBelow(0.7, 0, 0)).toBeCloseTo(0.7, 14);
    expect(probabilityBelow(0.7, 0, 10)).toBeGreaterThan(0.999);
    expect(probabilityBelow(0.7, 20, 20)).toBeLessThan(0.001);
  });
});

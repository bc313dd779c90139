import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracyOf, wilsonInterval } from '../../../domain/learning/evaluate.ts';

describe('accuracyOf', () => {
  it('is a share with the interval of Wilson', () => {
    const measured = accuracyOf(['a', 'b', 'b', 'c'], ['a', 'b', 'a', 'a']);
    expect(measured).toMatchObject({ accuracy: 0.5, correct: 2, total: 4 });
    expect(measured.low).toBeCloseTo(0.15, 3);
    expect(measured.high).toBeCloseTo(0.85, 3);
    // Newcombe 1998, table I: 81 of 263, and 15 of 148.
    expect(wilsonInterval(81, 263)).toEqual({ low: expect.closeTo(0.2553, 4), high: expect.closeTo(0.3662, 4) });
    expect(wilsonInterval(15, 148)).toEqual({ low: expect.closeTo(0.0624, 4), high: expect.closeTo(0.1605, 4) });
  });

  it('holds the share and stays within 0 and 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (total, share) => {
        const correct = Math.round(share * total);
        const { low, high } = wilsonInterval(correct, total);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(correct / total);
        expect(high).toBeGreaterThanOrEqual(correct / total);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
    expect(wilsonInterval(0, 10).low).toBe(0);
    expect(wilsonInterval(10, 10).high).toBe(1);
  });

  it('needs something to measure', () => {
    expect(() => accuracyOf([], [])).toThrow('not 0 and 0');
    expect(() => accuracyOf([1], [1, 2])).toThrow('not 1 and 2');
    expect(() => wilsonInterval(0, 0)).toThrow('not 0 of 0');
    expect(() => wilsonInterval(3, 2)).toThrow('not 3 of 2');
  });
});

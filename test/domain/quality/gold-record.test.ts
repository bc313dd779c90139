import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracyInterval, betaCdf } from '../../../domain/quality/beta.ts';

describe('the interval of a gold record', () => {
  it('has 2.5% of the posterior on either side', () => {
    fc.assert(
      fc.property(fc.nat({ max: 200 }), fc.nat({ max: 200 }), (correct, wrong) => {
        const n = correct + wrong;
        const { low, high } = accuracyInterval(correct, n);
        expect(betaCdf(low, 1 + correct, 1 + wrong)).toBeCloseTo(0.025, 6);
        expect(betaCdf(high, 1 + correct, 1 + wrong)).toBeCloseTo(0.975, 6);
      }),
    );
  });

  it('is all there can be before any answer, less its tails', () => {
    expect(accuracyInterval(0, 0).low).toBeCloseTo(0.025, 8);
    expect(accuracyInterval(0, 0).high).toBeCloseTo(0.975, 8);
  });
});

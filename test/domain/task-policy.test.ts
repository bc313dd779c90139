import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EscalationStep, highestPriceMicros, raisedMicros } from '../../domain/task-policy.ts';

test('a raise is exact, and rounded up to a whole micro-dollar', () => {
  expect(raisedMicros(100_000n, 0.25)).toBe(125_000n);
  expect(raisedMicros(1n, 0.25)).toBe(2n);
  expect(raisedMicros(0n, 4)).toBe(0n);
  expect(raisedMicros(3n, 1 / 3)).toBe(4n);
});

test('the highest price is what the raises of a ladder come to, one upon the other', () => {
  const ladder: EscalationStep[] = [
    { step: 'raise_pay', by: 0.5 },
    { step: 'widen_tier' },
    { step: 'raise_pay', by: 1 },
    { step: 'give_up' },
  ];
  expect(highestPriceMicros(100_000n, ladder)).toBe(300_000n);
  expect(highestPriceMicros(100_000n, [])).toBe(100_000n);
});

test('no price on the way up is above the highest, whatever the raises', () => {
  const raises = fc.array(fc.double({ min: 0.01, max: 4, noNaN: true }), { maxLength: 6 });
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 9n }), raises, (start, shares) => {
      const ladder = shares.map((by) => ({ step: 'raise_pay', by }) as const);
      const highest = highestPriceMicros(start, ladder);
      let price = start;
      for (const { by } of ladder) {
        const raised = raisedMicros(price, by);
        expect(raised).toBeGreaterThanOrEqual(price);
        price = raised;
        expect(price).toBeLessThanOrEqual(highest);
      }
      expect(price).toBe(highest);
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roundTicks } from '../../web/src/ui/round-ticks.ts';

test.each([
  [0, 245, [0, 50, 100, 150, 200]],
  [373, 1130, [400, 600, 800, 1000]],
  [0.7, 1, [0.7, 0.8, 0.9, 1]],
  [85, 100, [85, 90, 95, 100]],
  [-0.4, 1, [0, 0.5, 1]],
  [0, 0.8, [0, 0.2, 0.4, 0.6, 0.8]],
  [50, 50, [50]],
])('from %d to %d there are ticks at %j', (least, most, ticks) => {
  expect(roundTicks(least, most)).toEqual(ticks);
});

test('counts have whole ticks', () => {
  expect(roundTicks(1, 3, { finest: 1 })).toEqual([1, 2, 3]);
});

test('ticks are within the axis, rise, and are two to seven', () => {
  const length = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.double({ min: -100, max: 100, noNaN: true }), length, (lengths, length) => {
      const least = lengths * length;
      const most = least + length;
      const ticks = roundTicks(least, most);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(7);
      const near = 1e-6 * length;
      for (const [at, tick] of ticks.entries()) {
        expect(tick).toBeGreaterThanOrEqual(least - near);
        expect(tick).toBeLessThanOrEqual(most + near);
        if (at > 0) expect(tick).toBeGreaterThan(ticks[at - 1] ?? tick);
      }
    }),
  );
});

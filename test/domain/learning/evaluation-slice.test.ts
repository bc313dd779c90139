import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interleaved, sliceRange, sliceWanted } from '../../../domain/learning/evaluation-slice.ts';

describe('the evaluation slice', () => {
  it('is its share of all places, inside them, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ min: 0.01, max: 0.5, noNaN: true }), (seed, share) => {
        const { from, to } = sliceRange(seed, share);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(2 ** 31);
        expect((to - from) / 2 ** 31).toBeCloseTo(share, 6);
        expect(sliceRange(seed, share)).toEqual({ from, to });
      }),
    );
  });

  it('keeps its share of all tasks, whatever the sizes of the batches', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 30 }),
        (share, batches) => {
          let tasks = 0;
          let inSlice = 0;
          for (const count of batches) {
            inSlice += sliceWanted(share, { tasks, inSlice }, count);
            tasks += count;
          }
          expect(Math.abs(inSlice - share * tasks)).toBeLessThan(1 + 1e-9);
        },
      ),
    );
  });

  it('wants at most the whole batch when it is behind, and nothing when it is ahead', () => {
    expect(sliceWanted(0.5, { tasks: 1000, inSlice: 0 }, 10)).toBe(10);
    expect(sliceWanted(0.1, { tasks: 100, inSlice: 60 }, 10)).toBe(0);
  });

  it('is spread over a batch, so that any beginning of it has about its share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20 }), (teaching, measuring) => {
        const batch = interleaved(new Array(teaching).fill('t'), new Array(measuring).fill('m'));
        expect(batch).toHaveLength(teaching + measuring);
        let met = 0;
        batch.forEach((each, at) => {
          if (each === 'm') met += 1;
          const share = (measuring / (teaching + measuring)) * (at + 1);
          // Where there are more to measure on than to learn from, several follow each other.
          expect(Math.abs(met - share)).toBeLessThanOrEqual(1 + Math.ceil(measuring / Math.max(1, teaching)));
        });
        expect(met).toBe(measuring);
      }),
    );
  });
});

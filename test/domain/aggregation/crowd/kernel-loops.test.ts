import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { paths } from '../../../../cli/paths.ts';
import { FEW_ANSWERS } from '../../../../domain/aggregation/crowd/confusion-loop.ts';
import { dawidSkene } from '../../../../domain/aggregation/crowd/dawid-skene.ts';
import { kernelLoops } from '../../../../domain/aggregation/crowd/kernel-loops.ts';
import { mace } from '../../../../domain/aggregation/crowd/mace.ts';
import { oneCoin } from '../../../../domain/aggregation/crowd/one-coin.ts';
import type { Ratings } from '../../../../domain/agreement/ratings.ts';

const loops = kernelLoops(readFileSync(paths.crowdKernel));

/** Tasks without answers and with more than a product may hold; odd and even numbers of labels. */
const crowds: fc.Arbitrary<Ratings> = fc
  .record({ raterCount: fc.integer({ min: 1, max: 40 }), valueCount: fc.integer({ min: 2, max: 7 }) })
  .chain(({ raterCount, valueCount }) =>
    fc
      .array(
        fc
          .uniqueArray(fc.nat(raterCount - 1))
          .chain((raters) =>
            fc.tuple(
              fc.constant(raters),
              fc.array(fc.nat(valueCount - 1), { minLength: raters.length, maxLength: raters.length }),
            ),
          ),
        { minLength: 1, maxLength: 20 },
      )
      .map((tasks) => ({
        unit: Int32Array.from(tasks.flatMap(([raters], t) => raters.map(() => t))),
        rater: Int32Array.from(tasks.flatMap(([raters]) => raters)),
        value: Int32Array.from(tasks.flatMap(([, values]) => values)),
        unitCount: tasks.length,
        raterCount,
        valueCount,
      })),
  )
  .filter(({ unit }) => unit.length > 0);

it.each([
  ['dawid-skene', dawidSkene],
  ['one-coin', oneCoin],
  ['mace', mace],
])('%s gives the same bits by the kernel as in plain TypeScript', (_, method) => {
  let large = false;
  fc.assert(
    fc.property(crowds, (ratings) => {
      large ||= Array.from(ratings.unit).some((t, i) => ratings.unit[i + FEW_ANSWERS] === t);
      const options = { maxIterations: 20 };
      expect(method(ratings, { ...options, loops })).toEqual(method(ratings, options));
    }),
    { numRuns: 60 },
  );
  expect(large).toBe(true);
});

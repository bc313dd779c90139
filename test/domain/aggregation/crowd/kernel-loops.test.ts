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
import { seededRng } from '../../../../domain/rng.ts';

const loops = kernelLoops(readFileSync(paths.crowdKernel));

/** Tasks without answers and with more than a product may hold; odd and even numbers of labels. */
const crowds = fc
  .record({
    raterCount: fc.integer({ min: 1, max: 40 }),
    valueCount: fc.integer({ min: 2, max: 7 }),
    unitCount: fc.integer({ min: 1, max: 20 }),
    seed: fc.nat(),
  })
  .map(({ seed, ...counts }): Ratings => {
    const rng = seededRng(seed);
    const everybody = Array.from({ length: counts.raterCount }, (_, rater) => rater);
    const rows = Array.from({ length: counts.unitCount }, (_, unit) =>
      rng
        .shuffle(everybody)
        .slice(0, rng.int(counts.raterCount + 1))
        .map((rater) => ({ unit, rater, value: rng.int(counts.valueCount) })),
    ).flat();
    const column = (of: 'unit' | 'rater' | 'value') => Int32Array.from(rows, (row) => row[of]);
    return { unit: column('unit'), rater: column('rater'), value: column('value'), ...counts };
  })
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

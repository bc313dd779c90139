import { expect, test } from 'vitest';
import { groupAnswers } from '../../../../domain/aggregation/crowd/answers.ts';
import type { SharedModel } from '../../../../domain/aggregation/crowd/live-model.ts';
import { learnSharpness } from '../../../../domain/aggregation/crowd/sharpness.ts';
import { voicesOf } from '../../../../domain/aggregation/crowd/voices.ts';
import { seededRng } from '../../../../domain/rng.ts';

/** Golds and tasks that nine answer, of whom the first eight are copies in pairs: (0, 4), (1, 5), (2, 6), (3, 7). */
function crowdOfPairs() {
  const rng = seededRng('pairs');
  const known = Int32Array.from({ length: 200 }, () => rng.int(2));
  const rows = [...known].flatMap((right, unit) => {
    const said = [0, 1, 2, 3, 4].map(() => (rng.next() < 0.75 ? right : 1 - right));
    return Array.from({ length: 9 }, (_, rater) => ({
      unit,
      rater,
      value: said[rater === 8 ? 4 : rater % 4] ?? right,
    }));
  });
  const column = (of: 'unit' | 'rater' | 'value') => Int32Array.from(rows, (row) => row[of]);
  const counts = { unitCount: known.length, raterCount: 9, valueCount: 2 };
  return { ratings: { unit: column('unit'), rater: column('rater'), value: column('value'), ...counts }, known };
}

test('a copy counts in full among answers that the other one’s is not of', () => {
  const { ratings, known } = crowdOfPairs();
  const { correlated, beside, among } = voicesOf(groupAnswers(ratings), known);
  expect(correlated.map(({ a, b }) => [a, b])).toEqual([
    [0, 4],
    [1, 5],
    [2, 6],
    [3, 7],
  ]);
  expect(beside.weights?.[0]).toBeCloseTo(0.5, 1);
  expect(among([0, 1, 2])).toEqual([1, 1, 1]);
  expect(among([0, 4])[0]).toBeCloseTo(0.5, 1);
  // Each three are independent, so what the model says of them comes true as it is.
  const row = (right: number) => [0, 1].map((label) => Math.log(label === right ? 0.75 : 0.25));
  const table = [...row(0), ...row(1)];
  const shared: SharedModel = {
    ...{ choices: ['0', '1'], kinds: [1], weights: [1], sharpness: 1, newcomer: table },
    logPrior: [Math.log(0.5), Math.log(0.5)],
  };
  const tables = Array.from({ length: 9 }, () => table);
  const learnt = learnSharpness({ ratings, known, among }, { shared, tables });
  // 200 golds say 1, and 50 answers' worth of prior 0.5.
  expect(learnt).toBeGreaterThan(0.8);
});

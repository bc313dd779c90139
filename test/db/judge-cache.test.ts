import { afterAll, expect, test } from 'vitest';
import { createJudgeCache } from '../../db/queries/judge-cache.ts';
import { createTestDatabase } from '../support/database.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const cache = createJudgeCache(db);

const spentOn = async (model: string) => {
  const [row] = await db<
    { micros: bigint }[]
  >`select spent_micros as micros from judge_spending where model = ${model}`;
  return row?.micros;
};
const answerTo = (hash: string, said: string, more: { model: string; costMicros: bigint }) => ({
  ...{ hash, answeredBy: 'm-1', promptVersion: 'v1', said, inputTokens: 1, outputTokens: 1 },
  ...{ chargedMicros: 300n, paidBy: `unit of ${said}`, ...more },
});

test('calls at once do not pass a cap together, be they of many workers', async () => {
  const charge = () => cache.charge({ model: 'capped', micros: 300n, capMicros: 1000n });
  const taken = await Promise.all(Array.from({ length: 12 }, charge));
  expect(taken.filter(Boolean)).toHaveLength(3);
  expect(await spentOn('capped')).toBe(900n);
  await cache.giveBack({ model: 'capped', micros: 300n });
  expect([await charge(), await charge()]).toEqual([true, false]);
  expect(await cache.charge({ model: 'poor', micros: 1n, capMicros: 0n })).toBe(false);
});

test('an answer gives back what its call was charged too much; one that was paid twice has cost twice, and the first stands', async () => {
  for (const said of ['first', 'second']) {
    await cache.charge({ model: 'm', micros: 300n, capMicros: 10_000n });
    const stands = await cache.put(answerTo('h', said, { model: 'm', costMicros: 120n }));
    expect(stands).toEqual({ said: 'first', costMicros: 120n, answeredBy: 'm-1', paidBy: 'unit of first' });
  }
  expect(await spentOn('m')).toBe(240n);
  // One that cost more than it was thought to is charged for all of it.
  await cache.charge({ model: 'm', micros: 300n, capMicros: 10_000n });
  await cache.put(answerTo('h2', 'long', { model: 'm', costMicros: 450n }));
  expect(await spentOn('m')).toBe(690n);
  expect(await cache.get('h3')).toBeUndefined();
});

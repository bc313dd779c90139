import { afterAll, expect, test } from 'vitest';
import { createJudgeCache } from '../../db/queries/judge-cache.ts';
import { createTestDatabase } from '../support/database.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const cache = createJudgeCache(db);

const address = 'https://api.example/v1';
const spentOn = async (model: string) => {
  const [row] = await db<
    { micros: bigint }[]
  >`select spent_micros as micros from judge_spending where model = ${model}`;
  return row?.micros;
};
const answerTo = (hash: string, said: string | null, more: { model: string; costMicros: bigint }) => ({
  ...{ hash, address, answeredBy: 'm-1', promptVersion: 'v1', said, inputTokens: 1, outputTokens: 1 },
  ...{ chargedMicros: 300n, paidBy: `unit of ${said}`, ...more },
});

test('calls at once do not pass a cap together, be they of many workers', async () => {
  const charge = () => cache.charge({ address, model: 'capped', micros: 300n, capMicros: 1000n });
  const taken = await Promise.all(Array.from({ length: 12 }, charge));
  expect(taken.filter(Boolean)).toHaveLength(3);
  expect(await spentOn('capped')).toBe(900n);
  await cache.giveBack({ address, model: 'capped', micros: 300n });
  expect([await charge(), await charge()]).toEqual([true, false]);
  expect(await cache.charge({ address, model: 'poor', micros: 1n, capMicros: 0n })).toBe(false);
});

test('an answer gives back what its call was charged too much; one that was paid twice has cost twice, and the first stands', async () => {
  for (const said of ['first', 'second']) {
    await cache.charge({ address, model: 'm', micros: 300n, capMicros: 10_000n });
    const stands = await cache.put(answerTo('h', said, { model: 'm', costMicros: 120n }));
    expect(stands).toEqual({ said: 'first', costMicros: 120n, answeredBy: 'm-1', paidBy: 'unit of first' });
  }
  expect(await spentOn('m')).toBe(240n);
  // One that cost more than it was thought to is charged for all of it.
  await cache.charge({ address, model: 'm', micros: 300n, capMicros: 10_000n });
  await cache.put(answerTo('h2', 'long', { model: 'm', costMicros: 450n }));
  expect(await spentOn('m')).toBe(690n);
  expect(await cache.get('h3')).toBeUndefined();
});

test('a model has one cap at each place, whichever of its names it is asked by', async () => {
  const room = async (model: string, at = address) => {
    let taken = 0;
    while (await cache.charge({ address: at, model, micros: 100n, capMicros: 1000n })) taken++;
    return taken;
  };
  const answered = async (model: string, said: string | null, answeredBy = 'large-2026-11-01') => {
    await cache.charge({ address, model, micros: 100n, capMicros: 1000n });
    await cache.put({
      ...answerTo(`${model} ${said}`, said, { model, costMicros: 100n }),
      chargedMicros: 100n,
      answeredBy,
    });
  };
  await answered('large', 'a');
  expect(await room('large')).toBe(9);
  // Another name of it, as is known once it has answered.
  await answered('large-latest', 'b');
  expect(await room('large-latest')).toBe(0);
  // What nobody could read says nothing of a version.
  await answered('large-latest', null, 'large-latest');
  expect(await room('large-latest')).toBe(0);
  // Another version, and another place.
  await answered('small', 'c', 'small-2026-11-01');
  expect(await room('small')).toBe(9);
  expect(await room('large', 'http://localhost:11434/v1')).toBe(10);
  // What was spent before places were known counts at all of them.
  await db`insert into judge_spending (model, spent_micros) values ('older', 700)`;
  expect([await room('older'), await room('older', 'http://localhost:11434/v1')]).toEqual([3, 3]);
});

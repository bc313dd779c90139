import { afterAll, expect, it } from 'vitest';
import { payNoticesOf, recordPayNotices, setPayFloors } from '../../db/queries/pay-floors.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { belowFloor } from '../../domain/payouts/floor.ts';
import { createTestDatabase } from '../support/database.ts';
import * as stage from '../workers/stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);

it('pay below the floor at the measured speed is noticed once, with the right price, and again at another price', async () => {
  const made = await stage.scene(db, { items: 4, annotators: 5, settings: { redundancy: 5 } });
  const { campaignId } = made;
  const floor = (usd: number) => setPayFloors(db, DEFAULT_ORGANISATION, new Map([['', BigInt(usd) * 1_000_000n]]));
  await floor(36);
  const taskIds = await stage.plan(db, made, 4);
  await openSlots(db, ...taskIds);
  for (const [at, taskId] of taskIds.entries()) {
    for (const annotatorId of made.annotators) {
      // Nineteen answers say too little.
      if (at === 3 && annotatorId === made.annotators[4]) expect(await recordPayNotices(db)).toEqual([]);
      await stage.answer(db, { taskId, annotatorId });
    }
  }
  // 12 seconds at $0.10 are $30 an hour; $36 would be $0.12.
  const found = await recordPayNotices(db);
  expect(found).toMatchObject([
    { campaignId, region: '', floorMicros: 36_000_000n, hourlyMicros: 30_000_000n, rightPriceMicros: 120_000n },
  ]);
  expect(found.map(belowFloor)).toEqual([
    'In regions that are not known a focused hour comes to $30.00, below the floor of $36.00: set priceUsd to at least 0.12.',
  ]);
  expect(await recordPayNotices(db)).toEqual([]);
  await db`update campaigns set settings = settings || '{"priceMicros": "110000"}' where id = ${campaignId}`;
  expect(await recordPayNotices(db)).toHaveLength(1);
  expect((await payNoticesOf(db, campaignId)).map(({ priceMicros }) => priceMicros)).toEqual([100_000n, 110_000n]);
  await floor(30);
  expect(await recordPayNotices(db)).toEqual([]);
});

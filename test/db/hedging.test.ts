import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import { hedgeableUnits, hedgeUnit, openHedgesMicros, paceOf } from '../../db/queries/hedges.ts';
import { limitsOf, setLimits } from '../../db/queries/limits.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { ingest } from '../../db/queries/vendor-ingest.ts';
import { findOrder } from '../../db/queries/vendor-orders.ts';
import { dispatchUnits } from '../../db/queries/vendor-units.ts';
import { createTestDatabase } from '../support/database.ts';
import * as stage from '../workers/stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);

const WORKFORCES = ['surge_ai', 'internal'];

/** A task that was bought of a vendor at 0.20 an answer. */
async function bought({ redundancy = 1, hedgeUsd = '1' } = {}) {
  const made = await stage.scene(db, {
    settings: { workforces: WORKFORCES, redundancy, vendors: { surge_ai: { priceUsd: '0.20' } } },
  });
  await setLimits(db, made.campaignId, { hedgeMicros: BigInt(Math.round(Number(hedgeUsd) * 1e6)) });
  const [taskId = ''] = await stage.plan(db, made, 1);
  await openSlots(db, taskId);
  await dispatchUnits(db, { gatherMs: 0 });
  const [unit] = await db<{ id: string; orderId: string }[]>`
    select id, order_id as "orderId" from vendor_units where task_id = ${taskId}`;
  const order = await findOrder(db, unit?.orderId ?? '');
  if (!unit || !order) throw new Error('Nothing was ordered.');
  const { campaignId } = made;
  return {
    ...{ campaignId, taskId, order, unitId: unit.id, annotators: made.annotators },
    hedge: () => hedgeUnit(db, { row: order, unitId: unit.id, taskId, workforces: WORKFORCES }),
    arrives: (worker: string) =>
      ingest(db, {
        ...{ orderId: order.id, unitId: unit.id, taskId, campaignId, vendor: 'surge_ai' },
        ...{ responseKey: worker, workerId: `${worker} ${unit.id}`, answers: {}, hash: worker },
        ...{ read: { label: 'spam', presentation: null }, timeSpentS: 5, costMicros: null, priceMicros: 200_000n },
      }),
    settle: () =>
      createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined }).decideTask({
        ...{ taskId, minConfidence: 0, acceptAny: true, log: [] },
      }),
    drawn: async () => (await limitsOf(db, campaignId)).find(({ scope }) => scope === 'hedge')?.drawnMicros,
  };
}

describe('a task that two sources are asked for', () => {
  it('takes the first valid answer, cancels the other, and gives the money back', async () => {
    const task = await bought();
    expect(await hedgeableUnits(db, task.order.id)).toEqual([{ id: task.unitId, taskId: task.taskId }]);
    expect(await openHedgesMicros(db, task.campaignId)).toBe(200_000n);
    expect(await Promise.all([task.hedge(), task.hedge()])).toEqual(expect.arrayContaining([true, false]));
    expect(await task.drawn()).toBe(200_000n);
    expect(await openHedgesMicros(db, task.campaignId)).toBe(0n);
    expect(await hedgeableUnits(db, task.order.id)).toEqual([]);
    await stage.answer(db, { taskId: task.taskId, annotatorId: task.annotators[0] ?? '' });
    await task.settle();
    const [unit] = await db`select cancel_wanted from vendor_units where id = ${task.unitId}`;
    expect(unit).toEqual({ cancel_wanted: true });
    expect(await task.drawn()).toBe(0n);
    const money = await stage.moneyOf(db, task.campaignId);
    expect([money.reserved, money.spent]).toEqual([0n, 100_000n]);
    await stage.expectInvariants(db, task.campaignId);
  });

  it("counts the vendor's answer while a person has the slot in hand; theirs comes late", async () => {
    const task = await bought();
    await task.hedge();
    const [annotatorId = ''] = task.annotators;
    const held = await stage.lease(db, { taskId: task.taskId, annotatorId });
    expect(await task.arrives('w1')).toBe('counted');
    await task.settle();
    expect(await stage.taskState(db, task.taskId)).toBe('decided');
    await stage.submit(db, { assignmentId: held?.assignmentId ?? '', annotatorId });
    const [late] = await db`select counted from annotations where annotator_id = ${annotatorId}`;
    expect(late).toEqual({ counted: false });
    expect(await task.drawn()).toBe(200_000n);
    const money = await stage.moneyOf(db, task.campaignId);
    expect([money.reserved, money.spent]).toEqual([0n, 200_000n]);
    await stage.expectInvariants(db, task.campaignId);
  });

  it('keeps what both send as further votes while it is open, and no more of them than were reserved for', async () => {
    const task = await bought({ redundancy: 2 });
    await task.hedge();
    for (const annotatorId of task.annotators.slice(0, 2)) await stage.answer(db, { taskId: task.taskId, annotatorId });
    for (const worker of ['w1', 'w2']) expect(await task.arrives(worker)).toBe('counted');
    expect(await task.arrives('w3')).toBe('late');
    await task.settle();
    const [decision] = await db<{ answers: number }[]>`
      select count(*)::int as answers from annotations where task_id = ${task.taskId} and counted`;
    expect(decision?.answers).toBe(4);
    const money = await stage.moneyOf(db, task.campaignId);
    expect([money.reserved, money.spent]).toEqual([0n, 600_000n]);
    await stage.expectInvariants(db, task.campaignId);
  });

  it('is left to the vendor alone where the cap for hedges has no room', async () => {
    const task = await bought({ hedgeUsd: '0.19' });
    expect(await task.hedge()).toBe(false);
    const [row] = await db`
      select t.workforce, u.hedged_at from tasks t join vendor_units u on u.task_id = t.id where t.id = ${task.taskId}`;
    expect(row).toEqual({ workforce: 'surge_ai', hedged_at: null });
    expect(await task.drawn()).toBe(0n);
    expect(await task.arrives('w1')).toBe('counted');
    await stage.expectInvariants(db, task.campaignId);
  });
});

it("a vendor's pace is the time below which nine in ten of its answers came", async () => {
  const made = await stage.scene(db, { settings: { workforces: ['mturk', 'internal'] }, items: 11 });
  const { campaignId } = made;
  const taskIds = await stage.plan(db, made, 11);
  const orderId = uuidv7();
  await db`
    insert into vendor_orders (id, campaign_id, vendor, key, state, placement, policy_version, price_micros, deadline_at, submitted_at)
    values (${orderId}, ${campaignId}, 'mturk', ${orderId}, 'placed', '{}', 1, 1, now(), now())`;
  for (const [at, taskId] of taskIds.entries()) {
    const unitId = uuidv7();
    await db`
      insert into vendor_units (id, task_id, campaign_id, vendor, generation, answers, state, order_id)
      values (${unitId}, ${taskId}, ${campaignId}, 'mturk', 1, 1, 'ordered', ${orderId})`;
    await db`
      insert into vendor_responses (id, unit_id, response_key, worker_id, state, answers, hash, created_at)
      select ${uuidv7()}, ${unitId}, 'a', 'w', 'counted', '{}', '', submitted_at + ${at * 10} * interval '1 second'
      from vendor_orders where id = ${orderId}`;
  }
  expect(await paceOf(db, { campaignId, vendor: 'mturk' })).toEqual({ answers: 11, p90Ms: 90_000 });
  expect(await paceOf(db, { campaignId, vendor: 'scale_ai' })).toEqual({ answers: 0, p90Ms: null });
});

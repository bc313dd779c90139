import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import { hedgeUnit } from '../../db/queries/hedges.ts';
import { limitsOf, setLimits } from '../../db/queries/limits.ts';
import { owedMicros, owingCampaigns, payAnnotation, payOwed, setCap } from '../../db/queries/money.ts';
import { reopenTasks } from '../../db/queries/reopenings.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { ingest } from '../../db/queries/vendor-ingest.ts';
import { beginSubmit, findOrder } from '../../db/queries/vendor-orders.ts';
import { dispatchUnits } from '../../db/queries/vendor-units.ts';
import { createTestDatabase } from '../support/database.ts';
import * as stage from '../workers/stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);

const tasks = createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
const decide = (taskId: string) => tasks.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
const reopen = (campaignId: string, taskIds: readonly string[], cause: 'quarantine' | 'instructions' = 'quarantine') =>
  reopenTasks(db, {
    ...{ campaignId, cause, reason: 'test', by: 'lead', nowMs: Date.now() },
    tasks: taskIds.map((taskId) => ({ taskId, answers: 1, excludedIds: [] })),
  });

/** A campaign with tasks that each got one answer and were decided by it. */
async function decided(settings: Parameters<typeof stage.scene>[1] = {}) {
  const made = await stage.scene(db, { ...settings, settings: { redundancy: 1, ...settings.settings } });
  const taskIds = await stage.plan(db, made, settings.items ?? 1);
  await openSlots(db, ...taskIds);
  const answer = (taskId: string, by: number) => stage.answer(db, { taskId, annotatorId: made.annotators[by] ?? '' });
  for (const taskId of taskIds) {
    await answer(taskId, 0);
    await decide(taskId);
  }
  return { ...made, taskIds, answer };
}

describe('a task that was opened again', () => {
  it('gets further slots with the money for them at the price it was raised to', async () => {
    const raisePay = { step: 'raise_pay', by: 0.5 } as const;
    const made = await stage.scene(db, {
      annotators: 3,
      settings: { priceUsd: '1.00', redundancy: 1, maxRedundancy: 1, escalation: [raisePay] },
    });
    const { campaignId, annotators } = made;
    const [taskId = ''] = await stage.plan(db, made, 1);
    await openSlots(db, taskId);
    const raise = () => tasks.escalateTask({ taskId, step: raisePay, number: 0 });
    const answer = (by: number) => stage.answer(db, { taskId, annotatorId: annotators[by] ?? '' });
    await raise();
    await answer(0);
    await decide(taskId);
    expect((await reopen(campaignId, [taskId])).reservedMicros).toBe(2_250_000n);
    expect(await tasks.addSlots({ taskId, toRedundancy: 3 })).toEqual({});
    expect(await stage.moneyOf(db, campaignId)).toMatchObject({ reserved: 4_500_000n, spent: 1_500_000n });
    await raise();
    await answer(1);
    await answer(2);
    await decide(taskId);
    expect(await stage.moneyOf(db, campaignId)).toMatchObject({ reserved: 0n, spent: 6_000_000n, paid: 6_000_000n });
    await stage.expectInvariants(db, campaignId);
  });

  it.each(['moved on', 'hedged'])(
    'gives no slot to what a vendor still sends to an earlier purchase, of a task that was %s',
    async (how) => {
      const workforces = ['surge_ai', 'internal'];
      const made = await stage.scene(db, {
        settings: { workforces, redundancy: 1, vendors: { surge_ai: { priceUsd: '0.20' } } },
      });
      const { campaignId, annotators } = made;
      await setLimits(db, campaignId, { hedgeMicros: 1_000_000n });
      const [taskId = ''] = await stage.plan(db, made, 1);
      await openSlots(db, taskId);
      await dispatchUnits(db, { gatherMs: 0 });
      const [unit = { id: '', orderId: '' }] = await db<{ id: string; orderId: string }[]>`
        select id, order_id as "orderId" from vendor_units where task_id = ${taskId}`;
      const order = await findOrder(db, unit.orderId);
      if (!order) throw new Error('Nothing was ordered.');
      await beginSubmit(db, order);
      if (how === 'hedged') await hedgeUnit(db, { row: order, unitId: unit.id, taskId, workforces });
      else await tasks.escalateTask({ taskId, step: { step: 'next_workforce' }, number: 0 });
      await stage.answer(db, { taskId, annotatorId: annotators[0] ?? '' });
      await decide(taskId);
      expect((await reopen(campaignId, [taskId])).reservedMicros).toBe(100_000n);
      const arrived = await ingest(db, {
        ...{ orderId: order.id, unitId: unit.id, taskId, campaignId, vendor: 'surge_ai' },
        ...{ responseKey: 'w1', workerId: `w1 ${unit.id}`, answers: {}, hash: 'w1' },
        ...{ read: { label: 'spam', presentation: null }, timeSpentS: 5, costMicros: null, priceMicros: 200_000n },
      });
      expect(arrived).toBe('late');
      await stage.answer(db, { taskId, annotatorId: annotators[1] ?? '' });
      await decide(taskId);
      const [late] = await db<{ id: string }[]>`select id from annotations where task_id = ${taskId} and not counted`;
      expect(await payAnnotation(db, { annotationId: late?.id ?? '', from: 'free' })).toBe('paid');
      expect(await stage.moneyOf(db, campaignId)).toMatchObject({ reserved: 0n, spent: 400_000n, paid: 400_000n });
      await stage.expectInvariants(db, campaignId);
    },
  );

  it.each(['decideTask', 'assessAnswers', 'heedJudges', 'closeTask'] as const)(
    'is left to its own run by the one before, whose %s is repeated',
    async (repeated) => {
      const { campaignId, taskIds, answer } = await decided({ settings: { redundancy: 1, maxRedundancy: 2 } });
      const [taskId = ''] = taskIds;
      await reopen(campaignId, [taskId]);
      const how = { minConfidence: 0, acceptAny: true, log: [] };
      const [known] = await db<{ id: string }[]>`select id from annotations where task_id = ${taskId}`;
      const run = (reopened: number) => {
        const inputs = {
          decideTask: () => tasks.decideTask({ taskId, reopened, ...how }),
          assessAnswers: () =>
            tasks.assessAnswers({ taskId, reopened, annotationIds: [known?.id ?? ''], due: { missing: 1, ...how } }),
          heedJudges: () => tasks.heedJudges({ taskId, reopened, log: [] }),
          closeTask: () =>
            tasks.closeTask({
              ...{ taskId, reopened, outcome: 'unresolved', log: [] },
              heard: { annotationIds: [], clockAtMs: Date.now() },
            }),
        };
        return inputs[repeated]();
      };
      const said = await run(0);
      expect(said).toEqual(
        {
          decideTask: { settled: true, confidence: expect.any(Number) },
          assessAnswers: { countedIds: [known?.id], tried: { settled: true, confidence: expect.any(Number) } },
          heedJudges: { settled: true },
          closeTask: undefined,
        }[repeated],
      );
      expect(await stage.taskState(db, taskId)).toBe('open');
      await answer(taskId, 1);
      expect(await tasks.decideTask({ taskId, reopened: 1, ...how })).toMatchObject({ settled: true });
      expect(await stage.taskState(db, taskId)).toBe('decided');
      await stage.expectInvariants(db, campaignId);
    },
  );

  it('is asked of people where judges decided it, and takes its money along to their cap', async () => {
    const made = await stage.scene(db, { items: 3, settings: { workforces: ['llm', 'internal'], redundancy: 2 } });
    const { campaignId, annotators } = made;
    const taskIds = await stage.plan(db, made, 3);
    await openSlots(db, ...taskIds);
    for (const taskId of taskIds) {
      for (const annotatorId of annotators.slice(0, 2)) await stage.answer(db, { taskId, annotatorId });
      await decide(taskId);
    }
    await setLimits(db, campaignId, { workforces: { llm: 1_000_000n, internal: 600_000n } });
    const [first = '', second = '', third = ''] = taskIds;
    expect((await reopen(campaignId, [first])).taskIds).toEqual([first]);
    expect((await reopen(campaignId, [second], 'instructions')).taskIds).toEqual([second]);
    // 0.20 that were paid and 0.10 for the new answer, each.
    expect(await reopen(campaignId, [third])).toMatchObject({ taskIds: [], overBudget: 1 });
    expect((await limitsOf(db, campaignId)).map(({ name, drawnMicros }) => [name, drawnMicros])).toEqual([
      ['internal', 600_000n],
      ['llm', 200_000n],
    ]);
    const open = await db`
      select t.workforce, s.workforce as asked from tasks t join slots s on s.task_id = t.id
      where t.campaign_id = ${campaignId} and s.state = 'open'`;
    expect([...open]).toEqual(Array(2).fill({ workforce: 'internal', asked: 'internal' }));
    await stage.expectInvariants(db, campaignId);
  });

  it('is the first that was asked for, where the money is not enough for all', async () => {
    const { campaignId, taskIds } = await decided({ items: 2, settings: { budgetUsd: '0.30' } });
    const [, last = ''] = taskIds.toSorted();
    const reopened = await reopen(campaignId, taskIds.toSorted().toReversed());
    expect(reopened).toMatchObject({ taskIds: [last], overBudget: 1, passedOver: 0 });
    await stage.expectInvariants(db, campaignId);
  });
});

describe('answers that earned more than was reserved for them', () => {
  /** A task whose one answer is paid 0.60, with 0.10 reserved. */
  async function dear(made: stage.Scene, taskId: string) {
    const [annotatorId = ''] = made.annotators;
    const held = await stage.lease(db, { taskId, annotatorId });
    await db`update assignments set price_micros = 600000 where id = ${held?.assignmentId ?? ''}`;
    await stage.submit(db, { assignmentId: held?.assignmentId ?? '', annotatorId });
    await decide(taskId);
  }

  it('are paid of what is free, and owed where that is not enough', async () => {
    const made = await stage.scene(db, { items: 2, settings: { budgetUsd: '1', redundancy: 1 } });
    const { campaignId } = made;
    const [first = '', second = ''] = await stage.plan(db, made, 2);
    await openSlots(db, first, second);
    await dear(made, first);
    expect(await stage.moneyOf(db, campaignId)).toMatchObject({ reserved: 100_000n, spent: 600_000n });
    await stage.expectInvariants(db, campaignId);
    await dear(made, second);
    expect(await stage.taskState(db, second)).toBe('decided');
    expect(await owedMicros(db, campaignId)).toBe(600_000n);
    expect(await stage.moneyOf(db, campaignId)).toMatchObject({ reserved: 0n, spent: 600_000n });
    await stage.expectInvariants(db, campaignId);
    await setCap(db, { campaignId, capMicros: 2_000_000n });
    await payOwed(db, campaignId);
    expect(await stage.moneyOf(db, campaignId)).toMatchObject({ reserved: 0n, spent: 1_200_000n, paid: 1_200_000n });
    await stage.expectInvariants(db, campaignId);
  });
});

describe('pay that is owed', () => {
  it('does not wait behind what is too dear just now', async () => {
    const { campaignId, taskIds, annotators } = await decided({ settings: { budgetUsd: '0.30' } });
    const [taskId = ''] = taskIds;
    for (const [at, micros] of [5_000_000n, 50_000n].entries()) {
      const [annotatorId = ''] = annotators.slice(at + 1);
      const assignmentId = uuidv7();
      await db`
        insert into assignments (id, task_id, slot_no, campaign_id, annotator_id, fence, state, price_micros, expires_at)
        values (${assignmentId}, ${taskId}, 1, ${campaignId}, ${annotatorId}, 0, 'expired', ${micros}, now())`;
      const late = await stage.submit(db, { assignmentId, annotatorId });
      await db`update annotations set pay_state = 'owed' where id = ${late?.annotationId ?? ''}`;
    }
    expect(await owingCampaigns(db)).toContain(campaignId);
    // Of very many so many at a time.
    expect(await payOwed(db, campaignId, 1)).toEqual({ looked: 1, more: true });
    expect(await payOwed(db, campaignId, 1)).toEqual({ looked: 0, more: false });
    expect(await owedMicros(db, campaignId)).toBe(5_000_000n);
    expect(await owingCampaigns(db)).not.toContain(campaignId);
    await stage.expectInvariants(db, campaignId);
  });
});

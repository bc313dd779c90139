import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import { type Submission, storeSubmissions } from '../../db/queries/annotations.ts';
import { markStopping, pauseCampaign, resumeCampaign } from '../../db/queries/campaigns.ts';
import { expireLeases } from '../../db/queries/leases.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import type { EscalationStep } from '../../domain/task-policy.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { deferred } from '../support/deferred.ts';
import { until } from '../support/rig.ts';
import { answer, expectInvariants, lease, moneyOf, newAnnotator, plan, scene, submit, taskState } from './stage.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const activities = () => createTaskActivities({ db: database.db, nowMs: () => Date.now(), wake: () => undefined });

const expectSound = (campaignId: string) => expectInvariants(database.db, campaignId);

describe('a hundred selections at once', () => {
  test('never reserve more than the cap, and use all of it', async () => {
    const { db } = database;
    // Each task may cost 3 answers of 10 cents; the cap holds 33 of them.
    const made = await scene(db, { items: 300, settings: { budgetUsd: '10' } });
    const batches = await Promise.all(Array.from({ length: 100 }, (_, at) => plan(db, made, 3, at + 1, 3 * at)));
    expect(batches.flat()).toHaveLength(33);
    expect(await moneyOf(db, made.campaignId)).toMatchObject({ reserved: 9_900_000n, ledgerReserved: 9_900_000n });
    await expectSound(made.campaignId);
  });

  test('of the same round make it once', async () => {
    const { db } = database;
    const made = await scene(db, { items: 10 });
    const batches = await Promise.all(Array.from({ length: 20 }, () => plan(db, made, 4, 1)));
    expect(new Set(batches.map((ids) => ids.toSorted().join()))).toHaveProperty('size', 1);
    expect(await moneyOf(db, made.campaignId)).toMatchObject({ reserved: 1_200_000n });
    await expectSound(made.campaignId);
  });
});

test('more than the cap cannot be reserved or spent: the database itself refuses', async () => {
  const { db } = database;
  const made = await scene(db, { settings: { budgetUsd: '1' } });
  for (const column of ['reserved_micros', 'spent_micros']) {
    const book = db`update budgets set ${db(column)} = 1000001 where campaign_id = ${made.campaignId}`;
    await expect(book).rejects.toMatchObject({ constraint_name: 'budgets_within_cap' });
  }
});

test('of two late answers for one slot that are stored at once the first counts', async () => {
  const { db } = database;
  const made = await scene(db, { annotators: 2, settings: { redundancy: 1 } });
  const [taskId = ''] = await plan(db, made, 1);
  await activities().openSlots({ taskId });
  const given: Submission[] = [];
  for (const annotatorId of made.annotators) {
    const held = await lease(db, { taskId, annotatorId, leaseMs: 1 });
    await expect.poll(() => expireLeases(db, 10)).toBe(1);
    given.push({
      ...{ annotationId: uuidv7(), assignmentId: held?.assignmentId ?? '', annotatorId, label: 'spam' },
      ...{ presentation: null, timeSpentS: 5, confidence: null },
    });
  }
  expect(await storeSubmissions(db, given)).toHaveLength(2);
  const counted = await db`select counted from annotations where task_id = ${taskId} order by id`;
  expect([...counted]).toEqual([{ counted: true }, { counted: false }]);
  const states = await db`select state from assignments where task_id = ${taskId} order by id`;
  expect([...states]).toEqual([{ state: 'submitted' }, { state: 'late' }]);
  await expectInvariants(db, made.campaignId);
});

describe('a selection that ends after the campaign was paused or stopped', () => {
  test('starts nothing, and does so when the campaign goes on', async () => {
    const { db } = database;
    const made = await scene(db, { items: 10 });
    await pauseCampaign(db, made.campaignId);
    expect(await plan(db, made, 2)).toEqual([]);
    await resumeCampaign(db, { id: made.campaignId, to: 'running' });
    expect(await plan(db, made, 2)).toHaveLength(2);
    await markStopping(db, { id: made.campaignId, reason: 'by_hand', cancelOpen: true });
    expect(await plan(db, made, 2, 2)).toEqual([]);
    expect(await moneyOf(db, made.campaignId)).toMatchObject({ reserved: 600_000n });
  });

  test('no task escapes a pause, whichever comes first', async () => {
    const { db } = database;
    for (let turn = 0; turn < 10; turn++) {
      const made = await scene(db, { items: 4 });
      const [taskIds] = await Promise.all([plan(db, made, 4), pauseCampaign(db, made.campaignId)]);
      const [told] = await db<{ n: number }[]>`
        select count(*)::int as n from outbox where message = 'paused' and target_id = any(${taskIds})`;
      expect(told?.n).toBe(taskIds.length);
    }
  });
});

test('an ending that is tried again after it was stored has ended, though the campaign was paused since', async () => {
  const { db } = database;
  const task = activities();
  const made = await scene(db);
  const [taskId = ''] = await plan(db, made, 1);
  await task.openSlots({ taskId });
  const ending = { taskId, reopened: 0, outcome: 'unresolved' as const, log: [] };
  const heard = { annotationIds: [], clockAtMs: 0 };
  expect(await task.closeTask({ ...ending, heard })).toBeUndefined();
  await pauseCampaign(db, made.campaignId);
  expect(await task.closeTask({ ...ending, heard })).toBeUndefined();
});

test('a pause ends after it began, and lengthens no lease, though the clock was set back meanwhile', async () => {
  const { db } = database;
  const task = activities();
  const made = await scene(db);
  const [taskId = ''] = await plan(db, made, 1);
  await task.openSlots({ taskId });
  const held = await lease(db, { taskId, annotatorId: made.annotators[0] ?? '' });
  const expiry = async () => db`select expires_at from assignments where id = ${held?.assignmentId ?? ''}`;
  const before = await expiry();
  await pauseCampaign(db, made.campaignId);
  await db`update campaigns set paused_at = paused_at + interval '1 hour' where id = ${made.campaignId}`;
  await db`update outbox set payload = jsonb_build_object('atMs', (payload ->> 'atMs')::float8 + 3600000)
    where target_id = ${taskId} and message = 'paused'`;
  await resumeCampaign(db, { id: made.campaignId, to: 'running' });
  const told = await db<{ atMs: number }[]>`
    select (payload ->> 'atMs')::float8 as "atMs" from outbox
    where target_id = ${taskId} and message in ('paused', 'resumed') order by id`;
  expect(told).toHaveLength(2);
  expect(told[1]?.atMs).toBeGreaterThanOrEqual(told[0]?.atMs ?? Number.POSITIVE_INFINITY);
  expect(await expiry()).toEqual(before);
});

describe('submitting while leases expire and the task ends', () => {
  test('leaves every answer stored once, counted or late, and paid as it should be', { timeout: 120_000 }, async () => {
    const { db } = database;
    const task = activities();
    for (let turn = 0; turn < 12; turn++) {
      const made = await scene(db, { items: 4, annotators: 4 });
      const taskIds = await plan(db, made, 4);
      for (const taskId of taskIds) await task.openSlots({ taskId });
      const held = [];
      for (const taskId of taskIds) {
        for (const annotatorId of made.annotators) {
          const got = await lease(db, { taskId, annotatorId, leaseMs: annotatorId === made.annotators[0] ? 1 : 5000 });
          if (got) held.push({ assignmentId: got.assignmentId, annotatorId });
        }
      }
      expect(held).toHaveLength(12);
      const outcomes = await Promise.allSettled([
        ...held.flatMap((one) => [submit(db, one), submit(db, one)]),
        ...Array.from({ length: 6 }, () => expireLeases(db, 50)),
        ...taskIds.map((taskId) => task.closeTask({ taskId, outcome: 'unresolved', log: [] })),
        ...taskIds.map((taskId) => task.closeTask({ taskId, outcome: 'cancelled', log: [] })),
      ]);
      expect(outcomes.filter((one) => one.status === 'rejected')).toEqual([]);
      const stored = outcomes.slice(0, 24).filter((one) => one.status === 'fulfilled' && one.value !== undefined);
      // Every annotator is answered once: the second submission of a pair finds the assignment closed.
      expect(stored).toHaveLength(12);
      await expectSound(made.campaignId);
      expect(await moneyOf(db, made.campaignId)).toMatchObject({ reserved: 0n });
    }
  });

  test('does not deadlock with escalation, added slots, pausing and resuming', { timeout: 120_000 }, async () => {
    const { db } = database;
    const task = activities();
    const steps: EscalationStep[] = [
      { step: 'raise_priority' },
      { step: 'raise_pay', by: 0.5 },
      { step: 'widen_tier' },
      { step: 'adjudicate' },
    ];
    for (let turn = 0; turn < 24; turn++) {
      const ladder = steps.slice(turn % steps.length);
      const settings = { redundancy: 8, tier: 'expert' as const, escalation: ladder };
      const made = await scene(db, { items: 2, annotators: 8, settings });
      const taskIds = await plan(db, made, 2);
      for (const taskId of taskIds) await task.openSlots({ taskId });
      const held = [];
      for (const taskId of taskIds) {
        for (const annotatorId of made.annotators) {
          const got = await lease(db, { taskId, annotatorId });
          if (got) held.push({ assignmentId: got.assignmentId, annotatorId });
        }
      }
      const climb = async (taskId: string) => {
        for (const [number, step] of ladder.entries()) await task.escalateTask({ taskId, step, number });
      };
      const outcomes = await Promise.allSettled([
        ...held.slice(0, 8).map((one) => submit(db, one)),
        ...taskIds.map(climb),
        ...taskIds.map((taskId) => task.addSlots({ taskId, toRedundancy: 10 })),
        pauseCampaign(db, made.campaignId).then(() => resumeCampaign(db, { id: made.campaignId, to: 'running' })),
        ...held.slice(8).map((one) => submit(db, one)),
      ]);
      expect(outcomes.filter((one) => one.status === 'rejected')).toEqual([]);
      await expectSound(made.campaignId);
    }
  });
});

/** How many sessions of this database wait for a lock. */
async function waiting(): Promise<number> {
  const [row] = await database.db<{ n: number }[]>`
    select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  return row?.n ?? 0;
}

describe('activities that run again after their answer was lost', () => {
  test('change nothing the second time', async () => {
    const { db } = database;
    const task = activities();
    const escalation: EscalationStep[] = [{ step: 'raise_pay', by: 1 }, { step: 'raise_priority' }];
    const made = await scene(db, { annotators: 4, settings: { escalation } });
    const [taskId = ''] = await plan(db, made, 1);
    const twice = async <T>(activity: () => Promise<T>) => {
      await activity();
      return activity();
    };
    await twice(() => task.openSlots({ taskId }));
    for (const [number, step] of escalation.entries()) await twice(() => task.escalateTask({ taskId, step, number }));
    expect(await twice(() => task.addSlots({ taskId, toRedundancy: 4 }))).toEqual({});
    const [row] = await db`
      select t.priority, t.price_micros as price, t.redundancy, count(*)::int as slots
      from tasks t join slots s on s.task_id = t.id where t.id = ${taskId} group by t.id`;
    expect(row).toEqual({ priority: 2, price: 200_000n, redundancy: 4, slots: 4 });
    const answers = [];
    for (const annotatorId of made.annotators) answers.push(await answer(db, { taskId, annotatorId }));
    const annotationIds = answers.map((each) => each.annotationId);
    const { countedIds } = await twice(() => task.assessAnswers({ taskId, annotationIds }));
    expect(countedIds.toSorted()).toEqual(annotationIds.toSorted());
    const log = [{ atMs: 5, kind: 'noted', detail: 'once' }];
    await twice(() => task.decideTask({ taskId, minConfidence: 0, acceptAny: true, log }));
    const told = await db`select 1 from outbox where message = 'tasksSettled' and payload ->> 'taskId' = ${taskId}`;
    expect(told).toHaveLength(1);
    expect(await db`select 1 from task_events where task_id = ${taskId}`).toHaveLength(1);
    expect(await moneyOf(db, made.campaignId)).toMatchObject({ reserved: 0n, spent: 800_000n });
    await expectSound(made.campaignId);
  });
});

describe('locks', () => {
  test('a submission and an escalation that meet at a slot both get through', async () => {
    const { db } = database;
    const task = activities();
    const made = await scene(db, { annotators: 1 });
    const [taskId = ''] = await plan(db, made, 1);
    await openSlots(db, taskId);
    const [annotatorId = ''] = made.annotators;
    const held = await lease(db, { taskId, annotatorId });
    const gate = deferred();
    // Holds the slot until both wait for it, the submission first.
    const holder = db.begin(async (tx) => {
      await tx`select 1 from slots where task_id = ${taskId} for update`;
      await gate.promise;
    });
    await until('the slot is held', async () => {
      const [row] = await db`select 1 from slots where task_id = ${taskId} for update skip locked limit 1`;
      return row === undefined;
    });
    const submitting = submit(db, { assignmentId: held?.assignmentId ?? '', annotatorId });
    await until('the submission waits', async () => (await waiting()) === 1);
    const escalating = task.escalateTask({ taskId, step: { step: 'adjudicate' }, number: 0 });
    await until('the escalation waits', async () => (await waiting()) === 2);
    gate.resolve();
    await holder;
    expect(await submitting).toBeDefined();
    expect(await escalating).toEqual({});
    expect(await taskState(db, taskId)).toBe('adjudicating');
  });
});

describe('an answer that comes while its task is being cancelled', () => {
  /** Cancels a task that has these answers while one more comes, and `meanwhile` happens; who is in the decision's record. */
  async function cancelled(before: number, meanwhile: (taskId: string) => Promise<unknown> = async () => undefined) {
    const { db } = database;
    const task = activities();
    const made = await scene(db, { annotators: before + 1 });
    const [taskId = ''] = await plan(db, made, 1);
    await openSlots(db, taskId);
    const [annotatorId = '', ...others] = made.annotators;
    const known = [];
    for (const other of others) known.push((await answer(db, { taskId, annotatorId: other })).annotationId);
    const held = await lease(db, { taskId, annotatorId });
    const gate = deferred();
    // Holds the answer's slot until the submission waits for it, and behind it the settling, which has seen no answer.
    // Were the others held, too, the settling might come first, and the answer late.
    const holder = db.begin(async (tx) => {
      await tx`select 1 from slots where task_id = ${taskId} and state = 'leased' for update`;
      await gate.promise;
    });
    await until('the slot is held', async () => {
      const [row] = await db`
        select 1 from slots where task_id = ${taskId} and state = 'leased' for update skip locked limit 1`;
      return row === undefined;
    });
    const submitting = submit(db, { assignmentId: held?.assignmentId ?? '', annotatorId });
    await until('the submission waits', async () => (await waiting()) === 1);
    const closing = task.closeTask({ taskId, outcome: 'cancelled', log: [] });
    await until('the settling waits', async () => (await waiting()) === 2);
    await meanwhile(taskId);
    gate.resolve();
    await holder;
    const stored = await submitting;
    await closing;
    const [decision] = await db`
      select d.state, jsonb_path_query_array(d.evidence, '$.votes[*].annotationId') as voters, n.pay_state as pay
      from decisions d join annotations n on n.task_id = d.task_id
      where d.task_id = ${taskId} and n.id = ${stored?.annotationId ?? ''}`;
    await expectSound(made.campaignId);
    return { decision, known, came: stored?.annotationId };
  }

  test('is paid, and is in the decision’s evidence', async () => {
    const { decision, came } = await cancelled(0);
    expect(decision).toEqual({ state: 'cancelled', voters: [came], pay: 'paid' });
  });

  test('as another is taken out: the record has those that count, not as many others', async () => {
    const { decision, known, came } = await cancelled(2, async (taskId) => {
      const takenOut = database.db`select id from annotations where task_id = ${taskId} order by id limit 1`;
      return database.db`update annotations set excluded_at = now() where id in (${takenOut})`;
    });
    expect(decision).toEqual({ state: 'cancelled', voters: [known[1], came], pay: 'paid' });
  });
});

describe('money', () => {
  test('slots added before a raise are covered at the raised price', async () => {
    const { db } = database;
    const task = activities();
    const escalation: EscalationStep[] = [{ step: 'raise_pay', by: 1 }];
    const made = await scene(db, { annotators: 3, settings: { redundancy: 1, maxRedundancy: 1, escalation } });
    const [taskId = ''] = await plan(db, made, 1);
    await openSlots(db, taskId);
    expect(await task.addSlots({ taskId, toRedundancy: 3 })).toEqual({});
    await task.escalateTask({ taskId, step: { step: 'raise_pay', by: 1 }, number: 0 });
    for (const annotatorId of made.annotators) await answer(db, { taskId, annotatorId });
    await task.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
    expect(await taskState(db, taskId)).toBe('decided');
    expect(await moneyOf(db, made.campaignId)).toMatchObject({ spent: 600_000n, reserved: 0n });
    await expectSound(made.campaignId);
  });

  test('added slots that the budget cannot hold are refused, and change nothing', async () => {
    const { db } = database;
    const task = activities();
    const made = await scene(db, { settings: { budgetUsd: '0.35' } });
    const [taskId = ''] = await plan(db, made, 1);
    await openSlots(db, taskId);
    expect(await task.addSlots({ taskId, toRedundancy: 4 })).toEqual({
      refused: 'The budget has no room for more answers.',
    });
    const open = await db`select 1 from slots where task_id = ${taskId}`;
    expect(open).toHaveLength(3);
    expect(await moneyOf(db, made.campaignId)).toMatchObject({ reserved: 300_000n, ledgerReserved: 300_000n });
  });

  test('an answer at a full slot is refused to a fourth annotator', async () => {
    const { db } = database;
    const made = await scene(db, { annotators: 3 });
    const [taskId = ''] = await plan(db, made, 1);
    await openSlots(db, taskId);
    for (const annotatorId of made.annotators) await answer(db, { taskId, annotatorId });
    expect(await lease(db, { taskId, annotatorId: await newAnnotator(db) })).toBeUndefined();
  });
});

import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import type { Db, Tx } from '../../db/client.ts';
import { proposeDeduction } from '../../db/queries/adjustments.ts';
import { extendAuthorization } from '../../db/queries/authorizations.ts';
import { findCampaign, markEnded, resumeCampaign } from '../../db/queries/campaigns.ts';
import { hedgeUnit } from '../../db/queries/hedges.ts';
import { expireLeases, giveBack, leaseGold } from '../../db/queries/leases.ts';
import { setLimits } from '../../db/queries/limits.ts';
import { budgetOf, lockBudget, owedMicros, payAnnotation, releaseGoldMoney, setCap } from '../../db/queries/money.ts';
import { collectRun } from '../../db/queries/payouts.ts';
import { reopenTasks } from '../../db/queries/reopenings.ts';
import { escalate, openSlots } from '../../db/queries/tasks.ts';
import { beginSubmit, findOrder } from '../../db/queries/vendor-orders.ts';
import { dispatchUnits } from '../../db/queries/vendor-units.ts';
import { runSweeper } from '../../workers/sweeper.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { deferred } from '../support/deferred.ts';
import { roles } from '../support/payers.ts';
import { until } from '../support/rig.ts';
import { answer, expectInvariants, lease, openGolds, plan, scene, submit } from '../workers/stage.ts';
import { organisationId, payDesk } from './pay-desk.ts';

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
afterAll(() => database.drop());

const activities = () => createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
const settle = (taskId: string) => activities().closeTask({ taskId, outcome: 'unresolved', log: [] });
const decide = (taskId: string) => activities().decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });

/** Begins a transaction with `work`; it stays open until `commit`. */
async function open(work: (tx: Tx) => Promise<unknown>): Promise<{ commit: () => Promise<void> }> {
  const [begun, over] = [deferred<void>(), deferred<void>()];
  const done = db.begin(async (tx) => {
    await work(tx);
    begun.resolve();
    await over.promise;
  });
  await Promise.race([begun.promise, done]);
  return {
    commit: async () => {
      over.resolve();
      await done;
    },
  };
}

async function withSweeper(act: () => Promise<void>): Promise<void> {
  const closing = new AbortController();
  const sweeping = runSweeper({ db, log: pino({ level: 'silent' }), everyMs: 20 }, closing.signal);
  try {
    await act();
  } finally {
    closing.abort();
    await sweeping;
  }
}

/** Until so many statements of this database wait for a lock. */
const waiting = (count: number) =>
  until(`${count} statements that wait for a lock`, async () => {
    const [row] = await db<{ n: number }[]>`
      select count(*)::int as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    return row?.n === count;
  });

describe('PostgreSQL checks constraints on a row as a statement first saw it', () => {
  it('a settlement that meets an extension goes by what was added', async () => {
    const made = await scene(db, { items: 1 });
    const [taskId = ''] = await plan(db, made, 1);
    await openSlots(db, taskId);
    await answer(db, { taskId, annotatorId: made.annotators[0] ?? '' });
    const { campaignId } = made;
    const extending = await open((tx) =>
      extendAuthorization(tx, { campaignId, taskId, amountMicros: 5_000_000n, key: uuidv7() }),
    );
    const settling = settle(taskId);
    await waiting(1);
    await extending.commit();
    await settling;
    expect(await budgetOf(db, campaignId)).toMatchObject({ reservedMicros: 0n, spentMicros: 100_000n });
    await expectInvariants(db, campaignId);
  });

  it('a late answer is paid of what is being released just now', async () => {
    const made = await scene(db, { items: 1, settings: { budgetUsd: '0.30' } });
    const { campaignId } = made;
    const [taskId = ''] = await plan(db, made, 1);
    await openSlots(db, taskId);
    const [annotatorId = ''] = made.annotators;
    const held = await lease(db, { taskId, annotatorId });
    await settle(taskId);
    const late = await submit(db, { assignmentId: held?.assignmentId ?? '', annotatorId });
    // All of the cap is reserved again, and released while the answer waits for the budget.
    await db`update budgets set reserved_micros = 300000 where campaign_id = ${campaignId}`;
    const freeing = await open((tx) => tx`update budgets set reserved_micros = 0 where campaign_id = ${campaignId}`);
    const paying = payAnnotation(db, { annotationId: late?.annotationId ?? '', from: 'free' });
    await waiting(1);
    await freeing.commit();
    expect(await paying).toBe('paid');
    await expectInvariants(db, campaignId);
  });

  it('a late answer for which there was no money is paid when some is released', async () => {
    const made = await scene(db, { items: 1, settings: { budgetUsd: '0.30' } });
    const { campaignId } = made;
    const [taskId = ''] = await plan(db, made, 1);
    await openSlots(db, taskId);
    const [annotatorId = ''] = made.annotators;
    const held = await lease(db, { taskId, annotatorId });
    await settle(taskId);
    const late = await submit(db, { assignmentId: held?.assignmentId ?? '', annotatorId });
    await db`update budgets set reserved_micros = 300000 where campaign_id = ${campaignId}`;
    expect(await payAnnotation(db, { annotationId: late?.annotationId ?? '', from: 'free' })).toBe('owed');
    await withSweeper(async () => {
      await db`update budgets set reserved_micros = 0 where campaign_id = ${campaignId}`;
      await until('it is paid', async () => (await owedMicros(db, campaignId)) === 0n, 20_000);
    });
    expect(await budgetOf(db, campaignId)).toMatchObject({ reservedMicros: 0n, spentMicros: 100_000n });
    await expectInvariants(db, campaignId);
  });

  it('gold money is released whole when a lease of a gold is given back just then', async () => {
    const { campaignId, annotatorId, held: assignmentId } = await heldGold();
    const givingBack = await open((tx) => giveBack(tx, { assignmentId, annotatorId, as: 'released' }));
    const releasing = db.begin((tx) => releaseGoldMoney(tx, campaignId));
    await waiting(1);
    await givingBack.commit();
    await releasing;
    expect(await budgetOf(db, campaignId)).toMatchObject({ reservedMicros: 0n });
    await expectInvariants(db, campaignId);
  });

  it('who sees that a campaign has ended sees its gold money released', async () => {
    const { campaignId, annotatorId, held: assignmentId } = await heldGold();
    await db.begin((tx) => giveBack(tx, { assignmentId, annotatorId, as: 'released' }));
    const looking = await open((tx) => lockBudget(tx, campaignId));
    const ending = markEnded(db, { id: campaignId, reason: 'by_hand' });
    await waiting(1);
    expect(await findCampaign(db, campaignId)).not.toMatchObject({ state: 'stopped' });
    await looking.commit();
    expect(await ending).toBeUndefined();
    expect(await findCampaign(db, campaignId)).toMatchObject({ state: 'stopped' });
    expect(await budgetOf(db, campaignId)).toMatchObject({ reservedMicros: 0n });
    await expectInvariants(db, campaignId);
  });

  it('a campaign that ends waits for nobody who waits for it', async () => {
    const { campaignId, annotatorId, held: assignmentId } = await heldGold();
    await db.begin((tx) => giveBack(tx, { assignmentId, annotatorId, as: 'released' }));
    const [locked, booking] = [deferred<void>(), deferred<void>()];
    const paying = db.begin(async (tx) => {
      await lockBudget(tx, campaignId);
      locked.resolve();
      await booking.promise;
      // What a foreign key's check takes, and what planning a batch and opening tasks again take.
      await tx`select 1 from campaigns where id = ${campaignId} for key share`;
      await tx`select 1 from campaigns where id = ${campaignId} for share`;
    });
    await locked.promise;
    const ending = markEnded(db, { id: campaignId, reason: 'by_hand' });
    await waiting(1);
    booking.resolve();
    await paying;
    expect(await ending).toBeUndefined();
  });

  it('a campaign that goes on waits for nobody who waits for it', async () => {
    const { campaignId, held } = await heldGold();
    await db`update campaigns set state = 'paused', paused_at = now() where id = ${campaignId}`;
    const [locked, booking] = [deferred<void>(), deferred<void>()];
    const closing = db.begin(async (tx) => {
      await tx`select 1 from slots where assignment_id = ${held} for update`;
      locked.resolve();
      await booking.promise;
      await tx`select 1 from campaigns where id = ${campaignId} for key share`;
    });
    await locked.promise;
    const resuming = resumeCampaign(db, { id: campaignId, to: 'running' });
    await waiting(1);
    booking.resolve();
    await closing;
    await resuming;
    expect(await findCampaign(db, campaignId)).toMatchObject({ state: 'running' });
  });
});

it('a deduction that is proposed while a run collects finds that the pay has left', async () => {
  const { person, earned, begin, paymentsTo, expectBooks } = payDesk(db);
  const ann = await person();
  const { made, answers } = await earned(ann, 2);
  const runId = await begin();
  const campaign = await open((tx) => tx`select 1 from campaigns where id = ${made.campaignId} for update`);
  const collecting = collectRun(db, runId);
  await waiting(1);
  const proposing = proposeDeduction(db, {
    ...{ annotationId: answers[0] ?? '', organisationId, amountMicros: undefined, reason: 'copied', by: 'ada', roles },
    disputableUntil: new Date(Date.now() + 7 * 24 * 3_600_000),
  });
  const refused = expect(proposing).rejects.toThrow('money that has left is not taken back');
  await waiting(2);
  await campaign.commit();
  await collecting;
  await refused;
  expect(await paymentsTo(runId, ann)).toEqual([200_000n]);
  await expectBooks();
});

/** A campaign with money for one gold, which an annotator has in hand. */
async function heldGold(): Promise<{ campaignId: string; annotatorId: string; held: string }> {
  const made = await scene(db, { items: 0, gold: 1 });
  const { campaignId } = made;
  const [annotatorId = ''] = made.annotators;
  await openGolds(db, made, 100_000n);
  const assignmentId = uuidv7();
  const held = await leaseGold(db, { assignmentId, annotatorId, campaignId, tier: 3, leaseMs: 60_000, from: 0 });
  if (!held) throw new Error('There was no gold to lease.');
  return { campaignId, annotatorId, held: held.assignmentId };
}

/** Caps of two workforces whose ids are in the order that they are named in. */
async function limitsInOrder(campaignId: string, ...names: [string, string]): Promise<void> {
  await setLimits(db, campaignId, { workforces: Object.fromEntries(names.map((name) => [name, 5_000_000n])) });
  for (const [at, name] of names.entries()) {
    const id = `${at}${campaignId.slice(1)}`;
    await db`update budget_limits set id = ${id} where campaign_id = ${campaignId} and name = ${name}`;
  }
}

const lockLimit = (tx: Tx, campaignId: string, name: string) => tx`
  select 1 from budget_limits where campaign_id = ${campaignId} and name = ${name} for update`;

describe('nobody waits for who waits for them', () => {
  it('an order that reserves for several tasks, and one of them that ends', async () => {
    const made = await scene(db, { items: 2 });
    const { campaignId } = made;
    const [first = '', second = ''] = (await plan(db, made, 2)).toSorted();
    const orderId = uuidv7();
    await db`
      insert into vendor_orders (id, campaign_id, vendor, key, state, policy_version, price_micros, deadline_at)
      values (${orderId}, ${campaignId}, 'surge_ai', ${orderId}, 'intent', 1, 200000, now() + interval '1 day')`;
    for (const [at, taskId] of [first, second].entries()) {
      await db`
        insert into vendor_units (id, task_id, campaign_id, vendor, generation, answers, state, order_id)
        values (${uuidv7()}, ${taskId}, ${campaignId}, 'surge_ai', ${at + 1}, 1, 'ordered', ${orderId})`;
    }
    const order = await findOrder(db, orderId);
    if (!order) throw new Error('The order was not stored.');
    const budget = await open((tx) => lockBudget(tx, campaignId));
    const submitting = beginSubmit(db, order);
    await waiting(1);
    const settling = settle(second);
    await waiting(2);
    await budget.commit();
    expect(await Promise.allSettled([submitting, settling])).toMatchObject([
      { status: 'fulfilled' },
      { status: 'fulfilled' },
    ]);
    await expectInvariants(db, campaignId);
  });

  it('a task that moves to another workforce, and ends', async () => {
    const made = await scene(db, { items: 1 });
    const [taskId = ''] = await plan(db, made, 1);
    const budget = await open((tx) => lockBudget(tx, made.campaignId));
    const settling = settle(taskId);
    await waiting(1);
    const moving = escalate(db, {
      ...{ taskId, step: { step: 'next_workforce' }, number: 0 },
      workforces: ['internal', 'abroad'],
    });
    await waiting(2);
    await budget.commit();
    await settling;
    expect(await moving).toEqual({ refused: 'The task is not open any more.' });
    await expectInvariants(db, made.campaignId);
  });

  it('a task that moves to another workforce, and gets more money', async () => {
    const made = await scene(db, { items: 1 });
    const { campaignId } = made;
    const [taskId = ''] = await plan(db, made, 1);
    await setLimits(db, campaignId, { workforces: { internal: 1_000_000n, abroad: 1_000_000n } });
    const budget = await open((tx) => lockBudget(tx, campaignId));
    const extending = db.begin((tx) =>
      extendAuthorization(tx, { campaignId, taskId, amountMicros: 50_000n, key: uuidv7() }),
    );
    await waiting(1);
    const moving = escalate(db, {
      ...{ taskId, step: { step: 'next_workforce' }, number: 0 },
      workforces: ['internal', 'abroad'],
    });
    await waiting(2);
    await budget.commit();
    expect(await Promise.all([extending, moving])).toEqual([true, {}]);
    await expectInvariants(db, campaignId);
  });

  it('a task that moves to another workforce, and tasks of both that are opened again', async () => {
    const made = await scene(db, { items: 3 });
    const { campaignId } = made;
    const [first = '', second = '', third = ''] = await plan(db, made, 3);
    await openSlots(db, first, second, third);
    await limitsInOrder(campaignId, 'internal', 'abroad');
    const move = (taskId: string) =>
      escalate(db, { taskId, step: { step: 'next_workforce' }, number: 0, workforces: ['internal', 'abroad'] });
    await move(second);
    for (const taskId of [first, second]) {
      await answer(db, { taskId, annotatorId: made.annotators[0] ?? '' });
      await decide(taskId);
    }
    const limit = await open((tx) => lockLimit(tx, campaignId, 'internal'));
    const moving = move(third);
    await waiting(1);
    const reopening = reopenTasks(db, {
      ...{ campaignId, cause: 'quarantine', reason: 'test', by: 'lead', nowMs: Date.now() },
      tasks: [first, second].map((taskId) => ({ taskId, answers: 1, excludedIds: [] })),
    });
    await waiting(2);
    await limit.commit();
    expect(await Promise.all([moving, reopening])).toMatchObject([{}, { taskIds: [first, second] }]);
    await expectInvariants(db, campaignId);
  });

  it('a task that moves to another workforce, and one that is hedged with it', async () => {
    const workforces = ['surge_ai', 'internal'];
    const made = await scene(db, { items: 2, settings: { workforces, redundancy: 1 } });
    const { campaignId } = made;
    await setLimits(db, campaignId, { hedgeMicros: 1_000_000n });
    const [moved = '', hedged = ''] = await plan(db, made, 2);
    await openSlots(db, moved, hedged);
    await dispatchUnits(db, { gatherMs: 0 });
    const [unit = { id: '', orderId: '' }] = await db<{ id: string; orderId: string }[]>`
      select id, order_id as "orderId" from vendor_units where task_id = ${hedged}`;
    const row = await findOrder(db, unit.orderId);
    if (!row) throw new Error('Nothing was ordered.');
    await limitsInOrder(campaignId, 'internal', 'surge_ai');
    const limit = await open((tx) => lockLimit(tx, campaignId, 'internal'));
    const moving = escalate(db, { taskId: moved, step: { step: 'next_workforce' }, number: 0, workforces });
    await waiting(1);
    const hedging = hedgeUnit(db, { row, unitId: unit.id, taskId: hedged, workforces });
    await waiting(2);
    await limit.commit();
    expect(await Promise.all([moving, hedging])).toEqual([{}, true]);
    await expectInvariants(db, campaignId);
  });

  it('a task that is hedged with another vendor, and ends: that one is asked for nothing', async () => {
    const workforces = ['surge_ai', 'mturk'];
    const made = await scene(db, { items: 1, settings: { workforces, redundancy: 1 } });
    const { campaignId } = made;
    await setLimits(db, campaignId, { hedgeMicros: 1_000_000n });
    const [taskId = ''] = await plan(db, made, 1);
    await openSlots(db, taskId);
    await dispatchUnits(db, { gatherMs: 0 });
    const [unit = { id: '', orderId: '' }] = await db<{ id: string; orderId: string }[]>`
      select id, order_id as "orderId" from vendor_units where task_id = ${taskId}`;
    const row = await findOrder(db, unit.orderId);
    if (!row) throw new Error('Nothing was ordered.');
    const budget = await open((tx) => lockBudget(tx, campaignId));
    const hedging = hedgeUnit(db, { row, unitId: unit.id, taskId, workforces });
    await waiting(1);
    const settling = settle(taskId);
    await waiting(2);
    await budget.commit();
    expect(await hedging).toBe(true);
    await settling;
    const left = await db`
      select vendor, state, cancel_wanted as unwanted from vendor_units where task_id = ${taskId} order by vendor`;
    expect(left).toEqual([
      { vendor: 'mturk', state: 'cancelled', unwanted: true },
      { vendor: 'surge_ai', state: 'ordered', unwanted: true },
    ]);
    await expectInvariants(db, campaignId);
    // Nor would one be that was left waiting.
    await db`
      update vendor_units set state = 'waiting', cancel_wanted = false, closed_at = null
      where task_id = ${taskId} and vendor = 'mturk'`;
    expect(await dispatchUnits(db, { gatherMs: 0 })).toBe(0);
  });

  it('leases of golds of several campaigns that expire, and who locks their gold money in its order', async () => {
    const campaigns: string[] = [];
    for (let n = 0; n < 8; n++) {
      const { campaignId, held } = await heldGold();
      await db`update assignments set expires_at = now() - interval '1 second' where id = ${held}`;
      campaigns.push(campaignId);
    }
    const [first = '', ...others] = campaigns.toSorted();
    const lock = (tx: Tx, ids: string[]) => tx`
      select 1 from authorizations where campaign_id = any(${ids}::uuid[]) and task_id is null
      order by campaign_id for update`;
    let expiring: Promise<number> | undefined;
    await db.begin(async (tx) => {
      await lock(tx, [first]);
      expiring = expireLeases(db, 100);
      await waiting(1);
      await lock(tx, others);
    });
    expect(await expiring).toBe(8);
    for (const campaignId of campaigns) await expectInvariants(db, campaignId);
  });

  it('a task that is opened again without an answer, and that answer, which is owed, as it is paid', async () => {
    const made = await scene(db, { items: 1, settings: { budgetUsd: '0.30', redundancy: 1 } });
    const { campaignId } = made;
    const [taskId = ''] = await plan(db, made, 1);
    await openSlots(db, taskId);
    const { annotationId } = await answer(db, { taskId, annotatorId: made.annotators[0] ?? '' });
    // More than the budget has.
    await db`update annotations set price_micros = 400000 where id = ${annotationId}`;
    await decide(taskId);
    expect(await owedMicros(db, campaignId)).toBe(400_000n);
    await setCap(db, { campaignId, capMicros: 2_000_000n });
    const campaign = await open((tx) => tx`select 1 from campaigns where id = ${campaignId} for update`);
    const reopening = reopenTasks(db, {
      ...{ campaignId, cause: 'quarantine', reason: 'test', by: 'lead', nowMs: Date.now() },
      tasks: [{ taskId, answers: 1, excludedIds: [annotationId] }],
    });
    await waiting(1);
    const paying = payAnnotation(db, { annotationId, from: 'free' });
    await waiting(2);
    await campaign.commit();
    expect(await Promise.all([reopening, paying])).toMatchObject([{ taskIds: [taskId] }, 'paid']);
    await expectInvariants(db, campaignId);
  });

  it('a limit that two set for the first time, and a batch that goes by it', async () => {
    const made = await scene(db, { items: 3 });
    const { campaignId } = made;
    const writing = await open(
      (tx) => tx`update authorizations set workforce = workforce where campaign_id = ${uuidv7()}`,
    );
    const setting = [1, 2].map((usd) =>
      setLimits(db, campaignId, { workforces: { internal: BigInt(usd) * 1_000_000n } }),
    );
    await waiting(2);
    const planning = plan(db, made, 1);
    await waiting(3);
    await writing.commit();
    await Promise.all([...setting, planning]);
    await expectInvariants(db, campaignId);
  });

  it('tasks that change places between two workforces with caps', async () => {
    const made = await scene(db, { items: 2 });
    const { campaignId } = made;
    const [first = '', second = ''] = await plan(db, made, 2);
    await setLimits(db, campaignId, { workforces: { internal: 1_000_000n, abroad: 1_000_000n } });
    const move = (taskId: string, workforces: string[], number: number) =>
      escalate(db, { taskId, step: { step: 'next_workforce' }, number, workforces });
    await move(second, ['internal', 'abroad'], 0);
    const limits = await open((tx) => tx`select 1 from budget_limits where campaign_id = ${campaignId} for update`);
    const moving = [move(first, ['internal', 'abroad'], 0), move(second, ['abroad', 'internal'], 1)];
    await waiting(2);
    await limits.commit();
    expect(await Promise.all(moving)).toEqual([{}, {}]);
    await expectInvariants(db, campaignId);
  });
});

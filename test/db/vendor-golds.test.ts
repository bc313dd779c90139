import { afterAll, expect, it } from 'vitest';
import { createActivities, createVendorActivities } from '../../activities/index.ts';
import { verifyBooks } from '../../db/queries/books.ts';
import { verifyLedger } from '../../db/queries/ledger-proof.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { cancelLoneGolds } from '../../db/queries/vendor-golds.ts';
import { bookUncounted, resolveIncident } from '../../db/queries/vendor-incidents.ts';
import { ingest, responsesOf } from '../../db/queries/vendor-ingest.ts';
import { beginSubmit, closeUnits, endOrder, findOrder } from '../../db/queries/vendor-orders.ts';
import { dispatchUnits, unwantUnits } from '../../db/queries/vendor-units.ts';
import { createHttpVendor } from '../../vendors/http-vendor.ts';
import { call, type Vendor } from '../../vendors/vendor.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import { runActivity } from '../support/temporal-servers.ts';
import * as stage from '../workers/stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);

/** Four tasks of two answers each, ordered of a vendor at 0.20, with gold money for so much. */
async function ordered(goldMicros: bigint, { begun = true } = {}) {
  const made = await stage.scene(db, {
    ...{ items: 4, gold: 3 },
    settings: {
      ...{ workforces: ['surge_ai', 'internal'], redundancy: 2, goldRatio: 0.5 },
      vendors: { surge_ai: { priceUsd: '0.20' } },
    },
  });
  await stage.openGolds(db, made, goldMicros);
  const taskIds = await stage.plan(db, made, 4);
  await openSlots(db, ...taskIds);
  expect(await dispatchUnits(db, { gatherMs: 0 })).toBe(1);
  const units = await db<{ id: string; taskId: string; orderId: string; kind: string; answers: number }[]>`
    select u.id, u.task_id as "taskId", u.order_id as "orderId", t.kind, u.answers
    from vendor_units u join tasks t on t.id = u.task_id where u.campaign_id = ${made.campaignId}`;
  const order = await findOrder(db, units[0]?.orderId ?? '');
  if (!order) throw new Error('Nothing was ordered.');
  if (begun) await beginSubmit(db, order);
  const { campaignId } = made;
  const held = async () => {
    const [pot] = await db<{ micros: bigint }[]>`
      select held_micros as micros from authorizations where campaign_id = ${campaignId} and task_id is null`;
    return pot?.micros;
  };
  const arrives = (unit: { id: string; taskId: string }, workerId: string, label?: string) =>
    ingest(db, {
      ...{ orderId: order.id, unitId: unit.id, taskId: unit.taskId, campaignId, vendor: 'surge_ai' },
      ...{ responseKey: workerId, workerId: `${workerId} ${campaignId}`, answers: {}, hash: workerId },
      ...{ read: label === undefined ? { fault: 'It is none.' } : { label, presentation: null } },
      ...{ timeSpentS: 5, costMicros: null, priceMicros: 200_000n },
    });
  const golds = units.filter(({ kind }) => kind === 'gold');
  return { campaignId, order, units, golds, work: units.filter(({ kind }) => kind === 'work'), held, arrives };
}

it('golds go with the work by their ratio, are graded and paid from the gold money, which gets the rest back', async () => {
  const { campaignId, order, golds, work, held, arrives } = await ordered(1_000_000n);
  expect([work.length, golds.length, golds[0]?.answers]).toEqual([4, 2, 2]);
  expect(await held()).toBe(800_000n);
  const [first, second] = golds;
  if (!first || !second) throw new Error('There are no golds.');
  const [known] = await db<{ label: string }[]>`
    select g.label #>> '{}' as label from gold_answers g join tasks t on t.item_id = g.item_id where t.id = ${first.taskId}`;
  const wrong = stage.LABELS.find((label) => label !== known?.label) ?? '';
  expect(await arrives(first, 'good', known?.label ?? '')).toBe('counted');
  expect(await arrives(first, 'bad', wrong)).toBe('counted');
  const { gradeGold } = createActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
  for (const name of ['good', 'bad']) {
    const [worker] = await db<{ id: string; annotationId: string }[]>`
      select w.annotator_id as id, n.id as "annotationId" from vendor_workers w
      join annotations n on n.annotator_id = w.annotator_id where w.worker_id = ${`${name} ${campaignId}`}`;
    const graded = await gradeGold({
      annotatorId: worker?.id ?? '',
      annotationIds: [worker?.annotationId ?? ''],
      goldTotal: 0,
      goldCorrect: 0,
    });
    expect(graded).toMatchObject([{ correct: name === 'good' }]);
  }
  expect(await held()).toBe(400_000n);
  // One answer of the second; the vendor says that no more come.
  expect(await arrives(second, 'good', 'spam')).toBe('counted');
  await db.begin((tx) => closeUnits(tx, [second.id], 'complete'));
  expect(await held()).toBe(200_000n);
  // What still comes finds nothing held for it: late, and no slot to be late for.
  expect(await arrives(second, 'late', 'spam')).toBe('late');
  await endOrder(db, { id: order.id, state: 'closed', units: 'failed' });
  const [pot] = await db`
    select committed_micros, held_micros from authorizations where campaign_id = ${campaignId} and task_id is null`;
  expect(pot).toEqual({ committed_micros: 400_000n, held_micros: 200_000n });
  // Late ones are of golds as well.
  const answers = await db`select of_gold from annotations where campaign_id = ${campaignId}`;
  expect(answers.map((each) => each.of_gold)).toEqual([true, true, true, true]);
  await stage.expectInvariants(db, campaignId);
});

it('an answer to a gold that is no label is paid out of the gold money, and beyond it as far as the budget goes', async () => {
  const { campaignId, order, golds, arrives } = await ordered(1_000_000n);
  const [gold] = golds;
  if (!gold) throw new Error('There are no golds.');
  const free = (micros: number) => db`
    update budgets set cap_micros = reserved_micros + spent_micros + ${micros} where campaign_id = ${campaignId}`;
  const accept = async (workerId: string) => {
    const [incident] = await db<{ id: string }[]>`
      select id from vendor_incidents where starts_with(key, ${`invalid:${gold.id}:${workerId}:`})`;
    const ruling = { campaignId, id: incident?.id ?? '', ruling: 'accept', note: 'Well meant.', by: 'a key' } as const;
    await resolveIncident(db, { ...ruling, nowMs: Date.now() });
    const answer = (await responsesOf(db, order.id)).find(({ responseKey }) => responseKey === workerId);
    if (answer) for (let time = 0; time < 2; time++) await bookUncounted(db, order, answer);
    expect(await verifyBooks(db)).toMatchObject({ holds: true });
    expect((await verifyLedger(db)).filter(({ holds }) => !holds)).toEqual([]);
    await stage.expectInvariants(db, campaignId);
    const { reserved, spent } = await stage.moneyOf(db, campaignId);
    return { reserved, spent };
  };
  const { reserved } = await stage.moneyOf(db, campaignId);
  for (const workerId of ['a', 'b']) expect(await arrives(gold, workerId)).toBe('invalid');
  await free(0);
  // 800000 of the gold money are held for answers still to come.
  expect(await accept('a')).toEqual({ reserved: reserved - 200_000n, spent: 200_000n });
  await expect(accept('b')).rejects.toMatchObject({ code: 'budget_exceeded' });
  await free(200_000);
  expect(await accept('b')).toEqual({ reserved: reserved - 200_000n, spent: 400_000n });
});

it('no more golds go than there is money for, and none stays when the work is done', async () => {
  const { campaignId, order, golds, work, held, arrives } = await ordered(500_000n);
  expect([golds.length, await held()]).toEqual([1, 400_000n]);
  const wanted = async () => {
    const [gold] = await db`select cancel_wanted from vendor_units where id = ${golds[0]?.id ?? ''}`;
    return gold?.cancel_wanted === false;
  };
  for (const [at, unit] of work.entries()) {
    await cancelLoneGolds(db, order.id);
    expect(await wanted()).toBe(true);
    for (const worker of ['a', 'b']) await arrives(unit, `${worker}${at}`, 'spam');
  }
  await cancelLoneGolds(db, order.id);
  expect(await wanted()).toBe(false);
  const ids = golds.map(({ id }) => id);
  await db.begin((tx) => closeUnits(tx, ids, 'cancelled'));
  expect(await held()).toBe(0n);
  await stage.expectInvariants(db, campaignId);
});

it('a task whose last two orders end at once hears that its vendors will send no more', async () => {
  const { work } = await ordered(1_000_000n);
  const [unit] = work;
  if (!unit) throw new Error('There is no work.');
  const [other] = await db<{ id: string }[]>`
    insert into vendor_units (id, task_id, campaign_id, vendor, generation, answers, state, order_id)
    select gen_random_uuid(), task_id, campaign_id, vendor, generation + 1, answers, state, order_id
    from vendor_units where id = ${unit.id} returning id`;
  let both: Promise<unknown> | undefined;
  await db.begin(async (tx) => {
    await closeUnits(tx, [unit.id], 'failed');
    both = db.begin((second) => closeUnits(second, [other?.id ?? ''], 'failed'));
    await until('the second waits for the first', async () => {
      const waiting = await db`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'`;
      return waiting.length > 0;
    });
  });
  await both;
  const told = await db`select from outbox where target_id = ${unit.taskId} and message = 'workforceEnded'`;
  expect(told).toHaveLength(1);
});

/** A vendor that cancels whole orders alone, and what was asked of it. */
function wholeOrders() {
  const asked: string[] = [];
  const usual = createHttpVendor({ baseUrl: 'http://127.0.0.1:1', token: 'none' });
  const vendor: Vendor = {
    ...usual,
    name: 'surge_ai',
    capabilities: { ...usual.capabilities, cancels: 'order' },
    submit: call('idempotent_by_key', async (order) => {
      asked.push('submit');
      return { externalId: 'x', units: Object.fromEntries(order.units.map(({ key }) => [key, `v-${key}`])) };
    }),
    cancel: call('idempotent_by_key', async (_order, _placement, keys) => {
      asked.push(`cancel ${keys.length}`);
    }),
  };
  const { submitOrder, cancelUnits, loadOrder } = createVendorActivities({
    ...{ db, nowMs: () => Date.now(), wake: () => undefined, vendors: new Map([[vendor.name, vendor]]) },
  });
  const run = <T>(activity: (input: { orderId: string }) => Promise<T>, orderId: string) =>
    runActivity(activity, { orderId });
  return { asked, run, submitOrder, cancelUnits, loadOrder };
}

it('a vendor that cancels whole orders alone is told when no work is wanted any more, whatever golds are among it', async () => {
  const { order, work } = await ordered(1_000_000n, { begun: false });
  const { asked, run, submitOrder, cancelUnits, loadOrder } = wholeOrders();
  await run(submitOrder, order.id);
  const [last, ...others] = work;
  for (const { taskId } of others) await db.begin((tx) => unwantUnits(tx, { taskId }));
  await run(cancelUnits, order.id);
  expect(asked).toEqual(['submit']);
  await db.begin((tx) => unwantUnits(tx, { taskId: last?.taskId ?? '' }));
  await run(cancelUnits, order.id);
  // The last one, and two golds.
  expect(asked).toEqual(['submit', 'cancel 3']);
  expect(await run(loadOrder, order.id)).toMatchObject({ state: 'placed', outstanding: 6, cancels: 0 });
});

it('no order of golds alone is bought', async () => {
  const { campaignId, order, golds, work, held } = await ordered(1_000_000n, { begun: false });
  expect([golds.length, await held()]).toEqual([2, 800_000n]);
  for (const { taskId } of work) await db.begin((tx) => unwantUnits(tx, { taskId }));
  const { asked, run, submitOrder } = wholeOrders();
  await run(submitOrder, order.id);
  expect(asked).toEqual([]);
  expect(await findOrder(db, order.id)).toMatchObject({ state: 'closed' });
  expect(await held()).toBe(0n);
  await stage.expectInvariants(db, campaignId);
});

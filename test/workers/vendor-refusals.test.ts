import { afterAll, expect, test } from 'vitest';
import { judgeCounts } from '../../db/queries/judges.ts';
import { wantUnits } from '../../db/queries/vendor-units.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { VendorError } from '../../vendors/errors.ts';
import { call } from '../../vendors/vendor.ts';
import { createTestDatabase } from '../support/database.ts';
import { quietRuntime } from '../support/temporal-servers.ts';
import { bought, done, response } from './scripted-vendor.ts';
import * as stage from './stage.ts';

quietRuntime();
const { db, drop } = await createTestDatabase();
afterAll(drop);

const refusal = (status: number) => new VendorError('permanent', `It answered ${status}.`, { status });
const states = async (order: { units(): Promise<{ state: string }[]> }) =>
  (await order.units()).map(({ state }) => state).toSorted();

test('a task that was refused while others were bought fails at once; what was bought goes on', async () => {
  const order = await bought(db, ({ units }) => units.slice(0, 1).map(({ key }) => done(key, response(key))), {
    submit: call('idempotent_by_key', async ({ units: [first] }) => {
      return { externalId: 'x', units: { [first?.key ?? '']: 'v' }, refused: 'It is too long.' };
    }),
  });
  expect(await states(order)).toEqual(['failed', 'ordered']);
  expect(await order.incidents()).toEqual(['units_refused']);
  await order.collect();
  expect(await states(order)).toEqual(['complete', 'failed']);
  expect(await order.run(order.activities.loadOrder)).toMatchObject({ state: 'placed', outstanding: 0 });
  await stage.expectInvariants(db, order.campaignId);
});

test('a refusal after an attempt says nothing of what that one bought: the outcome is not known', async () => {
  let refuse = false;
  const order = await bought(db, () => [], {
    submit: call('idempotent_by_key', async ({ units }) => {
      if (refuse) throw refusal(403);
      return { externalId: 'x', units: Object.fromEntries(units.map(({ key }) => [key, 'v'])) };
    }),
  });
  refuse = true;
  const submit = () => order.run(order.activities.submitOrder);
  await db`update vendor_orders set state = 'submitting', placement = null where id = ${order.orderId}`;
  await expect(submit()).rejects.toMatchObject({ type: 'vendor_unknown', nonRetryable: true });
  // The first attempt is another matter: the vendor did not take it.
  await db`update vendor_orders set state = 'intent', attempts = 0 where id = ${order.orderId}`;
  await expect(submit()).rejects.toMatchObject({ type: 'vendor_refused', nonRetryable: true });
});

test('what the vendor refuses after the purchase is tried again, and a person is told once', async () => {
  let refuse = true;
  const order = await bought(db, () => [], {
    fetch: call('read_only', async ({ units }) => {
      if (refuse) throw refusal(401);
      return units.map(({ key }) => done(key, response(key)));
    }),
  });
  for (let time = 0; time < 2; time++) {
    await expect(order.collect()).rejects.toMatchObject({ type: 'vendor_refused', nonRetryable: false });
  }
  expect(await order.incidents()).toEqual(['vendor_refused']);
  refuse = false;
  await order.collect();
  expect(await states(order)).toEqual(['complete', 'complete']);
  await stage.expectInvariants(db, order.campaignId);
});

test('a task that cannot be asked about now keeps no other answer away, and is asked about again', async () => {
  let away = true;
  const fault = new VendorError('retryable', 'It answered 503.', { status: 503, retryAfterMs: 5000 });
  const order = await bought(db, ({ units }) =>
    units.map(({ key }, at) =>
      away && at === 0 ? { key, state: 'open', responses: [], fault } : done(key, response(key)),
    ),
  );
  await expect(order.collect()).rejects.toMatchObject({ type: 'vendor_retryable', nextRetryDelay: 5000 });
  expect(await states(order)).toEqual(['complete', 'ordered']);
  expect(await order.prices()).toHaveLength(1);
  away = false;
  await order.collect();
  expect(await states(order)).toEqual(['complete', 'complete']);
  expect(await order.incidents()).toEqual([]);
  await stage.expectInvariants(db, order.campaignId);
});

test('what a judge cost without an answer is booked once, where the budget has room, and else told', async () => {
  const usage = (id: string, costMicros: bigint) => ({ id, workerId: 'judge:m:v1', costMicros });
  const order = await bought(
    db,
    ({ units }) =>
      units.map(({ key }, at) => {
        // Never more than the price of an answer, 10 cents.
        const unanswered = [usage(key, at === 0 ? 1200n : 200_000n)];
        return { key, state: 'failed', reason: 'refused', responses: [], unanswered };
      }),
    { name: 'llm' },
    // Two tasks of two answers, and 5 cents.
    { workforces: ['llm', 'internal'], redundancy: 2, budgetUsd: '0.45' },
  );
  await order.collect();
  expect(await states(order)).toEqual(['failed', 'failed']);
  const entries = () => db<{ kind: string; payee: string; micros: bigint }[]>`
    select kind, payee, amount_micros as micros from ledger
    where campaign_id = ${order.campaignId} and key like '%:unit:%' order by id`;
  const booked = [
    { kind: 'reserve', payee: 'judge', micros: 1200n },
    { kind: 'spend', payee: 'judge', micros: 1200n },
  ];
  expect([...(await entries())]).toEqual(booked);
  expect(await order.incidents()).toEqual(['no_budget', 'short', 'short']);
  // Told again, of tasks that have ended and of one whose worker died in between.
  await db`update vendor_units set state = 'ordered', closed_at = null where order_id = ${order.orderId}`;
  await order.collect();
  expect([...(await entries())]).toEqual(booked);
  expect(await stage.moneyOf(db, order.campaignId)).toMatchObject({ spent: 1200n, reserved: 400_000n });
  const [card] = await judgeCounts(db, DEFAULT_ORGANISATION);
  expect(card).toMatchObject({ judge: 'judge:m:v1', answers: 0, costMicros: 1200n });
  await stage.expectInvariants(db, order.campaignId);
});

test('texts and times that no table can hold keep no answer away', async () => {
  const order = await bought(db, ({ units }) =>
    units.map(({ key }, at) => {
      const odd = `${key} \u0000 \ud800`;
      const answers = { label: 'spam', 'note\u0000': ['\udc00', { deep: 'a\u0000b' }] };
      const timeSpentS = at === 0 ? 1e12 : 12.5;
      return { ...done(key, response(odd, { answers, workerId: `worker ${odd}`, timeSpentS })), reason: odd };
    }),
  );
  await order.collect();
  await order.collect();
  expect(await order.incidents()).toEqual([]);
  expect(await order.prices()).toHaveLength(2);
  expect(order.calls.filter((each) => each.startsWith('accept'))).toHaveLength(2);
  await stage.expectInvariants(db, order.campaignId);
});

test('answers that come while the campaign is paused are neither bought again nor lost', async () => {
  const order = await bought(db, ({ units }) => units.map(({ key }) => done(key, response(key))));
  const turn = (state: 'paused' | 'running') =>
    db`update campaigns set state = ${state}, paused_at = ${state === 'paused' ? new Date() : null} where id = ${order.campaignId}`;
  await turn('paused');
  await order.collect();
  expect(await states(order)).toEqual(['ordered', 'ordered']);
  expect(await order.run(order.activities.loadOrder)).toMatchObject({ outstanding: 2, held: 2 });
  for (const taskId of order.taskIds) await db.begin((tx) => wantUnits(tx, taskId));
  expect(await db`select 1 from vendor_units where campaign_id = ${order.campaignId}`).toHaveLength(2);
  await turn('running');
  await order.collect();
  expect(await states(order)).toEqual(['complete', 'complete']);
  expect(await order.prices()).toHaveLength(2);
  await stage.expectInvariants(db, order.campaignId);
});

test('a slot that somebody has in hand just now is waited for: the answer is not late', async () => {
  const order = await bought(db, ({ units }) => units.map(({ key }) => done(key, response(key))));
  const [taskId = ''] = order.taskIds;
  const late = () => db`select 1 from annotations where campaign_id = ${order.campaignId} and not counted`;
  await db.begin(async (tx) => {
    await tx`select 1 from slots where task_id = ${taskId} for update`;
    await order.collect();
  });
  expect(await late()).toHaveLength(0);
  expect(await states(order)).toEqual(['complete', 'ordered']);
  await order.collect();
  expect(await late()).toHaveLength(0);
  expect(await states(order)).toEqual(['complete', 'complete']);
  expect(await order.prices()).toHaveLength(2);
  await stage.expectInvariants(db, order.campaignId);
});

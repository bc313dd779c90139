import { afterAll, describe, expect, test } from 'vitest';
import type { Tx } from '../../db/client.ts';
import { pauseCampaign, resumeCampaign } from '../../db/queries/campaigns.ts';
import { judgeCounts } from '../../db/queries/judges.ts';
import { dispatchUnits, wantUnits } from '../../db/queries/vendor-units.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { VendorError } from '../../vendors/errors.ts';
import { attemptOf } from '../../vendors/purchase.ts';
import { call, type Order } from '../../vendors/vendor.ts';
import { applyAgain, createTestDatabase } from '../support/database.ts';
import { deferred } from '../support/deferred.ts';
import { quietRuntime } from '../support/temporal-servers.ts';
import { bought, done, HOUR, response } from './scripted-vendor.ts';
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
  await db`update vendor_orders set state = 'intent', attempts = 0, payload_hash = null where id = ${order.orderId}`;
  await expect(submit()).rejects.toMatchObject({ type: 'vendor_refused', nonRetryable: true });
});

test('a slow attempt is told of a later one, and what both bought is told to a person', async () => {
  const begun = deferred<void>();
  const goOn = deferred<void>();
  let latest: boolean | undefined;
  let times = 0;
  const order = await bought(db, () => [], {
    submit: call('idempotent_by_key', async ({ units }) => {
      const mine = ++times;
      if (mine === 2) {
        begun.resolve();
        await goOn.promise;
        latest = await attemptOf({ changes: true }).then(
          () => true,
          () => false,
        );
      }
      return { externalId: `bought ${mine}`, units: Object.fromEntries(units.map(({ key }) => [key, 'v'])) };
    }),
  });
  const submit = () => order.run(order.activities.submitOrder);
  await db`update vendor_orders set state = 'submitting', placement = null where id = ${order.orderId}`;
  const slow = submit();
  await begun.promise;
  await submit();
  goOn.resolve();
  await slow;
  expect(latest).toBe(false);
  expect(await order.incidents()).toEqual(['placed_twice']);
  const [placed] = await db`select placement ->> 'externalId' as id from vendor_orders where id = ${order.orderId}`;
  expect(placed).toEqual({ id: 'bought 3' });
});

test('what the vendor refuses after the purchase is tried again; a person is told once, and again a day after it was seen to', async () => {
  let refuse = true;
  const order = await bought(db, () => [], {
    fetch: call('read_only', async ({ units }) => {
      if (refuse) throw refusal(401);
      return units.map(({ key }) => done(key, response(key)));
    }),
  });
  const told = async (times: number) => {
    for (let time = 0; time < 2; time++) {
      await expect(order.collect()).rejects.toMatchObject({ type: 'vendor_refused', nonRetryable: false });
    }
    expect(await order.incidents()).toEqual(Array(times).fill('vendor_refused'));
  };
  const seen = (before: string) => db`
    update vendor_incidents set resolved_at = now() - ${before}::interval where order_id = ${order.orderId} and resolved_at is null`;
  await told(1);
  await seen('23 hours');
  await told(1);
  await db`update vendor_incidents set resolved_at = null where order_id = ${order.orderId}`;
  await seen('25 hours');
  await told(2);
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
  const [card] = await judgeCounts(db, { organisationId: DEFAULT_ORGANISATION });
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

describe('an answer that changes while its campaign is paused', () => {
  const labels = async ({ campaignId }: Awaited<ReturnType<typeof bought>>) =>
    (
      await db<{ label: string }[]>`
        select l.label from annotations n join annotation_labels l on l.annotation_id = n.id
        where n.campaign_id = ${campaignId} and n.counted order by l.label`
    ).map(({ label }) => label);
  const turn = ({ campaignId }: Awaited<ReturnType<typeof bought>>, state: 'paused' | 'running') =>
    db`update campaigns set state = ${state}, paused_at = ${state === 'paused' ? new Date() : null} where id = ${campaignId}`;
  const answersHam = ({ units }: Order) =>
    units.map(({ key }) => done(key, response(key, { answers: { label: 'ham' }, workerId: `other than ${key}` })));

  test('is taken in as it is when the campaign goes on', async () => {
    const order = await bought(db, ({ units }) => units.map(({ key }) => done(key, response(key))));
    await turn(order, 'paused');
    await order.collect();
    await order.collect(answersHam);
    await turn(order, 'running');
    await order.collect();
    expect(await labels(order)).toEqual(['ham', 'ham']);
    expect(await states(order)).toEqual(['complete', 'complete']);
    expect(await order.run(order.activities.loadOrder)).toMatchObject({ outstanding: 0, held: 0 });
    expect(await order.incidents()).toEqual([]);
    await stage.expectInvariants(db, order.campaignId);
  });

  test('is taken in, too, where an earlier version kept the change beside it', async () => {
    const order = await bought(db, ({ units }) => units.map(({ key }) => done(key, response(key))));
    await turn(order, 'paused');
    await order.collect();
    await order.collect(answersHam);
    await db`
      insert into vendor_responses (id, unit_id, response_key, version, worker_id, state, answers, hash, time_spent_s, cost_micros)
      select gen_random_uuid(), unit_id, response_key, 2, worker_id, 'amended', answers, hash, time_spent_s, cost_micros
      from vendor_responses where unit_id in (select id from vendor_units where order_id = ${order.orderId})`;
    await db`
      update vendor_responses set worker_id = 'w', answers = '{"label":"spam"}', hash = 'h'
      where version = 1 and unit_id in (select id from vendor_units where order_id = ${order.orderId})`;
    await db`
      insert into vendor_incidents (id, order_id, kind, key, detail, evidence)
      select gen_random_uuid(), ${order.orderId}, 'amended', 'amended:' || unit_id || ':' || response_key || ':2', '', '{}'
      from vendor_responses where version = 2`;
    await applyAgain(db, 'answers_changed_while_waiting');
    await turn(order, 'running');
    await order.collect();
    expect(await labels(order)).toEqual(['ham', 'ham']);
    expect(await states(order)).toEqual(['complete', 'complete']);
    const open = await db`
      select 1 from vendor_incidents where order_id = ${order.orderId} and resolved_at is null`;
    expect(open).toEqual([]);
    await stage.expectInvariants(db, order.campaignId);
  });
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

test('while its campaign is paused nothing is bought, and an order keeps the time it had left', async () => {
  const order = await bought(db, () => []);
  const { campaignId } = order;
  await pauseCampaign(db, campaignId);
  await db`update campaigns set paused_at = now() - interval '8 days' where id = ${campaignId}`;
  const before = await order.run(order.activities.loadOrder);
  expect(before.pausedAtMs).toBeLessThan(Date.now() - 7 * 24 * HOUR);
  await db`
    insert into vendor_units (id, task_id, campaign_id, vendor, generation, answers, created_at)
    select gen_random_uuid(), task_id, campaign_id, vendor, 9, 1, now() - interval '1 day' from vendor_units
    where order_id = ${order.orderId} limit 1`;
  const orders = () => db`select 1 from vendor_orders where campaign_id = ${campaignId}`;
  await dispatchUnits(db, { gatherMs: 0 });
  expect(await orders()).toHaveLength(1);

  await db`delete from outbox`;
  await resumeCampaign(db, { id: campaignId, to: 'running' });
  const after = await order.run(order.activities.loadOrder);
  expect(after.pausedAtMs).toBeUndefined();
  expect(after.deadlineMs - before.deadlineMs).toBeGreaterThanOrEqual(8 * 24 * HOUR);
  const told = await db`select target_id as id from outbox where kind = 'signal_order'`;
  expect([...told]).toEqual([{ id: order.orderId }]);
  await dispatchUnits(db, { gatherMs: 0 });
  expect(await orders()).toHaveLength(2);
});

test('an answer that meets the beginning of a pause waits for its end, as its slot does', async () => {
  let pauses = true;
  // Of all that a transaction asks, what follows the look at the campaign comes after the pause.
  const meanwhile: typeof db = new Proxy(db, {
    get: (target, name) =>
      name !== 'begin'
        ? Reflect.get(target, name)
        : (work: (tx: Tx) => Promise<unknown>) =>
            db.begin((tx) =>
              work(
                new Proxy(tx, {
                  apply: (ask, _, args: Parameters<typeof tx>) => {
                    const asked = Reflect.apply(ask, undefined, args);
                    const [text] = args as unknown as [TemplateStringsArray];
                    if (!pauses || !text.raw?.join('').includes('select state from campaigns')) return asked;
                    pauses = false;
                    return asked.then(async (rows: unknown) => {
                      await db`update campaigns set state = 'paused', paused_at = now() where state = 'running'`;
                      return rows;
                    });
                  },
                }),
              ),
            ),
  });
  const order = await bought(meanwhile, ({ units }) => units.slice(0, 1).map(({ key }) => done(key, response(key))));
  await order.collect();
  expect(pauses).toBe(false);
  const states = await db`
    select r.state from vendor_responses r join vendor_units u on u.id = r.unit_id where u.order_id = ${order.orderId}`;
  expect([...states]).toEqual([{ state: 'waiting' }]);
});

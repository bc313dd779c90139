import { afterAll, describe, expect, test } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import { verifyBooks } from '../../db/queries/books.ts';
import { reopenTasks } from '../../db/queries/reopenings.ts';
import { listIncidents, resolveIncident } from '../../db/queries/vendor-incidents.ts';
import { lookAgain } from '../../db/queries/vendor-orders.ts';
import { dispatchUnits } from '../../db/queries/vendor-units.ts';
import type { IncidentRuling } from '../../domain/vendors/incidents.ts';
import { call, type Refused, type Settled } from '../../vendors/vendor.ts';
import { createTestDatabase } from '../support/database.ts';
import { quietRuntime, runActivity } from '../support/temporal-servers.ts';
import { bought, done, response } from './scripted-vendor.ts';
import * as stage from './stage.ts';

quietRuntime();
const { db, drop } = await createTestDatabase();
afterAll(drop);

type Bought = Awaited<ReturnType<typeof bought>>;

const rule = async ({ campaignId }: Bought, kind: string, ruling: IncidentRuling) => {
  const open = await listIncidents(db, { campaignId, resolved: false, limit: 50, before: null });
  const incident = open.find((each) => each.kind === kind);
  if (!incident) throw new Error(`There is no open incident ${kind}, only ${open.map((each) => each.kind)}.`);
  const ruled = { campaignId, id: incident.id, ruling, note: 'I have looked.', by: 'a key', nowMs: Date.now() };
  await resolveIncident(db, ruled);
  return { again: (otherwise: IncidentRuling = ruling) => resolveIncident(db, { ...ruled, ruling: otherwise }) };
};
/** As if the time in which a rejection can be made a payment had gone by. */
const windowOver = ({ orderId }: Bought) => db`
  update vendor_responses set reject_at = now()
  where reject_at is not null and unit_id in (select id from vendor_units where order_id = ${orderId})`;
/** When the order's rejection is carried out. */
const waiting = async ({ campaignId }: Bought) => {
  const open = await listIncidents(db, { campaignId, resolved: false, limit: 50, before: null });
  return open.find(({ rejectsAt }) => rejectsAt !== null)?.rejectsAt ?? undefined;
};
const daysUntil = (at: string | undefined) => (Date.parse(at ?? '') - Date.now()) / 86_400_000;
const stateOf = async ({ orderId }: Bought) => {
  const [order] = await db<{ state: string; attempts: number }[]>`
    select state, attempts from vendor_orders where id = ${orderId}`;
  return order;
};
const told = ({ orderId }: Bought) => db`select 1 from outbox where kind = 'signal_order' and target_id = ${orderId}`;
const hold = async (order: Bought) => {
  await stage.expectInvariants(db, order.campaignId);
  expect(await verifyBooks(db)).toMatchObject({ holds: true });
};

describe('an order whose outcome is not known', () => {
  const lose = async (order: Bought) => {
    await db`update vendor_orders set state = 'submitting', placement = null where id = ${order.orderId}`;
    await order.run((input) => order.activities.endOrder({ ...input, state: 'ambiguous' }));
  };
  async function ambiguous() {
    const seen: boolean[] = [];
    const order = await bought(db, ({ units }) => units.map(({ key }) => done(key, response(key))), {
      submit: call('idempotent_by_key', async ({ units }, { again }) => {
        seen.push(again);
        return { externalId: 'x', units: Object.fromEntries(units.map(({ key }) => [key, `v-${key}`])) };
      }),
    });
    await lose(order);
    expect((await order.units()).map(({ state }) => state)).toEqual(['failed', 'failed']);
    return { order, seen };
  }

  test('is looked for and sent again where a person says so: with all that was in it, and its answers come in', async () => {
    const { order, seen } = await ambiguous();
    // One of its tasks wants nothing of the vendor any more, but the content of the order is fixed.
    await db`update tasks set workforce = 'internal' where id = ${order.taskIds[1] ?? ''}`;
    const ruled = await rule(order, 'order_ambiguous', 'send_again');
    await expect(ruled.again()).rejects.toMatchObject({ code: 'conflict' });
    expect((await told(order)).length).toBeGreaterThan(0);
    expect(await stateOf(order)).toMatchObject({ state: 'submitting' });
    await order.run(order.activities.submitOrder);
    expect(seen).toEqual([false, true]);
    expect(await order.run(order.activities.loadOrder)).toMatchObject({ state: 'placed', outstanding: 2, cancels: 1 });
    await order.collect();
    expect(await order.prices()).toHaveLength(2);
    expect(
      await listIncidents(db, { campaignId: order.campaignId, resolved: true, limit: 50, before: null }),
    ).toMatchObject([{ kind: 'order_ambiguous', ruling: 'send_again', note: 'I have looked.', resolvedBy: 'a key' }]);
    await hold(order);
  });

  test('is a new incident each time that it was sent again, and not known once more; one that failed then is, too', async () => {
    const { order } = await ambiguous();
    for (const state of ['ambiguous', 'ambiguous', 'failed'] as const) {
      await rule(order, 'order_ambiguous', 'send_again');
      await order.run((input) => order.activities.endOrder({ ...input, state }));
      // A repeat of the activity reports nothing new.
      await order.run((input) => order.activities.endOrder({ ...input, state }));
    }
    const open = await listIncidents(db, { campaignId: order.campaignId, resolved: false, limit: 50, before: null });
    expect(open.map(({ kind }) => kind)).toEqual(['order_failed']);
    expect(await order.incidents()).toEqual([...Array(3).fill('order_ambiguous'), 'order_failed']);
    await hold(order);
  });

  test('is not sent again while its campaign is paused, nor where no task wants anything of it any more', async () => {
    const { order, seen } = await ambiguous();
    await db`update campaigns set state = 'paused', paused_at = now() where id = ${order.campaignId}`;
    await expect(rule(order, 'order_ambiguous', 'send_again')).rejects.toThrow('while the campaign is paused');
    await db`update campaigns set state = 'running', paused_at = null where id = ${order.campaignId}`;
    await db`update tasks set workforce = 'internal' where campaign_id = ${order.campaignId}`;
    await expect(rule(order, 'order_ambiguous', 'send_again')).rejects.toThrow('resolve this by not_bought');
    expect(await stateOf(order)).toMatchObject({ state: 'ambiguous' });
    expect((await order.units()).map(({ state }) => state)).toEqual(['failed', 'failed']);
    await rule(order, 'order_ambiguous', 'not_bought');
    expect(seen).toEqual([false]);
  });

  test('was not bought: it is closed for good', async () => {
    const { order, seen } = await ambiguous();
    await rule(order, 'order_ambiguous', 'not_bought');
    expect(await stateOf(order)).toMatchObject({ state: 'failed' });
    await order.run(order.activities.submitOrder);
    expect(seen).toEqual([false]);
    await hold(order);
  });

  test('is none where nothing was ever sent: the vendor cannot have it', async () => {
    const { order } = await ambiguous();
    await db`delete from vendor_incidents where order_id = ${order.orderId}`;
    // Each attempt ended before there was anything to send.
    await db`update vendor_orders set payload_hash = null where id = ${order.orderId}`;
    await lose(order);
    expect(await stateOf(order)).toEqual({ state: 'failed', attempts: 1 });
    expect(await order.incidents()).toEqual(['order_failed']);
  });

  test('is not closed by a ruling that is for something else', async () => {
    const { order } = await ambiguous();
    await expect(rule(order, 'order_ambiguous', 'seen')).rejects.toThrow('resolved by send_again or not_bought');
  });
});

describe('an answer that is no label', () => {
  const nonsense = (otherwise: Parameters<typeof bought>[2] = {}) =>
    bought(
      db,
      ({ units: [first] }) => [
        { key: first?.key ?? '', state: 'done', responses: [response('r', { answers: { label: 'beef' } })] },
      ],
      otherwise,
    );

  test('is rejected at its vendor where a person says so, once', async () => {
    const order = await nonsense();
    await order.collect();
    expect(order.calls).not.toContain('reject r');
    await rule(order, 'invalid_answer', 'reject');
    await order.collect();
    // Nobody is told for a week, and what waits is listed with what is to be looked at.
    expect(order.calls).not.toContain('reject r');
    expect(daysUntil(await waiting(order))).toBeCloseTo(7, 1);
    await windowOver(order);
    expect(await waiting(order)).toBeUndefined();
    await order.collect();
    await order.collect();
    expect(order.calls.filter((each) => each === 'reject r')).toHaveLength(1);
    expect((await stage.moneyOf(db, order.campaignId)).spent).toBe(0n);
    await hold(order);
  });

  test('that is to be rejected is paid where somebody rules so in time; then it is too late', async () => {
    const order = await nonsense();
    await order.collect();
    await rule(order, 'invalid_answer', 'reject');
    await order.collect();
    await expect(rule(order, 'invalid_answer', 'seen')).rejects.toThrow('resolved by accept');
    const revoked = await rule(order, 'invalid_answer', 'accept');
    await order.collect();
    expect(order.calls.filter((each) => / r$/.test(each))).toEqual(['accept r']);
    expect((await stage.moneyOf(db, order.campaignId)).spent).toBe(100_000n);
    await expect(revoked.again()).rejects.toMatchObject({ code: 'conflict' });
    const [resolved] = await listIncidents(db, {
      campaignId: order.campaignId,
      resolved: true,
      limit: 50,
      before: null,
    });
    expect(resolved).toMatchObject({
      ruling: 'accept',
      rejectsAt: null,
      note: expect.stringContaining('to be rejected'),
    });
    await hold(order);
    const late = await nonsense();
    await late.collect();
    const ruled = await rule(late, 'invalid_answer', 'reject');
    await windowOver(late);
    await expect(ruled.again('accept')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('of an order that is closed is rejected when its time has come, also where the vendor was not there at first', async () => {
    const order = await nonsense();
    await order.collect();
    await order.run((input) => order.activities.endOrder({ ...input, state: 'closed' }));
    await rule(order, 'invalid_answer', 'reject');
    await windowOver(order);
    await db`
      update vendor_orders set next_look_at = now(), closed_at = closed_at - interval '8 days' where id = ${order.orderId}`;
    await db`delete from outbox`;
    expect([await lookAgain(db, 100), (await told(order)).length]).toEqual([1, 1]);
    const [next] = await db`select next_look_at > now() as later from vendor_orders where id = ${order.orderId}`;
    expect(next).toEqual({ later: true });
    await order.collect();
    expect(order.calls).toContain('reject r');
    await db`update vendor_orders set next_look_at = now() where id = ${order.orderId}`;
    await lookAgain(db, 100);
    const [none] = await db`select next_look_at as at from vendor_orders where id = ${order.orderId}`;
    expect(none).toEqual({ at: null });
  });

  test('is paid and booked where a person says so, once', async () => {
    const order = await nonsense();
    await order.collect();
    const ruled = await rule(order, 'invalid_answer', 'accept');
    await expect(ruled.again()).rejects.toMatchObject({ code: 'conflict' });
    await order.collect();
    await order.collect();
    expect(order.calls.filter((each) => each === 'accept r')).toHaveLength(1);
    expect((await stage.moneyOf(db, order.campaignId)).spent).toBe(100_000n);
    expect(await order.prices()).toEqual([]);
    await hold(order);
  });

  test('is booked where its vendor has paid for it by itself, once, whatever a person says then', async () => {
    const order = await nonsense();
    const nonsenseThat = (review: 'open' | 'accepted') => () =>
      order.collect(({ units: [first] }) => [
        done(first?.key ?? '', response('r', { answers: { label: 'beef' }, review })),
      ]);
    const spent = async () => (await stage.moneyOf(db, order.campaignId)).spent;
    await nonsenseThat('open')();
    expect(await spent()).toBe(0n);
    for (let look = 0; look < 2; look++) {
      await nonsenseThat('accepted')();
      expect(await spent()).toBe(100_000n);
      await hold(order);
    }
    await expect(rule(order, 'invalid_answer', 'accept')).rejects.toMatchObject({ code: 'conflict' });
    await rule(order, 'invalid_answer', 'seen');
    expect(order.calls.filter((each) => / r$/.test(each))).toEqual([]);
    expect(await order.prices()).toEqual([]);
  });

  test('is booked when its vendor pays for it, and not while it refuses', async () => {
    const said: (Settled | Refused)[] = [{ refused: 'It was returned.' }, { refused: 'It was returned.' }, 'done'];
    const settle = call('idempotent_by_key', async () => said.shift() ?? 'done');
    const order = await nonsense({ settle });
    await order.collect();
    await rule(order, 'invalid_answer', 'accept');
    const spent = async () => (await stage.moneyOf(db, order.campaignId)).spent;
    expect(await spent()).toBe(0n);
    for (const then of [0n, 0n, 100_000n, 100_000n]) {
      await order.collect();
      expect(await spent()).toBe(then);
      await hold(order);
    }
    expect((await order.incidents()).filter((kind) => kind === 'accept_refused')).toHaveLength(1);
  });

  test('is not paid where the budget has no room; where that went meanwhile, it is booked once there is some again', async () => {
    const order = await nonsense();
    const capTo = (sql: string) =>
      db.unsafe(`update budgets set cap_micros = ${sql} where campaign_id = '${order.campaignId}'`);
    await order.collect();
    await capTo('reserved_micros + spent_micros + 99999');
    await expect(rule(order, 'invalid_answer', 'accept')).rejects.toMatchObject({ code: 'budget_exceeded' });
    await capTo('reserved_micros + spent_micros + 100000');
    await rule(order, 'invalid_answer', 'accept');
    await capTo('reserved_micros + spent_micros');
    await order.collect();
    expect((await stage.moneyOf(db, order.campaignId)).spent).toBe(0n);
    expect(await order.incidents()).toContain('no_budget');
    await capTo('reserved_micros + spent_micros + 100000');
    await order.collect();
    expect((await stage.moneyOf(db, order.campaignId)).spent).toBe(100_000n);
    await hold(order);
  });
});

describe('a second answer of one worker to a task, which was opened again', () => {
  /** The second order, with the answer in it. */
  const answeredTwice = async () => {
    const first = await bought(db, ({ units: [unit] }) => [
      done(unit?.key ?? '', response(`r-${unit?.key}`, { workerId: 'w' })),
    ]);
    const { campaignId, activities } = first;
    await first.collect();
    const [answered] = await db<{ taskId: string }[]>`
      select task_id as "taskId" from annotations where campaign_id = ${campaignId}`;
    const taskId = answered?.taskId ?? '';
    const judge = createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
    await judge.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
    await reopenTasks(db, {
      ...{ campaignId, cause: 'quarantine', reason: 'test', by: 'lead', nowMs: Date.now() },
      tasks: [{ taskId, answers: 1, excludedIds: [] }],
    });
    await dispatchUnits(db, { gatherMs: 0 });
    const [row] = await db<{ id: string }[]>`
      select id from vendor_orders where campaign_id = ${campaignId} and id <> ${first.orderId}`;
    const orderId = row?.id ?? '';
    await runActivity(activities.submitOrder, { orderId });
    const order = { ...first, orderId, collect: () => runActivity(activities.collectOrder, { orderId }) };
    await order.collect();
    const incidents = await db<{ kind: string }[]>`
      select kind from vendor_incidents where order_id = ${orderId} order by kind`;
    expect(incidents.map(({ kind }) => kind)).toEqual(['repeated_answer', 'short']);
    expect((await stage.moneyOf(db, campaignId)).spent).toBe(100_000n);
    const [unit] = await db<{ id: string }[]>`select id from vendor_units where order_id = ${orderId}`;
    return { order, said: (act: string) => order.calls.filter((each) => each === `${act} r-${unit?.id}`).length };
  };

  test('is paid and booked where a person says so, once, and counts nowhere', async () => {
    const { order, said } = await answeredTwice();
    await rule(order, 'repeated_answer', 'accept');
    for (let look = 0; look < 2; look++) {
      await order.collect();
      expect(said('accept')).toBe(1);
      expect((await stage.moneyOf(db, order.campaignId)).spent).toBe(200_000n);
    }
    expect(await order.prices()).toHaveLength(1);
    await hold(order);
  });

  test('is rejected where a person says so', async () => {
    const { order, said } = await answeredTwice();
    await rule(order, 'repeated_answer', 'reject');
    await windowOver(order);
    await order.collect();
    expect([said('accept'), said('reject')]).toEqual([0, 1]);
    expect((await stage.moneyOf(db, order.campaignId)).spent).toBe(100_000n);
    await hold(order);
  });
});

test.each(['recalled', 'amended'] as const)(
  'an answer that was %s after it was decided by is left out: another one is asked for',
  async (kind) => {
    const order = await bought(db, ({ units }) => units.map(({ key }) => done(key, response(key))));
    await order.collect();
    const judge = createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
    for (const taskId of order.taskIds) await judge.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
    await order.run((input) => order.activities.endOrder({ ...input, state: 'closed' }));
    await order.collect(({ units }) =>
      units.map(({ key }, at) => {
        if (at > 0) return done(key, response(key));
        return kind === 'recalled' ? done(key) : done(key, response(key, { answers: { label: 'ham' } }));
      }),
    );
    expect(await order.incidents()).toContain(kind);
    // The first version stands until somebody decides.
    expect(await order.prices()).toHaveLength(2);
    await rule(order, kind, 'leave_out');
    const again = await db<{ cause: string; answers: number }[]>`
      select cause, answers from task_reopenings where task_id = any(${order.taskIds}::uuid[])`;
    expect([...again]).toEqual([{ cause: 'vendor', answers: 1 }]);
    const excluded = await db`
      select 1 from annotations where campaign_id = ${order.campaignId} and excluded_at is not null`;
    expect(excluded).toHaveLength(1);
    // Another incident of the same answer buys nothing more.
    await db`update vendor_incidents set resolved_at = null, resolved_by = null, ruling = null where order_id = ${order.orderId}`;
    await db`update tasks set state = 'decided' where id = any(${order.taskIds}::uuid[])`;
    await expect(rule(order, kind, 'leave_out')).rejects.toThrow('left out already; resolve this by seen');
    await db`update tasks t set state = 'open' where id = any(${order.taskIds}::uuid[]) and exists (
      select from task_reopenings r where r.task_id = t.id)`;
    await hold(order);
  },
);

test('a closed order is looked at once a day for a week, and then no more', async () => {
  const order = await bought(db, ({ units }) => units.map(({ key }) => done(key, response(key))));
  await order.collect();
  const next = async () => {
    const [row] = await db<{ days: number | null }[]>`
      select extract(epoch from next_look_at - now())::float8 / 86400 as days from vendor_orders where id = ${order.orderId}`;
    return row?.days ?? null;
  };
  expect(await next()).toBeNull();
  await order.run((input) => order.activities.endOrder({ ...input, state: 'closed' }));
  expect(await next()).toBeCloseTo(1, 2);
  await db`delete from outbox`;
  expect(await lookAgain(db, 100)).toBe(0);
  const after = (days: number) => db`
    update vendor_orders set next_look_at = next_look_at - ${days} * interval '1 day',
      closed_at = closed_at - ${days} * interval '1 day' where id = ${order.orderId}`;
  for (let day = 1; day < 7; day++) {
    await after(1.01);
    expect([day, await lookAgain(db, 100), (await told(order)).length]).toEqual([day, 1, day]);
  }
  expect(await next()).toBeNull();
  await after(1.01);
  expect(await lookAgain(db, 100)).toBe(0);
});

test('an order is estimated before it is sent, and not sent where an answer would cost more than its price', async () => {
  const dear = { perAnswerMicros: 120_000n, totalMicros: 240_000n, basis: 'their new price list' };
  const estimated = async (order: Bought) => {
    const [row] = await db<{ micros: bigint | null; basis: string | null }[]>`
      select estimate_micros as micros, estimate_basis as basis from vendor_orders where id = ${order.orderId}`;
    return row;
  };
  const fair = { ...dear, perAnswerMicros: 90_000n, totalMicros: 180_000n };
  const order = await bought(db, () => [], { estimate: () => fair });
  expect(await estimated(order)).toEqual({ micros: 180_000n, basis: 'their new price list' });
  await expect(bought(db, () => [], { estimate: () => dear })).rejects.toMatchObject({
    ...{ type: 'vendor_refused', nonRetryable: true },
    message: expect.stringContaining(
      'would cost $0.12 (their new price list), above the order’s price'.replace('’', "'"),
    ),
  });
});

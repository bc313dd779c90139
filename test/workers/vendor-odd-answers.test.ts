import { afterAll, describe, expect, test } from 'vitest';
import { payOwed, settleLateAnswer } from '../../db/queries/money.ts';
import { nextOrderStep } from '../../domain/vendors/order-steps.ts';
import type { Order } from '../../vendors/vendor.ts';
import { applyAgain, createTestDatabase } from '../support/database.ts';
import { quietRuntime } from '../support/temporal-servers.ts';
import { bought, done, HOUR, response } from './scripted-vendor.ts';
import * as stage from './stage.ts';

quietRuntime();
const { db, drop } = await createTestDatabase();
afterAll(drop);

describe('what comes otherwise than it was ordered', () => {
  test('another price than ordered: a lower one is what is booked, a higher one is not, and is reported once', async () => {
    const order = await bought(db, ({ units }) =>
      units.map(({ key }, at) => done(key, response(key, { costMicros: at === 0 ? 130_000n : 70_000n }))),
    );
    await order.collect();
    await order.collect();
    expect(await order.prices()).toEqual([70_000n, 100_000n]);
    expect(await order.incidents()).toEqual(['price_changed']);
    await stage.expectInvariants(db, order.campaignId);
  });

  test('half a batch: what came counts, what did not is reported and left to the escalation', async () => {
    const order = await bought(db, ({ units }) =>
      units.map(({ key }, at) =>
        at === 0 ? done(key, response(key)) : { key, state: 'failed', reason: 'nobody took it', responses: [] },
      ),
    );
    await order.collect();
    expect((await order.units()).map(({ state }) => state).toSorted()).toEqual(['complete', 'failed']);
    expect(await order.incidents()).toEqual(['short']);
    const open = await db`select 1 from slots where campaign_id = ${order.campaignId} and state = 'open'`;
    expect(open).toHaveLength(1);
    expect(await order.run(order.activities.loadOrder)).toMatchObject({ outstanding: 0 });
    await stage.expectInvariants(db, order.campaignId);
  });

  test('more answers than were ordered: one counts, the others are kept as late, accepted once, and paid', async () => {
    // The policy is for people who let their lease run out.
    const settings = { redundancy: 1, lateAnswers: 'keep_unpaid' } as const;
    const twice = ({ units }: Order) => units.map(({ key }) => done(key, response(`${key} a`), response(`${key} b`)));
    const order = await bought(db, twice, {}, settings);
    await order.collect();
    await order.collect();
    expect(await order.prices()).toHaveLength(2);
    const late = await db`select 1 from annotations where campaign_id = ${order.campaignId} and not counted`;
    expect(late).toHaveLength(2);
    expect(order.calls.filter((each) => each.startsWith('accept'))).toHaveLength(4);
    const told = await db<{ id: string }[]>`
      select payload ->> 'annotationId' as id from outbox where kind = 'late_answer' and target_id = any(${order.taskIds})`;
    // Told twice, as messages may be.
    for (const { id } of [...told, ...told]) await settleLateAnswer(db, id);
    expect(await stage.moneyOf(db, order.campaignId)).toMatchObject({ paid: 200_000n, spent: 200_000n });
    await stage.expectInvariants(db, order.campaignId);
  });

  test('what earlier versions left unpaid though the vendor charged for it is owed, and paid once there is room', async () => {
    const order = await bought(db, ({ units }) =>
      units.map(({ key }) => done(key, response(`${key} a`), response(`${key} b`))),
    );
    await order.collect();
    const payStates = async () =>
      (
        await db<{ state: string }[]>`
          select pay_state as state from annotations where campaign_id = ${order.campaignId} and not counted`
      ).map(({ state }) => state);
    await db`
      update annotations set pay_state = 'unpaid_by_policy' where campaign_id = ${order.campaignId} and not counted`;
    await db`update annotators set simulated = false where workforce = 'http_vendor'`;
    await applyAgain(db, 'late_answers_of_vendors');
    expect(await payStates()).toEqual(['owed', 'owed']);
    await payOwed(db, order.campaignId);
    expect(await payStates()).toEqual(['paid', 'paid']);
    await stage.expectInvariants(db, order.campaignId);
  });

  test('an answer recalled, and one amended, after the order was closed: the first ones stand, a person is told', async () => {
    const order = await bought(db, ({ units }) => units.map(({ key }) => done(key, response(key))));
    await order.collect();
    await order.run((input) => order.activities.endOrder({ ...input, state: 'closed' }));
    const before = await order.prices();
    const [kept] = await order.units();
    await order.collect(({ units }) =>
      units.map(({ key }) =>
        key === kept?.id
          ? done(key, response(key, { answers: { label: 'ham' } }))
          : { key, state: 'done', responses: [] },
      ),
    );
    expect(await order.incidents()).toEqual(['amended', 'recalled', 'short']);
    expect(await order.prices()).toEqual(before);
    const labels = await db<{ label: string }[]>`
      select distinct l.label from annotation_labels l join annotations n on n.id = l.annotation_id
      where n.campaign_id = ${order.campaignId}`;
    expect([...labels]).toEqual([{ label: 'spam' }]);
    await stage.expectInvariants(db, order.campaignId);
  });

  test('an answer that is none at first and is mended later counts once, is paid once, and needs nobody any more', async () => {
    const given = { answers: { label: 'eggs' } };
    const order = await bought(db, ({ units }) => units.map(({ key }) => done(key, response(key, given))));
    const hasOpen = async () =>
      (
        await db`select 1 from vendor_incidents where order_id = ${order.orderId} and kind = 'invalid_answer'
        and resolved_at is null`
      ).length;
    await order.collect();
    expect([await order.prices(), await hasOpen()]).toEqual([[], 2]);
    const [kept] = await order.units();
    const mended = ({ units }: Order) =>
      units.map(({ key }) => done(key, response(key, key === kept?.id ? {} : { answers: { label: 'bacon' } })));
    await order.collect(mended);
    await order.collect(mended);
    expect([await order.prices(), await hasOpen()]).toEqual([[100_000n], 1]);
    const [still] = await db<{ evidence: { answers: unknown } }[]>`
      select evidence from vendor_incidents where order_id = ${order.orderId} and kind = 'invalid_answer' and resolved_at is null`;
    expect(still?.evidence.answers).toEqual({ label: 'bacon' });
    expect(order.calls.filter((each) => each.startsWith('accept'))).toEqual([`accept ${kept?.id}`]);
    expect(await order.incidents()).not.toContain('amended');
    await stage.expectInvariants(db, order.campaignId);
  });

  test('an answer that is none, then another one, and then the first again is told of again', async () => {
    const wrong =
      (label: string) =>
      ({ units }: Order) =>
        units.map(({ key }) => done(key, response(key, { answers: { label } })));
    const order = await bought(db, wrong('eggs'));
    const open = async () => {
      const rows = await db<{ answers: { label: string } }[]>`
        select evidence -> 'answers' as answers from vendor_incidents
        where order_id = ${order.orderId} and kind in ('invalid_answer', 'amended') and resolved_at is null`;
      return rows.map(({ answers }) => answers.label);
    };
    await order.collect();
    // As an earlier version kept it.
    await db`
      insert into vendor_responses (id, unit_id, response_key, version, worker_id, state, answers, hash)
      select gen_random_uuid(), unit_id, response_key, 2, worker_id, 'amended', answers, 'h'
      from vendor_responses where unit_id in (select id from vendor_units where order_id = ${order.orderId})`;
    await order.collect(wrong('bacon'));
    expect(await open()).toEqual(['bacon', 'bacon']);
    await order.collect(wrong('eggs'));
    await order.collect(wrong('eggs'));
    expect(await open()).toEqual(['eggs', 'eggs']);
    await stage.expectInvariants(db, order.campaignId);
  });

  test.each([
    ['paid', 'is not taken in', [], 'amended'],
    ['rejected', 'is taken in', [100_000n, 100_000n], 'invalid_answer'],
  ] as const)(
    'an answer that was none, and was %s all the same, %s when it is made anew',
    async (ruled, _what, prices, told) => {
      const given = { answers: { label: 'eggs' } };
      const order = await bought(db, ({ units }) => units.map(({ key }) => done(key, response(key, given))));
      await order.collect();
      const ruling = ruled === 'paid' ? 'accept' : 'reject';
      await db`update vendor_responses r set ruling = ${ruling}, ruling_reason = 'As we agreed.' from vendor_units u
      where u.id = r.unit_id and u.order_id = ${order.orderId}`;
      await order.collect();
      await order.collect(({ units }) => units.map(({ key }) => done(key, response(key))));
      await order.collect();
      expect(await order.prices()).toEqual(prices);
      expect(await order.incidents()).toContain(told);
      expect((await stage.moneyOf(db, order.campaignId)).spent).toBe(ruled === 'paid' ? 200_000n : 0n);
      const acts = order.calls.filter((each) => each !== 'submit').map((each) => each.split(' ')[0]);
      expect(acts).toEqual(ruled === 'paid' ? ['accept', 'accept'] : ['reject', 'reject', 'accept', 'accept']);
      await stage.expectInvariants(db, order.campaignId);
    },
  );

  test('a vendor that never answers: at the deadline it is told to stop, a grace later the order closes', async () => {
    const order = await bought(db, ({ units }) => units.map(({ key }) => ({ key, state: 'open', responses: [] })));
    const { activities, run } = order;
    let atMs = Date.now();
    let expired = false;
    let fresh = false;
    let looks = 0;
    const startMs = atMs;
    const steps: string[] = [];
    for (;;) {
      const facts = await run(activities.loadOrder);
      const step = nextOrderStep(facts, { atMs, looks, fresh, expired });
      if (step.do !== 'collect' && step.do !== 'wait') steps.push(step.do);
      if (step.do === 'wait') {
        // A day at a time, where nothing comes in between.
        atMs += Math.max(step.forMs, Math.min(24 * HOUR, facts.deadlineMs - atMs));
        fresh = false;
      } else if (step.do === 'collect') {
        await order.collect();
        fresh = true;
        looks++;
      } else if (step.do === 'expire') {
        await run(activities.expireOrder);
        expired = true;
      } else if (step.do === 'cancel') {
        await run(activities.cancelUnits);
        fresh = false;
      } else if (step.do === 'close') {
        await run((input) => activities.endOrder({ ...input, state: 'closed' }));
        break;
      } else throw new Error(`Nobody asked to ${step.do}.`);
    }
    expect(steps).toEqual(['expire', 'cancel', 'close']);
    expect(order.calls).toEqual(['submit', 'cancel']);
    // A week, and an hour of grace.
    expect(atMs - startMs).toBeGreaterThanOrEqual(7 * 24 * HOUR + HOUR - 60_000);
    expect((await order.units()).map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
    const open = await db`select 1 from slots where campaign_id = ${order.campaignId} and state = 'open'`;
    expect(open).toHaveLength(2);
    await stage.expectInvariants(db, order.campaignId);
  });

  test('a purchase whose outcome stays unknown is never sent again; a person gets its key', async () => {
    const order = await bought(db, () => []);
    await db`update vendor_orders set state = 'submitting', placement = null where id = ${order.orderId}`;
    await order.run((input) => order.activities.endOrder({ ...input, state: 'ambiguous' }));
    await order.run(order.activities.submitOrder);
    expect(order.calls).toEqual(['submit']);
    const [incident] = await db<{ kind: string; evidence: { key: string } }[]>`
      select kind, evidence from vendor_incidents where order_id = ${order.orderId}`;
    expect(incident).toMatchObject({ kind: 'order_ambiguous', evidence: { key: `quorate-${order.orderId}` } });
    await stage.expectInvariants(db, order.campaignId);
  });
});

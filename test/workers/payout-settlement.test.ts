import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createVendorActivities } from '../../activities/index.ts';
import type { Db } from '../../db/client.ts';
import { giveBonus, proposeDeduction, reviewDeduction } from '../../db/queries/adjustments.ts';
import { undoDeductions } from '../../db/queries/appeal-repairs.ts';
import { accountBalances, verifyBooks } from '../../db/queries/books.ts';
import { verifyLedger } from '../../db/queries/ledger-proof.ts';
import { itemViews, resolveItem, runViews } from '../../db/queries/payout-reports.ts';
import { approveRun, closeRun, collectRun, exportRun, payoutFacts, startRun } from '../../db/queries/payouts.ts';
import { refusalsOf, settlementsOf } from '../../db/queries/settlements.ts';
import { DEFAULT_ORGANISATION as organisationId } from '../../db/schema/organisations.ts';
import { parsePeriod } from '../../domain/books/period.ts';
import { VendorError } from '../../vendors/errors.ts';
import { call, type Settled, type Vendor } from '../../vendors/vendor.ts';
import { applyAgain, createTestDatabase } from '../support/database.ts';
import { ada, bea, roles } from '../support/payers.ts';
import { until } from '../support/rig.ts';
import { quietRuntime, runActivity, startDevServer } from '../support/temporal-servers.ts';
import { BENCHES } from '../vendors/benches.ts';
import { type Owed, owedAtProlific, paidNonsense, type Shop } from './accepting-vendor.ts';
import * as stage from './stage.ts';

quietRuntime();
const FAR = new Date('2999-01-01T00:00:00Z');
let months = 0;
const nextPeriod = () => parsePeriod(`21${String(months++).padStart(2, '0')}-01`);

class Died extends Error {}

describe('a payment that is settled through its vendor', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let db: Db;
  beforeEach(async () => {
    database = await createTestDatabase();
    db = database.db;
  });
  afterEach(() => database.drop());

  /** The run of a month that pays all there is, sent out. */
  async function sent(period = nextPeriod()) {
    const { id } = await startRun(db, { organisationId, period, leastMicros: 10_000n, by: ada, roles, now: FAR });
    await collectRun(db, id);
    await approveRun(db, { runId: id, by: bea, roles });
    await exportRun(db, id);
    const [payment] = await itemViews(db, id);
    if (!payment) throw new Error('There is no payment.');
    return { runId: id, payment, itemId: payment.id };
  }
  const settle = (order: Owed['order'], paymentId: string) =>
    runActivity(order.activities.settlePayment, { paymentId });
  const now = async (runId: string) => {
    const [payment] = await itemViews(db, runId);
    const [run] = await runViews(db, { organisationId, id: runId, limit: 1 });
    expect(await verifyBooks(db)).toMatchObject({ holds: true });
    return { state: payment?.state, note: payment?.note, difference: run?.differenceMicros, run: run?.state };
  };

  test('each answer is accepted once; what the vendor charges is what is booked, and nothing differs', async () => {
    const { shop, order, units } = await owedAtProlific(db);
    expect(await accountBalances(db)).toMatchObject({ vendor_payable: 120_000n, fees: 51_600n, paid_out: 0n });
    const { runId, itemId, payment } = await sent();
    // Less than a cent stays owed.
    expect(await accountBalances(db)).toMatchObject({ vendor_payable: 1_600n, fees: 0n, paid_out: 170_000n });
    const bought = await db`select kind, payee, order_id as "orderId" from ledger where kind in ('spend', 'fee')`;
    expect(bought).toHaveLength(4);
    for (const { orderId } of bought) expect(orderId).toBe(order.orderId);
    // Two at 8.58 cents, of which 2.58 are the platform's.
    expect(payment).toMatchObject({ channel: 'prolific', settles: true, amountMicros: 170_000n, state: 'sent' });
    expect((await payoutFacts(db, runId))?.unsettled).toEqual([itemId]);
    await settle(order, itemId);
    await settle(order, itemId);
    expect(shop.asked.toSorted()).toEqual(units.toSorted());
    expect(await now(runId)).toMatchObject({ state: 'paid', note: null, difference: 0n });
    expect(await settlementsOf(db, [itemId])).toEqual([
      { itemId, answers: 2, accepted: 2, refused: 0, chargedMicros: 171_600n },
    ]);
    expect((await payoutFacts(db, runId))?.unsettled).toEqual([]);
    await closeRun(db, runId);
    expect(await now(runId)).toMatchObject({ run: 'closed' });
    // Another month pays what has come since, with the rest of the cent: no answer twice.
    const more = await owedAtProlific(db);
    const second = await sent();
    expect(second.payment.amountMicros).toBe(170_000n);
    await settle(more.order, second.itemId);
    expect(more.shop.asked.toSorted()).toEqual(more.units.toSorted());
    expect(await now(second.runId)).toMatchObject({ state: 'paid', difference: 0n });
  });

  test('what the vendor has accepted already is asked for by nobody', async () => {
    const { shop, order, units } = await owedAtProlific(db);
    for (const unit of units) shop.review.set(unit, 'accepted');
    const { runId, itemId } = await sent();
    await settle(order, itemId);
    expect(shop.asked).toEqual([]);
    expect(await now(runId)).toMatchObject({ state: 'paid' });
  });

  test('too many requests, a lost answer, and a worker that is killed with one in hand: it goes on where it was', async () => {
    const { shop, order, units } = await owedAtProlific(db);
    const { runId, itemId } = await sent();
    shop.next.push(
      () => {
        throw new VendorError('retryable', 'Too many requests.', { status: 429, retryAfterMs: 5 });
      },
      (accept) => {
        accept();
        throw new VendorError('retryable', 'The connection was lost.');
      },
      (accept) => {
        accept();
        throw new Died();
      },
    );
    await expect(settle(order, itemId)).rejects.toThrow('Too many requests.');
    await expect(settle(order, itemId)).rejects.toThrow('The connection was lost.');
    await expect(settle(order, itemId)).rejects.toThrow(Died);
    expect(await now(runId)).toMatchObject({ state: 'sent' });
    await settle(order, itemId);
    // The first was not carried out at first, and is asked for again; what was carried out is not.
    expect(shop.asked).toHaveLength(3);
    expect(shop.asked[1]).toBe(shop.asked[0]);
    expect([...new Set(shop.asked)].toSorted()).toEqual(units.toSorted());
    expect(await now(runId)).toMatchObject({ state: 'paid', difference: 0n });
  });

  test('a rejected answer is evidence for a person; written off by a second one, the next run pays the rest', async () => {
    const { shop, order, units } = await owedAtProlific(db);
    const { runId, itemId } = await sent();
    const [good = '', bad = ''] = units;
    shop.review.set(bad, 'rejected');
    await settle(order, itemId);
    expect(shop.asked).toEqual([good]);
    expect(await now(runId)).toMatchObject({
      state: 'ambiguous',
      note: 'prolific does not pay its workers for 1 of 2 answers.',
      difference: 84_200n,
    });
    const [refusal, ...others] = await refusalsOf(db, [itemId], 20);
    expect(refusal).toMatchObject({
      ...{ itemId, responseKey: bad, workerId: `worker of ${bad}`, amountMicros: 85_800n },
      detail: 'prolific has the answer as rejected.',
    });
    expect(others).toEqual([]);
    // Asked again, nothing changes: it is for a person now.
    await settle(order, itemId);
    const annotationId = refusal?.annotationId ?? '';
    const propose = (id: string, amountMicros?: bigint) =>
      proposeDeduction(db, {
        ...{ annotationId: id, organisationId, amountMicros, reason: 'Rejected at Prolific.', by: 'ada', roles },
        disputableUntil: new Date(),
      });
    const [accepted] = await db<{ id: string }[]>`
      select annotation_id as id from vendor_responses where response_key = ${good}`;
    await expect(propose(accepted?.id ?? '')).rejects.toThrow('a vendor has refused to pay its worker');
    await expect(propose(annotationId, 10_000n)).rejects.toThrow('the deduction is of all $0.0858');
    await expect(propose(annotationId)).rejects.toThrow('money that has left is not taken back');
    await resolveItem(db, { runId, itemId, outcome: 'failed', note: 'One was rejected.', by: bea });
    await closeRun(db, runId);
    expect(await now(runId)).toMatchObject({ run: 'closed', difference: 0n });
    const id = await propose(annotationId);
    // The vendor does not pay its worker, whether the answer turns out to be right or not.
    const turnsRight = () =>
      db.begin((tx) => undoDeductions(tx, { campaignId: order.campaignId, annotationIds: [annotationId], by: 'lead' }));
    await turnsRight();
    await reviewDeduction(db, { id, organisationId, verdict: 'applied', note: 'Seen.', by: 'bea', roles, now: FAR });
    await turnsRight();
    // All of it is free again, the fee too.
    expect(await accountBalances(db)).toMatchObject({ vendor_payable: 60_000n, fees: 25_800n, paid_out: 0n });
    const next = await sent();
    await settle(order, next.itemId);
    expect(await now(next.runId)).toMatchObject({ state: 'paid', difference: 0n });
    expect(await settlementsOf(db, [next.itemId])).toMatchObject([{ answers: 1, accepted: 1 }]);
    expect(shop.asked).toEqual([good]);
    await stage.expectInvariants(db, order.campaignId);
  });

  test.each<[string, (shop: Shop, unit: string) => void, string, string]>([
    [
      'that the vendor refuses to accept',
      (shop) => shop.next.push(() => ({ refused: 'It is RETURNED.' })),
      'prolific does not pay its workers for 1 of 2 answers.',
      'It is RETURNED.',
    ],
    [
      'that costs otherwise than it was booked',
      (shop, unit) => shop.cost.set(unit, 95_800n),
      'prolific charges $0.1816; $0.1716 are booked.',
      '',
    ],
  ])('an answer %s is for a person', async (_what, happens, note, why) => {
    const { shop, order, units } = await owedAtProlific(db);
    const { runId, itemId } = await sent();
    happens(shop, units[0] ?? '');
    await settle(order, itemId);
    expect(await now(runId)).toMatchObject({ state: 'ambiguous', note });
    expect((await refusalsOf(db, [itemId], 20)).map(({ detail }) => detail)).toEqual(why === '' ? [] : [why]);
    await resolveItem(db, { runId, itemId, outcome: 'paid', note: 'Their statement says so.', by: bea });
    await closeRun(db, runId);
    expect(await now(runId)).toMatchObject({ state: 'paid', run: 'closed', difference: 0n });
  });

  test('a bonus that the vendor has paid is part of it, with the fee', async () => {
    const { order } = await owedAtProlific(db);
    const [worker] = await db<{ id: string }[]>`
      select annotator_id as id from annotations where campaign_id = ${order.campaignId} limit 1`;
    const given = { annotatorId: worker?.id ?? '', amountMicros: 1_000_000n, reason: 'Well done.', by: 'ada' };
    await giveBonus(db, { ...given, campaignId: order.campaignId });
    await order.run(order.activities.payBonuses);
    const { runId, itemId, payment } = await sent();
    expect(payment.amountMicros / 10_000n).toBe(160n);
    await settle(order, itemId);
    expect(await now(runId)).toMatchObject({ state: 'paid', difference: 0n });
    expect(await settlementsOf(db, [itemId])).toMatchObject([{ answers: 2, chargedMicros: 1_601_600n }]);
  });

  test('an answer that is no label, and that a person had paid all the same, is part of it', async () => {
    const owed = await owedAtProlific(db);
    const { shop, order, units } = owed;
    await paidNonsense(db, owed);
    const { runId, itemId, payment } = await sent();
    expect(payment.amountMicros).toBe(250_000n);
    await settle(order, itemId);
    expect(shop.asked.toSorted()).toEqual([...units, 'nonsense'].toSorted());
    expect(await now(runId)).toMatchObject({ state: 'paid', note: null, difference: 0n });
  });

  test('one that its vendor does not pay after all is owed to nobody once its payment is found to have failed', async () => {
    const owed = await owedAtProlific(db);
    const { shop, order, units } = owed;
    const before = await accountBalances(db);
    await paidNonsense(db, owed);
    shop.review.set('nonsense', 'rejected');
    const { runId, itemId } = await sent();
    await settle(order, itemId);
    expect(await refusalsOf(db, [itemId], 20)).toMatchObject([{ responseKey: 'nonsense', annotationId: null }]);
    await resolveItem(db, { runId, itemId, outcome: 'failed', note: 'Rejected there.', by: bea });
    await closeRun(db, runId);
    expect(await now(runId)).toMatchObject({ run: 'closed', difference: 0n });
    expect(await accountBalances(db)).toEqual(before);
    const next = await sent();
    await settle(order, next.itemId);
    expect(await now(next.runId)).toMatchObject({ state: 'paid', difference: 0n });
    expect(shop.asked.toSorted()).toEqual(units.toSorted());
    await stage.expectInvariants(db, order.campaignId);
    expect((await verifyLedger(db)).filter(({ holds }) => !holds)).toEqual([]);
  });

  test('what was paid while an invoice was the report is settled by no later run', async () => {
    await owedAtProlific(db);
    const before = await sent();
    // As an older version has left it, brought up to date.
    await db`update payout_items set settles = false`;
    await db`delete from payout_entries`;
    await applyAgain(db, 'entries_of_invoiced_payments');
    expect((await payoutFacts(db, before.runId))?.unsettled).toEqual([]);
    const { shop, order, units } = await owedAtProlific(db);
    const { runId, itemId } = await sent();
    await settle(order, itemId);
    expect(shop.asked.toSorted()).toEqual(units.toSorted());
    expect(await now(runId)).toMatchObject({ state: 'paid', difference: 0n });
  });

  test('a vendor that this installation has no credentials for says nothing; in the end a person is asked', async () => {
    await owedAtProlific(db);
    const { runId, itemId } = await sent();
    const without = createVendorActivities({ db, nowMs: () => Date.now(), wake: () => undefined, vendors: new Map() });
    await expect(runActivity(without.settlePayment, { paymentId: itemId })).rejects.toThrow('No credentials');
    expect(await now(runId)).toMatchObject({ state: 'sent' });
  });
});

const server = await startDevServer();
afterAll(async () => {
  if ('stop' in server) await server.stop();
});

describe('a payout run with vendors', () => {
  if ('unavailable' in server) {
    test.skip(server.unavailable);
    return;
  }
  test.each(['mturk', 'prolific'] as const)('%s: an approved run settles there and closes', async (name) => {
    const { db, drop } = await createTestDatabase();
    const bench = await BENCHES[name]?.();
    if (!bench) throw new Error('There is no bench.');
    const quick = { pollMs: [60], graceMs: 1500, reconcileMs: 20, circuit: { limit: 20, openMs: 100 } };
    // Nothing is accepted while it is answered, as if this had been forgotten; later each accept is one too many at
    // first, and then carried out while its answer is lost.
    let forgets = true;
    const met = new Map<string, number>();
    const vendor: Vendor = {
      ...bench.vendor,
      settle: call('idempotent_by_key', async (order, placement, act): Promise<Settled> => {
        if (forgets) return 'unsupported';
        const times = met.get(act.responseId) ?? 0;
        met.set(act.responseId, times + 1);
        if (times === 0) throw new VendorError('retryable', 'Slow down.', { status: 429, retryAfterMs: 5 });
        await bench.vendor.settle(order, placement, act);
        throw new VendorError('retryable', 'The connection was lost.', { retryAfterMs: 5 });
      }),
    };
    const timer = setInterval(() => bench.work(), 40);
    try {
      const vendors = { vendors: new Map([[name, vendor]]), ...quick };
      await stage.onStage({ server, db, name: `settled-${name}`, vendors }, async ({ client }) => {
        const made = await stage.scene(db, { items: 3, settings: { workforces: [name], redundancy: 1 } });
        const taskIds = await stage.plan(db, made, 3);
        await until('all is answered and booked', async () => {
          const states = await Promise.all(taskIds.map((id) => stage.taskState(db, id)));
          const open = await db`select 1 from vendor_orders where state <> 'closed'`;
          return states.every((state) => state === 'decided') && open.length === 0;
        });
        expect(bench.accepts?.()).toBe(0);
        forgets = false;
        const period = nextPeriod();
        const { id } = await startRun(db, { organisationId, period, leastMicros: 10_000n, by: ada, roles, now: FAR });
        await db.notify('quorate_outbox', '');
        const state = async () => (await runViews(db, { organisationId, id, limit: 1 }))[0]?.state;
        await until('it is frozen', async () => (await state()) === 'frozen');
        await approveRun(db, { runId: id, by: bea, roles });
        await db.notify('quorate_outbox', '');
        await until('it is closed', async () => (await state()) === 'closed', 90_000);
        await client.getHandle(`payout-run-${id}`).result();
        expect(bench.accepts?.()).toBe(3);
        const [payment] = await itemViews(db, id);
        expect(payment).toMatchObject({ channel: name, state: 'paid', settles: true });
        // Three at 9.6 and at 8.58 cents.
        expect(payment?.amountMicros).toBe({ mturk: 280_000n, prolific: 250_000n }[name]);
        expect(await runViews(db, { organisationId, limit: 2 })).toMatchObject([{ differenceMicros: 0n }]);
        expect(await verifyBooks(db)).toMatchObject({ holds: true });
      });
    } finally {
      clearInterval(timer);
      await bench.stop();
      await drop();
    }
  });
});

import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { createPolicyReader } from '../db/judgement/policies.ts';
import { hedgeableUnits, hedgeUnit, paceOf } from '../db/queries/hedges.ts';
import { bookUsage } from '../db/queries/judge-usage.ts';
import { vendorOfPayment } from '../db/queries/settlements.ts';
import { openBonuses } from '../db/queries/vendor-bonuses.ts';
import { cancelLoneGolds } from '../db/queries/vendor-golds.ts';
import { bookUncounted } from '../db/queries/vendor-incidents.ts';
import { ingest, isDueForRejection, markSettled, responsesOf, takenIn } from '../db/queries/vendor-ingest.ts';
import * as orders from '../db/queries/vendor-orders.ts';
import { UNCOUNTED_STATES } from '../db/schema/states.ts';
import { canonicalJson } from '../domain/aggregation/canonical-json.ts';
import { QuorateError } from '../domain/failures.ts';
import { formatUsd, leastMicros } from '../domain/money.ts';
import { hedgeAfterMs } from '../domain/vendors/hedging.ts';
import { isVendor, vendorTaskQueue } from '../domain/vendors/names.ts';
import type { OrderFacts } from '../domain/vendors/order-steps.ts';
import { storable } from '../domain/vendors/storable.ts';
import { asAttempt } from '../vendors/purchase.ts';
import { sha256 } from '../vendors/signatures.ts';
import type { FetchedUnit, Order, Placement, Vendor, VendorResponse, Vendors } from '../vendors/vendor.ts';
import type { Dependencies } from './dependencies.ts';
import { typedFailures } from './failures.ts';
import { payBonuses } from './vendor-bonuses.ts';
import { CIRCUIT, createGuard } from './vendor-guard.ts';
import { createOrderWriter } from './vendor-orders.ts';
import {
  acceptAnswer,
  foundAnswers,
  type Placed,
  readLook,
  rejectAnswer,
  settlePayment,
} from './vendor-settlements.ts';
import { unlessShutdown, whileAlive } from './while-alive.ts';

export interface VendorDependencies extends Dependencies {
  /** Those this installation has credentials for. */
  readonly vendors: Vendors;
  /** Where vendors reach us, e.g. `https://quorate.example`; undefined: they are polled alone. */
  readonly publicUrl?: string;
  readonly pollMs?: readonly number[];
  readonly graceMs?: number;
  /** How long a purchase whose outcome is unknown waits before it is looked for: lists may lag behind. */
  readonly reconcileMs?: number;
  /** So many failures in a row leave a vendor alone for so long. */
  readonly circuit?: { readonly limit: number; readonly openMs: number };
}

const MINUTE = 60_000;
/** 1, 2, 5, 10, 20, 40 minutes, then every hour. */
const POLL_MS = [1, 2, 5, 10, 20, 40, 60].map((minutes) => minutes * MINUTE);
/** As long as a worker may hold a task that was cancelled meanwhile. */
const GRACE_MS = 24 * 60 * MINUTE;
const RECONCILE_MS = 30_000;
/** Whatever a vendor says: a day. */
const MAX_TIME_S = 86_400;

/** What a vendor's order needs of the outside. Every activity may be repeated: see each call's delivery class. */
export function createVendorActivities(dependencies: VendorDependencies) {
  const { db, vendors, wake } = dependencies;
  const policyOf = createPolicyReader(db);
  const guard = createGuard(db, {
    reconcileMs: dependencies.reconcileMs ?? RECONCILE_MS,
    circuit: dependencies.circuit ?? CIRCUIT,
  });
  const writer = createOrderWriter({ db, policyOf, publicUrl: dependencies.publicUrl });

  const orderOf = async (orderId: string) => {
    const row = await orders.findOrder(db, orderId);
    if (!row) throw new QuorateError('not_found', `There is no order ${orderId}.`);
    return row;
  };
  const withoutCredentials = (name: string) =>
    `No credentials for ${name} are set on this worker; docs/vendors.md names the variables.`;
  /** The vendor of an order that it has: it may be known again after the next restart. */
  const vendorOf = async (row: orders.OrderRow): Promise<Vendor> => {
    const vendor = vendors.get(row.vendor);
    if (vendor) return vendor;
    throw await guard.refused(row, withoutCredentials(row.vendor));
  };

  return typedFailures({
    async loadOrder(input: { orderId: string }): Promise<OrderFacts> {
      const [row, units] = await Promise.all([orderOf(input.orderId), orders.unitsOf(db, input.orderId)]);
      const waiting = units.filter(({ state }) => state === 'ordered');
      const held = (await responsesOf(db, row.id)).filter(({ state }) => state === 'waiting').length;
      return {
        state: row.state,
        outstanding: waiting.length,
        cancels: waiting.filter(({ cancelWanted, cancelSent }) => cancelWanted && !cancelSent).length,
        held,
        deadlineMs: row.deadlineAt.getTime(),
        ...(row.pausedAt ? { pausedAtMs: row.pausedAt.getTime() } : {}),
        bonuses: (await openBonuses(db, row.id)).length,
        ...(vendors.has(row.vendor) ? { queue: vendorTaskQueue(row.vendor) } : {}),
        ...(await hedgeTime(row)),
        graceMs: dependencies.graceMs ?? GRACE_MS,
        pollMs: dependencies.pollMs ?? POLL_MS,
      };
    },

    /** Buys: the intent is noted before the call, so that a later attempt knows to look for what this one made. */
    async submitOrder(input: { orderId: string }): Promise<void> {
      const row = await orderOf(input.orderId);
      if (row.state !== 'intent' && row.state !== 'submitting') return;
      try {
        await buy(row);
      } catch (error) {
        throw row.payloadHash === null ? error : asUnknown(error);
      }
    },

    /** Fetches, takes in what is new, accepts it at the vendor, and notes which tasks get no more answers. */
    async collectOrder(input: { orderId: string }): Promise<void> {
      const row = await orderOf(input.orderId);
      if (!row.placement) return;
      const vendor = await vendorOf(row);
      // A judge takes nothing back and amends nothing, so that what has ended is not asked about again.
      const { order, units } = await writer.write(row, row.vendor === 'llm' ? {} : { all: true });
      const placement: Placement = row.placement;
      const byKey = new Map(units.map((unit) => [unit.id, unit]));
      await guard.insist(row, async () => {
        const looked = await vendor.fetch(order, placement);
        const { fetched, fault } = readLook(looked);
        for (const found of fetched) {
          const unit = byKey.get(found.key);
          if (!unit) continue;
          for (const response of found.responses) {
            Context.current().heartbeat();
            await takeIn(row, unit, response);
          }
          for (const usage of found.unanswered ?? []) await bookUnanswered(row, unit, usage);
          await closeUnit(row, unit, found);
        }
        await cancelLoneGolds(db, row.id);
        const known = new Set(looked.filter(({ fault }) => !fault).map(({ key }) => key));
        await reportMissing(
          row,
          fetched.filter(({ key }) => known.has(key)),
        );
        wake();
        await accept({ row, vendor, order, placement, guard }, fetched);
        // What there was is taken in; what could not be asked about is asked again as after any failure.
        if (fault) throw fault;
      });
    },

    async cancelUnits(input: { orderId: string }): Promise<void> {
      const row = await orderOf(input.orderId);
      if (!row.placement) return;
      const vendor = await vendorOf(row);
      // Or else a vendor that cancels whole orders alone would go on for the golds among them.
      await cancelLoneGolds(db, row.id);
      const { order, units } = await writer.write(row, { all: true });
      const placement: Placement = row.placement;
      const gone = units.filter((unit) => unit.state === 'ordered' && unit.cancelWanted && !unit.cancelSent);
      const rest = units.some((unit) => unit.state === 'ordered' && !unit.cancelWanted);
      const ids = gone.map((unit) => unit.id);
      // A vendor that cancels whole orders alone goes on while any task of it is wanted; what comes is late then.
      if (vendor.capabilities.cancels === 'unit' || !rest) {
        await guard.insistOnce(row, () => vendor.cancel(order, placement, ids));
      }
      await orders.markCancelSent(db, ids);
    },

    /** Pays what bonuses the order has; each at most once. */
    async payBonuses(input: { orderId: string }): Promise<void> {
      const row = await orderOf(input.orderId);
      if (!row.placement) return;
      const vendor = await vendorOf(row);
      await guard.admit(row.vendor);
      const { order } = await writer.write(row, { all: true });
      const { placement } = row;
      // One that is taken for dead is run again beside itself, and finds the other's bonuses begun.
      await whileAlive(() => payBonuses(db, { row, vendor, order, placement }));
    },

    /** Where a payment of a payout run is settled: the queue of its vendor; missing where no worker has its credentials. */
    async paymentQueue(input: { paymentId: string }): Promise<{ queue?: string }> {
      const vendor = await vendorOfPayment(db, input.paymentId);
      return vendor !== undefined && isVendor(vendor) && vendors.has(vendor) ? { queue: vendorTaskQueue(vendor) } : {};
    },

    /** Settles a payment of a payout run through its vendor, or some of its orders. */
    settlePayment: async (input: { paymentId: string }): Promise<void> =>
      settlePayment({ db, guard, writer, orderOf, vendorOf }, input.paymentId),

    /** Asks the next workforce, too, for what is outstanding. Each task once; one without room in a cap stays as it is. */
    async hedgeOrder(input: { orderId: string }): Promise<{ hedged: number }> {
      const row = await orderOf(input.orderId);
      const { workforces } = await policyOf(row.campaignId, row.policyVersion);
      let hedged = 0;
      for (const { id, taskId } of await hedgeableUnits(db, row.id)) {
        if (await hedgeUnit(db, { row, unitId: id, taskId, workforces })) hedged++;
      }
      wake();
      return { hedged };
    },

    /** The time is over: wants nothing more of it. */
    expireOrder: async (input: { orderId: string }): Promise<void> => orders.cancelRest(db, input.orderId),

    async endOrder(input: { orderId: string; state: 'closed' | 'failed' | 'ambiguous' }): Promise<void> {
      const row = await orderOf(input.orderId);
      const state = await orders.endOrder(db, { id: row.id, state: input.state, units: 'failed' });
      if (state !== 'failed' && state !== 'ambiguous') return;
      const what =
        state === 'failed'
          ? `${row.vendor} did not take the order; its tasks go on with the next step of their escalation.`
          : `Whether ${row.vendor} has the order is not known; look for ${row.key} there before anything is bought again.`;
      const evidence = { key: row.key, attempts: row.attempts };
      await orders.reportOrderEnd(db, { orderId: row.id, kind: `order_${state}`, detail: what, evidence });
    },
  });

  async function buy(row: orders.OrderRow): Promise<void> {
    const vendor = vendors.get(row.vendor);
    if (!vendor) {
      const message = withoutCredentials(row.vendor);
      throw ApplicationFailure.create({ type: 'vendor_refused', message, nonRetryable: true });
    }
    await guard.admit(row.vendor);
    const { again, attempt } = await orders.beginSubmit(db, row);
    const { order } = await writer.write(row);
    if (order.units.length === 0) {
      await orders.endOrder(db, { id: row.id, state: 'closed', units: 'cancelled' });
      return;
    }
    const estimate = vendor.estimate(order);
    if (estimate.perAnswerMicros > row.priceMicros) {
      const message = `An answer of ${row.vendor} would cost $${formatUsd(estimate.perAnswerMicros)} (${estimate.basis}), above the order's price of $${formatUsd(row.priceMicros)}.`;
      throw ApplicationFailure.create({ type: 'vendor_refused', message, nonRetryable: true });
    }
    const hash = sha256(canonicalJson(hashable(order)));
    if (!(await orders.fixPayload(db, { id: row.id, hash, estimate }))) {
      const message = `The order ${row.key} was sent with another content before; it is not sent again.`;
      throw ApplicationFailure.create({ type: 'vendor_refused', message, nonRetryable: true });
    }
    const purchase = {
      signal: unlessShutdown(Context.current().cancellationSignal),
      isLatest: () => orders.isLatestAttempt(db, { id: row.id, attempt }),
    };
    const placement = await guard.run(row, () => asAttempt(purchase, () => vendor.submit(order, { again })));
    const without = order.units.map(({ key }) => key).filter((key) => placement.units[key] === undefined);
    await orders.markPlaced(db, { id: row.id, vendor: row.vendor, placement: storable(placement), without });
  }

  async function hedgeTime(row: orders.OrderRow): Promise<{ hedgeAtMs?: number }> {
    if (row.state !== 'placed' || row.vendor === 'llm' || !row.submittedAt) return {};
    const { hedge } = await policyOf(row.campaignId, row.policyVersion);
    if (!hedge || (await hedgeableUnits(db, row.id)).length === 0) return {};
    const afterMs = hedgeAfterMs(await paceOf(db, row), hedge);
    return afterMs === undefined ? {} : { hedgeAtMs: row.submittedAt.getTime() + afterMs };
  }

  async function takeIn(row: orders.OrderRow, unit: orders.UnitRow, response: VendorResponse): Promise<void> {
    const { id: responseKey, workerId, answers, timeSpentS, confidence, costMicros, feeMicros = 0n } = response;
    const read = await writer.read(row, unit, answers);
    const priceMicros = leastMicros(row.priceMicros, costMicros ?? row.priceMicros);
    await ingest(db, {
      orderId: row.id,
      unitId: unit.id,
      taskId: unit.taskId,
      campaignId: row.campaignId,
      vendor: row.vendor,
      responseKey,
      workerId,
      answers,
      hash: sha256(canonicalJson({ workerId, answers })),
      read,
      timeSpentS: timeSpentS === undefined ? null : Math.min(MAX_TIME_S, Math.max(0, timeSpentS)),
      ...(confidence === undefined ? {} : { confidence }),
      costMicros: costMicros ?? null,
      priceMicros,
      // A fee that is no part of the price is none that can be told apart.
      feeMicros: feeMicros > 0n && feeMicros < priceMicros ? feeMicros : 0n,
    });
    if (costMicros === undefined || costMicros <= row.priceMicros) return;
    await orders.reportIncident(db, {
      orderId: row.id,
      kind: 'price_changed',
      key: `price:${row.id}:${costMicros}`,
      detail: `${row.vendor} asks ${costMicros} micro-dollars for an answer; ordered at ${row.priceMicros}, which is what is booked.`,
      evidence: { responseKey, costMicros: `${costMicros}`, priceMicros: `${row.priceMicros}` },
    });
  }

  async function bookUnanswered(row: orders.OrderRow, unit: orders.UnitRow, usage: UnansweredUsage): Promise<void> {
    const { id, workerId, costMicros } = usage;
    const micros = leastMicros(costMicros, row.priceMicros);
    if (micros === 0n) return;
    const key = `unit:${unit.id}:${id}`;
    const { taskId } = unit;
    const booked = await bookUsage(db, {
      orderId: row.id,
      campaignId: row.campaignId,
      taskId,
      vendor: row.vendor,
      workerId,
      key,
      micros,
    });
    if (booked !== 'no_room') return;
    await orders.reportIncident(db, {
      ...{
        orderId: row.id,
        kind: 'no_budget',
        key: `no_budget:${key}`,
        evidence: { taskId, costMicros: `${costMicros}` },
      },
      detail: `${workerId} cost ${micros} micro-dollars without an answer, for which the budget has no room; it is not booked.`,
    });
  }

  async function closeUnit(row: orders.OrderRow, unit: orders.UnitRow, found: FetchedUnit): Promise<void> {
    if (found.state === 'open') return;
    const end = found.state === 'done' ? 'complete' : found.state;
    await db.begin((tx) => orders.closeUnits(tx, [unit.id], unit.cancelWanted ? 'cancelled' : end));
    // A judge is one annotator, so it gives one answer, however many are wanted; the rest is for others.
    const wanted = row.vendor === 'llm' ? 1 : unit.answers;
    const taken = Math.min(found.responses.length, await takenIn(db, unit.id));
    const whole =
      found.state === 'done' &&
      taken >= wanted &&
      // One of several judges answered, and this is why another did not.
      (row.vendor !== 'llm' || found.reason === undefined);
    if (whole || (found.state !== 'done' && unit.cancelWanted)) return;
    await orders.reportIncident(db, {
      orderId: row.id,
      kind: 'short',
      key: `short:${unit.id}`,
      detail: `${row.vendor} ended a task with ${taken} of ${unit.answers} answers: ${found.reason ?? found.state}.`,
      evidence: { taskId: unit.taskId },
    });
  }

  /** An answer that was there is not any more: what was taken in stays, and a person is told. */
  async function reportMissing(row: orders.OrderRow, fetched: readonly FetchedUnit[]): Promise<void> {
    const there = new Set(fetched.flatMap(({ key, responses }) => responses.map(({ id }) => `${key} ${id}`)));
    const seen = new Set(fetched.map(({ key }) => key));
    for (const { unitId, responseKey, state } of await responsesOf(db, row.id)) {
      if (!seen.has(unitId) || there.has(`${unitId} ${responseKey}`)) continue;
      await orders.reportIncident(db, {
        orderId: row.id,
        kind: 'recalled',
        key: `recalled:${unitId}:${responseKey}`,
        detail: `${row.vendor} took an answer back after it was taken in; it stands until somebody decides.`,
        evidence: { responseKey, state },
      });
    }
  }

  /**
   * Pays the workers of what was taken in, where the vendor has such an act, and does what a person ruled on the rest. What it
   * refuses is for a person.
   */
  async function accept(at: Placed, fetched: readonly FetchedUnit[]): Promise<void> {
    const { row } = at;
    const found = foundAnswers(fetched);
    for (const answer of await responsesOf(db, row.id)) {
      const { id, unitId, responseKey, state, settled } = answer;
      const counts = state === 'counted' || state === 'late';
      // While its rejection waits somebody may rule that it is paid.
      const act = counts ? 'accept' : answer.waits ? null : answer.ruling;
      if (settled) continue;
      // Paid without our saying so, as MTurk does after some days: it is owed, whatever a person will say of it.
      const isPaid = act === null && UNCOUNTED_STATES.has(state) && found(answer)?.review === 'accepted';
      if (isPaid) await bookUncounted(db, row, answer);
      if (act === null) continue;
      Context.current().heartbeat();
      if (act === 'reject' && !(await isDueForRejection(db, id))) continue;
      const reason = answer.rulingReason ?? '';
      const said =
        act === 'accept'
          ? await acceptAnswer(at, answer, found(answer))
          : await rejectAnswer(at, { ...answer, reason }, found(answer));
      if (said === 'done') {
        // One that was not taken in is booked when it is paid, and not before: its vendor may refuse.
        if (act === 'accept' && !counts) await bookUncounted(db, row, answer);
        else await markSettled(db, [id]);
      } else {
        const what = act === 'accept' ? 'An answer is not paid there' : 'An answer was to be rejected there and is not';
        const detail = `${what}: ${said.refused}`;
        const evidence = { responseKey, state };
        const key = `accept:${unitId}:${responseKey}`;
        await orders.reportIncident(db, { orderId: row.id, kind: 'accept_refused', key, detail, evidence });
      }
    }
  }
}

type UnansweredUsage = NonNullable<FetchedUnit['unanswered']>[number];

/** What must not change under one key: bigint as text. */
function hashable({ callbackUrl: _, waitMs: __, ...order }: Order) {
  return { ...order, priceMicros: order.priceMicros.toString() };
}

/** A refusal after an earlier attempt says nothing of what that one has bought: it is not known, and a person looks. */
function asUnknown(error: unknown): unknown {
  if (!(error instanceof ApplicationFailure) || error.type !== 'vendor_refused') return error;
  const message = `${error.message} An earlier attempt may have bought something all the same.`;
  return ApplicationFailure.create({ type: 'vendor_unknown', message, nonRetryable: true, category: 'BENIGN' });
}

import { v7 as uuidv7 } from 'uuid';
import type { VendorName } from '../../domain/vendors/names.ts';
import { storable } from '../../domain/vendors/storable.ts';
import { type Db, json, only, type Queryable, type Tx } from '../client.ts';
import type { OrderState, UnitState } from '../schema/states.ts';
import { extendAuthorization, lockAuthorizations } from './authorizations.ts';
import { type ClosedUnit, tellClosed } from './judging.ts';
import { writeOutbox } from './outbox.ts';
import { cancelLoneGolds } from './vendor-golds.ts';

export interface OrderRow {
  readonly id: string;
  readonly campaignId: string;
  readonly campaign: string;
  readonly vendor: VendorName;
  readonly key: string;
  readonly state: OrderState;
  readonly policyVersion: number;
  readonly priceMicros: bigint;
  readonly attempts: number;
  readonly payloadHash: string | null;
  readonly placement: { readonly externalId: string; readonly units: Record<string, string> } | null;
  readonly deadlineAt: Date;
  readonly submittedAt: Date | null;
  /** Since when its campaign is paused; null while it is not. */
  readonly pausedAt: Date | null;
}

/** One order. */
export async function findOrder(sql: Queryable, id: string): Promise<OrderRow | undefined> {
  const [row] = await sql<OrderRow[]>`
    select o.id, o.campaign_id as "campaignId", c.name as campaign, o.vendor, o.key, o.state,
      o.policy_version as "policyVersion", o.price_micros as "priceMicros", o.attempts, o.payload_hash as "payloadHash",
      o.placement, o.deadline_at as "deadlineAt", o.submitted_at as "submittedAt",
      case when c.state = 'paused' then c.paused_at end as "pausedAt"
    from vendor_orders o join campaigns c on c.id = o.campaign_id where o.id = ${id}`;
  return row;
}

export interface UnitRow {
  readonly id: string;
  readonly taskId: string;
  readonly answers: number;
  readonly state: UnitState;
  readonly cancelWanted: boolean;
  readonly cancelSent: boolean;
  readonly payload: unknown;
}

/**
 * What is reserved for each answer to a task `t`: its price, or what its batch has set aside by the price of the vendor that is
 * asked first. Of one that was opened again what its batch had is released.
 */
const reservedEach = (sql: Queryable) => sql`greatest(t.price_micros, case when t.reopened = 0 then (
    select l.amount_micros / (p.settings ->> 'maxRedundancy')::bigint
    from ledger l join policies p on p.campaign_id = t.campaign_id and p.version = t.policy_version
    where l.key = 'reserve:' || t.id
  ) end)`;

/** The tasks of an order, in a fixed order, with what they show. */
export async function unitsOf(sql: Queryable, orderId: string): Promise<UnitRow[]> {
  return sql<UnitRow[]>`
    select u.id, u.task_id as "taskId", u.answers, u.state, u.cancel_wanted as "cancelWanted",
      u.cancel_sent_at is not null as "cancelSent", p.payload
    from vendor_units u join tasks t on t.id = u.task_id join item_payloads p on p.item_id = t.item_id
    where u.order_id = ${orderId} order by u.id`;
}

/**
 * Notes that the order is about to be sent: from now on an unknown outcome is possible. The first time reserves what a
 * vendor's answers may cost beyond what their tasks have reserved; a task without room in the budget is left out.
 * `attempt` is this one's number: see `isLatestAttempt`.
 */
export async function beginSubmit(db: Db, order: OrderRow): Promise<{ again: boolean; attempt: number }> {
  return db.begin(async (tx) => {
    const [now] = await tx<{ state: OrderState; attempts: number }[]>`
      select state, attempts from vendor_orders where id = ${order.id} for update`;
    if (now?.state === 'intent') {
      // What nobody wants any more is not bought at all, nor golds without work.
      const dropUnwanted = () => tx`
        update vendor_units set state = 'cancelled', closed_at = now()
        where order_id = ${order.id} and state = 'ordered' and cancel_wanted`;
      await dropUnwanted();
      await reserveSurcharge(tx, order);
      await cancelLoneGolds(tx, order.id);
      await dropUnwanted();
    }
    await tx`
      update vendor_orders set state = 'submitting', attempts = attempts + 1
      where id = ${order.id} and state in ('intent', 'submitting')`;
    const before = now?.attempts ?? 0;
    return { again: before > 0, attempt: before + 1 };
  });
}

/** Whether no later attempt to send the order has begun, and none has succeeded. */
export async function isLatestAttempt(sql: Queryable, order: { id: string; attempt: number }): Promise<boolean> {
  const rows = await sql`
    select 1 from vendor_orders where id = ${order.id} and state = 'submitting' and attempts = ${order.attempt}`;
  return rows.length > 0;
}

async function reserveSurcharge(tx: Tx, order: OrderRow): Promise<void> {
  // Units, authorizations, budget: the order in which a task's end locks them.
  await tx`select 1 from vendor_units where order_id = ${order.id} order by id for update`;
  // Golds are paid from the campaign's gold money.
  const dearer = await tx<{ id: string; taskId: string; answers: number; moreMicros: bigint }[]>`
    select * from (
      select u.id, u.task_id as "taskId", u.answers, ${order.priceMicros}::bigint - ${reservedEach(tx)} as "moreMicros"
      from vendor_units u join tasks t on t.id = u.task_id
      where u.order_id = ${order.id} and u.state = 'ordered' and t.kind = 'work'
    ) each where "moreMicros" > 0 order by id`;
  await lockAuthorizations(
    tx,
    dearer.map((unit) => unit.taskId),
  );
  const unpaid: string[] = [];
  for (const unit of dearer) {
    const amountMicros = unit.moreMicros * BigInt(unit.answers);
    const { campaignId } = order;
    const extension = {
      campaignId,
      taskId: unit.taskId,
      amountMicros,
      key: `reserve-vendor:${unit.id}`,
      orderId: order.id,
    };
    if (await extendAuthorization(tx, extension)) continue;
    unpaid.push(unit.id);
    const detail = `The budget has no room for ${unit.answers} answers of ${order.vendor}; the task was not sent.`;
    await reportIncident(tx, {
      orderId: order.id,
      kind: 'no_budget',
      key: `no_budget:${unit.id}`,
      detail,
      evidence: { taskId: unit.taskId },
    });
  }
  await closeUnits(tx, unpaid, 'failed');
}

/** Remembers what is sent under the order's key, and what it is estimated to cost. False when something else was sent before. */
export async function fixPayload(
  sql: Queryable,
  order: { id: string; hash: string; estimate: { readonly totalMicros: bigint; readonly basis: string } },
): Promise<boolean> {
  const rows = await sql`
    update vendor_orders set payload_hash = ${order.hash}, estimate_micros = ${order.estimate.totalMicros},
      estimate_basis = ${order.estimate.basis}
    where id = ${order.id} and coalesce(payload_hash, ${order.hash}) = ${order.hash} returning id`;
  return rows.length > 0;
}

/**
 * The vendor has the order, but for the units `without`: these get no answers, and a person is told why. So is one where
 * another attempt has placed it already: what this one bought is collected by nobody.
 */
export async function markPlaced(
  db: Db,
  order: {
    id: string;
    vendor: string;
    placement: { readonly externalId: string; readonly refused?: string };
    without: readonly string[];
  },
): Promise<void> {
  const { id, placement, without } = order;
  await db.begin(async (tx) => {
    const placed = await tx`
      update vendor_orders set state = 'placed', placement = ${json(tx, placement)}, submitted_at = now(), last_error = null
      where id = ${id} and state in ('intent', 'submitting') returning id`;
    if (placed.length === 0) return reportPlacedTwice(tx, order);
    await closeUnits(tx, without, 'failed');
    if (without.length === 0) return;
    await reportIncident(tx, {
      ...{ orderId: id, kind: 'units_refused', key: `units_refused:${id}`, evidence: { unitIds: without } },
      detail: `${order.vendor} did not take ${without.length} tasks of an order; they go on with their escalation. ${placement.refused ?? ''}`,
    });
  });
}

async function reportPlacedTwice(
  tx: Tx,
  { id, vendor, placement: { externalId } }: Parameters<typeof markPlaced>[1],
): Promise<void> {
  const [first] = await tx<{ externalId: string | null }[]>`
    select placement ->> 'externalId' as "externalId" from vendor_orders where id = ${id}`;
  if (first?.externalId === externalId) return;
  await reportIncident(tx, {
    ...{ orderId: id, kind: 'placed_twice', key: `placed_twice:${id}:${externalId}` },
    detail: `${vendor} has a second purchase of this order, ${externalId}, of which nothing is collected; cancel it there.`,
    evidence: { externalId, placed: first?.externalId ?? null },
  });
}

/** The last thing that went wrong. */
export async function noteOrderError(sql: Queryable, order: { id: string; error: string }): Promise<void> {
  await sql`update vendor_orders set last_error = ${storable(order.error.slice(0, 1000))} where id = ${order.id}`;
}

/** How long after its end a vendor is asked once more about an order, and how often. Its own webhooks are heeded for ever. */
export const LOOK_BACK = { everyDays: 1, days: 7 };

/**
 * When the next rejection of an order is to be carried out; one that could not be just now is tried each day for as long as
 * orders are looked at again. Null where there is none.
 */
const nextRejection = (sql: Queryable) => sql`(
    select min(case when r.reject_at > now() then r.reject_at else now() + ${LOOK_BACK.everyDays} * interval '1 day' end)
    from vendor_units u join vendor_responses r on r.unit_id = u.id
    where u.order_id = vendor_orders.id and r.settled_at is null and r.reject_at > now() - ${LOOK_BACK.days} * interval '1 day'
  )`;

/**
 * Ends an order; units that wait for answers end as `units`. Repeating changes nothing. The state it has: one that was never
 * sent is not ambiguous, as the vendor cannot have it.
 */
export async function endOrder(
  db: Db,
  order: { id: string; state: 'closed' | 'failed' | 'ambiguous'; units: 'failed' | 'cancelled' },
): Promise<OrderState> {
  return db.begin(async (tx) => {
    const closed = await tx<ClosedUnit[]>`
      update vendor_units set state = case when cancel_wanted then 'cancelled' else ${order.units} end, closed_at = now()
      where order_id = ${order.id} and state = 'ordered' returning task_id as "taskId", vendor`;
    await tx`
      update vendor_orders set closed_at = now(),
        state = case when ${order.state} = 'ambiguous' and payload_hash is null then 'failed' else ${order.state} end,
        next_look_at = case when ${order.state} = 'closed' and placement is not null and vendor <> 'llm'
          then least(now() + ${LOOK_BACK.everyDays} * interval '1 day', ${nextRejection(tx)}) end
      where id = ${order.id} and state in ('intent', 'submitting', 'placed')`;
    // What may be bought is waited for: a person looks.
    await tellClosed(tx, closed, { left: order.state !== 'ambiguous' });
    return only(await tx<{ state: OrderState }[]>`select state from vendor_orders where id = ${order.id}`).state;
  });
}

/**
 * Has closed orders look at their vendor once more whose time for that has come, at most `limit`: what was amended, taken
 * back or came late in the days after their end. Says how many.
 */
export async function lookAgain(db: Db, limit: number): Promise<number> {
  return db.begin(async (tx) => {
    const due = await tx<{ id: string }[]>`
      with due as (
        select id from vendor_orders where next_look_at <= now() order by next_look_at limit ${limit} for update skip locked
      )
      update vendor_orders set next_look_at = least(case
        when now() + ${LOOK_BACK.everyDays} * interval '1 day' <= closed_at + ${LOOK_BACK.days} * interval '1 day'
        then now() + ${LOOK_BACK.everyDays} * interval '1 day' end, ${nextRejection(tx)})
      from due where vendor_orders.id = due.id returning vendor_orders.id`;
    await writeOutbox(
      tx,
      due.map(({ id: targetId }) => ({ kind: 'signal_order', targetId, message: 'orderChanged', payload: {} })),
    );
    return due.length;
  });
}

/** Units that shall be cancelled and whose vendor has not been told. */
export async function markCancelSent(sql: Queryable, unitIds: readonly string[]): Promise<void> {
  await sql`update vendor_units set cancel_sent_at = now() where id = any(${unitIds as string[]}::uuid[])`;
}

/** No more answers come for these units. One with answers that wait for their campaign to go on stays: they are still to be placed. */
export async function closeUnits(
  tx: Tx,
  units: readonly string[],
  state: 'complete' | 'cancelled' | 'failed',
): Promise<void> {
  if (units.length === 0) return;
  const closed = await tx<ClosedUnit[]>`
    update vendor_units set state = ${state}, closed_at = now()
    where id = any(${units as string[]}::uuid[]) and state = 'ordered' and not exists (
      select from vendor_responses r where r.unit_id = vendor_units.id and r.state = 'waiting'
    )
    returning task_id as "taskId", vendor`;
  await tellClosed(tx, closed);
}

/** Wants no more answers of this order: its time is over, and its tasks need not wait for it. */
export async function cancelRest(db: Db, orderId: string): Promise<void> {
  await db.begin(async (tx) => {
    const closed = await tx<ClosedUnit[]>`
      update vendor_units set cancel_wanted = true where order_id = ${orderId} and state = 'ordered' and not cancel_wanted
      returning task_id as "taskId", vendor`;
    await tellClosed(tx, closed);
  });
}

export interface Incident {
  readonly orderId: string;
  readonly kind: string;
  readonly key: string;
  readonly detail: string;
  readonly evidence: unknown;
}

/** Leaves something for a person to look at, once for each key. */
export async function reportIncident(sql: Queryable, incident: Incident): Promise<void> {
  await sql`
    insert into vendor_incidents (id, order_id, kind, key, detail, evidence)
    values (${uuidv7()}, ${incident.orderId}, ${incident.kind}, ${incident.key},
      ${storable(incident.detail)}, ${json(sql, storable(incident.evidence))})
    on conflict (key) do nothing`;
}

/** Leaves the end of an order for a person to look at: once, and once more for each time that one has had it sent again. */
export async function reportOrderEnd(sql: Queryable, incident: Omit<Incident, 'key'>): Promise<void> {
  const { orderId } = incident;
  const { sent } = only(
    await sql<{ sent: number }[]>`
      select count(*)::int as sent from vendor_incidents where order_id = ${orderId} and ruling = 'send_again'`,
  );
  await reportIncident(sql, { ...incident, key: sent === 0 ? `order:${orderId}` : `order:${orderId}:${sent}` });
}

/**
 * Leaves for a person that a vendor refuses what must be done: once an order, and once more where it still does a day after
 * somebody has seen to it.
 */
export async function reportRefusal(sql: Queryable, incident: Omit<Incident, 'key' | 'kind'>): Promise<void> {
  const { orderId } = incident;
  const { seen } = only(
    await sql<{ seen: number }[]>`
      select count(*)::int as seen from vendor_incidents
      where order_id = ${orderId} and kind = 'vendor_refused' and resolved_at < now() - interval '1 day'`,
  );
  const key = seen === 0 ? `refused:${orderId}` : `refused:${orderId}:${seen}`;
  await reportIncident(sql, { ...incident, kind: 'vendor_refused', key });
}

export interface Health {
  readonly failures: number;
  readonly openUntil: Date | null;
}

/** Whether the vendor's circuit is open. */
export async function healthOf(sql: Queryable, vendor: string): Promise<Health | undefined> {
  const [row] = await sql<Health[]>`
    select failures, open_until as "openUntil" from vendor_health where vendor = ${vendor}`;
  return row;
}

/** A call succeeded: the circuit closes. Written only where something has to change. */
export async function noteSuccess(sql: Queryable, vendor: string): Promise<void> {
  await sql`
    update vendor_health set failures = 0, open_until = null, updated_at = now()
    where vendor = ${vendor} and (failures > 0 or open_until is not null)`;
}

/** A call failed in a way that says the vendor is down: `limit` of them in a row open the circuit for `openMs`. */
export async function noteFailure(
  sql: Queryable,
  failure: { vendor: string; error: string; limit: number; openMs: number },
): Promise<void> {
  await sql`
    insert into vendor_health as h (vendor, failures, last_error) values (${failure.vendor}, 1, ${storable(failure.error.slice(0, 500))})
    on conflict (vendor) do update set failures = h.failures + 1, last_error = excluded.last_error, updated_at = now(),
      open_until = case when h.failures + 1 >= ${failure.limit}
        then now() + ${failure.openMs}::float8 * interval '1 millisecond' else h.open_until end`;
}

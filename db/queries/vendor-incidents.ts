import { QuorateError } from '../../domain/failures.ts';
import { leastMicros } from '../../domain/money.ts';
import { type IncidentRuling, rejectsAtMs, rulingsOn } from '../../domain/vendors/incidents.ts';
import type { Db, Queryable, Tx } from '../client.ts';
import { UNCOUNTED_STATES } from '../schema/states.ts';
import { bookUsageIn, lockPurse } from './judge-usage.ts';
import { writeOutbox } from './outbox.ts';
import { reopenTasksIn } from './reopenings.ts';
import { markSettled } from './vendor-ingest.ts';
import { type OrderRow, reportIncident } from './vendor-orders.ts';

interface IncidentView {
  readonly id: string;
  readonly orderId: string;
  readonly vendor: string;
  readonly kind: string;
  readonly detail: string;
  readonly evidence: unknown;
  readonly createdAt: string;
  readonly resolvedAt: string | null;
  readonly resolvedBy: string | null;
  readonly ruling: IncidentRuling | null;
  readonly note: string | null;
  /** When its rejection is carried out: until then it can be ruled to be paid. Null where none waits. */
  readonly rejectsAt: string | null;
}

/** When the rejection that was ruled on incident `i` is carried out; null where none waits any more. */
const rejectsAt = (sql: Queryable) => sql`(
    select r.reject_at from vendor_responses r
    where i.ruling = 'reject' and r.unit_id = substring(i.key from ':([0-9a-f-]{36}):')::uuid
      and r.response_key = i.evidence ->> 'responseKey' and r.version = 1 and r.settled_at is null and r.reject_at > clock_timestamp()
  )`;

/**
 * A campaign's incidents, newest first, from the one after `before` on: those that nobody has resolved, with rejections that
 * wait, or those that are.
 */
export async function listIncidents(
  sql: Queryable,
  query: { campaignId: string; resolved: boolean; limit: number; before: string | null },
): Promise<IncidentView[]> {
  const rows = await sql<
    (Omit<IncidentView, 'createdAt' | 'resolvedAt' | 'rejectsAt'> & {
      createdAt: Date;
      resolvedAt: Date | null;
      rejectsAt: Date | null;
    })[]
  >`
    select i.id, i.order_id as "orderId", o.vendor, i.kind, i.detail, i.evidence, i.created_at as "createdAt",
      i.resolved_at as "resolvedAt", i.resolved_by as "resolvedBy", i.ruling, i.note,
      w.at as "rejectsAt"
    from vendor_incidents i join vendor_orders o on o.id = i.order_id cross join lateral (select ${rejectsAt(sql)} as at) w
    where o.campaign_id = ${query.campaignId} and (i.resolved_at is not null and w.at is null) = ${query.resolved}
      and (${query.before}::uuid is null
        or (i.created_at, i.id) < (select created_at, id from vendor_incidents where id = ${query.before}))
    order by i.created_at desc, i.id desc limit ${query.limit}`;
  return rows.map(({ createdAt, resolvedAt, rejectsAt: waits, ...row }) => ({
    ...row,
    createdAt: createdAt.toISOString(),
    resolvedAt: resolvedAt?.toISOString() ?? null,
    rejectsAt: waits?.toISOString() ?? null,
  }));
}

interface Found {
  readonly id: string;
  readonly orderId: string;
  readonly campaignId: string;
  readonly vendor: string;
  readonly kind: string;
  readonly key: string;
  readonly evidence: { readonly responseKey?: string };
  readonly isOpen: boolean;
  /** It is to be rejected, and not yet. */
  readonly waits: boolean;
  readonly note: string | null;
  /** How long rejections wait in its campaign. */
  readonly windowMs: number | null;
}

/** A person's ruling on an incident, and how they know. */
export interface Ruling {
  readonly campaignId: string;
  readonly id: string;
  readonly ruling: IncidentRuling;
  readonly note: string;
  /** A key's id. */
  readonly by: string;
  readonly nowMs: number;
}

/**
 * Does what a person rules on an incident and closes it, in one transaction; see `INCIDENT_RULINGS`. Throws not_found,
 * conflict where it is closed already or cannot be done any more, budget_exceeded where there is no money for it.
 */
export async function resolveIncident(db: Db, given: Ruling): Promise<void> {
  await db.begin(async (tx) => {
    const [found] = await tx<Found[]>`
      select i.id, i.order_id as "orderId", o.campaign_id as "campaignId", o.vendor, i.kind, i.key, i.evidence,
        i.resolved_at is null as "isOpen", i.note, ${rejectsAt(tx)} is not null as waits,
        (c.settings ->> 'rejectionWindowMs')::float8 as "windowMs"
      from vendor_incidents i join vendor_orders o on o.id = i.order_id join campaigns c on c.id = o.campaign_id
      where i.id = ${given.id} and o.campaign_id = ${given.campaignId} for update of i`;
    if (!found) throw new QuorateError('not_found', `There is no incident ${given.id} in this campaign.`);
    if (!found.isOpen && !found.waits) {
      throw new QuorateError('conflict', 'Somebody has resolved this incident already.');
    }
    const allowed = rulingsOn(found);
    if (!allowed.includes(given.ruling)) {
      const message =
        allowed.length === 0
          ? 'The review of its bonus closes this incident; rule on that.'
          : `An incident of this kind is resolved by ${allowed.join(' or ')}, not by ${given.ruling}.`;
      throw new QuorateError('invalid_input', message, { field: 'ruling' });
    }
    await carryOut(tx, found, given);
    const note = found.waits ? `${given.note} (First it was to be rejected: ${found.note})` : given.note;
    await tx`
      update vendor_incidents set resolved_at = now(), resolved_by = ${given.by}, ruling = ${given.ruling}, note = ${note}
      where id = ${found.id}`;
  });
}

async function carryOut(tx: Tx, incident: Found, given: Ruling): Promise<void> {
  switch (given.ruling) {
    case 'seen':
      return;
    case 'not_bought':
      await tx`update vendor_orders set state = 'failed' where id = ${incident.orderId} and state = 'ambiguous'`;
      return;
    case 'send_again':
      return sendAgain(tx, incident);
    case 'accept':
    case 'reject':
      return settleUncounted(tx, incident, given);
    case 'leave_out':
      return leaveOut(tx, incident, given);
  }
}

/**
 * Has an order whose outcome is not known looked for at its vendor, and what of it is not there bought: with all tasks that
 * were in it, as its content is fixed. Those that want no answers of it any more are cancelled as soon as it is placed.
 */
async function sendAgain(tx: Tx, { orderId, campaignId }: Found): Promise<void> {
  const paused = await tx`select 1 from campaigns where id = ${campaignId} and state = 'paused'`;
  if (paused.length > 0) {
    throw new QuorateError('conflict', 'Nothing is bought while the campaign is paused; resume it first.');
  }
  const again = await tx`
    with sent as (
      select id, closed_at from vendor_orders where id = ${orderId} and state = 'ambiguous' for update
    ), units as (
      -- What was not in it was closed at another time.
      update vendor_units u set state = 'ordered', closed_at = null,
        cancel_wanted = u.cancel_wanted or not exists (
          select from tasks t where t.id = u.task_id and t.state = 'open' and t.workforce = u.vendor
            and not exists (select from vendor_units v where v.task_id = t.id and v.vendor = u.vendor and v.generation > u.generation)
        )
      from sent where u.order_id = sent.id and u.closed_at = sent.closed_at and u.state in ('failed', 'cancelled')
    )
    update vendor_orders o set state = 'submitting', closed_at = null,
      deadline_at = greatest(o.deadline_at, now() + interval '1 day')
    from sent where o.id = sent.id returning o.id`;
  if (again.length === 0) throw new QuorateError('conflict', 'The order is not ambiguous any more.');
  const wanted = await tx`
    select 1 from vendor_units u join tasks t on t.id = u.task_id and t.kind = 'work'
    where u.order_id = ${orderId} and u.state = 'ordered' and not u.cancel_wanted limit 1`;
  if (wanted.length === 0) {
    throw new QuorateError(
      'conflict',
      'No task of the order wants answers of it any more; resolve this by not_bought.',
    );
  }
  await wake(tx, orderId);
}

/** An answer that was not taken in: its vendor is told, and where it is paid there it is booked then (`bookUncounted`). */
async function settleUncounted(tx: Tx, incident: Found, { ruling, note, nowMs }: Ruling): Promise<void> {
  const { orderId, campaignId, vendor } = incident;
  const answer = await answerOf(tx, incident);
  // Its row is locked by now, and whoever tells the vendor locks it first.
  const tooLate = incident.waits && !answer?.waits;
  if (!answer || !UNCOUNTED_STATES.has(answer.state) || answer.settled || tooLate) {
    throw new QuorateError('conflict', 'The answer is not one that waits for this ruling any more.');
  }
  if (ruling === 'accept') {
    const purse = await lockPurse(tx, { campaignId, taskId: answer.taskId });
    if (!purse || priceOfUncounted(answer) > purse.roomMicros) {
      throw new QuorateError('budget_exceeded', 'The budget has no room for what this answer costs; raise it first.');
    }
  }
  const windowMs = incident.windowMs ?? undefined;
  const answeredAtMs = answer.createdAt.getTime();
  const rejectAt = ruling === 'reject' ? new Date(rejectsAtMs({ vendor, nowMs, answeredAtMs, windowMs })) : null;
  await tx`
    update vendor_responses set ruling = ${ruling}, ruling_reason = ${note}, reject_at = ${rejectAt} where id = ${answer.id}`;
  // An order that is closed is looked at when it is time to.
  if (rejectAt) {
    await tx`
      update vendor_orders set next_look_at = least(next_look_at, ${rejectAt}) where id = ${orderId} and state = 'closed'`;
  }
  await wake(tx, orderId);
}

/** What an answer that was not taken in costs where it is paid: never more than it was ordered at. */
const priceOfUncounted = ({ costMicros, priceMicros }: Pick<Answer, 'costMicros' | 'priceMicros'>): bigint =>
  leastMicros(costMicros ?? priceMicros, priceMicros);

/**
 * Books an answer that was not taken in, and that its vendor pays its worker for as a person ruled: once. Where the budget has no
 * room for it any more, a person is told, and it is tried again with the next look.
 */
export async function bookUncounted(
  db: Db,
  order: Pick<OrderRow, 'id' | 'campaignId' | 'vendor' | 'priceMicros'>,
  response: {
    readonly id: string;
    readonly taskId: string;
    readonly workerId: string;
    readonly costMicros: bigint | null;
  },
): Promise<void> {
  const { id: orderId, campaignId, vendor, priceMicros } = order;
  const { id, taskId, workerId, costMicros } = response;
  await db.begin(async (tx) => {
    const micros = priceOfUncounted({ costMicros, priceMicros });
    const usage = { orderId, campaignId, taskId, vendor, workerId, key: `invalid:${id}`, micros };
    if (micros === 0n || (await bookUsageIn(tx, usage)) !== 'no_room') return markSettled(tx, [id]);
    await reportIncident(tx, {
      ...{ orderId, kind: 'no_budget', key: `no_budget:invalid:${id}`, evidence: { taskId, costMicros: `${micros}` } },
      detail: `${vendor} pays for an answer that does not count, and the budget has no room for it any more: it is booked once there is.`,
    });
  });
}

/** An answer that was taken back or changed: it counts no more, and one more is asked for. */
async function leaveOut(tx: Tx, incident: Found, { note, by, nowMs }: Ruling): Promise<void> {
  const { campaignId } = incident;
  // The task before its units, as intake and its end lock them.
  await tx`
    select 1 from tasks t join vendor_units u on u.task_id = t.id
    where u.id = ${unitOf(incident)}::uuid for no key update of t`;
  const answer = await answerOf(tx, incident);
  if (!answer?.annotationId || answer.state !== 'counted') {
    throw new QuorateError('conflict', 'The answer has no part in any decision.');
  }
  const excluded = await tx`select 1 from annotations where id = ${answer.annotationId} and excluded_at is not null`;
  if (excluded.length > 0) {
    throw new QuorateError('conflict', 'The answer is left out already; resolve this by seen.');
  }
  const tasks = [{ taskId: answer.taskId, answers: 1, excludedIds: [answer.annotationId] }];
  const request = { campaignId, cause: 'vendor', reason: note, by, tasks, nowMs } as const;
  const { overBudget, passedOver } = await reopenTasksIn(tx, request);
  if (overBudget > 0)
    throw new QuorateError('budget_exceeded', 'The budget has no room for another answer; raise it first.');
  if (passedOver > 0) {
    throw new QuorateError('conflict', 'Its task is not decided just now; rule on this when it is.');
  }
}

interface Answer {
  readonly id: string;
  readonly taskId: string;
  readonly workerId: string;
  readonly state: string;
  readonly settled: boolean;
  readonly waits: boolean;
  readonly createdAt: Date;
  readonly annotationId: string | null;
  readonly costMicros: bigint | null;
  readonly priceMicros: bigint;
}

/** The unit that an incident is about an answer of: it is in its key. */
const unitOf = ({ key }: Found): string | null => /^\w+:([0-9a-f-]{36}):/.exec(key)?.[1] ?? null;

/** The first version of the answer that an incident is about. */
async function answerOf(tx: Tx, incident: Found): Promise<Answer | undefined> {
  const { orderId, evidence } = incident;
  const { responseKey = null } = evidence;
  const [answer] = await tx<Answer[]>`
    select r.id, u.task_id as "taskId", r.worker_id as "workerId", r.state, r.settled_at is not null as settled,
      coalesce(r.reject_at > clock_timestamp(), false) as waits, r.created_at as "createdAt",
      r.annotation_id as "annotationId", r.cost_micros as "costMicros", o.price_micros as "priceMicros"
    from vendor_units u join vendor_responses r on r.unit_id = u.id join vendor_orders o on o.id = u.order_id
    where u.id = ${unitOf(incident)}::uuid and u.order_id = ${orderId} and r.response_key = ${responseKey} and r.version = 1
    for update of u, r`;
  return answer;
}

async function wake(tx: Tx, orderId: string): Promise<void> {
  await writeOutbox(tx, [{ kind: 'signal_order', targetId: orderId, message: 'orderChanged', payload: {} }]);
}

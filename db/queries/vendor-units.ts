import { v7 as uuidv7 } from 'uuid';
import { goldUnitsBeside } from '../../domain/vendors/golds.ts';
import { MAX_UNITS } from '../../domain/vendors/limits.ts';
import { VENDOR_NAMES, type VendorName } from '../../domain/vendors/names.ts';
import type { Db, Queryable, Tx } from '../client.ts';
import { writeOutbox } from './outbox.ts';
import { addGoldUnits } from './vendor-golds.ts';

/** As a parameter. */
export const vendorNames = VENDOR_NAMES as readonly string[] as string[];

/**
 * Wants answers of the vendor that the task is offered to, as many as it has open slots that are not bought yet.
 * Nothing when its workforce is no vendor. The caller holds the task's row.
 */
export async function wantUnits(tx: Tx, taskId: string): Promise<void> {
  await tx`
    insert into vendor_units (id, task_id, campaign_id, vendor, generation, answers)
    select gen_random_uuid(), t.id, t.campaign_id, t.workforce, 1 + bought.generations, free.slots - bought.answers
    from tasks t
    cross join lateral (
      select count(*)::int as slots from slots s where s.task_id = t.id and s.state = 'open' and s.workforce = t.workforce
    ) free
    cross join lateral (
      select coalesce(max(u.generation), 0) as generations,
        coalesce(sum(u.answers - (
          select count(*) from vendor_responses r where r.unit_id = u.id and r.state = 'counted'
        )) filter (where u.state in ('waiting', 'ordered') and not u.cancel_wanted), 0)::int as answers
      from vendor_units u where u.task_id = t.id and u.vendor = t.workforce
    ) bought
    where t.id = ${taskId} and t.workforce = any(${vendorNames}) and t.state = 'open' and free.slots > bought.answers`;
}

/** Wants no more answers of vendors for this task; their orders are told. */
export async function unwantUnits(tx: Tx, at: { taskId: string }): Promise<void> {
  await tx`
    with unwanted as (
      update vendor_units u set cancel_wanted = true,
        state = case when state = 'waiting' then 'cancelled' else state end,
        closed_at = case when state = 'waiting' then now() else closed_at end
      where task_id = ${at.taskId} and state in ('waiting', 'ordered') and not cancel_wanted
      returning order_id
    )
    insert into outbox (kind, target_id, message, payload)
    select distinct 'signal_order', order_id::text, 'orderChanged', '{}'::jsonb from unwanted where order_id is not null`;
}

export interface Dispatch {
  /** How long units wait for others of their campaign. */
  readonly gatherMs: number;
  /** Told of an order that could not be made, which keeps the others from nothing; without it, it is thrown. */
  readonly failed?: (error: unknown) => void;
}

/** Locks all units of a task: before its authorization, as sending an order does. */
export async function lockUnits(tx: Tx, taskId: string): Promise<void> {
  await tx`select 1 from vendor_units where task_id = ${taskId} order by id for update`;
}

/** True where a unit's task was opened again after the unit was made: the money it was bought with has been released. */
export const reopenedSince = (sql: Queryable, unitId: string) => sql`exists (
    select from vendor_units old join task_reopenings r on r.task_id = old.task_id and r.at > old.created_at
    where old.id = ${unitId}
  )`;

/**
 * Makes orders of units that have waited long enough, or are as many as one order may have. Says how many orders. While a
 * campaign is paused nothing is bought for it.
 */
export async function dispatchUnits(db: Db, { gatherMs, failed }: Dispatch): Promise<number> {
  const due = await db<{ campaignId: string; vendor: VendorName; waiting: number; ready: boolean }[]>`
    select campaign_id as "campaignId", vendor, count(*)::int as waiting,
      min(created_at) <= now() - ${gatherMs}::float8 * interval '1 millisecond' as ready
    from vendor_units u
    where state = 'waiting' and exists (
      select from campaigns c where c.id = u.campaign_id and c.state in ('running', 'stopping')
    )
    group by campaign_id, vendor limit 100`;
  let made = 0;
  for (const { campaignId, vendor, waiting, ready } of due) {
    if (!ready && waiting < MAX_UNITS[vendor]) continue;
    try {
      made += await makeOrder(db, campaignId, vendor);
    } catch (error) {
      if (!failed) throw error;
      failed(error);
    }
  }
  return made;
}

/** One order: its row, its units, golds among them, and the message that starts its workflow, in one transaction. */
async function makeOrder(db: Db, campaignId: string, vendor: VendorName): Promise<number> {
  return db.begin(async (tx) => {
    const units = await tx<{ id: string; policyVersion: number; priceMicros: bigint; answers: number }[]>`
      select u.id, t.policy_version as "policyVersion", t.price_micros as "priceMicros", u.answers
      from vendor_units u join tasks t on t.id = u.task_id and t.state = 'open'
      where u.state = 'waiting' and u.campaign_id = ${campaignId} and u.vendor = ${vendor}
      order by u.created_at, u.id limit ${MAX_UNITS[vendor]}
      for update of u skip locked`;
    const [first] = units;
    if (!first) return 0;
    const { policyVersion } = first;
    const [settings] = await tx<{ price: string | null; waitMs: number | null; goldRatio: number | null }[]>`
      select settings -> 'vendors' -> ${vendor}::text ->> 'priceMicros' as price,
        (settings -> 'vendors' -> ${vendor}::text ->> 'waitMs')::float8 as "waitMs",
        (settings ->> 'goldRatio')::float8 as "goldRatio"
      from policies where campaign_id = ${campaignId} and version = ${policyVersion}`;
    // A judge's accuracy is measured by audits, and it has no attention to lose.
    const goldRatio = vendor === 'llm' ? 0 : (settings?.goldRatio ?? 0);
    const most = Math.max(1, Math.floor(MAX_UNITS[vendor] / (1 + goldRatio)));
    const same = units.filter((unit) => unit.policyVersion === policyVersion).slice(0, most);
    const raised = same.map((unit) => unit.priceMicros).sort((a, b) => (a < b ? 1 : -1))[0] ?? 0n;
    const priceMicros = settings?.price ? BigInt(settings.price) : raised;
    const id = uuidv7();
    await tx`
      insert into vendor_orders (id, campaign_id, vendor, key, policy_version, price_micros, deadline_at)
      values (${id}, ${campaignId}, ${vendor}, ${`quorate-${id}`}, ${policyVersion}, ${priceMicros},
        now() + ${settings?.waitMs ?? DEFAULT_WAIT_MS}::float8 * interval '1 millisecond')`;
    await tx`
      update vendor_units set state = 'ordered', order_id = ${id} where id = any(${same.map((unit) => unit.id)}::uuid[])`;
    const room = MAX_UNITS[vendor] - same.length;
    const count = Math.min(room, goldUnitsBeside(same.length, goldRatio, id));
    await addGoldUnits(tx, { id, campaignId, vendor, answers: first.answers, priceMicros, count });
    await writeOutbox(tx, [{ kind: 'signal_order', targetId: id, message: 'orderChanged', payload: {} }]);
    return 1;
  });
}

const DEFAULT_WAIT_MS = 7 * 24 * 3_600_000;

/** Orders that an event is of which names none of them: the newest, as many as a vendor is asked about at once. */
const OF_ANY = 50;

/**
 * Has the orders that a webhook mentions look at their vendor, once for each event; with `ofAny` those that wait for answers,
 * where it mentions none.
 */
export async function noteWebhook(
  db: Db,
  event: { vendor: string; eventKey: string; mentions: readonly string[]; ofAny?: boolean },
): Promise<{ fresh: boolean; orders: number }> {
  return db.begin(async (tx) => {
    const fresh = await tx`
      insert into vendor_webhooks (vendor, event_key) values (${event.vendor}, ${event.eventKey})
      on conflict do nothing returning vendor`;
    if (fresh.length === 0) return { fresh: false, orders: 0 };
    const { vendor, mentions, ofAny = false } = event;
    const mentioned = await mentionedOrders(tx, vendor, mentions, { ended: !ofAny });
    const orders = mentioned.length === 0 && ofAny ? await placedOrders(tx, vendor) : mentioned;
    await writeOutbox(
      tx,
      orders.map((targetId) => ({ kind: 'signal_order', targetId, message: 'orderChanged', payload: {} })),
    );
    return { fresh: true, orders: orders.length };
  });
}

const WEBHOOK_DAYS = 30;
const FORGOTTEN_AT_ONCE = 5000;

/** Forgets events that come again no more, some at a time. */
export async function forgetWebhooks(db: Db): Promise<void> {
  await db`
    delete from vendor_webhooks where (vendor, event_key) in (
      select vendor, event_key from vendor_webhooks
      where created_at < now() - ${WEBHOOK_DAYS} * interval '1 day' order by created_at limit ${FORGOTTEN_AT_ONCE}
    )`;
}

/**
 * The orders that any of these texts names: by our key or unit, or by the vendor's ids, of which a place may have two. Of
 * units those of orders that have `ended` lately are looked at last, and only if they are asked for: that reads all of them.
 */
export async function mentionedOrders(
  sql: Queryable,
  vendor: string,
  mentions: readonly string[],
  { ended: alsoEnded = true } = {},
): Promise<string[]> {
  if (mentions.length === 0) return [];
  const given = mentions as string[];
  const ids = given.filter((text) => UUID.test(text));
  const known = await sql<{ id: string }[]>`
    select id from vendor_orders where vendor = ${vendor} and key = any(${given}::text[])
    union select order_id from vendor_units where vendor = ${vendor} and id = any(${ids}::uuid[]) and order_id is not null
    union select id from vendor_orders where vendor = ${vendor} and placement is not null
      and placement ->> 'externalId' = any(${given}::text[])
    union select o.id from vendor_orders o, jsonb_each_text(o.placement -> 'units') u
      where o.vendor = ${vendor} and o.placement is not null and o.state = 'placed'
        and (u.value = any(${given}::text[]) or split_part(u.value, '/', 1) = any(${given}::text[]))`;
  if (known.length > 0 || !alsoEnded) return known.map(({ id }) => id);
  const ended = await sql<{ id: string }[]>`
    select distinct o.id from vendor_orders o, jsonb_each_text(o.placement -> 'units') u
    where o.vendor = ${vendor} and o.placement is not null and o.state = 'closed'
      and o.closed_at > now() - ${WEBHOOK_DAYS} * interval '1 day'
      and (u.value = any(${given}::text[]) or split_part(u.value, '/', 1) = any(${given}::text[]))`;
  return ended.map(({ id }) => id);
}

async function placedOrders(sql: Queryable, vendor: string): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select o.id from vendor_orders o where o.vendor = ${vendor} and o.state = 'placed'
    order by o.submitted_at desc nulls last limit ${OF_ANY}`;
  return rows.map(({ id }) => id);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

import { json, type Queryable } from '../client.ts';
import type { OutboxKind } from '../schema/states.ts';

export interface OutboxRow {
  readonly id: bigint;
  readonly kind: OutboxKind;
  readonly targetId: string;
  readonly message: string;
  readonly payload: unknown;
  readonly attempts: number;
}

/** The channel on which writers wake the relay; polling is the net below it. */
export const OUTBOX_CHANNEL = 'quorate_outbox';

/** Writes messages in the caller's transaction. */
export async function writeOutbox(
  sql: Queryable,
  messages: readonly { kind: OutboxKind; targetId: string; message: string; payload: unknown }[],
): Promise<void> {
  for (const each of messages) {
    await sql`insert into outbox (kind, target_id, message, payload)
      values (${each.kind}, ${each.targetId}, ${each.message}, ${json(sql, each.payload)})`;
  }
}

/**
 * Has a campaign look for money: now, or by `afterS` unless it is told before, should whoever pays what it owes first die over
 * that.
 */
export async function tellBudgetChanged(sql: Queryable, campaignId: string, afterS = 0): Promise<void> {
  await sql`
    with later as (
      delete from outbox
      where kind = 'signal_campaign' and target_id = ${campaignId} and message = 'budgetChanged' and due_at > now()
    )
    insert into outbox (kind, target_id, message, payload, due_at)
    values ('signal_campaign', ${campaignId}, 'budgetChanged', '{}', now() + ${afterS}::int * interval '1 second')`;
}

/** Writes a message to every campaign of an organisation that may choose more tasks, in the caller's transaction. */
export async function tellChoosing(
  sql: Queryable,
  { organisationId, message }: { organisationId: string; message: string },
): Promise<void> {
  await sql`
    insert into outbox (kind, target_id, message, payload)
    select 'signal_campaign', id, ${message}, '{}' from campaigns
    where organisation_id = ${organisationId} and state in ('running', 'paused')`;
}

/**
 * The oldest messages that are due; those behind one that was put off wait with it, so that no workflow hears the end
 * of a pause before its beginning. Only the process that holds the relay lock may call this.
 */
export async function dueMessages(sql: Queryable, limit: number): Promise<OutboxRow[]> {
  return sql<OutboxRow[]>`
    select id, kind, target_id as "targetId", message, payload, attempts
    from outbox
    where due_at <= now() and target_id not in (select target_id from outbox where due_at > now())
    order by id limit ${limit}`;
}

/** Delivered messages are gone; what they told is in the tables that caused them. */
export async function deleteDelivered(sql: Queryable, ids: readonly bigint[]): Promise<void> {
  if (ids.length > 0) await sql`delete from outbox where id = any(${ids.map(String)}::bigint[])`;
}

/** Puts messages off after a failed delivery: 0.2 s at first, doubling to a minute. */
export async function postpone(sql: Queryable, ids: readonly bigint[], error: string): Promise<void> {
  await sql`
    update outbox set attempts = attempts + 1, last_error = ${error.slice(0, 500)},
      due_at = now() + least(60, 0.2 * power(2, least(attempts, 20))) * interval '1 second'
    where id = any(${ids.map(String)}::bigint[])`;
}

/** Messages that wait, and the age of the oldest in seconds. */
export async function outboxBacklog(sql: Queryable): Promise<{ waiting: number; oldestS: number }> {
  const [row] = await sql<{ waiting: number; oldestS: number }[]>`
    select count(*)::int as waiting, coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as "oldestS"
    from outbox`;
  return row ?? { waiting: 0, oldestS: 0 };
}

import { leastMicros, mostMicros } from '../../domain/money.ts';
import type { Db, Queryable, Tx } from '../client.ts';
import { freeing, hasRoom, lockRooms, organisationOf, reserving } from './limits.ts';
import { orderOf, partsOf, releaseGoldMoney } from './money.ts';

/**
 * Adds to a task's authorization, in one statement, so that a hot budget's row is locked for as short as can be; with
 * `hedge` it draws on the campaign's cap for hedges, too. False when a cap or the day's pace has no room (nothing is
 * changed then).
 */
export async function extendAuthorization(
  sql: Queryable,
  extension: {
    campaignId: string;
    taskId: string;
    amountMicros: bigint;
    key: string;
    hedge?: boolean;
    /** The purchase that needs it. */
    orderId?: string;
  },
): Promise<boolean> {
  const { campaignId, taskId, amountMicros, hedge = false, orderId = null } = extension;
  if (amountMicros === 0n) return true;
  // The authorization before the budget, as settling does.
  const booked = await sql`
    with auth as (
      select id, workforce from authorizations where task_id = ${taskId} and state = 'open' for update
    ), balance as (
      update budgets b set ${reserving(sql, amountMicros)}
      from auth
      where b.campaign_id = ${campaignId} and ${hasRoom(sql, amountMicros)}
        and not exists (
          select from budget_limits l
          where (l.scope = 'organisation' and l.name = ${organisationOf(sql, campaignId)} or (l.campaign_id = ${campaignId}
              and (l.scope = 'workforce' and l.name = auth.workforce or l.scope = 'hedge' and ${hedge})))
            and l.drawn_micros + ${amountMicros} > l.cap_micros
        )
      returning auth.id
    ), grown as (
      update authorizations a
      set amount_micros = amount_micros + ${amountMicros}, hedge_micros = hedge_micros + ${hedge ? amountMicros : 0n}
      from balance where a.id = balance.id
    )
    insert into ledger (campaign_id, kind, amount_micros, key, authorization_id, order_id)
    select ${campaignId}, 'reserve', ${amountMicros}, ${extension.key}, balance.id, ${orderId} from balance
    returning id`;
  return booked.length > 0;
}

/**
 * Locks the authorizations of tasks, in their order, before a transaction touches the budget: who takes them one by one
 * between its bookings would wait for one that settles, which waits for the budget.
 */
export function lockAuthorizations(tx: Tx, taskIds: readonly string[]) {
  return tx`
    select 1 from authorizations where task_id = any(${taskIds as string[]}::uuid[]) order by task_id for update`;
}

/** A task's answers earned more than was set aside for them: to be settled once more, after `coverShortfall`. */
export class Shortfall extends Error {}

/**
 * Pays what a task's annotators earned, releases the rest of its authorization and closes it.
 * Safe to repeat: every booking has its key, and a closed authorization books nothing more. Throws `Shortfall`, for the
 * transaction to be taken back, where it holds too little.
 */
export async function settleAuthorization(tx: Tx, task: { taskId: string; campaignId: string }): Promise<bigint> {
  // PostgreSQL checks constraints on a row as the statement first saw it, before it waits for whoever has changed it
  // since. So both rows are locked by statements of their own, and the one that follows sees them as they are.
  const [, , [settled]] = await Promise.all([
    lockAuthorizations(tx, [task.taskId]).execute(),
    tx`
      select 1 from budgets
      where campaign_id = ${task.campaignId}
        and exists (select from authorizations where task_id = ${task.taskId} and state = 'open')
      for update`.execute(),
    settleLocked(tx, task).execute(),
  ]);
  if (settled?.short) throw new Shortfall(`The answers to task ${task.taskId} earned more than was reserved for them.`);
  return settled?.spent ?? 0n;
}

/**
 * Sets aside what the answers to a task earned beyond its authorization, as far as the caps allow; an answer that they have
 * no room for is owed, and paid like a late one. Nothing where it holds enough, as it should. The caller holds the task,
 * its slots and its units.
 */
export async function coverShortfall(
  tx: Tx,
  { taskId, campaignId }: { taskId: string; campaignId: string },
): Promise<void> {
  await lockAuthorizations(tx, [taskId]);
  const [held] = await tx<{ open: bigint; workforce: string | null }[]>`
    select amount_micros - committed_micros - released_micros as open, workforce from authorizations
    where task_id = ${taskId} and state = 'open'`;
  const due = await tx<{ id: string; priceMicros: bigint }[]>`
    select id, price_micros as "priceMicros" from annotations
    where task_id = ${taskId} and counted and pay_state = 'pending' order by id`;
  const earned = due.reduce((sum, { priceMicros }) => sum + priceMicros, 0n);
  if (!held || earned <= held.open) return;
  const rooms = await lockRooms(tx, campaignId);
  const bounds = [rooms.campaign, held.workforce === null ? undefined : rooms.workforces.get(held.workforce)];
  const free = leastMicros(earned - held.open, ...bounds.flatMap((room) => (room ? [room.freeMicros] : [])));
  const room = held.open + mostMicros(0n, free);
  let paid = 0n;
  const owed = due.filter(({ priceMicros }) => {
    if (paid + priceMicros > room) return true;
    paid += priceMicros;
    return false;
  });
  await tx`
    update annotations set pay_state = 'owed' where id = any(${owed.map(({ id }) => id)}::uuid[])`;
  if (paid <= held.open) return;
  const more = { campaignId, taskId, amountMicros: paid - held.open, key: `reserve-short:${due.at(-1)?.id}` };
  if (!(await extendAuthorization(tx, more))) throw new Error(`The budget that is locked had room for ${more.key}.`);
}

/** The settlement itself, of rows that are locked. */
function settleLocked(tx: Tx, task: { taskId: string; campaignId: string }) {
  return tx<{ spent: bigint; short: boolean }[]>`
    with auth as (
      select id, amount_micros, committed_micros, released_micros, created_at from authorizations
      where task_id = ${task.taskId} and state = 'open' for update
    ), earned as (
      update annotations set pay_state = 'paid'
      from auth
      where task_id = ${task.taskId} and counted and pay_state = 'pending'
      returning annotations.id, annotator_id, price_micros, fee_micros
    ), spend as (
      insert into ledger (campaign_id, kind, payee, amount_micros, key, authorization_id, annotation_id, annotator_id, order_id)
      select ${task.campaignId}, part.kind, part.payee, part.micros, part.kind || ':' || earned.id, auth.id, earned.id,
        annotator_id, case when w.kind <> 'person' then ${orderOf(tx, tx`earned.id`)} end
      from auth, earned join annotators w on w.id = earned.annotator_id
        cross join lateral ${partsOf(tx)} where part.micros > 0
    ), total as (
      select auth.id, auth.created_at, auth.amount_micros - auth.committed_micros - auth.released_micros as open,
        coalesce((select sum(price_micros) from earned), 0)::bigint as spent
      from auth
    ), release as (
      insert into ledger (campaign_id, kind, amount_micros, key, authorization_id)
      select ${task.campaignId}, 'release', open - spent, 'release:' || total.id || ${again(tx)}, total.id
      from total left join tasks t on t.id = ${task.taskId} where open > spent
    ), closed as (
      update authorizations a
      set state = 'closed', committed_micros = committed_micros + total.spent,
        released_micros = released_micros + total.open - total.spent,
        hedge_micros = case a.hedge_micros when 0 then 0 else least(a.hedge_micros, ${hedgesUsed(tx, task.taskId)}) end
      from total where a.id = total.id and open >= spent
    ), balance as (
      update budgets set reserved_micros = reserved_micros - total.open, spent_micros = spent_micros + total.spent,
        ${freeing(tx, tx`(total.open - total.spent)`, tx`total.created_at`)}
      from total where campaign_id = ${task.campaignId} and open >= spent
    )
    select spent, open < spent as short from total`;
}

/** What the answers cost that came beside those of another workforce: the cap for hedges gets the rest back. */
const hedgesUsed = (tx: Tx, taskId: string) => tx`(
    select coalesce(sum(u.hedge_used * o.price_micros), 0)::bigint
    from vendor_units u join vendor_orders o on o.id = u.order_id where u.task_id = ${taskId}
  )`;

/** Each time a task was opened again ends in a release of its own. */
const again = (tx: Tx) => tx`case when t.reopened > 0 then ':' || t.reopened else '' end`;

/** Lets a task's authorization draw on another workforce's cap. False when that has no room (nothing is changed then). */
export async function moveAuthorization(
  tx: Tx,
  to: { campaignId: string; taskId: string; workforce: string },
): Promise<boolean> {
  // The authorization before the limits, as extending and settling do.
  await lockAuthorizations(tx, [to.taskId]);
  const [full] = await tx`
    select 1 from authorizations a join budget_limits l on l.campaign_id = a.campaign_id
    where a.task_id = ${to.taskId} and a.workforce is distinct from ${to.workforce}
      and l.scope = 'workforce' and l.name = ${to.workforce}
      and l.drawn_micros + a.amount_micros - a.released_micros > l.cap_micros`;
  if (full) return false;
  // Both limits in one order, so that tasks that move in opposite directions do not wait for each other.
  await tx`
    select 1 from budget_limits l join authorizations a on a.campaign_id = l.campaign_id
    where a.task_id = ${to.taskId} and l.scope = 'workforce' and l.name in (a.workforce, ${to.workforce})
    order by l.id for update of l`;
  await tx`update authorizations set workforce = ${to.workforce} where task_id = ${to.taskId}`;
  return true;
}

/** Releases authorizations past their expiry whose task has ended or never came to be, and gold money that ended campaigns no longer need. */
export async function expireAuthorizations(db: Db, limit: number, failed?: (error: unknown) => void): Promise<number> {
  const forgotten = await db<{ taskId: string; campaignId: string }[]>`
    select a.task_id as "taskId", a.campaign_id as "campaignId"
    from authorizations a left join tasks t on t.id = a.task_id
    where a.state = 'open' and a.expires_at < now() and a.task_id is not null
      and (t.id is null or t.state in ('decided', 'adjudicated', 'unresolved', 'cancelled'))
    limit ${limit}`;
  for (const task of forgotten) {
    const settled = db.begin(async (tx) => {
      await coverShortfall(tx, task);
      await settleAuthorization(tx, task);
    });
    await settled.catch(failed);
  }
  // The last leases of gold tasks may end after their campaign.
  const pots = await db<{ campaignId: string }[]>`
    select a.campaign_id as "campaignId" from authorizations a join campaigns c on c.id = a.campaign_id
    where a.task_id is null and a.state = 'open' and a.held_micros = 0 and c.state in ('finished', 'stopped')
    limit ${limit}`;
  for (const { campaignId } of pots) await db.begin((tx) => releaseGoldMoney(tx, campaignId)).catch(failed);
  return forgotten.length + pots.length;
}

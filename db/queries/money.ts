import type { Payee } from '../../domain/books/accounts.ts';
import { WARNING_PERCENTS } from '../../domain/budget.ts';
import { QuorateError } from '../../domain/failures.ts';
import { formatUsd } from '../../domain/money.ts';
import { type Db, only, type Queryable, sqlState, type Tx, violatedConstraint } from '../client.ts';
import { hasRoom, organisationOf, reserving } from './limits.ts';

export interface Budget {
  readonly capMicros: bigint;
  readonly reservedMicros: bigint;
  readonly spentMicros: bigint;
}

/** The balance of a campaign. */
export async function budgetOf(sql: Queryable, campaignId: string): Promise<Budget> {
  return only(
    await sql<Budget[]>`
      select cap_micros as "capMicros", reserved_micros as "reservedMicros", spent_micros as "spentMicros"
      from budgets where campaign_id = ${campaignId}`,
  );
}

/** As `budgetOf`; the row stays locked until the transaction ends, so what is free now stays free. */
export async function lockBudget(tx: Tx, campaignId: string): Promise<Budget> {
  return only(
    await tx<Budget[]>`
      select cap_micros as "capMicros", reserved_micros as "reservedMicros", spent_micros as "spentMicros"
      from budgets where campaign_id = ${campaignId} for update`,
  );
}

/** Sets a new cap. Throws budget_below_spent when more than that is spent or reserved already. */
export async function setCap(db: Db, change: { campaignId: string; capMicros: bigint }): Promise<void> {
  await db.begin(async (tx) => {
    const budget = await lockBudget(tx, change.campaignId);
    const committed = budget.reservedMicros + budget.spentMicros;
    if (change.capMicros < committed) {
      const message =
        `budgetUsd is ${formatUsd(change.capMicros)}, but $${formatUsd(budget.spentMicros)} are spent and ` +
        `$${formatUsd(budget.reservedMicros)} reserved for open tasks: the least budget now is $${formatUsd(committed)}.`;
      throw new QuorateError('budget_below_spent', message, { field: 'budgetUsd' });
    }
    await tx`update budgets set cap_micros = ${change.capMicros} where campaign_id = ${change.campaignId}`;
  });
}

/**
 * Adds to a task's authorization, in one statement, so that a hot budget's row is locked for as short as can be; with
 * `hedge` it draws on the campaign's cap for hedges, too. False when a cap or the day's pace has no room (nothing is
 * changed then).
 */
export async function extendAuthorization(
  sql: Queryable,
  extension: { campaignId: string; taskId: string; amountMicros: bigint; key: string; hedge?: boolean },
): Promise<boolean> {
  const { campaignId, taskId, amountMicros, hedge = false } = extension;
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
    insert into ledger (campaign_id, kind, amount_micros, key, authorization_id)
    select ${campaignId}, 'reserve', ${amountMicros}, ${extension.key}, balance.id from balance
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

/**
 * Pays what a task's annotators earned, releases the rest of its authorization and closes it.
 * Safe to repeat: every booking has its key, and a closed authorization books nothing more.
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
  return settled?.spent ?? 0n;
}

/** The settlement itself, of rows that are locked. */
function settleLocked(tx: Tx, task: { taskId: string; campaignId: string }) {
  return tx<{ spent: bigint }[]>`
    with auth as (
      select id, amount_micros, committed_micros, released_micros from authorizations
      where task_id = ${task.taskId} and state = 'open' for update
    ), earned as (
      update annotations set pay_state = 'paid'
      from auth
      where task_id = ${task.taskId} and counted and pay_state = 'pending'
      returning annotations.id, annotator_id, price_micros
    ), spend as (
      insert into ledger (campaign_id, kind, payee, amount_micros, key, authorization_id, annotation_id, annotator_id)
      select ${task.campaignId}, 'spend', ${payeeOf(tx)}, price_micros, 'spend:' || earned.id, auth.id, earned.id, annotator_id
      from auth, earned join annotators w on w.id = earned.annotator_id where price_micros > 0
    ), total as (
      select auth.id, auth.amount_micros - auth.committed_micros - auth.released_micros as open,
        coalesce((select sum(price_micros) from earned), 0)::bigint as spent
      from auth
    ), release as (
      insert into ledger (campaign_id, kind, amount_micros, key, authorization_id)
      select ${task.campaignId}, 'release', open - spent, 'release:' || total.id || ${again(tx)}, total.id
      from total left join tasks t on t.id = ${task.taskId} where open > spent
    ), closed as (
      update authorizations a
      set state = 'closed', committed_micros = committed_micros + total.spent,
        released_micros = released_micros + total.open - total.spent
      from total where a.id = total.id
    ), balance as (
      update budgets set reserved_micros = reserved_micros - total.open, spent_micros = spent_micros + total.spent
      from total where campaign_id = ${task.campaignId}
    )
    select spent from total`;
}

const CAPS = ['budgets_within_cap', 'budget_limits_within_cap'];

/** Each time a task was opened again ends in a release of its own. */
const again = (tx: Tx) => tx`case when t.reopened > 0 then ':' || t.reopened else '' end`;

/**
 * Pays one annotation outside its task's settlement: a gold answer (from the gold money, where its lease held the
 * price), or an honest late one (from what is free). Without free money it is `owed` until the cap is raised.
 */
export async function payAnnotation(
  db: Db,
  pay: { annotationId: string; from: 'gold' | 'free' },
): Promise<'paid' | 'owed' | 'already'> {
  try {
    return await db.begin(async (tx) => {
      const [due] = await tx<Due[]>`
        select n.campaign_id as "campaignId", n.annotator_id as "annotatorId", n.price_micros as "priceMicros",
          ${payeeOf(tx)} as payee
        from annotations n join annotators w on w.id = n.annotator_id
        where n.id = ${pay.annotationId} and n.pay_state in ('pending', 'owed') for update of n`;
      if (!due) return 'already';
      await tx`update annotations set pay_state = 'paid' where id = ${pay.annotationId}`;
      if (due.priceMicros === 0n) return 'paid';
      if (pay.from === 'gold') await spendFromGold(tx, pay.annotationId, due);
      else await spendFromFree(tx, pay.annotationId, due);
      return 'paid';
    });
  } catch (error) {
    if (sqlState(error) !== '23514' || !CAPS.includes(violatedConstraint(error) ?? '')) throw error;
    await db`update annotations set pay_state = 'owed' where id = ${pay.annotationId} and pay_state = 'pending'`;
    return 'owed';
  }
}

type Due = { campaignId: string; annotatorId: string; priceMicros: bigint; payee: Payee };

/** Whose account an annotator `w` is paid into. */
const payeeOf = (sql: Queryable) =>
  sql`case w.kind when 'vendor' then 'vendor' when 'llm' then 'judge' else 'annotator' end`;

async function spendFromGold(tx: Tx, annotationId: string, due: Due): Promise<void> {
  // Always the budget before the gold money, as planning a batch does: the other order would deadlock with it.
  await lockBudget(tx, due.campaignId);
  const booked = await tx`
    with pot as (
      update authorizations set held_micros = held_micros - ${due.priceMicros}, committed_micros = committed_micros + ${due.priceMicros}
      where campaign_id = ${due.campaignId} and task_id is null
      returning id
    )
    insert into ledger (campaign_id, kind, payee, amount_micros, key, authorization_id, annotation_id, annotator_id)
    select ${due.campaignId}, 'spend', ${due.payee}, ${due.priceMicros}, ${`spend:${annotationId}`}, pot.id, ${annotationId}, ${due.annotatorId}
    from pot
    returning id`;
  only(booked);
  await tx`
    update budgets set reserved_micros = reserved_micros - ${due.priceMicros}, spent_micros = spent_micros + ${due.priceMicros}
    where campaign_id = ${due.campaignId}`;
}

async function spendFromFree(tx: Tx, annotationId: string, due: Due): Promise<void> {
  // What another transaction is about to release may be the room for this.
  await lockBudget(tx, due.campaignId);
  await tx`
    insert into ledger (campaign_id, kind, payee, amount_micros, key, annotation_id, annotator_id)
    values (${due.campaignId}, 'reserve', ${due.payee}, ${due.priceMicros}, ${`reserve:${annotationId}`}, ${annotationId}, ${due.annotatorId}),
      (${due.campaignId}, 'spend', ${due.payee}, ${due.priceMicros}, ${`spend:${annotationId}`}, ${annotationId}, ${due.annotatorId})`;
  await tx`
    update budgets set spent_micros = spent_micros + ${due.priceMicros} where campaign_id = ${due.campaignId}`;
}

/** Pays what waits for money, oldest first, as far as the caps allow: tried when one is raised. */
export async function payOwed(db: Db, campaignId: string): Promise<void> {
  const rows = await db<{ id: string }[]>`
    select id from annotations where campaign_id = ${campaignId} and pay_state = 'owed' order by id`;
  for (const { id } of rows) if ((await payAnnotation(db, { annotationId: id, from: 'free' })) === 'owed') return;
}

/** What late answers are owed that no cap had room for. */
export async function owedMicros(sql: Queryable, campaignId: string): Promise<bigint> {
  const rows = await sql<{ owed: bigint }[]>`
    select coalesce(sum(price_micros), 0)::bigint as owed from annotations
    where campaign_id = ${campaignId} and pay_state = 'owed'`;
  return only(rows).owed;
}

export interface BudgetWarning {
  readonly campaignId: string;
  readonly percent: number;
  readonly capMicros: bigint;
  readonly spentMicros: bigint;
  readonly at: Date;
}

/** Records, once a cap, that a campaign has spent a share of it; what is new is returned. */
export async function recordWarnings(sql: Queryable): Promise<BudgetWarning[]> {
  return sql<BudgetWarning[]>`
    insert into budget_warnings (campaign_id, percent, cap_micros, spent_micros)
    select b.campaign_id, p.percent, b.cap_micros, b.spent_micros
    from campaigns c join budgets b on b.campaign_id = c.id
    cross join unnest(${[...WARNING_PERCENTS]}::int[]) as p(percent)
    where c.state in ('running', 'paused', 'stopping') and b.cap_micros > 0
      and b.spent_micros * 100.0 >= b.cap_micros * p.percent
      and not exists (
        select from budget_warnings w
        where w.campaign_id = b.campaign_id and w.cap_micros = b.cap_micros and w.percent = p.percent
      )
    on conflict do nothing
    returning campaign_id as "campaignId", percent, cap_micros as "capMicros", spent_micros as "spentMicros", at`;
}

/** A campaign's warnings, oldest first. */
export async function warningsOf(sql: Queryable, campaignId: string): Promise<BudgetWarning[]> {
  return sql<BudgetWarning[]>`
    select campaign_id as "campaignId", percent, cap_micros as "capMicros", spent_micros as "spentMicros", at
    from budget_warnings where campaign_id = ${campaignId} order by at, percent`;
}

/** Releases what a finished campaign's gold money has left, but for what its last leases hold. */
export async function releaseGoldMoney(db: Db, campaignId: string): Promise<void> {
  await db.begin(async (tx) => {
    await lockBudget(tx, campaignId);
    // As in settling: a lease that is given back may have changed it just now.
    await tx`select 1 from authorizations where campaign_id = ${campaignId} and task_id is null for update`;
    await tx`
      with pot as (
        select id, amount_micros - committed_micros - released_micros - held_micros as rest
        from authorizations where campaign_id = ${campaignId} and task_id is null and state = 'open' for update
      ), freed as (
        update authorizations a
        set released_micros = released_micros + pot.rest, state = case when held_micros = 0 then 'closed' else 'open' end
        from pot where a.id = pot.id
      ), booked as (
        insert into ledger (campaign_id, kind, amount_micros, key, authorization_id)
        select ${campaignId}, 'release', rest, 'release:' || id || ':' || gen_random_uuid(), id from pot where rest > 0
      )
      update budgets b set reserved_micros = reserved_micros - pot.rest from pot where b.campaign_id = ${campaignId}`;
  });
}

/** Releases authorizations past their expiry whose task has ended or never came to be, and gold money that ended campaigns no longer need. */
export async function expireAuthorizations(db: Db, limit: number): Promise<number> {
  const forgotten = await db<{ taskId: string; campaignId: string }[]>`
    select a.task_id as "taskId", a.campaign_id as "campaignId"
    from authorizations a left join tasks t on t.id = a.task_id
    where a.state = 'open' and a.expires_at < now() and a.task_id is not null
      and (t.id is null or t.state in ('decided', 'adjudicated', 'unresolved', 'cancelled'))
    limit ${limit}`;
  for (const task of forgotten) await db.begin((tx) => settleAuthorization(tx, task));
  // The last leases of gold tasks may end after their campaign.
  const pots = await db<{ campaignId: string }[]>`
    select a.campaign_id as "campaignId" from authorizations a join campaigns c on c.id = a.campaign_id
    where a.task_id is null and a.state = 'open' and a.held_micros = 0 and c.state in ('finished', 'stopped')
    limit ${limit}`;
  for (const { campaignId } of pots) await releaseGoldMoney(db, campaignId);
  return forgotten.length + pots.length;
}

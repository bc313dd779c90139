import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ACCOUNTS, type Account, type LedgerKind, linesOf, type Payee } from '../../domain/books/accounts.ts';
import type { Period } from '../../domain/books/period.ts';
import { QuorateError } from '../../domain/failures.ts';
import { type Db, json, only, type Queryable, sqlState, type Tx } from '../client.ts';
import { countOverpaid } from './payables.ts';

/** An entry of the ledger with its two accounts and what caused it. */
export interface LedgerRow {
  readonly id: bigint;
  readonly at: Date;
  readonly kind: LedgerKind;
  readonly payee: Payee;
  readonly fromAccount: Account;
  readonly toAccount: Account;
  readonly amountMicros: bigint;
  readonly campaignId: string;
  readonly key: string;
  readonly taskId: string | null;
  readonly annotationId: string | null;
  readonly assignmentId: string | null;
  readonly annotatorId: string | null;
  readonly orderId: string | null;
  readonly adjustmentId: string | null;
  readonly payoutItemId: string | null;
}

export type Balances = Readonly<Record<Account, bigint>>;

const CHUNK = 1000;

const entriesOf = (sql: Queryable) => sql`
    select l.id, l.created_at as at, l.kind, l.payee, l.from_account as "fromAccount", l.to_account as "toAccount",
      l.amount_micros as "amountMicros", l.campaign_id as "campaignId", l.key, coalesce(a.task_id, n.task_id) as "taskId",
      l.annotation_id as "annotationId", n.assignment_id as "assignmentId", l.annotator_id as "annotatorId",
      l.order_id as "orderId", l.adjustment_id as "adjustmentId", l.payout_item_id as "payoutItemId"
    from ledger l
    left join authorizations a on a.id = l.authorization_id
    left join annotations n on n.id = l.annotation_id`;

/** An organisation's entries (or a campaign's of it), newest first. */
export async function ledgerPage(
  sql: Queryable,
  of: { organisationId: string; campaignId: string | undefined; before: bigint | undefined; limit: number },
): Promise<LedgerRow[]> {
  const { campaignId, before } = of;
  return sql<LedgerRow[]>`
    ${entriesOf(sql)}
    where l.campaign_id in (select id from campaigns where organisation_id = ${of.organisationId})
      and ${campaignId === undefined ? sql`true` : sql`l.campaign_id = ${campaignId}`}
      and ${before === undefined ? sql`true` : sql`l.id < ${before}`}
    order by l.id desc limit ${of.limit}`;
}

/** The entries dated from `startsAt` until before `endsAt` (or all) in the order they were booked, chunk by chunk. */
export function ledgerRows(
  db: Db,
  within: { startsAt?: Date | undefined; endsAt?: Date | undefined } = {},
): AsyncIterable<LedgerRow[]> {
  const { startsAt, endsAt } = within;
  return db<LedgerRow[]>`
    ${entriesOf(db)}
    where ${startsAt ? db`l.created_at >= ${startsAt}` : db`true`} and ${endsAt ? db`l.created_at < ${endsAt}` : db`true`}
    order by l.id`.cursor(CHUNK);
}

/** What each account holds by all entries dated before `before` (or by all). They sum to zero. */
export async function accountBalances(sql: Queryable, before?: Date): Promise<Balances> {
  const rows = await sql<{ account: Account; micros: bigint }[]>`
    select account, sum(micros)::bigint as micros from (
      select from_account as account, -sum(amount_micros) as micros from ledger
      where ${before ? sql`created_at < ${before}` : sql`true`} group by 1
      union all
      select to_account, sum(amount_micros) from ledger
      where ${before ? sql`created_at < ${before}` : sql`true`} group by 1
    ) lines group by account`;
  const found = new Map(rows.map(({ account, micros }) => [account, micros]));
  return Object.fromEntries(ACCOUNTS.map((account) => [account, found.get(account) ?? 0n])) as Balances;
}

export interface Closing {
  readonly period: string;
  readonly endsAt: Date;
  readonly closedBy: string;
  readonly closedAt: Date;
  readonly entries: number | null;
  readonly balances: Readonly<Record<string, string>> | null;
  readonly digest: string | null;
}

/** The closed periods, oldest first. */
export async function closings(sql: Queryable): Promise<Closing[]> {
  return sql<Closing[]>`
    select period, ends_at as "endsAt", closed_by as "closedBy", closed_at as "closedAt", entries, balances, digest
    from ledger_closings order by ends_at`;
}

/**
 * Closes a period: no entry is dated in it (or before it) any more, and what it holds gets its digest. Safe to repeat;
 * a closing that was cut short is completed. Throws invalid_input for a period that has not ended, or lies before a
 * closed one.
 */
export async function closePeriod(db: Db, close: { period: Period; by: string; now: Date }): Promise<Closing> {
  const { period, by, now } = close;
  if (period.endsAt > now) {
    throw new QuorateError('invalid_input', `period is ${period.name}, which has not ended.`, { field: 'period' });
  }
  await withLedgerStill(db, async (tx) => {
    const [later] = await tx<{ period: string }[]>`
      select period from ledger_closings where ends_at > ${period.endsAt} order by ends_at limit 1`;
    if (later) {
      const message = `period is ${period.name}, but ${later.period} is closed already, and with it all before.`;
      throw new QuorateError('invalid_input', message, { field: 'period' });
    }
    await tx`
      insert into ledger_closings (period, ends_at, closed_by) values (${period.name}, ${period.endsAt}, ${by})
      on conflict (period) do nothing`;
  });
  await completeClosings(db);
  return only((await closings(db)).filter((each) => each.period === period.name));
}

/** Whoever books waits behind a lock that waits, so it does so briefly, and some times over. */
const STILL = { tries: 4, waitMs: 1000 };

/** Runs `work` when everybody who had booked has committed; entries that come later see what it did. */
async function withLedgerStill(db: Db, work: (tx: Tx) => Promise<unknown>): Promise<void> {
  for (let tries = STILL.tries; ; tries--) {
    try {
      await db.begin(async (tx) => {
        await tx`select set_config('lock_timeout', ${`${STILL.waitMs}`}, true)`;
        await tx`lock table ledger in share mode`;
        await work(tx);
      });
      return;
    } catch (error) {
      if (sqlState(error) !== '55P03') throw error;
      if (tries === 1) {
        const message =
          'Something was booked a while ago and is not yet committed, as while a payout run collects. Try again when that is done.';
        throw new QuorateError('unavailable', message, { cause: error });
      }
      await pause(STILL.waitMs);
    }
  }
}

async function completeClosings(db: Db): Promise<void> {
  let before: Closing | undefined;
  for (const closing of await closings(db)) {
    if (closing.digest === null) {
      const { entries, digest } = await digestOf(db, before, closing);
      const balances = Object.entries(await accountBalances(db, closing.endsAt)).map(([name, n]) => [name, String(n)]);
      await db`
        update ledger_closings set entries = ${entries}, digest = ${digest}, balances = ${json(db, Object.fromEntries(balances))}
        where period = ${closing.period} and digest is null`;
      before = { ...closing, digest };
    } else before = closing;
  }
}

/**
 * SHA-256 over the digest before and every entry since: id, time, kind, accounts, amount, key and causes. `formerDigest`: as months
 * were closed when orders were no part of it.
 */
async function digestOf(
  db: Db,
  before: Closing | undefined,
  closing: Closing,
): Promise<{ entries: number; digest: string; formerDigest: string }> {
  const start = `${before?.digest ?? 'the beginning'}\n`;
  const [hash, former] = [createHash('sha256').update(start), createHash('sha256').update(start)];
  let entries = 0;
  for await (const rows of ledgerRows(db, { startsAt: before?.endsAt, endsAt: closing.endsAt })) {
    entries += rows.length;
    for (const row of rows) {
      const facts = factsOf(row).join('\t');
      former.update(`${facts}\n`);
      hash.update(`${facts}\t${row.orderId ?? ''}\n`);
    }
  }
  return { entries, digest: hash.digest('hex'), formerDigest: former.digest('hex') };
}

function factsOf(row: LedgerRow): string[] {
  const { id, at, kind, payee, fromAccount, toAccount, amountMicros, campaignId, key } = row;
  const causes = [row.taskId, row.annotationId, row.annotatorId, row.adjustmentId, row.payoutItemId];
  return [
    ...[String(id), at.toISOString(), kind, payee, fromAccount, toAccount, String(amountMicros), campaignId, key],
    ...causes.map((cause) => cause ?? ''),
  ];
}

/** What the books say, and everything in them that is not as it must be. */
export interface BooksProof {
  readonly entries: number;
  readonly balances: Balances;
  /** Of all accounts together: zero. */
  readonly sumMicros: bigint;
  /** Entries whose accounts are not those that their kind and payee mean. */
  readonly wrongEntries: number;
  /** Accounts that are below zero though nothing can be owed on them. */
  readonly overdrawn: readonly Account[];
  /** Entries whose cause (task, answer, order, adjustment, payout) is not there, or is another one's. */
  readonly withoutCause: number;
  /** Payments whose entries are not their amount, or not what their state says has left. */
  readonly wrongPayouts: number;
  /** Recipients that were paid more in a campaign than they were owed there. */
  readonly overpaid: number;
  /** Closed periods whose entries are no longer those that were closed. */
  readonly changedPeriods: readonly string[];
  readonly holds: boolean;
}

/** Proves the books: entry by entry against `linesOf`, the sum of all, the causes, and every closed period's digest. */
export async function verifyBooks(db: Db): Promise<BooksProof> {
  const sums = Object.fromEntries(ACCOUNTS.map((account) => [account, 0n])) as Record<Account, bigint>;
  let entries = 0;
  let wrongEntries = 0;
  for await (const rows of ledgerRows(db)) {
    entries += rows.length;
    for (const row of rows) {
      const [out, into] = linesOf(row);
      if (out.account !== row.fromAccount || into.account !== row.toAccount) wrongEntries += 1;
      sums[row.fromAccount] -= row.amountMicros;
      sums[row.toAccount] += row.amountMicros;
    }
  }
  const sumMicros = Object.values(sums).reduce((sum, each) => sum + each, 0n);
  const overdrawn = ACCOUNTS.filter((account) => account !== 'requester_funds' && sums[account] < 0n);
  const withoutCause = await countWithoutCause(db);
  const [wrongPayouts, overpaid] = [await countWrongPayouts(db), await countOverpaid(db)];
  const changedPeriods = await findChangedPeriods(db);
  const holds =
    sumMicros === 0n &&
    wrongEntries === 0 &&
    overdrawn.length === 0 &&
    withoutCause === 0 &&
    wrongPayouts === 0 &&
    overpaid === 0 &&
    changedPeriods.length === 0;
  const wrong = { wrongEntries, overdrawn, withoutCause, wrongPayouts, overpaid, changedPeriods };
  return { entries, balances: sums, sumMicros, ...wrong, holds };
}

async function countWithoutCause(sql: Queryable): Promise<number> {
  return only(
    await sql<{ n: number }[]>`
      select count(*)::int as n
      from ledger l
      left join authorizations a on a.id = l.authorization_id
      left join annotations n on n.id = l.annotation_id
      left join pay_adjustments j on j.id = l.adjustment_id
      left join vendor_bonuses b on b.id = l.adjustment_id
      left join annotations about on about.id = j.annotation_id
      left join vendor_orders o on o.id = l.order_id
      left join vendor_responses r on r.annotation_id = coalesce(l.annotation_id, j.annotation_id)
      left join vendor_responses uncounted on uncounted.id = j.response_id
      left join vendor_units u on u.id = coalesce(r.unit_id, uncounted.unit_id)
      where (l.authorization_id is not null and a.campaign_id is distinct from l.campaign_id)
        or (l.annotation_id is not null and n.campaign_id is distinct from l.campaign_id)
        or (l.adjustment_id is not null
          and (j.campaign_id, j.annotator_id, case
              when l.kind = 'deduction' and l.payee = 'platform' then about.fee_micros
              when l.kind = 'deduction' then j.amount_micros - coalesce(about.fee_micros, 0)
              when l.kind = 'fee' or l.key like '%:fee' then b.fee_micros
              else j.amount_micros end, j.state)
            is distinct from (l.campaign_id, l.annotator_id, l.amount_micros,
              -- A vendor's bonus is reserved before it is known to be paid, and released where it was not.
              case when l.kind in ('reserve', 'release') and l.payee = 'vendor' then j.state else 'applied' end))
        -- A campaign's own questions to a model are nobody's answers.
        or (l.kind = 'spend' and l.annotator_id is null and (l.payee <> 'judge' or a.task_id is not null))
        or (l.order_id is not null and o.campaign_id is distinct from l.campaign_id)
        -- What was bought is of the order that its answer came of.
        or (l.kind in ('spend', 'fee', 'bonus', 'deduction') and l.payee <> 'annotator'
          and (l.annotation_id is not null or l.adjustment_id is not null) and l.order_id is distinct from u.order_id)`,
  ).n;
}

async function countWrongPayouts(sql: Queryable): Promise<number> {
  return only(
    await sql<{ n: number }[]>`
      select count(*)::int as n
      from payout_items i cross join lateral (
        select coalesce(sum(l.amount_micros) filter (where l.kind = 'payout'), 0) as sent,
          coalesce(sum(l.amount_micros) filter (where l.kind = 'payout_failed'), 0) as failed,
          coalesce(bool_or(l.annotator_id is distinct from i.annotator_id), false) as others
        from ledger l where l.payout_item_id = i.id
      ) booked
      where booked.sent <> i.amount_micros or booked.others or booked.failed > booked.sent
        or case i.state
          when 'paid' then booked.failed <> i.amount_micros - i.reported_micros
          when 'failed' then booked.failed <> i.amount_micros
          when 'cancelled' then booked.failed <> i.amount_micros
          when 'frozen' then booked.failed > 0
          when 'sent' then booked.failed > 0
          else false end`,
  ).n;
}

async function findChangedPeriods(db: Db): Promise<string[]> {
  const changed: string[] = [];
  let before: Closing | undefined;
  for (const closing of await closings(db)) {
    const { digest, formerDigest, entries } = await digestOf(db, before, closing);
    const isIts = closing.digest === digest || closing.digest === formerDigest;
    if (closing.digest !== null && (!isIts || entries !== closing.entries)) {
      changed.push(closing.period);
    }
    before = closing;
  }
  return changed;
}

import { QuorateError } from '../../domain/failures.ts';
import { formatUsd } from '../../domain/money.ts';
import { type OpenPayment, type ReportLine, type ReportStatus, verdictOn } from '../../domain/payouts/reconcile.ts';
import type { Db, Queryable, Tx } from '../client.ts';
import type { PayoutItemState, PayoutRunState } from '../schema/states.ts';
import { type Actor, isNobody, nameOf, noteAct } from './payout-acts.ts';
import { bookFailed, bookLacking, failedOf, lockPay, wakeRun, wrongState } from './payouts.ts';
import { takeBackRefused } from './settlements.ts';

interface Payment extends Omit<OpenPayment, 'said'> {
  readonly id: string;
  readonly reference: string;
  readonly saidStatus: ReportStatus | null;
  readonly saidMicros: bigint | null;
}

/**
 * Takes in a provider's report: each payment it names gets its outcome. A line that names no payment of the run refuses
 * the whole report. The same report again changes nothing.
 */
export async function importReport(
  db: Db,
  given: { runId: string; lines: readonly (ReportLine & { line: number })[]; by: Actor },
): Promise<void> {
  const { runId } = given;
  await db.begin(async (tx) => {
    const run = await lockExported(tx, runId);
    const payments = await tx<Payment[]>`
      select id, reference, amount_micros as "amountMicros", state, ${failedOf(tx)}::bigint as "failedMicros",
        resolved_by is not null as ruled, line_status as "saidStatus", line_micros as "saidMicros"
      from payout_items i where run_id = ${runId} for update`;
    const byReference = new Map(payments.map((payment) => [payment.reference, payment]));
    const failed: string[] = [];
    let news = 0;
    const seen = new Set<string>();
    for (const line of given.lines) {
      const payment = byReference.get(line.reference);
      if (!payment || seen.has(line.reference)) {
        const what = payment ? 'is named twice' : 'is no payment of this run';
        const message = `Line ${line.line}: ${JSON.stringify(line.reference.slice(0, 40))} ${what}; nothing was taken in.`;
        throw new QuorateError('invalid_input', message, { field: 'reference' });
      }
      seen.add(line.reference);
      // One that came after the run had closed is news all the same: money that came back.
      const { saidStatus: status, saidMicros } = payment;
      const said = status === null || saidMicros === null ? null : { status, amountMicros: saidMicros };
      const verdict = verdictOn({ ...payment, said }, line);
      if (verdict.becomes === 'as_it_was') continue;
      news++;
      if (verdict.becomes === 'failed') failed.push(payment.id);
      const note = verdict.becomes === 'ambiguous' ? verdict.note : null;
      await tx`
        update payout_items set state = ${verdict.becomes}, updated_at = now(), note = ${note}, resolved_by = null,
          reported_micros = ${line.status === 'paid' ? line.amountMicros : 0n}, line_status = ${line.status},
          line_micros = ${line.amountMicros}
        where id = ${payment.id}`;
    }
    await bookFailed(tx, failed);
    const note = `Of ${given.lines.length} lines ${news} said something new.`;
    if (news > 0) await noteAct(tx, { runId, act: 'reported', by: given.by, note });
    if (run === 'exported') await wakeRun(tx, runId);
  });
}

async function lockExported(tx: Tx, runId: string): Promise<PayoutRunState> {
  const [run] = await tx<{ state: PayoutRunState }[]>`select state from payout_runs where id = ${runId} for update`;
  if (run?.state !== 'exported' && run?.state !== 'closed') {
    throw wrongState('reconciled', run?.state, 'It has to be exported first.');
  }
  return run.state;
}

/**
 * A person has found out what became of a payment that nobody could tell. Of one that was paid `arrivedMicros` have arrived: by
 * default what a report says, or all of it; the rest is owed again.
 */
export async function resolveItem(
  db: Db,
  given: {
    runId: string;
    itemId: string;
    outcome: 'paid' | 'failed';
    arrivedMicros?: bigint | undefined;
    note: string;
    by: Actor;
  },
): Promise<void> {
  const { runId, itemId, outcome, by } = given;
  await db.begin(async (tx) => {
    await lockExported(tx, runId);
    const [item] = await tx<Resolvable[]>`
      select state, organisation_id as "organisationId", amount_micros as "amountMicros", settles,
        ${failedOf(tx)}::bigint as "failedMicros", case when line_status = 'paid' then line_micros
          when line_micros > 0 and ${failedOf(tx)} = 0 then amount_micros - line_micros end::bigint as "saidMicros"
      from payout_items i where id = ${itemId} and run_id = ${runId} for update`;
    if (!item) throw new QuorateError('not_found', 'There is no such payment in this run.');
    if (item.state !== 'ambiguous' && item.state !== 'sent') {
      throw new QuorateError('conflict', `The payment is ${item.state}; there is nothing to find out.`);
    }
    const arrived = outcome === 'paid' ? arrivedOf(item, given.arrivedMicros) : 0n;
    await tx`
      update payout_items set state = ${outcome}, note = ${given.note}, resolved_by = ${by.personId}, updated_at = now(),
        reported_micros = ${arrived}
      where id = ${itemId}`;
    if (outcome === 'paid') await bookLacking(tx, [itemId], item.amountMicros - arrived - item.failedMicros);
    else {
      await bookFailed(tx, [itemId]);
      if (item.failedMicros === 0n) {
        await lockPay(tx, item.organisationId);
        await takeBackRefused(tx, { itemId, note: given.note, by: by.personId });
      }
    }
    const part = arrived > 0n && arrived < item.amountMicros ? ` $${formatUsd(arrived)}` : '';
    await noteAct(tx, { runId, paymentId: itemId, act: 'resolved', by, note: `${outcome}${part}: ${given.note}` });
    await wakeRun(tx, runId);
  });
}

interface Resolvable {
  readonly state: PayoutItemState;
  readonly organisationId: string;
  readonly amountMicros: bigint;
  readonly settles: boolean;
  readonly failedMicros: bigint;
  /** What has arrived, as a report says, or is left of it as a part failed or came back for the first time. */
  readonly saidMicros: bigint | null;
}

/** What has arrived of a payment of which somebody says that it was paid. */
function arrivedOf(item: Resolvable, given: bigint | undefined): bigint {
  const { amountMicros, failedMicros } = item;
  // Its answers say what a vendor pays at acceptance.
  const arrived = given ?? (item.settles ? amountMicros : (item.saidMicros ?? amountMicros));
  if (arrived <= 0n || arrived > amountMicros || (item.settles && arrived !== amountMicros)) {
    const least = item.settles ? formatUsd(amountMicros) : `more than 0 and at most ${formatUsd(amountMicros)}`;
    const message = `amountUsd is ${formatUsd(arrived)}; of this payment it must be ${least}.`;
    throw new QuorateError('invalid_input', message, { field: 'amountUsd' });
  }
  if (arrived > amountMicros - failedMicros) {
    const back = 'Have it returned, or take it off the next run by a reviewed deduction';
    const message =
      failedMicros === amountMicros
        ? `The payment was booked as failed and is owed again. ${back}.`
        : `$${formatUsd(failedMicros)} of the payment were booked as failed and are owed again. ${back}, where it did arrive after all; then say amountUsd, at most ${formatUsd(amountMicros - failedMicros)}.`;
    throw new QuorateError('conflict', message);
  }
  return arrived;
}

export interface RunView {
  readonly id: string;
  readonly period: string;
  readonly state: PayoutRunState;
  readonly startedBy: string;
  readonly startedByName: string;
  /** With a key that stands for no person. */
  readonly begunByNobody: boolean;
  readonly createdAt: Date;
  readonly frozenAt: Date | null;
  readonly approvedBy: string | null;
  readonly approvedByName: string | null;
  readonly fourEyes: boolean;
  readonly exportedAt: Date | null;
  readonly closedAt: Date | null;
  readonly note: string | null;
  readonly withoutAccount: number;
  readonly withoutAccountMicros: bigint;
  readonly items: number;
  /** By state; together they are the run's amount. */
  readonly totalMicros: bigint;
  readonly waitingMicros: bigint;
  readonly paidMicros: bigint;
  readonly failedMicros: bigint;
  readonly ambiguous: number;
  /** What the books say left the house, less what the provider says arrived. */
  readonly differenceMicros: bigint;
}

/** Runs of an organisation (or one of them), newest first. */
export async function runViews(
  sql: Queryable,
  of: { organisationId: string; id?: string; cursor?: string | undefined; limit: number },
): Promise<RunView[]> {
  return sql<RunView[]>`
    select r.id, r.period, r.state, r.started_by as "startedBy", ${nameOf(sql, sql`r.started_by`)} as "startedByName",
      ${isNobody(sql, sql`r.started_by`)} as "begunByNobody",
      r.created_at as "createdAt", r.frozen_at as "frozenAt", r.approved_by as "approvedBy",
      ${nameOf(sql, sql`r.approved_by`)} as "approvedByName", r.four_eyes as "fourEyes",
      r.exported_at as "exportedAt", r.closed_at as "closedAt", r.note,
      r.without_account as "withoutAccount", r.without_account_micros as "withoutAccountMicros", count(i.id)::int as items,
      coalesce(sum(i.amount_micros), 0)::bigint as "totalMicros",
      coalesce(sum(i.amount_micros) filter (where i.state in ('frozen', 'sent')), 0)::bigint as "waitingMicros",
      coalesce(sum(i.reported_micros) filter (where i.state = 'paid'), 0)::bigint as "paidMicros",
      coalesce(sum(i.amount_micros - case i.state when 'paid' then i.reported_micros else 0 end)
        filter (where i.state in ('paid', 'failed')), 0)::bigint as "failedMicros",
      count(i.id) filter (where i.state = 'ambiguous')::int as ambiguous,
      (coalesce((
        select sum(case l.kind when 'payout' then l.amount_micros else -l.amount_micros end)
        from ledger l join payout_items p on p.id = l.payout_item_id where p.run_id = r.id
      ), 0) - coalesce(sum(i.reported_micros), 0))::bigint as "differenceMicros"
    from payout_runs r left join payout_items i on i.run_id = r.id
    where r.organisation_id = ${of.organisationId} and ${of.id === undefined ? sql`true` : sql`r.id = ${of.id}`}
      and ${of.cursor === undefined ? sql`true` : sql`r.id < ${of.cursor}`}
    group by r.id order by r.id desc limit ${of.limit}`;
}

export interface ItemView {
  readonly id: string;
  readonly recipient: string;
  readonly name: string | null;
  readonly channel: string;
  /** Whether the run settles it by accepting answers at its vendor. */
  readonly settles: boolean;
  readonly state: PayoutItemState;
  readonly reference: string;
  readonly amountMicros: bigint;
  readonly note: string | null;
}

/** Payments of a run (or a page of them), those that need a person first. */
export async function itemViews(
  sql: Queryable,
  runId: string,
  { cursor, limit }: { cursor?: string | undefined; limit?: number } = {},
): Promise<ItemView[]> {
  return sql<ItemView[]>`
    select i.id, i.recipient, w.name, i.channel, i.settles, i.state, i.reference, i.amount_micros as "amountMicros", i.note
    from payout_items i left join annotators w on w.id = i.annotator_id
    where i.run_id = ${runId} and ${
      cursor === undefined
        ? sql`true`
        : sql`(i.state <> 'ambiguous', i.id) > (
            select state <> 'ambiguous', id from payout_items where id = ${cursor} and run_id = ${runId}
          )`
    }
    order by i.state <> 'ambiguous', i.id ${limit === undefined ? sql`` : sql`limit ${limit}`}`;
}

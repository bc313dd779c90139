import { verdictOnSettlement } from '../../domain/payouts/settlement.ts';
import type { Db, Queryable, Tx } from '../client.ts';
import { isHeld } from './payables.ts';

/**
 * Says what the payments of a run that are settled through their vendors are for: every answer and bonus that is booked for
 * the vendor's workers and in no other payment, with the vendor's fee on it. One that is held back for a deduction, or was taken back, is in none.
 */
export async function linkEntries(tx: Tx, run: { id: string; endsAt: Date }): Promise<void> {
  await tx`
    insert into payout_entries (payout_item_id, ledger_id, response_id, amount_micros, outcome, charged_micros)
    select i.id, l.id, r.id, l.amount_micros + coalesce(fee.amount_micros, 0), case l.kind when 'bonus' then 'accepted' end,
      case l.kind when 'bonus' then l.amount_micros + coalesce(fee.amount_micros, 0) end
    from payout_items i
    join campaigns c on c.organisation_id = i.organisation_id
    join ledger l on l.campaign_id = c.id and l.payee = 'vendor' and l.kind in ('spend', 'bonus')
      and l.created_at < ${run.endsAt}
    join annotators w on w.id = l.annotator_id and w.workforce = i.channel and not w.simulated
    left join pay_adjustments a on a.id = l.adjustment_id
    left join ledger fee on fee.key = 'fee:' || coalesce(l.annotation_id, l.adjustment_id)
    -- One that was not taken in has a response alone: a person has ruled that it is paid.
    join vendor_responses r on r.id = coalesce(
      case when l.key like 'spend:invalid:%' then substr(l.key, length('spend:invalid:') + 1)::uuid end,
      (select one.id from vendor_responses one where one.annotation_id = coalesce(l.annotation_id, a.annotation_id))
    )
    where i.run_id = ${run.id} and i.settles
      and not exists (select from payout_entries e where e.ledger_id = l.id and e.live)
      and not exists (
        select from pay_adjustments a
        where (a.annotation_id = l.annotation_id or a.response_id = r.id)
          and ((a.kind = 'deduction' and a.state = 'applied') or (${isHeld(tx)}))
      )`;
}

/**
 * Takes back what was booked for answers of a failed payment that did not count, a person had paid, and their vendor does
 * not pay: nobody is owed that. The vendor has said so, and a person now. The caller holds the organisation's pay.
 */
export async function takeBackRefused(tx: Tx, given: { itemId: string; note: string; by: string }): Promise<void> {
  const refused = tx`
    select l.campaign_id, l.annotator_id, l.amount_micros, l.order_id, e.response_id, e.detail
    from payout_entries e join ledger l on l.id = e.ledger_id
    where e.payout_item_id = ${given.itemId} and e.outcome = 'refused' and l.kind = 'spend' and l.annotation_id is null`;
  await tx`
    select 1 from budgets where campaign_id in (select campaign_id from (${refused}) r) order by campaign_id for update`;
  await tx`
    with taken as (
      insert into pay_adjustments (id, campaign_id, annotator_id, response_id, kind, amount_micros, reason, state, proposed_by,
        disputable_until, reviewed_by, reviewed_at, note)
      select gen_random_uuid(), campaign_id, annotator_id, response_id, 'deduction', amount_micros, detail, 'applied',
        'the vendor', now(), ${given.by}, now(), ${given.note}
      from (${refused}) r
      returning id, campaign_id, annotator_id, response_id, amount_micros
    ), booked as (
      insert into ledger (campaign_id, kind, payee, amount_micros, key, adjustment_id, annotator_id, order_id)
      select t.campaign_id, 'deduction', 'vendor', t.amount_micros, 'deduction:' || t.id, t.id, t.annotator_id, u.order_id
      from taken t join vendor_responses r on r.id = t.response_id join vendor_units u on u.id = r.unit_id
    )
    update budgets b set spent_micros = spent_micros - t.micros
    from (select campaign_id, sum(amount_micros)::bigint as micros from taken group by campaign_id) t
    where b.campaign_id = t.campaign_id`;
}

/** What failed payments were for is owed again: another payment may take it up. */
export async function releaseEntries(tx: Tx, itemIds: readonly string[]): Promise<void> {
  await tx`update payout_entries set live = false where payout_item_id = any(${itemIds as string[]}::uuid[]) and live`;
}

/** Orders with answers of a payment that the vendor has not been asked about. */
export async function unsettledOrders(sql: Queryable, itemId: string, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select distinct u.order_id as id
    from payout_entries e join vendor_responses r on r.id = e.response_id join vendor_units u on u.id = r.unit_id
    where e.payout_item_id = ${itemId} and e.outcome is null
    order by u.order_id limit ${limit}`;
  return rows.map(({ id }) => id);
}

export interface OpenEntry {
  readonly ledgerId: bigint;
  readonly responseId: string;
  readonly unitId: string;
  readonly responseKey: string;
}

/** Answers of a payment in one order that the vendor has not been asked about. */
export async function openEntries(sql: Queryable, of: { itemId: string; orderId: string }): Promise<OpenEntry[]> {
  return sql<OpenEntry[]>`
    select e.ledger_id as "ledgerId", r.id as "responseId", u.id as "unitId", r.response_key as "responseKey"
    from payout_entries e join vendor_responses r on r.id = e.response_id join vendor_units u on u.id = r.unit_id
    where e.payout_item_id = ${of.itemId} and u.order_id = ${of.orderId} and e.outcome is null
    order by e.ledger_id`;
}

/** What a vendor has said of an answer of a payment. Kept as it is when it is told again. */
export async function noteEntry(
  sql: Queryable,
  entry: { itemId: string; ledgerId: bigint } & (
    | { outcome: 'accepted'; chargedMicros: bigint | null }
    | { outcome: 'refused'; detail: string }
  ),
): Promise<void> {
  const said = { chargedMicros: null, detail: null, ...entry };
  await sql`
    update payout_entries set outcome = ${said.outcome}, charged_micros = ${said.chargedMicros}, detail = ${said.detail}
    where payout_item_id = ${entry.itemId} and ledger_id = ${entry.ledgerId} and outcome is null`;
}

/** Whether a payment still waits for its vendor. */
export async function isUnsettled(sql: Queryable, itemId: string): Promise<boolean> {
  return (await sql`select 1 from payout_items where id = ${itemId} and settles and state = 'sent'`).length > 0;
}

/** Through which vendor a payment is settled; undefined where it is through none. */
export async function vendorOfPayment(sql: Queryable, itemId: string): Promise<string | undefined> {
  const [item] = await sql<{ vendor: string }[]>`
    select channel as vendor from payout_items where id = ${itemId} and settles`;
  return item?.vendor;
}

/** Says what became of a payment when its vendor has been asked about every answer. Once; before that nothing changes. */
export async function concludeSettlement(db: Db, itemId: string): Promise<void> {
  await db.begin(async (tx) => {
    // The run before its payments, as everybody locks them.
    await tx`
      select 1 from payout_runs r join payout_items i on i.run_id = r.id where i.id = ${itemId} for update of r`;
    const [item] = await tx<{ vendor: string; amountMicros: bigint }[]>`
      select channel as vendor, amount_micros as "amountMicros" from payout_items
      where id = ${itemId} and settles and state = 'sent' for update`;
    const [sums] = await tx<Sums[]>`
      select count(*) filter (where e.outcome is null)::int as open, count(*) filter (where l.kind = 'spend')::int as answers,
        count(*) filter (where e.outcome = 'refused')::int as refused,
        coalesce(sum(e.amount_micros), 0)::bigint as "bookedMicros",
        coalesce(sum(e.charged_micros), 0)::bigint as "chargedMicros"
      from payout_entries e join ledger l on l.id = e.ledger_id where e.payout_item_id = ${itemId}`;
    if (!item || !sums || sums.open > 0) return;
    const verdict = verdictOnSettlement({ ...item, ...sums });
    const note = verdict.becomes === 'ambiguous' ? verdict.note : null;
    const reported = verdict.becomes === 'paid' ? item.amountMicros : sums.chargedMicros;
    await tx`
      update payout_items set state = ${verdict.becomes}, note = ${note}, reported_micros = ${reported}, updated_at = now()
      where id = ${itemId}`;
  });
}

interface Sums {
  readonly open: number;
  readonly answers: number;
  readonly refused: number;
  readonly bookedMicros: bigint;
  readonly chargedMicros: bigint;
}

export interface SettlementView {
  readonly itemId: string;
  readonly answers: number;
  readonly accepted: number;
  readonly refused: number;
  /** What the vendor charges for those it accepted, and for bonuses. */
  readonly chargedMicros: bigint;
}

/** How far payments that are settled through vendors have come. */
export async function settlementsOf(sql: Queryable, itemIds: readonly string[]): Promise<SettlementView[]> {
  return sql<SettlementView[]>`
    select e.payout_item_id as "itemId", count(*) filter (where l.kind = 'spend')::int as answers,
      count(*) filter (where l.kind = 'spend' and e.outcome = 'accepted')::int as accepted,
      count(*) filter (where e.outcome = 'refused')::int as refused,
      coalesce(sum(e.charged_micros), 0)::bigint as "chargedMicros"
    from payout_entries e join ledger l on l.id = e.ledger_id
    where e.payout_item_id = any(${itemIds as string[]}::uuid[]) group by 1`;
}

export interface RefusedView {
  readonly itemId: string;
  readonly taskId: string;
  /** Null where it did not count. */
  readonly annotationId: string | null;
  /** Ours and the vendor's ids, to look it up there. */
  readonly orderKey: string;
  readonly responseKey: string;
  readonly workerId: string;
  readonly amountMicros: bigint;
  readonly detail: string;
}

/** The first answers of each of these payments that their vendors do not pay for, and why. */
export async function refusalsOf(sql: Queryable, itemIds: readonly string[], each: number): Promise<RefusedView[]> {
  return sql<RefusedView[]>`
    select f.id as "itemId", u.task_id as "taskId", r.annotation_id as "annotationId", o.key as "orderKey",
      r.response_key as "responseKey", r.worker_id as "workerId", e.amount_micros as "amountMicros", e.detail
    from unnest(${itemIds as string[]}::uuid[]) as f(id)
    cross join lateral (
      select * from payout_entries where payout_item_id = f.id and outcome = 'refused' order by ledger_id limit ${each}
    ) e
    join vendor_responses r on r.id = e.response_id join vendor_units u on u.id = r.unit_id
    join vendor_orders o on o.id = u.order_id
    order by f.id, e.ledger_id`;
}

import type { Payable } from '../../domain/payouts/collect.ts';
import { only, type Queryable } from '../client.ts';
import { payeeOf } from './money.ts';

/**
 * Whose an entry of the books is: a payment's recipient, an annotator, or the vendor whose worker answered. Simulated
 * annotators are owed nothing that could be paid.
 */
const recipient = (sql: Queryable) =>
  sql`coalesce(i.recipient, case l.payee when 'annotator' then w.id::text else 'vendor:' || w.workforce end)`;

/** A proposed deduction is held back for so long after the annotator's time to object; then nothing is, until it is ruled on. */
export const HELD_DAYS = 30;

/** Whether a deduction `a` is held back of its annotator's pay. */
export const isHeld = (sql: Queryable) => sql`a.state = 'proposed' and a.kind = 'deduction'
  and now() < a.disputable_until + ${HELD_DAYS} * interval '1 day'`;

/**
 * The parts of a deduction `a` for answer `n` of annotator `w`: what the answer's platform kept goes back with the whole of
 * what a vendor's worker was paid; people's answers have no fee.
 */
export const deductedParts = (sql: Queryable) =>
  sql`(values (${payeeOf(sql)}, a.amount_micros - n.fee_micros), ('platform', n.fee_micros)) as part(payee, micros)`;

/** What is owed, campaign by campaign: earned before `before`, less what was taken or paid out at any time. */
export async function payableNow(sql: Queryable, of: { organisationId: string; before: Date }): Promise<Payable[]> {
  return sql<Payable[]>`
    select ${recipient(sql)} as recipient, l.campaign_id as "campaignId", l.payee,
      sum(case
        when l.kind in ('spend', 'fee', 'bonus') then case when l.created_at < ${of.before} then l.amount_micros else 0 end
        when l.kind in ('deduction', 'payout') then -l.amount_micros
        else l.amount_micros
      end)::bigint as micros
    from ledger l
    join campaigns c on c.id = l.campaign_id
    left join annotators w on w.id = l.annotator_id
    left join payout_items i on i.id = l.payout_item_id
    where c.organisation_id = ${of.organisationId} and l.payee in ('annotator', 'vendor', 'platform')
      and l.kind in ('spend', 'fee', 'bonus', 'deduction', 'payout', 'payout_failed')
      and (w.id is null or not w.simulated)
    group by 1, 2, 3
    order by 1, 2, 3`;
}

/** Recipients who were paid more in a campaign than they were owed there, on all their accounts together. */
export async function countOverpaid(sql: Queryable): Promise<number> {
  return only(
    await sql<{ n: number }[]>`
      select count(*)::int as n from (
        select 1
        from ledger l
        left join annotators w on w.id = l.annotator_id
        left join payout_items i on i.id = l.payout_item_id
        where l.payee in ('annotator', 'vendor', 'platform')
          and l.kind in ('spend', 'fee', 'bonus', 'deduction', 'payout', 'payout_failed')
        group by ${recipient(sql)}, l.campaign_id
        having sum(case when l.kind in ('deduction', 'payout') then -l.amount_micros else l.amount_micros end) < 0
      ) overpaid`,
  ).n;
}

/**
 * What an annotator is owed in a campaign, and how much of that is what an answer was paid: what has left was first what was
 * earned first, so that is all but what was booked for later answers and what is held back of earlier ones. Nothing of who
 * is simulated.
 */
export async function unpaidOf(
  sql: Queryable,
  answer: { annotationId: string; annotatorId: string; campaignId: string },
): Promise<{ owedMicros: bigint; ownMicros: bigint }> {
  const { annotationId, annotatorId, campaignId } = answer;
  const [row] = await sql<{ owedMicros: bigint; laterMicros: bigint; heldMicros: bigint }[]>`
    with own as (
      select l.id from ledger l join annotators w on w.id = l.annotator_id and not w.simulated
      where l.key = ${`spend:${annotationId}`}
    ), booked as (
      select case when l.kind in ('deduction', 'payout') then -l.amount_micros else l.amount_micros end as micros,
        case l.kind when 'deduction' then about.id when 'fee' then coalesce(about.id, l.id) when 'spend' then l.id when 'bonus' then l.id end as earned
      from ledger l
      left join pay_adjustments a on a.id = l.adjustment_id and l.kind = 'deduction'
      left join ledger about on about.key = 'spend:' || case l.kind when 'fee' then l.annotation_id::text
        else coalesce(a.annotation_id::text, 'invalid:' || a.response_id) end
      where l.annotator_id = ${annotatorId} and l.campaign_id = ${campaignId}
        and l.kind in ('spend', 'fee', 'bonus', 'deduction', 'payout', 'payout_failed')
    )
    select coalesce(sum(b.micros), 0)::bigint as "owedMicros",
      coalesce(sum(b.micros) filter (where b.earned > own.id), 0)::bigint as "laterMicros",
      (select coalesce(sum(a.amount_micros), 0)::bigint
        from pay_adjustments a join ledger about on about.key = 'spend:' || a.annotation_id and about.id < own.id
        where a.annotator_id = ${annotatorId} and a.campaign_id = ${campaignId} and ${isHeld(sql)}) as "heldMicros"
    from own cross join booked b group by own.id`;
  if (!row) return { owedMicros: 0n, ownMicros: 0n };
  // A vendor is paid for all its workers at once: what is part of a payment has left, and nothing else has.
  const [sent] = await sql`
    select 1 from payout_entries e join ledger l on l.id = e.ledger_id
    where l.key = ${`spend:${annotationId}`} and e.live`;
  if (sent) return { owedMicros: 0n, ownMicros: 0n };
  return { owedMicros: row.owedMicros, ownMicros: row.owedMicros - row.laterMicros - row.heldMicros };
}

/** What is held back of each annotator's pay, campaign by campaign: deductions that were proposed, and can still be ruled on in time. */
export async function heldBack(sql: Queryable, organisationId: string): Promise<Payable[]> {
  return sql<Payable[]>`
    select case w.kind when 'vendor' then 'vendor:' || w.workforce else w.id::text end as recipient,
      a.campaign_id as "campaignId", part.payee, sum(part.micros)::bigint as micros
    from pay_adjustments a join campaigns c on c.id = a.campaign_id join annotators w on w.id = a.annotator_id
      join annotations n on n.id = a.annotation_id cross join lateral ${deductedParts(sql)}
    where c.organisation_id = ${organisationId} and part.micros > 0 and ${isHeld(sql)} group by 1, 2, 3`;
}

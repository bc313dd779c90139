import type { Payable } from '../../domain/payouts/collect.ts';
import type { Queryable } from '../client.ts';

/**
 * Whose an entry of the books is: a payment's recipient, an annotator, or the vendor whose worker answered. Simulated
 * annotators are owed nothing that could be paid.
 */
const recipient = (sql: Queryable) =>
  sql`coalesce(i.recipient, case l.payee when 'annotator' then w.id::text else 'vendor:' || w.workforce end)`;

/** What is owed, campaign by campaign: earned before `before`, less what was taken or paid out at any time. */
export async function payableNow(
  sql: Queryable,
  of: { organisationId: string; before: Date; recipient?: string },
): Promise<Payable[]> {
  return sql<Payable[]>`
    select ${recipient(sql)} as recipient, l.campaign_id as "campaignId",
      sum(case
        when l.kind in ('spend', 'bonus') then case when l.created_at < ${of.before} then l.amount_micros else 0 end
        when l.kind in ('deduction', 'payout') then -l.amount_micros
        else l.amount_micros
      end)::bigint as micros
    from ledger l
    join campaigns c on c.id = l.campaign_id
    left join annotators w on w.id = l.annotator_id
    left join payout_items i on i.id = l.payout_item_id
    where c.organisation_id = ${of.organisationId} and l.payee in ('annotator', 'vendor')
      and l.kind in ('spend', 'bonus', 'deduction', 'payout', 'payout_failed')
      and (w.id is null or not w.simulated)
      and ${of.recipient === undefined ? sql`true` : sql`${recipient(sql)} = ${of.recipient}`}
    group by 1, 2
    order by 1, 2`;
}

/** What is held back of each annotator's pay, campaign by campaign: proposed deductions that nobody has ruled on. */
export async function heldBack(sql: Queryable, organisationId: string): Promise<Payable[]> {
  return sql<Payable[]>`
    select a.annotator_id as recipient, a.campaign_id as "campaignId", sum(a.amount_micros)::bigint as micros
    from pay_adjustments a join campaigns c on c.id = a.campaign_id
    where c.organisation_id = ${organisationId} and a.state = 'proposed' and a.kind = 'deduction' group by 1, 2`;
}

import type { Period } from '../../domain/books/period.ts';
import type { Queryable } from '../client.ts';
import { believedS } from './pay-floors.ts';

/** What an annotator's answers of a period come to in one campaign, by when they were given. */
export interface CampaignEarnings {
  readonly campaignId: string;
  readonly name: string;
  /** Answers that are paid or will be. */
  readonly answers: number;
  readonly accruedMicros: bigint;
  readonly focusedS: number;
  /** The accrued amount by how far it has come. */
  readonly paidMicros: bigint;
  readonly pendingMicros: bigint;
  readonly owedMicros: bigint;
  /** Late answers that the campaign's policy does not pay. */
  readonly unpaidAnswers: number;
}

/** Earnings by campaign, newest campaign first. */
export async function earningsOf(
  sql: Queryable,
  of: { annotatorId: string; period: Period },
): Promise<CampaignEarnings[]> {
  const { startsAt, endsAt } = of.period;
  return sql<CampaignEarnings[]>`
    select c.id as "campaignId", c.name,
      count(*) filter (where n.pay_state <> 'unpaid_by_policy')::int as answers,
      coalesce(sum(n.price_micros) filter (where n.pay_state <> 'unpaid_by_policy'), 0)::bigint as "accruedMicros",
      coalesce(sum(case w.kind when 'person' then ${believedS(sql)} else n.time_spent_s end) filter (where n.pay_state <> 'unpaid_by_policy'), 0)::float8 as "focusedS",
      coalesce(sum(n.price_micros) filter (where n.pay_state = 'paid'), 0)::bigint as "paidMicros",
      coalesce(sum(n.price_micros) filter (where n.pay_state = 'pending'), 0)::bigint as "pendingMicros",
      coalesce(sum(n.price_micros) filter (where n.pay_state = 'owed'), 0)::bigint as "owedMicros",
      count(*) filter (where n.pay_state = 'unpaid_by_policy')::int as "unpaidAnswers"
    from annotations n join campaigns c on c.id = n.campaign_id
    join assignments a on a.id = n.assignment_id join annotators w on w.id = n.annotator_id
    where n.annotator_id = ${of.annotatorId} and n.submitted_at >= ${startsAt} and n.submitted_at < ${endsAt}
    group by c.id order by c.id desc`;
}

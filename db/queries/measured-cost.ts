import type { Bought } from '../../domain/cost/measured.ts';
import { only, type Queryable } from '../client.ts';
import { believedS } from './pay-floors.ts';

/** What a campaign's newest answers of people took and cost, and what its tasks have come to. */
export interface MeasuredCost {
  readonly answers: number;
  readonly seconds: number;
  readonly paidMicros: bigint;
  /** Of these answers, those to golds. */
  readonly golds: number;
  readonly endedTasks: number;
  readonly spentMicros: bigint;
}

/** What the newest answers took and cost that vendors and judges gave; of the same window as people's. */
export async function boughtAnswers(sql: Queryable, campaignId: string): Promise<Bought[]> {
  return sql<Bought[]>`
    select w.workforce, count(*)::int as answers, count(n.time_spent_s)::int as timed,
      coalesce(sum(n.time_spent_s), 0)::float8 as seconds, sum(n.price_micros)::bigint as "paidMicros",
      sum(n.fee_micros)::bigint as "feeMicros"
    from (
      select annotator_id, time_spent_s, price_micros, fee_micros from annotations
      where campaign_id = ${campaignId} and pay_state <> 'unpaid_by_policy' order by submitted_at desc limit ${WINDOW}
    ) n
    join annotators w on w.id = n.annotator_id and w.kind <> 'person'
    group by w.workforce order by w.workforce`;
}

/** Newest answers that are looked at. */
const WINDOW = 5000;

/** Measured over the newest answers; spent and ended tasks are of the whole campaign. */
export async function measuredCost(sql: Queryable, campaignId: string): Promise<MeasuredCost> {
  return only(
    await sql<MeasuredCost[]>`
      select count(*)::int as answers, coalesce(sum(${believedS(sql)}), 0)::float8 as seconds,
        coalesce(sum(n.price_micros), 0)::bigint as "paidMicros",
        count(*) filter (where t.kind in ('gold', 'honeypot'))::int as golds,
        (select count(*)::int from tasks where campaign_id = ${campaignId} and kind = 'work'
          and state in ('decided', 'adjudicated', 'unresolved')) as "endedTasks",
        (select spent_micros from budgets where campaign_id = ${campaignId}) as "spentMicros"
      from (
        select task_id, annotator_id, assignment_id, submitted_at, time_spent_s, price_micros from annotations
        where campaign_id = ${campaignId} and pay_state <> 'unpaid_by_policy' order by submitted_at desc limit ${WINDOW}
      ) n
      join tasks t on t.id = n.task_id
      join assignments a on a.id = n.assignment_id
      join annotators w on w.id = n.annotator_id and w.kind = 'person'`,
  );
}

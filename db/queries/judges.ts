import type { JudgeCounts } from '../../domain/quality/judge-card.ts';
import type { Queryable } from '../client.ts';

/**
 * What an organisation's judges answered, counted beside the first person who answered the same task, and that one beside
 * the second: one comparison a task, as those within a task depend on each other and intervals would come out too narrow.
 */
export async function judgeCounts(sql: Queryable, organisationId: string): Promise<JudgeCounts[]> {
  return sql<JudgeCounts[]>`
    with judged as (
      select w.worker_id as judge, n.task_id, n.price_micros, l.label, r.answers,
        sign(length(p.payload ->> 'a') - length(p.payload ->> 'b')) as longer
      from vendor_workers w
      join annotations n on n.annotator_id = w.annotator_id
      join annotation_labels l on l.annotation_id = n.id
      join vendor_responses r on r.annotation_id = n.id
      join tasks t on t.id = n.task_id join item_payloads p on p.item_id = t.item_id
      where w.organisation_id = ${organisationId} and w.vendor = 'llm'
    ), people as (
      select j.judge, j.task_id, j.longer, j.label as judged, l.label,
        row_number() over (partition by j.judge, j.task_id order by n.submitted_at, n.id) as turn
      from judged j
      join annotations n on n.task_id = j.task_id and n.counted
      join annotators a on a.id = n.annotator_id and a.kind = 'person'
      join annotation_labels l on l.annotation_id = n.id
    ), own as (
      select judge, count(*)::int as answers, sum(price_micros)::bigint as cost,
        count(*) filter (where answers ? 'ordersDisagree')::int as pairs,
        count(*) filter (where answers ->> 'ordersDisagree' = 'true')::int as disagree,
        count(*) filter (where longer <> 0 and label ->> 'choice' in ('a', 'b'))::int as preferred,
        count(*) filter (where label ->> 'choice' = case longer when 1 then 'a' when -1 then 'b' end)::int as longer
      from judged group by judge
    ), unanswered as (
      -- What it cost without an answer.
      select w.worker_id as judge, sum(l.amount_micros)::bigint as cost
      from vendor_workers w join ledger l on l.annotator_id = w.annotator_id and l.kind = 'spend' and l.annotation_id is null
      where w.organisation_id = ${organisationId} and w.vendor = 'llm' group by w.worker_id
    ), theirs as (
      select judge, count(*)::int as compared, count(*) filter (where label = judged)::int as same,
        count(*) filter (where longer <> 0 and label ->> 'choice' in ('a', 'b'))::int as preferred,
        count(*) filter (where label ->> 'choice' = case longer when 1 then 'a' when -1 then 'b' end)::int as longer
      from people where turn = 1 group by judge
    ), among as (
      select x.judge, count(*)::int as compared, count(*) filter (where x.label = y.label)::int as same
      from people x join people y on y.judge = x.judge and y.task_id = x.task_id and y.turn = 2
      where x.turn = 1
      group by x.judge
    )
    select judge, coalesce(o.answers, 0) as answers, (coalesce(o.cost, 0) + coalesce(u.cost, 0))::bigint as "costMicros",
      coalesce(t.compared, 0) as compared, coalesce(t.same, 0) as same, coalesce(a.compared, 0) as "peopleCompared",
      coalesce(a.same, 0) as "peopleSame", coalesce(o.pairs, 0) as pairs, coalesce(o.disagree, 0) as "ordersDisagree",
      coalesce(o.preferred, 0) as preferred, coalesce(o.longer, 0) as "preferredLonger",
      coalesce(t.preferred, 0) as "peoplePreferred", coalesce(t.longer, 0) as "peoplePreferredLonger"
    from own o full join unanswered u using (judge) left join theirs t using (judge) left join among a using (judge)
    order by judge`;
}

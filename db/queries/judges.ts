import type { JudgedComparison } from '../../domain/judging/biases.ts';
import type { JudgeCounts } from '../../domain/quality/judge-card.ts';
import type { Queryable } from '../client.ts';

/** Of an organisation, or of one of its campaigns. */
export interface JudgesOf {
  readonly organisationId: string;
  readonly campaignId?: string;
}

const inScope = (sql: Queryable, column: string, { campaignId }: JudgesOf) =>
  campaignId === undefined ? sql`` : sql`and ${sql(column)} = ${campaignId}`;

/**
 * What judges answered, counted beside the first person who answered the same task, and that one beside
 * the second: one comparison a task, as those within a task depend on each other and intervals would come out too narrow.
 */
export async function judgeCounts(sql: Queryable, of: JudgesOf): Promise<JudgeCounts[]> {
  const { organisationId } = of;
  return sql<JudgeCounts[]>`
    with judged as (
      select w.worker_id as judge, n.task_id, n.price_micros, l.label, r.answers
      from vendor_workers w
      join annotations n on n.annotator_id = w.annotator_id
      join annotation_labels l on l.annotation_id = n.id
      join vendor_responses r on r.annotation_id = n.id
      where w.organisation_id = ${organisationId} and w.vendor = 'llm' ${inScope(sql, 'n.campaign_id', of)}
    ), people as (
      select j.judge, j.task_id, j.label as judged, l.label,
        row_number() over (partition by j.judge, j.task_id order by n.submitted_at, n.id) as turn
      from judged j
      join annotations n on n.task_id = j.task_id and n.counted and n.excluded_at is null
      join annotators a on a.id = n.annotator_id and a.kind = 'person'
      join annotation_labels l on l.annotation_id = n.id
    ), own as (
      select judge, count(*)::int as answers, sum(price_micros)::bigint as cost,
        count(*) filter (where answers ? 'ordersDisagree')::int as pairs,
        count(*) filter (where answers ->> 'ordersDisagree' = 'true')::int as disagree
      from judged group by judge
    ), unanswered as (
      -- What it cost without an answer.
      select w.worker_id as judge, sum(l.amount_micros)::bigint as cost
      from vendor_workers w join ledger l on l.annotator_id = w.annotator_id and l.kind = 'spend' and l.annotation_id is null
      where w.organisation_id = ${organisationId} and w.vendor = 'llm' ${inScope(sql, 'l.campaign_id', of)} group by w.worker_id
    ), theirs as (
      select judge, count(*)::int as compared, count(*) filter (where label = judged)::int as same
      from people where turn = 1 group by judge
    ), among as (
      select x.judge, count(*)::int as compared, count(*) filter (where x.label = y.label)::int as same
      from people x join people y on y.judge = x.judge and y.task_id = x.task_id and y.turn = 2
      where x.turn = 1
      group by x.judge
    )
    select judge, coalesce(o.answers, 0) as answers, (coalesce(o.cost, 0) + coalesce(u.cost, 0))::bigint as "costMicros",
      coalesce(t.compared, 0) as compared, coalesce(t.same, 0) as same, coalesce(a.compared, 0) as "peopleCompared",
      coalesce(a.same, 0) as "peopleSame", coalesce(o.pairs, 0) as pairs, coalesce(o.disagree, 0) as "ordersDisagree"
    from own o full join unanswered u using (judge) left join theirs t using (judge) left join among a using (judge)
    order by judge`;
}

/** Texts that a judge wrote are read up to so many, the newest ones. */
const MAX_OWN_TEXTS = 500;

/** What judges of an organisation answered to free_text tasks, in whichever campaign: how they write themselves. */
export async function ownTexts(sql: Queryable, organisationId: string): Promise<{ judge: string; text: string }[]> {
  return sql<{ judge: string; text: string }[]>`
    select w.worker_id as judge, own.text
    from vendor_workers w
    cross join lateral (
      select l.label #>> '{}' as text
      from annotations n join annotation_labels l on l.annotation_id = n.id
      join campaigns c on c.id = n.campaign_id and c.settings ->> 'type' = 'free_text'
      where n.annotator_id = w.annotator_id and jsonb_typeof(l.label) = 'string'
      order by n.submitted_at desc limit ${MAX_OWN_TEXTS}
    ) own
    where w.organisation_id = ${organisationId} and w.vendor = 'llm'`;
}

/** Comparisons are read up to so many of each judge, the newest ones. */
const MAX_COMPARISONS = 2000;

/** What judges and the first person said of the same comparisons, the newest of each judge, with what these show. */
export async function judgedComparisons(
  sql: Queryable,
  of: JudgesOf,
  limit = MAX_COMPARISONS,
): Promise<JudgedComparison[]> {
  return sql<JudgedComparison[]>`
    select w.worker_id as judge, j.type, p.payload, j.label as judged, j.person
    from vendor_workers w
    cross join lateral (
      select n.task_id, c.settings ->> 'type' as type, l.label, first.label as person
      from annotations n join annotation_labels l on l.annotation_id = n.id
      join campaigns c on c.id = n.campaign_id and c.settings ->> 'type' in ('pairwise', 'preference_ranking')
      cross join lateral (
        select l.label from annotations m
        join annotators a on a.id = m.annotator_id and a.kind = 'person'
        join annotation_labels l on l.annotation_id = m.id
        where m.task_id = n.task_id and m.counted and m.excluded_at is null order by m.submitted_at, m.id limit 1
      ) first
      where n.annotator_id = w.annotator_id ${inScope(sql, 'n.campaign_id', of)}
      order by n.submitted_at desc limit ${limit}
    ) j
    join tasks t on t.id = j.task_id join item_payloads p on p.item_id = t.item_id
    where w.organisation_id = ${of.organisationId} and w.vendor = 'llm'`;
}

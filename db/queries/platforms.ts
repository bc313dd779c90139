import type { Queryable } from '../client.ts';
import type { AnnotatorKind, TaskKind } from '../schema/states.ts';

export interface PlatformAnswer {
  /** The annotator's workforce: a pool of people, a vendor, or the judges. */
  readonly platform: string;
  readonly kind: AnnotatorKind;
  readonly annotatorId: string;
  readonly taskId: string;
  readonly taskKind: TaskKind;
  readonly counted: boolean;
  readonly label: unknown;
  /** Of golds: the known answer. */
  readonly known: unknown;
  /** Of work: the newest decision; null where there is none. */
  readonly decided: unknown;
  /** From when its task was offered there to the answer: of a vendor from the purchase, of people from the task's making. */
  readonly seconds: number;
  /** Focused time; null where nobody said. */
  readonly timeSpentS: number | null;
}

/**
 * The newest answers of each platform that has worked for a campaign, at most `limit` of each: excluded ones are none, late ones
 * are, as they are paid.
 */
export async function platformAnswers(
  sql: Queryable,
  query: { campaignId: string; workforces: readonly string[]; limit: number },
): Promise<PlatformAnswer[]> {
  return sql<PlatformAnswer[]>`
    select w.platform, n.kind, n.annotator_id as "annotatorId", n.task_id as "taskId", t.kind as "taskKind", n.counted, l.label,
      g.label as known, case when t.kind = 'work' then d.label end as decided,
      extract(epoch from n.submitted_at - coalesce(r.offered, t.created_at))::float8 as seconds,
      n.time_spent_s as "timeSpentS"
    from unnest(${query.workforces as string[]}::text[]) w(platform)
    cross join lateral (
      select n.id, n.task_id, n.annotator_id, n.counted, n.time_spent_s, n.submitted_at, a.kind
      from annotations n join annotators a on a.id = n.annotator_id and a.workforce = w.platform
      where n.campaign_id = ${query.campaignId} and n.excluded_at is null
      order by n.submitted_at desc limit ${query.limit}
    ) n
    join tasks t on t.id = n.task_id
    join annotation_labels l on l.annotation_id = n.id
    left join gold_answers g on g.item_id = t.item_id and t.kind in ('gold', 'honeypot')
    left join lateral (
      select u.created_at as offered from vendor_responses r join vendor_units u on u.id = r.unit_id where r.annotation_id = n.id
    ) r on true
    left join lateral (
      select label from decisions where task_id = n.task_id order by revision desc limit 1
    ) d on true`;
}

export interface PlatformTotals {
  readonly annotators: number;
  readonly answers: number;
  /** Answers of which it is settled whether they are paid. */
  readonly settled: number;
  /** Of what is paid, be it that the answer was excluded afterwards. */
  readonly paidMicros: bigint;
}

/** All answers of each platform in a campaign: excluded ones are none, but were paid. */
export async function platformTotals(sql: Queryable, campaignId: string): Promise<Map<string, PlatformTotals>> {
  const rows = await sql<(PlatformTotals & { platform: string })[]>`
    select a.workforce as platform, count(*) filter (where given.answers > 0)::int as annotators,
      sum(given.answers)::int as answers, sum(given.settled)::int as settled, sum(given.paid)::bigint as "paidMicros"
    from (
      select annotator_id, count(*) filter (where excluded_at is null) as answers,
        count(*) filter (where excluded_at is null and pay_state in ('paid', 'unpaid_by_policy')) as settled,
        coalesce(sum(price_micros) filter (where pay_state = 'paid'), 0) as paid
      from annotations where campaign_id = ${campaignId} group by annotator_id
    ) given join annotators a on a.id = given.annotator_id
    group by a.workforce`;
  return new Map(rows.map(({ platform, ...totals }) => [platform, totals]));
}

/** What was spent on a platform in a campaign without an answer, such as a judge's refusals; missing: nothing. */
export async function spentUnanswered(sql: Queryable, campaignId: string): Promise<Map<string, bigint>> {
  const rows = await sql<{ platform: string; micros: bigint }[]>`
    select a.workforce as platform, sum(l.amount_micros)::bigint as micros
    from ledger l join annotators a on a.id = l.annotator_id
    where l.campaign_id = ${campaignId} and l.kind = 'spend' and l.annotation_id is null group by a.workforce`;
  return new Map(rows.map(({ platform, micros }) => [platform, micros]));
}

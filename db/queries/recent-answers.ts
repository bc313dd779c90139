import type { Queryable } from '../client.ts';

/** Of a text only so much is read: enough to tell it from others. */
const TEXT_READ = 2000;

export interface RecentAnswer {
  readonly id: string;
  readonly taskId: string;
  readonly label: unknown;
  readonly presentation: unknown;
  readonly itemHash: string;
  /** What the item shows; null where that is long. */
  readonly payload: unknown;
  /** The counted answers of others to the task; none for tasks with a known answer, which everybody answers. */
  readonly peers: readonly unknown[];
}

/** Bytes of a payload that is read beside its answer. */
const PAYLOAD_READ = 8192;

/** Of `item_payloads p`. */
export const shortPayload = (sql: Queryable) =>
  sql`case when pg_column_size(p.payload) <= ${PAYLOAD_READ} then p.payload end`;

const shortened = (sql: Queryable, label: ReturnType<Queryable>) => sql`
  case jsonb_typeof(${label}) when 'string' then to_jsonb(left(${label} #>> '{}', ${TEXT_READ})) else ${label} end`;

/** An annotator's answers in a campaign up to a time, at most `limit` of them, oldest first. Texts are cut short. */
export async function recentAnswersOf(
  sql: Queryable,
  query: { annotatorId: string; campaignId: string; until: Date; limit: number },
): Promise<RecentAnswer[]> {
  return sql<RecentAnswer[]>`
    select n.id, n.task_id as "taskId", ${shortened(sql, sql`l.label`)} as label, l.presentation, p.hash as "itemHash",
      ${shortPayload(sql)} as payload, coalesce(others.labels, '[]') as peers
    from (
      select id, task_id, submitted_at from annotations
      where annotator_id = ${query.annotatorId} and campaign_id = ${query.campaignId} and submitted_at <= ${query.until}
      order by submitted_at desc limit ${query.limit}
    ) n
    join annotation_labels l on l.annotation_id = n.id
    join tasks t on t.id = n.task_id
    join item_payloads p on p.item_id = t.item_id
    left join lateral (
      select jsonb_agg(${shortened(sql, sql`ol.label`)} order by o.id) as labels
      from annotations o join annotation_labels ol on ol.annotation_id = o.id
      where t.kind = 'work' and o.task_id = n.task_id and o.annotator_id <> ${query.annotatorId} and o.counted
        and o.excluded_at is null
    ) others on true
    order by n.submitted_at, n.id`;
}

export interface SampledAnswer {
  readonly annotatorId: string;
  readonly label: unknown;
  readonly presentation: unknown;
  /** Null where nobody said, as of judges. */
  readonly timeSpentS: number | null;
}

/** The newest counted answers of a campaign, at most `limit`: how labels and times are spread in it. */
export async function sampleAnswers(
  sql: Queryable,
  query: { campaignId: string; limit: number },
): Promise<SampledAnswer[]> {
  return sql<SampledAnswer[]>`
    select n.annotator_id as "annotatorId", ${shortened(sql, sql`l.label`)} as label, l.presentation,
      n.time_spent_s::float8 as "timeSpentS"
    from (
      select id, annotator_id, time_spent_s from annotations
      where campaign_id = ${query.campaignId} and counted and excluded_at is null order by submitted_at desc limit ${query.limit}
    ) n
    join annotation_labels l on l.annotation_id = n.id`;
}

/** What a task shows, and the texts that others had answered it with before, newest first, at most `limit`. */
export async function textsBefore(
  sql: Queryable,
  query: { taskId: string; annotatorId: string; before: Date; limit: number },
): Promise<{ payload: unknown; texts: string[] }> {
  const [row] = await sql<{ payload: unknown; texts: string[] | null }[]>`
    select p.payload, (
      select array_agg(o.text order by o.submitted_at desc) from (
        select l.label #>> '{}' as text, n.submitted_at
        from annotations n join annotation_labels l on l.annotation_id = n.id
        where n.task_id = t.id and n.annotator_id <> ${query.annotatorId} and n.submitted_at <= ${query.before}
        order by n.submitted_at desc limit ${query.limit}
      ) o
    ) as texts
    from tasks t join item_payloads p on p.item_id = t.item_id where t.id = ${query.taskId}`;
  return { payload: row?.payload, texts: row?.texts ?? [] };
}

/** An annotator's own answer to a task; undefined where they gave none that stands. */
export async function ownAnswerTo(
  sql: Queryable,
  query: { taskId: string; annotatorId: string },
): Promise<{ annotationId: string; label: unknown } | undefined> {
  const [row] = await sql<{ annotationId: string; label: unknown }[]>`
    select n.id as "annotationId", l.label from annotations n join annotation_labels l on l.annotation_id = n.id
    where n.task_id = ${query.taskId} and n.annotator_id = ${query.annotatorId} and n.excluded_at is null
    order by n.submitted_at desc limit 1`;
  return row;
}

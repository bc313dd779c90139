import { json, type Queryable } from '../client.ts';

/** Which decided tasks other instructions may have changed. */
export interface AffectedQuery {
  readonly campaignId: string;
  /** Canonical labels: only tasks decided as one of these, or with such an answer; undefined means any. */
  readonly labels?: readonly unknown[] | undefined;
  /** Only tasks decided with at most this confidence. */
  readonly maxConfidence?: number | undefined;
}

/** Answers `n` of a task `t` that count and were given under older instructions than its campaign's (`c`). */
const outdated = (sql: Queryable) => sql`
  annotations n join assignments a on a.id = n.assignment_id
  where n.task_id = t.id and n.counted and n.excluded_at is null
    and coalesce(a.instructions_version, t.instructions_version) < c.instructions_version`;

/**
 * Tasks that were decided by answers under older instructions than the campaign's, with their newest decision. Those that
 * were asked again since with their old answers kept are left out.
 */
const affected = (sql: Queryable, { campaignId, labels, maxConfidence }: AffectedQuery) => sql`
  tasks t
  join campaigns c on c.id = t.campaign_id and t.instructions_version < c.instructions_version
  cross join lateral (
    select label, confidence from decisions where task_id = t.id order by revision desc limit 1
  ) newest
  where t.campaign_id = ${campaignId} and t.kind = 'work' and t.state = 'decided' and exists (select from ${outdated(sql)})
    ${maxConfidence === undefined ? sql`` : sql`and newest.confidence <= ${maxConfidence}`}
    ${
      labels === undefined
        ? sql``
        : sql`and (newest.label in (select value from jsonb_array_elements(${json(sql, labels)})) or exists (
            select from annotations n join annotation_labels l on l.annotation_id = n.id
            where n.task_id = t.id and n.counted and n.excluded_at is null
              and l.label in (select value from jsonb_array_elements(${json(sql, labels)}))))`
    }`;

/** How many tasks there are, by the price of one more answer. */
export async function affectedPrices(
  sql: Queryable,
  query: AffectedQuery,
): Promise<{ priceMicros: bigint; tasks: number }[]> {
  return sql<{ priceMicros: bigint; tasks: number }[]>`
    select t.price_micros as "priceMicros", count(*)::int as tasks
    from ${affected(sql, query)} group by t.price_micros order by t.price_micros`;
}

export interface AffectedTaskRow {
  readonly taskId: string;
  readonly label: unknown;
  readonly confidence: number;
  /** Its answers that count and were given under older instructions. */
  readonly annotationIds: string[];
}

/** The tasks themselves, the least confident first, at most `limit`. */
export async function affectedTasks(
  sql: Queryable,
  query: AffectedQuery & { limit: number },
): Promise<AffectedTaskRow[]> {
  return sql<AffectedTaskRow[]>`
    select t.id as "taskId", newest.label, newest.confidence::float8 as confidence, coalesce((
      select jsonb_agg(n.id) from ${outdated(sql)}
    ), '[]') as "annotationIds"
    from ${affected(sql, query)} order by newest.confidence, t.id limit ${query.limit}`;
}

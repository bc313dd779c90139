import type { Db, Queryable } from '../client.ts';
import { type Reopened, reopenTasks } from './reopenings.ts';

/** Answers of another judge since a judge's last one, from which on that is taken for replaced by it. */
const REPLACED_AFTER = 5;

/** Tasks that a judge decided, alone or with other judges, since a time, by their newest decision, with its answers to them. */
const leaning = (sql: Queryable, query: { campaignId: string; annotatorId: string; since: Date }) => sql`
  annotations n
  join tasks t on t.id = n.task_id and t.state = 'decided'
  cross join lateral (
    select evidence, decided_at from decisions where task_id = t.id order by revision desc limit 1
  ) newest
  where n.annotator_id = ${query.annotatorId} and n.campaign_id = ${query.campaignId} and n.counted
    and newest.decided_at >= ${query.since}
    and newest.evidence -> 'context' ->> 'decidedBy' = 'judges'`;

/** How many tasks lean on a judge, by the price of one more answer. */
export async function leaningPrices(
  sql: Queryable,
  query: { campaignId: string; annotatorId: string; since: Date },
): Promise<{ priceMicros: bigint; tasks: number }[]> {
  return sql<{ priceMicros: bigint; tasks: number }[]>`
    select t.price_micros as "priceMicros", count(distinct t.id)::int as tasks
    from ${leaning(sql, query)} group by t.price_micros order by t.price_micros`;
}

/**
 * Opens tasks again that lean on a judge, for people, as far as the budget allows: its answers to them do not count any
 * more. The oldest decisions first; a repeat goes on with what is left.
 */
export async function reopenLeaning(
  db: Db,
  given: {
    campaignId: string;
    annotatorId: string;
    since: Date;
    limit: number;
    answers: number;
    reason: string;
    by: string;
    nowMs: number;
  },
): Promise<Reopened> {
  const { campaignId, answers, reason, by, nowMs } = given;
  const found = await db<{ taskId: string; annotationId: string }[]>`
    select t.id as "taskId", n.id as "annotationId"
    from ${leaning(db, given)} order by newest.decided_at, t.id limit ${given.limit}`;
  const tasks = found.map(({ taskId, annotationId }) => ({ taskId, answers, excludedIds: [annotationId] }));
  if (tasks.length === 0) return { taskIds: [], reservedMicros: 0n, overBudget: 0, passedOver: 0 };
  return reopenTasks(db, { campaignId, cause: 'judge', reason, by, tasks, nowMs });
}

/**
 * Judges of a campaign that answer no more, each with the one that began after its last answer and has given some since: the
 * endpoint's model has another version, or another model or prompt is set.
 */
export async function replacedJudges(
  sql: Queryable,
  campaignId: string,
): Promise<{ annotatorId: string; replacedBy: string }[]> {
  return sql<{ annotatorId: string; replacedBy: string }[]>`
    with given as (
      select n.annotator_id, min(n.submitted_at) as first, max(n.submitted_at) as last, count(*) as answers
      from annotations n join annotators a on a.id = n.annotator_id and a.kind = 'llm'
      where n.campaign_id = ${campaignId} group by n.annotator_id
    )
    select distinct on (old.annotator_id) old.annotator_id as "annotatorId",
      coalesce(w.worker_id, a.name) as "replacedBy"
    from given old
    join given fresh on fresh.first > old.last and fresh.answers >= ${REPLACED_AFTER}
    join annotators a on a.id = fresh.annotator_id
    left join vendor_workers w on w.annotator_id = fresh.annotator_id
    order by old.annotator_id, fresh.first`;
}

/** The name of a judge that has answered in a campaign; undefined for anybody else. */
export async function judgeNamed(
  sql: Queryable,
  at: { campaignId: string; annotatorId: string },
): Promise<string | undefined> {
  const [judge] = await sql<{ name: string }[]>`
    select coalesce(w.worker_id, a.name) as name
    from annotators a left join vendor_workers w on w.annotator_id = a.id
    where a.id = ${at.annotatorId} and a.kind = 'llm'
      and exists (select from annotations n where n.annotator_id = a.id and n.campaign_id = ${at.campaignId})
    limit 1`;
  return judge?.name;
}

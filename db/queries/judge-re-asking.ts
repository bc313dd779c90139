import type { Db, Queryable } from '../client.ts';
import { type Reopened, reopenTasks } from './reopenings.ts';

/** So many of a model's newest answers are by another version before that is taken for its successor. */
const REPLACED_AFTER = 10;

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

/** A task that was decided, and an answer that had a part in it. */
export interface Answered {
  readonly taskId: string;
  readonly annotationId: string;
  readonly decidedAt: Date;
  readonly label: unknown;
  readonly confidence: number;
  /** By judges alone. */
  readonly alone: boolean;
}

/** Decided tasks in which a judge's answer counts, by their newest decision of a time or later, oldest first; the next ones after one of them. */
export async function answeredBy(
  sql: Queryable,
  query: { campaignId: string; annotatorId: string; since: Date; after: Answered | undefined; limit: number },
): Promise<Answered[]> {
  const { since, after } = query;
  return sql<Answered[]>`
    select t.id as "taskId", n.id as "annotationId", newest.decided_at as "decidedAt", newest.label, newest.confidence::float8 as confidence,
      coalesce(newest.evidence -> 'context' ->> 'decidedBy' = 'judges', false) as alone
    from annotations n
    join tasks t on t.id = n.task_id and t.state = 'decided' and t.kind = 'work'
    cross join lateral (
      select decided_at, label, confidence, evidence from decisions where task_id = t.id order by revision desc limit 1
    ) newest
    where n.annotator_id = ${query.annotatorId} and n.campaign_id = ${query.campaignId} and n.counted
      and n.excluded_at is null and ${
        after
          ? sql`(newest.decided_at, t.id) > (${after.decidedAt}, ${after.taskId}::uuid)`
          : sql`newest.decided_at >= ${since}`
      }
    order by newest.decided_at, t.id limit ${query.limit}`;
}

/** All that a distrusted judge had a part in up to a time was judged again. */
export async function noteLookedTo(
  sql: Queryable,
  judge: { campaignId: string; annotatorId: string; at: Date },
): Promise<void> {
  await sql`
    update judge_trusts set looked_to = greatest(looked_to, ${judge.at})
    where campaign_id = ${judge.campaignId} and annotator_id = ${judge.annotatorId}`;
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
 * Judges of a campaign whose model has another version now, each with the name of that. It goes by what the endpoint was
 * asked last, here or elsewhere: kept answers of the old version may still come in.
 */
export async function replacedJudges(
  sql: Queryable,
  campaignId: string,
): Promise<{ annotatorId: string; replacedBy: string }[]> {
  return sql<{ annotatorId: string; replacedBy: string }[]>`
    with present as (
      select s.model, min(newest.version) as version, min(newest.name) as name
      from (select distinct model from judge_spending) s cross join lateral (
        select coalesce(answered_by, model) as version, ${judgeName(sql)} as name
        from judge_answers where model = s.model and said is not null order by created_at desc limit ${REPLACED_AFTER}
      ) newest
      group by s.model
      having count(*) = ${REPLACED_AFTER} and min(newest.version) = max(newest.version)
    ), own as (
      select distinct n.annotator_id, w.worker_id
      from annotations n join vendor_workers w on w.annotator_id = n.annotator_id and w.vendor = 'llm'
      where n.campaign_id = ${campaignId}
    )
    select own.annotator_id as "annotatorId", min(present.name) as "replacedBy"
    from own join present on exists (
      select from judge_answers where model = present.model and ${judgeName(sql)} = own.worker_id
        and coalesce(answered_by, model) <> present.version
    )
    -- One name may be that of several models here: as long as it answers for one of them it is not replaced.
    where not exists (
      select from present p join judge_answers j on j.model = p.model and coalesce(j.answered_by, j.model) = p.version
      where 'judge:' || p.version || ':' || j.prompt_version = own.worker_id
    )
    group by own.annotator_id order by own.annotator_id`;
}

/** By which a vendor's worker is known; see the judge's adapter. */
const judgeName = (sql: Queryable) => sql`'judge:' || coalesce(answered_by, model) || ':' || prompt_version`;

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

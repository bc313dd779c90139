import { only, type Queryable } from '../client.ts';
import type { DecisionState } from '../schema/states.ts';

export interface ContestedRow {
  readonly taskId: string;
  readonly key: string;
  readonly state: DecisionState;
  readonly label: unknown;
  readonly confidence: number;
  readonly revision: number;
}

/** Of the campaign's newest `window` decided tasks, those whose decision is least certain; at most `limit`. */
export async function contestedTasks(
  sql: Queryable,
  query: { campaignId: string; window: number; limit: number },
): Promise<ContestedRow[]> {
  return sql<ContestedRow[]>`
    select n.task_id as "taskId", i.key, n.state, n.label, n.confidence::float8 as confidence, n.revision
    from (
      select distinct on (task_id) task_id, state, label, confidence, revision
      from (
        select task_id, state, label, confidence, revision from decisions
        where campaign_id = ${query.campaignId} order by task_id desc, revision desc limit ${query.window}
      ) newest
      order by task_id desc, revision desc
    ) n
    join tasks t on t.id = n.task_id
    join items i on i.id = t.item_id
    where n.state in ('decided', 'unresolved') and n.confidence < 1
    order by n.confidence, n.task_id
    limit ${query.limit}`;
}

/** How many of the campaign's newest `window` decisions ended a task without its being cancelled, and what these tasks cost. */
export async function newestTaskCosts(
  sql: Queryable,
  campaignId: string,
  window: number,
): Promise<{ readonly tasks: number; readonly costMicros: bigint }> {
  return only(
    await sql<{ tasks: number; costMicros: bigint }[]>`
      select count(*)::int as tasks, coalesce(sum(cost_micros), 0)::bigint as "costMicros"
      from (
        select distinct on (task_id) state, cost_micros
        from (
          select task_id, revision, state, cost_micros from decisions
          where campaign_id = ${campaignId} order by task_id desc, revision desc limit ${window}
        ) newest
        order by task_id desc, revision desc
      ) n
      where state <> 'cancelled'`,
  );
}

export interface WorkRow {
  readonly annotatorId: string;
  readonly timeSpentS: number | null;
  readonly flagged: boolean;
  readonly submittedAt: Date;
  readonly label: unknown;
  /** The task's newest decided label; null where there is none, as for golds. */
  readonly decided: unknown;
}

/** The campaign's newest `limit` counted answers, each with what its task was decided to be. */
export async function newestWork(sql: Queryable, campaignId: string, limit: number): Promise<WorkRow[]> {
  return sql<WorkRow[]>`
    select n.annotator_id as "annotatorId", n.time_spent_s as "timeSpentS", n.flags <> '{}' as flagged,
      n.submitted_at as "submittedAt", l.label, d.label as decided
    from (
      select id, task_id, annotator_id, time_spent_s, flags, submitted_at from annotations
      where campaign_id = ${campaignId} and counted order by submitted_at desc limit ${limit}
    ) n
    join annotation_labels l on l.annotation_id = n.id
    left join lateral (
      select label from decisions where task_id = n.task_id order by revision desc limit 1
    ) d on true
    order by n.submitted_at desc`;
}

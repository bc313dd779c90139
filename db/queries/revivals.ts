import type { TaskLeft } from '../../domain/annotation-task.ts';
import type { CampaignLeft, StopReason } from '../../domain/campaign.ts';
import type { PartRecord } from '../../domain/quality/standing-book.ts';
import { type CampaignSettings, taskPolicyOf } from '../../domain/settings.ts';
import type { TaskPolicy } from '../../domain/task-policy.ts';
import { only, type Queryable } from '../client.ts';

/** How the workflow of a task is started whose own is gone. */
export interface Revival {
  readonly taskId: string;
  readonly campaignId: string;
  readonly policy: TaskPolicy;
  readonly reopened?: number;
}

/** Those of these tasks that have not ended, each with how its workflow is started. */
export async function revivalsOf(sql: Queryable, taskIds: readonly string[]): Promise<Revival[]> {
  const rows = await sql<
    { taskId: string; campaignId: string; reopened: number; version: number; settings: CampaignSettings }[]
  >`
    select t.id as "taskId", t.campaign_id as "campaignId", t.reopened, p.version, p.settings
    from tasks t join policies p on p.campaign_id = t.campaign_id and p.version = t.policy_version
    where t.id = any(${taskIds as string[]}::uuid[]) and t.kind = 'work' and t.state in ('planned', 'open', 'adjudicating')`;
  return rows.map(({ taskId, campaignId, reopened, version, settings }) => {
    return { taskId, campaignId, policy: taskPolicyOf(settings, version), ...(reopened > 0 ? { reopened } : {}) };
  });
}

/** A place in the list of open tasks: by campaign, then by task. */
export interface OpenTask {
  readonly campaignId: string;
  readonly taskId: string;
}

/** Tasks that have not ended and are older than `olderThanMs`, after this one. */
export async function openTasksAfter(
  sql: Queryable,
  page: { after: OpenTask; olderThanMs: number; limit: number },
): Promise<OpenTask[]> {
  const { after, olderThanMs, limit } = page;
  return sql<OpenTask[]>`
    select campaign_id as "campaignId", id as "taskId" from tasks
    where (campaign_id, id) > (${after.campaignId}::uuid, ${after.taskId}::uuid)
      and state in ('planned', 'open', 'adjudicating') and kind = 'work'
      and created_at < now() - ${olderThanMs} * interval '1 millisecond'
    order by campaign_id, id limit ${limit}`;
}

/** What the database knows of a task that has not ended; undefined when it has. */
export async function taskLeft(sql: Queryable, taskId: string): Promise<TaskLeft | undefined> {
  type Row = Omit<TaskLeft, 'pausedAtMs' | 'target'> & { pausedAt: Date | null; live: number };
  const [row] = await sql<Row[]>`
    select n.counted as "countedIds", n.arrived as "arrivedIds", n.people, t.redundancy, t.escalations,
      t.state = 'adjudicating' as adjudicating, t.workforce <> 'llm' as heeded,
      case when c.state = 'paused' then c.paused_at end as "pausedAt",
      (select count(*)::int from slots where task_id = t.id and state in ('open', 'leased')) as live,
      t.workforce = 'llm' and not exists (
        select from vendor_units u where u.task_id = t.id and u.state in ('waiting', 'ordered')
      ) as judged
    from tasks t
    join campaigns c on c.id = t.campaign_id
    cross join lateral (
      select coalesce(jsonb_agg(id order by id) filter (where assessed_at is not null), '[]') as counted,
        coalesce(jsonb_agg(id order by id) filter (where assessed_at is null), '[]') as arrived,
        coalesce(bool_or(annotator_id in (select id from annotators where kind <> 'llm')), false) as people
      from annotations where task_id = t.id and counted and excluded_at is null
    ) n
    where t.id = ${taskId} and t.state in ('planned', 'open', 'adjudicating')`;
  if (!row) return undefined;
  const { pausedAt, live, ...left } = row;
  const target = Math.max(1, left.countedIds.length + left.arrivedIds.length + live);
  return { ...left, target, pausedAtMs: pausedAt?.getTime() ?? null };
}

/** Campaigns that have begun, for longer than `olderThanMs`, and not ended. */
export async function liveCampaigns(sql: Queryable, olderThanMs: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from campaigns
    where state in ('running', 'paused', 'stopping')
      and started_at < now() - ${olderThanMs}::float8 * interval '1 millisecond'`;
  return rows.map(({ id }) => id);
}

/** As many as a workflow can carry; it asks for others before it ends. */
const MOST_IN_FLIGHT = 2000;

/** What the database knows of a campaign that has begun and not ended; undefined for others. */
export async function campaignLeft(sql: Queryable, campaignId: string): Promise<CampaignLeft | undefined> {
  type Row = Omit<CampaignLeft, 'stopReason'> & { readonly stopReason: StopReason | null };
  const [row] = await sql<Row[]>`
    select c.state as phase, coalesce(c.stop_reason, case when c.state = 'stopping' then 'pool_empty' end) as "stopReason",
      greatest(t.round, (select max(round) from rounds where campaign_id = c.id), 0) as round, t.settled::int as settled, coalesce((
        select jsonb_agg(id) from (
          select id from tasks
          where campaign_id = c.id and kind = 'work' and state in ('planned', 'open', 'adjudicating')
          limit ${MOST_IN_FLIGHT}
        ) open
      ), '[]') as "inFlight"
    from campaigns c
    cross join lateral (
      select max(round) as round,
        count(*) filter (where state not in ('planned', 'open', 'adjudicating')) as settled
      from tasks where campaign_id = c.id and kind = 'work'
    ) t
    where c.id = ${campaignId} and c.state in ('running', 'paused', 'stopping')`;
  return row;
}

/** Orders that wait for something and are older than `olderThanMs`. */
export async function openOrders(sql: Queryable, olderThanMs: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from vendor_orders
    where state in ('intent', 'submitting', 'placed') and created_at < now() - ${olderThanMs}::float8 * interval '1 millisecond'`;
  return rows.map(({ id }) => id);
}

/** Payout runs likewise. */
export async function openPayoutRuns(sql: Queryable, olderThanMs: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from payout_runs
    where state not in ('closed', 'cancelled') and created_at < now() - ${olderThanMs}::float8 * interval '1 millisecond'`;
  return rows.map(({ id }) => id);
}

/**
 * Tells annotators' workflows once more of answers that they are to grade and have not: given after `since` (null: ever),
 * `olderThanMs` ago, and not waiting to be told. How many, and up to when they were given.
 */
export async function tellUngraded(
  sql: Queryable,
  given: { since: Date | null; olderThanMs: number },
): Promise<{ told: number; until: Date }> {
  const { since, olderThanMs } = given;
  // The database's clock, which dated the answers.
  const until = sql`now() - ${olderThanMs}::float8 * interval '1 millisecond'`;
  // Of all times there are few tasks with known answers to look through; of the last minute, few answers.
  const recent = since && sql`and n.submitted_at > ${since} and (c.ended_at is null or c.ended_at > ${since})`;
  return only(
    await sql<{ told: number; until: Date }[]>`
      with told as (
        insert into outbox (kind, target_id, message, payload)
        select 'signal_annotator', n.annotator_id::text, 'goldAnswered', jsonb_build_object('annotationId', n.id::text)
        from campaigns c
        join annotations n on n.campaign_id = c.id
        join tasks t on t.id = n.task_id
        where n.submitted_at <= ${until} and n.counted and n.assessed_at is null and t.kind <> 'work' ${recent ?? sql``}
          and not exists (
            select from outbox o where o.target_id = n.annotator_id::text and o.payload ->> 'annotationId' = n.id::text
          )
        returning id
      )
      select (select count(*)::int from told) as told, ${until} as until`,
  );
}

export interface StandingRow extends Omit<PartRecord, 'changed'> {
  readonly taskType: string | null;
  readonly changedAt: Date | null;
  readonly changedTo: PartRecord['standing'] | null;
  readonly byHand: boolean;
  readonly recalibrations: number;
}

/** An annotator's standings as they are kept, the one as a whole (of no type) first; none where there is no such annotator. */
export async function standingsKept(sql: Queryable, annotatorId: string): Promise<StandingRow[]> {
  return sql<StandingRow[]>`
    select part.*, c.at as "changedAt", c.standing as "changedTo", coalesce(c.by_hand, false) as "byHand", coalesce(c.count, 0)::int as recalibrations
    from (
      select null::text as "taskType", standing, gold_total as "goldTotal", gold_correct as "goldCorrect",
        quality_score::float8 as "qualityScore"
      from annotators where id = ${annotatorId}
      union all
      select task_type, standing, gold_total, gold_correct, quality_score::float8
      from annotator_standings where annotator_id = ${annotatorId}
    ) part
    left join lateral (
      select max(at) as at, count(*) filter (where to_standing = 'recalibrating') as count,
        (array_agg(to_standing order by at desc, id desc))[1] as standing,
        (array_agg(evidence ->> 'by' is not null order by at desc, id desc))[1] as by_hand
      from standing_changes where annotator_id = ${annotatorId} and task_type is not distinct from part."taskType"
    ) c on true
    order by part."taskType" nulls first`;
}

export interface GradedRow {
  readonly annotationId: string;
  readonly settings: CampaignSettings;
  readonly label: unknown;
  readonly gold: unknown;
  readonly submittedAt: Date;
}

/** The last answers to golds that an annotator's workflow has graded, oldest first. */
export async function gradedGolds(sql: Queryable, given: { annotatorId: string; limit: number }): Promise<GradedRow[]> {
  return sql<GradedRow[]>`
    select * from (
      select n.id as "annotationId", c.settings, l.label, g.label as gold, n.submitted_at as "submittedAt"
      from annotations n
      join tasks t on t.id = n.task_id and t.kind in ('gold', 'honeypot')
      join gold_answers g on g.item_id = t.item_id
      join annotation_labels l on l.annotation_id = n.id
      join campaigns c on c.id = n.campaign_id
      where n.annotator_id = ${given.annotatorId} and n.counted and n.assessed_at is not null
      order by n.submitted_at desc, n.id desc limit ${given.limit}
    ) newest
    order by "submittedAt", "annotationId"`;
}

import type { TaskLeft } from '../../domain/annotation-task.ts';
import { type CampaignSettings, taskPolicyOf } from '../../domain/settings.ts';
import type { TaskPolicy } from '../../domain/task-policy.ts';
import type { Queryable } from '../client.ts';

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
    select n.counted as "countedIds", n.arrived as "arrivedIds", t.redundancy, t.escalations,
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
        coalesce(jsonb_agg(id order by id) filter (where assessed_at is null), '[]') as arrived
      from annotations where task_id = t.id and counted and excluded_at is null
    ) n
    where t.id = ${taskId} and t.state in ('planned', 'open', 'adjudicating')`;
  if (!row) return undefined;
  const { pausedAt, live, ...left } = row;
  const target = Math.max(1, left.countedIds.length + left.arrivedIds.length + live);
  return { ...left, target, pausedAtMs: pausedAt?.getTime() ?? null };
}

import type { EscalationStep } from '../../domain/task-policy.ts';
import type { Db, Queryable } from '../client.ts';
import type { CampaignState } from '../schema/states.ts';
import { REOPENING_STATES } from './reopenings.ts';
import { insertRevisions, type Revision } from './revisions.ts';

/** An annotator's counted answer to a task that is not decided (any more). */
export interface AnswerToOpenTask {
  readonly open: true;
  readonly annotationId: string;
  readonly taskId: string;
  /** It is out of the decision to come already. */
  readonly excluded: boolean;
}

/** An annotator's counted answer to a task that is decided by its answers, with the newest decision. */
export interface AnswerInDecision {
  readonly open: false;
  readonly annotationId: string;
  readonly taskId: string;
  readonly campaignId: string;
  /** What an answer to the task costs. */
  readonly priceMicros: bigint;
  /** Raises what an answer may come to cost. */
  readonly escalation: readonly EscalationStep[];
  /** Whether its campaign still takes answers, so that the task can be opened again. */
  readonly canReopen: boolean;
  /** Least confidence of a decision by the task's policy. */
  readonly minConfidence: number;
  readonly revision: number;
  readonly evidence: unknown;
  /** The newest decision was made without it by a quarantine, and the task was not opened again since. */
  readonly leftOut: boolean;
}

/**
 * An annotator's answers to tasks that are decided or open, in the order they were given, campaign by campaign, after the
 * annotation `after`. Known answers and rulings of experts are left out.
 */
export async function answersInDecisions(
  sql: Queryable,
  page: { annotatorId: string; campaignId?: string | undefined; after?: string | undefined; limit: number },
): Promise<(AnswerInDecision | AnswerToOpenTask)[]> {
  return sql<(AnswerInDecision | AnswerToOpenTask)[]>`
    select t.state <> 'decided' as open, n.excluded_at is not null as excluded, n.id as "annotationId", n.task_id as "taskId", n.campaign_id as "campaignId",
      t.price_micros as "priceMicros", (p.settings ->> 'minConfidence')::float8 as "minConfidence",
      p.settings -> 'escalation' as escalation, c.state = any(${REOPENING_STATES as CampaignState[]}) as "canReopen",
      newest.revision, newest.evidence, coalesce(newest.evidence #>> '{context,because}' = 'quarantine'
        and newest.evidence #>> '{context,annotatorId}' = n.annotator_id::text, false) as "leftOut"
    from annotations n
    join tasks t on t.id = n.task_id and t.kind = 'work' and t.state in ('decided', 'open', 'adjudicating')
    join campaigns c on c.id = t.campaign_id
    join policies p on p.campaign_id = t.campaign_id and p.version = t.policy_version
    left join lateral (
      select revision, state, evidence from decisions
      where task_id = t.id and t.state = 'decided' order by revision desc limit 1
    ) newest on true
    where n.annotator_id = ${page.annotatorId} and n.counted and (t.state <> 'decided' or newest.state = 'decided')
      ${page.campaignId === undefined ? sql`` : sql`and n.campaign_id = ${page.campaignId}`}
      ${
        page.after === undefined
          ? sql``
          : sql`and (n.campaign_id, n.submitted_at, n.id) > (
              select campaign_id, submitted_at, id from annotations
              where id = ${page.after} and annotator_id = ${page.annotatorId})`
      }
    order by n.campaign_id, n.submitted_at, n.id
    limit ${page.limit}`;
}

/**
 * Takes answers out of their tasks' decisions from now on and adds these revisions of what was decided, all or nothing:
 * otherwise who decides one of them anew meanwhile would bring a vote back. Answers to tasks that were decided or opened
 * again since they were read are passed over, and `missed`, as are revisions whose number is taken.
 */
export async function takeOut(
  db: Db,
  taken: { answers: readonly (AnswerInDecision | AnswerToOpenTask)[]; revisions: readonly Revision[] },
): Promise<{ revised: number; missed: number }> {
  const { answers, revisions } = taken;
  if (answers.length === 0) return { revised: 0, missed: 0 };
  return db.begin(async (tx) => {
    // Held, so that a decision is made wholly before or wholly after.
    const tasks = await tx<{ id: string; open: boolean }[]>`
      select id, state <> 'decided' as open from tasks
      where id = any(${answers.map(({ taskId }) => taskId)}::uuid[]) and state in ('decided', 'open', 'adjudicating')
      order by id for share`;
    const isOpen = new Map(tasks.map(({ id, open }) => [id, open]));
    const same = answers.filter(({ taskId, open }) => isOpen.get(taskId) === open);
    const sameTasks = new Set(same.map(({ taskId }) => taskId));
    await tx`
      update annotations n set excluded_at = now()
      from (
        select id from annotations
        where id = any(${same.map(({ annotationId }) => annotationId)}::uuid[]) and excluded_at is null
        order by id for no key update
      ) due
      where n.id = due.id`;
    const wanted = revisions.filter(({ taskId }) => sameTasks.has(taskId));
    const revised = await insertRevisions(tx, wanted);
    return { revised, missed: answers.length - same.length + wanted.length - revised };
  });
}

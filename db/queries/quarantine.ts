import type { EscalationStep } from '../../domain/task-policy.ts';
import type { Queryable } from '../client.ts';
import type { CampaignState } from '../schema/states.ts';
import { REOPENING_STATES } from './reopenings.ts';

/** An annotator's counted answer to a task that is decided by its answers, with the newest decision. */
export interface AnswerInDecision {
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
}

/**
 * An annotator's answers to decided tasks in the order they were given, campaign by campaign, after the annotation
 * `after`. Known answers and rulings of experts are left out.
 */
export async function answersInDecisions(
  sql: Queryable,
  page: { annotatorId: string; campaignId?: string | undefined; after?: string | undefined; limit: number },
): Promise<AnswerInDecision[]> {
  return sql<AnswerInDecision[]>`
    select n.id as "annotationId", n.task_id as "taskId", n.campaign_id as "campaignId",
      t.price_micros as "priceMicros", (p.settings ->> 'minConfidence')::float8 as "minConfidence",
      p.settings -> 'escalation' as escalation, c.state = any(${REOPENING_STATES as CampaignState[]}) as "canReopen",
      newest.revision, newest.evidence
    from annotations n
    join tasks t on t.id = n.task_id and t.kind = 'work' and t.state = 'decided'
    join campaigns c on c.id = t.campaign_id
    join policies p on p.campaign_id = t.campaign_id and p.version = t.policy_version
    cross join lateral (
      select revision, state, evidence from decisions where task_id = t.id order by revision desc limit 1
    ) newest
    where n.annotator_id = ${page.annotatorId} and n.counted and newest.state = 'decided'
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

import type { ChosenAmong } from '../../domain/campaign-turns.ts';
import type { Tier } from '../../domain/tiers.ts';
import type { Queryable } from '../client.ts';
import type { DecisionState, ReopeningCause, TaskKind, TaskState } from '../schema/states.ts';
import { nameNow } from './payout-acts.ts';

export interface DecisionRow {
  readonly id: string;
  readonly revision: number;
  readonly state: DecisionState;
  readonly label: unknown;
  readonly confidence: number;
  readonly method: string;
  readonly evidence: unknown;
  readonly costMicros: bigint;
  readonly decidedAt: Date;
}

/** Every revision of a task's decision, newest first. */
export async function decisionsOf(sql: Queryable, taskId: string): Promise<DecisionRow[]> {
  return sql<DecisionRow[]>`
    select id, revision, state, label, confidence::float8 as confidence, method, evidence, cost_micros as "costMicros",
      decided_at as "decidedAt"
    from decisions where task_id = ${taskId} order by revision desc`;
}

export interface TaskHead {
  readonly id: string;
  readonly campaignId: string;
  readonly itemId: string;
  readonly key: string;
  readonly kind: TaskKind;
  readonly state: TaskState;
  readonly round: number;
  readonly redundancy: number;
  readonly priceMicros: bigint;
  readonly priority: number;
  readonly requiredTier: number;
  readonly workforce: string;
  readonly domain: string | null;
  readonly group: string | null;
  readonly policyVersion: number;
  readonly instructionsVersion: number;
  readonly createdAt: Date;
  readonly closedAt: Date | null;
}

/** One task with its item's key. */
export async function taskHead(sql: Queryable, taskId: string): Promise<TaskHead | undefined> {
  const [row] = await sql<TaskHead[]>`
    select t.id, t.campaign_id as "campaignId", t.item_id as "itemId", i.key, t.kind, t.state, t.round, t.redundancy,
      t.price_micros as "priceMicros", t.priority, t.required_tier as "requiredTier", t.workforce, t.domain,
      i.item_group as "group", t.policy_version as "policyVersion", t.instructions_version as "instructionsVersion",
      t.created_at as "createdAt", t.closed_at as "closedAt"
    from tasks t join items i on i.id = t.item_id where t.id = ${taskId}`;
  return row;
}

export interface AssignmentStory {
  readonly id: string;
  readonly annotatorId: string;
  readonly annotator: string;
  readonly state: string;
  readonly priceMicros: bigint;
  readonly leasedAt: Date;
  readonly expiresAt: Date;
  readonly closedAt: Date | null;
  readonly note: string | null;
  /** Why the campaign came first among several, as the choice was made. */
  readonly chosen: ChosenAmong | null;
  /** Of the annotator, as they are now. */
  readonly tier: Tier;
  readonly qualityScore: number;
  readonly specializations: string[];
}

export interface AnnotationStory {
  readonly id: string;
  readonly assignmentId: string;
  readonly annotatorId: string;
  readonly annotator: string;
  readonly label: unknown;
  readonly presentation: unknown;
  readonly counted: boolean;
  readonly timeSpentS: number | null;
  readonly confidence: number | null;
  readonly score: number | null;
  readonly flags: string[];
  readonly evidence: unknown;
  readonly comment: string | null;
  readonly priceMicros: bigint;
  readonly payState: string;
  readonly submittedAt: Date;
}

export interface TaskStory {
  readonly payload: unknown;
  readonly gold: unknown;
  /** What the strategy knew when it chose the item, as the selection stored it; null where no strategy did. */
  readonly selection: Readonly<Record<string, unknown>> | null;
  readonly assignments: AssignmentStory[];
  readonly annotations: AnnotationStory[];
  readonly events: { at: Date; kind: string; detail: string }[];
  /** Why it was opened again after a decision, and for how many answers. */
  readonly reopenings: {
    number: number;
    cause: ReopeningCause;
    reason: string;
    by: string;
    answers: number;
    evidence: unknown;
    at: Date;
  }[];
  readonly rulings: {
    id: string;
    label: unknown;
    ruledBy: string;
    ruledByName: string;
    note: string | null;
    createdAt: Date;
  }[];
  readonly ledger: { kind: string; amountMicros: bigint; key: string; annotatorId: string | null; createdAt: Date }[];
}

/** Everything that happened to a task, each part in the order it happened. */
export async function taskStory(sql: Queryable, task: { id: string; itemId: string }): Promise<TaskStory> {
  const [shown] = await sql<Pick<TaskStory, 'payload' | 'gold' | 'selection'>[]>`
    select p.payload, g.label as gold, i.selection
    from item_payloads p join items i on i.id = p.item_id
      left join gold_answers g on g.item_id = p.item_id where p.item_id = ${task.itemId}`;
  const assignments = await sql<AssignmentStory[]>`
    select a.id, a.annotator_id as "annotatorId", w.name as annotator, a.state, a.price_micros as "priceMicros",
      a.leased_at as "leasedAt", a.expires_at as "expiresAt", a.closed_at as "closedAt", a.note, a.routing as chosen, w.tier,
      w.quality_score::float8 as "qualityScore", w.specializations
    from assignments a join annotators w on w.id = a.annotator_id
    where a.task_id = ${task.id} order by a.leased_at, a.id`;
  const annotations = await sql<AnnotationStory[]>`
    select n.id, n.assignment_id as "assignmentId", n.annotator_id as "annotatorId", w.name as annotator, l.label,
      l.presentation, n.counted, n.time_spent_s::float8 as "timeSpentS", n.confidence::float8 as confidence,
      n.score::float8 as score, n.flags, n.evidence, n.comment, n.price_micros as "priceMicros", n.pay_state as "payState",
      n.submitted_at as "submittedAt"
    from annotations n
    join annotation_labels l on l.annotation_id = n.id
    join annotators w on w.id = n.annotator_id
    where n.task_id = ${task.id} order by n.submitted_at, n.id`;
  const events = await sql<TaskStory['events']>`
    select at, kind, detail from task_events where task_id = ${task.id} order by seq`;
  const reopenings = await sql<TaskStory['reopenings']>`
    select number, cause, reason, by, answers, evidence, at from task_reopenings where task_id = ${task.id} order by number`;
  const rulings = await sql<TaskStory['rulings']>`
    -- Those that took effect. Records of before do not name the ruling.
    select r.id, r.label, r.ruled_by as "ruledBy", ${nameNow(sql, sql`r.ruled_by`)} as "ruledByName", r.note,
      r.created_at as "createdAt"
    from rulings r
    where r.task_id = ${task.id} and exists (
      select from decisions d cross join lateral (select d.evidence #> '{context,ruling}' as ruling) c
      where d.task_id = r.task_id and d.state = 'adjudicated' and coalesce(
        c.ruling ->> 'id' = r.id::text, c.ruling -> 'label' = r.label and c.ruling ->> 'by' = r.ruled_by)
    )
    order by r.created_at, r.id`;
  // The task's own authorization, and what was paid outside it: gold and late answers.
  const ledger = await sql<TaskStory['ledger']>`
    select kind, amount_micros as "amountMicros", key, annotator_id as "annotatorId", created_at as "createdAt"
    from (
      select l.* from authorizations a join ledger l on l.authorization_id = a.id where a.task_id = ${task.id}
      union
      select l.* from annotations n cross join (values ('spend:'), ('fee:'), ('reserve:')) as p(prefix)
      join ledger l on l.key = p.prefix || n.id
      where n.task_id = ${task.id}
    ) booked
    order by id`;
  return {
    payload: shown?.payload ?? null,
    gold: shown?.gold ?? null,
    selection: shown?.selection ?? null,
    assignments,
    annotations,
    events,
    reopenings,
    rulings,
    ledger,
  };
}

export interface TaskListRow {
  readonly id: string;
  readonly key: string;
  readonly kind: TaskKind;
  readonly state: TaskState;
  readonly round: number;
  readonly label: unknown;
  readonly confidence: number | null;
  readonly revision: number | null;
  readonly createdAt: Date;
  /** Since when it waits for answers, or for a ruling; null where it does not. */
  readonly waitingSince: Date | null;
}

/** Tasks of a campaign in the order of their ids or those first that wait longest, after `cursor`, each with its newest decision. */
export async function listTasks(
  sql: Queryable,
  page: {
    campaignId: string;
    state?: TaskState | undefined;
    kind?: TaskKind | undefined;
    key?: string | undefined;
    /** Then of those alone that wait: they are few. */
    byWaiting?: boolean | undefined;
    cursor?: string | undefined;
    limit: number;
  },
): Promise<TaskListRow[]> {
  const since = sql`coalesce(case state when 'adjudicating' then adjudicating_since else opened_at end, created_at)`;
  const order = page.byWaiting ? sql`${since}, id` : sql`id`;
  const first = page.cursor ?? '00000000-0000-0000-0000-000000000000';
  return sql<TaskListRow[]>`
    select t.id, i.key, t.kind, t.state, t.round, t.created_at as "createdAt", d.label,
      d.confidence::float8 as confidence, d.revision,
      case when t.state in ('planned', 'open', 'adjudicating') then t.since end as "waitingSince"
    from (
      select id, item_id, kind, state, round, created_at, ${since} as since from tasks
      where campaign_id = ${page.campaignId}
        and ${
          page.byWaiting
            ? sql`state in ('planned', 'open', 'adjudicating') and ${
                page.cursor === undefined
                  ? sql`true`
                  : sql`(${since}, id) > (select ${since}, id from tasks where id = ${first})`
              }`
            : sql`id > ${first}`
        }
        and ${page.state === undefined ? sql`true` : sql`state = ${page.state}`}
        and ${page.kind === undefined ? sql`true` : sql`kind = ${page.kind}`}
        and ${page.key === undefined ? sql`true` : sql`item_id in (select id from items where campaign_id = ${page.campaignId} and key = ${page.key})`}
      order by ${order} limit ${page.limit}
    ) t
    join items i on i.id = t.item_id
    left join lateral (
      select label, confidence, revision from decisions where task_id = t.id order by revision desc limit 1
    ) d on true
    order by ${page.byWaiting ? sql`t.since, t.id` : sql`t.id`}`;
}

export interface StandingChangeRow {
  /** Null for the standing as a whole. */
  readonly taskType: string | null;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly evidence: unknown;
  readonly at: Date;
}

/** Why an annotator's standing changed, newest first, at most 200. */
export async function standingChangesOf(sql: Queryable, annotatorId: string): Promise<StandingChangeRow[]> {
  return sql<StandingChangeRow[]>`
    select task_type as "taskType", from_standing as "from", to_standing as "to", reason, evidence, at
    from standing_changes where annotator_id = ${annotatorId} order by at desc limit 200`;
}

/** The reasons for which people had an annotator recalibrated who still is, by task type (null: as a whole). */
export async function reasonsByHand(sql: Queryable, annotatorId: string): Promise<Map<string | null, string>> {
  const rows = await sql<{ taskType: string | null; reason: string }[]>`
    select task_type as "taskType", reason
    from (
      select distinct on (task_type) task_type, to_standing, reason, evidence
      from standing_changes where annotator_id = ${annotatorId} order by task_type, at desc, id desc
    ) newest
    where to_standing = 'recalibrating' and evidence ? 'by'`;
  return new Map(rows.map(({ taskType, reason }) => [taskType, reason]));
}

/** How many answers an annotator has given in all. */
export async function countAnswers(sql: Queryable, annotatorId: string): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from annotations where annotator_id = ${annotatorId}`;
  return row?.n ?? 0;
}

/** What a task shows. */
export async function payloadOfTask(sql: Queryable, taskId: string): Promise<unknown> {
  const [row] = await sql<{ payload: unknown }[]>`
    select p.payload from tasks t join item_payloads p on p.item_id = t.item_id where t.id = ${taskId}`;
  return row?.payload;
}

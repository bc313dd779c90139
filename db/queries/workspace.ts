import { v7 as uuidv7 } from 'uuid';
import { type Db, json, only, type Queryable } from '../client.ts';
import { givenAt } from './leases.ts';
import { sentOf } from './payouts.ts';

/**
 * Gives a lease its full time again, but never beyond `mostMs` since it was (last) given. Undefined when it is
 * not this annotator's running lease (any more). While its campaign is paused its time stands still, and it ends no sooner than
 * if that went on now. Slots are locked before assignments, as everywhere.
 */
export async function extendLease(
  sql: Queryable,
  lease: { assignmentId: string; annotatorId: string; leaseMs: number; mostMs: number },
): Promise<Date | undefined> {
  const clock = sql`coalesce(c.paused_at, now())`;
  const [row] = await sql<{ expiresAt: Date }[]>`
    with held as (
      select a.id, s.task_id, s.slot_no, now() - ${clock} as pause,
        greatest(a.expires_at, least(
          ${clock} + ${lease.leaseMs} * interval '1 millisecond',
          ${givenAt(sql)} + ${lease.mostMs} * interval '1 millisecond'
        )) as until
      from slots s
      join assignments a on a.task_id = s.task_id and a.slot_no = s.slot_no and a.id = s.assignment_id and a.fence = s.fence
      join campaigns c on c.id = a.campaign_id
      where a.id = ${lease.assignmentId} and a.annotator_id = ${lease.annotatorId} and a.state = 'leased'
        and s.state = 'leased' and a.expires_at > ${clock}
      for update of s, a
    ), slot as (
      update slots s set lease_expires_at = held.until
      from held where s.task_id = held.task_id and s.slot_no = held.slot_no
    )
    update assignments a set expires_at = held.until from held where a.id = held.id
    returning a.expires_at + held.pause as "expiresAt"`;
  return row?.expiresAt;
}

export interface Draft {
  readonly content: unknown;
  readonly updatedAt: Date;
}

/** Keeps a draft of an annotator's own assignment, in place of the one before; false once it was answered. */
export async function saveDraft(
  sql: Queryable,
  draft: { assignmentId: string; annotatorId: string; content: unknown },
): Promise<Date | undefined> {
  const [row] = await sql<{ updatedAt: Date }[]>`
    insert into assignment_drafts as d (assignment_id, content, updated_at)
    select id, ${json(sql, draft.content)}::jsonb, now() from assignments
    where id = ${draft.assignmentId} and annotator_id = ${draft.annotatorId} and state not in ('submitted', 'late')
    on conflict (assignment_id) do update set content = excluded.content, updated_at = excluded.updated_at
    returning d.updated_at as "updatedAt"`;
  return row?.updatedAt;
}

/** The draft of an annotator's own assignment. */
export async function findDraft(
  sql: Queryable,
  of: { assignmentId: string; annotatorId: string },
): Promise<Draft | undefined> {
  const [row] = await sql<Draft[]>`
    select d.content, d.updated_at as "updatedAt"
    from assignment_drafts d join assignments a on a.id = d.assignment_id
    where a.id = ${of.assignmentId} and a.annotator_id = ${of.annotatorId}`;
  return row;
}

/** Throws a draft away; none is fine. */
export async function dropDraft(sql: Queryable, of: { assignmentId: string; annotatorId: string }): Promise<void> {
  await sql`
    delete from assignment_drafts d using assignments a
    where a.id = d.assignment_id and a.id = ${of.assignmentId} and a.annotator_id = ${of.annotatorId}`;
}

/** Forgets drafts that nobody will come back to. */
export async function forgetOldDrafts(sql: Queryable): Promise<void> {
  await sql`delete from assignment_drafts where updated_at < now() - interval '30 days'`;
}

/** Stores what an annotator says is wrong with a task, once for each assignment; the first words stand. */
export async function insertReport(
  sql: Queryable,
  report: { assignmentId: string; annotatorId: string; reason: string },
): Promise<void> {
  await sql`
    insert into task_reports (id, assignment_id, task_id, campaign_id, annotator_id, reason)
    select ${uuidv7()}, id, task_id, campaign_id, annotator_id, ${report.reason} from assignments
    where id = ${report.assignmentId} and annotator_id = ${report.annotatorId}
    on conflict (assignment_id) do nothing`;
}

export interface ReportRow {
  readonly id: string;
  readonly campaignId: string;
  /** The campaign's name. */
  readonly campaign: string;
  readonly taskId: string;
  /** The item's key. */
  readonly key: string;
  readonly annotatorId: string;
  readonly annotator: string;
  readonly reason: string;
  readonly createdAt: Date;
  /** When somebody had seen to it. */
  readonly doneAt: Date | null;
}

/** Reports of tasks of a campaign, or of all of an organisation, newest first, before `cursor`; all, or those that are (not) done. */
export async function listReports(
  sql: Queryable,
  page: {
    of: { campaignId: string } | { organisationId: string };
    isDone?: boolean | undefined;
    cursor?: string | undefined;
    limit: number;
  },
): Promise<ReportRow[]> {
  return sql<ReportRow[]>`
    select r.id, r.campaign_id as "campaignId", c.name as campaign, r.task_id as "taskId", i.key,
      r.annotator_id as "annotatorId", w.name as annotator, r.reason, r.created_at as "createdAt", r.done_at as "doneAt"
    from task_reports r
    join annotators w on w.id = r.annotator_id
    join campaigns c on c.id = r.campaign_id
    join tasks t on t.id = r.task_id
    join items i on i.id = t.item_id
    where ${'campaignId' in page.of ? sql`r.campaign_id = ${page.of.campaignId}` : sql`c.organisation_id = ${page.of.organisationId}`}
      and ${page.isDone === undefined ? sql`true` : page.isDone ? sql`r.done_at is not null` : sql`r.done_at is null`}
      and ${page.cursor === undefined ? sql`true` : sql`r.id < ${page.cursor}`}
    order by r.id desc limit ${page.limit}`;
}

/** Notes that a report of the campaign was seen to, once; false where there is none. */
export async function closeReport(
  sql: Queryable,
  report: { id: string; campaignId: string; by: string },
): Promise<boolean> {
  const found = await sql`
    update task_reports set done_at = coalesce(done_at, now()), done_by = coalesce(done_by, ${report.by})
    where id = ${report.id} and campaign_id = ${report.campaignId} returning 1`;
  return found.length > 0;
}

export interface OwnNumbers {
  readonly answers: number;
  readonly answersToday: number;
  readonly earnedMicros: bigint;
  readonly pendingMicros: bigint;
  readonly sentMicros: bigint;
}

/**
 * An annotator's answers and pay. Pay counts as earned from the day after the answer on, whether its task has ended or
 * not: golds are paid at once and work when its task settles, so what was paid would tell which was which.
 */
export async function ownNumbers(db: Db, annotatorId: string): Promise<OwnNumbers> {
  return only(
    await db<OwnNumbers[]>`
      select count(*)::int as answers,
        count(*) filter (where submitted_at >= date_trunc('day', now()))::int as "answersToday",
        coalesce(sum(price_micros) filter (
          where pay_state <> 'unpaid_by_policy' and submitted_at < date_trunc('day', now())), 0)::bigint as "earnedMicros",
        coalesce(sum(price_micros) filter (
          where pay_state <> 'unpaid_by_policy' and submitted_at >= date_trunc('day', now())), 0)::bigint as "pendingMicros",
        (select coalesce(sum(${sentOf(db)}), 0)
          from payout_items i where annotator_id = ${annotatorId} and state in ('sent', 'paid'))::bigint as "sentMicros"
      from annotations where annotator_id = ${annotatorId}`,
  );
}

export interface OwnAnswer {
  /** The annotation's. */
  readonly id: string;
  readonly assignmentId: string;
  readonly campaignId: string;
  readonly campaign: string;
  readonly payload: unknown;
  readonly label: unknown;
  /** The order that was drawn for the annotator; null where none was. */
  readonly presentation: unknown;
  readonly submittedAt: Date;
  readonly contested: boolean;
}

/** An annotator's newest answers. Nothing here depends on whether one was gold. */
export async function ownAnswers(
  sql: Queryable,
  query: { annotatorId: string; cursor?: string | undefined; limit: number },
): Promise<OwnAnswer[]> {
  return sql<OwnAnswer[]>`
    select n.id, n.assignment_id as "assignmentId", p.payload, n.campaign_id as "campaignId", c.name as campaign, l.label, l.presentation,
      n.submitted_at as "submittedAt", exists (select from gold_appeals g where g.annotation_id = n.id) as contested
    from annotations n
    join campaigns c on c.id = n.campaign_id
    join annotation_labels l on l.annotation_id = n.id
    join tasks t on t.id = n.task_id
    join item_payloads p on p.item_id = t.item_id
    where n.annotator_id = ${query.annotatorId}
      and ${query.cursor === undefined ? sql`true` : sql`n.id < ${query.cursor}`}
    order by n.id desc limit ${query.limit}`;
}

import { v7 as uuidv7 } from 'uuid';
import { json, type Queryable, type Tx } from '../client.ts';
import type { AppealState, TaskKind } from '../schema/states.ts';
import { writeOutbox } from './outbox.ts';

export interface AppealReceipt {
  readonly id: string;
  readonly annotationId: string;
  readonly createdAt: Date;
  /** False for a repeat: the first one stands. */
  readonly fresh: boolean;
}

/** Contests an annotator's own answer, once; undefined when it is not theirs, or not there. */
export async function insertAppeal(
  sql: Queryable,
  appeal: { annotationId: string; annotatorId: string; reason: string },
): Promise<AppealReceipt | undefined> {
  const [made] = await sql<AppealReceipt[]>`
    insert into gold_appeals (id, annotation_id, campaign_id, annotator_id, reason)
    select ${uuidv7()}, id, campaign_id, annotator_id, ${appeal.reason}
    from annotations where id = ${appeal.annotationId} and annotator_id = ${appeal.annotatorId}
    on conflict (annotation_id) do nothing
    returning id, annotation_id as "annotationId", created_at as "createdAt", true as fresh`;
  if (made) return made;
  const [before] = await sql<AppealReceipt[]>`
    select id, annotation_id as "annotationId", created_at as "createdAt", false as fresh
    from gold_appeals where annotation_id = ${appeal.annotationId} and annotator_id = ${appeal.annotatorId}`;
  return before;
}

export interface AppealRow {
  readonly id: string;
  readonly state: AppealState;
  readonly campaignId: string;
  /** The campaign's name. */
  readonly campaign: string;
  readonly taskId: string;
  readonly itemId: string;
  readonly key: string;
  readonly kind: TaskKind;
  readonly policyVersion: number;
  readonly annotationId: string;
  readonly annotatorId: string;
  readonly annotator: string;
  readonly label: unknown;
  /** The known answer as it is now; null for work. */
  readonly gold: unknown;
  readonly reason: string;
  readonly createdAt: Date;
  readonly resolvedBy: string | null;
  readonly note: string | null;
  readonly resolvedAt: Date | null;
  readonly goldBefore: unknown;
  readonly changedVerdicts: number | null;
}

const appealColumns = (sql: Queryable) => sql`
  p.id, p.state, p.campaign_id as "campaignId", c.name as campaign, t.id as "taskId", t.item_id as "itemId", i.key, t.kind,
  t.policy_version as "policyVersion", p.annotation_id as "annotationId", p.annotator_id as "annotatorId",
  w.name as annotator, l.label, g.label as gold, p.reason, p.created_at as "createdAt", p.resolved_by as "resolvedBy",
  p.note, p.resolved_at as "resolvedAt", p.gold_before as "goldBefore", p.changed_verdicts as "changedVerdicts"`;

const appealJoins = (sql: Queryable) => sql`
  join annotations n on n.id = p.annotation_id
  join annotation_labels l on l.annotation_id = n.id
  join annotators w on w.id = p.annotator_id
  join tasks t on t.id = n.task_id
  join items i on i.id = t.item_id
  join campaigns c on c.id = p.campaign_id
  left join gold_answers g on g.item_id = i.id`;

/** An organisation's appeals in the order they came, after `cursor`. */
export async function listAppeals(
  sql: Queryable,
  page: {
    organisationId: string;
    campaignId?: string | undefined;
    state?: AppealState | undefined;
    cursor?: string | undefined;
    limit: number;
  },
): Promise<AppealRow[]> {
  return sql<AppealRow[]>`
    select ${appealColumns(sql)}
    from (
      select * from gold_appeals
      where (select organisation_id from campaigns where id = campaign_id) = ${page.organisationId}
        and ${page.campaignId === undefined ? sql`true` : sql`campaign_id = ${page.campaignId}`}
        and ${page.state === undefined ? sql`true` : sql`state = ${page.state}`}
        and ${page.cursor === undefined ? sql`true` : sql`id > ${page.cursor}`}
      order by id limit ${page.limit}
    ) p
    ${appealJoins(sql)}
    order by p.id`;
}

/** One appeal. */
export async function findAppeal(sql: Queryable, id: string): Promise<AppealRow | undefined> {
  const [row] = await sql<AppealRow[]>`
    select ${appealColumns(sql)} from gold_appeals p ${appealJoins(sql)} where p.id = ${id}`;
  return row;
}

/** One appeal, with its known answer held until the transaction ends: two that contest it are resolved one by one. */
export async function holdAppeal(tx: Tx, id: string): Promise<AppealRow | undefined> {
  await tx`
    select 1 from gold_answers g
    where g.item_id = (
      select t.item_id from gold_appeals p join annotations n on n.id = p.annotation_id join tasks t on t.id = n.task_id
      where p.id = ${id}
    )
    for update`;
  await tx`select 1 from gold_appeals where id = ${id} for update`;
  return findAppeal(tx, id);
}

export interface JudgedAnswer {
  readonly id: string;
  readonly annotatorId: string;
  readonly label: unknown;
  readonly flags: string[];
  readonly assessed: boolean;
}

/** Every counted answer to a task, with what it was judged by. */
export async function judgedAnswers(sql: Queryable, taskId: string): Promise<JudgedAnswer[]> {
  return sql<JudgedAnswer[]>`
    select n.id, n.annotator_id as "annotatorId", l.label, n.flags, n.assessed_at is not null as assessed
    from annotations n join annotation_labels l on l.annotation_id = n.id
    where n.task_id = ${taskId} and n.counted order by n.id`;
}

export interface ChangedVerdict {
  readonly annotationId: string;
  readonly annotatorId: string;
  readonly correct: boolean;
  /** Null where the answer has not been assessed yet: that will be by the corrected answer. */
  readonly score: number | null;
  readonly flags: readonly string[];
}

/**
 * Upholds an appeal that `holdAppeal` holds: the known answer is corrected, the assessments that rest on it are
 * repaired, and every annotator concerned is told. What it was before stays with the appeal.
 */
export async function upholdAppeal(
  tx: Tx,
  ruling: { appeal: AppealRow; gold: unknown; by: string; note: string; changed: readonly ChangedVerdict[] },
): Promise<void> {
  const { appeal, gold, by, note, changed } = ruling;
  await tx`update gold_answers set label = ${json(tx, gold)} where item_id = ${appeal.itemId}`;
  const repaired = changed.filter(({ score }) => score !== null);
  await tx`
    update annotations n set score = given.score, flags = given.flags
    from jsonb_to_recordset(${json(tx, repaired)}) as given("annotationId" uuid, score float8, flags text[])
    where n.id = given."annotationId"`;
  await writeOutbox(
    tx,
    changed.map(({ annotationId, annotatorId, correct }) => ({
      kind: 'signal_annotator' as const,
      targetId: annotatorId,
      message: 'goldCorrected',
      payload: { appealId: appeal.id, annotationId, correct },
    })),
  );
  await tx`
    update gold_appeals set state = 'upheld', resolved_by = ${by}, note = ${note}, resolved_at = now(),
      gold_before = ${json(tx, appeal.gold)}, gold_after = ${json(tx, gold)}, changed_verdicts = ${changed.length}
    where id = ${appeal.id}`;
}

/** Upholds the appeal of an answer to work, whose task was opened again. */
export async function upholdWork(tx: Tx, ruling: { id: string; by: string; note: string }): Promise<void> {
  await tx`
    update gold_appeals set state = 'upheld', resolved_by = ${ruling.by}, note = ${ruling.note}, resolved_at = now(),
      changed_verdicts = 0
    where id = ${ruling.id}`;
}

/** Rejects an open appeal. */
export async function rejectAppeal(sql: Queryable, ruling: { id: string; by: string; note: string }): Promise<void> {
  await sql`
    update gold_appeals set state = 'rejected', resolved_by = ${ruling.by}, note = ${ruling.note}, resolved_at = now()
    where id = ${ruling.id} and state = 'open'`;
}

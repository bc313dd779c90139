import { v7 as uuidv7 } from 'uuid';
import type { CalibrationReason } from '../../domain/quality/calibration.ts';
import { type Db, json, type Queryable, type Tx } from '../client.ts';
import type { CalibrationState } from '../schema/states.ts';
import { writeOutbox } from './outbox.ts';

export interface CalibrationSessionRow {
  readonly id: string;
  readonly annotatorId: string;
  readonly campaignId: string;
  readonly taskType: string;
  readonly reason: CalibrationReason;
  readonly state: CalibrationState;
  readonly questions: number;
  readonly needed: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

export interface CalibrationItemRow {
  readonly part: 'example' | 'question';
  readonly number: number;
  readonly itemId: string;
  readonly payload: unknown;
  /** The known answer. */
  readonly known: unknown;
  readonly label: unknown;
  readonly correct: boolean | null;
  readonly answeredAt: Date | null;
}

const columns = (sql: Queryable) => sql`
  id, annotator_id as "annotatorId", campaign_id as "campaignId", task_type as "taskType", reason, state, questions,
  needed, started_at as "startedAt", ended_at as "endedAt"`;

/** An annotator's sessions, of one campaign or of all, newest first. */
export async function calibrationSessionsOf(
  sql: Queryable,
  query: { annotatorId: string; campaignId?: string; limit: number },
): Promise<CalibrationSessionRow[]> {
  return sql<CalibrationSessionRow[]>`
    select ${columns(sql)} from calibration_sessions
    where annotator_id = ${query.annotatorId}
      and ${query.campaignId === undefined ? sql`true` : sql`campaign_id = ${query.campaignId}`}
    order by started_at desc, id desc limit ${query.limit}`;
}

/** One session of this annotator; held until the transaction ends where `hold` is set. */
export async function findCalibrationSession(
  sql: Queryable,
  query: { id: string; annotatorId: string; hold?: boolean },
): Promise<CalibrationSessionRow | undefined> {
  const [row] = await sql<CalibrationSessionRow[]>`
    select ${columns(sql)} from calibration_sessions
    where id = ${query.id} and annotator_id = ${query.annotatorId} ${query.hold ? sql`for update` : sql``}`;
  return row;
}

/** What these sessions show, each in its order: examples first. */
export async function calibrationItemsOf(sql: Queryable, sessionId: string): Promise<CalibrationItemRow[]> {
  return sql<CalibrationItemRow[]>`
    select c.part, c.number, c.item_id as "itemId", p.payload, c.known, c.label, c.correct, c.answered_at as "answeredAt"
    from calibration_items c join item_payloads p on p.item_id = c.item_id
    where c.session_id = ${sessionId}
    order by c.part, c.number`;
}

/** Whether the annotator has passed a session of the campaign. */
export async function hasPassedCalibration(
  sql: Queryable,
  query: { annotatorId: string; campaignId: string },
): Promise<boolean> {
  const rows = await sql`
    select 1 from calibration_sessions
    where annotator_id = ${query.annotatorId} and campaign_id = ${query.campaignId} and state = 'passed' limit 1`;
  return rows.length > 0;
}

export interface NewCalibrationSession {
  readonly annotatorId: string;
  readonly campaignId: string;
  readonly taskType: string;
  readonly reason: CalibrationReason;
  readonly examples: number;
  readonly questions: number;
  readonly needed: number;
}

/**
 * Begins a session on golds of the campaign that this annotator has not met, the classes taken in turn; or finds the
 * one that is open. The same golds of the set come first for everybody, so that few are ever shown with their answers.
 * Undefined where these are too few for the questions alone.
 */
export async function beginCalibration(
  db: Db,
  session: NewCalibrationSession,
): Promise<{ session: CalibrationSessionRow; fresh: boolean } | undefined> {
  const { annotatorId, campaignId } = session;
  return db.begin(async (tx) => {
    // A session of the same annotator that is just being made is waited for.
    await tx`select 1 from annotators where id = ${annotatorId} for update`;
    const [open] = await tx<CalibrationSessionRow[]>`
      select ${columns(tx)} from calibration_sessions
      where annotator_id = ${annotatorId} and campaign_id = ${campaignId} and state = 'open'`;
    if (open) return { session: open, fresh: false };
    const golds = await unmetGolds(tx, { annotatorId, campaignId, limit: session.examples + session.questions });
    if (golds.length < session.questions) return undefined;
    const [made] = await tx<CalibrationSessionRow[]>`
      insert into calibration_sessions (id, annotator_id, campaign_id, task_type, reason, questions, needed)
      values (${uuidv7()}, ${annotatorId}, ${campaignId}, ${session.taskType}, ${session.reason}, ${session.questions},
        ${session.needed})
      returning ${columns(tx)}`;
    if (!made) throw new Error('A calibration session was not made.');
    const examples = golds.slice(0, golds.length - session.questions);
    await insertItems(tx, made, 'example', examples);
    await insertItems(tx, made, 'question', golds.slice(examples.length));
    return { session: made, fresh: true };
  });
}

interface Gold {
  readonly itemId: string;
  readonly label: unknown;
}

async function unmetGolds(
  tx: Tx,
  query: { annotatorId: string; campaignId: string; limit: number },
): Promise<readonly Gold[]> {
  const { annotatorId, campaignId, limit } = query;
  return tx<Gold[]>`
    select i.id as "itemId", g.label
    from items i join gold_answers g on g.item_id = i.id
    where i.campaign_id = ${campaignId} and i.state = 'gold'
      and not exists (
        select from tasks t join assignments a on a.task_id = t.id
        where t.item_id = i.id and a.annotator_id = ${annotatorId}
      )
      and not exists (
        select from assignments b where b.task_id = g.promoted_from and b.annotator_id = ${annotatorId}
      )
      and not exists (
        select from calibration_items c where c.annotator_id = ${annotatorId} and c.item_id = i.id
      )
    order by row_number() over (partition by left(g.label::text, 200) order by i.shuffle, i.id), i.shuffle, i.id
    limit ${limit}`;
}

/** In an order of the session's own: classes that come in turn would tell the next answer. */
async function insertItems(
  tx: Tx,
  session: CalibrationSessionRow,
  part: 'example' | 'question',
  golds: readonly Gold[],
): Promise<void> {
  await tx`
    insert into calibration_items (session_id, part, number, annotator_id, item_id, known)
    select ${session.id}::uuid, ${part},
      row_number() over (order by hashtextextended(${session.id}::text || each."itemId"::text, 0)), ${session.annotatorId}::uuid,
      each."itemId", each.label
    from jsonb_to_recordset(${json(tx, golds)}) as each("itemId" uuid, label jsonb)`;
}

/**
 * Stores the answer to a session's next question; with the last one the session ends, and where it was a recalibration
 * the annotator's workflow is told how.
 */
export async function storeCalibrationAnswer(
  tx: Tx,
  answer: {
    session: CalibrationSessionRow;
    number: number;
    label: unknown;
    correct: boolean;
    timeSpentS: number;
  },
): Promise<void> {
  const { session, number } = answer;
  await tx`
    update calibration_items set label = ${json(tx, answer.label)}, correct = ${answer.correct},
      time_spent_s = ${answer.timeSpentS}, answered_at = now()
    where session_id = ${session.id} and part = 'question' and number = ${number} and label is null`;
  if (number < session.questions) return;
  const results = await tx<{ correct: boolean }[]>`
    select correct from calibration_items where session_id = ${session.id} and part = 'question' order by number`;
  const verdicts = results.map(({ correct }) => (correct ? 1 : 0));
  const passed = verdicts.filter(Boolean).length >= session.needed;
  await tx`
    update calibration_sessions set state = ${passed ? 'passed' : 'failed'}, ended_at = now()
    where id = ${session.id} and state = 'open'`;
  if (session.reason !== 'recalibration') return;
  const { id: sessionId, taskType, needed } = session;
  await writeOutbox(tx, [
    {
      kind: 'signal_annotator',
      targetId: session.annotatorId,
      message: 'calibrated',
      payload: { sessionId, taskType, results: verdicts, needed },
    },
  ]);
}

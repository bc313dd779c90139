import { type Db, json, type Queryable } from '../client.ts';

export interface DecidedTask {
  readonly taskId: string;
  readonly revision: number;
  readonly label: unknown;
}

/**
 * Tasks of a campaign whose newest decision came from all their answers, in the order of their ids. One made without
 * a quarantined annotator is left out: judging it by all answers would bring theirs back.
 */
export async function decidedPage(
  sql: Queryable,
  page: { campaignId: string; after: string | undefined; limit: number },
): Promise<DecidedTask[]> {
  return sql<DecidedTask[]>`
    select newest.task_id as "taskId", newest.revision, newest.label
    from tasks t
    cross join lateral (
      select task_id, revision, state, label, evidence from decisions where task_id = t.id order by revision desc limit 1
    ) newest
    where t.campaign_id = ${page.campaignId} and t.state = 'decided' and t.kind = 'work' and newest.state = 'decided'
      and newest.evidence #>> '{context,because}' is distinct from 'quarantine'
      ${page.after === undefined ? sql`` : sql`and t.id > ${page.after}`}
    order by t.id
    limit ${page.limit}`;
}

export interface Revision {
  readonly taskId: string;
  readonly campaignId: string;
  readonly revision: number;
  readonly label: unknown;
  readonly confidence: number;
  readonly method: string;
  readonly evidence: unknown;
}

/**
 * Adds revisions of decisions, each with the cost of the one before; returns how many. Those whose number is taken
 * already are left out. They are written in the order of their tasks, so that two such statements cannot wait for
 * each other.
 */
export async function insertRevisions(sql: Queryable, given: readonly Revision[]): Promise<number> {
  if (given.length === 0) return 0;
  const rows = await sql`
    insert into decisions (id, task_id, campaign_id, revision, state, label, confidence, method, evidence, cost_micros)
    select gen_random_uuid(), d.task_id, d.campaign_id, g.revision, 'decided', g.label, g.confidence, g.method,
      g.evidence, d.cost_micros
    from jsonb_to_recordset(${json(sql, given)}) as g("taskId" uuid, "campaignId" uuid, revision int, label jsonb,
      confidence float8, method text, evidence jsonb)
    join decisions d on d.task_id = g."taskId" and d.campaign_id = g."campaignId" and d.revision = g.revision - 1
    order by d.task_id
    on conflict (task_id, revision) do nothing
    returning id`;
  return rows.length;
}

/**
 * Adds revisions that were made from these `answers`; returns how many. A task with other answers that count by now, or
 * opened again, is left out: held while that is looked at, so that whoever takes answers out does so before or after.
 */
export async function insertIfUnchanged(
  db: Db,
  given: readonly (Revision & { readonly answers: readonly string[] })[],
): Promise<number> {
  if (given.length === 0) return 0;
  return db.begin(async (tx) => {
    await tx`
      select 1 from tasks where id = any(${given.map(({ taskId }) => taskId)}::uuid[]) order by id for no key update`;
    // A statement of its own: it sees what was done while that waited.
    const same = await tx<{ taskId: string }[]>`
      select g."taskId" from jsonb_to_recordset(${json(tx, given)}) as g("taskId" uuid, answers jsonb)
      join tasks t on t.id = g."taskId" and t.state = 'decided'
      where g.answers = coalesce((
        select jsonb_agg(n.id order by n.id) from annotations n
        where n.task_id = t.id and n.counted and n.excluded_at is null
      ), '[]')`;
    const unchanged = new Set(same.map(({ taskId }) => taskId));
    return insertRevisions(
      tx,
      given.filter(({ taskId }) => unchanged.has(taskId)),
    );
  });
}

import type { AuditedAnswer, DistrustCause, JudgeAudit, Trust } from '../../domain/judging/audit.ts';
import { type Db, json, only, type Queryable, type Tx } from '../client.ts';
import { lockOpenTask, moveToNextWorkforce } from './task-queue.ts';
import { vendorNames } from './vendor-units.ts';

export interface JudgeTrustRow {
  readonly annotatorId: string;
  readonly trust: Trust;
  readonly correlation: number;
}

/** How far these judges are trusted in a campaign; whoever was not measured yet is missing. */
export async function trustsOf(
  sql: Queryable,
  query: { campaignId: string; annotatorIds: readonly string[] },
): Promise<Map<string, JudgeTrustRow>> {
  const rows = await sql<JudgeTrustRow[]>`
    select annotator_id as "annotatorId", correlation, ${trustNow(sql)} as trust
    from judge_trusts j
    where campaign_id = ${query.campaignId} and annotator_id = any(${query.annotatorIds as string[]}::uuid[])`;
  return new Map(rows.map((row) => [row.annotatorId, row]));
}

/** How far judge `j` is trusted: what it was worth under other instructions says nothing of what it is under these. */
const trustNow = (sql: Queryable) => sql`
  case when j.trust = 'trusted' and exists (
    select from instruction_versions i where i.campaign_id = j.campaign_id and i.created_at > j.updated_at
  ) then 'learning' else j.trust end`;

/** The judges whose answers to these tasks count, and whether the order of a pair made a difference to them. */
export async function judgesOfTasks(
  sql: Queryable,
  taskIds: readonly string[],
): Promise<{ taskId: string; annotatorId: string; ordersDisagree: boolean }[]> {
  return sql<{ taskId: string; annotatorId: string; ordersDisagree: boolean }[]>`
    select n.task_id as "taskId", n.annotator_id as "annotatorId", coalesce(r.answers ->> 'ordersDisagree', '') = 'true' as "ordersDisagree"
    from annotations n
    join annotators a on a.id = n.annotator_id and a.kind = 'llm'
    left join vendor_responses r on r.annotation_id = n.id
    where n.task_id = any(${taskIds as string[]}::uuid[]) and n.counted and n.excluded_at is null order by n.id`;
}

/** Those of these answers that changed with the order in which a pair was shown. */
export async function tornAnswers(sql: Queryable, annotationIds: readonly string[]): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    select annotation_id as id from vendor_responses
    where annotation_id = any(${annotationIds as string[]}::uuid[]) and answers ->> 'ordersDisagree' = 'true'`;
  return new Set(rows.map(({ id }) => id));
}

/**
 * Offers a task that its judges have answered to the workforce after them, once; with `audit` it is of the sample by
 * which judges are measured. The reason when it cannot be offered.
 */
export async function askPeople(
  db: Db,
  ask: { taskId: string; workforces: readonly string[]; audit: boolean },
): Promise<{ refused?: string }> {
  return db.begin(async (tx) => {
    const task = await lockOpenTask(tx, ask.taskId);
    if (!task) return { refused: 'The task is not open any more.' };
    if (ask.audit) {
      await tx`
        insert into judge_audits (task_id, campaign_id) values (${task.id}, ${task.campaignId}) on conflict do nothing`;
    }
    return task.workforce === 'llm' ? moveToNextWorkforce(tx, task, ask.workforces) : {};
  });
}

/** How many of a task's slots are left to people, beside the judges whose answers count; and whether it is an audit. */
export async function roomForPeople(
  sql: Queryable,
  taskId: string,
): Promise<{ redundancy: number; people: number; audit: boolean }> {
  return only(
    await sql<{ redundancy: number; people: number; audit: boolean }[]>`
      select t.redundancy, t.redundancy - (
          select count(*)::int from annotations n join annotators a on a.id = n.annotator_id and a.kind = 'llm'
          where n.task_id = t.id and n.counted
        ) as people,
        exists (select from judge_audits where task_id = t.id) as audit
      from tasks t where t.id = ${taskId}`,
  );
}

/** An audit of which two people at least are asked: these can be compared with one another. */
export async function markPaired(sql: Queryable, taskId: string): Promise<void> {
  await sql`update judge_audits set paired = true where task_id = ${taskId}`;
}

/**
 * The answers to the newest audited tasks under the campaign's present instructions, the newest task first and people in the
 * order of their answers, and by judge how many audits with two people were `earlier`. A judge's are left out that were before it was measured anew,
 * and people's that were quarantined. `readAt`: what is stored of them says nothing of what was changed after that.
 */
export async function auditedAnswers(
  sql: Queryable,
  query: { campaignId: string; tasks: number; canonical: (label: unknown) => string },
): Promise<{ answers: AuditedAnswer[]; earlier: Map<string, number>; readAt: Date }> {
  const { readAt } = only(await sql<{ readAt: Date }[]>`select now() as "readAt"`);
  const audits = sql`
    select d.task_id, d.created_at, d.paired
    from judge_audits d
    join tasks t on t.id = d.task_id
    join campaigns c on c.id = d.campaign_id and c.instructions_version = t.instructions_version
    where d.campaign_id = ${query.campaignId} order by d.created_at desc, d.task_id`;
  const rows = await sql<(Omit<AuditedAnswer, 'label'> & { label: unknown })[]>`
    with newest as (${audits} limit ${query.tasks})
    select n.task_id as "taskId", n.annotator_id as "annotatorId", a.kind = 'llm' as "isJudge",
      newest.paired, l.label
    from newest
    join annotations n on n.task_id = newest.task_id and n.counted
    join annotators a on a.id = n.annotator_id and (a.kind = 'llm' or n.excluded_at is null)
    join annotation_labels l on l.annotation_id = n.id
    left join judge_trusts j on j.campaign_id = n.campaign_id and j.annotator_id = n.annotator_id
    where j.measured_from is null or newest.created_at > j.measured_from
    order by newest.created_at desc, n.task_id, n.id`;
  const answers = rows.map(({ label, ...row }) => ({ ...row, label: query.canonical(label) }));
  const before = await sql<{ id: string; audits: number }[]>`
    with earlier as (${audits} offset ${query.tasks})
    select n.annotator_id as id, count(*)::int as audits
    from earlier
    join annotations n on n.task_id = earlier.task_id and n.counted
    join annotators a on a.id = n.annotator_id and a.kind = 'llm'
    left join judge_trusts j on j.campaign_id = n.campaign_id and j.annotator_id = n.annotator_id
    where earlier.paired and (j.measured_from is null or earlier.created_at > j.measured_from) and 2 <= (
      select count(*) from annotations m join annotators p on p.id = m.annotator_id and p.kind <> 'llm'
      where m.task_id = earlier.task_id and m.counted and m.excluded_at is null
    )
    group by n.annotator_id`;
  return { answers, earlier: new Map(before.map(({ id, audits }) => [id, audits])), readAt };
}

/**
 * Stores what the audits say. A judge that was distrusted stays so, unless it was for being replaced; one of which they say
 * nothing is unknown; and one that a person has had measured anew since they were read (`readAt`, now by default) is left alone.
 */
export async function storeTrusts(
  sql: Queryable,
  campaignId: string,
  audits: readonly JudgeAudit[],
  readAt?: Date,
): Promise<void> {
  const at = readAt ? sql`${readAt}::timestamptz` : sql`now()`;
  const measured = audits.map(({ annotatorId }) => annotatorId);
  await sql`
    update judge_trusts set trust = 'learning', cause = null, distrusted_at = null, doubted_from = null, updated_at = now()
    where campaign_id = ${campaignId} and (cause = 'replaced' or trust = 'trusted')
      and annotator_id <> all(${measured}::uuid[])`;
  if (audits.length === 0) return;
  const given = audits.map(
    ({ annotatorId, trust, cause = null, fellFrom = null, correlation, agrees, recent, people }) => ({
      ...{ annotatorId, trust, cause, correlation, fellFrom },
      ...{ as: agrees.same, ao: agrees.of, rs: recent.same, ro: recent.of, ps: people.same, po: people.of },
    }),
  );
  const stays = sql`j.trust = 'distrusted' and j.cause is distinct from 'replaced'`;
  await sql`
    insert into judge_trusts as j (campaign_id, annotator_id, trust, cause, correlation, agrees_same, agrees_of, recent_same,
      recent_of, people_same, people_of, distrusted_at, doubted_from, updated_at)
    select ${campaignId}, "annotatorId", trust, cause, correlation, "as", ao, rs, ro, ps, po,
      case trust when 'distrusted' then now() end,
      (select created_at from judge_audits where task_id = "fellFrom"), ${at}
    from jsonb_to_recordset(${json(sql, given)}) as g("annotatorId" uuid, trust text, cause text, correlation float8,
      "fellFrom" uuid, "as" int, ao int, rs int, ro int, ps int, po int)
    on conflict (campaign_id, annotator_id) do update set
      trust = case when ${stays} then j.trust else excluded.trust end,
      -- One that fell may turn out to have been bad all along: then all is looked at, from the beginning.
      looked_to = case when ${stays} and (excluded.cause is distinct from 'worse' or j.cause = 'worse') then j.looked_to end,
      cause = case when ${stays} and excluded.cause is distinct from 'worse' then j.cause else excluded.cause end,
      -- Where what it had a part in is not yet all judged again, that goes on from where it began.
      doubted_from = case when ${stays} then j.doubted_from else excluded.doubted_from end,
      correlation = excluded.correlation, agrees_same = excluded.agrees_same, agrees_of = excluded.agrees_of,
      recent_same = excluded.recent_same, recent_of = excluded.recent_of, people_same = excluded.people_same,
      people_of = excluded.people_of, updated_at = excluded.updated_at,
      distrusted_at = case when ${stays} or excluded.trust = 'distrusted' then coalesce(j.distrusted_at, excluded.distrusted_at) end
    where j.measured_from is null or j.measured_from < excluded.updated_at`;
}

/**
 * Has a judge that is distrusted measured anew, by audits from now on alone; until these suffice it is unknown. False where it is
 * not distrusted, or its model has another version.
 */
export async function measureAnew(
  sql: Queryable,
  of: { campaignId: string; annotatorId: string; reason: string; by: string },
): Promise<boolean> {
  const rows = await sql`
    update judge_trusts set trust = 'learning', cause = null, distrusted_at = null, doubted_from = null, looked_to = null, correlation = 1,
      agrees_same = 0, agrees_of = 0, recent_same = 0, recent_of = 0, people_same = 0, people_of = 0, updated_at = now(),
      measured_from = now(), measured_by = ${of.by}, measured_why = ${of.reason}
    where campaign_id = ${of.campaignId} and annotator_id = ${of.annotatorId} and trust = 'distrusted'
      and cause is distinct from 'replaced'
    returning 1`;
  return rows.length > 0;
}

/**
 * Judges that are distrusted in a campaign, why, and since when what they had a part in is still to be judged again: ever
 * since they began, since the audits that showed a fall, or since what was last looked at.
 */
export async function distrustedJudges(
  sql: Queryable,
  campaignId: string,
): Promise<{ annotatorId: string; cause: DistrustCause; sinceAt: Date }[]> {
  return sql<{ annotatorId: string; cause: DistrustCause; sinceAt: Date }[]>`
    select j.annotator_id as "annotatorId", coalesce(j.cause, 'fell') as cause,
      greatest(j.looked_to, case when j.cause in ('worse', 'replaced') then to_timestamp(0) else coalesce(j.doubted_from, j.distrusted_at) end) as "sinceAt"
    from judge_trusts j where j.campaign_id = ${campaignId} and j.trust = 'distrusted' order by j.annotator_id`;
}

/** A unit for which no more answers are wanted. */
export interface ClosedUnit {
  readonly taskId: string;
  readonly vendor: string;
}

// The first key of locks on tasks' units, each of which many tasks share: a transaction holds no more than these.
const UNITS_LOCK = 7_400_741;
const UNITS_LOCKS = 256;

/**
 * The last thing that a transaction does which has closed these units: tells tasks whose judges answer first that these
 * are done, and, with `left`, tasks that wait for vendors alone that none of these will answer any more.
 */
export async function tellClosed(tx: Tx, closed: readonly ClosedUnit[], { left = true } = {}): Promise<void> {
  if (closed.length === 0) return;
  const of = (units: readonly ClosedUnit[]) => [...new Set(units.map(({ taskId }) => taskId))];
  const judged = of(closed.filter(({ vendor }) => vendor === 'llm'));
  const tasks = left ? of(closed) : [];
  // Two that close the last units of a task see them only one after the other.
  await tx`
    select pg_advisory_xact_lock(${UNITS_LOCK}, lock) from (
      select distinct abs(hashtext(id) % ${UNITS_LOCKS}) as lock from unnest(${tasks}::text[]) as given(id) order by 1
    ) locks`;
  await tx`
    insert into outbox (kind, target_id, message, payload)
    select 'signal_task', t.id::text, 'judged', '{}'::jsonb
    from tasks t
    join policies p on p.campaign_id = t.campaign_id and p.version = t.policy_version and p.settings ? 'judge'
    where t.id = any(${judged}::uuid[]) and t.state in ('planned', 'open')
    union
    select 'signal_task', t.id::text, 'workforceEnded', '{}'::jsonb
    from tasks t where t.id = any(${tasks}::uuid[]) and ${isLeft(tx)}`;
}

/** Whether the task `t` has slots that are offered to a vendor, and no order or wish for one in which they are asked for. */
const isLeft = (sql: Queryable) => sql`t.state = 'open' and t.kind = 'work' and t.workforce = any(${vendorNames})
  and exists (select from slots s where s.task_id = t.id and s.state = 'open')
  and not exists (
    select from vendor_units u
    where u.task_id = t.id and u.state in ('waiting', 'ordered') and not u.cancel_wanted
  )
  and not exists (
    select from policies p
    where t.workforce = 'llm' and p.campaign_id = t.campaign_id and p.version = t.policy_version and p.settings ? 'judge'
  )`;

/** Whether the task waits for vendors none of which will answer any more. */
export async function isLeftByVendors(sql: Queryable, taskId: string): Promise<boolean> {
  return (await sql`select 1 from tasks t where t.id = ${taskId} and ${isLeft(sql)}`).length > 0;
}

export interface JudgeStanding extends JudgeTrustRow {
  readonly judge: string;
  readonly agrees: { readonly same: number; readonly of: number };
  readonly recent: { readonly same: number; readonly of: number };
  readonly people: { readonly same: number; readonly of: number };
  readonly distrustedAt: Date | null;
  readonly cause: DistrustCause | null;
  readonly measuredFrom: Date | null;
  readonly measuredWhy: string | null;
}

/** A campaign's judges with their names, and what their trust rests on. */
export async function judgeStandings(sql: Queryable, campaignId: string): Promise<JudgeStanding[]> {
  return sql<JudgeStanding[]>`
    select j.annotator_id as "annotatorId", coalesce(w.worker_id, a.name) as judge, ${trustNow(sql)} as trust, j.correlation,
      jsonb_build_object('same', agrees_same, 'of', agrees_of) as agrees,
      jsonb_build_object('same', recent_same, 'of', recent_of) as recent,
      jsonb_build_object('same', people_same, 'of', people_of) as people, j.distrusted_at as "distrustedAt",
      case j.trust when 'distrusted' then coalesce(j.cause, 'fell') end as cause,
      j.measured_from as "measuredFrom", j.measured_why as "measuredWhy"
    from judge_trusts j
    join annotators a on a.id = j.annotator_id
    left join vendor_workers w on w.annotator_id = j.annotator_id
    where j.campaign_id = ${campaignId} order by judge`;
}

export interface WhoDecided {
  readonly aloneTasks: number;
  readonly aloneMicros: bigint;
  readonly otherTasks: number;
  readonly otherMicros: bigint;
  /** Decided by judges once, and opened again for people. */
  readonly reopened: number;
}

/** What was decided by judges alone and what not, by the newest decisions, and what it cost. */
export async function whoDecided(sql: Queryable, campaignId: string): Promise<WhoDecided> {
  return only(
    await sql<WhoDecided[]>`
      with newest as (
        select distinct on (d.task_id) d.cost_micros as cost, d.evidence -> 'context' ->> 'decidedBy' = 'judges' as alone
        from decisions d where d.campaign_id = ${campaignId} and d.state = 'decided'
        order by d.task_id, d.revision desc
      )
      select count(*) filter (where alone)::int as "aloneTasks",
        coalesce(sum(cost) filter (where alone), 0)::bigint as "aloneMicros",
        count(*) filter (where alone is not true)::int as "otherTasks",
        coalesce(sum(cost) filter (where alone is not true), 0)::bigint as "otherMicros",
        (select count(*)::int from task_reopenings r join tasks t on t.id = r.task_id
          where t.campaign_id = ${campaignId} and r.cause = 'judge') as reopened
      from newest`,
  );
}

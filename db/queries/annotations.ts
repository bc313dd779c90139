import { type Db, json, type Queryable } from '../client.ts';
import type { AnnotatorKind } from '../schema/states.ts';
import { givenAt, hasGoldMoney, heldS } from './leases.ts';
import { floorIn } from './pay-floors.ts';
import { shortPayload } from './recent-answers.ts';

export interface Submission {
  readonly annotationId: string;
  readonly assignmentId: string;
  readonly annotatorId: string;
  /** In canonical form and stored order. */
  readonly label: unknown;
  readonly presentation: unknown;
  /** Null where nobody said, as vendors often do not. */
  readonly timeSpentS: number | null;
  readonly confidence: number | null;
  readonly comment?: string | undefined;
}

export interface Stored {
  readonly annotationId: string;
  readonly assignmentId: string;
  readonly submittedAt: Date;
}

/** Whether an answer in a campaign `c` may be paid by the hour: it is now, or was under some version of its settings. */
const byTheHour = (db: Queryable) => db`(c.hourly_micros is not null
  or (c.policy_version > 1 and exists (select from policies p where p.campaign_id = c.id and p.hourly_micros is not null)))`;

/**
 * Seconds that an answer to the lease `a` of a campaign `c` can have taken: what has gone by since the lease, but for what was
 * paid by the hour meanwhile. That is what has gone by since the annotator's last answer, or what the answers since the lease
 * leave of it: these may all have been sent at once; but no more than it was in hand (`heldS`). Of a lease that was given again, what it was held before counts too, but
 * for what the answers before that were paid, and the time between does not.
 */
const unpaidS = (db: Queryable) => db`(
    select least(greatest(0, ${heldS(db, db`now()`)})::numeric,
      extract(epoch from greatest(now() - greatest(${givenAt(db)}, max(n.submitted_at)),
        now() - ${givenAt(db)} - coalesce(sum(n.time_spent_s) filter (where n.submitted_at > ${givenAt(db)}), 0) * interval '1 second'))
      + greatest(0, a.held_s - coalesce(sum(n.time_spent_s) filter (where n.submitted_at <= ${givenAt(db)}), 0)))
    from campaigns o
    join annotations n on n.campaign_id = o.id and n.annotator_id = a.annotator_id and n.submitted_at > a.leased_at
    where o.id = c.id or (o.organisation_id = c.organisation_id and o.hourly_micros is not null)
  )`;

/**
 * What the answer to a lease pays that took so many seconds (`hourly_s`), by the rate that its campaign had when it was leased,
 * a higher one where it was given again later, or the floor of the annotator's region, rounded up, and at most the price of the lease. In decimals, as binary fractions
 * would make a micro-dollar of nothing. Whoever is no person gets that price, and so does who leased it while answers had a price alone.
 */
const hourlyPay = (db: Queryable) => db`least(most_micros, (
    select ceil(greatest(rate.micros, ${floorIn(db, db`taken.organisation_id`, db`w.region`)}) * hourly_s / 3600)::bigint
    from annotators w
    join lateral (
      select max(of_lease.micros) as micros, bool_and(of_lease.micros is not null) as is_hourly
      from (values (taken.leased_at), (taken.given_at)) as lease(at)
      cross join lateral (
        select p.hourly_micros as micros from policies p
        where p.campaign_id = taken.campaign_id
        order by p.created_at <= lease.at desc, p.version * case when p.created_at <= lease.at then -1 else 1 end limit 1
      ) of_lease
    ) rate on rate.is_hourly
    where w.id = taken.annotator_id and w.kind = 'person'
  ))`;

/** Of a campaign's newest answers, those that late golds are likened to are among so many. */
const LATE_AMONG = 2000;

/**
 * Whether the gold leased as `a` in a campaign `c` is taken when it comes late. No other can take its slot, as others take that
 * of work; so where what comes too late is unpaid, it is taken only as often as late work has been of late: else what is
 * paid would be gold, and what is not work.
 */
const comesInTime = (db: Queryable) => db`(c.settings ->> 'lateAnswers' is distinct from 'keep_unpaid' or (
    select (hashtextextended('late:' || a.id, 0) & 1048575) < 1048576 * (count(*) filter (where late.counted) + 1.0) / (count(*) + 1)
    from (
      select task_id, assignment_id, counted, submitted_at from annotations
      where campaign_id = c.id order by submitted_at desc limit ${LATE_AMONG}
    ) late
    join assignments l on l.id = late.assignment_id and l.expires_at < late.submitted_at
    join tasks w on w.id = late.task_id and w.kind = 'work'
  ))`;

/**
 * Stores submissions: checks each lease, keeps the annotation, closes the assignment and writes the outbox row, all in
 * one statement. An answer counts when its lease is the slot's present one, or when the slot is open again; else it is
 * kept as late. The slot of a gold is nobody else's: it waits for a late answer as long as there is gold money for it, and late work is taken as well. Missing in the answer are those whose assignment is not (or no longer) waiting for one. Of two
 * for one open slot the first counts. Slots are locked in their order, so that two such statements cannot wait for each other.
 */
export async function storeSubmissions(db: Queryable, given: readonly Submission[]): Promise<Stored[]> {
  return db<Stored[]>`
    with leases as (
      select a.id, a.task_id, a.slot_no, a.campaign_id, a.annotator_id, a.leased_at, ${givenAt(db)} as given_at, a.price_micros as most_micros, t.kind, g."annotationId", g.label,
        c.organisation_id, case when ${byTheHour(db)} then ${unpaidS(db)} end as free_s, g.presentation, g."timeSpentS", g.confidence, g.comment,
        (s.state = 'leased' and s.assignment_id = a.id and s.fence = a.fence)
          or (s.state = 'open' and t.kind = 'work') as present,
        -- Its hold on the gold money ended with the lease.
        case when s.state = 'closed' and t.kind <> 'work' and a.state = 'expired' and ${comesInTime(db)}
          then a.price_micros end as again_micros
      from jsonb_to_recordset(${json(db, given)}) as g("annotationId" uuid, "assignmentId" uuid, "annotatorId" uuid,
        label jsonb, presentation jsonb, "timeSpentS" float8, confidence float8, comment text)
      join assignments a on a.id = g."assignmentId" and a.annotator_id = g."annotatorId"
      join slots s on s.task_id = a.task_id and s.slot_no = a.slot_no
      join tasks t on t.id = a.task_id
      join campaigns c on c.id = a.campaign_id
      -- Named once more, so that no plan reads all assignments, however few they were when it was made.
      where a.id = any(${given.map(({ assignmentId }) => assignmentId)}::uuid[]) and a.state in ('leased', 'expired', 'revoked')
      order by a.task_id, a.slot_no
      for update of s, a
    ), found as (
      select taken.*, case when free_s is null then most_micros else ${hourlyPay(db)} end as price_micros
      from (
        select own.*, least(own_s, greatest(0, max(free_s) over (partition by annotator_id) - coalesce(sum(own_s)
          over (partition by annotator_id order by leased_at, id rows between unbounded preceding and 1 preceding), 0))) as hourly_s
        from (
          select leases.*, case when free_s is not null then least("timeSpentS"::numeric, free_s) end as own_s from leases
        ) own
      ) taken
    ), pots as (
      select p.id, more.micros
      from (
        select campaign_id, sum(again_micros)::bigint as micros from found where again_micros is not null group by campaign_id
      ) more
      join authorizations p on p.campaign_id = more.campaign_id
      where p.task_id is null
      order by p.campaign_id for update of p
    ), room as (
      update authorizations p set held_micros = p.held_micros + pots.micros
      from pots
      where p.id = pots.id and ${hasGoldMoney(db, db`pots.micros`)}
      returning p.campaign_id
    ), held as (
      select found.*, (present and row_number() over (partition by task_id, slot_no order by present desc, id) = 1)
        or (again_micros is not null and campaign_id in (select campaign_id from room)) as counts
      from found
    ), filled as (
      update slots s set state = 'submitted', annotator_id = held.annotator_id, assignment_id = held.id,
        lease_expires_at = null
      from held where held.counts and s.task_id = held.task_id and s.slot_no = held.slot_no
    ), closed as (
      update assignments a set state = case when held.counts then 'submitted' else 'late' end, closed_at = now()
      from held where a.id = held.id
    ), kept as (
      insert into annotations (id, assignment_id, task_id, campaign_id, annotator_id, counted, of_gold, time_spent_s,
        confidence, comment, price_micros)
      select held."annotationId", held.id, held.task_id, held.campaign_id, held.annotator_id, held.counts,
        held.kind in ('gold', 'honeypot'), held."timeSpentS", held.confidence, held.comment, held.price_micros
      from held
      returning id, assignment_id, submitted_at
    ), labelled as (
      insert into annotation_labels (annotation_id, label, presentation)
      select held."annotationId", held.label, held.presentation from held
    ), told as (
      insert into outbox (kind, target_id, message, payload)
      select
        case when not held.counts then 'late_answer' when held.kind = 'work' then 'signal_task' else 'signal_annotator' end,
        case when not held.counts or held.kind = 'work' then held.task_id::text else held.annotator_id::text end,
        case when not held.counts then 'late' when held.kind = 'work' then 'annotationsSubmitted' else 'goldAnswered' end,
        jsonb_build_object('annotationId', held."annotationId"::text)
      from held
    )
    select id as "annotationId", assignment_id as "assignmentId", submitted_at as "submittedAt" from kept`;
}

/**
 * As `storeSubmissions`, where time is paid: one at a time of each annotator, whichever processes they answer to, as no
 * statement sees what another one stores meanwhile, and both would pay the same minute.
 */
export async function storeTimed(db: Db, given: readonly Submission[]): Promise<Stored[]> {
  return db.begin(async (tx) => {
    const ids = [...new Set(given.map(({ annotatorId }) => annotatorId))];
    // In one order, so that two of these cannot wait for each other.
    await tx`
      select pg_advisory_xact_lock(who) from (
        select hashtextextended('time:' || id, 0) as who from unnest(${ids}::text[]) as given(id) order by 1
      ) annotators`;
    return storeSubmissions(tx, given);
  });
}

export interface StoredAnnotation extends Stored {
  readonly annotatorId: string;
  readonly label: unknown;
  readonly timeSpentS: number | null;
  readonly confidence: number | null;
}

/** The annotation that an assignment led to. */
export async function annotationOfAssignment(
  sql: Queryable,
  assignmentId: string,
): Promise<StoredAnnotation | undefined> {
  const [row] = await sql<StoredAnnotation[]>`
    select n.id as "annotationId", n.assignment_id as "assignmentId", n.submitted_at as "submittedAt",
      n.annotator_id as "annotatorId", l.label, n.time_spent_s::float8 as "timeSpentS", n.confidence::float8 as confidence
    from annotations n join annotation_labels l on l.annotation_id = n.id
    where n.assignment_id = ${assignmentId}`;
  return row;
}

export interface AnnotationToAssess {
  readonly id: string;
  readonly annotatorId: string;
  readonly taskId: string;
  readonly campaignId: string;
  readonly policyVersion: number;
  readonly label: unknown;
  readonly presentation: unknown;
  /** Of what the item shows. */
  readonly itemHash: string;
  /** What the item shows; null where that is long. */
  readonly payload: unknown;
  /** The task that this one's shows again, if it does. */
  readonly repeats: string | null;
  /** Null where nobody said, as of judges. */
  readonly timeSpentS: number | null;
  /** How long it was leased until the answer by our own clock; null for a simulated crowd, whose times are made up, and machines. */
  readonly sinceLeaseS: number | null;
  readonly submittedAt: Date;
  /** Golds of the task's type; where golds came without a type until now, of all. */
  readonly goldTotal: number;
  readonly goldCorrect: number;
}

const assessedColumns = (sql: Queryable) => sql`
  n.id, n.annotator_id as "annotatorId", n.task_id as "taskId", n.campaign_id as "campaignId",
  t.policy_version as "policyVersion", l.label, l.presentation, p.hash as "itemHash",
  ${shortPayload(sql)} as payload, t.repeats,
  n.time_spent_s::float8 as "timeSpentS", n.submitted_at as "submittedAt",
  case when w.kind = 'person' and not w.simulated then ${heldS(sql, sql`n.submitted_at`)} end as "sinceLeaseS",
  coalesce(r.gold_total, case when r.other then 0 else w.gold_total end) as "goldTotal",
  coalesce(r.gold_correct, case when r.other then 0 else w.gold_correct end) as "goldCorrect"`;

const assessedFrom = (sql: Queryable) => sql`
  annotations n
  join annotators w on w.id = n.annotator_id
  join assignments a on a.id = n.assignment_id
  join tasks t on t.id = n.task_id
  join annotation_labels l on l.annotation_id = n.id
  join item_payloads p on p.item_id = t.item_id
  cross join lateral (
    select max(s.gold_total) filter (where its) as gold_total, max(s.gold_correct) filter (where its) as gold_correct,
      count(*) > 0 as other
    from (
      select s.gold_total, s.gold_correct, s.task_type = c.settings ->> 'type' as its
      from annotator_standings s join campaigns c on c.id = n.campaign_id where s.annotator_id = n.annotator_id
    ) s
  ) r`;

/** The counted annotations of a task among `ids`; ids of anything else are left out. */
export async function annotationsToAssess(
  sql: Queryable,
  query: { taskId: string; ids: readonly string[] },
): Promise<AnnotationToAssess[]> {
  return sql<AnnotationToAssess[]>`
    select ${assessedColumns(sql)} from ${assessedFrom(sql)}
    where n.id = any(${query.ids as string[]}::uuid[]) and n.task_id = ${query.taskId} and n.counted`;
}

export interface StoredAssessment {
  readonly id: string;
  readonly score: number;
  readonly flags: readonly string[];
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** Stores the quality engine's assessments; the first one of an annotation stands. */
export async function storeAssessments(sql: Queryable, assessments: readonly StoredAssessment[]): Promise<void> {
  if (assessments.length === 0) return;
  const given = assessments.map(({ id, score, flags, evidence }) => {
    return { id, score, flags, evidence: Object.keys(evidence).length > 0 ? evidence : null };
  });
  await sql`
    update annotations n set score = given.score, flags = given.flags, evidence = given.evidence, assessed_at = now()
    from jsonb_to_recordset(${json(sql, given)}) as given(id uuid, score float8, flags text[], evidence jsonb)
    where n.id = given.id and n.assessed_at is null`;
}

export interface Vote {
  readonly annotationId: string;
  readonly annotatorId: string;
  readonly kind: AnnotatorKind;
  readonly label: unknown;
  readonly score: number;
  readonly qualityScore: number;
  /** Of the instructions that it was given under, where these are not its task's. */
  readonly instructionsVersion: number | null;
}

/** The counted answers of a task with what weighs them (the annotator's record at its type, where there is one), in a fixed order; not those that were excluded. */
export async function votesOf(sql: Queryable, taskId: string): Promise<Vote[]> {
  return (await votesOfTasks(sql, [taskId])).get(taskId) ?? [];
}

/** As `votesOf`, of several tasks by their ids; a task without counted answers is missing. */
export async function votesOfTasks(sql: Queryable, taskIds: readonly string[]): Promise<Map<string, Vote[]>> {
  const rows = await sql<(Vote & { taskId: string })[]>`
    select n.task_id as "taskId", n.id as "annotationId", n.annotator_id as "annotatorId", a.kind, l.label, coalesce(n.score, 1)::float8 as score,
      coalesce(s.quality_score, a.quality_score)::float8 as "qualityScore",
      nullif(g.instructions_version, t.instructions_version) as "instructionsVersion"
    from annotations n
    join assignments g on g.id = n.assignment_id
    join tasks t on t.id = n.task_id
    join campaigns c on c.id = n.campaign_id
    join annotation_labels l on l.annotation_id = n.id
    join annotators a on a.id = n.annotator_id
    left join annotator_standings s on s.annotator_id = a.id and s.task_type = c.settings ->> 'type'
    where n.task_id = any(${taskIds as string[]}::uuid[]) and n.counted and n.excluded_at is null
    order by n.id`;
  const votes = new Map<string, Vote[]>();
  for (const { taskId, ...vote } of rows) {
    const known = votes.get(taskId);
    if (known) known.push(vote);
    else votes.set(taskId, [vote]);
  }
  return votes;
}

export interface GoldVerdictInput extends AnnotationToAssess {
  readonly gold: unknown;
  readonly kind: 'gold' | 'honeypot';
}

/** A gold answer with the answer that was known. */
export async function goldAnswerOf(sql: Queryable, annotationId: string): Promise<GoldVerdictInput | undefined> {
  const [row] = await sql<GoldVerdictInput[]>`
    select ${assessedColumns(sql)}, g.label as gold, t.kind
    from ${assessedFrom(sql)}
    join gold_answers g on g.item_id = t.item_id
    where n.id = ${annotationId} and n.counted and t.kind <> 'work'`;
  return row;
}

/** A repeated answer, which has no part in any decision. */
export async function repeatAnswerOf(sql: Queryable, annotationId: string): Promise<AnnotationToAssess | undefined> {
  const [row] = await sql<AnnotationToAssess[]>`
    select ${assessedColumns(sql)} from ${assessedFrom(sql)}
    where n.id = ${annotationId} and n.counted and t.kind = 'repeat'`;
  return row;
}

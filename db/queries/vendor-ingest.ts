import { v7 as uuidv7 } from 'uuid';
import { type Db, json, only, type Queryable, type Tx } from '../client.ts';
import type { ResponseState } from '../schema/states.ts';
import { storeSubmissions } from './annotations.ts';
import { addHedgeSlot } from './hedges.ts';
import { type ClosedUnit, tellClosed } from './judging.ts';
import { leaseSlots } from './leases.ts';
import { addGoldSlot } from './vendor-golds.ts';
import { reportIncident } from './vendor-orders.ts';
import { reopenedSince } from './vendor-units.ts';

export interface Arrival {
  readonly orderId: string;
  readonly unitId: string;
  readonly taskId: string;
  readonly campaignId: string;
  readonly vendor: string;
  readonly responseKey: string;
  readonly workerId: string;
  readonly answers: unknown;
  /** Of the answers and the worker: tells a repeat from an amended answer. */
  readonly hash: string;
  /** In the type's normal form and stored order; or why it is none. */
  readonly read: { readonly label: unknown; readonly presentation: unknown } | { readonly fault: string };
  readonly timeSpentS: number | null;
  readonly confidence?: number;
  readonly costMicros: bigint | null;
  readonly priceMicros: bigint;
  /** Of the price, what the platform keeps; 0 where it does not say. */
  readonly feeMicros?: bigint;
}

const PLACE_LEASE_MS = 60_000;

/**
 * Takes one answer of a vendor in, once: as an annotation of the annotator that its worker is, through the same lease
 * and submission as anybody's. A late one is kept and paid by policy; another version of a known one is kept beside it
 * and reported. While the campaign is paused it waits. Returns what became of it.
 */
export async function ingest(db: Db, arrival: Arrival): Promise<ResponseState> {
  return db.begin(async (tx) => {
    // The task before its units, as its end locks them: the answer to one that was hedged may get a slot of its own.
    await tx`
      select 1 from tasks t join vendor_units u on u.task_id = t.id
      where u.id = ${arrival.unitId} and u.hedged_at is not null for no key update of t`;
    await tx`select 1 from vendor_units where id = ${arrival.unitId} for update`;
    const versions = await tx<{ id: string; version: number; hash: string; state: ResponseState; isNone: boolean }[]>`
      select id, version, hash, state, state = 'invalid' and (ruling = 'reject' or ruling is null and settled_at is null) as "isNone"
      from vendor_responses
      where unit_id = ${arrival.unitId} and response_key = ${arrival.responseKey} order by version desc`;
    const [known, first] = [versions[0], versions.at(-1)];
    if (known && known.state !== 'waiting') {
      if (known.hash === arrival.hash) return known.state;
      if (!first?.isNone) return amend(tx, arrival, known.version + 1);
      await startAnew(tx, arrival, first.id);
    }
    // One that changed while it waited, or was no label, was in nothing yet: as it is now it is the first version.
    const id = known?.hash === arrival.hash ? known.id : await putResponse(tx, arrival, 1, 'waiting');
    const placed = await place(tx, arrival);
    await tx`
      update vendor_responses set state = ${placed.state}, annotation_id = ${placed.annotationId ?? null} where id = ${id}`;
    await closeWhenFull(tx, arrival.unitId);
    return placed.state;
  });
}

async function amend(tx: Tx, arrival: Arrival, version: number): Promise<ResponseState> {
  await putResponse(tx, arrival, version, 'amended');
  const { orderId, unitId, responseKey, taskId } = arrival;
  await reportIncident(tx, {
    orderId,
    kind: 'amended',
    key: `amended:${unitId}:${responseKey}:${version}`,
    detail: `${arrival.vendor} changed an answer after it was taken in; the first version stands until somebody decides.`,
    evidence: { taskId, responseKey, version, answers: arrival.answers },
  });
  return 'amended';
}

/**
 * What was told of an answer that was no label, and that it was to be rejected, is over: as it is now it is looked at anew,
 * and told of anew should it be again as it was. Changes of it that earlier versions kept beside it are of nothing now.
 */
async function startAnew(tx: Tx, { orderId, unitId, taskId, responseKey }: Arrival, id: string): Promise<void> {
  await tx`delete from vendor_responses where unit_id = ${unitId} and response_key = ${responseKey} and version > 1`;
  await tx`update vendor_responses set ruling = null, ruling_reason = null, reject_at = null, settled_at = null where id = ${id}`;
  await tx`
    update vendor_incidents set resolved_at = coalesce(resolved_at, now()), key = key || ':' || id
    where order_id = ${orderId} and kind in ('invalid_answer', 'amended') and right(key, 36) <> id::text
      and evidence ->> 'taskId' = ${taskId} and evidence ->> 'responseKey' = ${responseKey}`;
}

async function putResponse(tx: Tx, arrival: Arrival, version: number, state: ResponseState): Promise<string> {
  const rows = await tx<{ id: string }[]>`
    insert into vendor_responses (id, unit_id, response_key, version, worker_id, state, answers, hash, time_spent_s, cost_micros)
    values (${uuidv7()}, ${arrival.unitId}, ${arrival.responseKey}, ${version}, ${arrival.workerId}, ${state},
      ${json(tx, arrival.answers)}, ${arrival.hash}, ${arrival.timeSpentS === null ? null : Math.round(arrival.timeSpentS)},
      ${arrival.costMicros})
    on conflict (unit_id, response_key, version) do update set worker_id = excluded.worker_id, answers = excluded.answers,
      hash = excluded.hash, time_spent_s = excluded.time_spent_s, cost_micros = excluded.cost_micros
    returning id`;
  return only(rows).id;
}

async function place(tx: Tx, arrival: Arrival): Promise<{ state: ResponseState; annotationId?: string }> {
  const { orderId, unitId, taskId, read } = arrival;
  if ('fault' in read) {
    await reportIncident(tx, {
      orderId,
      kind: 'invalid_answer',
      key: `invalid:${unitId}:${arrival.responseKey}:${arrival.hash.slice(0, 16)}`,
      detail: `An answer of ${arrival.vendor} is no label of its task: ${read.fault}`,
      evidence: { taskId, responseKey: arrival.responseKey, answers: arrival.answers },
    });
    return { state: 'invalid' };
  }
  const annotatorId = await workerAsAnnotator(tx, arrival);
  const [met] = await tx`select 1 from assignments where task_id = ${taskId} and annotator_id = ${annotatorId}`;
  if (met) {
    await reportIncident(tx, {
      orderId,
      kind: 'repeated_answer',
      key: `repeated:${unitId}:${arrival.responseKey}`,
      detail: `A worker of ${arrival.vendor} has answered their task a second time: it does not count, and is not paid before somebody says so.`,
      evidence: { taskId, responseKey: arrival.responseKey, workerId: arrival.workerId, answers: arrival.answers },
    });
    return { state: 'repeated' };
  }
  const isPaused = async () => {
    const [campaign] = await tx<{ state: string }[]>`select state from campaigns where id = ${arrival.campaignId}`;
    return campaign?.state === 'paused';
  };
  if (await isPaused()) return { state: 'waiting' };
  const annotationId = uuidv7();
  const answer = { annotationId, annotatorId, label: read.label, presentation: read.presentation };
  // What a machine took says nothing of its care.
  const timeSpentS = arrival.vendor === 'llm' ? null : arrival.timeSpentS;
  const submission = { ...answer, timeSpentS, confidence: arrival.confidence ?? null };
  const assignmentId =
    (await leaseOpenSlot(tx, arrival, annotatorId)) ??
    ((await addSlot(tx, arrival)) ? await leaseOpenSlot(tx, arrival, annotatorId) : undefined);
  if (assignmentId === undefined) {
    // Somebody has a slot in hand that may be open again in a moment, or a pause has begun just now.
    if ((await isSlotBusy(tx, arrival)) || (await isPaused())) return { state: 'waiting' };
    await keepLate(tx, arrival, submission);
    return { state: 'late', annotationId };
  }
  await tx`update assignments set price_micros = ${arrival.priceMicros} where id = ${assignmentId}`;
  only(await storeSubmissions(tx, [{ ...submission, assignmentId }]));
  if (arrival.feeMicros) await tx`update annotations set fee_micros = ${arrival.feeMicros} where id = ${annotationId}`;
  return { state: 'counted', annotationId };
}

const addSlot = async (tx: Tx, { unitId, priceMicros }: Arrival): Promise<boolean> =>
  (await addGoldSlot(tx, { unitId, priceMicros })) || (await addHedgeSlot(tx, unitId));

/**
 * Open slots of a unit's task that its answers may take: none once the task was opened again after the unit was made, as
 * the money for that is for what is asked then, at its price. One statement sees a reopening with its slots, or neither.
 */
const openSlots = (sql: Queryable, { taskId, unitId }: Pick<Arrival, 'taskId' | 'unitId'>) => sql`
  slots s where s.task_id = ${taskId} and s.state = 'open' and not ${reopenedSince(sql, unitId)}`;

async function leaseOpenSlot(tx: Tx, arrival: Arrival, annotatorId: string): Promise<string | undefined> {
  const { taskId } = arrival;
  const open = await tx<{ slotNo: number }[]>`
    select s.slot_no as "slotNo" from ${openSlots(tx, arrival)} order by s.slot_no`;
  for (const { slotNo } of open) {
    const wanted = { assignmentId: uuidv7(), annotatorId, taskId, slotNo, leaseMs: PLACE_LEASE_MS };
    const [lease] = await leaseSlots(tx, [wanted]);
    if (lease) return lease.assignmentId;
  }
  return undefined;
}

/** Whether the task has an open slot that another transaction holds just now. */
async function isSlotBusy(tx: Tx, arrival: Arrival): Promise<boolean> {
  const open = await tx`select 1 from ${openSlots(tx, arrival)}`;
  if (open.length === 0) return false;
  const free = await tx`select 1 from ${openSlots(tx, arrival)} for update of s skip locked`;
  return free.length < open.length;
}

/** An answer that no slot waits for: kept, accepted and paid, but not counted (`settleLateAnswer`). */
async function keepLate(
  tx: Tx,
  arrival: Arrival,
  given: {
    annotationId: string;
    annotatorId: string;
    label: unknown;
    presentation: unknown;
    timeSpentS: number | null;
  },
): Promise<void> {
  const { taskId, campaignId } = arrival;
  const assignmentId = uuidv7();
  // A gold has no slots until somebody has answered it.
  await tx`
    insert into slots (task_id, slot_no, campaign_id, workforce, priority, required_tier, state)
    select id, nextval('gold_slot_number'), campaign_id, workforce, priority, required_tier, 'closed' from tasks
    where id = ${taskId} and kind <> 'work' and not exists (select from slots where task_id = ${taskId})`;
  await tx`
    insert into assignments (id, task_id, slot_no, campaign_id, annotator_id, fence, state, price_micros, expires_at, closed_at)
    select ${assignmentId}, task_id, slot_no, ${campaignId}, ${given.annotatorId}, 0, 'late', ${arrival.priceMicros}, now(), now()
    from slots where task_id = ${taskId} order by slot_no limit 1`;
  await tx`
    insert into annotations (id, assignment_id, task_id, campaign_id, annotator_id, counted, of_gold, time_spent_s,
      price_micros, fee_micros)
    select ${given.annotationId}, ${assignmentId}, id, ${campaignId}, ${given.annotatorId}, false,
      kind in ('gold', 'honeypot'), ${given.timeSpentS}, ${arrival.priceMicros}, ${arrival.feeMicros ?? 0n}
    from tasks where id = ${taskId}`;
  await tx`
    insert into annotation_labels (annotation_id, label, presentation)
    values (${given.annotationId}, ${json(tx, given.label)}, ${given.presentation === null ? null : json(tx, given.presentation)})`;
  await tx`
    insert into outbox (kind, target_id, message, payload)
    values ('late_answer', ${taskId}, 'late', jsonb_build_object('annotationId', ${given.annotationId}::text))`;
}

/** The annotator that a vendor's worker is in the campaign's organisation; made where there is none yet. */
export async function workerAsAnnotator(
  tx: Tx,
  { vendor, workerId, campaignId }: Pick<Arrival, 'vendor' | 'workerId' | 'campaignId'>,
): Promise<string> {
  const { organisationId } = only(
    await tx<{ organisationId: string }[]>`
      select organisation_id as "organisationId" from campaigns where id = ${campaignId}`,
  );
  const find = () => tx<{ id: string }[]>`
    select annotator_id as id from vendor_workers
    where organisation_id = ${organisationId} and vendor = ${vendor} and worker_id = ${workerId}`;
  const [known] = await find();
  if (known) return known.id;
  // One at a time for each worker, so that nobody becomes two annotators.
  await tx`select pg_advisory_xact_lock(hashtextextended(${`${organisationId}:${vendor}:${workerId}`}, 0))`;
  const [meanwhile] = await find();
  if (meanwhile) return meanwhile.id;
  const id = uuidv7();
  await tx`
    insert into annotators (id, organisation_id, name, kind, workforce)
    values (${id}, ${organisationId}, ${`${vendor}:${workerId}`.slice(0, 200)}, ${vendor === 'llm' ? 'llm' : 'vendor'},
      ${vendor})`;
  await tx`
    insert into vendor_workers (organisation_id, vendor, worker_id, annotator_id)
    values (${organisationId}, ${vendor}, ${workerId}, ${id})`;
  return id;
}

async function closeWhenFull(tx: Tx, unitId: string): Promise<void> {
  const closed = await tx<ClosedUnit[]>`
    update vendor_units u set state = 'complete', closed_at = now()
    where id = ${unitId} and state = 'ordered' and answers <= (
      select count(*) from vendor_responses r where r.unit_id = u.id and r.state in ('counted', 'late')
    )
    returning task_id as "taskId", vendor`;
  await tellClosed(tx, closed);
}

export interface KnownResponse {
  readonly id: string;
  readonly unitId: string;
  readonly taskId: string;
  readonly responseKey: string;
  readonly workerId: string;
  readonly state: ResponseState;
  readonly settled: boolean;
  /** What the vendor says it costs. */
  readonly costMicros: bigint | null;
  /** What a person wants done about one that was not taken in, and why. */
  readonly ruling: 'accept' | 'reject' | null;
  readonly rulingReason: string | null;
  /** To be rejected, and not yet. */
  readonly waits: boolean;
}

/** The first versions of all answers of an order. */
export async function responsesOf(sql: Queryable, orderId: string): Promise<KnownResponse[]> {
  return sql<KnownResponse[]>`
    select r.id, r.unit_id as "unitId", u.task_id as "taskId", r.cost_micros as "costMicros", r.response_key as "responseKey", r.worker_id as "workerId", r.state,
      r.settled_at is not null as settled, r.ruling, r.ruling_reason as "rulingReason",
      coalesce(r.reject_at > clock_timestamp(), false) as waits
    from vendor_responses r join vendor_units u on u.id = r.unit_id
    where u.order_id = ${orderId} and r.version = 1 order by r.id`;
}

/** Answers of a unit that were taken in, or still wait for that. */
export async function takenIn(sql: Queryable, unitId: string): Promise<number> {
  const rows = await sql<{ taken: number }[]>`
    select count(*)::int as taken from vendor_responses
    where unit_id = ${unitId} and version = 1 and state in ('counted', 'late', 'waiting')`;
  return only(rows).taken;
}

/**
 * Whether an answer is to be rejected at its vendor now: whoever rules otherwise at the last moment has its row locked, and
 * is waited for.
 */
export async function isDueForRejection(sql: Queryable, responseId: string): Promise<boolean> {
  const rows = await sql`
    select 1 from vendor_responses
    where id = ${responseId} and ruling = 'reject' and (reject_at is null or reject_at <= clock_timestamp()) for update`;
  return rows.length > 0;
}

/** The vendor knows that these answers are accepted, or rejected, or has no such act. */
export async function markSettled(sql: Queryable, responseIds: readonly string[]): Promise<void> {
  await sql`update vendor_responses set settled_at = now() where id = any(${responseIds as string[]}::uuid[])`;
}

import { v7 as uuidv7 } from 'uuid';
import { batchThatFits } from '../../domain/feasibility.ts';
import type { HeldOut } from '../../domain/learning/evaluation-slice.ts';
import type { LearningLine } from '../../domain/learning/learning-line.ts';
import { mostMicros } from '../../domain/money.ts';
import { type Db, json, only, type Queryable, type Tx } from '../client.ts';
import { dropOldModels, type KeptSelection, keepSelection } from './kept-selections.ts';
import { lockRoom, type Room, reserving } from './limits.ts';
import { holdForReopening, type ReopeningRequest, reopenHeld, type WantedReopening } from './reopenings.ts';

/** Places in the random order of the items, from `from` up to but without `to`. */
export interface Places {
  readonly from: number;
  readonly to: number;
}

/**
 * Ids of up to `limit` pool items, drawn as one run of the random order that starts at `from` (wrapping round), but none
 * of those that are set aside.
 */
export async function samplePool(
  sql: Queryable,
  sample: { campaignId: string; from: number; limit: number; aside?: Places | undefined },
): Promise<string[]> {
  const { aside } = sample;
  const open = aside ? sql`and not (shuffle >= ${aside.from} and shuffle < ${aside.to})` : sql``;
  const part = (after: boolean, limit: number) => sql<{ id: string }[]>`
    select id from items
    where campaign_id = ${sample.campaignId} and state = 'pool'
      and ${after ? sql`shuffle >= ${sample.from}` : sql`shuffle < ${sample.from}`} ${open}
    order by shuffle, id limit ${limit}`;
  const first = await part(true, sample.limit);
  const rest = first.length < sample.limit ? await part(false, sample.limit - first.length) : [];
  return [...first, ...rest].map((row) => row.id);
}

/** Whether nothing is left in the pool but what is set aside. */
export async function isRest(sql: Queryable, campaignId: string, aside: Places): Promise<boolean> {
  return (await samplePool(sql, { campaignId, from: 0, limit: 1, aside })).length === 0;
}

/** The first of the pool items in these places. */
export async function poolAt(
  sql: Queryable,
  campaignId: string,
  { from, to }: Places,
  limit: number,
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from items
    where campaign_id = ${campaignId} and state = 'pool' and shuffle >= ${from} and shuffle < ${to}
    order by shuffle, id limit ${limit}`;
  return rows.map((row) => row.id);
}

/**
 * Tasks of the evaluation slice that people have settled, or had a part in, with their labels, newest revision each, null
 * where they came to none; the newest tasks first. Until these asked people whatever judges said, judges decided some alone.
 */
export async function sliceLabels(
  sql: Queryable,
  campaignId: string,
  limit: number,
): Promise<{ itemId: string; label: unknown }[]> {
  return sql<{ itemId: string; label: unknown }[]>`
    select t.item_id as "itemId", d.label
    from tasks t
    left join lateral (
      select label from decisions
      where task_id = t.id and state in ('decided', 'adjudicated')
      order by revision desc limit 1
    ) d on t.state <> 'unresolved'
    where t.campaign_id = ${campaignId} and t.purpose = 'evaluation' and t.state in ('decided', 'adjudicated', 'unresolved')
      and (t.state = 'adjudicated' or exists (
        select from annotations n join annotators a on a.id = n.annotator_id and a.kind <> 'llm'
        where n.task_id = t.id and n.counted and n.excluded_at is null
      ))
    order by t.id desc
    limit ${limit}`;
}

/** What these items show. */
export async function payloadsOf(sql: Queryable, ids: readonly string[]): Promise<Map<string, unknown>> {
  const rows = await sql<{ id: string; payload: unknown }[]>`
    select item_id as id, payload from item_payloads where item_id = any(${ids as string[]}::uuid[])`;
  return new Map(rows.map((row) => [row.id, row.payload]));
}

/** What these items show, with their keys. */
export async function itemsOf(
  sql: Queryable,
  ids: readonly string[],
): Promise<Map<string, { key: string; payload: unknown }>> {
  const rows = await sql<{ id: string; key: string; payload: unknown }[]>`
    select i.id, i.key, p.payload from items i join item_payloads p on p.item_id = i.id
    where i.id = any(${ids as string[]}::uuid[])`;
  return new Map(rows.map(({ id, ...item }) => [id, item]));
}

/** Tasks of items that teach the model, or will when they are decided. */
const teaching = (sql: Queryable) =>
  sql`t.kind = 'work' and t.purpose = 'training' and t.state not in ('unresolved', 'cancelled')`;

/**
 * Items that teach the model, or will when they are decided: a new batch keeps its distance from them. Of more than `limit`
 * half are the newest, and half any, drawn as one run of their digests that starts at `from` of these (0 to 1) and wraps round.
 */
export async function chosenItems(
  sql: Queryable,
  { campaignId, from, limit }: { campaignId: string; from: number; limit: number },
): Promise<string[]> {
  const start = `${Math.floor(from * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}-0000-0000-0000-000000000000`;
  const newest = await sql<{ id: string }[]>`
    select t.item_id as id from tasks t where t.campaign_id = ${campaignId} and ${teaching(sql)}
    order by t.id desc limit ${limit}`;
  const ids = newest.map(({ id }) => id);
  if (ids.length < limit) return ids;
  const half = ids.slice(0, Math.ceil(limit / 2));
  const known = new Set(half);
  const run = (after: boolean) => sql<{ id: string }[]>`
    select run.id from (
      select id, content from items
      where campaign_id = ${campaignId} and state = 'selected'
        and ${after ? sql`content >= ${start}::uuid` : sql`content < ${start}::uuid`}
      order by content limit ${limit}
    ) run join tasks t on t.item_id = run.id and ${teaching(sql)}
    order by run.content`;
  const any = await run(true);
  const rest = any.length < limit ? await run(false) : [];
  const drawn = [...any, ...rest].map(({ id }) => id).filter((id) => !known.has(id));
  return [...half, ...drawn.slice(0, limit - half.length)];
}

/** Those of `ids` that show exactly what an item does that teaches the model, or will. */
export async function copiesOfChosen(sql: Queryable, campaignId: string, ids: readonly string[]): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select p.item_id as id from item_payloads p cross join lateral (
      select from items i join tasks t on t.item_id = i.id and ${teaching(sql)}
      where i.campaign_id = ${campaignId} and i.state = 'selected' and i.content = md5(p.hash)::uuid
      limit 1
    ) chosen
    where p.item_id = any(${ids as string[]}::uuid[])`;
  return rows.map(({ id }) => id);
}

export interface LabeledItem {
  readonly itemId: string;
  readonly label: unknown;
  readonly confidence: number;
  /** Share of weight by choice, as the decision's evidence has it; null where an expert ruled, perhaps against all votes. */
  readonly distribution: Record<string, number> | null;
}

/**
 * Decided tasks of a campaign with what the model learns from; gold and the slice are never among them. Newest revision
 * each. Of more than `limit` a sample by chance, in which most stay from one fit to the next; `total` counts them all.
 */
export async function labeledItems(
  sql: Queryable,
  campaignId: string,
  limit: number,
): Promise<{ items: LabeledItem[]; total: number }> {
  const rows = await sql<(LabeledItem & { total: number })[]>`
    with newest as (
      select distinct on (d.task_id) d.task_id, d.revision, t.item_id
      from decisions d
      join tasks t on t.id = d.task_id and t.kind = 'work' and t.purpose = 'training'
      where d.campaign_id = ${campaignId} and d.state in ('decided', 'adjudicated')
      order by d.task_id, d.revision desc
    ), drawn as (
      select task_id, revision, item_id, (count(*) over ())::int as total
      from newest order by md5(task_id::text) limit ${limit}
    )
    select drawn.item_id as "itemId", d.label, d.confidence,
      case d.state when 'decided' then d.evidence -> 'result' -> 'distribution' end as distribution, drawn.total
    from drawn join decisions d on d.task_id = drawn.task_id and d.revision = drawn.revision
    order by drawn.task_id`;
  return { items: rows.map(({ total: _, ...item }) => item), total: rows[0]?.total ?? 0 };
}

export interface AskableTask {
  readonly taskId: string;
  readonly itemId: string;
  /** Answers it has been given room for. */
  readonly redundancy: number;
  /** Of one more answer. */
  readonly priceMicros: bigint;
}

/**
 * Decided tasks that may be asked about once more, up to `limit` by chance: they teach the model, people answered them,
 * and they have room for fewer than `most` answers. `labels` counts all decided tasks that teach the model.
 */
export async function askableTasks(
  sql: Queryable,
  query: { campaignId: string; seed: string; most: number; limit: number },
): Promise<{ tasks: AskableTask[]; labels: number }> {
  const { labels } = only(
    await sql<{ labels: number }[]>`
      select count(*)::int as labels from tasks
      where campaign_id = ${query.campaignId} and kind = 'work' and purpose = 'training'
        and state in ('decided', 'adjudicated')`,
  );
  const tasks = await sql<AskableTask[]>`
    select id as "taskId", item_id as "itemId", redundancy, price_micros as "priceMicros" from tasks
    where campaign_id = ${query.campaignId} and kind = 'work' and purpose = 'training' and state = 'decided'
      and workforce <> 'llm' and redundancy < ${query.most}
    order by md5(id::text || ${query.seed}), id limit ${query.limit}`;
  return { tasks, labels };
}

/** Gold items with their known answers: what the model is measured on. Not promoted ones, which it has learnt from. */
export async function goldItems(
  sql: Queryable,
  campaignId: string,
  limit: number,
): Promise<{ itemId: string; label: unknown }[]> {
  return sql<{ itemId: string; label: unknown }[]>`
    select i.id as "itemId", g.label
    from items i join gold_answers g on g.item_id = i.id
    where i.campaign_id = ${campaignId} and i.state = 'gold' and g.promoted_from is null
    order by i.shuffle, i.id limit ${limit}`;
}

export interface Chosen {
  readonly itemId: string;
  /** Why it was chosen. */
  readonly selection: unknown;
  readonly purpose?: 'training' | 'evaluation';
}

export interface BatchPlan {
  readonly campaignId: string;
  readonly round: number;
  readonly strategy: string;
  readonly seed: string;
  readonly chosen: readonly Chosen[];
  /** Decided tasks that get one more answer each, in place of new items. */
  readonly relabel?: { readonly tasks: readonly WantedReopening[]; readonly nowMs: number };
  /** What they were chosen from, with its digest. */
  readonly kept?: KeptSelection & { readonly digest: string };
  /** Most that tasks of the evaluation slice may draw in all. */
  readonly evaluationMicros?: bigint;
  readonly policyVersion: number;
  readonly instructionsVersion: number;
  readonly redundancy: number;
  readonly priceMicros: bigint;
  readonly requiredTier: number;
  readonly workforce: string;
  readonly taskWorstCaseMicros: bigint;
  /** What golds want beside so many tasks in all that are new, and what of the gold money is for repeats, new tasks' and others'. */
  readonly goldMicros: (tasks: number) => bigint;
  readonly repeatsPerTaskMicros: bigint;
  readonly repeatsSoFarMicros: bigint;
  readonly expiresAt: Date;
  /** Start message of a task's workflow. */
  readonly startPayload: Record<string, unknown>;
}

/** The tasks of a round that was planned before, with those that it opened again; undefined when it was not. */
export async function plannedRound(
  sql: Queryable,
  at: { campaignId: string; round: number },
): Promise<string[] | undefined> {
  const [round] = await sql`select 1 from rounds where campaign_id = ${at.campaignId} and round = ${at.round}`;
  if (!round) return undefined;
  const rows = await sql<{ id: string }[]>`
    select id from tasks where campaign_id = ${at.campaignId} and kind = 'work' and round = ${at.round}
    union
    select t.id from task_reopenings r join tasks t on t.id = r.task_id
    where r.round = ${at.round} and t.campaign_id = ${at.campaignId}
    order by id`;
  return rows.map((row) => row.id);
}

export interface PlannedBatch {
  readonly taskIds: string[];
  readonly reservedMicros: bigint;
  readonly running: boolean;
  readonly waitsFor: { readonly day: Date } | 'another cap' | null;
}

/**
 * Makes a batch real: reserves the most it could cost, creates its tasks and asks for their workflows, in one
 * transaction keyed by (campaign, round). As many tasks as the budget holds; none leaves no trace. None at all when the
 * campaign is no longer running: who paused or stopped it has told the open tasks already. Of none, `waitsFor` says where its
 * own cap has room for one: for the next day (UTC), or until another cap is raised or gives room.
 */
export async function planBatch(db: Db, plan: BatchPlan): Promise<PlannedBatch> {
  return db.begin(async (tx) => {
    const { relabel } = plan;
    const held = relabel && (await holdForReopening(tx, { ...plan, ...relabel }));
    let room = await lockRoom(tx, plan);
    // The budget row's lock also orders repeats of one round: the second finds what the first made.
    const before = await plannedRound(tx, plan);
    if (before) return { taskIds: before, reservedMicros: 0n, running: true, waitsFor: null };
    // Shared, so that a pause or a stop comes wholly before this batch or wholly after it.
    const [running] = await tx`
      select 1 from campaigns where id = ${plan.campaignId} and state = 'running' for share`;
    if (!running) return { taskIds: [], reservedMicros: 0n, running: false, waitsFor: null };
    const again = relabel && held ? await reopenHeld(tx, relabelRequest(plan, relabel), held) : NOTHING_AGAIN;
    if (again.taskIds.length > 0) room = await lockRoom(tx, plan);
    const goldRest = await goldRestOf(tx, plan);
    const goldMicros = (tasks: number) =>
      mostMicros(0n, plan.goldMicros(tasks) - goldRest) + BigInt(tasks) * plan.repeatsPerTaskMicros;
    const batch = { ...room, taskMicros: plan.taskWorstCaseMicros, goldMicros };
    const chosen = await withinSlice(tx, plan);
    const wanted = chosen.slice(0, batchThatFits(chosen.length, batch).tasks);
    const taken = await takeFromPool(tx, plan, wanted);
    if (taken.length + again.taskIds.length === 0) {
      const isShort = wanted.length === 0 && (chosen.length > 0 || again.overBudget > 0);
      const waitsFor = isShort ? whatFor(room, plan.taskWorstCaseMicros) : null;
      return { taskIds: [], reservedMicros: 0n, running: true, waitsFor };
    }
    const count = BigInt(taken.length);
    const gold = batchThatFits(taken.length, batch).goldMicros;
    const newMicros = count * plan.taskWorstCaseMicros + gold;
    const reservedMicros = newMicros + again.reservedMicros;
    const newIds = taken.map(() => uuidv7());
    const taskIds = [...newIds, ...again.taskIds];
    if (taken.length > 0) await insertTasks(tx, plan, newIds, taken, wanted);
    if (gold > 0n) await reserveGold(tx, plan, gold);
    await tx`
      insert into rounds (campaign_id, round, state, strategy, seed, selection_digest, task_count, reserved_micros)
      values (${plan.campaignId}, ${plan.round}, 'selected', ${plan.strategy}, ${plan.seed}, ${plan.kept?.digest ?? null},
        ${taskIds.length}, ${reservedMicros})`;
    if (plan.kept) await keepSelection(tx, plan, plan.kept);
    await tx`
      update budgets set ${reserving(tx, newMicros)} where campaign_id = ${plan.campaignId}`;
    return { taskIds, reservedMicros, running: true, waitsFor: null };
  });
}

/** What the gold money has left for golds: what was set aside for repeats is not for these. */
async function goldRestOf(tx: Tx, plan: BatchPlan): Promise<bigint> {
  const [pot] = await tx<{ rest: bigint }[]>`
    select amount_micros - committed_micros - released_micros - held_micros as rest from authorizations
    where campaign_id = ${plan.campaignId} and task_id is null and state = 'open' for update`;
  return mostMicros(0n, (pot?.rest ?? 0n) - plan.repeatsSoFarMicros);
}

/** What a campaign waits for that has no room for so much; null: for nothing, its own budget is used up. */
export function whatFor(room: Room, taskMicros: bigint): PlannedBatch['waitsFor'] {
  if (room.ownMicros < taskMicros) return null;
  return room.cappedMicros < taskMicros ? 'another cap' : { day: room.tomorrow };
}

const NOTHING_AGAIN = { taskIds: [] as readonly string[], reservedMicros: 0n, overBudget: 0 };

function relabelRequest(
  { campaignId, round }: BatchPlan,
  { tasks, nowMs }: NonNullable<BatchPlan['relabel']>,
): ReopeningRequest {
  const reason = 'One more answer was worth more here than a new item.';
  return { campaignId, cause: 'relabel', reason, by: `round ${round}`, round, tasks, nowMs };
}

/** How many tasks more the slice's own budget holds. */
export async function sliceRoom(
  sql: Queryable,
  given: { campaignId: string; evaluationMicros: bigint; taskWorstCaseMicros: bigint },
): Promise<number> {
  const { evaluationMicros, taskWorstCaseMicros } = given;
  if (taskWorstCaseMicros === 0n) return Number.MAX_SAFE_INTEGER;
  const { drawn } = only(
    await sql<{ drawn: bigint }[]>`
      select coalesce(sum(a.amount_micros - a.released_micros), 0)::bigint as drawn
      from tasks t join authorizations a on a.task_id = t.id
      where t.campaign_id = ${given.campaignId} and t.purpose = 'evaluation'`,
  );
  return evaluationMicros > drawn ? Number((evaluationMicros - drawn) / taskWorstCaseMicros) : 0;
}

/** What was chosen, but for those of the slice that its own budget has no room for. */
async function withinSlice(tx: Tx, plan: BatchPlan): Promise<readonly Chosen[]> {
  const { chosen, evaluationMicros } = plan;
  if (evaluationMicros === undefined) return chosen;
  const left = await sliceRoom(tx, { ...plan, evaluationMicros });
  let given = 0;
  return chosen.filter(({ purpose }) => purpose !== 'evaluation' || ++given <= left);
}

async function takeFromPool(tx: Tx, plan: BatchPlan, wanted: BatchPlan['chosen']): Promise<string[]> {
  if (wanted.length === 0) return [];
  const rows = await tx<{ id: string }[]>`
    update items i set state = 'selected', round = ${plan.round}, selection = chosen.selection::jsonb, content = md5(p.hash)::uuid
    from item_payloads p, unnest(${wanted.map((each) => each.itemId)}::uuid[], ${wanted.map((each) => JSON.stringify(each.selection))}::text[])
      as chosen(id, selection)
    where i.id = chosen.id and p.item_id = i.id and i.campaign_id = ${plan.campaignId} and i.state = 'pool'
    returning i.id`;
  return rows.map((row) => row.id);
}

async function insertTasks(
  tx: Tx,
  plan: BatchPlan,
  taskIds: string[],
  itemIds: string[],
  wanted: readonly Chosen[],
): Promise<void> {
  const purposeOf = new Map(wanted.map(({ itemId, purpose = 'training' }) => [itemId, purpose]));
  const purposes = itemIds.map((id) => purposeOf.get(id) ?? 'training');
  await tx`
    insert into tasks (id, campaign_id, item_id, purpose, round, redundancy, price_micros, required_tier, workforce, domain,
      policy_version, instructions_version)
    select made.id, ${plan.campaignId}, made.item_id, made.purpose, ${plan.round}, ${plan.redundancy}, ${plan.priceMicros},
      ${plan.requiredTier}, ${plan.workforce}, i.domain, ${plan.policyVersion}, ${plan.instructionsVersion}
    from unnest(${taskIds}::uuid[], ${itemIds}::uuid[], ${purposes}::text[]) as made(id, item_id, purpose) join items i on i.id = made.item_id`;
  await tx`
    with made as (
      insert into authorizations (id, campaign_id, task_id, workforce, amount_micros, expires_at)
      select gen_random_uuid(), ${plan.campaignId}, id, ${plan.workforce}, ${plan.taskWorstCaseMicros}, ${plan.expiresAt}
      from unnest(${taskIds}::uuid[]) as id
      returning id, task_id
    )
    insert into ledger (campaign_id, kind, amount_micros, key, authorization_id)
    select ${plan.campaignId}, 'reserve', ${plan.taskWorstCaseMicros}, 'reserve:' || task_id, id
    from made where ${plan.taskWorstCaseMicros}::bigint > 0`;
  await tx`
    insert into outbox (kind, target_id, message, payload)
    select 'start_task', id, 'start', ${json(tx, plan.startPayload)} from unnest(${taskIds}::text[]) as id`;
}

async function reserveGold(tx: Tx, plan: BatchPlan, amountMicros: bigint): Promise<void> {
  await tx`
    with pot as (
      update authorizations set amount_micros = amount_micros + ${amountMicros}
      where campaign_id = ${plan.campaignId} and task_id is null and state = 'open'
      returning id
    )
    insert into ledger (campaign_id, kind, amount_micros, key, authorization_id)
    select ${plan.campaignId}, 'reserve', ${amountMicros}, ${`reserve-gold:${plan.campaignId}:${plan.round}`}, id from pot`;
}

/** Makes tasks of gold items that have none yet, open to everybody who has not seen them. */
export async function openGoldTasks(
  sql: Queryable,
  gold: {
    campaignId: string;
    priceMicros: bigint;
    requiredTier: number;
    workforce: string;
    policyVersion: number;
    instructionsVersion: number;
  },
): Promise<void> {
  await sql`
    insert into tasks (id, campaign_id, item_id, kind, state, round, redundancy, price_micros, required_tier, workforce,
      domain, policy_version, instructions_version)
    select gen_random_uuid(), i.campaign_id, i.id, i.state, 'open', 0, 0, ${gold.priceMicros}, ${gold.requiredTier},
      ${gold.workforce}, i.domain, ${gold.policyVersion}, ${gold.instructionsVersion}
    from items i
    where i.campaign_id = ${gold.campaignId} and i.state in ('gold', 'honeypot')
      and not exists (select from tasks t where t.item_id = i.id)
    on conflict do nothing`;
}

/** How many tasks a campaign has ever started, and how many of them for its evaluation slice. */
export async function countWorkTasks(
  sql: Queryable,
  campaignId: string,
): Promise<{ readonly tasks: number; readonly inSlice: number }> {
  return only(
    await sql<{ tasks: number; inSlice: number }[]>`
      select count(*)::int as tasks, (count(*) filter (where purpose = 'evaluation'))::int as "inSlice"
      from tasks where campaign_id = ${campaignId} and kind = 'work'`,
  );
}

/** Tasks of `ids` that have ended, for a campaign that asks after settlements it may have missed. */
export async function endedTasks(sql: Queryable, ids: readonly string[]): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from tasks where id = any(${ids as string[]}::uuid[]) and state in ('decided', 'adjudicated', 'unresolved', 'cancelled')`;
  return rows.map((row) => row.id);
}

export interface FittedRound {
  readonly campaignId: string;
  readonly round: number;
  readonly trainedOn: number;
  /** All there were, if the model saw a sample. */
  readonly labels: number;
  readonly heldOut: HeldOut | null;
  readonly learningLine: LearningLine | null;
  /** The model, and the version of the space that it was fitted in; null where the fit came to nothing. */
  readonly stored: { bytes: Uint8Array; spaceVersion: number } | null;
}

/** Stores a fit: the round's figures, and the model for the next selection. */
export async function storeFit(db: Db, fit: FittedRound): Promise<void> {
  await db.begin(async (tx) => {
    await tx`
      update rounds r set state = 'fitted', trained_on = ${fit.trainedOn}, labels = ${fit.labels}, held_out_accuracy = ${fit.heldOut?.accuracy ?? null},
        held_out_low = ${fit.heldOut?.low ?? null}, held_out_high = ${fit.heldOut?.high ?? null},
        held_out_count = ${fit.heldOut?.count ?? null}, held_out_on = ${fit.heldOut?.on ?? null},
        held_out_left_out = ${fit.heldOut ? json(tx, fit.heldOut.leftOut) : null},
        learning_line = ${fit.learningLine ? json(tx, fit.learningLine) : null}, spent_micros = b.spent_micros, fitted_at = now()
      from budgets b
      where r.campaign_id = ${fit.campaignId} and r.round = ${fit.round} and b.campaign_id = r.campaign_id`;
    if (fit.stored) {
      await tx`
        insert into models (campaign_id, round, model, space_version)
        values (${fit.campaignId}, ${fit.round}, ${fit.stored.bytes}, ${fit.stored.spaceVersion})
        on conflict (campaign_id, round) do update set model = excluded.model, space_version = excluded.space_version,
          fitted_at = now()`;
    }
    await dropOldModels(tx, fit.campaignId, fit.round);
  });
}

export interface ModelRow {
  readonly round: number;
  readonly model: Uint8Array;
  readonly spaceVersion: number;
}

/** A campaign's model as fitted after a round, by default the newest. */
export async function loadModel(sql: Queryable, campaignId: string, round?: number): Promise<ModelRow | undefined> {
  const [row] = await sql<ModelRow[]>`
    select round, model, space_version as "spaceVersion" from models
    where campaign_id = ${campaignId} ${round === undefined ? sql`` : sql`and round = ${round}`}
    order by round desc limit 1`;
  return row;
}

/** The pool's items and their keys, in chunks, holding one chunk at a time. */
export function poolKeys(db: Db, campaignId: string, chunk: number): AsyncIterable<{ id: string; key: string }[]> {
  return db<{ id: string; key: string }[]>`
    select id, key from items where campaign_id = ${campaignId} and state = 'pool' order by shuffle, id`.cursor(chunk);
}

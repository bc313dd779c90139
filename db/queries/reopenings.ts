import { QuorateError } from '../../domain/failures.ts';
import { workforceOfPeople } from '../../domain/judging/alone.ts';
import { type CampaignSettings, taskPolicyOf } from '../../domain/settings.ts';
import { highestPriceMicros } from '../../domain/task-policy.ts';
import { type Db, json, type Queryable, type Tx } from '../client.ts';
import type { CampaignState, ReopeningCause } from '../schema/states.ts';
import { lockAuthorizations } from './authorizations.ts';
import { lockRooms, type Rooms, reserving } from './limits.ts';
import { lockBudget } from './money.ts';
import { vendorNames, wantUnits } from './vendor-units.ts';

/** A decided task to be asked again. */
export interface WantedReopening {
  readonly taskId: string;
  /** How many answers more. */
  readonly answers: number;
  /** Answers that are no part of its decisions any more. */
  readonly excludedIds: readonly string[];
  /** Answers that it may have in all, these included; by default 100. */
  readonly most?: number;
  /** In place of the request's. */
  readonly reason?: string;
  /** Further facts to keep with it. */
  readonly evidence?: unknown;
}

export interface ReopeningRequest {
  readonly campaignId: string;
  readonly cause: ReopeningCause;
  readonly reason: string;
  /** A key's id. */
  readonly by: string;
  /** The campaign's round that they are part of. */
  readonly round?: number;
  readonly tasks: readonly WantedReopening[];
  readonly nowMs: number;
}

export interface Reopened {
  readonly taskIds: readonly string[];
  readonly reservedMicros: bigint;
  /** Tasks that the budget had no room for. */
  readonly overBudget: number;
  /** Tasks that are not decided (any more), or cannot take as many answers. */
  readonly passedOver: number;
}

interface Locked {
  readonly id: string;
  readonly redundancy: number;
  readonly reopened: number;
  readonly priceMicros: bigint;
  readonly workforce: string;
  readonly policyVersion: number;
  readonly instructionsVersion: number;
}

/** A task takes at most so many answers in all. */
export const MOST_ANSWERS = 100;
/** A forgotten authorization may be released after this long beyond all of a task's windows. */
const SLACK_MS = 30 * 24 * 3600 * 1000;

/** Campaigns in these states take answers to tasks that are opened again. */
export const REOPENING_STATES: readonly CampaignState[] = ['running', 'paused'];

/**
 * Opens decided tasks of one campaign again, in their order as far as the budget allows: reserves the most that the new
 * answers could cost, excludes the answers that are not to count, opens the slots and asks for the workflows, in one
 * transaction. What judges decided is asked of people: the same judges would be asked in vain. The decision stays until
 * there is a new revision. Throws conflict when the campaign takes no answers.
 */
export const reopenTasks = (db: Db, request: ReopeningRequest): Promise<Reopened> =>
  db.begin((tx) => reopenTasksIn(tx, request));

/** The same as a part of what else one transaction does, which holds neither budget nor authorizations yet. */
export async function reopenTasksIn(tx: Tx, request: ReopeningRequest): Promise<Reopened> {
  const held = await holdForReopening(tx, request);
  await lockBudget(tx, request.campaignId);
  return reopenHeld(tx, request, held);
}

/** Decided tasks and what they have drawn, locked until the transaction ends. */
interface HeldTasks {
  readonly tasks: readonly Locked[];
  readonly drawn: ReadonlyMap<string, Drawn>;
}

/** Locks what is to be opened again: before the budget, as settling and extending lock it. */
export async function holdForReopening(
  tx: Tx,
  { campaignId, tasks }: Pick<ReopeningRequest, 'campaignId' | 'tasks'>,
): Promise<HeldTasks> {
  const ids = tasks.map(({ taskId }) => taskId);
  const locked = await tx<Locked[]>`
    select id, redundancy, reopened, price_micros as "priceMicros", workforce, policy_version as "policyVersion",
      instructions_version as "instructionsVersion"
    from tasks
    where id = any(${ids}::uuid[]) and campaign_id = ${campaignId} and kind = 'work' and state = 'decided'
    order by id for no key update`;
  const drawn = await lockDrawn(
    tx,
    locked.map(({ id }) => id),
  );
  return { tasks: locked, drawn };
}

/** As `reopenTasks`, in a transaction that holds the tasks and has locked the budget after them. */
export async function reopenHeld(tx: Tx, request: ReopeningRequest, held: HeldTasks): Promise<Reopened> {
  const { campaignId } = request;
  const { drawn } = held;
  const byId = new Map(held.tasks.map((task) => [task.id, task]));
  const [campaign] = await tx<{ policyVersion: number; instructionsVersion: number; pausedAt: Date | null }[]>`
      select policy_version as "policyVersion", instructions_version as "instructionsVersion", paused_at as "pausedAt"
      from campaigns where id = ${campaignId} and state = any(${REOPENING_STATES as CampaignState[]}) for share`;
  if (!campaign) {
    throw new QuorateError('conflict', 'The campaign is not running; its tasks cannot be opened again.');
  }
  const rooms = await lockRooms(tx, campaignId);
  const versions = held.tasks.map(({ policyVersion }) => policyVersion);
  const policies = await policiesOf(tx, campaignId, [...versions, campaign.policyVersion]);
  let overBudget = 0;
  const rows = request.tasks.flatMap(({ taskId, answers, excludedIds, most = MOST_ANSWERS, reason, evidence }) => {
    const task = byId.get(taskId);
    const versions = request.cause === 'instructions' ? campaign : task;
    const settings = versions && policies.get(versions.policyVersion);
    if (!task || !settings || answers < 1 || task.redundancy + answers > most) return [];
    const workforce = task.workforce === 'llm' ? workforceOfPeople(settings) : task.workforce;
    const reservedMicros = BigInt(answers) * highestPriceMicros(task.priceMicros, settings.escalation);
    const before = drawn.get(task.id);
    const broughtMicros = before && before.workforce !== workforce ? before.micros : 0n;
    if (!take(rooms, { workforce, reservedMicros, broughtMicros })) {
      overBudget += 1;
      return [];
    }
    // Named twice it is opened once.
    byId.delete(taskId);
    const { policyVersion, instructionsVersion } = versions;
    const policy = taskPolicyOf(settings, policyVersion);
    const number = task.reopened + 1;
    const longestMs = policy.windowMs * (policy.escalation.length + 1) + policy.adjudicationMs + SLACK_MS;
    return [
      {
        ...{ id: task.id, workforce, number, answers },
        ...{ excludedIds, policyVersion, instructionsVersion, reason, evidence },
        reservedMicros: reservedMicros.toString(),
        expiresAt: new Date(request.nowMs + longestMs).toISOString(),
        start: { campaignId, policy, reopened: number },
      },
    ];
  });
  const reservedMicros = rows.reduce((sum, row) => sum + BigInt(row.reservedMicros), 0n);
  const passedOver = request.tasks.length - rows.length - overBudget;
  if (rows.length > 0) await carryOut(tx, request, rows, reservedMicros, campaign.pausedAt);
  // A vendor's slots take no answers of anybody else: what is opened again is bought again.
  for (const { id, workforce } of rows) if (vendorNames.includes(workforce)) await wantUnits(tx, id);
  return { taskIds: rows.map(({ id }) => id), reservedMicros, overBudget, passedOver };
}

interface Drawn {
  readonly taskId: string;
  /** Whose cap counts it. */
  readonly workforce: string | null;
  readonly micros: bigint;
}

/** Locks the authorizations of tasks; says what each has drawn, by task. */
async function lockDrawn(tx: Tx, taskIds: readonly string[]): Promise<Map<string, Drawn>> {
  await lockAuthorizations(tx, taskIds);
  const rows = await tx<Drawn[]>`
    select task_id as "taskId", workforce, amount_micros - released_micros as micros
    from authorizations where task_id = any(${taskIds as string[]}::uuid[])`;
  return new Map(rows.map((row) => [row.taskId, row]));
}

/** Takes what a task reserves out of every room that bounds it, beside what it brings along to another workforce's cap. */
function take(
  rooms: Rooms,
  task: { readonly workforce: string; readonly reservedMicros: bigint; readonly broughtMicros: bigint },
): boolean {
  const own = rooms.workforces.get(task.workforce);
  const drawnMicros = task.reservedMicros + task.broughtMicros;
  if (rooms.campaign.freeMicros < task.reservedMicros || (own && own.freeMicros < drawnMicros)) return false;
  rooms.campaign.freeMicros -= task.reservedMicros;
  if (own) own.freeMicros -= drawnMicros;
  return true;
}

async function policiesOf(
  tx: Tx,
  campaignId: string,
  versions: readonly number[],
): Promise<Map<number, CampaignSettings>> {
  const rows = await tx<{ version: number; settings: CampaignSettings }[]>`
    select version, settings from policies where campaign_id = ${campaignId} and version = any(${versions as number[]}::int[])`;
  return new Map(rows.map(({ version, settings }) => [version, settings]));
}

async function carryOut(
  tx: Tx,
  { campaignId, cause, reason, by, round }: ReopeningRequest,
  rows: readonly object[],
  reservedMicros: bigint,
  pausedAt: Date | null,
): Promise<void> {
  const given = tx`jsonb_to_recordset(${json(tx, rows)}) as g(id uuid, workforce text, number smallint, answers smallint,
    "excludedIds" uuid[], "policyVersion" int, "instructionsVersion" int, "reservedMicros" bigint,
    "expiresAt" timestamptz, start jsonb, reason text, evidence jsonb)`;
  await tx`
    insert into slots (task_id, slot_no, campaign_id, workforce, priority, required_tier, domain)
    select t.id, t.redundancy + place, t.campaign_id, g.workforce, t.priority, t.required_tier, t.domain
    from ${given} join tasks t on t.id = g.id cross join lateral generate_series(1, g.answers::int) as place`;
  await tx`
    update tasks t set state = 'open', opened_at = now(), closed_at = null, reopened = g.number, escalations = 0,
      redundancy = t.redundancy + g.answers, workforce = g.workforce, policy_version = g."policyVersion",
      instructions_version = g."instructionsVersion"
    from ${given} where t.id = g.id`;
  await tx`
    update annotations n set excluded_at = coalesce(n.excluded_at, now())
    from ${given} where n.task_id = g.id and n.id = any(g."excludedIds")`;
  await tx`
    insert into task_reopenings (task_id, number, cause, reason, by, answers, reserved_micros, round, evidence)
    select g.id, g.number, ${cause}, coalesce(g.reason, ${reason}), ${by}, g.answers, g."reservedMicros", ${round ?? null}::int,
      g.evidence from ${given}`;
  await tx`
    with grown as (
      update authorizations a set amount_micros = amount_micros + g."reservedMicros", state = 'open',
        workforce = g.workforce, expires_at = greatest(a.expires_at, g."expiresAt")
      from ${given} where a.task_id = g.id
      returning a.id, g.id as task_id, g.number, g."reservedMicros" as amount
    )
    insert into ledger (campaign_id, kind, amount_micros, key, authorization_id)
    select ${campaignId}, 'reserve', amount, 'reserve:' || task_id || ':reopened:' || number, id from grown where amount > 0`;
  await tx`
    update budgets set ${reserving(tx, reservedMicros)} where campaign_id = ${campaignId}`;
  await tx`
    insert into outbox (kind, target_id, message, payload)
    select 'start_task', g.id::text, 'start', g.start from ${given}`;
  // A workflow that begins during a pause has not been told of it.
  if (pausedAt === null) return;
  await tx`
    insert into outbox (kind, target_id, message, payload)
    select 'signal_task', g.id::text, 'paused', ${json(tx, { atMs: pausedAt.getTime() })} from ${given}`;
}

export interface ReopenedAnswers {
  /** False when the task has ended (again). */
  readonly open: boolean;
  /** Answers that count and were assessed. */
  readonly countedIds: string[];
  /** How many are wanted, these included. */
  readonly target: number;
  /** Slots beyond these. */
  readonly slotOffset: number;
}

/** What the workflow of a task that was opened again starts from. */
export async function reopenedAnswers(sql: Queryable, taskId: string): Promise<ReopenedAnswers> {
  const [row] = await sql<{ countedIds: string[]; answers: number; redundancy: number }[]>`
    select r.answers, t.redundancy, coalesce((
      select jsonb_agg(n.id order by n.id) from annotations n
      where n.task_id = t.id and n.counted and n.excluded_at is null and n.assessed_at is not null
    ), '[]') as "countedIds"
    from tasks t join task_reopenings r on r.task_id = t.id and r.number = t.reopened
    where t.id = ${taskId} and t.state in ('open', 'adjudicating')`;
  if (!row) return { open: false, countedIds: [], target: 0, slotOffset: 0 };
  const target = row.countedIds.length + row.answers;
  return { open: true, countedIds: row.countedIds, target, slotOffset: row.redundancy - target };
}

export interface NewestDecision {
  readonly revision: number;
  readonly evidence: unknown;
  /** Why the task was opened again the last time. */
  readonly cause: ReopeningCause;
}

/** The decision that a task had when it was opened again; undefined when it never was. */
export async function decisionBeforeReopening(sql: Queryable, taskId: string): Promise<NewestDecision | undefined> {
  const [row] = await sql<NewestDecision[]>`
    select d.revision, d.evidence, r.cause
    from tasks t
    join task_reopenings r on r.task_id = t.id and r.number = t.reopened
    join decisions d on d.task_id = t.id
    where t.id = ${taskId} order by d.revision desc limit 1`;
  return row;
}

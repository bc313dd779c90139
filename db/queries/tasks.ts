import type { TaskLogEntry, TaskOutcome } from '../../domain/annotation-task.ts';
import { type EscalationStep, raisedMicros } from '../../domain/task-policy.ts';
import { type Db, json, type Queryable, type Tx } from '../client.ts';
import { coverShortfall, Shortfall, settleAuthorization } from './authorizations.ts';
import type { Reservation, Reserved } from './reservations.ts';
import { lockOpenTask, moveToNextWorkforce, requeue, type TaskRow } from './task-queue.ts';
import { lockUnits, unwantUnits, vendorNames, wantUnits } from './vendor-units.ts';

/** One task. */
export async function findTask(sql: Queryable, id: string): Promise<TaskRow | undefined> {
  return (await findTasks(sql, [id]))[0];
}

/** Those of these tasks that exist. */
export async function findTasks(sql: Queryable, ids: readonly string[]): Promise<TaskRow[]> {
  return sql<TaskRow[]>`
    select id, campaign_id as "campaignId", item_id as "itemId", purpose, state, redundancy, price_micros as "priceMicros",
      priority, required_tier as "requiredTier", workforce, escalations, policy_version as "policyVersion",
      instructions_version as "instructionsVersion", reopened
    from tasks where id = any(${ids as string[]}::uuid[])`;
}

/** Opens planned tasks: from now on their slots are offered. Repeating it changes nothing. */
export async function openSlots(db: Db, ...taskIds: string[]): Promise<void> {
  await db`
    with opened as (
      update tasks set state = 'open', opened_at = now() where id = any(${taskIds}::uuid[]) and state = 'planned'
      returning id, campaign_id, workforce, priority, required_tier, domain, redundancy
    ), bought as (
      insert into vendor_units (id, task_id, campaign_id, vendor, generation, answers)
      select gen_random_uuid(), id, campaign_id, workforce, 1, redundancy
      from opened where workforce = any(${vendorNames})
    )
    insert into slots (task_id, slot_no, campaign_id, workforce, priority, required_tier, domain)
    select id, slot_no, campaign_id, workforce, priority, required_tier, domain
    from opened cross join generate_series(1, redundancy) as slot_no
    on conflict do nothing`;
}

/** Changes the priority of a task and its open slots. */
export async function setPriority(db: Db, change: { taskId: string; priority: number }): Promise<void> {
  await db.begin((tx) => [
    tx`update tasks set priority = ${change.priority} where id = ${change.taskId}`,
    requeue(tx, change.taskId),
  ]);
}

const TAKES_ANSWERS = ['planned', 'open'];

/**
 * Adds slots, with the money for them: `slotMicros` is the most one may come to cost. The reason when the budget has
 * no room. `key` makes a repeat harmless.
 */
export async function addSlots(
  db: Db,
  change: { taskId: string; toRedundancy: number; reserved: number; slotMicros: bigint; key: string },
  reserve: (reservation: Reservation) => Promise<Reserved>,
): Promise<{ refused?: string }> {
  const now = await findTask(db, change.taskId);
  if (!now || !TAKES_ANSWERS.includes(now.state)) return { refused: 'The task takes no more answers.' };
  // Slots up to the policy's greatest redundancy were paid for when the batch was reserved. What is beyond is reserved
  // first, together with what other tasks ask for; it is the task's from then on, and released with it.
  const unreserved = change.toRedundancy - Math.max(change.reserved, now.redundancy);
  if (unreserved > 0) {
    const amountMicros = BigInt(unreserved) * change.slotMicros;
    const outcome = await reserve({ campaignId: now.campaignId, taskId: now.id, amountMicros, key: change.key });
    if (outcome === 'no_room') return { refused: 'The budget has no room for more answers.' };
    if (outcome === 'closed') return { refused: 'The task takes no more answers.' };
  }
  return db.begin(async (tx) => {
    const task = await lockOpenTask(tx, change.taskId);
    if (!task) return { refused: 'The task takes no more answers.' };
    if (task.redundancy >= change.toRedundancy) return {};
    await tx`update tasks set redundancy = ${change.toRedundancy} where id = ${task.id}`;
    await tx`
      insert into slots (task_id, slot_no, campaign_id, workforce, priority, required_tier, domain)
      select id, slot_no, campaign_id, workforce, priority, required_tier, domain
      from tasks cross join generate_series(1, ${change.toRedundancy}::int) as slot_no
      where id = ${task.id}
      on conflict do nothing`;
    await wantUnits(tx, task.id);
    return {};
  });
}

/** Carries out step `number` of the escalation ladder, once; the reason when it has no effect. */
export async function escalate(
  db: Db,
  change: { taskId: string; step: EscalationStep; number: number; workforces: readonly string[] },
): Promise<{ refused?: string }> {
  return db.begin(async (tx) => {
    const task = await lockOpenTask(tx, change.taskId);
    if (!task) return { refused: 'The task is not open any more.' };
    const { step } = change;
    if (task.escalations > change.number) return {};
    await tx`update tasks set escalations = ${change.number + 1} where id = ${task.id}`;
    switch (step.step) {
      case 'raise_priority':
        if (task.priority >= 4) return { refused: 'The priority is the highest already.' };
        await tx`update tasks set priority = priority + 1 where id = ${task.id}`;
        break;
      case 'widen_tier':
        if (task.requiredTier === 0) return { refused: 'Every tier is accepted already.' };
        await tx`update tasks set required_tier = required_tier - 1 where id = ${task.id}`;
        break;
      case 'next_workforce':
        return moveToNextWorkforce(tx, task, change.workforces);
      case 'raise_pay':
        // The authorization covers the ladder's highest price already.
        await tx`update tasks set price_micros = ${raisedMicros(task.priceMicros, step.by)} where id = ${task.id}`;
        break;
      case 'adjudicate':
        await tx`
          update tasks t set state = 'adjudicating', adjudicating_since = now(), ruling_by = now() + (
            select (p.settings ->> 'adjudicationMs')::float8 * interval '1 millisecond' from policies p
            where p.campaign_id = t.campaign_id and p.version = t.policy_version
          )
          where t.id = ${task.id}`;
        await closeSlots(tx, task.id);
        await unwantUnits(tx, { taskId: task.id });
        return {};
      case 'give_up':
        return {};
    }
    await requeue(tx, task.id);
    return {};
  });
}

export interface Settlement {
  readonly taskId: string;
  /** How often the task had been opened again when what settles it began; missing: whatever it is. */
  readonly reopened?: number | undefined;
  readonly campaignId: string;
  readonly state: TaskOutcome;
  readonly label: unknown;
  readonly confidence: number;
  readonly method: string;
  readonly evidence: unknown;
  /** The ids of the counted answers that the decision was made from, in order. */
  readonly answers: readonly string[];
  readonly log: readonly TaskLogEntry[];
}

export type Settled = 'settled' | 'ended' | 'outdated';

/** Ends the transaction without a trace. */
class NotSettled extends Error {
  readonly because: 'ended' | 'outdated';
  constructor(because: 'ended' | 'outdated') {
    super(because);
    this.because = because;
  }
}

/**
 * Ends a task: closes its slots, pays, releases, stores the decision, archives the workflow's story and tells the
 * campaign, in one transaction. A task that has ended already is left as it is, though it was opened again since, and so is
 * one that has other counted answers by now than the decision was made from (`outdated`): each that is paid is in its record.
 * The decision of one that was opened again is the next revision; its cost is that of all answers.
 */
export async function settleTask(db: Db, given: Settlement): Promise<Settled> {
  try {
    return await settleOnce(db, given);
  } catch (error) {
    if (!(error instanceof Shortfall)) throw error;
    return settleOnce(db, given, async (tx) => {
      // As the settlement locks them. With the slots no more answers come.
      await tx`select 1 from tasks where id = ${given.taskId} for no key update`;
      await tx`select 1 from slots where task_id = ${given.taskId} order by slot_no for update`;
      await lockUnits(tx, given.taskId);
      await coverShortfall(tx, given);
    });
  }
}

async function settleOnce(db: Db, given: Settlement, before?: (tx: Tx) => Promise<void>): Promise<Settled> {
  // As text: the driver takes an array of dates for a single one.
  const at = given.log.map((entry) => new Date(entry.atMs).toISOString());
  try {
    return await db.begin(async (tx) => {
      await before?.(tx);
      // Sent together and carried out in turn, so that the campaign's budget is locked for as short as can be. Whatever
      // finds that the task must not be settled takes the others back with it.
      // `execute` sends a query at once, where it stands: left to be awaited, the task's own would come last, and whoever
      // holds the task would wait for the authorization while this waits for the task.
      const [held, closed, paid, recorded] = await Promise.allSettled([
        // By itself: whoever held the task may have added slots and units, which only a statement that begins now sees.
        tx`select 1 from tasks where id = ${given.taskId} for no key update`.execute(),
        tx`
          with closed as (
            update tasks set state = ${given.state}, closed_at = now()
            where id = ${given.taskId} and state in ('planned', 'open', 'adjudicating')
              and ${given.reopened === undefined ? tx`true` : tx`reopened = ${given.reopened}`}
            returning id
          ), shut as (
            update slots s set state = 'closed', annotator_id = null, assignment_id = null, lease_expires_at = null
            from closed where s.task_id = closed.id and s.state in ('open', 'leased')
          ), unwanted as (
            -- What vendors have not answered yet is wanted no more.
            update vendor_units u set cancel_wanted = true,
              state = case when u.state = 'waiting' then 'cancelled' else u.state end,
              closed_at = case when u.state = 'waiting' then now() else u.closed_at end
            from closed
            where u.task_id = closed.id and u.state in ('waiting', 'ordered') and not u.cancel_wanted
            returning u.order_id
          ), stopped as (
            insert into outbox (kind, target_id, message, payload)
            select distinct 'signal_order', order_id::text, 'orderChanged', '{}'::jsonb
            from unwanted where order_id is not null
          )
          select id from closed`.execute(),
        settleAuthorization(tx, given),
        tx<{ answers: string[] }[]>`
          with decision as (
            insert into decisions (id, task_id, campaign_id, revision, state, label, confidence, method, evidence, cost_micros)
            select gen_random_uuid(), ${given.taskId}, ${given.campaignId},
              (select coalesce(max(revision), 0) + 1 from decisions where task_id = ${given.taskId}), ${given.state},
              ${given.label === null ? null : json(tx, given.label)}, ${given.confidence}, ${given.method},
              ${json(tx, given.evidence)},
              coalesce((select committed_micros from authorizations where task_id = ${given.taskId}), 0)
          ), story as (
            insert into task_events (task_id, seq, at, kind, detail)
            select ${given.taskId}, seq + (select coalesce(max(seq), 0) from task_events where task_id = ${given.taskId}),
              at, kind, detail
            from unnest(${at}::timestamptz[], ${given.log.map((entry) => entry.kind)}::text[],
              ${given.log.map((entry) => entry.detail)}::text[]) with ordinality as entry(at, kind, detail, seq)
          ), told as (
            insert into outbox (kind, target_id, message, payload)
            values ('signal_campaign', ${given.campaignId}, 'tasksSettled', jsonb_build_object('taskId', ${given.taskId}::text))
          )
          select coalesce(array_agg(n.id::text order by n.id), '{}') as answers
          from annotations n join annotation_labels l on l.annotation_id = n.id
          where n.task_id = ${given.taskId} and n.counted and n.excluded_at is null`.execute(),
      ] as const);
      // In their order: where the task had ended, the later ones fail for that.
      resultOf(held);
      if (resultOf(closed).length === 0) throw new NotSettled('ended');
      resultOf(paid);
      if (resultOf(recorded)[0]?.answers.join() !== given.answers.join()) throw new NotSettled('outdated');
      return 'settled' as const;
    });
  } catch (error) {
    if (error instanceof NotSettled) return error.because;
    throw error;
  }
}

function resultOf<T>(outcome: PromiseSettledResult<T>): T {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

async function closeSlots(tx: Tx, taskId: string): Promise<void> {
  await tx`
    update slots set state = 'closed', annotator_id = null, assignment_id = null, lease_expires_at = null
    where task_id = ${taskId} and state in ('open', 'leased')`;
}

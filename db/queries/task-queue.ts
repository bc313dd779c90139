import type { Queryable, Tx } from '../client.ts';
import type { TaskPurpose } from '../schema/states.ts';
import { moveAuthorization } from './authorizations.ts';
import type { Part } from './queue.ts';
import { lockUnits, unwantUnits, wantUnits } from './vendor-units.ts';

export interface TaskRow {
  readonly id: string;
  readonly campaignId: string;
  readonly itemId: string;
  readonly purpose: TaskPurpose;
  readonly state: string;
  readonly redundancy: number;
  readonly priceMicros: bigint;
  readonly priority: number;
  readonly requiredTier: number;
  readonly workforce: string;
  readonly escalations: number;
  readonly policyVersion: number;
  readonly instructionsVersion: number;
  /** How often it was opened again. */
  readonly reopened: number;
}

/** Leaves the key unlocked, which submissions refer to: they hold a slot then, and the full lock would deadlock. */
export async function lockOpenTask(tx: Tx, taskId: string): Promise<TaskRow | undefined> {
  const [row] = await tx<TaskRow[]>`
    select id, campaign_id as "campaignId", item_id as "itemId", purpose, state, redundancy, price_micros as "priceMicros",
      priority, required_tier as "requiredTier", workforce, escalations, policy_version as "policyVersion",
      instructions_version as "instructionsVersion", reopened
    from tasks where id = ${taskId} and state in ('planned', 'open') for no key update`;
  return row;
}

/** A slot that opens again, or moves on, is offered as its task is by now, and takes a new place in the queue. */
export const asItsTask = (sql: Queryable, from: Part) => sql`
  priority = ${from}.priority, required_tier = ${from}.required_tier, workforce = ${from}.workforce,
  pos = nextval('queue_position')`;

/** Copies the task's queue columns to its open slots; they take a new place, where every annotator's scan meets them. */
export function requeue(tx: Tx, taskId: string) {
  return tx`
    update slots s set ${asItsTask(tx, tx`t`)}
    from tasks t where t.id = ${taskId} and s.task_id = t.id and s.state = 'open'`;
}

/**
 * Offers the open slots of a locked task to the workforce after its own; the reason when that cannot be. The vendor
 * before is told to stop (but with `besides` goes on), the one now is asked; what the former still sends may take a slot
 * that is open.
 */
export async function moveToNextWorkforce(
  tx: Tx,
  task: Pick<TaskRow, 'id' | 'campaignId' | 'workforce'>,
  workforces: readonly string[],
  options: { besides?: true } = {},
): Promise<{ refused?: string }> {
  const next = workforces[workforces.indexOf(task.workforce) + 1];
  if (next === undefined) return { refused: 'There is no further workforce.' };
  await lockUnits(tx, task.id);
  const moved = await moveAuthorization(tx, { campaignId: task.campaignId, taskId: task.id, workforce: next });
  if (!moved) return { refused: `The cap of the workforce ${next} has no room.` };
  await tx`update tasks set workforce = ${next} where id = ${task.id}`;
  await requeue(tx, task.id);
  if (!options.besides) await unwantUnits(tx, { taskId: task.id });
  await wantUnits(tx, task.id);
  return {};
}

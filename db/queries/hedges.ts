import type { VendorPace } from '../../domain/vendors/hedging.ts';
import { type Db, only, type Queryable, type Tx } from '../client.ts';
import { extendAuthorization, lockAuthorizations } from './authorizations.ts';
import { lockRooms } from './limits.ts';
import { lockOpenTask, moveToNextWorkforce } from './task-queue.ts';
import { lockUnits, reopenedSince } from './vendor-units.ts';

/** How fast a vendor answered the organisation's newest 50 orders; from sending to the look that found the answer. */
export async function paceOf(sql: Queryable, of: { campaignId: string; vendor: string }): Promise<VendorPace> {
  return only(
    await sql<VendorPace[]>`
      with newest as (
        select o.id, o.submitted_at from vendor_orders o
        join campaigns c on c.id = o.campaign_id
        join campaigns own on own.organisation_id = c.organisation_id and own.id = ${of.campaignId}
        where o.vendor = ${of.vendor} and o.submitted_at is not null
        order by o.created_at desc limit 50
      )
      select count(*)::int as answers,
        1000 * percentile_cont(0.9) within group (order by extract(epoch from r.created_at - newest.submitted_at))
          as "p90Ms"
      from newest join vendor_units u on u.order_id = newest.id
      join vendor_responses r on r.unit_id = u.id and r.version = 1 and r.state in ('counted', 'late')`,
  );
}

/** Units of an order whose answers are outstanding, and that no other workforce is asked for yet. */
export async function hedgeableUnits(sql: Queryable, orderId: string): Promise<{ id: string; taskId: string }[]> {
  return sql<{ id: string; taskId: string }[]>`
    select u.id, u.task_id as "taskId" from vendor_units u join tasks t on t.id = u.task_id
    where u.order_id = ${orderId} and u.state = 'ordered' and not u.cancel_wanted and u.hedged_at is null
      and t.state = 'open' and t.workforce = u.vendor and t.kind = 'work'
    order by u.id`;
}

/** What it would cost to ask others, too, for every answer that a campaign's vendors still owe and nobody else is asked for. */
export async function openHedgesMicros(sql: Queryable, campaignId: string): Promise<bigint> {
  return only(
    await sql<{ micros: bigint }[]>`
      select coalesce(sum(coalesce(o.price_micros, (c.settings -> 'vendors' -> u.vendor ->> 'priceMicros')::bigint, t.price_micros) * greatest(0, u.answers - (
          select count(*) from vendor_responses r where r.unit_id = u.id and r.version = 1 and r.state in ('counted', 'late')
        ))), 0)::bigint as micros
      from vendor_units u join tasks t on t.id = u.task_id join campaigns c on c.id = u.campaign_id
        left join vendor_orders o on o.id = u.order_id
      where u.campaign_id = ${campaignId} and u.state in ('waiting', 'ordered') and not u.cancel_wanted and u.hedged_at is null
        and u.vendor <> 'llm' and t.state = 'open' and t.workforce = u.vendor and t.kind = 'work'`,
  ).micros;
}

class NotHedged extends Error {}

/**
 * Offers the open slots of a unit's task to the next workforce, too, while the vendor goes on: the first valid answers
 * take them. What the vendor sends beyond them counts as further votes while the task is open; the money for these is
 * reserved now and draws on the cap for hedges. False, and nothing is changed, where a cap has no room, there is no
 * further workforce, or nothing is left to ask for.
 */
export async function hedgeUnit(
  db: Db,
  hedge: {
    row: { campaignId: string; priceMicros: bigint };
    unitId: string;
    taskId: string;
    workforces: readonly string[];
  },
): Promise<boolean> {
  const { row, unitId, taskId } = hedge;
  try {
    return await db.begin(async (tx) => {
      const task = await lockOpenTask(tx, taskId);
      if (task?.state !== 'open') return false;
      // Units, authorizations, budget, limits: before anything is drawn, so that whoever moves a task the other way and
      // takes the same limits in the order of their ids does not wait for this while this waits for them.
      await lockUnits(tx, taskId);
      const [unit] = await tx<{ open: number }[]>`
        update vendor_units u set hedged_at = now(), hedge_answers = free.open
        from (
          select count(*)::int as open from slots
          where task_id = ${taskId} and state = 'open' and workforce = ${task.workforce}
        ) free
        where u.id = ${unitId} and u.state = 'ordered' and not u.cancel_wanted and u.hedged_at is null
          and u.vendor = ${task.workforce} and free.open > 0
        returning free.open`;
      if (!unit) return false;
      await lockAuthorizations(tx, [taskId]);
      await lockRooms(tx, row.campaignId);
      const amountMicros = BigInt(unit.open) * row.priceMicros;
      const more = { campaignId: row.campaignId, taskId, amountMicros, key: `reserve-hedge:${unitId}`, hedge: true };
      if (!(await extendAuthorization(tx, more))) throw new NotHedged();
      const { refused } = await moveToNextWorkforce(tx, task, hedge.workforces, { besides: true });
      if (refused !== undefined) throw new NotHedged();
      return true;
    });
  } catch (error) {
    if (error instanceof NotHedged) return false;
    throw error;
  }
}

/**
 * One more slot for an answer to a hedged unit that finds all of its task's taken; false where the task has ended (though
 * it was opened again since) or as many as were reserved for have come. The caller holds the rows of the task and the unit.
 */
export async function addHedgeSlot(tx: Tx, unitId: string): Promise<boolean> {
  const added = await tx`
    with used as (
      update vendor_units u set hedge_used = hedge_used + 1
      from tasks t
      where u.id = ${unitId} and u.hedge_used < u.hedge_answers and t.id = u.task_id and t.state = 'open'
        and t.redundancy < 100 and not ${reopenedSince(tx, unitId)}
      returning u.task_id
    ), grown as (
      update tasks t set redundancy = redundancy + 1 from used where t.id = used.task_id
      returning t.id, t.campaign_id, t.workforce, t.priority, t.required_tier, t.domain
    )
    insert into slots (task_id, slot_no, campaign_id, workforce, priority, required_tier, domain)
    select id, (select max(slot_no) + 1 from slots s where s.task_id = grown.id), campaign_id, workforce, priority,
      required_tier, domain
    from grown returning slot_no`;
  return added.length > 0;
}

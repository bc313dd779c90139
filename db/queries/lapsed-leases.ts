import type { Queryable } from '../client.ts';
import { fits, type Lease, type Room } from './leases.ts';
import { metAsGold } from './queue.ts';

interface LapsedWish {
  readonly annotatorId: string;
  readonly campaignId: string;
  readonly workforce: string;
  readonly tier: number;
  readonly leaseMs: number;
  readonly instructionsVersion: number;
  readonly room: Room;
}

/**
 * Leases a task again to whom its lease ran out on, unanswered, where nobody has taken it since; the oldest first.
 * Otherwise a team of just as many as answer a task would never finish one that one of them was away from. It is the same assignment,
 * with its pay and its draft, under the slot's next fencing token, in whichever slot of the task is open. Golds come back
 * like work, or they could be told by not coming back: to a slot of their own, while there is gold money for it.
 */
export async function leaseLapsed(sql: Queryable, wish: LapsedWish): Promise<Lease | undefined> {
  const { annotatorId, campaignId } = wish;
  const [row] = await sql<Lease[]>`
    with lapsed as (
      select a.id, a.task_id, s.slot_no, s.fence + 1 as fence, a.price_micros, t.kind, t.item_id
      from assignments a
      join campaigns c on c.id = a.campaign_id and c.state in ('running', 'stopping')
      join tasks t on t.id = a.task_id and t.state = 'open'
      join slots s on s.task_id = a.task_id
      where a.annotator_id = ${annotatorId} and a.campaign_id = ${campaignId} and a.state = 'expired'
        and case when t.kind = 'work' then s.state = 'open' and s.workforce = ${wish.workforce} and s.required_tier <= ${wish.tier}
          else s.state = 'closed' and s.slot_no = a.slot_no and exists (
            select from authorizations p
            where p.campaign_id = a.campaign_id and p.task_id is null and ${hasRoomFor(sql, sql`a.price_micros`)}
          ) end
        and not ${metAsGold(sql, sql`a.task_id`, sql`${annotatorId}::uuid`)}
      order by a.expires_at, s.slot_no <> a.slot_no, s.slot_no
      limit 1
      for update of s, a skip locked
    ), room as materialized (
      select ${fits(sql, annotatorId, wish.room)} as fits from lapsed
    ), pot as (
      update authorizations p set held_micros = p.held_micros + lapsed.price_micros
      from lapsed, room
      where room.fits and lapsed.kind <> 'work' and p.campaign_id = ${campaignId} and p.task_id is null
        and ${hasRoomFor(sql, sql`lapsed.price_micros`)}
      returning p.id
    ), taken as (
      update slots s set state = 'leased', annotator_id = ${annotatorId}, assignment_id = lapsed.id, fence = lapsed.fence,
        lease_expires_at = now() + ${wish.leaseMs} * interval '1 millisecond'
      from lapsed, room
      where room.fits and (lapsed.kind = 'work' or exists (select from pot))
        and s.task_id = lapsed.task_id and s.slot_no = lapsed.slot_no
      returning s.lease_expires_at
    ), again as (
      update assignments a set state = 'leased', slot_no = lapsed.slot_no, fence = lapsed.fence, closed_at = null,
        expires_at = taken.lease_expires_at, instructions_version = ${wish.instructionsVersion}
      from lapsed, taken
      where a.id = lapsed.id
      returning a.id, a.task_id, a.slot_no, a.campaign_id, a.expires_at, a.price_micros, lapsed.item_id
    )
    select again.id as "assignmentId", again.task_id as "taskId", again.slot_no as "slotNo",
      again.campaign_id as "campaignId", again.expires_at as "expiresAt", again.price_micros as "priceMicros", p.payload
    from again join item_payloads p on p.item_id = again.item_id`;
  return row;
}

type Part = ReturnType<typeof metAsGold>;

/** Whether authorization `p`, the gold money of a campaign, is open and has so much left. */
const hasRoomFor = (sql: Queryable, micros: Part) => sql`
  p.state = 'open' and p.committed_micros + p.released_micros + p.held_micros + ${micros} <= p.amount_micros`;

import type { Queryable } from '../client.ts';
import { fits, hasGoldMoney, heldS, type Lease, type Room } from './leases.ts';
import { metAsGold } from './queue.ts';

/** The newest leases alone: each is held against each, and of long ago hardly one can be given still. */
const MOST_LAPSED = 100;

interface LapsedWish {
  readonly annotatorId: string;
  readonly campaignId: string;
  readonly workforce: string;
  readonly tier: number;
  readonly leaseMs: number;
  readonly instructionsVersion: number;
  readonly room: Room;
}

/** What became of a lease that may be given again: a task that was skipped, with a reason, comes back to nobody. */
const lapsed = (sql: Queryable) => sql`a.state in ('expired', 'released')`;

/**
 * Leases a task again to whom its lease ran out on, unanswered, or who gave it back, where nobody has taken it since.
 * Otherwise a team of just as many as answer a task would never finish one that one of them was away from. It is the same assignment,
 * with its draft and its pay, more where the task's was raised, under the slot's next fencing token, in whichever slot of the
 * task is open. A gold, which nobody else can take, comes back only with lapsed work of the same annotator, drawn for it once,
 * and just before that: as often as work does, whether others take much of it or none, so neither coming back nor staying
 * away tells it. It has a slot of its own, while there is gold money for it.
 */
export async function leaseLapsed(sql: Queryable, wish: LapsedWish): Promise<Lease | undefined> {
  const { annotatorId, campaignId } = wish;
  const isOpen = sql`(s.state = 'open' and s.workforce = ${wish.workforce} and s.required_tier <= ${wish.tier})`;
  const [row] = await sql<Lease[]>`
    with mine as materialized (
      select a.id, t.kind, greatest(0, t.price_micros - a.price_micros) as raised_micros,
        t.kind = 'work' and t.state = 'open'
          and exists (select from slots s where s.task_id = a.task_id and ${isOpen})
          and not ${metAsGold(sql, sql`a.task_id`, sql`${annotatorId}::uuid`)} as free
      from assignments a
      join campaigns c on c.id = a.campaign_id and c.state in ('running', 'stopping')
      join tasks t on t.id = a.task_id
      where a.annotator_id = ${annotatorId} and a.campaign_id = ${campaignId} and ${lapsed(sql)}
      order by a.expires_at desc
      limit ${MOST_LAPSED}
    ), paired as (
      select mine.id, work.id as work_id, work.raised_micros
      from mine cross join lateral (
        select w.id, w.free, w.raised_micros from mine w
        where w.kind = 'work' and (mine.kind <> 'work' or w.id = mine.id)
        order by hashtextextended(w.id::text || mine.id::text, 0)
        limit 1
      ) work
      where work.free
    ), lapsed as (
      select a.id, a.task_id, s.slot_no, s.fence + 1 as fence, a.price_micros + paired.raised_micros as price_micros, t.kind, t.item_id
      from paired
      join assignments a on a.id = paired.id and ${lapsed(sql)}
      join tasks t on t.id = a.task_id and t.state = 'open'
      join slots s on s.task_id = a.task_id
      where case when t.kind = 'work' then ${isOpen}
        else s.state = 'closed' and s.slot_no = a.slot_no and exists (
          select from authorizations p
          where p.campaign_id = a.campaign_id and p.task_id is null
            and ${hasGoldMoney(sql, sql`(a.price_micros + paired.raised_micros)`)}
        ) end
      order by hashtextextended(work_id::text, 0), t.kind = 'work', s.slot_no <> a.slot_no, s.slot_no
      limit 1
      for update of s, a skip locked
    ), room as materialized (
      select ${fits(sql, annotatorId, wish.room)} as fits from lapsed
    ), pot as (
      update authorizations p set held_micros = p.held_micros + lapsed.price_micros
      from lapsed, room
      where room.fits and lapsed.kind <> 'work' and p.campaign_id = ${campaignId} and p.task_id is null
        and ${hasGoldMoney(sql, sql`lapsed.price_micros`)}
      returning p.id
    ), taken as (
      update slots s set state = 'leased', annotator_id = ${annotatorId}, assignment_id = lapsed.id, fence = lapsed.fence,
        lease_expires_at = now() + ${wish.leaseMs} * interval '1 millisecond'
      from lapsed, room
      where room.fits and (lapsed.kind = 'work' or exists (select from pot))
        and s.task_id = lapsed.task_id and s.slot_no = lapsed.slot_no
      returning s.lease_expires_at
    ), again as (
      update assignments a set state = 'leased', slot_no = lapsed.slot_no, fence = lapsed.fence, closed_at = null, renewed_at = now(),
        held_s = greatest(0, ${heldS(sql, sql`least(a.expires_at, a.closed_at)`)}), price_micros = lapsed.price_micros, expires_at = taken.lease_expires_at, instructions_version = ${wish.instructionsVersion}
      from lapsed, taken
      where a.id = lapsed.id
      returning a.id, a.task_id, a.slot_no, a.campaign_id, a.expires_at, a.price_micros, lapsed.item_id
    )
    select again.id as "assignmentId", again.task_id as "taskId", again.slot_no as "slotNo",
      again.campaign_id as "campaignId", again.expires_at as "expiresAt", again.price_micros as "priceMicros", p.payload
    from again join item_payloads p on p.item_id = again.item_id`;
  return row;
}

/**
 * Whether slots of a campaign are open for such an annotator, and all of them of tasks that were theirs and do not come back:
 * others are needed. Each open slot that is looked at is one of theirs, but for the last.
 */
export async function hasMetAllOpen(
  sql: Queryable,
  query: { annotatorId: string; campaignId: string; workforce: string; tier: number },
): Promise<boolean> {
  const { annotatorId } = query;
  const open = sql`
    slots s where s.campaign_id = ${query.campaignId} and s.workforce = ${query.workforce}
      and s.priority between 0 and 4 and s.required_tier between 0 and ${query.tier}::int and s.state = 'open'`;
  const theirs = sql`exists (
    select from assignments a where a.task_id = s.task_id and a.annotator_id = ${annotatorId} and not ${lapsed(sql)}
  ) or ${metAsGold(sql, sql`s.task_id`, sql`${annotatorId}::uuid`)}`;
  const [row] = await sql<{ all: boolean }[]>`
    select exists (select from ${open}) and not exists (select from ${open} and not (${theirs})) as all`;
  return row?.all ?? false;
}

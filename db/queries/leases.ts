import type { ChosenAmong } from '../../domain/campaign-turns.ts';
import { type Db, only, type Queryable, type Tx } from '../client.ts';
import { metAsGold, type Part } from './queue.ts';
import { asItsTask } from './task-queue.ts';
import { vendorNames, wantUnits } from './vendor-units.ts';

/** Among so many golds their classes are balanced; a class rarer than one in so many is often not among them. */
const GOLDS_NEAR = 32;

export interface Lease {
  readonly assignmentId: string;
  readonly taskId: string;
  readonly slotNo: number;
  readonly campaignId: string;
  readonly expiresAt: Date;
  readonly priceMicros: bigint;
  readonly payload: unknown;
}

export interface WantedSlot {
  readonly assignmentId: string;
  readonly annotatorId: string;
  readonly taskId: string;
  readonly slotNo: number;
  readonly leaseMs: number;
  /** Of the instructions that the annotator is shown; by default the task's own. */
  readonly instructionsVersion?: number | undefined;
  /** Where the slot was seen; one that is offered elsewhere by now is not leased. By default anywhere. */
  readonly workforce?: string | undefined;
  /** Most tasks of one group of items that the annotator is ever given; where undefined, groups are not looked at. */
  readonly maxPerGroup?: number | undefined;
  /** Why this campaign came first among several; kept with the assignment. */
  readonly routing?: ChosenAmong | undefined;
  readonly room?: Room | undefined;
}

/** What an annotator may have of a campaign, through whichever process they ask; where undefined, all. */
export interface Room {
  readonly campaignId: string;
  /** Held at once. */
  readonly maxLeases: number;
  /** Answered and held in a day (UTC). */
  readonly dailyLimit?: number | undefined;
}

/**
 * Whether one more fits: true where there is no limit. Whoever asks for the same annotator and campaign waits until the
 * transaction ends.
 */
export const fits = (sql: Queryable, annotatorId: string, room: Room | undefined) =>
  room === undefined
    ? sql`true`
    : sql`has_room(${annotatorId}::uuid, ${room.campaignId}::uuid, ${room.maxLeases}::int, ${room.dailyLimit ?? null}::int)`;

/**
 * Leases each wanted slot that is still open and not being taken by someone else right now, all in one statement; the
 * others are missing in the answer. No slot may be wanted twice. Losing a lease in a crash of the machine only re-opens
 * its slot, so this does not wait for the disk.
 */
export async function leaseSlots(db: Queryable, wanted: readonly WantedSlot[]): Promise<Lease[]> {
  // Only who limits groups, or chose among campaigns, pays for it.
  const groups = wanted.some(({ maxPerGroup }) => maxPerGroup !== undefined) ? groupParts(db, wanted) : undefined;
  const told = wanted.some(({ routing }) => routing !== undefined) ? routingParts(db, wanted) : undefined;
  const room = wanted.some((each) => each.room !== undefined) ? roomParts(db, wanted) : undefined;
  return db<Lease[]>`
    with ${room?.fitting ?? db``} picked as (
      select s.task_id, s.slot_no, s.fence + 1 as fence, w.assignment_id, w.annotator_id, w.lease_ms, w.instructions_version
        ${groups?.columns ?? db``}
      from unnest(${wanted.map((each) => each.assignmentId)}::uuid[], ${wanted.map((each) => each.annotatorId)}::uuid[],
        ${wanted.map((each) => each.taskId)}::uuid[], ${wanted.map((each) => each.slotNo)}::int[],
        ${wanted.map((each) => each.leaseMs)}::float8[], ${wanted.map((each) => each.workforce ?? null)}::text[],
        ${wanted.map((each) => each.instructionsVersion ?? null)}::int[])
        as w(assignment_id, annotator_id, task_id, slot_no, lease_ms, workforce, instructions_version)
      join slots s on s.task_id = w.task_id and s.slot_no = w.slot_no
      join campaigns c on c.id = s.campaign_id and c.state in ('running', 'stopping')
      ${groups?.joins ?? db``} ${room?.joins ?? db``}
      where s.state = 'open' and (w.workforce is null or s.workforce = w.workforce)
        and not exists (select from assignments a where a.task_id = s.task_id and a.annotator_id = w.annotator_id)
        and not ${metAsGold(db, db`s.task_id`, db`w.annotator_id`)}
      for update of s skip locked
    ), ${groups?.counts ?? db``} taken as (
      update slots s
      set state = 'leased', annotator_id = picked.annotator_id, assignment_id = picked.assignment_id,
        fence = picked.fence, lease_expires_at = now() + picked.lease_ms * interval '1 millisecond'
      from picked
      where s.task_id = picked.task_id and s.slot_no = picked.slot_no ${groups?.room ?? db``}
      returning s.task_id, s.slot_no, s.fence, s.annotator_id, s.assignment_id, s.lease_expires_at,
        picked.instructions_version
    ), assigned as (
      insert into assignments (id, task_id, slot_no, campaign_id, annotator_id, fence, price_micros, expires_at,
        instructions_version ${told?.column ?? db``})
      select taken.assignment_id, taken.task_id, taken.slot_no, t.campaign_id, taken.annotator_id, taken.fence,
        t.price_micros, taken.lease_expires_at, coalesce(taken.instructions_version, t.instructions_version)
        ${told?.value ?? db``}
      from taken join tasks t on t.id = taken.task_id ${told?.join ?? db``}
      returning id, task_id, slot_no, campaign_id, expires_at, price_micros
    )
    select assigned.id as "assignmentId", assigned.task_id as "taskId", assigned.slot_no as "slotNo",
      assigned.campaign_id as "campaignId",
      assigned.expires_at as "expiresAt", assigned.price_micros as "priceMicros", p.payload
    from assigned join tasks t on t.id = assigned.task_id join item_payloads p on p.item_id = t.item_id`;
}

/**
 * A limit on groups, in the statement that leases: the annotator's count of the group goes up with the lease, and where
 * it would pass the limit there is no lease. Two requests at once wait for each other at the count's row.
 */
function groupParts(sql: Queryable, wanted: readonly WantedSlot[]) {
  const ids = wanted.map((each) => each.assignmentId);
  const limits = wanted.map((each) => each.maxPerGroup ?? null);
  return {
    columns: sql`
        , s.campaign_id, l.most,
        (select i.item_group from tasks t join items i on i.id = t.item_id where t.id = s.task_id) as item_group`,
    joins: sql`
      join unnest(${ids}::uuid[], ${limits}::int[]) as l(assignment_id, most) on l.assignment_id = w.assignment_id`,
    counts: sql`
      counted as (
        insert into annotator_groups (campaign_id, annotator_id, item_group, leased, most)
        select campaign_id, annotator_id, item_group, count(*), most
        from picked where item_group is not null and most is not null
        group by campaign_id, annotator_id, item_group, most
        having count(*) <= most
        on conflict (campaign_id, annotator_id, item_group) do update
          set leased = annotator_groups.leased + excluded.leased, most = excluded.most
          where annotator_groups.leased + excluded.leased <= excluded.most
        returning campaign_id, annotator_id, item_group
      ),`,
    room: sql`
      and (picked.item_group is null or picked.most is null or exists (
        select from counted n
        where n.campaign_id = picked.campaign_id and n.annotator_id = picked.annotator_id
          and n.item_group = picked.item_group
      ))`,
  };
}

/**
 * Limits of an annotator, in the statement that leases. Wishes are looked at in one order, whoever asks, as each that is
 * limited waits for its like: in that of the lists given, as a sort within the statement comes after its conditions.
 */
function roomParts(sql: Queryable, wanted: readonly WantedSlot[]) {
  const limited = wanted
    .map((each) => ({ ...each, at: `${each.annotatorId} ${each.room?.campaignId ?? ''}` }))
    .sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  const ids = limited.map((each) => each.assignmentId);
  const annotators = limited.map((each) => each.annotatorId);
  const campaigns = limited.map((each) => each.room?.campaignId ?? null);
  const most = limited.map((each) => each.room?.maxLeases ?? null);
  const daily = limited.map((each) => each.room?.dailyLimit ?? null);
  return {
    fitting: sql`
      fitting as materialized (
        select assignment_id
        from unnest(${ids}::uuid[], ${annotators}::uuid[], ${campaigns}::uuid[], ${most}::int[], ${daily}::int[])
          as r(assignment_id, annotator_id, campaign_id, most, daily)
        where r.most is null or has_room(r.annotator_id, r.campaign_id, r.most, r.daily)
      ),`,
    joins: sql`join fitting on fitting.assignment_id = w.assignment_id`,
  };
}

function routingParts(sql: Queryable, wanted: readonly WantedSlot[]) {
  const told = wanted.flatMap(({ assignmentId, routing }) =>
    routing === undefined ? [] : [{ assignmentId, routing }],
  );
  const ids = told.map((each) => each.assignmentId);
  const texts = told.map((each) => JSON.stringify(each.routing));
  return {
    column: sql`, routing`,
    value: sql`, r.routing::jsonb`,
    join: sql`left join unnest(${ids}::uuid[], ${texts}::text[]) as r(assignment_id, routing)
      on r.assignment_id = taken.assignment_id`,
  };
}

export interface GoldWish {
  readonly assignmentId: string;
  readonly annotatorId: string;
  readonly campaignId: string;
  readonly tier: number;
  readonly leaseMs: number;
  readonly instructionsVersion?: number | undefined;
  /** Where in the gold set to begin, as `items.shuffle`. */
  readonly from: number;
  /** The task that the annotator would have been given. */
  readonly inPlaceOf?: string | undefined;
  /** That task's: golds of it come first, so that what a specialist is given of other domains tells nothing. By default any. */
  readonly domain?: string | null | undefined;
  /** As of `WantedSlot`: golds are items of their group like others. */
  readonly maxPerGroup?: number | undefined;
  readonly room?: Room | undefined;
}

type GoldReader = Pick<GoldWish, 'annotatorId' | 'campaignId' | 'tier' | 'maxPerGroup'>;

/** The golds of a running campaign that this annotator has met in no way, as `from … where …`: items, tasks, answers. */
function unmetGold(sql: Queryable, { annotatorId, campaignId, tier, maxPerGroup }: GoldReader) {
  const inRoom =
    maxPerGroup === undefined
      ? sql``
      : sql`
          and not exists (
            select from annotator_groups n
            where n.campaign_id = i.campaign_id and n.annotator_id = ${annotatorId} and n.item_group = i.item_group
              and n.leased >= ${maxPerGroup}::int
          )`;
  return sql`
        items i
        join tasks t on t.item_id = i.id
        join gold_answers g on g.item_id = i.id
        join campaigns c on c.id = i.campaign_id and c.state = 'running'
        where i.campaign_id = ${campaignId} and i.state in ('gold', 'honeypot')
          and t.state = 'open' and t.required_tier <= ${tier}
          and not exists (select from assignments a where a.task_id = t.id and a.annotator_id = ${annotatorId})
          and not exists (
            select from assignments b where b.task_id = g.promoted_from and b.annotator_id = ${annotatorId}
          )
          and not exists (select from calibration_items k where k.annotator_id = ${annotatorId} and k.item_id = i.id)
          ${inRoom}`;
}

/** Whether a gold is left that this annotator could be given. */
export async function hasUnmetGold(db: Db, reader: GoldReader): Promise<boolean> {
  const rows = await db`select 1 from ${unmetGold(db, reader)} limit 1`;
  return rows.length > 0;
}

/**
 * Leases a gold task that this annotator has not seen, in one statement so that a gold task never takes more of them
 * than work does. Of the next few from a random place of the gold set on, one of a class drawn evenly among theirs is
 * taken: what is rare among the golds comes as often as what is frequent.
 * Gold has no fixed slots: each lease makes its own. It pays what the work does in whose place it comes, as a price that
 * was raised would tell them apart. That is held from the campaign's gold money; none left, no gold. Its domain and its
 * group are as those of work are: of that work's domain while there is one, and within the limit on groups.
 */
export async function leaseGold(db: Db, lease: GoldWish): Promise<Lease | undefined> {
  const { from, domain, maxPerGroup } = lease;
  const anywhere = db`(${from}::int, false), (0, false)`;
  const starts = domain === undefined ? anywhere : db`(${from}::int, true), (0, true), ${anywhere}`;
  const alike =
    domain === undefined ? db`` : db`and (not start.alike or i.domain is not distinct from ${domain}::text)`;
  const [row] = await db<Lease[]>`
    with near as (
      select found.*, start.alike
      from (values ${starts}) as start(shuffle, alike)
      cross join lateral (
        select t.id, coalesce(
            (select w.price_micros from tasks w where w.id = ${lease.inPlaceOf ?? null}), t.price_micros
          ) as price_micros, t.workforce, t.priority, t.required_tier, t.item_id, t.instructions_version, i.shuffle,
          left(g.label::text, 200) as class, i.item_group
        from ${unmetGold(db, lease)} and i.shuffle >= start.shuffle ${alike}
        order by i.shuffle
        limit ${GOLDS_NEAR}
      ) found
      limit ${GOLDS_NEAR}
    ), room as materialized (
      select ${fits(db, lease.annotatorId, lease.room)} as fits
    ), ${maxPerGroup === undefined ? db`picked` : db`drawn`} as (
      select near.* from near, room where room.fits
      order by alike desc,
        row_number() over (partition by alike, class order by shuffle < ${from}, shuffle, id),
        hashtextextended(class || ${lease.assignmentId}::text, 0)
      limit 1
    ), ${maxPerGroup === undefined ? db`` : countedGold(db, { ...lease, maxPerGroup })} ${ownSlot(db, lease)}`;
  return row;
}

/** Counts the gold in `drawn` with its group, as `groupParts` does, unless there is no money for it; `picked` is what is left. */
const countedGold = (sql: Queryable, lease: GoldWish & { readonly maxPerGroup: number }) => sql`
    counted as (
      insert into annotator_groups (campaign_id, annotator_id, item_group, leased, most)
      select ${lease.campaignId}::uuid, ${lease.annotatorId}::uuid, drawn.item_group, 1, ${lease.maxPerGroup}::int
      from drawn
      where drawn.item_group is not null and exists (
        select from authorizations p
        where p.campaign_id = ${lease.campaignId} and p.task_id is null and ${hasGoldMoney(sql, sql`drawn.price_micros`)}
      )
      on conflict (campaign_id, annotator_id, item_group) do update
        set leased = annotator_groups.leased + excluded.leased, most = excluded.most
        where annotator_groups.leased + excluded.leased <= excluded.most
      returning item_group
    ), picked as (
      select drawn.* from drawn
      where drawn.item_group is null or drawn.item_group in (select item_group from counted)
    ),`;

/** Whose lease it is, of a task without fixed slots. */
export interface OwnSlotLease {
  readonly assignmentId: string;
  readonly annotatorId: string;
  readonly campaignId: string;
  readonly leaseMs: number;
  /** Of the instructions that the annotator is shown; by default the task's own. */
  readonly instructionsVersion?: number | undefined;
}

/**
 * The rest of the statement that leases the task in `picked`, which has no fixed slots: its pay is held from the
 * campaign's gold money (none left, no lease), and it gets a slot of its own.
 */
export const ownSlot = (sql: Queryable, lease: OwnSlotLease) => sql`
    pot as (
      update authorizations p set held_micros = p.held_micros + picked.price_micros
      from picked
      where p.campaign_id = ${lease.campaignId} and p.task_id is null and ${hasGoldMoney(sql, sql`picked.price_micros`)}
      returning p.id
    ), made as (
      insert into slots (task_id, slot_no, campaign_id, workforce, priority, required_tier, state, annotator_id,
        assignment_id, fence, lease_expires_at)
      select picked.id, nextval('gold_slot_number'), ${lease.campaignId}, picked.workforce, picked.priority,
        picked.required_tier, 'leased', ${lease.annotatorId}, ${lease.assignmentId}, 1,
        now() + ${lease.leaseMs} * interval '1 millisecond'
      from picked, pot
      returning task_id, slot_no, lease_expires_at
    ), assigned as (
      insert into assignments (id, task_id, slot_no, campaign_id, annotator_id, fence, price_micros, expires_at,
        instructions_version)
      select ${lease.assignmentId}, made.task_id, made.slot_no, ${lease.campaignId}, ${lease.annotatorId}, 1,
        picked.price_micros, made.lease_expires_at, coalesce(${lease.instructionsVersion ?? null}::int, picked.instructions_version)
      from made, picked
      returning id, task_id, slot_no, campaign_id, expires_at, price_micros
    )
    select assigned.id as "assignmentId", assigned.task_id as "taskId", assigned.slot_no as "slotNo",
      assigned.campaign_id as "campaignId",
      assigned.expires_at as "expiresAt", assigned.price_micros as "priceMicros", p.payload
    from assigned join picked on true join item_payloads p on p.item_id = picked.item_id`;

/** Whether authorization `p`, the gold money of a campaign, is open and has so much left. */
export const hasGoldMoney = (sql: Queryable, micros: Part) => sql`
  p.state = 'open' and p.committed_micros + p.released_micros + p.held_micros + ${micros} <= p.amount_micros`;

/** When the lease `a` was given, the last time where it had run out and was given again. */
export const givenAt = (sql: Queryable) => sql`coalesce(a.renewed_at, a.leased_at)`;

/**
 * Seconds that the lease `a` was held until then, without those between its running out and being given again. Whoever works
 * extends it, so what comes late was in hand no longer after its end than before.
 */
export const heldS = (sql: Queryable, until: Part) => sql`
  (a.held_s + extract(epoch from least(${until}, a.expires_at + (a.expires_at - ${givenAt(sql)})) - ${givenAt(sql)})::float8)`;

/**
 * Whether assignment `a` holds its slot: that of a task that has ended is closed, whatever time its leases have left. A
 * value and no join, so that no plan begins at all the slots that are leased.
 */
export const holdsSlot = (sql: Queryable) => sql`
  (select s.state from slots s where s.task_id = a.task_id and s.slot_no = a.slot_no and s.assignment_id = a.id) = 'leased'`;

/** Leases the annotator holds in this campaign now, oldest first; for giving one back after a lost response. */
export async function heldLeases(
  sql: Queryable,
  query: { annotatorId: string; campaignId: string; limit: number },
): Promise<Lease[]> {
  return sql<Lease[]>`
    select a.id as "assignmentId", a.task_id as "taskId", a.slot_no as "slotNo", a.campaign_id as "campaignId",
      a.expires_at as "expiresAt", a.price_micros as "priceMicros", p.payload
    from assignments a join tasks t on t.id = a.task_id join item_payloads p on p.item_id = t.item_id
    where a.annotator_id = ${query.annotatorId} and a.state = 'leased' and a.campaign_id = ${query.campaignId}
      and a.expires_at > now() and ${holdsSlot(sql)}
    order by a.leased_at
    limit ${query.limit}`;
}

/** How many leases an annotator holds now in a campaign. */
export const heldCount = (sql: Queryable, query: { annotatorId: string; campaignId: string }) => sql`
  (select count(*) from assignments a
    where a.annotator_id = ${query.annotatorId} and a.state = 'leased' and a.campaign_id = ${query.campaignId}
      and a.expires_at > now() and ${holdsSlot(sql)})::int`;

export async function countHeld(sql: Queryable, query: { annotatorId: string; campaignId: string }): Promise<number> {
  return only(await sql<{ held: number }[]>`select ${heldCount(sql, query)} as held`).held;
}

/** Leases held now, and of the annotator's newest answers (at most 5,000) in this campaign how many were golds. */
export async function leaseCounts(
  sql: Queryable,
  query: { annotatorId: string; campaignId: string },
): Promise<{ held: number; answered: number; golds: number }> {
  return only(
    await sql<{ held: number; answered: number; golds: number }[]>`
      select answers.answered, answers.golds, ${heldCount(sql, query)} as held
      from (
        select count(*)::int as answered, count(*) filter (where of_gold)::int as golds
        from (
          select of_gold from annotations
          where annotator_id = ${query.annotatorId} and campaign_id = ${query.campaignId}
          order by submitted_at desc limit 5000
        ) newest
      ) answers`,
  );
}

export interface HeldAssignment {
  readonly id: string;
  readonly annotatorId: string;
  readonly campaignId: string;
  readonly taskId: string;
  readonly slotNo: number;
  readonly itemId: string;
  readonly state: string;
  readonly expiresAt: Date;
}

/** One assignment, whoever holds it. */
export async function findAssignment(sql: Queryable, id: string): Promise<HeldAssignment | undefined> {
  const [row] = await sql<HeldAssignment[]>`
    select a.id, a.annotator_id as "annotatorId", a.campaign_id as "campaignId", a.task_id as "taskId",
      a.slot_no as "slotNo", t.item_id as "itemId", a.state, a.expires_at as "expiresAt"
    from assignments a join tasks t on t.id = a.task_id
    where a.id = ${id}`;
  return row;
}

/** Asks vendors for the slots that have re-opened where they are asked by now. Their tasks are locked. */
async function wantReopened(tx: Tx, slots: readonly { taskId: string; workforce: string }[]): Promise<void> {
  const tasks = slots.filter(({ workforce }) => vendorNames.includes(workforce)).map(({ taskId }) => taskId);
  for (const taskId of new Set(tasks)) await wantUnits(tx, taskId);
}

/** Gives a lease back unanswered. The slot re-opens at the queue's end; this annotator is not offered the task again. */
export async function giveBack(
  tx: Tx,
  lease: { assignmentId: string; annotatorId: string; as: 'released' | 'skipped'; note?: string },
): Promise<boolean> {
  // The task before its slot, as whoever moves it on does.
  await tx`
    select from tasks t join assignments a on a.task_id = t.id
    where a.id = ${lease.assignmentId} and t.kind = 'work' for no key update of t`;
  const rows = await tx<{ taskId: string; workforce: string }[]>`
    with held as (
      select a.id, s.task_id, s.slot_no, a.campaign_id, a.price_micros, t.kind, t.priority, t.required_tier, t.workforce
      from slots s
      join assignments a
        on a.task_id = s.task_id and a.slot_no = s.slot_no and a.id = s.assignment_id and a.fence = s.fence
      join tasks t on t.id = s.task_id
      where a.id = ${lease.assignmentId} and a.annotator_id = ${lease.annotatorId} and a.state = 'leased'
        and s.state = 'leased'
      for update of s, a
    ), gone as (
      update assignments a set state = ${lease.as}, closed_at = now(), note = ${lease.note ?? null}
      from held where a.id = held.id
    ), pot as (
      update authorizations p set held_micros = held_micros - held.price_micros
      from held where held.kind <> 'work' and p.campaign_id = held.campaign_id and p.task_id is null
    )
    update slots s set state = case when held.kind = 'work' then 'open' else 'closed' end, annotator_id = null,
      assignment_id = null, lease_expires_at = null, ${asItsTask(tx, tx`held`)}
    from held where s.task_id = held.task_id and s.slot_no = held.slot_no
    returning s.task_id as "taskId", s.workforce`;
  await wantReopened(tx, rows);
  return rows.length > 0;
}

/**
 * Returns expired leases to the pool, at most `limit` at a time; leases of paused campaigns wait.
 * A slot that re-opens takes a place at the queue's end. Gold money of several campaigns is locked in their order, so
 * that two who do this do not wait for each other.
 */
export async function expireLeases(db: Db, limit: number): Promise<number> {
  return db.begin(async (tx) => {
    const rows = await tx<{ taskId: string | null; workforce: string | null }[]>`
    with due as (
      select a.id, a.task_id, a.slot_no, a.campaign_id, a.price_micros, t.kind, t.priority, t.required_tier, t.workforce,
        s.state = 'leased' and s.assignment_id = a.id as holds
      from slots s
      join assignments a on a.task_id = s.task_id and a.slot_no = s.slot_no
      join tasks t on t.id = s.task_id
      join campaigns c on c.id = a.campaign_id and c.state <> 'paused'
      where a.state = 'leased' and a.expires_at < now()
      order by a.expires_at
      limit ${limit}
      for no key update of t skip locked for update of s, a skip locked
    ), gone as (
      update assignments a set state = case when due.holds then 'expired' else 'revoked' end, closed_at = now()
      from due where a.id = due.id
      returning a.task_id, a.slot_no
    ), freed as (
      update slots s set state = case when due.kind = 'work' then 'open' else 'closed' end, annotator_id = null,
        assignment_id = null, lease_expires_at = null, ${asItsTask(tx, tx`due`)}
      from due where due.holds and s.task_id = due.task_id and s.slot_no = due.slot_no
      returning s.task_id, s.slot_no, s.workforce
    ), pots as (
      select campaign_id, sum(price_micros) as back from due where kind <> 'work' and holds group by campaign_id
    ), held as (
      select p.id, pots.back from authorizations p join pots on p.campaign_id = pots.campaign_id
      where p.task_id is null order by p.campaign_id for update of p
    ), pot as (
      update authorizations p set held_micros = held_micros - held.back::bigint from held where p.id = held.id
    )
    select freed.task_id as "taskId", freed.workforce from gone left join freed using (task_id, slot_no)`;
    await wantReopened(
      tx,
      rows.flatMap(({ taskId, workforce }) => (taskId !== null && workforce !== null ? [{ taskId, workforce }] : [])),
    );
    return rows.length;
  });
}

/** What an annotator holds in all campaigns, oldest lease first. */
export async function allHeldLeases(sql: Queryable, annotatorId: string, limit: number): Promise<Lease[]> {
  return sql<Lease[]>`
    select a.id as "assignmentId", a.task_id as "taskId", a.slot_no as "slotNo", a.campaign_id as "campaignId",
      a.expires_at as "expiresAt", a.price_micros as "priceMicros", p.payload
    from assignments a join tasks t on t.id = a.task_id join item_payloads p on p.item_id = t.item_id
    where a.annotator_id = ${annotatorId} and a.state = 'leased' and a.expires_at > now() and ${holdsSlot(sql)}
    order by a.leased_at
    limit ${limit}`;
}

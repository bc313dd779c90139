import { QuorateError } from '../../domain/failures.ts';
import { formatUsd, leastMicros } from '../../domain/money.ts';
import { type Db, only, type Queryable, type Tx } from '../client.ts';
import type { Part } from './queue.ts';

const today = (sql: Queryable) => sql`(now() at time zone 'utc')::date`;

/** What this day (UTC) has newly reserved and spent of a budget, less what was freed of it. */
const usedToday = (sql: Queryable) => sql`case when pace_day = ${today(sql)} then pace_used_micros else 0 end`;

/** Assignments that go with whatever adds `micros` to what a budget has reserved or spent. */
export const pacing = (sql: Queryable, micros: bigint) =>
  sql`pace_used_micros = ${usedToday(sql)} + ${micros}, pace_day = ${today(sql)}`;

/**
 * An assignment that goes with freeing `micros` that were set aside at `since`: of today they make room in its pace again;
 * of days before they were part of theirs.
 */
export const freeing = (sql: Queryable, micros: Part, since: Part) => sql`
  pace_used_micros = case when pace_day = ${today(sql)} and (${since} at time zone 'utc')::date = ${today(sql)}
    then greatest(0, pace_used_micros - ${micros}) else pace_used_micros end`;

/** Assignments that add to what a budget has reserved. */
export const reserving = (sql: Queryable, micros: bigint) =>
  sql`reserved_micros = reserved_micros + ${micros}, ${pacing(sql, micros)}`;

/** True where a budget has room for `micros` more under its cap and its pace. */
export const hasRoom = (sql: Queryable, micros: bigint) => sql`
  reserved_micros + spent_micros + ${micros} <= cap_micros
  and (pace_micros is null or ${usedToday(sql)} + ${micros} <= pace_micros)`;

/** Text by which a campaign's organisation is named among the limits. */
export const organisationOf = (sql: Queryable, campaignId: string | ReturnType<Queryable>) =>
  sql`(select organisation_id::text from campaigns where id = ${campaignId})`;

export interface Room {
  /** What may be reserved now under the campaign's cap, its pace and its organisation's cap. */
  readonly freeMicros: bigint;
  /** Likewise under the workforce's cap, on which golds do not draw; null where there is none. */
  readonly workforceMicros: bigint | null;
  /** Of the campaign's cap alone. */
  readonly ownMicros: bigint;
  /** Of all but the day's pace; when the next day begins, by the database's clock. */
  readonly cappedMicros: bigint;
  readonly tomorrow: Date;
}

/** What a campaign may reserve for a workforce now. Its rows stay locked until the transaction ends. */
export async function lockRoom(tx: Tx, place: { campaignId: string; workforce: string }): Promise<Room> {
  return roomFor(await lockRooms(tx, place.campaignId), place);
}

/** What it may reserve as it looks just now: nothing is locked. */
export async function roomNow(sql: Queryable, place: { campaignId: string; workforce: string }): Promise<Room> {
  return roomFor(await readRooms(sql, place.campaignId, sql``), place);
}

function roomFor(
  { campaign, cappedMicros, workforces, ownMicros, tomorrow }: Rooms,
  place: { workforce: string },
): Room {
  const workforceMicros = workforces.get(place.workforce)?.freeMicros ?? null;
  return {
    freeMicros: campaign.freeMicros,
    cappedMicros: leastMicros(cappedMicros, workforceMicros ?? cappedMicros),
    ...{ workforceMicros, ownMicros, tomorrow },
  };
}

/** What is free, counted down as it is taken. */
export interface FreeRoom {
  freeMicros: bigint;
}

export interface Rooms {
  /** Under the campaign's cap, its pace and its organisation's cap. */
  readonly campaign: FreeRoom;
  /** Likewise, whatever the pace. */
  readonly cappedMicros: bigint;
  /** Under the campaign's cap alone. */
  readonly ownMicros: bigint;
  /** When the next day begins, by the database's clock. */
  readonly tomorrow: Date;
  /** Of workforces that have a cap. */
  readonly workforces: ReadonlyMap<string, FreeRoom>;
  readonly hedge: FreeRoom | undefined;
}

/** What a campaign may reserve now, for each workforce and for hedges; locked likewise. Its statements are sent at once. */
export function lockRooms(tx: Tx, campaignId: string): Promise<Rooms> {
  return readRooms(tx, campaignId, tx`for update`);
}

async function readRooms(tx: Queryable, campaignId: string, lock: Part): Promise<Rooms> {
  const [budgets, limits] = await Promise.all([
    tx<{ free: bigint; pace: bigint | null; tomorrow: Date }[]>`
      select (${today(tx)} + 1)::timestamp at time zone 'utc' as tomorrow, cap_micros - reserved_micros - spent_micros as free,
        pace_micros - ${usedToday(tx)} as pace
      from budgets where campaign_id = ${campaignId} ${lock}`.execute(),
    tx<{ scope: Scope; name: string; free: bigint }[]>`
      select scope, name, cap_micros - drawn_micros as free from budget_limits
      where campaign_id = ${campaignId} or (scope = 'organisation' and name = ${organisationOf(tx, campaignId)})
      order by id ${lock}`.execute(),
  ]);
  const budget = only(budgets);
  const rooms = (scope: Scope) => limits.filter((limit) => limit.scope === scope);
  const [hedge] = rooms('hedge');
  const cappedMicros = leastMicros(budget.free, ...rooms('organisation').map((limit) => limit.free));
  return {
    campaign: { freeMicros: leastMicros(cappedMicros, budget.pace ?? cappedMicros) },
    cappedMicros,
    ownMicros: budget.free,
    tomorrow: budget.tomorrow,
    workforces: new Map(rooms('workforce').map((limit) => [limit.name, { freeMicros: limit.free }])),
    hedge: hedge && { freeMicros: hedge.free },
  };
}

export interface Limits {
  /** Most that is newly set aside in a day; null: no pace. */
  readonly paceMicros?: bigint | null | undefined;
  readonly hedgeMicros?: bigint | null | undefined;
  /** By workforce; null lifts a cap. */
  readonly workforces?: Readonly<Record<string, bigint | null>> | undefined;
}

/**
 * Sets a campaign's pace and sub-caps; what is left out stays. Throws budget_below_spent where one is below what is drawn
 * already, before any is set; what is drawn meanwhile may still refuse one after others were.
 */
export async function setLimits(db: Db, campaignId: string, limits: Limits): Promise<void> {
  const { paceMicros, hedgeMicros, workforces = {} } = limits;
  const all: Limit[] = [
    ...(hedgeMicros === undefined ? [] : [{ scope: 'hedge' as const, campaignId, name: '', capMicros: hedgeMicros }]),
    ...Object.entries(workforces).map(([name, capMicros]) => {
      return { scope: 'workforce' as const, campaignId, name, capMicros };
    }),
  ];
  for (const limit of all) {
    if (limit.capMicros === null) continue;
    const drawn = await drawnNow(db, limit);
    if (limit.capMicros < drawn) throw belowDrawn(limit, drawn);
  }
  if (paceMicros !== undefined) {
    await db`update budgets set pace_micros = ${paceMicros} where campaign_id = ${campaignId}`;
  }
  for (const limit of all) await setOne(db, limit);
}

/** Sets an organisation's cap; null lifts it. Throws budget_below_spent below what its campaigns have drawn. */
export async function setOrganisationCap(db: Db, organisationId: string, capMicros: bigint | null): Promise<void> {
  await setOne(db, { scope: 'organisation', campaignId: null, name: organisationId, capMicros });
}

/** An organisation's cap, and what its campaigns have spent or reserved; null where there is none. */
export async function organisationLimit(
  sql: Queryable,
  organisationId: string,
): Promise<{ capMicros: bigint; drawnMicros: bigint } | null> {
  const [row] = await sql<{ capMicros: bigint; drawnMicros: bigint }[]>`
    select cap_micros as "capMicros", drawn_micros as "drawnMicros" from budget_limits
    where scope = 'organisation' and campaign_id is null and name = ${organisationId}`;
  return row ?? null;
}

type Scope = 'organisation' | 'workforce' | 'hedge';
interface Limit {
  readonly scope: Scope;
  readonly campaignId: string | null;
  readonly name: string;
  readonly capMicros: bigint | null;
}

/** One limit in a transaction of its own: who waits for a table's lock must hold no row that others want. */
async function setOne(db: Db, limit: Limit): Promise<void> {
  const { scope, campaignId, name, capMicros } = limit;
  const place = (sql: Queryable) =>
    sql`scope = ${scope} and campaign_id is not distinct from ${campaignId} and name = ${name}`;
  if (capMicros === null) {
    await db`delete from budget_limits where ${place(db)}`;
    return;
  }
  for (;;) {
    const [known] = await db<{ drawn: bigint; done: boolean }[]>`
      with changed as (
        update budget_limits set cap_micros = ${capMicros} where ${place(db)} and drawn_micros <= ${capMicros} returning 1
      )
      select drawn_micros as drawn, exists (select from changed) as done from budget_limits where ${place(db)}`;
    if (known?.done) return;
    if (known && capMicros < known.drawn) throw belowDrawn(limit, known.drawn);
    if (!known && (await addOne(db, { ...limit, capMicros }))) return;
  }
}

/**
 * A limit that there was none of; false when somebody has made it since. That one may be locked by who waits for the
 * table, so that it must not be touched here.
 */
async function addOne(db: Db, limit: Limit & { readonly capMicros: bigint }): Promise<boolean> {
  const { scope, campaignId, name, capMicros } = limit;
  return db.begin(async (tx) => {
    await tx`lock table ${tx(scope === 'organisation' ? 'budgets' : 'authorizations')} in share row exclusive mode`;
    const [known] = await tx`
      select 1 from budget_limits
      where scope = ${scope} and campaign_id is not distinct from ${campaignId} and name = ${name}`;
    if (known) return false;
    const drawn = await drawnNow(tx, limit);
    if (capMicros < drawn) throw belowDrawn(limit, drawn);
    await tx`
      insert into budget_limits (id, scope, campaign_id, name, cap_micros, drawn_micros)
      values (gen_random_uuid(), ${scope}, ${campaignId}, ${name}, ${capMicros}, ${drawn})`;
    return true;
  });
}

/**
 * What is drawn on a limit; what one that is new begins with. There the table is locked: nobody may draw between this sum
 * and the first count.
 */
async function drawnNow(tx: Queryable, { scope, campaignId, name }: Limit): Promise<bigint> {
  if (scope === 'organisation') {
    const sum = await tx<{ micros: bigint }[]>`
      select coalesce(sum(b.reserved_micros + b.spent_micros), 0)::bigint as micros
      from budgets b join campaigns c on c.id = b.campaign_id where c.organisation_id::text = ${name}`;
    return only(sum).micros;
  }
  const sum = await tx<{ micros: bigint }[]>`
    select coalesce(sum(${scope === 'hedge' ? tx`hedge_micros` : tx`amount_micros - released_micros`}), 0)::bigint as micros
    from authorizations
    where campaign_id = ${campaignId} and ${scope === 'hedge' ? tx`true` : tx`workforce = ${name}`}`;
  return only(sum).micros;
}

function belowDrawn({ scope, name, capMicros }: Limit, drawn: bigint): QuorateError {
  const message = `The cap is $${formatUsd(capMicros ?? 0n)}, but $${formatUsd(drawn)} are spent or reserved: that is the least it can be now.`;
  return new QuorateError('budget_below_spent', message, {
    field: scope === 'workforce' ? `workforces.${name}` : scope,
  });
}

export interface LimitRow {
  readonly scope: Exclude<Scope, 'organisation'>;
  readonly name: string;
  readonly capMicros: bigint;
  readonly drawnMicros: bigint;
}

/** The sub-caps of a campaign. */
export async function limitsOf(sql: Queryable, campaignId: string): Promise<LimitRow[]> {
  return sql<LimitRow[]>`
    select scope, name, cap_micros as "capMicros", drawn_micros as "drawnMicros"
    from budget_limits where campaign_id = ${campaignId} order by scope, name`;
}

/** A campaign's pace: null where it has none. `usedMicros` is what today (UTC) has added so far, less what it freed of that. */
export async function paceOf(
  sql: Queryable,
  campaignId: string,
): Promise<{ paceMicros: bigint; usedMicros: bigint } | null> {
  const [row] = await sql<{ paceMicros: bigint; usedMicros: bigint }[]>`
    select pace_micros as "paceMicros", (${usedToday(sql)})::bigint as "usedMicros"
    from budgets where campaign_id = ${campaignId} and pace_micros is not null`;
  return row ?? null;
}

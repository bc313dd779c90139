import { mostMicros } from '../../domain/money.ts';
import { checkFloor, type MeasuredPay } from '../../domain/payouts/floor.ts';
import { type Db, only, type Queryable, type Tx } from '../client.ts';
import { type Eligible, eligible } from './annotators.ts';
import { heldS } from './leases.ts';
import type { Part } from './queue.ts';

/** Least pay for a focused hour by region; the empty one is for all others. */
export async function payFloorsOf(sql: Queryable, organisationId: string): Promise<Map<string, bigint>> {
  const rows = await sql<{ region: string; micros: bigint }[]>`
    select region, hourly_micros as micros from pay_floors where organisation_id = ${organisationId} order by region`;
  return new Map(rows.map(({ region, micros }) => [region, micros]));
}

/** The greatest floor of an organisation; zero where there is none. */
export async function greatestFloor(sql: Queryable, organisationId: string): Promise<bigint> {
  const rows = await sql<{ micros: bigint }[]>`
    select coalesce(max(hourly_micros), 0)::bigint as micros from pay_floors where organisation_id = ${organisationId}`;
  return only(rows).micros;
}

/** An organisation's floor for an annotator of this region (null: of none); null where there is none. */
export const floorIn = (sql: Queryable, organisationId: Part, region: Part) => sql`(
    select f.hourly_micros from pay_floors f
    where f.organisation_id = ${organisationId} and f.region in ('', coalesce(${region}, ''))
    order by f.region desc limit 1
  )`;

/**
 * What an hour comes to at a rate and the floors, of the people who may work on a campaign in the mean, rounded up; with
 * nobody yet, under the greatest floor.
 */
export async function hourlyUnderFloors(
  sql: Queryable,
  { organisationId, rateMicros, whom }: { organisationId: string; rateMicros: bigint; whom: Eligible },
): Promise<bigint> {
  const floors = await payFloorsOf(sql, organisationId);
  if (floors.size === 0) return rateMicros;
  const [mean] = await sql<{ micros: bigint | null }[]>`
    select ceil(avg(greatest(${rateMicros}::bigint, ${floorIn(sql, sql`${organisationId}`, sql`a.region`)})))::bigint as micros
    from ${eligible(sql, whom)} and a.kind = 'person'`;
  return mean?.micros ?? mostMicros(rateMicros, ...floors.values());
}

/** While it is held, floors stay as they are; held alone they may change. */
export const lockFloors = (tx: Tx, organisationId: Part, how: 'shared' | 'alone') => tx`
  select ${how === 'alone' ? tx`pg_advisory_xact_lock` : tx`pg_advisory_xact_lock_shared`}(hashtextextended('floors:' || ${organisationId}::text, 0))`;

/**
 * Replaces an organisation's floors. A region that an annotator has said and no owner has confirmed may have had no higher
 * floor then: where it has one now, it is asked for from here on, and the floor of all others holds.
 */
export async function setPayFloors(db: Db, organisationId: string, floors: ReadonlyMap<string, bigint>): Promise<void> {
  await db.begin(async (tx) => {
    await lockFloors(tx, tx`${organisationId}`, 'alone');
    await tx`delete from pay_floors where organisation_id = ${organisationId}`;
    for (const [region, micros] of floors) {
      await tx`
        insert into pay_floors (organisation_id, region, hourly_micros) values (${organisationId}, ${region}, ${micros})`;
    }
    await tx`
      update annotators w set region = null, region_asked = coalesce(region_asked, region)
      where organisation_id = ${organisationId} and region is not null
        and coalesce(${floorIn(tx, tx`w.organisation_id`, tx`w.region`)}, 0) > coalesce(${floorIn(tx, tx`w.organisation_id`, tx`null::text`)}, 0)
        and not exists (
          select from payout_account_changes c
          where c.annotator_id = w.id and c.region = w.region and c.region_said and c.set_by is not null and not exists (
            select from payout_account_changes later
            where later.annotator_id = w.id and later.id > c.id and later.region is distinct from w.region
          )
        )`;
  });
}

/** Newest answers that are looked at. */
const WINDOW = 5000;

/**
 * How long a person `w` took for an answer `n` to the lease `a`: as they say, but no longer than they had it. The times of a
 * simulated crowd are made up and not held against the clock.
 */
export const believedS = (sql: Queryable) => sql`case when w.simulated then n.time_spent_s
  else least(n.time_spent_s, greatest(0, ${heldS(sql, sql`n.submitted_at`)})) end`;

/** What people's newest answers of a campaign took and earned, by their region. */
export async function measuredPay(
  sql: Queryable,
  campaignId: string,
): Promise<(MeasuredPay & { readonly region: string })[]> {
  return sql<(MeasuredPay & { readonly region: string })[]>`
    select coalesce(w.region, '') as region, count(*)::int as answers, sum(${believedS(sql)})::float8 as seconds,
      coalesce(percentile_disc(0.95) within group (order by ${believedS(sql)}), 0)::float8 as "longSeconds",
      sum(n.price_micros)::bigint as "earnedMicros"
    from (
      select annotator_id, assignment_id, submitted_at, time_spent_s, price_micros from annotations
      where campaign_id = ${campaignId} and pay_state <> 'unpaid_by_policy' order by submitted_at desc limit ${WINDOW}
    ) n
    join assignments a on a.id = n.assignment_id
    join annotators w on w.id = n.annotator_id and w.kind = 'person'
    group by 1 order by 1`;
}

export interface PayNotice {
  readonly campaignId: string;
  readonly region: string;
  readonly floorMicros: bigint;
  readonly priceMicros: bigint;
  readonly hourlyMicros: bigint;
  readonly rightPriceMicros: bigint;
  readonly at: Date;
  /** Whether the campaign pays by the hour now. */
  readonly byTheHour: boolean;
}

const noticeColumns = (sql: Queryable) => sql`
  campaign_id as "campaignId", region, floor_micros as "floorMicros", price_micros as "priceMicros",
  hourly_micros as "hourlyMicros", right_price_micros as "rightPriceMicros", at,
  exists (select from campaigns c where c.id = campaign_id and c.hourly_micros is not null) as "byTheHour"`;

/** Records where pay at the measured speed is below a floor, once for each price and floor; what is new is returned. */
export async function recordPayNotices(db: Db): Promise<PayNotice[]> {
  const running = await db<{ id: string; organisationId: string; priceMicros: bigint; rateMicros: bigint | null }[]>`
    select id, organisation_id as "organisationId", (settings ->> 'priceMicros')::bigint as "priceMicros",
      hourly_micros as "rateMicros"
    from campaigns c
    where state = 'running' and exists (select from pay_floors f where f.organisation_id = c.organisation_id)`;
  const found: PayNotice[] = [];
  for (const { id, organisationId, ...pay } of running) {
    const { priceMicros } = pay;
    const floors = await payFloorsOf(db, organisationId);
    for (const measured of await measuredPay(db, id)) {
      const floorMicros = floors.get(measured.region) ?? floors.get('');
      if (floorMicros === undefined) continue;
      const { meets, hourlyMicros, rightPriceMicros } = checkFloor(measured, floorMicros, pay);
      if (meets || hourlyMicros === null || rightPriceMicros === null) continue;
      found.push(
        ...(await db<PayNotice[]>`
          insert into pay_notices (campaign_id, region, floor_micros, price_micros, hourly_micros, right_price_micros)
          values (${id}, ${measured.region}, ${floorMicros}, ${priceMicros}, ${hourlyMicros}, ${rightPriceMicros})
          on conflict do nothing returning ${noticeColumns(db)}`),
      );
    }
  }
  return found;
}

/** A campaign's notices, oldest first. */
export async function payNoticesOf(sql: Queryable, campaignId: string): Promise<PayNotice[]> {
  return sql<PayNotice[]>`
    select ${noticeColumns(sql)} from pay_notices where campaign_id = ${campaignId} order by at, region`;
}

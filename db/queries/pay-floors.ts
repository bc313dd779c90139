import type { MeasuredPay } from '../../domain/payouts/floor.ts';
import type { Db, Queryable } from '../client.ts';

/** Least pay for a focused hour by region; the empty one is for all others. */
export async function payFloorsOf(sql: Queryable, organisationId: string): Promise<Map<string, bigint>> {
  const rows = await sql<{ region: string; micros: bigint }[]>`
    select region, hourly_micros as micros from pay_floors where organisation_id = ${organisationId} order by region`;
  return new Map(rows.map(({ region, micros }) => [region, micros]));
}

/** Replaces an organisation's floors. */
export async function setPayFloors(db: Db, organisationId: string, floors: ReadonlyMap<string, bigint>): Promise<void> {
  await db.begin(async (tx) => {
    await tx`delete from pay_floors where organisation_id = ${organisationId}`;
    for (const [region, micros] of floors) {
      await tx`
        insert into pay_floors (organisation_id, region, hourly_micros) values (${organisationId}, ${region}, ${micros})`;
    }
  });
}

/** Newest answers that are looked at. */
const WINDOW = 5000;

/** What people's newest answers of a campaign took and earned, by their region. */
export async function measuredPay(
  sql: Queryable,
  campaignId: string,
): Promise<(MeasuredPay & { readonly region: string })[]> {
  return sql<(MeasuredPay & { readonly region: string })[]>`
    select coalesce(w.region, '') as region, count(*)::int as answers, sum(n.time_spent_s)::float8 as seconds,
      sum(n.price_micros)::bigint as "earnedMicros"
    from (
      select annotator_id, time_spent_s, price_micros from annotations
      where campaign_id = ${campaignId} and pay_state <> 'unpaid_by_policy' order by id desc limit ${WINDOW}
    ) n join annotators w on w.id = n.annotator_id and w.kind = 'person'
    group by 1 order by 1`;
}

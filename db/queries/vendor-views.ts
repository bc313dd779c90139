import type { Queryable } from '../client.ts';
import type { OrderState } from '../schema/states.ts';

export interface VendorFigures {
  readonly vendor: string;
  readonly orders: number;
  readonly openOrders: number;
  readonly tasks: number;
  readonly answers: number;
  readonly spentMicros: bigint;
  readonly meanSecondsToAnswer: number | null;
  readonly goldTotal: number;
  readonly goldCorrect: number;
  readonly agreesWithDecision: number | null;
  readonly circuit: { failures: number; openUntil: string | null; lastError: string | null } | null;
}

/** What was bought of each vendor and what it was worth, as measured by our own campaigns. */
export async function vendorFigures(sql: Queryable, organisationId: string): Promise<VendorFigures[]> {
  const rows = await sql<(Omit<VendorFigures, 'circuit'> & Health)[]>`
    with bought as (
      select vendor, count(*)::int as orders,
        count(*) filter (where o.state in ('intent', 'submitting', 'placed'))::int as open
      from vendor_orders o join campaigns c on c.id = o.campaign_id and c.organisation_id = ${organisationId}
      group by vendor
    ), given as (
      select u.vendor, count(distinct u.task_id)::int as tasks, count(r.id)::int as answers,
        avg(extract(epoch from r.created_at - u.created_at)) as seconds,
        coalesce(sum(n.price_micros) filter (where n.pay_state = 'paid'), 0) as spent,
        avg((l.label = d.label)::int) filter (where n.counted and d.label is not null) as agrees
      from vendor_units u join campaigns c on c.id = u.campaign_id and c.organisation_id = ${organisationId}
      left join vendor_responses r on r.unit_id = u.id and r.version = 1 and r.state in ('counted', 'late')
      left join annotations n on n.id = r.annotation_id
      left join annotation_labels l on l.annotation_id = n.id
      left join lateral (
        select label from decisions d where d.task_id = u.task_id order by revision desc limit 1
      ) d on true
      group by u.vendor
    ), golds as (
      select w.vendor, sum(a.gold_total)::int as total, sum(a.gold_correct)::int as correct
      from vendor_workers w join annotators a on a.id = w.annotator_id
      where w.organisation_id = ${organisationId} group by w.vendor
    )
    select v.vendor, coalesce(b.orders, 0) as orders, coalesce(b.open, 0) as "openOrders", coalesce(g.tasks, 0) as tasks,
      coalesce(g.answers, 0) as answers, coalesce(g.spent, 0)::bigint as "spentMicros",
      g.seconds::float8 as "meanSecondsToAnswer", coalesce(k.total, 0) as "goldTotal",
      coalesce(k.correct, 0) as "goldCorrect", g.agrees::float8 as "agreesWithDecision",
      h.failures, h.open_until as "openUntil", ${ownError(sql, organisationId)} as "lastError"
    from (select vendor from bought union select vendor from given) v
    left join bought b using (vendor) left join given g using (vendor) left join golds k using (vendor)
    left join vendor_health h using (vendor)
    order by v.vendor`;
  return rows.map(({ failures, openUntil, lastError, ...figures }) => ({
    ...figures,
    circuit: failures === null ? null : { failures, openUntil: openUntil?.toISOString() ?? null, lastError },
  }));
}

/** The vendor's newest error, where it is of an order of this organisation: its words may name what was ordered. */
const ownError = (sql: Queryable, organisationId: string) => sql`case when exists (
    select from vendor_orders o join campaigns c on c.id = o.campaign_id
    where c.organisation_id = ${organisationId} and o.vendor = h.vendor and left(o.last_error, 500) = h.last_error
  ) then h.last_error end`;

interface Health {
  readonly failures: number | null;
  readonly openUntil: Date | null;
  readonly lastError: string | null;
}

export interface OrderView {
  readonly id: string;
  readonly vendor: string;
  readonly state: OrderState;
  /** Of one answer, fees included. */
  readonly priceMicros: bigint;
  readonly tasks: number;
  readonly answersWanted: number;
  readonly answersIn: number;
  readonly attempts: number;
  /** Of all of it, before it was sent; null before that. */
  readonly estimateMicros: bigint | null;
  readonly estimateBasis: string | null;
  readonly lastError: string | null;
  readonly deadlineAt: Date;
  readonly createdAt: Date;
  readonly closedAt: Date | null;
}

/** A campaign's orders at vendors, newest first, from the one after `before` on, with how much of each has come in. */
export async function ordersOf(
  sql: Queryable,
  campaignId: string,
  { limit, before }: { limit: number; before: string | null },
): Promise<OrderView[]> {
  return sql<OrderView[]>`
    select o.id, o.vendor, o.state, o.price_micros as "priceMicros", u.tasks, u.wanted as "answersWanted",
      u.answers as "answersIn", o.attempts, o.estimate_micros as "estimateMicros", o.estimate_basis as "estimateBasis",
      o.last_error as "lastError", o.deadline_at as "deadlineAt",
      o.created_at as "createdAt", o.closed_at as "closedAt"
    from (
      select * from vendor_orders where campaign_id = ${campaignId}
        ${before === null ? sql`` : sql`and (created_at, id) < (select created_at, id from vendor_orders where id = ${before})`}
      order by created_at desc, id desc limit ${limit}
    ) o
    cross join lateral (
      select count(*)::int as tasks, coalesce(sum(u.answers), 0)::int as wanted, coalesce(sum(r.answers), 0)::int as answers
      from vendor_units u
      cross join lateral (
        select count(*)::int as answers from vendor_responses r
        where r.unit_id = u.id and r.version = 1 and r.state in ('counted', 'late')
      ) r
      where u.order_id = o.id
    ) u
    order by o.created_at desc, o.id desc`;
}

export interface CircuitView {
  readonly vendor: string;
  readonly failures: number;
  readonly openUntil: string | null;
  readonly lastError: string | null;
}

/** The circuit breakers of these vendors as an organisation sees them; one that never failed is missing. */
export async function circuitsOf(
  sql: Queryable,
  { vendors, organisationId }: { vendors: readonly string[]; organisationId: string },
): Promise<CircuitView[]> {
  const rows = await sql<(Omit<CircuitView, 'openUntil'> & { openUntil: Date | null })[]>`
    select h.vendor, h.failures, h.open_until as "openUntil", ${ownError(sql, organisationId)} as "lastError"
    from vendor_health h where h.vendor = any(${vendors as string[]}) order by h.vendor`;
  return rows.map((row) => ({ ...row, openUntil: row.openUntil?.toISOString() ?? null }));
}

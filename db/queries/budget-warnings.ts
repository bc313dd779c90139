import { WARNING_PERCENTS } from '../../domain/budget.ts';
import type { Queryable } from '../client.ts';
import type { CAP_SCOPES, REACHED_BY } from '../schema/states.ts';

export interface BudgetWarning {
  /** Null for an organisation's cap. */
  readonly campaignId: string | null;
  readonly scope: (typeof CAP_SCOPES)[number];
  /** The organisation's id or the workforce; else empty. */
  readonly name: string;
  readonly reachedBy: (typeof REACHED_BY)[number];
  readonly percent: number;
  readonly capMicros: bigint;
  /** What was spent then, or spent and reserved. */
  readonly reachedMicros: bigint;
  readonly at: Date;
}

const columns = (sql: Queryable) => sql`
  campaign_id as "campaignId", scope, name, reached_by as "reachedBy", percent, cap_micros as "capMicros",
  spent_micros as "reachedMicros", at`;

/**
 * Records, once a cap, that a share of it is spent (a campaign's own), or spent and reserved (every cap: what is reserved may
 * be spent without anybody being asked again); what is new is returned.
 */
export async function recordWarnings(sql: Queryable): Promise<BudgetWarning[]> {
  return sql<BudgetWarning[]>`
    with caps as (
      select b.campaign_id, 'campaign' as scope, '' as name, by.what, b.cap_micros, by.micros
      from budgets b cross join lateral (
        values ('spent', b.spent_micros), ('committed', b.spent_micros + b.reserved_micros)
      ) as by(what, micros)
      union all
      select campaign_id, scope, name, 'committed', cap_micros, drawn_micros from budget_limits
    )
    insert into budget_warnings (campaign_id, scope, name, reached_by, percent, cap_micros, spent_micros)
    select caps.campaign_id, caps.scope, caps.name, caps.what, p.percent, caps.cap_micros, caps.micros
    from caps left join campaigns c on c.id = caps.campaign_id
    cross join unnest(${[...WARNING_PERCENTS]}::int[]) as p(percent)
    where (c.id is null or c.state in ('running', 'paused', 'stopping')) and caps.cap_micros > 0
      and caps.micros * 100.0 >= caps.cap_micros * p.percent
      and not exists (
        select from budget_warnings w
        where coalesce(w.campaign_id::text, '') = coalesce(caps.campaign_id::text, '') and w.scope = caps.scope
          and w.name = caps.name and w.reached_by = caps.what and w.cap_micros = caps.cap_micros and w.percent = p.percent
      )
    on conflict do nothing
    returning ${columns(sql)}`;
}

/** A campaign's warnings, oldest first. */
export async function warningsOf(sql: Queryable, campaignId: string): Promise<BudgetWarning[]> {
  return sql<BudgetWarning[]>`
    select ${columns(sql)} from budget_warnings where campaign_id = ${campaignId} order by at, scope, name, reached_by, percent`;
}

/** Those of an organisation's cap, oldest first. */
export async function organisationWarnings(sql: Queryable, organisationId: string): Promise<BudgetWarning[]> {
  return sql<BudgetWarning[]>`
    select ${columns(sql)} from budget_warnings
    where campaign_id is null and scope = 'organisation' and name = ${organisationId} order by at, percent`;
}

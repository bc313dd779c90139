import type { Queryable } from '../client.ts';

export interface CampaignCounts {
  readonly pool: number;
  readonly gold: number;
  readonly tasksOpen: number;
  readonly tasksAdjudicating: number;
  readonly tasksDecided: number;
  readonly tasksAdjudicated: number;
  readonly tasksUnresolved: number;
  readonly tasksCancelled: number;
  readonly annotations: number;
  readonly goldAnnotations: number;
  readonly expiredLeases: number;
  readonly windowsElapsed: number;
  /** Steps of the ladder that were taken. */
  readonly escalations: number;
  readonly modelLabels: number;
}

/** A campaign's tallies, up to this moment: nothing that they count is read. */
const talliesOf = (sql: Queryable, campaignId: string) => sql`(
  select what, round, n from tallies where campaign_id = ${campaignId}
  union all
  select what, round, n from tally_changes where campaign_id = ${campaignId}
) tallied`;

/** What a progress display shows. Adjudicating is one way of being open, adjudicated one of being decided. */
export async function campaignCounts(sql: Queryable, id: string): Promise<CampaignCounts> {
  const rows = await sql<{ what: string; n: number }[]>`
    select what, sum(n)::int as n from ${talliesOf(sql, id)} group by what`;
  const all = new Map(rows.map(({ what, n }) => [what, n]));
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (all.get(name) ?? 0), 0);
  return {
    pool: of('pool'),
    gold: of('gold'),
    tasksOpen: of('open', 'adjudicating'),
    tasksAdjudicating: of('adjudicating'),
    tasksDecided: of('decided', 'adjudicated'),
    tasksAdjudicated: of('adjudicated'),
    tasksUnresolved: of('unresolved'),
    tasksCancelled: of('cancelled'),
    annotations: of('answers'),
    goldAnnotations: of('gold_answers'),
    expiredLeases: of('lost_leases'),
    windowsElapsed: of('windows'),
    escalations: of('escalations'),
    modelLabels: of('model'),
  };
}

/** How many tasks of a round are in each state; those that wait to be opened are open. */
export interface RoundProgress {
  readonly open: number;
  readonly adjudicating: number;
  readonly decided: number;
  readonly adjudicated: number;
  readonly unresolved: number;
  readonly cancelled: number;
}

/** Of each round from this one on that has tasks. */
export async function roundProgress(
  sql: Queryable,
  campaignId: string,
  from: number,
): Promise<Map<number, RoundProgress>> {
  const rows = await sql<(RoundProgress & { round: number })[]>`
    select round,
      coalesce(sum(n) filter (where what = 'open'), 0)::int as open,
      coalesce(sum(n) filter (where what = 'adjudicating'), 0)::int as adjudicating,
      coalesce(sum(n) filter (where what = 'decided'), 0)::int as decided,
      coalesce(sum(n) filter (where what = 'adjudicated'), 0)::int as adjudicated,
      coalesce(sum(n) filter (where what = 'unresolved'), 0)::int as unresolved,
      coalesce(sum(n) filter (where what = 'cancelled'), 0)::int as cancelled
    from ${talliesOf(sql, campaignId)} where round >= ${Math.max(1, from)} group by round`;
  return new Map(rows.map(({ round, ...progress }) => [round, progress]));
}

/** Adds up to `limit` changes to the tallies; how many there were. */
export async function foldTallies(sql: Queryable, limit: number): Promise<number> {
  const [row] = await sql<{ folded: number }[]>`
    with taken as (
      delete from tally_changes
      where ctid = any(array(select ctid from tally_changes limit ${limit} for update skip locked))
      returning campaign_id, what, round, n
    ), added as (
      insert into tallies (campaign_id, what, round, n)
      select campaign_id, what, round, sum(n) from taken group by 1, 2, 3 order by 1, 2, 3
      on conflict (campaign_id, what, round) do update set n = tallies.n + excluded.n
    )
    select count(*)::int as folded from taken`;
  return row?.folded ?? 0;
}

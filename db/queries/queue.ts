import type postgres from 'postgres';
import type { Queryable } from '../client.ts';

/** Priorities and tiers: how many lanes the queue has. An annotator's place in each lane is remembered. */
export const LANES = { priorities: 5, tiers: 4 } as const;

export interface Candidate {
  readonly taskId: string;
  readonly slotNo: number;
  readonly priority: number;
  readonly tier: number;
  readonly pos: number;
  readonly domain: string | null;
}

/** The open slots that annotators of a workforce and up to a tier may take, at most so many. */
interface Queue {
  readonly campaignId: string;
  readonly workforce: string;
  readonly tier: number;
  readonly limit: number;
}

/** What is left out: tasks they have met and, where the campaign limits groups, those of groups of which they had all. */
interface Unmet {
  readonly annotatorId: string;
  readonly maxPerGroup?: number | undefined;
}

/**
 * Open slots that this annotator may take: highest priority first, at most `limit`. Each lane (priority, tier) is begun
 * after `after[priority * 4 + tier]`, so that the cost does not grow with what the annotator has answered before.
 */
export async function findCandidates(
  sql: Queryable,
  query: Queue & Unmet & { after: readonly number[] },
): Promise<Candidate[]> {
  return scan(sql, query, {
    only: sql`
      and pos > (${query.after as number[]}::float8[])[lane.priority * ${LANES.tiers}::int + rank.tier + 1]::bigint
      and ${unmetBy(sql, query)}`,
  });
}

/** The first open slots of a queue for annotators of this tier, whoever they are: highest priority first. */
export async function queueHead(sql: Queryable, query: Queue): Promise<Candidate[]> {
  return scan(sql, query, {});
}

/** As `findCandidates`, among slots of the annotator's own domains, which routing prefers. */
export async function findDomainCandidates(
  sql: Queryable,
  query: Queue & Unmet & { domains: readonly string[] },
): Promise<Candidate[]> {
  return scan(sql, query, {
    each: sql`unnest(${query.domains as string[]}::text[]) as mine(domain) cross join`,
    only: sql`and slots.domain = mine.domain and ${unmetBy(sql, query)}`,
  });
}

type Fragment = ReturnType<typeof unmetBy>;

/** One bounded index range for each lane, so that the cost does not grow with the queue. */
async function scan(sql: Queryable, query: Queue, { each, only }: { each?: Fragment; only?: Fragment }) {
  return sql<Candidate[]>`
    select s.task_id as "taskId", s.slot_no as "slotNo", s.priority, s.required_tier as tier, s.pos::float8 as pos, s.domain
    from ${each ?? sql``} generate_series(${LANES.priorities - 1}::int, 0, -1) as lane(priority)
    cross join generate_series(0, ${query.tier}::int) as rank(tier)
    cross join lateral (
      select task_id, slot_no, slots.priority, required_tier, pos, slots.domain
      from slots
      where campaign_id = ${query.campaignId} and workforce = ${query.workforce}
        and slots.priority = lane.priority and required_tier = rank.tier and state = 'open' ${only ?? sql``}
      order by pos
      limit ${query.limit}
    ) s
    limit ${query.limit}`;
}

/** A piece of a statement. */
export type Part = postgres.PendingQuery<postgres.Row[]>;

/**
 * True where a gold was made of the task and the annotator was given that: such a task, once it is opened again, would tell
 * the gold by being the same. A value and no join: looked up for the slots that are met, never for whole tables.
 */
export const metAsGold = (sql: Queryable, taskId: Part, annotatorId: Part) => sql`coalesce((
    select true from gold_answers g join tasks copy on copy.item_id = g.item_id
    join assignments b on b.task_id = copy.id and b.annotator_id = ${annotatorId}
    where g.promoted_from = ${taskId} limit 1
  ), false)`;

function unmetBy(sql: Queryable, { annotatorId, maxPerGroup }: Unmet) {
  const unmet = sql`not exists (
    select from assignments a where a.task_id = slots.task_id and a.annotator_id = ${annotatorId}
  ) and not ${metAsGold(sql, sql`slots.task_id`, sql`${annotatorId}::uuid`)}`;
  if (maxPerGroup === undefined) return unmet;
  // A value and no join: looked up for the slots that are met, never for whole tables.
  return sql`${unmet} and coalesce((
    select g.leased from tasks t join items i on i.id = t.item_id
    join annotator_groups g on g.campaign_id = t.campaign_id and g.annotator_id = ${annotatorId}
      and g.item_group = i.item_group
    where t.id = slots.task_id
  ), 0) < ${maxPerGroup}::int`;
}

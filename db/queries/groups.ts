import type { Queryable } from '../client.ts';

/** How many tasks of one group of items each annotator of a campaign was given, and the limit. */
export async function groupCountsOf(
  sql: Queryable,
  query: { campaignId: string; itemGroup: string; annotatorIds: readonly string[] },
): Promise<Map<string, { leased: number; most: number }>> {
  const rows = await sql<{ annotatorId: string; leased: number; most: number }[]>`
    select annotator_id as "annotatorId", leased, most from annotator_groups
    where campaign_id = ${query.campaignId} and annotator_id = any(${query.annotatorIds as string[]}::uuid[])
      and item_group = ${query.itemGroup}`;
  return new Map(rows.map(({ annotatorId, ...counts }) => [annotatorId, counts]));
}

import type { Queryable } from '../client.ts';

/** Keeps predictions of items, in place of earlier ones; returns the keys that name an item. */
export async function storePredictions(
  sql: Queryable,
  campaignId: string,
  rows: readonly { readonly key: string; readonly shares: readonly number[] }[],
): Promise<Set<string>> {
  // Of one key the last counts.
  const newest = [...new Map(rows.map((row) => [row.key, row])).values()];
  const stored = await sql<{ key: string }[]>`
    with given as (
      select * from unnest(${newest.map(({ key }) => key)}::text[],
        ${newest.map(({ shares }) => JSON.stringify(shares))}::text[]) as given(key, shares)
    ), kept as (
      insert into item_predictions (item_id, shares)
      select i.id, given.shares::jsonb from given join items i on i.campaign_id = ${campaignId} and i.key = given.key
      on conflict (item_id) do update set shares = excluded.shares, created_at = now()
      returning item_id
    )
    select i.key from items i join kept on kept.item_id = i.id`;
  return new Set(stored.map(({ key }) => key));
}

/** What was predicted of items: the probability of each class, in the order of the task type's classes. */
export async function predictionsOf(sql: Queryable, ids: readonly string[]): Promise<Map<string, number[]>> {
  const rows = await sql<{ id: string; shares: number[] }[]>`
    select item_id as id, shares from item_predictions where item_id = any(${ids as string[]}::uuid[])`;
  return new Map(rows.map(({ id, shares }) => [id, shares]));
}

import { only, type Queryable } from '../client.ts';

/** The newest space of a campaign, and how many items it was learnt from; undefined before there is one. */
export async function newestSpace(
  sql: Queryable,
  campaignId: string,
): Promise<{ version: number; fittedOn: number } | undefined> {
  // A campaign from before spaces were learnt has weights of words alone.
  const [row] = await sql<{ version: number; fittedOn: number }[]>`
    select version, fitted_on as "fittedOn" from feature_spaces
    where campaign_id = ${campaignId} and space is not null order by version desc limit 1`;
  return row;
}

/** One version of a campaign's space as bytes. */
export async function readSpace(
  sql: Queryable,
  at: { campaignId: string; version: number },
): Promise<Uint8Array | undefined> {
  const [row] = await sql<{ space: Uint8Array }[]>`
    select space from feature_spaces
    where campaign_id = ${at.campaignId} and version = ${at.version} and space is not null`;
  return row?.space;
}

/** Stores a version of a campaign's space, unless another has: the first one stays. */
export async function storeSpace(
  sql: Queryable,
  learnt: { campaignId: string; version: number; space: Uint8Array; fittedOn: number },
): Promise<void> {
  await sql`
    insert into feature_spaces (campaign_id, version, space, fitted_on)
    values (${learnt.campaignId}, ${learnt.version}, ${learnt.space}, ${learnt.fittedOn})
    on conflict (campaign_id, version) do update set space = excluded.space, fitted_on = excluded.fitted_on
    where feature_spaces.space is null`;
}

/** Items that were imported to be labelled, whether chosen or not: up to `limit`, by chance. */
export async function sampleWork(sql: Queryable, campaignId: string, limit: number): Promise<string[]> {
  const part = (states: readonly string[]) => sql`
    select id, shuffle from items where campaign_id = ${campaignId} and ${
      // Word for word as its index has it.
      states.length === 0 ? sql`state = 'pool'` : sql`state = any(${states as string[]})`
    } order by shuffle, id limit ${limit}`;
  const rows = await sql<{ id: string }[]>`
    select id from ((${part([])}) union all (${part(['selected', 'model'])})) items order by shuffle, id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** How many items were imported to be labelled, counted up to `most`. */
export async function countWork(sql: Queryable, campaignId: string, most: number): Promise<number> {
  const rows = await sql<{ count: number }[]>`
    select count(*)::int as count from (
      select from items where campaign_id = ${campaignId} and state in ('pool', 'selected', 'model') limit ${most}
    ) items`;
  return only(rows).count;
}

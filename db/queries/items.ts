import { type Db, only, type Queryable } from '../client.ts';

export interface NewItem {
  readonly id: string;
  readonly key: string;
  readonly payloadJson: string;
  readonly hash: string;
  readonly goldJson: string | null;
  readonly state: 'pool' | 'gold' | 'honeypot';
  readonly domain: string | null;
  /** Items that belong together. */
  readonly group?: string | null;
  readonly shuffle: number;
  /** As `floatBytes` makes them; null where the campaign imports none. */
  readonly vector?: Uint8Array | null;
}

/**
 * Adds items in one statement. A key that exists already adds nothing: `duplicates` are those with the same payload,
 * `conflicts` (positions in `rows`) those whose key stands for another payload. A started campaign is told; one that is
 * ending or has ended takes none (`closed`), and does not end while this goes on.
 */
export async function insertItems(
  db: Db,
  campaignId: string,
  rows: readonly NewItem[],
): Promise<{ accepted: number; duplicates: number; conflicts: number[]; closed?: true }> {
  const { taking, inserted } = only(
    await db<{ taking: boolean; inserted: string[] }[]>`
    with taking as (
      select id, state from campaigns
      where id = ${campaignId} and state not in ('stopping', 'finished', 'stopped')
        and not (state = 'paused' and coalesce(stop_reason, '') = 'by_hand') for share
    ), given as (
      select * from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.key)}::text[],
        ${rows.map((row) => row.payloadJson)}::text[], ${rows.map((row) => row.hash)}::text[],
        ${rows.map((row) => row.goldJson)}::text[], ${rows.map((row) => row.state)}::text[],
        ${rows.map((row) => row.domain)}::text[], ${rows.map((row) => row.group ?? null)}::text[],
        ${rows.map((row) => row.shuffle)}::int[],
        ${rows.map(({ vector }) => (vector ? Buffer.from(vector).toString('base64') : null))}::text[])
        as given(id, key, payload, hash, gold, state, domain, item_group, shuffle, vector)
    ), added as (
      insert into items (id, campaign_id, key, state, domain, item_group, shuffle)
      select given.id, taking.id, key, given.state, domain, item_group, shuffle from taking, given
      on conflict (campaign_id, key) do nothing
      returning id
    ), shown as (
      insert into item_payloads (item_id, payload, hash)
      select given.id, given.payload::jsonb, given.hash from given join added using (id)
    ), seen as (
      insert into item_vectors (item_id, vector)
      select given.id, decode(given.vector, 'base64') from given join added using (id) where given.vector is not null
    ), known as (
      insert into gold_answers (item_id, label)
      select given.id, given.gold::jsonb from given join added using (id) where given.gold is not null
    ), told as (
      insert into outbox (kind, target_id, message, payload)
      select 'signal_campaign', id::text, 'poolGrew', '{}'::jsonb from taking
      where state <> 'draft' and exists (select from added)
    )
    select exists (select from taking) as taking, coalesce((select jsonb_agg(id) from added), '[]') as inserted`,
  );
  if (!taking) return { accepted: 0, duplicates: 0, conflicts: [], closed: true };
  if (inserted.length === rows.length) return { accepted: rows.length, duplicates: 0, conflicts: [] };
  const added = new Set(inserted);
  const left = rows.map((row, at) => ({ row, at })).filter(({ row }) => !added.has(row.id));
  const existing = await db<{ key: string; hash: string }[]>`
    select i.key, p.hash from items i join item_payloads p on p.item_id = i.id
    where i.campaign_id = ${campaignId} and i.key = any(${left.map(({ row }) => row.key)}::text[])`;
  const hashes = new Map(existing.map((row) => [row.key, row.hash]));
  const conflicts = left.filter(({ row }) => hashes.get(row.key) !== row.hash).map(({ at }) => at);
  return { accepted: added.size, duplicates: left.length - conflicts.length, conflicts };
}

/** Known answers of a campaign by the keys of their items, from the key after `after` on. */
export async function goldsOf(
  sql: Queryable,
  page: { campaignId: string; after: string; limit: number },
): Promise<{ key: string; payload: unknown; label: unknown }[]> {
  return sql<{ key: string; payload: unknown; label: unknown }[]>`
    select i.key, p.payload, g.label
    from items i join gold_answers g on g.item_id = i.id join item_payloads p on p.item_id = i.id
    where i.campaign_id = ${page.campaignId} and i.key > ${page.after}
    order by i.key limit ${page.limit}`;
}

/** Whether a campaign has any item. */
export async function hasItems(sql: Queryable, campaignId: string): Promise<boolean> {
  const [item] = await sql`select 1 from items where campaign_id = ${campaignId} limit 1`;
  return item !== undefined;
}

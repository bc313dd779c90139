import type { Queryable } from '../client.ts';

/** The imported vectors of items, in the order given; undefined where an item has none. */
export async function vectorsOf(sql: Queryable, ids: readonly string[]): Promise<(Uint8Array | undefined)[]> {
  const rows = await sql<{ id: string; vector: Uint8Array }[]>`
    select item_id as id, vector from item_vectors where item_id = any(${ids as string[]}::uuid[])`;
  const found = new Map(rows.map(({ id, vector }) => [id, vector]));
  return ids.map((id) => found.get(id));
}

/** Embeddings that are known already, by hash. */
export async function knownEmbeddings(sql: Queryable, hashes: readonly string[]): Promise<Map<string, Uint8Array>> {
  const rows = await sql<{ hash: string; vector: Uint8Array }[]>`
    select hash, vector from embeddings where hash = any(${hashes as string[]}::text[])`;
  return new Map(rows.map(({ hash, vector }) => [hash, vector]));
}

/** Keeps embeddings; one that is known already stays as it is. */
export async function keepEmbeddings(
  sql: Queryable,
  rows: readonly { readonly hash: string; readonly vector: Uint8Array }[],
): Promise<void> {
  await sql`
    insert into embeddings (hash, vector)
    select given.hash, decode(given.vector, 'base64')
    from unnest(${rows.map(({ hash }) => hash)}::text[],
      ${rows.map(({ vector }) => Buffer.from(vector).toString('base64'))}::text[]) as given(hash, vector)
    on conflict (hash) do nothing`;
}

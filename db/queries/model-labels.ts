import type { Db, Queryable, Tx } from '../client.ts';
import { writeOutbox } from './outbox.ts';
import type { Places } from './selection.ts';

export interface AutoLabeling {
  /** Null while no threshold is supported: nothing is labelled by the model then. */
  readonly threshold: number | null;
  /** Audits beyond it (where it is null all, or the newest where these speak against it), how many agreed with people, and the lower end of that agreement. */
  readonly audited: number;
  readonly right: number;
  readonly low: number;
  readonly temperature: number;
  readonly round: number;
}

export interface ModelLabel {
  readonly itemId: string;
  readonly label: unknown;
  readonly confidence: number;
}

/** Pool items after one place and before another in the random order, but none of those that are set aside, if any are. */
export async function poolPage(
  sql: Queryable,
  page: {
    campaignId: string;
    after: { shuffle: number; id: string };
    to: number;
    aside?: Places | undefined;
    limit: number;
  },
): Promise<{ id: string; shuffle: number }[]> {
  const { after, aside } = page;
  return sql<{ id: string; shuffle: number }[]>`
    select id, shuffle from items
    where campaign_id = ${page.campaignId} and state = 'pool' and shuffle >= ${after.shuffle}
      and shuffle < ${page.to}::bigint
      and (shuffle, id) > (${after.shuffle}, ${after.id}::uuid)
      ${aside ? sql`and not (shuffle >= ${aside.from} and shuffle < ${aside.to})` : sql``}
    order by shuffle, id limit ${page.limit}`;
}

/** Takes items out of the pool and stores the model's labels of them; those that are no longer there are left. */
export async function storeModelLabels(
  sql: Queryable,
  given: { campaignId: string; round: number; rows: readonly ModelLabel[] },
): Promise<number> {
  const { rows } = given;
  if (rows.length === 0) return 0;
  const stored = await sql`
    with given as (
      select * from unnest(${rows.map(({ itemId }) => itemId)}::uuid[],
        ${rows.map(({ label }) => JSON.stringify(label))}::text[],
        ${rows.map(({ confidence }) => confidence)}::float8[]) as given(id, label, confidence)
    ), taken as (
      update items i set state = 'model' from given where i.id = given.id and i.state = 'pool' returning i.id
    )
    insert into model_labels (item_id, campaign_id, label, confidence, round)
    select given.id, ${given.campaignId}, given.label::jsonb, given.confidence, ${given.round}
    from given join taken using (id)
    returning 1`;
  return stored.length;
}

/**
 * Items that the campaign's model labelled, in chunks: up to `limit` that it has not looked at for longest, or all. No chunk
 * holds a snapshot of the database open while its reader asks a model.
 */
export async function* standingLabels(
  sql: Queryable,
  campaignId: string,
  { limit, chunk }: { limit: number | null; chunk: number },
): AsyncGenerator<string[]> {
  if (limit !== null) {
    const oldest = await sql<{ id: string }[]>`
      select item_id as id from model_labels where campaign_id = ${campaignId} order by round, item_id limit ${limit}`;
    for (let from = 0; from < oldest.length; from += chunk) yield oldest.slice(from, from + chunk).map(({ id }) => id);
    return;
  }
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await sql<{ id: string }[]>`
      select item_id as id from model_labels where campaign_id = ${campaignId} and item_id > ${after}
      order by item_id limit ${chunk}`;
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map(({ id }) => id);
    after = last.id;
  }
}

/**
 * What a later model says of items that were labelled; those that it is no longer sure of are in the pool again, as the
 * campaign is told with `tell`. How many.
 */
export async function renewLabels(
  db: Db,
  given: {
    campaignId: string;
    round: number;
    looked: readonly string[];
    kept: readonly ModelLabel[];
    tell: boolean;
  },
): Promise<number> {
  const { campaignId, round, kept, tell } = given;
  const stay = new Set(kept.map(({ itemId }) => itemId));
  const gone = given.looked.filter((id) => !stay.has(id));
  return db.begin(async (tx) => {
    await tx`
      update model_labels m set label = given.label::jsonb, confidence = given.confidence, round = ${round},
        created_at = case when m.label = given.label::jsonb then m.created_at else now() end
      from unnest(${kept.map(({ itemId }) => itemId)}::uuid[], ${kept.map(({ label }) => JSON.stringify(label))}::text[],
        ${kept.map(({ confidence }) => confidence)}::float8[]) as given(id, label, confidence)
      where m.item_id = given.id and m.campaign_id = ${campaignId}`;
    return gone.length === 0 ? 0 : backToPool(tx, { campaignId, tell }, tx`item_id = any(${gone}::uuid[])`);
  });
}

/** Takes back all labels that the campaign's model gave. */
export async function withdrawLabels(db: Db, campaignId: string): Promise<number> {
  return db.begin((tx) => backToPool(tx, { campaignId, tell: true }, tx`true`));
}

async function backToPool(
  tx: Tx,
  { campaignId, tell }: { campaignId: string; tell: boolean },
  which: ReturnType<Tx>,
): Promise<number> {
  const gone = await tx`
    with gone as (
      delete from model_labels where campaign_id = ${campaignId} and ${which} returning item_id
    )
    update items i set state = 'pool' from gone where i.id = gone.item_id returning 1`;
  if (gone.length > 0 && tell) {
    await writeOutbox(tx, [{ kind: 'signal_campaign', targetId: campaignId, message: 'poolGrew', payload: {} }]);
  }
  return gone.length;
}

/** What the audits supported last. */
export async function storeAutoLabeling(sql: Queryable, campaignId: string, state: AutoLabeling): Promise<void> {
  const { threshold, audited, right, low, temperature, round } = state;
  await sql`
    insert into auto_labelings (campaign_id, threshold, audited, agreed, low, temperature, round)
    values (${campaignId}, ${threshold}, ${audited}, ${right}, ${low}, ${temperature}, ${round})
    on conflict (campaign_id) do update set threshold = excluded.threshold, audited = excluded.audited,
      agreed = excluded.agreed, low = excluded.low, temperature = excluded.temperature, round = excluded.round,
      updated_at = now()`;
}

/** What the audits supported last; undefined before the first look. */
export async function autoLabelingOf(sql: Queryable, campaignId: string): Promise<AutoLabeling | undefined> {
  const [row] = await sql<AutoLabeling[]>`
    select threshold, audited, agreed as right, low, temperature, round
    from auto_labelings where campaign_id = ${campaignId}`;
  return row;
}

export interface ModelLabelRow extends ModelLabel {
  readonly key: string;
  readonly payload: unknown;
  readonly createdAt: Date;
}

/** All labels of a campaign that its model gave, a batch at a time. */
export async function* modelLabelBatches(
  sql: Queryable,
  campaignId: string,
  limit = 500,
): AsyncGenerator<ModelLabelRow[]> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await sql<ModelLabelRow[]>`
      select m.item_id as "itemId", m.label, m.confidence, m.created_at as "createdAt", i.key, p.payload
      from model_labels m join items i on i.id = m.item_id join item_payloads p on p.item_id = i.id
      where m.campaign_id = ${campaignId} and m.item_id > ${after}
      order by m.item_id limit ${limit}`;
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.itemId;
  }
}

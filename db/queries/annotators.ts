import { v7 as uuidv7 } from 'uuid';
import type { Tier } from '../../domain/tiers.ts';
import { type Db, json, type Queryable } from '../client.ts';
import type { Role } from '../schema/states.ts';

export interface AnnotatorRow {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly workforce: string;
  readonly tier: Tier;
  readonly specializations: string[];
  readonly standing: 'active' | 'recalibrating' | 'suspended';
  readonly standingReason: string | null;
  readonly qualityScore: number;
  readonly goldTotal: number;
  readonly goldCorrect: number;
  readonly simulated: boolean;
  readonly createdAt: Date;
}

const columns = (sql: Queryable) => sql`
  a.id, a.name, a.kind, a.workforce, a.tier, a.specializations, a.standing, a.standing_reason as "standingReason",
  a.quality_score::float8 as "qualityScore", a.gold_total as "goldTotal", a.gold_correct as "goldCorrect", a.simulated,
  a.created_at as "createdAt"`;

/** Creates an annotator and the key they answer with; only the key's hash is kept. */
export async function insertAnnotator(
  db: Db,
  annotator: {
    name: string;
    kind: string;
    workforce: string;
    tier: Tier;
    specializations: readonly string[];
    simulated: boolean;
    keyHash: string;
  },
): Promise<AnnotatorRow> {
  const id = uuidv7();
  return db.begin(async (tx) => {
    const [row] = await tx<AnnotatorRow[]>`
      insert into annotators as a (id, name, kind, workforce, tier, specializations, simulated)
      values (${id}, ${annotator.name}, ${annotator.kind}, ${annotator.workforce}, ${annotator.tier},
        ${annotator.specializations as string[]}, ${annotator.simulated})
      returning ${columns(tx)}`;
    await tx`
      insert into api_keys (id, hash, role, annotator_id, name)
      values (${uuidv7()}, ${annotator.keyHash}, 'annotator', ${id}, ${annotator.name})`;
    if (!row) throw new Error('The new annotator was not returned.');
    return row;
  });
}

/** Stores a requester's or viewer's key unless that very key is there already. */
export async function insertKey(
  db: Db,
  key: { hash: string; role: 'requester' | 'viewer'; name: string },
): Promise<void> {
  await db`
    insert into api_keys (id, hash, role, name) values (${uuidv7()}, ${key.hash}, ${key.role}, ${key.name})
    on conflict (hash) do nothing`;
}

export interface Principal {
  readonly keyId: string;
  readonly role: Role;
  readonly annotator: AnnotatorRow | null;
}

/** Whose key this is; undefined for an unknown or revoked one. */
export async function principalOf(sql: Queryable, keyHash: string): Promise<Principal | undefined> {
  const [row] = await sql<(AnnotatorRow & { keyId: string; role: Role; annotatorId: string | null })[]>`
    select k.id as "keyId", k.role, k.annotator_id as "annotatorId", ${columns(sql)}
    from api_keys k left join annotators a on a.id = k.annotator_id
    where k.hash = ${keyHash} and k.revoked_at is null`;
  if (!row) return undefined;
  const { keyId, role, annotatorId, ...annotator } = row;
  return { keyId, role, annotator: annotatorId === null ? null : annotator };
}

/** One annotator. */
export async function findAnnotator(sql: Queryable, id: string): Promise<AnnotatorRow | undefined> {
  const [row] = await sql<AnnotatorRow[]>`select ${columns(sql)} from annotators a where a.id = ${id}`;
  return row;
}

/** Annotators in the order they were made, after `cursor`. */
export async function listAnnotators(
  sql: Queryable,
  page: { cursor?: string | undefined; limit: number },
): Promise<AnnotatorRow[]> {
  return sql<AnnotatorRow[]>`
    select ${columns(sql)} from annotators a
    where ${page.cursor === undefined ? sql`true` : sql`a.id > ${page.cursor}`}
    order by a.id limit ${page.limit}`;
}

/** Annotators that could work on a campaign of this tier now, at most `limit` counted. */
export async function countEligible(
  sql: Queryable,
  query: { workforces: readonly string[]; tiers: readonly Tier[]; limit: number },
): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from (
      select 1 from annotators
      where workforce = any(${query.workforces as string[]}) and tier = any(${query.tiers as string[]}) and standing <> 'suspended'
      limit ${query.limit}
    ) eligible`;
  return row?.n ?? 0;
}

export interface StandingUpdate {
  readonly annotatorId: string;
  readonly qualityScore: number;
  readonly goldTotal: number;
  readonly goldCorrect: number;
  readonly standing: AnnotatorRow['standing'];
  readonly change: { from: string; to: string; reason: string; evidence: unknown; key: string } | null;
}

/** Stores what the annotator's workflow knows: scores, standing, and the change with its reason. */
export async function storeStanding(db: Db, update: StandingUpdate): Promise<void> {
  await db.begin(async (tx) => {
    await tx`
      update annotators set quality_score = ${update.qualityScore}, gold_total = ${update.goldTotal},
        gold_correct = ${update.goldCorrect}, standing = ${update.standing},
        standing_reason = coalesce(${update.change?.reason ?? null}, standing_reason)
      where id = ${update.annotatorId}`;
    if (update.change) {
      await tx`
        insert into standing_changes (id, annotator_id, key, from_standing, to_standing, reason, evidence)
        values (${uuidv7()}, ${update.annotatorId}, ${update.change.key}, ${update.change.from}, ${update.change.to},
          ${update.change.reason}, ${json(tx, update.change.evidence)})
        on conflict (key) do nothing`;
    }
  });
}

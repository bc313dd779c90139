import { v7 as uuidv7 } from 'uuid';
import { QuorateError } from '../../domain/failures.ts';
import type { Tier } from '../../domain/tiers.ts';
import { type Db, json, only, type Queryable } from '../client.ts';
import { DEFAULT_ORGANISATION } from '../schema/organisations.ts';
import type { Role } from '../schema/states.ts';

export interface AnnotatorRow {
  readonly id: string;
  readonly organisationId: string;
  readonly name: string;
  readonly kind: string;
  readonly workforce: string;
  readonly tier: Tier;
  readonly specializations: string[];
  /** BCP 47 tags. */
  readonly languages: string[];
  readonly standing: 'active' | 'recalibrating' | 'suspended';
  readonly standingReason: string | null;
  /** Recalibrating because it was time, and not because of answers. */
  readonly routineCheck: boolean;
  /** Standing at the task types where it is not `active`; null where there is none. */
  readonly typeStandings: Readonly<Record<string, TypeStanding>> | null;
  readonly qualityScore: number;
  readonly goldTotal: number;
  readonly goldCorrect: number;
  readonly simulated: boolean;
  readonly createdAt: Date;
}

interface TypeStanding {
  readonly standing: 'recalibrating' | 'suspended';
  readonly standingReason: string | null;
  readonly routineCheck: boolean;
}

const columns = (sql: Queryable) => sql`
  a.id, a.organisation_id as "organisationId", a.name, a.kind, a.workforce, a.tier, a.specializations, a.languages, a.standing, a.standing_reason as "standingReason",
  a.routine_check as "routineCheck",
  (select jsonb_object_agg(s.task_type, jsonb_build_object('standing', s.standing, 'standingReason', s.standing_reason, 'routineCheck', s.routine_check))
    from annotator_standings s
    where s.annotator_id = a.id and s.standing <> 'active') as "typeStandings",
  a.quality_score::float8 as "qualityScore", a.gold_total as "goldTotal", a.gold_correct as "goldCorrect", a.simulated,
  a.created_at as "createdAt"`;

export interface NewAnnotator {
  readonly id?: string;
  /** By default the organisation that was there first. */
  readonly organisationId?: string;
  readonly name: string;
  readonly kind: string;
  readonly workforce: string;
  readonly tier: Tier;
  readonly specializations: readonly string[];
  readonly languages?: readonly string[];
  readonly simulated: boolean;
}

/**
 * Creates an annotator and the key they answer with; only the key's hash is kept. A repeat with the same id finds the
 * annotator, and puts its key in place of one that nobody was told.
 */
export async function insertAnnotator(
  db: Db,
  annotator: NewAnnotator & { keyHash: string; madeBy?: string },
): Promise<AnnotatorRow> {
  return db.begin(async (tx) => {
    if (annotator.id !== undefined) {
      await tx`update api_keys set hash = ${annotator.keyHash} where annotator_id = ${annotator.id} and revoked_at is null`;
      const before = await findAnnotator(tx, annotator.id);
      if (before) return before;
    }
    const row = await insertAnnotatorRow(tx, annotator);
    await tx`
      insert into api_keys (id, organisation_id, hash, role, annotator_id, name, made_by)
      values (${uuidv7()}, ${row.organisationId}, ${annotator.keyHash}, 'annotator', ${row.id}, ${annotator.name},
        ${annotator.madeBy ?? null})`;
    return row;
  });
}

/**
 * Ends an annotator's keys and stores this one, if any, in their place; false when the organisation has no such annotator.
 * `conflict` for a key to one who signs in: nobody else acts as they.
 */
export async function replaceAnnotatorKeys(
  db: Db,
  given: { annotatorId: string; organisationId: string; key?: { id: string; hash: string; madeBy: string } },
): Promise<boolean> {
  const { annotatorId, organisationId, key } = given;
  return db.begin(async (tx) => {
    const [annotator] = await tx<{ name: string }[]>`
      select name from annotators where id = ${annotatorId} and organisation_id = ${organisationId} for update`;
    if (!annotator) return false;
    if (key && (await signsIn(tx, annotatorId))) {
      throw new QuorateError('conflict', `${annotator.name} signs in, and has no use for an API key.`);
    }
    await tx`
      update api_keys set revoked_at = now()
      where annotator_id = ${annotatorId} and revoked_at is null and id is distinct from ${key?.id ?? null}`;
    if (key) {
      await tx`
        insert into api_keys (id, organisation_id, hash, role, annotator_id, name, made_by)
        values (${key.id}, ${organisationId}, ${key.hash}, 'annotator', ${annotatorId}, ${annotator.name}, ${key.madeBy})
        on conflict (id) do update set hash = excluded.hash`;
    }
    return true;
  });
}

/** Whether an annotator is a member of the organisation, who speaks for themselves. */
export async function signsIn(sql: Queryable, annotatorId: string): Promise<boolean> {
  return (await sql`select 1 from members where annotator_id = ${annotatorId}`).length > 0;
}

/** Creates an annotator without a key: one who signs in. */
export async function insertAnnotatorRow(sql: Queryable, annotator: NewAnnotator): Promise<AnnotatorRow> {
  const { id = uuidv7(), organisationId = DEFAULT_ORGANISATION, name, kind, workforce, tier, simulated } = annotator;
  return only(
    await sql<AnnotatorRow[]>`
      insert into annotators as a (id, organisation_id, name, kind, workforce, tier, specializations, languages,
        simulated)
      values (${id}, ${organisationId}, ${name}, ${kind}, ${workforce}, ${tier},
        ${annotator.specializations as string[]}, ${(annotator.languages ?? []) as string[]}, ${simulated})
      returning ${columns(sql)}`,
  );
}

/** The name of keys that servers were started with. */
const SERVER_KEY = 'owner';

/**
 * Stores the owner's key that the server was started with, and ends those it was started with before. False when this
 * one was ended earlier: an ended key does not come back, and ends no other.
 */
export async function storeServerKey(db: Db, hash: string): Promise<boolean> {
  return db.begin(async (tx) => {
    const rows = await tx<{ revokedAt: Date | null }[]>`
      insert into api_keys (id, organisation_id, hash, role, name)
      values (${uuidv7()}, ${DEFAULT_ORGANISATION}, ${hash}, 'owner', ${SERVER_KEY})
      on conflict (hash) do update set role = 'owner' where api_keys.annotator_id is null
      returning revoked_at as "revokedAt"`;
    if (rows[0]?.revokedAt !== null) return false;
    await tx`
      update api_keys set revoked_at = now()
      where organisation_id = ${DEFAULT_ORGANISATION} and role = 'owner' and name = ${SERVER_KEY} and made_by is null
        and hash <> ${hash} and revoked_at is null`;
    return true;
  });
}

export interface Principal {
  /** Of the key, or of the user who signed in: who did it, in records. */
  readonly keyId: string;
  /** Who is behind it: the user, or who made the key. What takes two persons goes by this. */
  readonly personId: string;
  readonly role: Role;
  readonly organisation: { readonly id: string; readonly name: string };
  readonly annotator: AnnotatorRow | null;
  /** Null behind a key. */
  readonly user: { readonly id: string; readonly name: string; readonly email: string } | null;
  /** The permissions a key is limited to; null: all of its role. */
  readonly scopes: readonly string[] | null;
}

type Joined = AnnotatorRow & {
  keyId: string;
  personId: string;
  role: Role;
  annotatorId: string | null;
  home: string;
  homeName: string;
  email: string | null;
  userName: string | null;
  scopes: string[] | null;
};

/** Whose keys these are, by their hashes; an unknown or revoked one is missing. */
export async function principalsOf(sql: Queryable, keyHashes: readonly string[]): Promise<Map<string, Principal>> {
  const rows = await sql<(Joined & { hash: string })[]>`
    select k.hash, k.id as "keyId", coalesce(k.made_by, k.id::text) as "personId", k.role, k.annotator_id as "annotatorId", o.id as home, o.name as "homeName", k.scopes,
      null as email, null as "userName", ${columns(sql)}
    from api_keys k join organisations o on o.id = k.organisation_id left join annotators a on a.id = k.annotator_id
    where k.hash = any(${keyHashes as string[]}) and k.revoked_at is null`;
  return new Map(rows.map(({ hash, ...row }) => [hash, asPrincipal(row)]));
}

/** Who a user is here; undefined for one who is no member of any organisation. */
export async function principalOfUser(sql: Queryable, userId: string): Promise<Principal | undefined> {
  const [row] = await sql<Joined[]>`
    select u.id as "keyId", u.id::text as "personId", m.role, m.annotator_id as "annotatorId", o.id as home, o.name as "homeName", null as scopes,
      u.email, u.name as "userName", ${columns(sql)}
    from users u
    join members m on m.user_id = u.id
    join organisations o on o.id = m.organisation_id
    left join annotators a on a.id = m.annotator_id
    where u.id = ${userId}`;
  return row && asPrincipal(row);
}

function asPrincipal(row: Joined): Principal {
  const { keyId, personId, role, annotatorId, home, homeName, email, userName, scopes, ...annotator } = row;
  return {
    keyId,
    personId,
    role,
    organisation: { id: home, name: homeName },
    annotator: annotatorId === null ? null : annotator,
    user: email === null || userName === null ? null : { id: keyId, name: userName, email },
    scopes,
  };
}

/** One annotator. */
export async function findAnnotator(sql: Queryable, id: string): Promise<AnnotatorRow | undefined> {
  const [row] = await sql<AnnotatorRow[]>`select ${columns(sql)} from annotators a where a.id = ${id}`;
  return row;
}

/** Changes what a person is called or asked; undefined where there is no such person in the organisation. */
export async function changeAnnotator(
  sql: Queryable,
  given: {
    id: string;
    organisationId: string;
    name?: string | undefined;
    tier?: Tier | undefined;
    workforce?: string | undefined;
    languages?: readonly string[] | undefined;
    specializations?: readonly string[] | undefined;
  },
): Promise<AnnotatorRow | undefined> {
  const { id, organisationId, name = null, tier = null, workforce = null } = given;
  const { languages = null, specializations = null } = given;
  const [changed] = await sql<AnnotatorRow[]>`
    update annotators a set name = coalesce(${name}, name), tier = coalesce(${tier}, tier), workforce = coalesce(${workforce}, workforce),
      languages = coalesce(${languages as string[] | null}::text[], languages),
      specializations = coalesce(${specializations as string[] | null}::text[], specializations)
    where id = ${id} and organisation_id = ${organisationId} and kind = 'person' returning ${columns(sql)}`;
  return changed;
}

/** An organisation's annotators in the order they were made, after `cursor`. */
export async function listAnnotators(
  sql: Queryable,
  page: { organisationId: string; cursor?: string | undefined; limit: number },
): Promise<AnnotatorRow[]> {
  return sql<AnnotatorRow[]>`
    select ${columns(sql)} from annotators a
    where a.organisation_id = ${page.organisationId}
      and ${page.cursor === undefined ? sql`true` : sql`a.id > ${page.cursor}`}
    order by a.id limit ${page.limit}`;
}

/** Whom a campaign's settings let work. */
export type Eligible = {
  workforces: readonly string[];
  tiers: readonly Tier[];
  language?: string | undefined;
} & (
  | { campaignId: string }
  /** Of a campaign that is not made yet. */
  | { organisationId: string; simulated: boolean }
);

/** Annotators `a` who may work on a campaign, as what follows `from`. */
export function eligible(sql: Queryable, query: Eligible) {
  const theirs =
    'campaignId' in query
      ? sql`campaigns c join annotators a using (organisation_id)
          where c.id = ${query.campaignId} and (c.simulated or not a.simulated)`
      : sql`annotators a where a.organisation_id = ${query.organisationId} and (${query.simulated} or not a.simulated)`;
  return sql`${theirs}
    and ${query.language === undefined ? sql`true` : speaking(sql, query.language)}
    and workforce = any(${query.workforces as string[]}) and tier = any(${query.tiers as string[]}) and standing <> 'suspended'`;
}

/** Annotators that could work on a campaign of this tier now, at most `limit` counted; simulated ones on simulated only. */
export async function countEligible(sql: Queryable, query: Eligible & { limit: number }): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from (select 1 from ${eligible(sql, query)} limit ${query.limit}) eligible`;
  return row?.n ?? 0;
}

/**
 * Annotators that could work on a campaign now, at most `limit` counted, and how many of its golds that newcomers meet early
 * they have met: no more than `floor` of each, whatever they met beyond it.
 */
export async function earlyGoldsOf(
  sql: Queryable,
  query: Eligible & { readonly campaignId: string; readonly floor: number; readonly limit: number },
): Promise<{ annotators: number; met: number }> {
  const { campaignId, floor } = query;
  return only(
    await sql<{ annotators: number; met: number }[]>`
      select count(*)::int as annotators, coalesce(sum(early.golds), 0)::int as met
      from (select a.id from ${eligible(sql, query)} limit ${query.limit}) annotator
      cross join lateral (
        select count(*) as golds from (
          select from annotations n
          where n.annotator_id = annotator.id and n.campaign_id = ${campaignId} and n.of_gold limit ${floor}
        ) first
      ) early`,
  );
}

/** How many of these answered in the campaign in the last day and are being recalibrated at its type, at most `limit` counted. */
export async function countRecalibrating(
  sql: Queryable,
  query: Eligible & { campaignId: string; taskType: string; limit: number },
): Promise<number> {
  const row = only(
    await sql<{ n: number }[]>`
      select count(*)::int as n from (
        select 1 from ${eligible(sql, query)} and exists (
          select from annotator_standings s
          where s.annotator_id = a.id and s.task_type = ${query.taskType} and s.standing = 'recalibrating'
        ) and exists (
          select from annotations n
          where n.annotator_id = a.id and n.campaign_id = ${query.campaignId} and n.submitted_at > now() - interval '1 day'
        ) limit ${query.limit}) found`,
  );
  return row.n;
}

/** As `speaks` in `domain/routing-reasons.ts`. */
const speaking = (sql: Queryable, language: string) => sql`
  exists (select from unnest(languages) as tag where lower(tag) = lower(${language})
    or starts_with(lower(tag), lower(${language}) || '-'))`;

export interface StandingUpdate {
  readonly annotatorId: string;
  readonly qualityScore: number;
  readonly goldTotal: number;
  readonly goldCorrect: number;
  readonly standing: AnnotatorRow['standing'];
  readonly change: StoredChange | null;
  readonly types: readonly (Omit<TypeStandingRow, 'standingReason'> & { readonly change: StoredChange | null })[];
}

interface StoredChange {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly evidence: unknown;
  readonly key: string;
  readonly routine?: true;
}

export interface TypeStandingRow {
  readonly taskType: string;
  readonly standing: AnnotatorRow['standing'];
  readonly standingReason: string | null;
  /** Golds of the type that it is judged by, and how many of them were right. */
  readonly recentGolds: number;
  readonly recentCorrect: number;
  readonly goldTotal: number;
  readonly goldCorrect: number;
  readonly qualityScore: number;
}

/** An annotator's standing by task type, by name. */
export async function typeStandingsOf(sql: Queryable, annotatorId: string): Promise<TypeStandingRow[]> {
  return sql<TypeStandingRow[]>`
    select task_type as "taskType", standing, standing_reason as "standingReason", recent_golds as "recentGolds",
      recent_correct as "recentCorrect", gold_total as "goldTotal", gold_correct as "goldCorrect",
      quality_score::float8 as "qualityScore"
    from annotator_standings where annotator_id = ${annotatorId} order by task_type`;
}

/** Whether a changed standing is a routine check; null where nothing changed. */
const isRoutine = (change: StoredChange | null) => change && change.routine === true;

/** Stores what the annotator's workflow knows: scores, standing, and the changes with their reasons. */
export async function storeStanding(db: Db, update: StandingUpdate): Promise<void> {
  const changes = [
    ...(update.change ? [{ ...update.change, taskType: null }] : []),
    ...update.types.flatMap(({ taskType, change }) => (change ? [{ ...change, taskType }] : [])),
  ];
  await db.begin(async (tx) => {
    await tx`
      update annotators set quality_score = ${update.qualityScore}, gold_total = ${update.goldTotal},
        gold_correct = ${update.goldCorrect}, standing = ${update.standing},
        routine_check = coalesce(${isRoutine(update.change)}, routine_check),
        standing_reason = coalesce(${changes.at(-1)?.reason ?? null}, standing_reason)
      where id = ${update.annotatorId}`;
    for (const each of update.types) {
      await tx`
        insert into annotator_standings as s (annotator_id, task_type, standing, standing_reason, routine_check,
          recent_golds, recent_correct, gold_total, gold_correct, quality_score)
        values (${update.annotatorId}, ${each.taskType}, ${each.standing}, ${each.change?.reason ?? null},
          ${isRoutine(each.change) ?? false}, ${each.recentGolds}, ${each.recentCorrect}, ${each.goldTotal},
          ${each.goldCorrect}, ${each.qualityScore})
        on conflict (annotator_id, task_type) do update set standing = excluded.standing,
          routine_check = coalesce(${isRoutine(each.change)}, s.routine_check),
          standing_reason = coalesce(excluded.standing_reason, s.standing_reason), recent_golds = excluded.recent_golds,
          recent_correct = excluded.recent_correct, gold_total = excluded.gold_total,
          gold_correct = excluded.gold_correct, quality_score = excluded.quality_score, updated_at = now()`;
    }
    for (const change of changes) {
      await tx`
        insert into standing_changes (id, annotator_id, task_type, key, from_standing, to_standing, reason, evidence)
        values (${uuidv7()}, ${update.annotatorId}, ${change.taskType}, ${change.key}, ${change.from}, ${change.to},
          ${change.reason}, ${json(tx, change.evidence)})
        on conflict (key) do nothing`;
    }
  });
}

/** These annotators, in no order. */
export async function annotatorsNamed(sql: Queryable, ids: readonly string[]): Promise<AnnotatorRow[]> {
  return sql<AnnotatorRow[]>`
    select ${columns(sql)} from annotators a where a.id = any(${ids as string[]}::uuid[])`;
}

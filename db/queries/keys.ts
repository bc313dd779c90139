import { only, type Queryable } from '../client.ts';
import type { Role } from '../schema/states.ts';

export interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly scopes: string[] | null;
  /** The person behind who made it; null: nobody here, as the key that the server was started with. */
  readonly madeBy: string | null;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

const columns = (sql: Queryable) =>
  sql`id, name, role, scopes, made_by as "madeBy", created_at as "createdAt", revoked_at as "revokedAt"`;

/** Stores a new key's hash. A repeat with the same id puts its own in place of one that nobody was told. */
export async function createKey(
  sql: Queryable,
  key: {
    id: string;
    madeBy: string;
    organisationId: string;
    hash: string;
    role: Exclude<Role, 'annotator'>;
    name: string;
    scopes: readonly string[] | null;
  },
): Promise<KeyRow> {
  return only(
    await sql<KeyRow[]>`
      insert into api_keys (id, organisation_id, hash, role, name, scopes, made_by)
      values (${key.id}, ${key.organisationId}, ${key.hash}, ${key.role}, ${key.name}, ${key.scopes as string[] | null},
        ${key.madeBy})
      on conflict (id) do update set hash = excluded.hash
      returning ${columns(sql)}`,
  );
}

/** An organisation's keys that are no annotator's, oldest first, after `cursor`. */
export async function listKeys(
  sql: Queryable,
  page: { organisationId: string; cursor?: string | undefined; limit: number },
): Promise<KeyRow[]> {
  return sql<KeyRow[]>`
    select ${columns(sql)} from api_keys
    where organisation_id = ${page.organisationId} and annotator_id is null
      and ${page.cursor === undefined ? sql`true` : sql`id > ${page.cursor}`}
    order by id limit ${page.limit}`;
}

/** A key, an annotator's too. */
export async function findKey(
  sql: Queryable,
  key: { id: string; organisationId: string },
): Promise<KeyRow | undefined> {
  const [row] = await sql<KeyRow[]>`
    select ${columns(sql)} from api_keys where id = ${key.id} and organisation_id = ${key.organisationId}`;
  return row;
}

/** Ends a key, an annotator's too; false when the organisation has none of this id. */
export async function revokeKey(sql: Queryable, key: { id: string; organisationId: string }): Promise<boolean> {
  const rows = await sql`
    update api_keys set revoked_at = coalesce(revoked_at, now())
    where id = ${key.id} and organisation_id = ${key.organisationId} returning id`;
  return rows.length > 0;
}

export interface MemberRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly annotatorId: string | null;
  readonly createdAt: Date;
}

/** An organisation's people in the order they joined, after `cursor`. */
export async function listMembers(
  sql: Queryable,
  page: { organisationId: string; cursor?: string | undefined; limit: number },
): Promise<MemberRow[]> {
  return sql<MemberRow[]>`
    select u.id, u.name, u.email, m.role, m.annotator_id as "annotatorId", m.created_at as "createdAt"
    from members m join users u on u.id = m.user_id
    where m.organisation_id = ${page.organisationId}
      and ${page.cursor === undefined ? sql`true` : sql`m.user_id > ${page.cursor}`}
    order by m.user_id limit ${page.limit}`;
}

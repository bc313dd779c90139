import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { QuorateError } from '../domain/failures.ts';
import { type Queryable, sqlState } from './client.ts';

const journalSchema = z.object({ entries: z.array(z.object({ when: z.number(), tag: z.string() })) });

/** A schema or table that is not there. */
const NOTHING_YET: ReadonlySet<unknown> = new Set(['3F000', '42P01']);
export const INSUFFICIENT_PRIVILEGE = '42501';

/** The migrations of `folder`, oldest first. */
export function shippedMigrations(folder: string): { when: number; tag: string }[] {
  return journalSchema.parse(JSON.parse(readFileSync(`${folder}/meta/_journal.json`, 'utf8'))).entries;
}

export interface Migrated {
  /** How many of ours the database does not have. */
  readonly pending: number;
  /** Whether it has later ones than ours. */
  readonly newer: boolean;
}

/** How far a database has come. A user who may not read that is taken at their word that it is far enough. */
export async function readMigrated(sql: Queryable, folder: string): Promise<Migrated> {
  const shipped = shippedMigrations(folder);
  try {
    const [row] = await sql<{ newest: number }[]>`
      select coalesce(max(created_at), 0)::float8 as newest from drizzle.__drizzle_migrations`;
    const newest = row?.newest ?? 0;
    return {
      pending: shipped.filter(({ when }) => when > newest).length,
      newer: newest > Math.max(...shipped.map(({ when }) => when)),
    };
  } catch (error) {
    const state = sqlState(error);
    if (state === INSUFFICIENT_PRIVILEGE) return { pending: 0, newer: false };
    if (NOTHING_YET.has(state)) return { pending: shipped.length, newer: false };
    throw error;
  }
}

export const NEWER =
  'This database was migrated by a newer version of Quorate, whose tables this one does not know. Run that version.';

/** Throws `unavailable` unless the database has just the migrations of `folder`. */
export async function requireMigrated(sql: Queryable, folder: string): Promise<void> {
  const { pending, newer } = await readMigrated(sql, folder);
  if (newer) throw new QuorateError('unavailable', NEWER);
  if (pending === 0) return;
  const message = `This database lacks ${pending} ${pending === 1 ? 'migration' : 'migrations'} of this version of Quorate. Run \`quorate migrate\`, then start again.`;
  throw new QuorateError('unavailable', message);
}

/** What a user who may not make tables has to be granted; undefined where nothing lacks. */
export async function missingGrants(sql: Queryable): Promise<string | undefined> {
  const [row] = await sql<{ user: string; database: string; grants: string[] }[]>`
    select current_user as user, current_database() as database, array_remove(array[
      case when not has_database_privilege(current_database(), 'create')
        then format('grant create on database %I to %I', current_database(), current_user) end,
      case when not has_schema_privilege('public', 'create')
        then format('grant create on schema public to %I', current_user) end
    ], null) as grants`;
  if (!row || row.grants.length === 0) return undefined;
  return `The user ${row.user} may not make tables in the database ${row.database}. Let its owner run: ${row.grants.join('; ')};`;
}

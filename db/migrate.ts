import { setTimeout as wait } from 'node:timers/promises';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { QuorateError } from '../domain/failures.ts';
import { INSUFFICIENT_PRIVILEGE, missingGrants, NEWER, readMigrated, shippedMigrations } from './migrated.ts';

// Any constant does, as long as every process uses the same one.
const MIGRATION_LOCK = 7_400_740;
const LOCK_DEADLINE_MS = 60_000;
const MOST_TRIES = 5;
const BETWEEN_TRIES_MS = 2000;
// Of a deadlock, and of a lock that was waited for too long: all is rolled back, and can be done again.
const LOCK_NOT_AVAILABLE = '55P03';
const IN_THE_WAY: ReadonlySet<unknown> = new Set(['40P01', LOCK_NOT_AVAILABLE]);

/**
 * Applies the pending migrations of `folder`, one process at a time.
 * Drizzle itself takes no lock and skips a file that is older than the newest applied one, hence both checks here.
 */
export async function migrateDatabase(url: string, folder: string, lockDeadlineMs = LOCK_DEADLINE_MS): Promise<void> {
  assertJournalIncreases(folder);
  const sql = postgres(url, {
    max: 1,
    types: { bigint: postgres.BigInt },
    onnotice: () => {},
    connection: { application_name: 'quorate-migrate' },
  });
  try {
    // lock_timeout counts for advisory locks too, so a stuck migration elsewhere is reported and not waited for.
    await sql.unsafe(`set lock_timeout = ${lockDeadlineMs}`);
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`.catch((error: unknown) => {
      if (stateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
      const message = `Another process has been migrating this database for over ${lockDeadlineMs / 1000} seconds. See what became of it (in pg_stat_activity it is quorate-migrate), then migrate again.`;
      throw new QuorateError('unavailable', message, { cause: error });
    });
    const { pending, newer } = await readMigrated(sql, folder);
    if (newer) throw new QuorateError('unavailable', NEWER);
    if (pending === 0) return;
    const missing = await missingGrants(sql);
    if (missing !== undefined) throw new QuorateError('unavailable', missing);
    await migrateAgain(() => migrate(drizzle(sql), { migrationsFolder: folder }));
  } finally {
    await sql.end();
  }
}

/** All pending migrations are one transaction, which others who use the same tables can deadlock: then it is begun again. */
async function migrateAgain(apply: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await apply();
      return;
    } catch (error) {
      if (stateOf(error) === INSUFFICIENT_PRIVILEGE) {
        const said = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
        const message = `The database refuses a migration: ${said}. Migrate as the user who made its tables.`;
        throw new QuorateError('unavailable', message, { cause: error });
      }
      if (!IN_THE_WAY.has(stateOf(error))) throw error;
      if (tries === MOST_TRIES) {
        const message = `The database is in use, and its migrations were rolled back ${tries} times. Stop the API and the workers, then migrate again.`;
        throw new QuorateError('unavailable', message, { cause: error });
      }
      await wait(BETWEEN_TRIES_MS);
    }
  }
}

/** PostgreSQL's code of an error, which Drizzle wraps. */
function stateOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  return 'code' in error ? error.code : stateOf(error.cause);
}

/** Throws when a migration is dated before one that precedes it: it would never run where the later one has. */
export function assertJournalIncreases(folder: string): void {
  shippedMigrations(folder).reduce(
    (last, entry) => {
      if (entry.when <= last.when)
        throw new Error(`Migration ${entry.tag} is dated before ${last.tag}; make it again.`);
      return entry;
    },
    { when: 0, tag: 'the start' },
  );
}

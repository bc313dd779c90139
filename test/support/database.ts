import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { connect, type Db } from '../../db/client.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { loadConfig } from '../../runtime/config.ts';
import { startPostgres } from '../../runtime/postgres.ts';
import { freePort } from './ports.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that a global set-up started for the whole run, if one did. */
    databaseServer: string;
  }
}

const TEMPLATE = 'quorate_template';
const MIGRATIONS = new URL('../../db/migrations/', import.meta.url);

export interface TestServer {
  /** Of the server's own database; `createTestDatabase` makes others beside it. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a PostgreSQL for tests, with one migrated database to copy from. */
export async function startDatabaseServer(): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-pg-'));
  // As root, PostgreSQL runs as another user, who keeps the data here only if it can pass through.
  chmodSync(folder, 0o755);
  const server = await startPostgres({
    dataDir: join(folder, 'data'),
    port: await freePort(),
    cacheDir: loadConfig().cacheDir,
    log: () => undefined,
  });
  await administer(server.url, `create database ${TEMPLATE}`);
  await migrateDatabase(databaseUrl(server.url, TEMPLATE), fileURLToPath(MIGRATIONS));
  return {
    url: server.url,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface TestDatabase {
  readonly url: string;
  readonly db: Db;
  drop(): Promise<void>;
}

// Without a global set-up the test file's process has a server of its own, for as long as it has databases.
let own: { server: Promise<TestServer>; users: number } | undefined;

/** An empty, migrated database for one test file. `waitForDisk` false: for many commits, where no machine crashes. */
export async function createTestDatabase(options: { waitForDisk?: false } = {}): Promise<TestDatabase> {
  const shared = inject('databaseServer') as string | undefined;
  if (shared === undefined) {
    own ??= { server: startDatabaseServer(), users: 0 };
    own.users += 1;
  }
  const server = shared ?? (await own?.server)?.url ?? '';
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(server, `create database ${name} template ${TEMPLATE}`);
  const url = databaseUrl(server, name);
  const db = connect(url, { max: 40, name: 'quorate-test', ...options });
  return {
    url,
    db,
    async drop() {
      await db.end({ timeout: 5 });
      await administer(server, `drop database ${name} with (force)`);
      if (shared !== undefined || !own) return;
      own.users -= 1;
      if (own.users > 0) return;
      const last = await own.server;
      own = undefined;
      await last.stop();
    },
  };
}

/** Applies one migration once more, to rows as earlier versions left them. `name`: without its number. */
export async function applyAgain(db: Db, name: string): Promise<void> {
  const file = readdirSync(MIGRATIONS).find((each) => each.endsWith(`_${name}.sql`)) ?? '';
  await db.unsafe(readFileSync(new URL(file, MIGRATIONS), 'utf8'));
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function administer(server: string, statement: string): Promise<void> {
  const sql = connect(server, { max: 1, name: 'quorate-test-admin' });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

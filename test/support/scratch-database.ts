import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, type Db } from '../../db/client.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { loadConfig } from '../../runtime/config.ts';
import { freePort } from '../../runtime/ports.ts';
import { startPostgres } from '../../runtime/postgres.ts';

/** A PostgreSQL of this test file's own, with all migrations applied. */
export async function startScratchDatabase(): Promise<{ url: string; db: Db; drop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-pg-'));
  const server = await startPostgres({
    dataDir: join(folder, randomUUID()),
    port: await freePort(),
    cacheDir: loadConfig().cacheDir,
    log: () => undefined,
  });
  await migrateDatabase(server.url, fileURLToPath(new URL('../../db/migrations', import.meta.url)));
  const db = connect(server.url, { max: 40, name: 'quorate-test' });
  return {
    url: server.url,
    db,
    drop: async () => {
      await db.end({ timeout: 5 });
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

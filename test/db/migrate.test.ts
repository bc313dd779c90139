import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../db/client.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';

let made: Awaited<ReturnType<typeof createTestDatabase>>;
const folder = mkdtempSync(join(tmpdir(), 'quorate-migrations-'));
beforeAll(async () => {
  made = await createTestDatabase();
});
afterAll(async () => {
  await made.drop();
  rmSync(folder, { recursive: true, force: true });
});

test('a migration that a live process deadlocks is rolled back and applied again', async () => {
  mkdirSync(join(folder, 'meta'));
  const entries = [{ idx: 0, version: '7', when: 9_000_000_000_000, tag: '0000_later', breakpoints: true }];
  writeFileSync(
    join(folder, 'meta', '_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
  );
  const statements = ['alter table ledger add column later int;', 'alter table tasks add column later int;'];
  writeFileSync(join(folder, '0000_later.sql'), statements.join('--> statement-breakpoint\n'));
  const live = connect(made.url, { max: 1, name: 'quorate-test-live' });
  let migrated: Promise<void> | undefined;
  await live.begin(async (tx) => {
    // The migration, which waits first, is the one that PostgreSQL ends.
    await tx`set local deadlock_timeout = '1min'`;
    await tx`lock table tasks in row exclusive mode`;
    migrated = migrateDatabase(made.url, folder);
    await until('the migration waits', async () => {
      const waiting = await made.db`
        select 1 from pg_stat_activity
        where datname = current_database() and application_name = 'quorate-migrate' and wait_event_type = 'Lock'`;
      return waiting.length > 0;
    });
    await tx`lock table ledger in row exclusive mode`;
  });
  await migrated;
  await live.end();
  expect(await made.db`select later from ledger union all select later from tasks`).toEqual([]);
});

test('a migration that another one keeps waiting says so', async () => {
  const other = connect(made.url, { max: 1, name: 'quorate-test-other' });
  await other`select pg_advisory_lock(7400740)`;
  await expect(migrateDatabase(made.url, folder, 200)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('Another process has been migrating this database'),
  });
  await other.end();
});

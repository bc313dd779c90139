import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { examine } from '../../cli/commands/doctor-database.ts';
import { paths } from '../../cli/paths.ts';
import { connect } from '../../db/client.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { requireMigrated } from '../../db/migrated.ts';
import { quorate } from '../cli/run.ts';
import { createTestDatabase } from '../support/database.ts';

let made: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  made = await createTestDatabase();
});
afterAll(() => made.drop());

/** Another database of the server, made by and empty; `as`: of a user who may do no more than connect. */
async function emptyDatabase(as?: string) {
  const name = `empty_${randomUUID().replaceAll('-', '')}`;
  await made.db.unsafe(`create database ${name}`);
  const url = new URL(made.url);
  url.pathname = `/${name}`;
  if (as !== undefined) {
    await made.db.unsafe(`create role ${as} login password 'test'`);
    url.username = as;
    url.password = 'test';
  }
  const db = connect(url.href, { max: 1, name: 'quorate-test' });
  return {
    url: url.href,
    db,
    async drop() {
      await db.end({ timeout: 5 });
      await made.db.unsafe(`drop database ${name} with (force)`);
      if (as !== undefined) await made.db.unsafe(`drop role ${as}`);
    },
  };
}

test('a user who may make no tables is told what to grant, by whoever needs them', async () => {
  const user = `tenant_${randomUUID().slice(0, 8)}`;
  const { url, drop } = await emptyDatabase(user);
  const grants = expect.stringMatching(
    new RegExp(
      `The user ${user} may not make tables in .* grant create on database empty_\\w+ to ${user}; grant create on schema public to ${user};$`,
    ),
  );
  await expect(migrateDatabase(url, paths.migrations)).rejects.toMatchObject({ code: 'unavailable', message: grants });
  expect((await examine(url)).checks).toEqual([
    { name: 'Tables', status: 'missing', detail: 'cannot be made', fix: grants },
  ]);
  await drop();
});

test('nothing works on a database that is not migrated, or by a newer version', async () => {
  const { url, db, drop } = await emptyDatabase();
  await expect(requireMigrated(db, paths.migrations)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(
      /^This database lacks \d+ migrations of this version of Quorate\. Run `quorate migrate`/,
    ),
  });
  expect((await examine(url)).checks).toMatchObject([{ name: 'Tables', status: 'warn' }]);
  await migrateDatabase(url, paths.migrations);
  await requireMigrated(db, paths.migrations);
  await db`insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 9000000000000)`;
  const newer = { code: 'unavailable', message: expect.stringContaining('by a newer version of Quorate') };
  await expect(requireMigrated(db, paths.migrations)).rejects.toMatchObject(newer);
  await expect(migrateDatabase(url, paths.migrations)).rejects.toMatchObject(newer);
  expect((await examine(url)).checks).toMatchObject([{ name: 'Tables', status: 'missing' }]);
  await drop();
});

test('a proof that fails takes no other with it', async () => {
  await made.db`alter table decisions rename to decisions_away`;
  const { checks } = await examine(made.url);
  await made.db`alter table decisions_away rename to decisions`;
  expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'Tables ok',
    'Durability ok',
    'Ledger ok',
    'Pay owed ok',
    'Answers to be paid ok',
    'Books ok',
    'Invariants warn',
  ]);
});

test('the books of a database that is not ours, or not up to date, are told of in a sentence', async () => {
  const said =
    'lacks tables of this version of Quorate. Is it the right one? `quorate migrate` brings it up to date.\n';
  vi.stubEnv('QUORATE_DATABASE_URL', made.url.replace(/\/[^/]*$/, '/postgres'));
  const foreign = await quorate(undefined, 'ledger', 'verify');
  expect(foreign).toMatchObject({ code: 1, out: '', err: expect.stringContaining(said) });
  await made.db`alter table ledger drop column kind cascade`;
  vi.stubEnv('QUORATE_DATABASE_URL', made.url);
  expect(await quorate(undefined, 'ledger', 'export')).toMatchObject({ code: 1, err: expect.stringContaining(said) });
});

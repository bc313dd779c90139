import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../db/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import { swallowingNetwork } from '../support/swallowing-network.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('a host that dies without a word is found out in seconds, and nobody waits for its locks without end', async () => {
  const db = connect(database.url, { max: 1 });
  const rows = await db<{ name: string; setting: string }[]>`
    select name, setting from pg_settings
    where name ~ '^tcp_' or name in ('idle_in_transaction_session_timeout', 'lock_timeout')`;
  const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, Number(setting)]));
  const {
    tcp_keepalives_idle: idle = 0,
    tcp_keepalives_interval: every = 0,
    tcp_keepalives_count: times = 0,
  } = settings;
  expect(idle * every * times).toBeGreaterThan(0);
  expect(idle + every * times).toBeLessThan(15);
  expect(settings.tcp_user_timeout).toBe(15_000);
  expect(settings.idle_in_transaction_session_timeout).toBe(60_000);
  // Below the 30 s after which an activity is tried anew.
  expect(settings.lock_timeout).toBe(20_000);
  await db.end();
});

const ENCRYPTION = [{ tls: false }, { tls: true }];

test.each(ENCRYPTION)(
  'a server that says nothing any more is given up, and asked again by another connection: %j',
  async (encryption) => {
    const network = await swallowingNetwork(database.url, encryption);
    const db = connect(network.url, { max: 1, silentMs: 500 });
    try {
      await db`select pg_sleep(0.2)`;
      network.swallow();
      await expect(db`select 1`).rejects.toThrow('CONNECTION_CLOSED');
      expect(await db`select 1 as one`).toEqual([{ one: 1 }]);
      network.swallow();
      await expect(db.begin((tx) => tx`select 1`)).rejects.toThrow('CONNECTION_CLOSED');
      expect(await db`select 2 as two`).toEqual([{ two: 2 }]);
    } finally {
      await db.end({ timeout: 0 });
      network.close();
    }
  },
);

test.each(ENCRYPTION)('what is asked as soon as a connection was reset is answered: %j', async (encryption) => {
  const network = await swallowingNetwork(database.url, encryption);
  const db = connect(network.url, { max: 1 });
  try {
    await db`select 1`;
    const again = expect(db`select pg_sleep(60)`)
      .rejects.toThrow()
      .then(() => db`select 2 as two`);
    await until('it is asked', async () => {
      const asked = await database.db`select 1 from pg_stat_activity where query = 'select pg_sleep(60)'`;
      return asked.length > 0;
    });
    network.reset();
    expect(await again).toEqual([{ two: 2 }]);
    expect(await db`select 3 as three`).toEqual([{ three: 3 }]);
  } finally {
    await db.end({ timeout: 0 });
    network.close();
  }
});

test('one that was asked nothing may be silent for as long as it likes', async () => {
  const db = connect(database.url, { max: 1, silentMs: 100 });
  const [before] = await db`select pg_backend_pid() as pid`;
  await database.db`select pg_sleep(0.5)`;
  expect(await db`select pg_backend_pid() as pid`).toEqual([before]);
  await db.end();
});

test('what is acknowledged is on the disk, whatever the server does by itself; leases need not be', async () => {
  const { name } = await database.db`select current_database() as name`.then(([row]) => row as { name: string });
  await database.db.unsafe(`alter database "${name}" set synchronous_commit = off`);
  const setting = async (options: { waitForDisk?: boolean }) => {
    const db = connect(database.url, { max: 1, ...options });
    const [row] = await db<{ setting: string }[]>`select current_setting('synchronous_commit') as setting`;
    await db.end();
    return row?.setting;
  };
  expect(await setting({})).toBe('on');
  expect(await setting({ waitForDisk: false })).toBe('off');
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../db/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

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

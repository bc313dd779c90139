import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { quorate } from '../cli/run.ts';
import { createTestDatabase } from '../support/database.ts';

let made: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  made = await createTestDatabase();
});
afterAll(() => made.drop());

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

import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { startApi } from '../../api/main.ts';
import { storeServerKey } from '../../db/queries/annotators.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/ports.ts';
import { swallowingNetwork } from '../support/swallowing-network.ts';
import { openAll, spam } from './rig.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('with Temporal away the owner can prepare and annotators can answer; what needs Temporal says so', async () => {
  const ownerKey = newApiKey();
  const options = {
    databaseUrl: database.url,
    temporal: { connectionOptions: { address: `127.0.0.1:${await freePort()}` }, namespace: 'default' },
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    ownerKey,
  };
  // Twice, as after a restart: the key is there already.
  await (await startApi(options)).close();
  const api = await startApi(options);
  const call = async (key: string, method: string, path: string, body?: unknown) => {
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    // biome-ignore lint/suspicious/noExplicitAny: a test reads arbitrary JSON
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as any };
  };
  try {
    const { id } = (await call(ownerKey, 'POST', '/v1/campaigns', spam)).body;
    await call(ownerKey, 'POST', `/v1/campaigns/${id}/items`, [{ text: 'Buy now' }]);
    const annotator = (await call(ownerKey, 'POST', '/v1/annotators', { name: 'Ada' })).body;
    for (const name of ['Bo', 'Cy']) await call(ownerKey, 'POST', '/v1/annotators', { name });

    const start = await call(ownerKey, 'POST', `/v1/campaigns/${id}/start`);
    expect(start, 'it starts as soon as it can').toMatchObject({ status: 200, body: { state: 'running' } });
    expect((await call(ownerKey, 'POST', `/v1/campaigns/${id}/pause`)).body).toMatchObject({ code: 'unavailable' });
    const ready = await call(ownerKey, 'GET', '/readyz');
    expect(ready).toMatchObject({ status: 200, body: { ready: true, database: 'ok', temporal: 'unreachable' } });

    await openAll(database.db, id);
    const next = await call(annotator.apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
    expect(next.status).toBe(200);
    const path = `/v1/assignments/${next.body.assignmentId}/annotation`;
    expect((await call(annotator.apiKey, 'POST', path, { label: 'spam', timeSpentS: 4 })).status).toBe(201);
    // Started with another key, the one before has ended, for this process within a second or so.
    const other = newApiKey();
    await (await startApi({ ...options, ownerKey: other })).close();
    await expect.poll(async () => (await call(ownerKey, 'GET', '/v1/campaigns')).status).toBe(401);
    expect((await call(other, 'GET', '/v1/campaigns')).status).toBe(200);
    await (await startApi(options)).close();
    expect((await call(ownerKey, 'GET', '/v1/campaigns')).status, 'an ended key does not come back').toBe(401);
    expect(await storeServerKey(database.db, hashKey(other)), 'nor does it end the one that followed').toBe(true);
  } finally {
    await api.close();
  }
});

test('whoever asks if it is ready hears soon that the database says nothing', async () => {
  const network = await swallowingNetwork(database.url);
  const api = await startApi({
    databaseUrl: network.url,
    temporal: { connectionOptions: { address: `127.0.0.1:${await freePort()}` }, namespace: 'default' },
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
  });
  const ready = async () => {
    const response = await fetch(`${api.url}/readyz`, { signal: AbortSignal.timeout(10_000) });
    return { status: response.status, body: await response.json() };
  };
  try {
    expect((await ready()).status).toBe(200);
    network.swallow();
    await expect
      .poll(ready, { timeout: 20_000 })
      .toMatchObject({ status: 503, body: { ready: false, database: 'unreachable' } });
  } finally {
    network.cut();
    await api.close();
    network.close();
  }
});

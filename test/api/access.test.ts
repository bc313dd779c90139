import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashKey } from '../../api/keys.ts';
import { openApiDocument } from '../../api/openapi-document.ts';
import { addAnnotators, nobodysId, type Rig, startRig } from './rig.ts';

const OPEN = ['GET /healthz', 'GET /metrics', 'GET /readyz'];
const READERS = [
  'GET /v1/annotators',
  'GET /v1/annotators/{id}',
  'GET /v1/campaigns',
  'GET /v1/campaigns/{id}',
  'GET /v1/campaigns/{id}/events',
  'GET /v1/campaigns/{id}/export',
  'GET /v1/campaigns/{id}/quality',
  'GET /v1/campaigns/{id}/quality/reports',
  'GET /v1/campaigns/{id}/tasks',
  'GET /v1/cost',
  'GET /v1/tasks/{id}',
];
const ANNOTATORS = [
  'GET /v1/me',
  'POST /v1/annotations/{id}/contest',
  'POST /v1/assignments/next',
  'POST /v1/assignments/{id}/annotation',
  'POST /v1/assignments/{id}/release',
  'POST /v1/assignments/{id}/skip',
];

const document = await openApiDocument();
const routes = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
  Object.keys(methods ?? {}).map((method) => `${method.toUpperCase()} ${path}`),
);

let rig: Rig;
let annotator: string;
beforeAll(async () => {
  rig = await startRig();
  annotator = (await addAnnotators(rig, 1))[0]?.apiKey ?? '';
});
afterAll(() => rig.close());

async function statusFor(key: string | undefined, route: string): Promise<number> {
  const [method = '', path = ''] = route.split(' ');
  return (await rig.call(key, method, path.replace('{id}', nobodysId()), method === 'GET' ? undefined : {})).status;
}

describe('every route', () => {
  test('the lists here name routes that exist', () => {
    for (const route of [...OPEN, ...READERS, ...ANNOTATORS]) expect(routes).toContain(route);
    expect(routes.length).toBeGreaterThan(25);
  });

  test.each(routes)('%s', async (route) => {
    const [nobody, asAnnotator, asViewer, asRequester] = [
      await statusFor(undefined, route),
      await statusFor(annotator, route),
      await statusFor(rig.viewer, route),
      await statusFor(rig.requester, route),
    ];
    if (OPEN.includes(route)) {
      expect([nobody, asAnnotator, asViewer, asRequester]).toEqual([200, 200, 200, 200]);
      return;
    }
    expect(nobody).toBe(401);
    const admitted = (status: number) => status !== 401 && status !== 403 && status < 500;
    expect(admitted(asAnnotator)).toBe(ANNOTATORS.includes(route));
    expect(admitted(asViewer)).toBe(READERS.includes(route));
    expect(admitted(asRequester)).toBe(!ANNOTATORS.includes(route));
  });
});

describe('keys', () => {
  test('are taken from either header, and wrong ones are refused', async () => {
    const path = '/v1/campaigns';
    expect((await rig.call(undefined, 'GET', path, undefined, { 'x-api-key': rig.viewer })).status).toBe(200);
    for (const authorization of ['Bearer', 'Bearer nonsense', `Basic ${rig.viewer}`, `Bearer ${'x'.repeat(5000)}`]) {
      expect((await rig.call(undefined, 'GET', path, undefined, { authorization })).body).toMatchObject({
        code: 'unauthorized',
      });
    }
  });

  test('are not stored, and a revoked one stops working within a second or so', async () => {
    const [{ hash } = { hash: '' }] = await rig.db<
      { hash: string }[]
    >`select hash from api_keys where name = 'watcher'`;
    expect(hash).toBe(hashKey(rig.viewer));
    const [other] = await addAnnotators(rig, 1);
    expect((await rig.call(other?.apiKey, 'GET', '/v1/me')).status).toBe(200);
    await rig.db`update api_keys set revoked_at = now() where hash = ${hashKey(other?.apiKey ?? '')}`;
    await expect.poll(async () => (await rig.call(other?.apiKey, 'GET', '/v1/me')).status, { timeout: 5000 }).toBe(401);
  });

  test('a suspension takes effect within a second or so', async () => {
    const [other] = await addAnnotators(rig, 1);
    const next = () => rig.call(other?.apiKey, 'POST', '/v1/assignments/next');
    expect((await next()).status).toBe(204);
    await rig.db`update annotators set standing = 'suspended' where id = ${other?.id ?? ''}`;
    await expect.poll(async () => (await next()).body?.code, { timeout: 5000 }).toBe('suspended');
  });
});

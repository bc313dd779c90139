import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { openApiDocument } from '../../api/openapi-document.ts';
import { insertKey } from '../support/keys.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';

type Schema = { description?: string; anyOf?: Schema[]; properties?: Record<string, Schema>; examples?: unknown };
type Part = { content?: Record<string, { schema?: Schema }> };
type Described = {
  parameters?: { name: string; description?: string; schema?: Schema }[];
  requestBody?: Part;
  responses?: Record<string, Part>;
};

/** Where something may be null what else it may be says what it is. */
const says = ({ description, anyOf = [] }: Schema): boolean => Boolean(description) || anyOf.some(says);

function silentFields(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, examples: _, ...rest } = schema as Schema;
  const here = Object.entries(properties).flatMap(([name, field]) => (says(field) ? [] : [name]));
  return [...here, ...[...Object.values(properties), ...Object.values(rest)].flatMap(silentFields)];
}

let rig: Rig;
let url: string;
let webRoot: string;
beforeAll(async () => {
  webRoot = mkdtempSync(join(tmpdir(), 'quorate-web-'));
  writeFileSync(join(webRoot, 'progress.html'), '<!doctype html><title>Progress</title>');
  writeFileSync(join(webRoot, 'index.html'), '<!doctype html><title>Quorate</title>');
  mkdirSync(join(webRoot, 'assets'));
  writeFileSync(join(webRoot, 'assets', 'app-1a2b.js'), '1;');
  rig = await startRig({ webRoot });
  url = await rig.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await rig.close();
  rmSync(webRoot, { recursive: true });
});

describe('pages', () => {
  test('static pages are served with a policy that allows no foreign or inline code', async () => {
    const page = await rig.call(undefined, 'GET', '/progress.html?campaign=x');
    expect(page.status).toBe(200);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    expect((await rig.call(undefined, 'GET', '/../package.json')).status).toBe(404);
    expect((await rig.call(undefined, 'GET', '/nowhere.html')).body).toMatchObject({ status: 404, code: 'not_found' });
  });

  test('every page of the application is its one file, and what carries a hash is kept for ever', async () => {
    const html = { headers: { accept: 'text/html,*/*' } };
    for (const path of ['/', '/annotate', '/campaigns/4ddb9a40-33bb-4a54-b0e1-8f1c34d7c1a5']) {
      const page = await fetch(`${url}${path}`, html);
      expect(await page.text()).toContain('<title>Quorate</title>');
      expect(page.headers.get('cache-control')).toContain('max-age=0');
    }
    expect((await fetch(`${url}/v1/nothing`, html)).status).toBe(404);
    expect((await fetch(`${url}/annotate`, { ...html, method: 'POST' })).status).toBe(404);
    const asset = await fetch(`${url}/assets/app-1a2b.js`);
    expect(asset.headers.get('cache-control')).toContain('immutable');
  });

  test('the documentation is there', async () => {
    expect((await rig.call(undefined, 'GET', '/docs/')).text).toContain('swagger-ui');
    const served = await rig.call(undefined, 'GET', '/openapi.json');
    expect(served.body.info.title).toBe('Quorate');
  });

  test('the OpenAPI document in docs/ is what the routes say (update it with `vitest -u`)', async () => {
    const text = `${JSON.stringify(await openApiDocument(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../docs/openapi.json');
  });
});

describe('every parameter and every field of the documented API', () => {
  test('says what it is', async () => {
    const { paths = {} } = await openApiDocument();
    const silent = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods ?? {}).flatMap(([method, described]) => {
        const { parameters = [], requestBody, responses } = described as Described;
        const unsaid = parameters.filter(({ description, schema }) => !description && !says(schema ?? {}));
        const fields = [requestBody, ...Object.values(responses ?? {})].flatMap((part) =>
          Object.values(part?.content ?? {}).flatMap(({ schema }) => silentFields(schema)),
        );
        return [...unsaid.map(({ name }) => name), ...fields].map((name) => `${name} of ${method} ${path}`);
      }),
    );
    expect(silent).toEqual([]);
  });
});

describe('health', () => {
  test('is told to anybody', async () => {
    expect((await rig.call(undefined, 'GET', '/healthz')).body).toEqual({ status: 'ok' });
    expect((await rig.call(undefined, 'GET', '/readyz')).body).toMatchObject({
      ready: true,
      database: 'ok',
      temporal: 'ok',
    });
  });

  test('metrics name routes, not ids', async () => {
    await rig.call(rig.requester, 'GET', '/v1/campaigns/4ddb9a40-33bb-4a54-b0e1-8f1c34d7c1a5');
    const { text } = await rig.call(undefined, 'GET', '/metrics');
    expect(text).toContain('quorate_http_request_seconds_count{method="GET",route="/v1/campaigns/:id",status="404"} 1');
    expect(text).toMatch(/^quorate_outbox_waiting \d+$/m);
    expect(text).not.toMatch(/gold|4ddb9a40/);
  });
});

describe('events', () => {
  const listen = (id: string, signal?: AbortSignal) =>
    fetch(`${url}/v1/campaigns/${id}/events`, {
      headers: { authorization: `Bearer ${rig.viewer}` },
      ...(signal ? { signal } : {}),
    });

  test('tell of changes and end when the campaign has ended', async () => {
    const { id } = await runningCampaign(rig);
    const response = await listen(id);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const states: string[] = [];
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream() as never) ?? []) {
      text += chunk;
      states.push(...[...text.matchAll(/^data: (.*)\n\n/gm)].map(([, json]) => JSON.parse(json ?? '').state));
      text = text.slice(text.lastIndexOf('\n\n') + 2);
      if (states.length === 1) await rig.db`update campaigns set state = 'finished', ended_at = now() where id = ${id}`;
    }
    expect(states[0]).toBe('running');
    expect(states.at(-1)).toBe('finished');
  });

  test('end when whoever reads them has lost their key', async () => {
    const { id } = await runningCampaign(rig);
    const key = newApiKey();
    await insertKey(rig.db, { hash: hashKey(key), role: 'viewer', name: 'leaving' });
    const response = await fetch(`${url}/v1/campaigns/${id}/events`, { headers: { authorization: `Bearer ${key}` } });
    const reader = response.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    await rig.db`update api_keys set revoked_at = now() where hash = ${hashKey(key)}`;
    let isDone = false;
    while (!isDone) isDone = (await reader?.read())?.done ?? true;
    expect(isDone).toBe(true);
  });

  test('are ten at once for each key, and an ended one makes room', async () => {
    const { id } = await runningCampaign(rig);
    const leave = new AbortController();
    const open = await Promise.all(Array.from({ length: 10 }, () => listen(id, leave.signal)));
    expect(open.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    const refused = await listen(id);
    expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining('too_many_requests')]);
    leave.abort();
    const again = new AbortController();
    await expect.poll(async () => (await listen(id, again.signal)).status, { timeout: 10_000 }).toBe(200);
    again.abort();
  });

  test('end when the server closes, and so does it', async () => {
    const other = await startRig();
    const where = await other.app.listen({ host: '127.0.0.1', port: 0 });
    const { id } = await runningCampaign(other);
    const response = await fetch(`${where}/v1/campaigns/${id}/events`, {
      headers: { authorization: `Bearer ${other.viewer}` },
    });
    const reader = response.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    const startedMs = performance.now();
    await other.app.close();
    expect(performance.now() - startedMs).toBeLessThan(9000);
    await other.close();
  });
});

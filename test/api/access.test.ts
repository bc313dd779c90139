import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { openApiDocument } from '../../api/openapi-document.ts';
import { EXAMPLES } from '../../api/openapi-examples.ts';
import { insertKey } from '../support/keys.ts';
import { addAnnotators, nobodysId, type Rig, runningCampaign, spam, startRig } from './rig.ts';

const OPEN = [
  'GET /healthz',
  'GET /metrics',
  'GET /readyz',
  'GET /v1/auth/callback/{provider}',
  'GET /v1/auth/get-session',
  'GET /v1/invitations/{token}',
  'GET /v1/setup',
  'POST /v1/auth/change-password',
  'POST /v1/auth/request-password-reset',
  'POST /v1/auth/reset-password',
  'POST /v1/auth/sign-in/email',
  'POST /v1/auth/sign-in/social',
  'POST /v1/auth/sign-out',
  'POST /v1/invitations/{token}/accept',
  'POST /v1/setup',
];
const EVERY_ROLE = ['GET /v1/me'];
const READERS = [
  'GET /v1/campaigns/{id}/vendor-incidents',
  'GET /v1/campaigns/{id}/vendor-orders',
  'GET /v1/judges',
  'GET /v1/vendors',
  'GET /v1/annotators',
  'GET /v1/annotators/{id}',
  'GET /v1/annotators/{id}/calibrations',
  'GET /v1/annotators/{id}/consistency',
  'GET /v1/budget',
  'GET /v1/campaigns',
  'GET /v1/campaigns/{id}',
  'GET /v1/campaigns/{id}/agreement',
  'GET /v1/campaigns/{id}/agreement/history',
  'GET /v1/campaigns/{id}/annotators',
  'GET /v1/campaigns/{id}/budget',
  'GET /v1/campaigns/{id}/contested',
  'GET /v1/campaigns/{id}/events',
  'GET /v1/campaigns/{id}/export',
  'GET /v1/campaigns/{id}/instructions',
  'GET /v1/campaigns/{id}/judges',
  'GET /v1/campaigns/{id}/pay',
  'GET /v1/campaigns/{id}/platforms',
  'GET /v1/campaigns/{id}/quality',
  'GET /v1/campaigns/{id}/quality/reports',
  'GET /v1/campaigns/{id}/tasks',
  'GET /v1/campaigns/{id}/template',
  'GET /v1/quality/reports',
  'GET /v1/cost',
  'GET /v1/cost/settings',
  'POST /v1/plan',
  'POST /v1/plan/start',
  'GET /v1/tasks/{id}',
];
const REVIEWERS = [
  'GET /v1/adjudications',
  'GET /v1/appeals',
  'GET /v1/campaigns/{id}/gold-candidates',
  'GET /v1/reports',
  'GET /v1/campaigns/{id}/reports',
  'POST /v1/campaigns/{id}/reports/{reportId}/done',
  'POST /v1/appeals/{id}/resolve',
  'POST /v1/tasks/{id}/adjudicate',
  'POST /v1/tasks/{id}/promote',
];
const OWNERS = [
  'GET /v1/organisations',
  'POST /v1/organisations',
  'GET /v1/invitations',
  'GET /v1/keys',
  'GET /v1/members',
  'PATCH /v1/members/{id}',
  'DELETE /v1/members/{id}',
  'POST /v1/invitations',
  'POST /v1/invitations/{id}/revoke',
  'POST /v1/keys',
  'POST /v1/keys/{id}/revoke',
  'GET /v1/ledger/entries',
  'PUT /v1/budget',
  'POST /v1/payouts',
  'POST /v1/payouts/{id}/approve',
  'POST /v1/payouts/{id}/cancel',
  'GET /v1/payouts/{id}/file',
  'POST /v1/payouts/{id}/report',
  'POST /v1/payouts/{id}/resolve',
  'PUT /v1/pay-floors',
  'POST /v1/annotators/{id}/region',
  'PUT /v1/cost/settings',
  'PUT /v1/annotators/{id}/payout-account',
];
const ANNOTATORS = [
  'POST /v1/me/calibrations',
  'POST /v1/me/calibrations/{id}/answers',
  'GET /v1/me/calibrations',
  'GET /v1/me/calibrations/{id}',
  'GET /v1/me/earnings',
  'GET /v1/me/adjustments',
  'PUT /v1/me/payout-account',
  'POST /v1/adjustments/{id}/dispute',
  'DELETE /v1/assignments/{id}/draft',
  'GET /v1/assignments/{id}/draft',
  'GET /v1/me/assignments',
  'GET /v1/me/work',
  'GET /v1/me/answers',
  'GET /v1/me/statistics',
  'POST /v1/annotations/{id}/contest',
  'POST /v1/assignments/next',
  'POST /v1/assignments/{id}/annotation',
  'POST /v1/assignments/{id}/extend',
  'POST /v1/assignments/{id}/release',
  'POST /v1/assignments/{id}/report',
  'POST /v1/assignments/{id}/skip',
  'PUT /v1/assignments/{id}/draft',
];
/** An annotator's key, which somebody else has made, is not shown where their pay goes: this takes signing in. */
const SIGNED_IN = ['GET /v1/me/payout-account', 'GET /v1/me/payout-account/changes'];
/** What there is only later, as a run's file is. */
const UNREADY = ['GET /v1/payouts/{id}/file', 'GET /v1/assignments/{id}/draft'];
const ROLES = ['owner', 'requester', 'reviewer', 'viewer', 'annotator'] as const;

/** Who may call a route; routes that are in no list are for those who run campaigns. */
function admittedTo(route: string): readonly string[] {
  if (OPEN.includes(route) || EVERY_ROLE.includes(route)) return ROLES;
  if (SIGNED_IN.includes(route)) return [];
  if (ANNOTATORS.includes(route)) return ['annotator'];
  if (OWNERS.includes(route)) return ['owner'];
  if (REVIEWERS.includes(route)) return ['owner', 'requester', 'reviewer'];
  if (READERS.includes(route)) return ['owner', 'requester', 'reviewer', 'viewer'];
  return ['owner', 'requester'];
}

const document = await openApiDocument();
const routes = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
  Object.keys(methods ?? {}).map((method) => `${method.toUpperCase()} ${path}`),
);

let rig: Rig;
const keys = new Map<string, string>();
beforeAll(async () => {
  rig = await startRig();
  for (const role of ['owner', 'requester', 'reviewer', 'viewer'] as const) keys.set(role, await newKey(role));
  keys.set('annotator', (await addAnnotators(rig, 1))[0]?.apiKey ?? '');
});
afterAll(() => rig.close());

async function newKey(role: 'owner' | 'requester' | 'reviewer' | 'viewer', organisationId?: string): Promise<string> {
  const key = newApiKey();
  const home = organisationId === undefined ? {} : { organisationId };
  await insertKey(rig.db, { hash: hashKey(key), role, name: role, ...home });
  return key;
}

/** Another organisation, and a key of its owner. */
async function neighbours(): Promise<{ id: string; key: string }> {
  const id = uuidv7();
  await rig.db`insert into organisations (id, name) values (${id}, 'Neighbours')`;
  return { id, key: await newKey('owner', id) };
}

async function statusFor(key: string | undefined, route: string, id = nobodysId()): Promise<number> {
  const [method = '', path = ''] = route.split(' ');
  const filled = path.replace('{id}', id).replace('{token}', 'x'.repeat(43));
  return (await rig.call(key, method, filled, method === 'GET' ? undefined : {})).status;
}

describe('every route', () => {
  test('the lists here name routes that exist', () => {
    for (const route of [...OPEN, ...EVERY_ROLE, ...READERS, ...REVIEWERS, ...OWNERS, ...ANNOTATORS]) {
      expect(routes).toContain(route);
    }
    expect(routes.length).toBeGreaterThan(40);
  });

  test.each(routes)('%s as every role and as nobody', async (route) => {
    const nobody = await statusFor(undefined, route);
    if (OPEN.includes(route)) {
      // Changing a password asks for the session itself.
      if (!route.includes('change-password')) expect([401, 403]).not.toContain(nobody);
      return;
    }
    expect(nobody).toBe(401);
    for (const role of ROLES) {
      const status = await statusFor(keys.get(role), route);
      expect(status, role).toBeLessThan(500);
      expect(status !== 401 && status !== 403, `${role} got ${status}`).toBe(admittedTo(route).includes(role));
    }
  });
});

/** One of everything that routes name by id: ours. */
async function possessions() {
  const owner = keys.get('owner');
  const { id: campaigns, taskIds, annotators } = await runningCampaign(rig);
  const [first, second] = annotators;
  const next = async (key?: string) =>
    (await rig.call(key, 'POST', '/v1/assignments/next', { campaignId: campaigns })).body.assignmentId as string;
  const label = async (key?: string) => {
    const given = { label: 'spam', timeSpentS: 20 };
    return rig.call(key, 'POST', `/v1/assignments/${await next(key)}/annotation`, given);
  };
  const answer = await label(first?.apiKey);
  const annotations = answer.body.annotationId as string;
  const contest = `/v1/annotations/${annotations}/contest`;
  const appeal = await rig.call(first?.apiKey, 'POST', contest, { reason: 'It is spam.' });
  const bonus = { annotatorId: first?.id, amountUsd: '1', reason: 'Well done.' };
  const adjustment = await rig.call(owner, 'POST', `/v1/campaigns/${campaigns}/bonuses`, bonus);
  const payout = await rig.call(owner, 'POST', '/v1/payouts', { period: '2020-01' });
  const invitation = await rig.call(owner, 'POST', '/v1/invitations', { email: 'ana@example.org', role: 'viewer' });
  const key = await rig.call(owner, 'POST', '/v1/keys', { name: 'spare', role: 'viewer' });
  const calibration = uuidv7();
  await rig.db`
    insert into calibration_sessions (id, annotator_id, campaign_id, task_type, reason, questions, needed)
    values (${calibration}, ${first?.id ?? ''}, ${campaigns}, 'classification', 'recalibration', 6, 5)`;
  const members = uuidv7();
  await rig.db`insert into users (id, name, email) values (${members}, 'Rosa', ${`${members}@example.org`})`;
  await rig.db`
    insert into members (user_id, organisation_id, role)
    select ${members}, organisation_id, 'viewer' from campaigns where id = ${campaigns}`;
  const report = await rig.call(second?.apiKey, 'POST', `/v1/assignments/${await next(second?.apiKey)}/report`, {
    reason: 'broken: the picture is missing',
  });
  expect(report.status).toBeLessThan(300);
  const reports = await rig.call(owner, 'GET', `/v1/campaigns/${campaigns}/reports`);
  const [order, incidentId] = [uuidv7(), uuidv7()];
  await rig.db`
    insert into vendor_orders (id, campaign_id, vendor, key, policy_version, price_micros, deadline_at)
    values (${order}, ${campaigns}, 'prolific', ${order}, 1, 1, now())`;
  await rig.db`
    insert into vendor_incidents (id, order_id, kind, key, detail, evidence)
    values (${incidentId}, ${order}, 'price_differs', ${incidentId}, 'It asks for more.', '{}')`;
  const assignments = await next(annotators[2]?.apiKey);
  const [judge] = await addAnnotators(rig, 1);
  const annotatorId = judge?.id ?? '';
  await label(judge?.apiKey);
  await rig.db`update annotators set kind = 'llm' where id = ${annotatorId}`;
  await rig.db`
    insert into vendor_workers (organisation_id, vendor, worker_id, annotator_id)
    select organisation_id, 'llm', ${`judge:${annotatorId}:v1`}, id from annotators where id = ${annotatorId}`;
  await rig.db`
    insert into judge_trusts (campaign_id, annotator_id, trust, cause, correlation, agrees_same, agrees_of, recent_same,
      recent_of, people_same, people_of, distrusted_at)
    values (${campaigns}, ${annotatorId}, 'distrusted', 'fell', 1, 0, 0, 0, 0, 0, 0, now())`;
  const ids: Record<string, string> = {
    ...{ campaigns, annotations, calibrations: calibration, members, incidentId },
    ...{ tasks: taskIds[0] ?? '', annotators: first?.id ?? '', annotatorId },
    ...{ assignments, appeals: appeal.body.id, adjustments: adjustment.body.id },
    ...{ payouts: payout.body.id, invitations: invitation.body.id, keys: key.body.id },
    reportId: reports.body.items[0]?.id,
  };
  for (const [what, id] of Object.entries(ids)) expect(id, what).toMatch(/^[0-9a-f-]{36}$/);
  return { ids, annotator: first?.apiKey, holder: annotators[2]?.apiKey };
}

/** What is in the database, as a digest of each table. */
async function everything() {
  const tables = await rig.db<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public'`;
  const digest = async ({ name }: { name: string }) => {
    const rows = rig.db`select md5(string_agg(t::text, ' ' order by t::text)) as md5 from ${rig.db(name)} t`;
    return [name, (await rows)[0]?.md5];
  };
  return Object.fromEntries(await Promise.all(tables.map(digest)));
}

describe('another organisation', () => {
  const filled = (route: string, ids: Readonly<Record<string, string>>) => {
    const [method = '', path = ''] = route.split(' ');
    const collection = /([a-z-]+)\/\{id\}/.exec(path)?.[1] ?? '';
    return [method, path.replaceAll(/\{(\w+)\}/g, (_, name) => ids[name === 'id' ? collection : name] ?? '')] as const;
  };
  /** What is sent as the route's example is, about these things. */
  const bodyOf = (route: string, ids: Readonly<Record<string, string>>) => {
    const body = EXAMPLES[route.replaceAll(/\{(\w+)\}/g, ':$1')]?.body;
    if (body === undefined || Array.isArray(body)) return body;
    const names = Object.keys(body as object).filter((name) => name === 'campaignId' || name === 'annotatorId');
    return { ...(body as object), ...Object.fromEntries(names.map((name) => [name, ids[NAMED[name] ?? '']])) };
  };
  const NAMED: Readonly<Record<string, string>> = { campaignId: 'campaigns', annotatorId: 'annotators' };
  const send = async (key: string | undefined, route: string, ids: Readonly<Record<string, string>>) => {
    const [method, path] = filled(route, ids);
    return (await rig.call(key, method, path, method === 'GET' ? undefined : bodyOf(route, ids))).status;
  };
  // Reading first, last what ends things, so that they are there for all else.
  const rank = (route: string) =>
    route.startsWith('GET ')
      ? 0
      : ANNOTATORS.includes(route)
        ? 1
        : /DELETE|revoke|cancel|stop|key$/.test(route)
          ? 3
          : 2;
  const byId = routes
    .filter((route) => /\{id\}/.test(route) && !OPEN.includes(route))
    .toSorted((a, b) => rank(a) - rank(b));

  test('finds nothing of ours by any route, and all of it is there for us', async () => {
    const { ids, annotator, holder } = await possessions();
    const { key: theirs } = await neighbours();
    for (const list of [
      'campaigns',
      'annotators',
      'appeals',
      'adjudications',
      'reports',
      'quality/reports',
      'invitations',
      'adjustments',
      'payouts',
    ]) {
      expect((await rig.call(theirs, 'GET', `/v1/${list}`)).body.items, list).toEqual([]);
    }
    const { apiKey: stranger } = (await rig.call(theirs, 'POST', '/v1/annotators', { name: 'Stranger' })).body;
    expect(byId.length).toBeGreaterThan(75);
    const before = await everything();
    for (const route of byId) {
      const isWork = ANNOTATORS.includes(route);
      // Somebody else's lease is not theirs, whosoever it is.
      const refused = route.includes('/assignments/') ? 403 : 404;
      expect(await send(isWork ? stranger : theirs, route, ids), route).toBe(refused);
    }
    // An answer that says 404 may come of looking again after writing.
    expect(await everything()).toEqual(before);
    for (const route of byId) {
      if (route.endsWith('/events')) continue;
      const worker = route.includes('/assignments/') ? holder : annotator;
      const status = await send(ANNOTATORS.includes(route) ? worker : keys.get('owner'), route, ids);
      expect([401, 404], route).not.toContain(status);
      if (route.startsWith('GET ') && !UNREADY.includes(route)) expect(status, route).toBeLessThan(300);
    }
  });

  test('names nothing of ours in what it asks about its own', async () => {
    const { ids } = await possessions();
    const { key: theirs } = await neighbours();
    const { apiKey: stranger } = (await rig.call(theirs, 'POST', '/v1/annotators', { name: 'Stranger' })).body;
    const campaign = (await rig.call(theirs, 'POST', '/v1/campaigns', spam)).body.id as string;
    const mixed = { ...ids, campaigns: campaign };
    const before = await everything();
    for (const route of routes.filter((each) => /\{id\}.*\{\w+Id\}/.test(each))) {
      expect(await send(theirs, route, mixed), route).toBe(404);
    }
    expect(await send(theirs, 'POST /v1/campaigns/{id}/bonuses', mixed)).toBe(404);
    expect(await everything()).toEqual(before);
    for (const path of ['/v1/me/calibrations', '/v1/assignments/next']) {
      expect((await rig.call(stranger, 'POST', path, { campaignId: ids.campaigns })).status, path).toBe(404);
    }
    expect((await rig.call(stranger, 'POST', '/v1/assignments/next', {})).status).toBe(204);
    expect((await rig.call(theirs, 'POST', '/v1/plan', { campaignId: ids.campaigns })).status).toBe(404);
    for (const [list, key] of [
      ...(['appeals', 'adjudications', 'ledger/entries', 'cost'] as const).map((each) => [each, theirs] as const),
      ['me/work', stranger] as const,
    ]) {
      const query = `campaignId=${ids.campaigns}${list === 'cost' ? '&tasks=10' : ''}`;
      expect((await rig.call(key, 'GET', `/v1/${list}?${query}`)).status, list).toBe(404);
    }
    const ofOurs = await rig.call(theirs, 'GET', `/v1/adjustments?annotatorId=${ids.annotators}`);
    expect(ofOurs).toMatchObject({ status: 200, body: { items: [] } });
  });
});

describe('a vendor that both buy of', () => {
  test('tells its errors to whose order they are about', async () => {
    const { id: other, key: theirs } = await neighbours();
    const campaigns = { [other]: theirs, ours: keys.get('owner') };
    const seen: unknown[] = [];
    for (const [who, key] of Object.entries(campaigns)) {
      const { body } = await rig.call(key, 'POST', '/v1/campaigns', spam);
      await rig.db`
        insert into vendor_orders (id, campaign_id, vendor, key, policy_version, price_micros, deadline_at, last_error)
        values (${uuidv7()}, ${body.id}, 'scale', ${who}, 1, 1, now(), ${who === 'ours' ? 'project SECRET is gone' : null})`;
    }
    await rig.db`insert into vendor_health (vendor, failures, last_error) values ('scale', 3, 'project SECRET is gone')`;
    for (const key of Object.values(campaigns)) {
      const { body } = await rig.call(key, 'GET', '/v1/vendors');
      seen.push(body.items.find((each: { vendor: string }) => each.vendor === 'scale').circuit);
    }
    expect(seen).toMatchObject([
      { failures: 3, lastError: null },
      { failures: 3, lastError: 'project SECRET is gone' },
    ]);
  });
});

describe('scopes', () => {
  test('limit a key to some of what its role may do', async () => {
    const key = await newKey('requester');
    await rig.db`update api_keys set scopes = '{campaigns:read}' where hash = ${hashKey(key)}`;
    expect(await statusFor(key, 'GET /v1/campaigns')).toBe(200);
    expect(await statusFor(key, 'GET /v1/me')).toBe(200);
    expect(await statusFor(key, 'GET /v1/annotators')).toBe(403);
    expect(await statusFor(key, 'POST /v1/campaigns')).toBe(403);
  });
});

describe('a key with scopes', () => {
  test('makes none that may do more, and no owner', async () => {
    const key = await newKey('owner');
    await rig.db`update api_keys set scopes = '{people:manage,campaigns:read,annotators:read}' where hash = ${hashKey(key)}`;
    const make = async (fields: object) => {
      const given = { name: 'child', role: 'owner', ...fields };
      return (await rig.call(key, 'POST', '/v1/keys', given)).status;
    };
    expect(await make({})).toBe(403);
    expect(await make({ scopes: ['campaigns:read', 'pay:manage'] })).toBe(403);
    expect(await make({ scopes: ['campaigns:read'] })).toBe(201);
    const invite = async (role: string) =>
      (await rig.call(key, 'POST', '/v1/invitations', { email: `${role}@example.org`, role })).status;
    expect([await invite('owner'), await invite('requester'), await invite('viewer')]).toEqual([403, 403, 201]);
    const promoted = await rig.call(key, 'PATCH', `/v1/members/${nobodysId()}`, { role: 'owner' });
    expect(promoted.status).toBe(403);
  });
});

describe('a key with scopes, of those who may do more,', () => {
  test('removes none, demotes none and ends no key; of others it does', async () => {
    const [owner, key, wide] = await Promise.all(['owner', 'owner', 'owner'].map(() => newKey('owner')));
    await rig.db`update api_keys set scopes = '{people:manage,campaigns:read}' where hash = ${hashKey(key ?? '')}`;
    const user = async (role: string) => {
      const id = nobodysId();
      await rig.db`insert into users (id, name, email) values (${id}, ${role}, ${`${id}@example.org`})`;
      await rig.db`
        insert into members (user_id, organisation_id, role)
        select ${id}, organisation_id, ${role} from api_keys where hash = ${hashKey(key ?? '')}`;
      return id;
    };
    const other = await user('owner');
    await user('owner');
    const status = async (method: 'DELETE' | 'PATCH' | 'POST', path: string, body?: object, as = key) =>
      (await rig.call(as, method, path, body)).status;
    expect(await status('DELETE', `/v1/members/${other}`)).toBe(403);
    expect(await status('PATCH', `/v1/members/${other}`, { role: 'viewer' })).toBe(403);
    const idOf = async (of = '') =>
      (await rig.db<{ id: string }[]>`select id from api_keys where hash = ${hashKey(of)}`)[0]?.id;
    expect(await status('POST', `/v1/keys/${await idOf(wide)}/revoke`, {})).toBe(403);
    await rig.db`update api_keys set scopes = '{campaigns:read,pay:manage}' where hash = ${hashKey(wide ?? '')}`;
    expect(await status('POST', `/v1/keys/${await idOf(wide)}/revoke`, {})).toBe(403);
    await rig.db`update api_keys set scopes = '{campaigns:read}' where hash = ${hashKey(wide ?? '')}`;
    expect(await status('POST', `/v1/keys/${await idOf(wide)}/revoke`, {})).toBe(204);
    expect(await status('DELETE', `/v1/members/${await user('viewer')}`)).toBe(403);
    expect(await status('DELETE', `/v1/members/${other}`, undefined, owner)).toBe(200);
  });
});

describe('keys', () => {
  test('of an annotator are replaced or ended by whoever may make annotators', async () => {
    const made = await rig.call(rig.requester, 'POST', '/v1/annotators', { name: 'Ada' });
    const me = async (key: string) => (await rig.call(key, 'GET', '/v1/me')).status;
    expect(await me(made.body.apiKey)).toBe(200);
    const path = `/v1/annotators/${made.body.id}/key`;
    expect((await rig.call(made.body.apiKey, 'POST', path)).status).toBe(403);
    const { status, body } = await rig.call(rig.requester, 'POST', path);
    expect(status).toBe(201);
    expect(await me(body.apiKey)).toBe(200);
    await expect.poll(() => me(made.body.apiKey)).toBe(401);
    expect((await rig.call(rig.requester, 'POST', `${path}/revoke`)).status).toBe(204);
    await expect.poll(() => me(body.apiKey)).toBe(401);
    expect((await rig.call(rig.requester, 'POST', `/v1/annotators/${nobodysId()}/key`)).status).toBe(404);
  });

  test('that are wrong get an answer that no page, frame or cache makes anything of', async () => {
    const { status, headers } = await rig.call(newApiKey(), 'GET', '/v1/campaigns');
    expect(status).toBe(401);
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });

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
    expect((await next()).status).toBeLessThan(300);
    await rig.db`update annotators set standing = 'suspended' where id = ${other?.id ?? ''}`;
    await expect.poll(async () => (await next()).body?.code, { timeout: 5000 }).toBe('suspended');
  });
});

import { type AddressInfo, createServer, type Server as TcpServer } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { afterEach, expect, test } from 'vitest';
import { connect, type Db } from '../../db/client.ts';
import { until } from '../support/rig.ts';
import { type HeldStack, holdUp, lastWords, makePlace, type Place, requireBuild } from '../support/stack.ts';
import { type Asked, FakeServer, type Reply } from '../vendors/fake.ts';
import * as stage from '../workers/stage.ts';

requireBuild();

let place: Place | undefined;
let stack: HeldStack | undefined;
let rude: FakeServer | undefined;
let post: TcpServer | undefined;
let db: Db | undefined;
const set: string[] = [];

afterEach(async () => {
  await db?.end({ timeout: 5 });
  await stack?.stop();
  await rude?.stop();
  post?.close();
  place?.remove();
  for (const name of set) delete process.env[name];
});

const PATIENCE_MS = 120_000;
const VENDORS = ['http_vendor', 'scale_ai', 'surge_ai', 'prolific', 'labelbox', 'mturk'] as const;

/** Throws what it is sent back at whoever asks, but for what single sign-on needs to get so far. */
function throwBack({ path, headers, raw }: Asked, issuer: string): Reply {
  if (path === '/oidc/.well-known/openid-configuration') {
    const at = (name: string) => `${issuer}/${name}`;
    const ends = { authorization_endpoint: at('authorize'), token_endpoint: at('token'), jwks_uri: at('jwks') };
    return { status: 200, body: { issuer, ...ends, id_token_signing_alg_values_supported: ['RS256'] } };
  }
  const decoded = Buffer.from(headers.authorization?.split(' ')[1] ?? '', 'base64').toString('latin1');
  const said = `I do not like ${JSON.stringify(headers)} ${decoded} ${raw.toString('utf8')}`;
  if (!/^\/(labelbox|prolific|scale_ai)\//.test(path)) return { status: 400, body: said };
  // As an error of the vendor's own, which its adapter reads; GraphQL has it with a status that says that all is well.
  const errors = [{ message: said, extensions: { code: 'FORBIDDEN' } }];
  return { status: path.startsWith('/labelbox/') ? 200 : 400, body: { error: said, errors } };
}

/** A mail server that says at once what it was told. */
async function rudePost(heard: string[]): Promise<TcpServer> {
  const server = createServer((socket) => {
    socket.write('220 rude\r\n');
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const line = chunk.toString('utf8').trim();
      heard.push(line);
      if (/^(EHLO|HELO)/i.test(line)) return void socket.write('250-rude\r\n250 AUTH PLAIN\r\n');
      const told = Buffer.from(line.split(' ').at(-1) ?? '', 'base64')
        .toString('utf8')
        .replaceAll('\0', ' ');
      return void socket.write(/^AUTH/i.test(line) ? `535 I do not like ${line} ${told}\r\n` : '250 ok\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

test('no credential is in a log, an answer, a workflow history or the database, whoever throws it back', {
  timeout: 900_000,
}, async (context) => {
  let base = '';
  const vendors = new FakeServer({ admit: () => undefined, answer: (asked) => throwBack(asked, `${base}/oidc`) });
  rude = vendors;
  base = await vendors.start();
  const mailed: string[] = [];
  post = await rudePost(mailed);
  const smtp = (post.address() as AddressInfo).port;
  const planted = (name: string) => `planted${name}ThatMustNotComeOut`;
  const hook = Buffer.from(planted('HookSecret')).toString('base64');
  const secrets = {
    QUORATE_VENDOR_TOKEN: planted('VendorToken'),
    QUORATE_VENDOR_WEBHOOK_SECRET: `whsec_${hook}`,
    SCALE_API_KEY: planted('ScaleKey'),
    SCALE_CALLBACK_AUTH_KEY: planted('ScaleCallback'),
    SURGE_API_KEY: planted('SurgeKey'),
    SURGE_CALLBACK_SECRET: planted('SurgeCallback'),
    PROLIFIC_TOKEN: planted('ProlificToken'),
    PROLIFIC_WEBHOOK_SECRET: planted('ProlificHook'),
    LABELBOX_API_KEY: planted('LabelboxKey'),
    LABELBOX_WEBHOOK_SECRET: planted('LabelboxHook'),
    MTURK_ACCESS_KEY_ID: planted('MturkId').toUpperCase(),
    MTURK_SECRET_ACCESS_KEY: planted('MturkSecret'),
    JUDGE_API_KEY: planted('JudgeKey'),
    QUORATE_OIDC_CLIENT_SECRET: planted('OidcSecret'),
  };
  const [model, mail] = [planted('ModelKey'), planted('MailPassword')];
  const settings = {
    ...secrets,
    QUORATE_MODEL_KEYS: `${new URL(base).host}=${model}`,
    QUORATE_MODEL_HOSTS: new URL(base).host,
    QUORATE_SMTP_URL: `smtp://quorate:${mail}@127.0.0.1:${smtp}`,
    QUORATE_MAIL_FROM: 'quorate@example.org',
    QUORATE_OIDC_ISSUER: `${base}/oidc`,
    QUORATE_OIDC_CLIENT_ID: 'quorate',
    QUORATE_VENDOR_BASE_URL: `${base}/http_vendor`,
    SCALE_BASE_URL: `${base}/scale_ai`,
    SURGE_BASE_URL: `${base}/surge_ai`,
    PROLIFIC_BASE_URL: `${base}/prolific`,
    PROLIFIC_WORKSPACE_ID: 'workspace',
    LABELBOX_BASE_URL: `${base}/labelbox`,
    MTURK_BASE_URL: `${base}/mturk`,
    JUDGE_BASE_URL: `${base}/llm`,
    JUDGE_MODEL: 'm',
    JUDGE_INPUT_USD_PER_MTOK: '1',
    JUDGE_OUTPUT_USD_PER_MTOK: '1',
    QUORATE_LOG_LEVEL: 'debug',
  };
  for (const [name, value] of Object.entries(settings)) {
    process.env[name] = value;
    set.push(name);
  }
  place = await makePlace();
  const held = await holdUp(place);
  stack = held;
  context.onTestFailed(() => console.error(lastWords(held.lines)));
  const own = connect(held.databaseUrl, { max: 4, name: 'secrets' });
  db = own;
  const answers: string[] = [];
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${held.url}${path}`, {
      ...{ method, redirect: 'manual' },
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...{ 'sec-fetch-site': 'same-origin', ...headers },
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    answers.push(text, JSON.stringify([...response.headers]));
    return { status: response.status, text, headers: response.headers };
  };

  // Vendors and a judge.
  for (const vendor of [...VENDORS, 'llm'] as const) {
    const workforces = vendor === 'llm' ? ['llm', 'internal'] : [vendor];
    const made = await stage.scene(own, { items: 1, settings: { workforces, redundancy: 2 } });
    await stage.plan(own, made, 1);
  }
  // Embeddings.
  const auth = { authorization: `Bearer ${held.apiKey}` };
  const { text } = await call(
    'POST',
    '/v1/campaigns',
    {
      ...{ name: 'Embedded', type: 'classification', config: { labels: ['a', 'b'] }, budgetUsd: '1000' },
      ...{
        simulated: true,
        strategy: 'diversity',
        features: { embeddings: { url: `${base}/embeddings`, model: 'm' } },
      },
    },
    auth,
  );
  const { id } = JSON.parse(text) as { id: string };
  const items = Array.from({ length: 30 }, (_, at) => ({ key: `${at}`, text: `message ${at}` }));
  expect((await call('POST', `/v1/campaigns/${id}/items`, items, auth)).status).toBe(200);
  const started = await call('POST', `/v1/campaigns/${id}/start`, {}, auth);
  expect(started.status, started.text).toBeLessThan(300);
  await own.notify('quorate_outbox', '');
  // Mail.
  const token = new URL(held.setupUrl ?? '').searchParams.get('token');
  const owner = { name: 'Olga', email: 'olga@example.org', password: 'correct horse battery', organisation: 'Acme' };
  expect((await call('POST', '/v1/setup', { ...owner, token })).status).toBeLessThan(300);
  expect((await call('POST', '/v1/auth/request-password-reset', { email: owner.email })).status).toBe(200);
  // Single sign-on.
  const begin = await call('POST', '/v1/auth/sign-in/social', { provider: 'oidc', callbackURL: '/campaigns' });
  const state = new URL((JSON.parse(begin.text) as { url: string }).url).searchParams.get('state');
  const cookie = begin.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  await call('GET', `/v1/auth/callback/oidc?code=code&state=${state}`, undefined, { cookie });

  const asked = () => new Set(vendors.asked.map(({ path }) => path.split('/')[1]));
  await until(
    'all have been asked',
    () => [...VENDORS, 'llm', 'embeddings'].every((each) => asked().has(each)),
    PATIENCE_MS,
  );
  await until('the mail was refused', () => mailed.some((line) => /^AUTH/i.test(line)), PATIENCE_MS);
  await until(
    'single sign-on was refused',
    () => vendors.asked.some(({ path }) => path === '/oidc/token'),
    PATIENCE_MS,
  );
  await until(
    'the refusals are noted',
    async () => {
      const noted = await own<{ vendor: string }[]>`
        select distinct vendor from vendor_orders where last_error is not null`;
      return noted.length >= VENDORS.length;
    },
    PATIENCE_MS,
  );
  const campaigns = await own<{ id: string }[]>`select id from campaigns`;
  for (const each of campaigns) {
    for (const part of ['vendor-orders', 'vendor-incidents', 'judges']) {
      await call('GET', `/v1/campaigns/${each.id}/${part}`, undefined, auth);
    }
  }
  await call('GET', '/v1/vendors', undefined, auth);

  const connection = await Connection.connect({ address: held.temporal.address });
  const client = new Client({ connection, namespace: held.temporal.namespace });
  const histories: string[] = [];
  try {
    for await (const run of client.workflow.list()) {
      const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
      histories.push(
        JSON.stringify(history, (_key, value: unknown) =>
          value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
        ),
      );
    }
  } finally {
    await connection.close();
  }
  const tables = await own<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`;
  const rows: string[] = [];
  for (const { name } of tables) {
    rows.push(...(await own<{ row: string }[]>`select t::text as row from ${own(name)} t`).map(({ row }) => row));
  }
  const places = {
    logs: held.lines.join('\n'),
    answers: answers.join('\n'),
    histories: histories.join('\n'),
    database: rows.join('\n'),
  };
  // They were thrown back, and what was said about that was kept.
  expect(places.database).toContain('I do not like');
  expect(places.histories.length).toBeGreaterThan(1000);
  const all = [...Object.values(secrets), hook, planted('HookSecret'), model, mail];
  const found = Object.entries(places).flatMap(([where, content]) =>
    all.filter((secret) => content.includes(secret)).map((secret) => `${secret} in the ${where}`),
  );
  expect(found).toEqual([]);
});

import type { OpenAPIV3_1 } from 'openapi-types';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createActivities } from '../../activities/index.ts';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { ANSWERS } from '../../api/openapi-answers.ts';
import { EXAMPLES } from '../../api/openapi-examples.ts';
import type { Mail } from '../../api/sign-in/mail.ts';
import { setupTokenOf } from '../../api/sign-in/setup-link.ts';
import { collectRun, exportRun } from '../../db/queries/payouts.ts';
import { seededRng } from '../../domain/rng.ts';
import { insertKey } from '../support/keys.ts';
import { CLIENT, type Provider, startProvider } from '../support/oidc-provider.ts';
import { until } from '../support/rig.ts';
import { paidPerson } from './paid.ts';
import { type Browser, browserOf, join, seat, signIn } from './people.ts';
import { Recorded } from './recorded.ts';
import { addAnnotators, type Rig, runningCampaign, SECRET, startRig } from './rig.ts';

let rig: Rig;
let provider: Provider;
let document: OpenAPIV3_1.Document;
const mails: Mail[] = [];
beforeAll(async () => {
  provider = await startProvider();
  const oidc = { issuer: provider.issuer, clientId: CLIENT, clientSecret: 'secret', name: 'Acme login' };
  const mailer = { delivers: true, send: async (mail: Mail) => void mails.push(mail) };
  rig = await startRig({
    now: () => new Date(Date.now() + 60 * 86_400_000),
    random: seededRng('examples').next,
    signIn: { publicUrl: 'http://localhost:7400', mailer, oidc },
  });
  document = (await rig.call(undefined, 'GET', '/openapi.json')).body;
});
afterAll(async () => {
  await rig.close();
  provider.close();
});

type Content = { content?: Record<string, { schema?: object }> };

function operation(route: string) {
  const [method = '', path = ''] = route.split(' ');
  const described = document.paths?.[path.replaceAll(/:(\w+)/g, '{$1}')];
  return described?.[method.toLowerCase() as 'get'];
}

/** Without patterns that name classes of characters: zod reads them in a mode that does not know these; the server does. */
function withoutClasses(schema: object): object {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === 'pattern' && typeof value === 'string' && value.includes('\\p{') ? undefined : value,
  );
  return JSON.parse(text) as object;
}

/** The schema of what is sent, or of an answer; throws where the document has none. */
function schemaOf(route: string, status?: number): z.ZodType {
  const found = operation(route);
  const part = (status === undefined ? found?.requestBody : found?.responses?.[status]) as Content | undefined;
  const schema = part?.content?.['application/json']?.schema;
  if (!schema) throw new Error(`The document says nothing of ${route} ${status ?? 'body'}.`);
  return z.fromJSONSchema(withoutClasses(schema) as z.core.JSONSchema.JSONSchema);
}

const fault = (schema: z.ZodType, value: unknown) => {
  const { error } = schema.safeParse(value);
  return error && z.prettifyError(error);
};

/** Examples of answers are what the schemas want, and are in the document. */
function holdAnswers(route: string, answers: Readonly<Record<number, unknown>> = {}): void {
  for (const [status, answer] of Object.entries(answers)) {
    expect(fault(schemaOf(route, Number(status)), answer)).toBeUndefined();
    expect(JSON.stringify(operation(route)?.responses?.[status])).toContain(JSON.stringify(answer));
  }
}

describe("the document's examples", () => {
  test.each(Object.entries(EXAMPLES))('%s are what the schemas want, and are in the document', (route, example) => {
    if (example.body !== undefined) {
      expect(fault(schemaOf(route), example.body)).toBeUndefined();
      expect(JSON.stringify(operation(route)?.requestBody)).toContain(JSON.stringify(example.body));
    }
    holdAnswers(route, example.answers);
  });

  test.each(Object.entries(ANSWERS))('what was recorded of %s is so, too', holdAnswers);
});

/** Whoever sends: a key, or a browser that is signed in. */
type By = string | undefined | Pick<Browser, 'call'>;

const sentBodies = new Set<string>();
const recorded = new Recorded();

/**
 * Sends a request as its example is, with what only this rig knows in place (ids, tokens), and holds the answer against its
 * schema.
 */
async function sent(
  by: By,
  route: string,
  ids: Record<string, string> = {},
  known: object = {},
  whole?: unknown,
  query = '',
) {
  const [method = '', path = ''] = route.split(' ');
  const url = path.replaceAll(/:(\w+)/g, (_, name: string) => ids[name] ?? '') + query;
  const { body: example } = EXAMPLES[route] ?? {};
  const body = whole ?? (example !== undefined && !Array.isArray(example) ? { ...example, ...known } : example);
  const call = typeof by === 'object' ? by.call : (...args: [string, string, unknown?]) => rig.call(by, ...args);
  const answer = await call(method, url, body);
  expect(answer.status, `${route}: ${answer.text}`).toBeLessThan(300);
  if (example !== undefined && whole === undefined) sentBodies.add(route);
  if (answer.status !== 204) {
    expect(fault(schemaOf(route, answer.status), answer.body), route).toBeUndefined();
    recorded.add(route, answer.status, answer.body);
  }
  return answer.body;
}

type Described = { readonly requestBody?: object; readonly responses?: Readonly<Record<string, Content>> };

/** The routes of the document of which that is so, as examples name them. */
const routesWhere = (is: (described: Described) => boolean) =>
  Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods ?? {}).flatMap(([method, described]) =>
      typeof described === 'object' && is(described as Described)
        ? [`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`]
        : [],
    ),
  );

const LABELS = { labels: ['billing', 'delivery', 'other'] };
const MESSAGES = Array.from({ length: 8 }, (_, at) => ({ key: `message-${at}`, text: `Message ${at}` }));

/** A running campaign of messages by topic, the one whose labels the examples name. */
const topics = (settings: Record<string, unknown> = {}, items: readonly unknown[] = MESSAGES) =>
  runningCampaign(rig, { items, settings: { config: LABELS, maxLeases: 9, ...settings } });
const nextOf = async (key: string, campaignId: string) =>
  (await sent(key, 'POST /v1/assignments/next', {}, { waitS: 0, campaignId })) as { assignmentId: string };
const decide = async (taskIds: readonly string[]) => {
  const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
  for (const taskId of taskIds) await activities.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
};

describe('what the examples send is accepted, and real answers are as the document says', () => {
  test('from making a campaign to its answers', async () => {
    const by = rig.requester;
    const { id } = await sent(by, 'POST /v1/campaigns');
    await sent(by, 'POST /v1/campaigns/:id/items', { id });
    await sent(by, 'PATCH /v1/campaigns/:id', { id });
    await sent(by, 'PUT /v1/campaigns/:id/limits', { id });
    await sent(by, 'GET /v1/campaigns/:id/template', { id });
    rig.temporal.answer = async () => ({ strategy: 'combined', round: 1, chosen: [] });
    await sent(by, 'POST /v1/campaigns/:id/selection/preview', { id });
    rig.temporal.answer = async () => ({});
    await addAnnotators(rig, 5);
    await sent(by, 'POST /v1/campaigns/:id/start', { id });
    await sent(by, 'POST /v1/campaigns/:id/pause', { id });
    await sent(by, 'POST /v1/campaigns/:id/resume', { id });
    await sent(by, 'GET /v1/cost', {}, {}, undefined, '?type=span&tasks=1000&platform=mturk');
    await sent(by, 'POST /v1/plan');
    await sent(by, 'POST /v1/plan/start');
    await sent(by, 'POST /v1/annotators');

    const { id: running, annotators } = await topics();
    const [{ apiKey: key = '' } = {}] = annotators;
    const first = await nextOf(key, running);
    await sent(key, 'PUT /v1/assignments/:id/draft', { id: first.assignmentId });
    await sent(key, 'GET /v1/assignments/:id/draft', { id: first.assignmentId });
    await sent(key, 'POST /v1/assignments/:id/extend', { id: first.assignmentId });
    await sent(key, 'POST /v1/assignments/:id/annotation', { id: first.assignmentId });
    for (const act of ['skip', 'report', 'release'] as const) {
      await sent(key, `POST /v1/assignments/:id/${act}`, { id: (await nextOf(key, running)).assignmentId });
    }
    for (const route of [
      'GET /v1/me',
      'GET /v1/me/assignments',
      'GET /v1/me/statistics',
      'GET /v1/me/calibrations',
      'GET /v1/me/work',
      'GET /v1/me/answers',
    ]) {
      await sent(key, route);
    }
    const { items: tasks } = await sent(by, 'GET /v1/campaigns/:id/tasks', { id: running });
    await sent(by, 'GET /v1/tasks/:id', { id: tasks[0].id });
    for (const part of [
      ...['', '/annotators', '/contested', '/agreement', '/agreement/history', '/quality', '/quality/reports'],
      ...['/budget', '/instructions', '/reports', '/gold-candidates', '/vendor-incidents', '/judges', '/vendor-orders'],
      '/platforms',
    ]) {
      await sent(by, `GET /v1/campaigns/:id${part}`, { id: running });
    }
    for (const route of [
      'campaigns',
      'annotators',
      'adjudications',
      'appeals',
      'vendors',
      'judges',
      'budget',
      'reports',
    ]) {
      await sent(by, `GET /v1/${route}`);
    }
    await sent(undefined, 'GET /v1/setup');
    await sent(undefined, 'GET /healthz');
    const order = uuidv7();
    await rig.db`
      insert into vendor_orders (id, campaign_id, vendor, key, policy_version, price_micros, deadline_at)
      values (${order}, ${running}, 'prolific', 'order', 1, 1, now())`;
    const incidentId = uuidv7();
    await rig.db`
      insert into vendor_incidents (id, order_id, kind, key, detail, evidence)
      values (${incidentId}, ${order}, 'price_differs', 'incident', 'It asks for more.', '{}')`;
    await sent(by, 'POST /v1/campaigns/:id/vendor-incidents/:incidentId/resolve', { id: running, incidentId });
    await sent(by, 'POST /v1/campaigns/:id/stop', { id: running });
  });

  test('predictions, which a campaign asked for', async () => {
    const body = { ...(EXAMPLES['POST /v1/campaigns']?.body as object), model: { predictions: true } };
    const { id } = await sent(rig.requester, 'POST /v1/campaigns', {}, {}, body);
    await sent(rig.requester, 'POST /v1/campaigns/:id/items', { id });
    const said = await sent(rig.requester, 'POST /v1/campaigns/:id/predictions', { id });
    expect(said).toMatchObject({ accepted: 2, rejectedCount: 0 });
  });

  test('steering a task, ruling on it, and an appeal', async () => {
    const by = rig.requester;
    const { id, taskIds, annotators } = await topics({ redundancy: 1, onDisagreement: 'accept' });
    const [{ apiKey: key = '', id: annotatorId = '' } = {}] = annotators;
    const [first = '', second = '', third = ''] = taskIds;
    await sent(by, 'POST /v1/tasks/:id/redundancy', { id: first });
    await sent(by, 'POST /v1/tasks/:id/reprioritize', { id: first });
    await sent(by, 'POST /v1/tasks/:id/cancel', { id: first });
    await rig.db`update tasks set state = 'adjudicating' where id = ${second}`;
    await sent(by, 'POST /v1/tasks/:id/adjudicate', { id: second });
    await rig.db`update tasks set state = 'open' where id = ${second}`;
    await rig.db`update annotators set gold_total = 20, gold_correct = 20 where id = ${annotatorId}`;
    for (const _ of MESSAGES) {
      const { status, body } = await rig.call(key, 'POST', '/v1/assignments/next', { campaignId: id });
      if (status !== 200) break;
      const given = { label: 'other', timeSpentS: 20 };
      await rig.call(key, 'POST', `/v1/assignments/${body.assignmentId}/annotation`, given);
    }
    await decide(taskIds);
    await sent(by, 'POST /v1/tasks/:id/promote', { id: third });
    const [answer] = await rig.db<{ id: string }[]>`select id from annotations where annotator_id = ${annotatorId}`;
    const appeal = await sent(key, 'POST /v1/annotations/:id/contest', { id: answer?.id ?? '' });
    await sent(by, 'POST /v1/appeals/:id/resolve', { id: appeal.id });
    await sent(by, 'PATCH /v1/campaigns/:id', { id }, {}, { instructions: 'New ones.' });
    await sent(by, 'POST /v1/campaigns/:id/re-ask/preview', { id });
    await sent(by, 'POST /v1/campaigns/:id/re-ask', { id });
    await sent(by, 'GET /v1/annotators/:id/quarantine', { id: annotatorId });
    await sent(by, 'POST /v1/annotators/:id/quarantine', { id: annotatorId });
    for (const act of ['recalibrate', 'suspend', 'reinstate']) {
      await sent(by, `POST /v1/annotators/:id/${act}`, { id: annotatorId });
    }
    await sent(by, 'GET /v1/annotators/:id', { id: annotatorId });
    await sent(by, 'GET /v1/annotators/:id/consistency', { id: annotatorId });
    await sent(by, 'PATCH /v1/annotators/:id', { id: annotatorId });
    await sent(by, 'POST /v1/annotators/:id/key', { id: annotatorId });
    await sent(by, 'POST /v1/annotators/:id/key/revoke', { id: annotatorId });
    await rig.db`update annotators set kind = 'llm' where id = ${annotatorId}`;
    const judge = { id, annotatorId };
    await rig.db`
      insert into vendor_workers (organisation_id, vendor, worker_id, annotator_id)
      select organisation_id, 'llm', 'judge:m-1:v1', id from annotators where id = ${annotatorId}`;
    await sent(by, 'POST /v1/campaigns/:id/judges/:annotatorId/re-ask/preview', judge);
    await sent(by, 'POST /v1/campaigns/:id/judges/:annotatorId/re-ask', judge);
    await rig.db`
      insert into judge_trusts (campaign_id, annotator_id, trust, cause, correlation, agrees_same, agrees_of, recent_same,
        recent_of, people_same, people_of, distrusted_at)
      values (${id}, ${annotatorId}, 'distrusted', 'fell', 1, 0, 0, 0, 0, 0, 0, now())`;
    await sent(by, 'POST /v1/campaigns/:id/judges/:annotatorId/measure-anew', judge);
  });

  test('a calibration session', async () => {
    const golds = Array.from({ length: 16 }, (_, at) => ({
      ...{ key: `gold-${at}`, text: 'Where is my parcel?', gold: 'delivery' },
    }));
    const calibration = { questions: 6, examples: 2 };
    const { id, annotators } = await topics({ goldRatio: 0.05, calibration }, [...MESSAGES, ...golds]);
    const [{ apiKey: key = '', id: annotatorId = '' } = {}] = annotators;
    await rig.db`update annotators set standing = 'recalibrating' where id = ${annotatorId}`;
    const session = await sent(key, 'POST /v1/me/calibrations', {}, { campaignId: id });
    await sent(key, 'GET /v1/me/calibrations/:id', { id: session.id });
    await sent(key, 'POST /v1/me/calibrations/:id/answers', { id: session.id });
    await sent(rig.requester, 'GET /v1/annotators/:id/calibrations', { id: annotatorId });
  });

  test('money: caps, floors, bonuses, deductions and payouts', async () => {
    const owner = newApiKey();
    await insertKey(rig.db, { hash: hashKey(owner), role: 'owner', name: 'owner' });
    await sent(owner, 'PUT /v1/budget');
    await sent(owner, 'PUT /v1/cost/settings');
    await sent(owner, 'GET /v1/cost/settings');
    await sent(owner, 'PUT /v1/pay-floors');
    await sent(owner, 'GET /v1/pay-floors');
    const who = await paidPerson(rig);
    const person = await seat(rig, owner, who.id);
    await sent(person, 'PUT /v1/me/payout-account');
    await sent(person, 'GET /v1/me/payout-account');
    await sent(owner, 'GET /v1/asked-regions');
    await sent(owner, 'POST /v1/annotators/:id/region', { id: who.id });
    const keyed = await paidPerson(rig);
    await sent(owner, 'PUT /v1/annotators/:id/payout-account', { id: keyed.id });
    await sent(who.apiKey, 'GET /v1/me/earnings');
    await sent(owner, 'GET /v1/annotators/:id/earnings', { id: who.id });
    await sent(owner, 'GET /v1/campaigns/:id/pay', { id: who.campaignId });
    await sent(owner, 'POST /v1/campaigns/:id/bonuses', { id: who.campaignId }, { annotatorId: who.id });
    const proposed = await sent(owner, 'POST /v1/annotations/:id/deduction', { id: who.annotationId });
    await sent(person, 'POST /v1/adjustments/:id/dispute', { id: proposed.id });
    await sent(rig.requester, 'POST /v1/adjustments/:id/review', { id: proposed.id });
    await sent(owner, 'GET /v1/adjustments');
    await sent(owner, 'GET /v1/ledger/entries');
    await sent(who.apiKey, 'GET /v1/me/adjustments');
    const { id: empty } = await sent(owner, 'POST /v1/payouts');
    await sent(owner, 'POST /v1/payouts/:id/cancel', { id: empty });
    const period = new Date().toISOString().slice(0, 7);
    const { id } = await sent(owner, 'POST /v1/payouts', {}, {}, { period });
    await collectRun(rig.db, id);
    await sent(owner, 'POST /v1/payouts/:id/approve', { id });
    await exportRun(rig.db, id);
    const run = await sent(owner, 'GET /v1/payouts/:id', { id });
    const [payment] = run.payments;
    await rig.db`update payout_items set state = 'ambiguous' where id = ${payment.id}`;
    await sent(owner, 'POST /v1/payouts/:id/resolve', { id }, { paymentId: payment.id });
    const lines = [{ reference: payment.reference, amountUsd: payment.amountUsd, status: 'paid' }];
    await sent(owner, 'POST /v1/payouts/:id/report', { id }, { lines });
    await sent(owner, 'GET /v1/payouts/:id/acts', { id });
    await sent(owner, 'GET /v1/payouts');
  });

  test('people: the first owner, invitations, keys and passwords', async () => {
    const given = EXAMPLES['POST /v1/setup']?.body as { email: string; password: string };
    await sent(undefined, 'POST /v1/setup', {}, { token: setupTokenOf(SECRET) });
    const signedIn = await signIn(rig, given.email, given.password);
    const owner = browserOf(rig, given.email, signedIn);
    await sent(owner, 'POST /v1/organisations');
    await sent(owner, 'GET /v1/organisations');
    const invited = await sent(owner, 'POST /v1/invitations');
    const token = String(invited.link).split('/').at(-1) ?? '';
    await sent(undefined, 'GET /v1/invitations/:token', { token });
    await sent(undefined, 'POST /v1/invitations/:token/accept', { token });
    await sent(undefined, 'POST /v1/auth/sign-in/email');
    await join(rig, owner, { email: 'rosa@example.org', role: 'viewer' });
    const { items: members } = await sent(owner, 'GET /v1/members');
    const rosa = members.find(({ email }: { email: string }) => email === 'rosa@example.org');
    await sent(owner, 'PATCH /v1/members/:id', { id: rosa.id });
    await sent(owner, 'DELETE /v1/members/:id', { id: rosa.id });
    await sent(owner, 'GET /v1/auth/get-session');
    const key = await sent(owner, 'POST /v1/keys');
    await sent(owner, 'GET /v1/keys');
    await sent(owner, 'POST /v1/keys/:id/revoke', { id: key.id });
    const ana = browserOf(rig, 'ana@example.org', await signIn(rig, 'ana@example.org', given.password));
    await sent(ana, 'POST /v1/auth/change-password');
    await sent(undefined, 'POST /v1/auth/request-password-reset');
    await until('the link is mailed', async () => mails.some(({ text }) => text.includes('reset-password')));
    const reset = /reset-password\?token=(\S+)/.exec(mails.at(-1)?.text ?? '')?.[1];
    await sent(undefined, 'POST /v1/auth/reset-password', {}, { token: reset });
    await sent(undefined, 'POST /v1/auth/sign-in/social');
    await sent(owner, 'POST /v1/auth/sign-out');
  });

  test('every body that the document takes has an example, which was sent', () => {
    const bodies = routesWhere((described) => 'requestBody' in described);
    expect(bodies.filter((route) => EXAMPLES[route]?.body === undefined)).toEqual([]);
    expect(bodies.filter((route) => !sentBodies.has(route))).toEqual([]);
  });

  test('every answer in JSON has an example, of which those that nobody wrote are as they were recorded', async () => {
    const answered = routesWhere(({ responses = {} }) =>
      Object.entries(responses).some(([status, { content }]) => /^2/.test(status) && content?.['application/json']),
    );
    const written = (route: string, status: number) => EXAMPLES[route]?.answers?.[status] !== undefined;
    await expect(recorded.text(written)).toMatchFileSnapshot('../../api/openapi-answers.ts');
    expect(answered.filter((route) => EXAMPLES[route]?.answers === undefined && !recorded.has(route))).toEqual([]);
  });
});

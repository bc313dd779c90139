import fc from 'fast-check';
import type { OpenAPIV3_1 } from 'openapi-types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { openApiDocument } from '../../api/openapi-document.ts';
import { type JsonSchema, valuesOf } from '../support/json-schema-values.ts';
import { insertKey } from '../support/keys.ts';
import { paidPerson } from './paid.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';

interface Operation {
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { in: string; name: string; required?: boolean; schema: JsonSchema }[];
  readonly body: { readonly schema: JsonSchema; readonly required: boolean } | undefined;
  readonly answers: Readonly<Record<string, { content?: Record<string, { schema?: object }> }>>;
}

type Described = OpenAPIV3_1.OperationObject & {
  requestBody?: { required?: boolean; content?: Record<string, { schema?: JsonSchema }> };
};

const document = await openApiDocument();
const operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
  Object.entries(methods ?? {}).map(([method, described]): Operation => {
    const { parameters = [], requestBody, responses = {} } = described as Described;
    const schema = requestBody?.content?.['application/json']?.schema;
    return {
      route: `${method.toUpperCase()} ${path}`,
      ...{ method: method.toUpperCase(), path },
      parameters: parameters as unknown as Operation['parameters'],
      body: schema && { schema, required: requestBody?.required ?? false },
      answers: responses as Operation['answers'],
    };
  }),
);
/** What never ends while a campaign runs, has tests of its own. */
const STREAMS = new Set(['GET /v1/campaigns/{id}/events']);
/** A plan is a simulation of seconds. */
const RUNS: Readonly<Record<string, number>> = { 'POST /v1/plan': 3 };
// Reading first, ends last, so that what is read and changed is there.
const ENDS = /stop|cancel|revoke|DELETE|suspend|quarantine/;
const rank = ({ route }: Operation) => (route.startsWith('GET') ? 0 : ENDS.test(route) ? 2 : 1);
const all = operations.filter(({ route }) => !STREAMS.has(route)).toSorted((a, b) => rank(a) - rank(b));

let rig: Rig;
const ids: Record<string, string[]> = {};
const callers: (string | undefined)[] = [];
beforeAll(async () => {
  rig = await startRig();
  const preview = { strategy: 'random', round: 1, chosen: [] };
  rig.temporal.answer = async (name) => (name === 'selectionPreviewWorkflow' ? preview : {});
  const owner = newApiKey();
  await insertKey(rig.db, { hash: hashKey(owner), role: 'owner', name: 'owner' });
  const items = [
    { key: 'one', text: 'Buy now' },
    { key: 'two', text: 'Hello' },
  ];
  const { id, taskIds, annotators } = await runningCampaign(rig, { items });
  const draft = (await rig.call(owner, 'POST', '/v1/campaigns', { type: 'free_text', budgetUsd: '5' })).body.id;
  const paid = await paidPerson(rig);
  const [held, second] = annotators;
  const lease = await rig.call(held?.apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
  const contest = `/v1/annotations/${paid.annotationId}/contest`;
  const appeal = await rig.call(paid.apiKey, 'POST', contest, { reason: 'It is spam.' });
  const reason = 'Not read.';
  const deduction = await rig.call(owner, 'POST', `/v1/annotations/${paid.annotationId}/deduction`, { reason });
  const run = await rig.call(owner, 'POST', '/v1/payouts', { period: '2026-01' });
  const invited = await rig.call(owner, 'POST', '/v1/invitations', { email: 'ana@example.org', role: 'viewer' });
  const key = await rig.call(owner, 'POST', '/v1/keys', { name: 'spare', role: 'viewer' });
  Object.assign(ids, {
    campaigns: [id, draft, paid.campaignId],
    tasks: [...taskIds, paid.taskId],
    // Not those whose keys are used here: they would be suspended.
    annotators: [second?.id ?? ''],
    annotations: [paid.annotationId],
    assignments: [lease.body.assignmentId],
    appeals: [appeal.body.id],
    adjustments: [deduction.body.id],
    payouts: [run.body.id],
    invitations: [invited.body.id, String(invited.body.link).split('/').at(-1)],
    keys: [key.body.id],
  });
  callers.push(owner, owner, held?.apiKey, paid.apiKey, rig.requester, rig.viewer, undefined);
});
afterAll(() => rig.close());

const usd = fc.oneof(
  fc.integer({ min: 0, max: 10_000 }).map((cents) => (cents / 100).toFixed(2)),
  fc.double({ min: 0, max: 1000, noNaN: true }),
  fc.string(),
);
/** What the document cannot say: which ids there are, how money is written, and that nobody waits here. */
const own = (name: string): fc.Arbitrary<unknown> | undefined => {
  if (name.endsWith('Usd')) return usd;
  if (name === 'waitS') return fc.constant(0);
  if (name === 'campaignId') return idOf('campaigns');
  if (name === 'annotatorId') return idOf('annotators');
  return undefined;
};
// Drawn when it is asked for: there are none before the rig has started.
const idOf = (of: string): fc.Arbitrary<string> =>
  fc.oneof({ weight: 4, arbitrary: fc.nat(9).map((at) => pick(of, at)) }, { weight: 1, arbitrary: fc.uuid() });
const pick = (of: string, at: number) => ids[of]?.[at % (ids[of]?.length ?? 1)] ?? 'x';

const asked = ({ path, parameters, body }: Operation) => {
  const inPath = parameters.filter((each) => each.in === 'path');
  const queried = parameters.filter((each) => each.in === 'query');
  const collection = path.split('/')[2] === 'me' ? (path.split('/')[3] ?? '') : (path.split('/')[2] ?? '');
  const query = Object.fromEntries(queried.map(({ name, schema }) => [name, own(name) ?? valuesOf(schema, own)]));
  const needed = queried.filter(({ required }) => required).map(({ name }) => name);
  const described = body && valuesOf(body.schema, own);
  const anything = fc.jsonValue({ maxDepth: 3 });
  return fc.record({
    caller: fc.nat(6),
    path: fc.record(
      Object.fromEntries(
        inPath.map(({ name, schema }) => [
          name,
          name === 'id' || name === 'token' ? idOf(collection) : (own(name) ?? valuesOf(schema, own)),
        ]),
      ),
    ),
    query: fc.record(query, { requiredKeys: needed }),
    body: described
      ? fc.oneof(
          { weight: 6, arbitrary: described },
          { weight: 1, arbitrary: anything },
          { weight: 1, arbitrary: fc.constant(undefined) },
        )
      : fc.constant(undefined),
  });
};

const checks = new Map<string, z.ZodType>();
function faultOf(operation: Operation, answer: Awaited<ReturnType<Rig['call']>>): string | undefined {
  const { status, body, headers } = answer;
  const type = String(headers['content-type'] ?? '').split(';')[0] ?? '';
  const declared = operation.answers[status] ?? operation.answers[`${Math.floor(status / 100)}XX`];
  if (!declared) return `it does not declare the status ${status}`;
  if (status >= 400 && type !== 'application/problem+json') return `a fault came as ${type}`;
  const schema = status >= 400 ? document.components?.schemas?.Problem : declared.content?.[type]?.schema;
  if (!schema)
    return body === null || type !== 'application/json' ? undefined : `it does not declare JSON for ${status}`;
  const known = `${operation.route} ${status}`;
  const check = checks.get(known) ?? z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema);
  checks.set(known, check);
  const { error } = check.safeParse(body);
  return error && `${z.prettifyError(error)} in ${JSON.stringify(body).slice(0, 500)}`;
}

describe('whatever the document allows, and more, is answered as it says and never with a fault of ours', () => {
  test.each(all.map((each) => [each.route, each] as const))('%s', { timeout: 120_000 }, async (route, operation) => {
    await fc.assert(
      fc.asyncProperty(asked(operation), async ({ caller, path, query, body }) => {
        const filled = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
          encodeURIComponent(String((path as Record<string, unknown>)[name])),
        );
        const search = new URLSearchParams(
          Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
        );
        const url = search.size > 0 ? `${filled}?${search}` : filled;
        const sent = body === undefined ? undefined : JSON.stringify(body);
        const type: Record<string, string> = sent === undefined ? {} : { 'content-type': 'application/json' };
        const answer = await rig.call(callers[caller], operation.method, url, sent, type);
        expect(answer.status, `${route}: ${answer.text.slice(0, 500)}`).toBeLessThan(500);
        expect(faultOf(operation, answer), route).toBeUndefined();
      }),
      { numRuns: RUNS[route] ?? 30, seed: 7400 },
    );
  });
});

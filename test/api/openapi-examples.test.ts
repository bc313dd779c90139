import type { OpenAPIV3_1 } from 'openapi-types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EXAMPLES } from '../../api/openapi-examples.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
let document: OpenAPIV3_1.Document;
beforeAll(async () => {
  rig = await startRig();
  document = (await rig.call(undefined, 'GET', '/openapi.json')).body;
});
afterAll(() => rig.close());

type Content = { content?: Record<string, { schema?: object }> };

function operation(route: string) {
  const [method = '', path = ''] = route.split(' ');
  const described = document.paths?.[path.replaceAll(/:(\w+)/g, '{$1}')];
  return described?.[method.toLowerCase() as 'get'];
}

/** The schema of what is sent, or of an answer; throws where the document has none. */
function schemaOf(route: string, status?: number): z.ZodType {
  const found = operation(route);
  const part = (status === undefined ? found?.requestBody : found?.responses?.[status]) as Content | undefined;
  const schema = part?.content?.['application/json']?.schema;
  if (!schema) throw new Error(`The document says nothing of ${route} ${status ?? 'body'}.`);
  return z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema);
}

const fault = (schema: z.ZodType, value: unknown) => {
  const { error } = schema.safeParse(value);
  return error && z.prettifyError(error);
};

describe("the document's examples", () => {
  test.each(Object.entries(EXAMPLES))('%s are what the schemas want, and are in the document', (route, example) => {
    if (example.body !== undefined) {
      expect(fault(schemaOf(route), example.body)).toBeUndefined();
      expect(JSON.stringify(operation(route)?.requestBody)).toContain(JSON.stringify(example.body));
    }
    for (const [status, answer] of Object.entries(example.answers ?? {})) {
      expect(fault(schemaOf(route, Number(status)), answer)).toBeUndefined();
      expect(JSON.stringify(operation(route)?.responses?.[status])).toContain(JSON.stringify(answer));
    }
  });
});

describe('real answers are as the document says', () => {
  /** Sends a request as it is written in the document, and holds the answer against its schema. */
  async function sent(key: string | undefined, route: string, ids: Record<string, string> = {}, body?: unknown) {
    const [method = '', path = ''] = route.split(' ');
    const url = path.replaceAll(/:(\w+)/g, (_, name: string) => ids[name] ?? '');
    const answer = await rig.call(key, method, url, body ?? EXAMPLES[route]?.body);
    expect(answer.status, `${route}: ${answer.text}`).toBeLessThan(300);
    if (answer.status !== 204) expect(fault(schemaOf(route, answer.status), answer.body), route).toBeUndefined();
    return answer.body;
  }

  test('from making a campaign to its answers', async () => {
    const owner = rig.requester;
    const { id } = await sent(owner, 'POST /v1/campaigns');
    await sent(owner, 'POST /v1/campaigns/:id/items', { id }, [{ text: 'one' }, { text: 7 }, { text: 'one' }]);
    await sent(owner, 'PATCH /v1/campaigns/:id', { id });
    await sent(owner, 'POST /v1/plan');
    await sent(owner, 'POST /v1/annotators');
    const { id: running, annotators } = await runningCampaign(rig, {
      items: [{ text: 'a' }, { text: 'b' }, { text: 'c' }],
    });
    const key = annotators[0]?.apiKey;
    const waiting = { waitS: 0, campaignId: running };
    const answered = await sent(key, 'POST /v1/assignments/next', {}, waiting);
    const [label] = answered.task.config.labels;
    const given = { label, timeSpentS: 6.5 };
    await sent(key, 'POST /v1/assignments/:id/annotation', { id: answered.assignmentId }, given);
    for (const act of ['skip', 'report'] as const) {
      const { assignmentId } = await sent(key, 'POST /v1/assignments/next', {}, waiting);
      await sent(key, `POST /v1/assignments/:id/${act}`, { id: assignmentId });
    }
    for (const route of ['GET /v1/me', 'GET /v1/me/assignments', 'GET /v1/me/statistics', 'GET /v1/me/calibrations']) {
      await sent(key, route);
    }
    const { items: tasks } = await sent(owner, 'GET /v1/campaigns/:id/tasks', { id: running });
    await sent(owner, 'GET /v1/tasks/:id', { id: tasks[0].id });
    for (const part of [
      ...['', '/annotators', '/contested', '/agreement', '/agreement/history', '/quality', '/quality/reports'],
      ...['/budget', '/instructions', '/reports', '/gold-candidates', '/vendor-incidents'],
    ]) {
      await sent(owner, `GET /v1/campaigns/:id${part}`, { id: running });
    }
    for (const route of ['campaigns', 'annotators', 'adjudications', 'appeals', 'vendors', 'judges', 'budget']) {
      await sent(owner, `GET /v1/${route}`);
    }
    await sent(undefined, 'GET /v1/setup');
    await sent(undefined, 'GET /healthz');
  });
});

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import { VendorError } from '../../vendors/errors.ts';
import { createHttp } from '../../vendors/http.ts';
import { asAttempt, SupersededError } from '../../vendors/purchase.ts';
import { until } from '../support/rig.ts';
import { FakeServer, type Reply } from './fake.ts';

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** At once, as it happens by itself sooner or later. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let n = 0; n < 3; n++) collect();
}

async function answering(reply: Reply) {
  const made = new FakeServer({ admit: () => undefined, answer: () => reply });
  server = made;
  return { baseUrl: await made.start(), asked: made.asked };
}

describe('a vendor’s server', () => {
  test.each([
    ['409 and says when', { status: 409, headers: { 'retry-after': '3' } }, true, 'retryable'],
    ['423 and says when', { status: 423, headers: { 'retry-after': '3' } }, true, 'retryable'],
    ['425', { status: 425 }, true, 'retryable'],
    ['409', { status: 409 }, true, 'permanent'],
    ['409 to what must not be repeated', { status: 409, headers: { 'retry-after': '3' } }, false, 'permanent'],
  ])('that answers %s has the request under way, or refuses it', async (_what, reply, repeatable, kind) => {
    const { baseUrl } = await answering(reply);
    const http = createHttp({ baseUrl, headers: {}, secrets: [] });
    await expect(http({ method: 'PUT', path: '/x', body: {}, repeatable })).rejects.toMatchObject({
      kind,
      status: reply.status,
    });
  });

  test.each([
    [true, VendorError],
    [false, SupersededError],
  ])(
    'that is asked as nobody waits any more (the latest attempt: %s) leaves a purchase unknown',
    async (latest, kind) => {
      const controller = new AbortController();
      let asked = 0;
      const isLatest = async () => latest || asked === 0;
      const made = new FakeServer({
        admit: () => undefined,
        answer: () => {
          asked++;
          controller.abort();
          return { status: 200, body: {} };
        },
      });
      server = made;
      const http = createHttp({ baseUrl: await made.start(), headers: {}, secrets: [] });
      const buy = () => http({ method: 'POST', path: '/x', body: {}, repeatable: false });
      const bought = asAttempt({ signal: controller.signal, isLatest }, buy);
      await expect(bought).rejects.toThrow(kind);
      if (latest) await expect(bought).rejects.toMatchObject({ kind: 'ambiguous' });
    },
  );

  test('that never answers is given up in time, whatever the collector of garbage does meanwhile', async () => {
    const made = new FakeServer({
      ...{ admit: () => undefined, answer: () => ({ status: 200, body: {} }) },
      faults: { seed: 'hung', share: 1, most: 1000, kinds: ['hung'] },
    });
    server = made;
    const http = createHttp({ baseUrl: await made.start(), headers: {}, secrets: [], timeoutMs: 500 });
    const asked = Array.from({ length: 10 }, () => http({ method: 'GET', path: '/x', repeatable: true }));
    const given = Promise.allSettled(asked);
    await until('all are asked', () => made.asked.length === 10);
    collectGarbage();
    const outcomes = await given;
    expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.kind : 'answered'))).toEqual(
      asked.map(() => 'retryable'),
    );
  }, 10_000);

  test('is asked with the query of its base URL beside our own', async () => {
    const { baseUrl, asked } = await answering({ status: 200, body: {} });
    const http = createHttp({ baseUrl: `${baseUrl}/tasks/?api-version=1`, headers: {}, secrets: [] });
    await http({ method: 'GET', path: '/a%2Fb', query: { cursor: 'c' }, repeatable: true });
    expect(asked.map(({ path, query }) => [path, query.toString()])).toEqual([
      ['/tasks/a%2Fb', 'api-version=1&cursor=c'],
    ]);
  });

  test.each([
    'ftp://127.0.0.1/x',
    'vendor.example.org/v1',
    'https://user:planted@vendor.example.org',
    'user:planted@vendor',
  ])('is not called at %s', (baseUrl) => {
    const make = () => createHttp({ baseUrl, headers: {}, secrets: [] });
    expect(make).toThrow(VendorError);
    expect(make).not.toThrow(/planted/);
  });
});

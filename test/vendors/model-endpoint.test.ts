import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { embed } from '../../vendors/embeddings.ts';
import { askModel } from '../../vendors/model-endpoint.ts';
import { jsonRequest } from '../support/json-request.ts';

interface Asked {
  readonly classes: string[];
  readonly items: { key: string; payload: { text: string } }[];
}
type Handler = (asked: Asked, response: ServerResponse, call: number) => void;

const open: (() => Promise<void>)[] = [];
/** Of all requests. */
const headers: IncomingHttpHeaders[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** A model's server; `calls` are the requests it got. */
async function serve(handler: Handler): Promise<{ url: string; calls: Asked[] }> {
  const calls: Asked[] = [];
  const server = createServer((request, response) => {
    headers.push(request.headers);
    jsonRequest<Asked>(request).then(
      (asked) => {
        calls.push(asked);
        handler(asked, response, calls.length);
      },
      (error: Error) => response.destroy(error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/predict`, calls };
}

const json = (response: ServerResponse, body: unknown, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const spamShare = (text: string) => (text.includes('win') ? 0.9 : 0.2);
const right: Handler = ({ items }, response) =>
  json(response, {
    probabilities: items.map(({ payload }) => [spamShare(payload.text), 1 - spamShare(payload.text)]),
  });

const items = Array.from({ length: 7 }, (_, i) => ({ key: `k${i}`, payload: { text: i % 2 ? 'win' : 'hello' } }));
const classes = ['spam', 'ham'];
const ask = (url: string, options: { timeoutMs?: number; batchSize?: number } = {}) =>
  askModel({ url, timeoutMs: 5000, batchSize: 3, ...options }, { classes, items }, { alive: () => undefined });

describe('a requester’s own model', () => {
  it('is asked in batches, in order', async () => {
    const { url, calls } = await serve(right);
    const probabilities = await ask(url);
    expect([...probabilities].filter((_, at) => at % 2 === 0)).toEqual([0.2, 0.9, 0.2, 0.9, 0.2, 0.9, 0.2]);
    expect(calls.map((call) => call.items.map(({ key }) => key))).toEqual([
      ['k0', 'k1', 'k2'],
      ['k3', 'k4', 'k5'],
      ['k6'],
    ]);
    expect(calls[0]?.classes).toEqual(classes);
  });

  it('is shown its key, which no error tells', async () => {
    const { url } = await serve((asked, response, call) => {
      if (call === 1) right(asked, response, call);
      else json(response, { error: 'sk-hush is not welcome' }, 401);
    });
    const endpoint = { url, timeoutMs: 5000, batchSize: 100, key: 'sk-hush' };
    const asking = () => askModel(endpoint, { classes, items }, { alive: () => undefined });
    await asking();
    expect(headers.at(-1)?.authorization).toBe('Bearer sk-hush');
    await expect(asking()).rejects.toThrow(/^(?!.*sk-hush).*401/);
  });

  it('keeps requests below a size', async () => {
    const { url, calls } = await serve(({ items: some }, response) =>
      json(response, { probabilities: some.map(() => [0.5, 0.5]) }),
    );
    const long = Array.from({ length: 3 }, (_, i) => ({ key: `k${i}`, payload: { text: 'x'.repeat(2_500_000) } }));
    const endpoint = { url, timeoutMs: 20_000, batchSize: 100 };
    await askModel(endpoint, { classes, items: long }, { alive: () => undefined });
    expect(calls).toHaveLength(3);
  });

  it('is asked again when it is busy, and waits as long as it says', async () => {
    const { url, calls } = await serve((asked, response, call) => {
      if (call === 1) response.writeHead(429, { 'retry-after': '0' }).end();
      else right(asked, response, call);
    });
    expect(await ask(url, { batchSize: 100 })).toHaveLength(14);
    expect(calls).toHaveLength(2);
  });

  it('is given up when it never answers in time', async () => {
    const { url, calls } = await serve(() => undefined);
    await expect(ask(url, { timeoutMs: 1000, batchSize: 100 })).rejects.toThrow('got no answer');
    expect(calls).toHaveLength(3);
  });

  it('is waited for audibly while it hangs, and no longer than it is wanted', async () => {
    const { url, calls } = await serve(() => undefined);
    const unwanted = new AbortController();
    let beats = 0;
    const alive = () => {
      beats += 1;
      unwanted.abort(new Error('not wanted any more'));
    };
    const startedAt = performance.now();
    const asked = askModel(
      { url, timeoutMs: 60_000, batchSize: 3 },
      { classes, items },
      { alive, signal: unwanted.signal },
    );
    await expect(asked).rejects.toThrow('not wanted any more');
    expect([beats, calls.length]).toEqual([1, 1]);
    expect(performance.now() - startedAt).toBeLessThan(50_000);
  });

  it.each([
    ['no JSON', 'oops', 'it must be'],
    ['too few rows', { probabilities: [[0.5, 0.5]] }, 'it has 1 rows for 7 items'],
    ['too few classes', { probabilities: items.map(() => [1]) }, 'row 0 has 1 numbers for 2 classes'],
    ['shares that do not sum to one', { probabilities: items.map(() => [0.5, 0.6]) }, 'row 0 sums to 1.1'],
    ['numbers beyond one', { probabilities: items.map(() => [2, -1]) }, 'it must be'],
  ])('is refused for %s, without asking again', async (_, body, message) => {
    const { url, calls } = await serve((_asked, response) => {
      if (typeof body === 'string') response.end(body);
      else json(response, body);
    });
    await expect(ask(url, { batchSize: 100 })).rejects.toThrow(message);
    expect(calls).toHaveLength(1);
  });

  it('is not told with what it refuses, which may be of any address on its host', async () => {
    const { url } = await serve((_asked, response) => json(response, { secret: 'of another' }, 404));
    await expect(ask(url)).rejects.toThrow(/answered 404$/);
  });

  it('is read no further than an answer can go, however small it comes', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000, ' '));
    const { url } = await serve((_asked, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    await expect(ask(url)).rejects.toThrow('is larger than');
  });

  it('is not followed to another place', async () => {
    const elsewhere = await serve(right);
    const { url } = await serve((_asked, response) => response.writeHead(307, { location: elsewhere.url }).end());
    await expect(ask(url)).rejects.toThrow('answered 307');
    expect(elsewhere.calls).toHaveLength(0);
  });
});

describe('an embeddings endpoint', () => {
  const endpoint = (url: string) => ({ url, model: 'm', timeoutMs: 5000, batchSize: 10 });
  const embeddings = (url: string, texts: string[]) => {
    const got: Float32Array[] = [];
    const onBatch = async (_from: number, vectors: readonly Float32Array[]) => void got.push(...vectors);
    return embed(endpoint(url), texts, { onBatch }, { alive: () => undefined }).then(() => got);
  };
  const data = (...indices: number[]) => ({ data: indices.map((index) => ({ index, embedding: [index, 1] })) });

  it('answers in any order', async () => {
    const { url } = await serve((_asked, response) => json(response, data(1, 0)));
    expect(await embeddings(url, ['a', 'b'])).toEqual([Float32Array.of(0, 1), Float32Array.of(1, 1)]);
  });

  it.each([
    ['of a text that nobody asked about', data(0, 30_000_000), 'it has an embedding 30000000 for 2 texts'],
    ['twice of one text', data(0, 0), 'it has two embeddings 0'],
    ['of too few', data(1), 'it has 1 embeddings for 2 texts'],
  ])('is refused for one %s', async (_, body, message) => {
    const { url } = await serve((_asked, response) => json(response, body));
    await expect(embeddings(url, ['a', 'b'])).rejects.toThrow(message);
  });

  // "ab" and "né" are five bytes; each text may have a mark at either end.
  it.each([
    [{ prompt_tokens: 3, total_tokens: 4 }, 3],
    [{ total_tokens: 4 }, 4],
    [{ prompt_tokens: 1e12 }, 9],
    [{ prompt_tokens: -5 }, 0],
    [{ prompt_tokens: 'three' }, 2],
    [undefined, 2],
  ])('says what it took: %j', async (usage, expected) => {
    const { url } = await serve((_asked, response) => json(response, { ...data(0, 1), usage }));
    const told: number[] = [];
    const before = async (most: number) => void told.push(most);
    const onBatch = async (_from: number, _vectors: unknown, tokens: number) => void told.push(tokens);
    await embed(endpoint(url), ['ab', 'né'], { before, onBatch }, { alive: () => undefined });
    expect(told).toEqual([9, expected]);
  });
});

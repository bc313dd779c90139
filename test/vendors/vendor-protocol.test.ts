import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { getTaskType } from '../../domain/tasks/index.ts';
import { readLabel } from '../../domain/tasks/read.ts';
import { type Form, formOf } from '../../domain/vendors/form.ts';
import { labelOf } from '../../domain/vendors/read-answers.ts';
import { createHttpVendor } from '../../vendors/http-vendor.ts';
import type { FetchedUnit, Order, Vendor } from '../../vendors/vendor.ts';
import { FakeServer } from './fake.ts';
import { ALL_TYPES, orderOf, sampleOf } from './orders.ts';

const TOKEN = 'change-me';
const SECRET = `whsec_${Buffer.from('a secret of the reference vendor').toString('base64')}`;
const PATIENCE = { timeout: 30_000, interval: 20 };
const nowhere = { externalId: '', units: {} };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe('docs/vendor-protocol.md', () => {
  const text = readFileSync(new URL('../../docs/vendor-protocol.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/```http\n([\s\S]*?)```/g)].map(([, block = '']) => {
    const [head = '', body = ''] = block.split('\n\n', 2).map((part) => part.trim());
    const [first = ''] = head.split('\n');
    return { first, json: body === '' ? undefined : (JSON.parse(body) as unknown) };
  });
  const exchanges = blocks.flatMap((block, at) => {
    const answer = blocks[at + 1];
    return answer && /^\d+$/.test(answer.first)
      ? [{ ...block, status: Number(answer.first), answer: answer.json }]
      : [];
  });

  test('its exchange is what is sent, and how it is read', async () => {
    const [bought] = exchanges;
    const sent = bought?.json as Omit<Order, 'key' | 'priceMicros'> & { priceMicros: string };
    const key = bought?.first.split('/').at(-1) ?? '';
    const server = new FakeServer({
      admit: ({ headers }) => (headers.authorization === `Bearer ${TOKEN}` ? undefined : { status: 401 }),
      answer({ method, path }) {
        const known = exchanges.find(({ first }) => first === `${method} ${path}`);
        return known ? { status: known.status, body: known.answer } : { status: 404 };
      },
    });
    closing.push(() => server.stop());
    const vendor = createHttpVendor({ baseUrl: await server.start(), token: TOKEN, webhookSecret: SECRET });

    const type = getTaskType('classification');
    const config = type.configSchema.parse({ labels: ['spam', 'ham'] });
    const form: Form = formOf('classification', config, type.payloadSchema.parse({ text: 'Win money now' }));
    const units = sent.units.map((unit) => ({ ...unit, form }));
    const order: Order = { ...sent, key, priceMicros: BigInt(sent.priceMicros), units };
    const placement = await vendor.submit(order, { again: false });
    expect(placement).toEqual({ externalId: 'order-1', units: { [units[0]?.key ?? '']: 'task-7' } });
    const fetched = await vendor.fetch(order, placement);
    expect(fetched).toMatchObject([
      {
        key: units[0]?.key,
        state: 'done',
        responses: [
          { id: 'answer-31', workerId: 'worker-5', answers: { label: 'spam' }, timeSpentS: 14, costMicros: 120_000n },
          { id: 'answer-32', workerId: 'worker-9' },
        ],
      },
    ]);
    const at = { unitKey: units[0]?.key ?? '', responseId: 'answer-31' };
    expect(await vendor.settle(order, placement, { act: 'accept', ...at })).toBe('done');
    const bonusKey = exchanges.at(-1)?.first.split('/').at(-1) ?? '';
    const bonus = { workerId: 'worker-5', amountMicros: 50_000n, reason: 'Careful work', key: bonusKey };
    expect(await vendor.bonus(order, placement, { act: 'bonus', ...at, ...bonus })).toBe('done');

    // All of it was asked, in this order and in these words.
    const asked = server.asked.map(({ method, path, body }) => ({ first: `${method} ${path}`, json: body }));
    expect(asked).toEqual(exchanges.map(({ first, json }) => ({ first, json })));

    const webhook = blocks.find(({ first }) => first.startsWith('POST'));
    const body = JSON.stringify(webhook?.json);
    const sentAt = new Date();
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': `${Math.floor(sentAt.getTime() / 1000)}`,
      'webhook-signature': new Webhook(SECRET).sign('msg_1', sentAt, body),
    };
    const heard = vendor.parseWebhook({ headers, body: Buffer.from(body), nowMs: sentAt.getTime() });
    expect(heard).toEqual({ eventKey: 'msg_1', mentions: [key] });
  });
});

/** The example, on a port of its own, and an adapter for it. Its workers answer after `delayMs`. */
async function reference(delayMs: number) {
  const file = fileURLToPath(new URL('../../examples/reference-vendor.mjs', import.meta.url));
  const env = { ...process.env, VENDOR_TOKEN: TOKEN, VENDOR_WEBHOOK_SECRET: SECRET, VENDOR_DELAY_MS: `${delayMs}` };
  const child = spawn(process.execPath, [file, '0'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  closing.push(async () => {
    child.kill();
    await once(child, 'exit');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const baseUrl = /http:\S+/.exec(line.toString())?.[0] ?? '';
  return createHttpVendor({ baseUrl, token: TOKEN, webhookSecret: SECRET });
}

async function answersTo(vendor: Vendor, order: Order): Promise<FetchedUnit[]> {
  let found: FetchedUnit[] = [];
  await vi.waitFor(async () => {
    found = await vendor.fetch(order, nowhere);
    expect(found.every(({ state }) => state === 'done')).toBe(true);
  }, PATIENCE);
  return found;
}

describe('the reference vendor', () => {
  test('answers tasks of every type with labels, and is bought of once', async () => {
    const vendor = await reference(1);
    for (const type of ALL_TYPES) {
      const order = orderOf(type, { answers: 2 });
      const placement = await vendor.submit(order, { again: false });
      // Where webhooks go is no part of what is bought.
      const again = { ...order, callbackUrl: 'http://127.0.0.1:1/elsewhere' };
      expect(await vendor.submit(again, { again: true })).toEqual(placement);
      const other = { ...order, instructions: 'Read it twice.' };
      await expect(vendor.submit(other, { again: true })).rejects.toMatchObject({ kind: 'permanent', status: 409 });
      const { type: own, config, payload } = sampleOf(type);
      for (const { responses } of await answersTo(vendor, order)) {
        expect(responses.map(({ workerId, costMicros }) => [workerId, costMicros])).toEqual([
          ['stand-in-1', order.priceMicros],
          ['stand-in-2', order.priceMicros],
        ]);
        for (const { answers } of responses) readLabel(own, config, labelOf(type, config, payload, answers), payload);
      }
    }
  });

  test('gives an order that has more than a page in pages', async () => {
    const vendor = await reference(1);
    const order = orderOf('likert', { units: 100, answers: 1 });
    await vendor.submit(order, { again: false });
    expect((await answersTo(vendor, order)).map(({ key }) => key)).toEqual(order.units.map(({ key }) => key));
  });

  test('cancels what is not answered, and what is answered stays', async () => {
    const vendor = await reference(600_000);
    const order = orderOf('classification', { units: 2 });
    const [one = '', other = ''] = order.units.map(({ key }) => key);
    await vendor.submit(order, { again: false });
    for (let n = 0; n < 2; n++) await vendor.cancel(order, nowhere, [one, 'unknown']);
    const states = async () => (await vendor.fetch(order, nowhere)).map(({ key, state }) => [key, state]);
    expect(await states()).toEqual([
      [one, 'cancelled'],
      [other, 'open'],
    ]);
    const quick = await reference(1);
    await quick.submit(order, { again: false });
    const answered = await answersTo(quick, order);
    await quick.cancel(order, nowhere, [one, other]);
    expect(await quick.fetch(order, nowhere)).toEqual(answered);
  });

  test('settles and rewards the answers that it has, each as it was first told', async () => {
    const vendor = await reference(1);
    const order = orderOf('classification', { units: 1 });
    await vendor.submit(order, { again: false });
    const [unit] = await answersTo(vendor, order);
    const [one, other] = unit?.responses ?? [];
    const unitKey = unit?.key ?? '';
    const settle = (act: 'accept' | 'reject', responseId = '') =>
      vendor.settle(order, nowhere, { act, unitKey, responseId, reason: 'It is not what was asked for.' });
    expect([await settle('accept', one?.id), await settle('accept', one?.id)]).toEqual(['done', 'done']);
    expect(await settle('reject', other?.id)).toBe('done');
    expect(await settle('reject', one?.id)).toEqual({ refused: expect.stringContaining('accept') });
    expect(await settle('accept', 'of nobody')).toEqual({ refused: expect.stringContaining('no such answer') });

    const bonus = {
      ...({ act: 'bonus', unitKey, responseId: one?.id ?? '', workerId: one?.workerId ?? '' } as const),
      ...{ amountMicros: 50_000n, reason: 'Careful work', key: 'bonus/1', others: 1 },
    };
    expect(await vendor.findBonus(order, nowhere, bonus)).toBe(false);
    expect(await vendor.bonus(order, nowhere, bonus)).toBe('done');
    expect(await vendor.findBonus(order, nowhere, bonus)).toBe(true);
    expect(await vendor.bonus(order, nowhere, bonus)).toBe('done');
    for (const odd of [{ amountMicros: 1n }, { key: 'bonus 2', workerId: 'somebody else' }, { responseId: 'none' }]) {
      const refused = vendor.bonus(order, nowhere, { ...bonus, ...odd });
      await expect(refused).rejects.toMatchObject({ kind: 'permanent' });
    }
  });

  test('says by webhook that an order has news, again until somebody takes it, and is believed', async () => {
    const vendor = await reference(1);
    const heard: ReturnType<Vendor['parseWebhook']>[] = [];
    const receiver = createServer((request, response) => {
      bodyOf(request)
        .then((body) => {
          const headers = request.headers as Record<string, string>;
          heard.push(vendor.parseWebhook({ headers, body, nowMs: Date.now() }));
          response.writeHead(heard.length === 1 ? 503 : 202).end();
        })
        .catch((error: unknown) => response.writeHead(401).end(String(error)));
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    closing.push(async () => receiver.close());
    const callbackUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    const order = { ...orderOf('classification'), callbackUrl };
    await vendor.submit(order, { again: false });
    await vi.waitFor(() => expect(heard).toHaveLength(2), PATIENCE);
    expect(new Set(heard.map(({ eventKey }) => eventKey)).size).toBe(1);
    expect(heard.map(({ mentions }) => mentions)).toEqual([[order.key], [order.key]]);
  });
});

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

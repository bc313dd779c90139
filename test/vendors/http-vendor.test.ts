import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { VendorError } from '../../vendors/errors.ts';
import { createHttpVendor } from '../../vendors/http-vendor.ts';
import { loadVendors } from '../../vendors/registry.ts';
import { type Asked, FakeServer, type Reply } from './fake.ts';
import { orderOf } from './orders.ts';

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function vendorThat(answer: (asked: Asked) => Reply, webhookSecret?: string) {
  const made = new FakeServer({ admit: () => undefined, answer });
  server = made;
  const secret = webhookSecret === undefined ? {} : { webhookSecret };
  return {
    vendor: createHttpVendor({ baseUrl: await made.start(), token: 'planted-token', ...secret }),
    asked: made.asked,
  };
}

const order = orderOf('classification', { units: 2 });
const [one = '', other = ''] = order.units.map(({ key }) => key);
const placed = { externalId: order.key, units: { [one]: one, [other]: other } };
const ok = (body: unknown): Reply => ({ status: 200, body });

describe('an order', () => {
  test.each([
    ['nothing', { status: 201 }],
    ['nothing, with 204', { status: 204 }],
    ['null', ok(null)],
    ['ids that are none', ok({ id: {}, units: [{ key: one, id: null }, null, { id: 'x' }] })],
    ['units that are no list', ok({ id: '', units: { [one]: 'x' } })],
  ])('that is taken with %s is bought, under our keys', async (_what, reply) => {
    const { vendor } = await vendorThat(() => reply);
    expect(await vendor.submit(order, { again: false })).toEqual(placed);
  });

  test('that a proxy’s page answers is sent again', async () => {
    const { vendor } = await vendorThat(() => ({ status: 200, body: '<html>We are upgrading.</html>' }));
    await expect(vendor.submit(order, { again: false })).rejects.toMatchObject({ kind: 'retryable' });
    await expect(vendor.fetch(order, placed)).rejects.toMatchObject({ kind: 'retryable' });
  });

  test('asks for webhooks only where they would be believed', async () => {
    const callbackUrl = 'http://127.0.0.1:1/hook';
    for (const secret of [undefined, 'a secret']) {
      const { vendor, asked } = await vendorThat(() => ({ status: 201 }), secret);
      await vendor.submit({ ...order, callbackUrl }, { again: false });
      const sent = (asked[0]?.body as { callbackUrl?: string } | undefined)?.callbackUrl;
      expect([sent, vendor.capabilities.news]).toEqual(
        secret === undefined ? [undefined, 'poll'] : [callbackUrl, 'webhook_and_poll'],
      );
      await server?.stop();
    }
  });
});

describe('a look at an order', () => {
  test.each([
    ['done', 'done'],
    ['Completed', 'done'],
    ['canceled', 'cancelled'],
    ['error', 'failed'],
    ['in_progress', 'open'],
    [null, 'open'],
  ])('that says "%s" of a unit means %s', async (state, means) => {
    const { vendor } = await vendorThat(() => ok({ units: [{ key: one, state }] }));
    expect(await vendor.fetch(order, placed)).toEqual([{ key: one, state: means, responses: [] }]);
  });

  test('takes what is as agreed, and hands on what is not for a person to see', async () => {
    const good = { id: 'r1', workerId: 'w1', answers: { label: 'spam' }, timeSpentS: '', costMicros: 'a cent' };
    const bad = [
      { id: 'r2', workerId: null, answers: { label: 'spam' } },
      { id: 'r3', workerId: 'w3', answers: null },
      { workerId: 'w4', answers: ['spam'] },
    ];
    const { vendor } = await vendorThat(() =>
      ok({ units: [null, { state: 'done' }, { key: one, state: 'done', responses: [...bad, good] }] }),
    );
    const [unit] = await vendor.fetch(order, placed);
    expect(unit?.responses).toEqual([
      { id: 'r2', workerId: 'unknown', answers: { unread: bad[0] } },
      { id: 'r3', workerId: 'w3', answers: { unread: bad[1] } },
      { id: expect.stringMatching(/^unread-/), workerId: 'w4', answers: { unread: bad[2] } },
      { id: 'r1', workerId: 'w1', answers: { label: 'spam' } },
    ]);
    expect(await vendor.fetch(order, placed)).toEqual([unit]);
  });

  test('leaves out what a worker of an open unit has only begun', async () => {
    const responses = [
      { id: 'r1', workerId: 'w1', answers: null },
      { id: 'r2', workerId: 'w2' },
      { id: 'r3', workerId: 'w3', answers: {} },
    ];
    const { vendor } = await vendorThat(() => ok({ units: [{ key: one, state: 'open', responses }] }));
    expect(await vendor.fetch(order, placed)).toEqual([{ key: one, state: 'open', responses: [] }]);
  });

  test('ends where a cursor comes again', async () => {
    const { vendor, asked } = await vendorThat(() => ok({ units: [{ key: one, state: 'open' }], next: 'more' }));
    expect(await vendor.fetch(order, placed)).toHaveLength(1);
    expect(asked).toHaveLength(2);
  });

  test('whose units are no list is told to a person', async () => {
    const { vendor } = await vendorThat(() => ok({ data: [] }));
    await expect(vendor.fetch(order, placed)).rejects.toMatchObject({ kind: 'permanent' });
  });
});

describe('an act', () => {
  const accept = { act: 'accept' as const, unitKey: one, responseId: 'r1' };
  const bonus = { ...accept, act: 'bonus' as const, workerId: 'w', amountMicros: 1n, reason: 'Good.', key: 'b' };

  test.each([404, 405, 501])('that is answered %i is one the vendor does not have', async (status) => {
    const { vendor } = await vendorThat(() => ({ status, body: 'no such thing' }));
    expect(await vendor.settle(order, placed, accept)).toBe('unsupported');
    expect(await vendor.bonus(order, placed, bonus)).toBe('unsupported');
  });

  test.each([409, 422])('that is answered %i is refused, in the vendor’s words', async (status) => {
    const { vendor } = await vendorThat(() => ({ status, body: 'It was rejected.' }));
    expect(await vendor.settle(order, placed, accept)).toEqual({
      refused: expect.stringContaining('It was rejected.'),
    });
    await expect(vendor.bonus(order, placed, bonus)).rejects.toMatchObject({ kind: 'permanent' });
  });

  test('that is answered without a body is done', async () => {
    const { vendor } = await vendorThat(() => ({ status: 204 }));
    expect([await vendor.settle(order, placed, accept), await vendor.bonus(order, placed, bonus)]).toEqual([
      'done',
      'done',
    ]);
  });
});

describe('the settings', () => {
  const token = { QUORATE_VENDOR_TOKEN: 'planted-token' };

  test.each([
    ['QUORATE_VENDOR_BASE_URL', 'localhost:7500', token],
    ['SCALE_BASE_URL', 'api.scale.example', {}],
    ['MTURK_ENDPOINT', 'https://user:planted@mturk.example', {}],
    ['QUORATE_VENDOR_WEBHOOK_SECRET', 'whsec_planted!', { ...token, QUORATE_VENDOR_BASE_URL: 'http://127.0.0.1:1' }],
  ])('%s that cannot be used is named at the start', async (name, value, rest) => {
    const wrong = await loadVendors({ ...rest, [name]: value }).catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(VendorError);
    expect(String(wrong)).toContain(name);
    expect(String(wrong)).not.toContain('planted');
  });
});

describe('a webhook', () => {
  const base64 = Buffer.from('a key of some thirty bytes or so').toString('base64');
  const make = (webhookSecret: string) =>
    createHttpVendor({ baseUrl: 'http://127.0.0.1:1', token: 'planted-token', webhookSecret });
  const signed = (key: string | Buffer, body: string) => {
    const at = `${Math.floor(Date.now() / 1000)}`;
    const signature = createHmac('sha256', key).update(`id-1.${at}.${body}`).digest('base64');
    const headers = { 'webhook-id': 'id-1', 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` };
    return { headers, body: Buffer.from(body), nowMs: Date.now() };
  };

  test.each([
    ['whsec_ and base64', `whsec_${base64}`, Buffer.from(base64, 'base64')],
    ['base64 alone', base64, Buffer.from(base64, 'base64')],
    ['base64 whose text is the key', base64, base64],
    ['any text', 'a secret, in words', 'a secret, in words'],
  ])('is believed by a secret that is %s, and not by another', (_what, secret, key) => {
    const vendor = make(secret);
    const body = JSON.stringify({ data: { orderKey: 'o' } });
    expect(vendor.parseWebhook(signed(key, body)).mentions).toEqual(['o']);
    expect(() => vendor.parseWebhook(signed('another', body))).toThrow(VendorError);
  });

  test.each(['whsec_', 'whsec_no base64!'])('cannot be believed by "%s", which is said at once', (secret) => {
    expect(() => make(secret)).toThrow(/QUORATE_VENDOR_WEBHOOK_SECRET/);
  });

  test.each([
    ['orderKey', { data: { orderKey: 'o' } }],
    ['order_id', { order_id: 'o' }],
    ['the key of its order', { type: 'order.updated', order: { key: 'o', state: 'done' } }],
  ])('names its order as %s', (_how, body) => {
    expect(
      make('a secret, in words').parseWebhook(signed('a secret, in words', JSON.stringify(body))).mentions,
    ).toContain('o');
  });
});

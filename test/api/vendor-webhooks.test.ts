import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createWebhookReader, loadVendors } from '../../vendors/registry.ts';
import { surgeAiBench } from '../vendors/fakes/surge-ai.ts';
import { orderOf } from '../vendors/orders.ts';
import { type Rig, startRig } from './rig.ts';

const SECRET = 'whsec_cGxhbnRlZC1zZWNyZXQtb2YtdGhlLWh0dHAtdmVuZG9y';
const ENV = {
  QUORATE_VENDOR_URL: 'http://127.0.0.1:1',
  QUORATE_VENDOR_TOKEN: 'token',
  QUORATE_VENDOR_WEBHOOK_SECRET: SECRET,
  SCALE_API_KEY: 'key',
  SCALE_CALLBACK_AUTH_KEY: 'callback-secret',
  PROLIFIC_TOKEN: 'token',
  PROLIFIC_WORKSPACE_ID: 'w',
  PROLIFIC_WEBHOOK_SECRET: 'prolific-secret',
  LABELBOX_API_KEY: 'key',
  LABELBOX_WEBHOOK_SECRET: 'labelbox-secret',
  SURGE_API_KEY: 'key',
};

type Sign = (body: string, sentMs: number) => Record<string, string>;

/** Of those that sign: which headers carry it, how, and whether the time is signed, too. */
const SIGNERS: Record<string, { sign: Sign; timed: boolean }> = {
  http_vendor: {
    timed: true,
    sign(body, sentMs) {
      const at = new Date(Math.floor(sentMs / 1000) * 1000);
      const signature = new Webhook(SECRET).sign('event-1', at, body);
      return { 'webhook-id': 'event-1', 'webhook-timestamp': `${at.getTime() / 1000}`, 'webhook-signature': signature };
    },
  },
  prolific: {
    timed: true,
    sign(body, sentMs) {
      const at = `${Math.floor(sentMs / 1000)}`;
      const signature = createHmac('sha256', 'prolific-secret')
        .update(at + body)
        .digest('base64');
      return { 'x-event-id': 'event-1', 'x-prolific-request-timestamp': at, 'x-prolific-request-signature': signature };
    },
  },
  labelbox: {
    timed: false,
    sign(body) {
      const signature = `sha1=${createHmac('sha1', 'labelbox-secret').update(body).digest('hex')}`;
      return { 'x-labelbox-id': 'event-1', 'x-hub-signature': signature };
    },
  },
  scale_ai: { timed: false, sign: () => ({ 'scale-callback-auth': 'callback-secret' }) },
};

/** An order that its vendor has; returns its id. */
async function placed(rig: Rig, vendor: string, key: string): Promise<string> {
  const made = await rig.call(rig.requester, 'POST', '/v1/campaigns', {
    type: 'classification',
    config: { labels: ['spam', 'ham'] },
    budgetUsd: '10',
    workforces: [vendor],
  });
  const orderId = uuidv7();
  await rig.db`
    insert into vendor_orders (id, campaign_id, vendor, key, policy_version, price_micros, state, placement, deadline_at)
    values (${orderId}, ${made.body.id}, ${vendor}, ${key}, 1, 1000, 'placed',
      '{"externalId":"their-order","units":{}}', now() + interval '1 day')`;
  return orderId;
}

const toldIn = async (rig: Rig) =>
  (await rig.db<{ target: string }[]>`select target_id as target from outbox where kind = 'signal_order'`).map(
    ({ target }) => target,
  );

describe.each(Object.entries(SIGNERS))('a webhook of %s', (vendor, { sign, timed }) => {
  let rig: Rig;
  let orderId = '';
  beforeAll(async () => {
    rig = await startRig({ readWebhook: createWebhookReader(await loadVendors(ENV)) });
    orderId = await placed(rig, vendor, 'our-order');
  });
  afterAll(() => rig.close());
  beforeEach(async () => {
    await rig.db`delete from outbox`;
    await rig.db`delete from vendor_webhooks`;
  });

  const body = JSON.stringify({
    type: 'order.changed',
    data: { orderKey: 'our-order' },
    resource_id: 'their-order',
    id: 'their-order',
    batch: 'their-order',
    task: { task_id: 'their-order', status: 'completed' },
    response: { answers: { label: 'spam' } },
  });
  const post = (headers: Record<string, string>, sent: string | Uint8Array = body) =>
    rig.call(undefined, 'POST', `/v1/vendors/${vendor}/webhook`, sent, {
      'content-type': 'application/json',
      ...headers,
    });
  const told = () => toldIn(rig);

  test('has its order look at the vendor, and brings in nothing by itself', async () => {
    expect((await post(sign(body, Date.now()))).status).toBe(202);
    expect(await told()).toEqual([orderId]);
    expect(await rig.db`select 1 from vendor_responses`).toEqual([]);
  });

  test('is heard once, however often it is sent', async () => {
    for (let n = 0; n < 3; n++) expect((await post(sign(body, Date.now()))).status).toBe(202);
    expect(await told()).toEqual([orderId]);
  });

  test.runIf(vendor === 'prolific')('that names the study of a place is told to its order', async () => {
    await rig.db`
      update vendor_orders set placement = '{"externalId":"study-1","units":{"a":"study-1/batch-1","b":"study-2/batch-2"}}'
      where id = ${orderId}`;
    const event = JSON.stringify({ event_type: 'study.status.change', resource_id: 'study-2' });
    expect((await post(sign(event, Date.now()), event)).status).toBe(202);
    expect(await told()).toEqual([orderId]);
    await rig.db`
      update vendor_orders set placement = '{"externalId":"their-order","units":{}}' where id = ${orderId}`;
  });

  test.runIf(vendor === 'prolific')(
    'of a submission, which names no study, is told to the orders that wait',
    async () => {
      const submission = (status: string) =>
        JSON.stringify({
          ...{ event_type: 'submission.status.change', resource_id: '60d9aadeb86739de712faee0' },
          ...{ participant_id: '60bf9310e8dec401be6e9615', status },
        });
      expect((await post(sign(submission('ACTIVE'), Date.now()), submission('ACTIVE'))).status).toBe(202);
      expect(await told()).toEqual([]);
      await rig.db`delete from vendor_webhooks`;
      const handedIn = submission('AWAITING REVIEW');
      for (let n = 0; n < 2; n++) expect((await post(sign(handedIn, Date.now()), handedIn)).status).toBe(202);
      expect(await told()).toEqual([orderId]);
    },
  );

  test('that names a task of an order that was closed some days ago is told to it', async () => {
    const placed = { state: 'placed', closed_at: null, placement: { externalId: 'their-order', units: {} } };
    const close = (daysAgo: number) => rig.db`
      update vendor_orders set state = 'closed', closed_at = now() - ${daysAgo} * interval '1 day',
        placement = '{"externalId":"another","units":{"a":"their-order/b"}}', key = 'none of the body''s' where id = ${orderId}`;
    try {
      await close(29);
      expect((await post(sign(body, Date.now()))).status).toBe(202);
      expect(await told()).toEqual([orderId]);
      await rig.db`delete from outbox`;
      await rig.db`delete from vendor_webhooks`;
      await close(31);
      expect((await post(sign(body, Date.now()))).status).toBe(202);
      expect(await told()).toEqual([]);
    } finally {
      await rig.db`update vendor_orders set ${rig.db({ ...placed, key: 'our-order' })} where id = ${orderId}`;
    }
  });

  test('without a signature, or with another one, is not believed', async () => {
    const right = sign(body, Date.now());
    const secret = Object.keys(right).find((name) => /signature|auth/.test(name)) ?? '';
    const { [secret]: _, ...without } = right;
    for (const headers of [{}, without, { ...right, [secret]: `${right[secret]}x` }, { ...right, [secret]: '' }]) {
      expect((await post(headers)).status).toBe(401);
    }
    expect(await told()).toEqual([]);
  });

  test.runIf(vendor !== 'scale_ai')('of another body than was signed is not believed', async () => {
    expect((await post(sign(body, Date.now()), body.replace('our-order', 'another'))).status).toBe(401);
    expect(await told()).toEqual([]);
  });

  test.runIf(timed)('that is older than five minutes is not believed, nor one of the future', async () => {
    for (const ms of [-6 * 60_000, 6 * 60_000]) expect((await post(sign(body, Date.now() + ms))).status).toBe(401);
    expect((await post(sign(body, Date.now() - 4 * 60_000))).status).toBe(202);
  });

  test('that is larger than a mebibyte is refused before it is read', async () => {
    const large = JSON.stringify({ text: 'x'.repeat(1024 * 1024) });
    expect((await post(sign(large, Date.now()), large)).status).toBe(413);
    expect(await told()).toEqual([]);
  });

  test('of a vendor that signs nothing, is not set up, or does not exist, is refused', async () => {
    const to = (name: string) =>
      rig.call(undefined, 'POST', `/v1/vendors/${name}/webhook`, body, sign(body, Date.now()));
    expect([(await to('surge_ai')).status, (await to('mturk')).status, (await to('nobody')).status]).toEqual([
      401, 401, 404,
    ]);
  });
});

test('a callback of surge_ai is believed at the address that its project was made with, and there alone', async () => {
  const bench = await surgeAiBench();
  let nowMs = Date.parse('2026-11-23T10:00:01Z');
  const rig = await startRig({
    now: () => new Date(nowMs),
    readWebhook: createWebhookReader(
      await loadVendors({ SURGE_API_KEY: 'key', SURGE_CALLBACK_SECRET: bench.secrets.at(-1) }),
    ),
  });
  try {
    const ids = [await placed(rig, 'surge_ai', 'our-order'), await placed(rig, 'surge_ai', 'another-order')];
    const callbackUrl = 'https://quorate.example/v1/vendors/surge_ai/webhook';
    for (const key of ['our-order', 'another-order']) {
      await bench.vendor.submit({ ...orderOf('classification', { key }), callbackUrl }, { again: false });
    }
    const [ours = '', others = ''] = bench.projects.map(({ callback_url = '' }) => new URL(callback_url).pathname);
    const post = (path: string, body: unknown = { id: 'p0', num_tasks_completed: 1 }, type = 'application/json') =>
      rig.call(undefined, 'POST', path, JSON.stringify(body), { 'content-type': type });
    const freshlyTold = async () => {
      const told = await toldIn(rig);
      await rig.db`delete from outbox`;
      return told;
    };

    for (let n = 0; n < 3; n++) expect((await post(ours)).status).toBe(202);
    expect(await freshlyTold()).toEqual([ids[0]]);
    expect((await post(ours, { id: 't1', is_complete: true }, 'text/plain')).status).toBe(202);
    expect(await freshlyTold()).toEqual([ids[0]]);
    expect((await post(others)).status).toBe(202);
    expect(await freshlyTold()).toEqual([ids[1]]);
    nowMs += 60_000;
    expect((await post(ours)).status).toBe(202);
    expect(await freshlyTold()).toEqual([ids[0]]);
    expect(await rig.db`select 1 from vendor_responses`).toEqual([]);

    const swapped = `${ours.slice(0, ours.lastIndexOf('/'))}/another-order${ours.slice(ours.lastIndexOf('.'))}`;
    for (const path of [
      callbackUrl.slice(23),
      `${ours}x`,
      ours.slice(0, -1),
      ours.replace('surge', 'scale'),
      swapped,
    ]) {
      expect([path, (await post(path)).status]).toEqual([path, 401]);
    }
    expect((await post(ours, 'x'.repeat(1024 * 1024))).status).toBe(413);
    expect(await freshlyTold()).toEqual([]);
  } finally {
    await rig.close();
    await bench.stop();
  }
});

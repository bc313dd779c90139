import { afterEach, expect, test } from 'vitest';
import { connect, type Db } from '../../db/client.ts';
import { verifyBooks } from '../../db/queries/books.ts';
import { findOrder } from '../../db/queries/vendor-orders.ts';
import { until } from '../support/rig.ts';
import { type HeldStack, holdUp, lastWords, makePlace, type Place, requireBuild } from '../support/stack.ts';
import type { Bench } from '../vendors/bench.ts';
import { httpVendorBench } from '../vendors/fakes/http-vendor.ts';
import * as stage from '../workers/stage.ts';

requireBuild();

const VARIABLES = ['QUORATE_VENDOR_BASE_URL', 'QUORATE_VENDOR_TOKEN', 'QUORATE_VENDOR_WEBHOOK_SECRET'] as const;

let place: Place | undefined;
let stack: HeldStack | undefined;
let bench: Bench | undefined;
let db: Db | undefined;

afterEach(async () => {
  await db?.end({ timeout: 5 });
  await stack?.stop();
  await bench?.stop();
  place?.remove();
  for (const name of VARIABLES) delete process.env[name];
});

const TASKS = 3;
const ANSWERS = 2;
// Longer than the longest a dead worker's activity is waited for, which is a minute, and a process's start.
const PATIENCE_MS = 240_000;

test('a worker that is killed in the middle of an order, and of its answers, buys once and takes in each answer once', {
  timeout: 900_000,
}, async (context) => {
  // The purchase is carried out and never answered: the worker waits for it as it is killed.
  const faults = { seed: 'kill', share: 1, most: 1, kinds: ['hung_after'] } as const;
  const vendor = await httpVendorBench({ faults });
  bench = vendor;
  const [token = '', secret = ''] = vendor.secrets;
  for (const [at, value] of [vendor.baseUrl, token, secret].entries()) process.env[VARIABLES[at] ?? ''] = value;
  place = await makePlace();
  const held = await holdUp(place);
  stack = held;
  context.onTestFailed(() => console.error(lastWords(held.lines)));
  const own = connect(held.databaseUrl, { max: 4, name: 'vendor-kill' });
  db = own;
  const kill = async () => {
    const before = held.pids.worker();
    if (before === undefined) throw new Error('There is no worker to kill.');
    process.kill(before, 'SIGKILL');
    await until('another worker runs', () => ![undefined, before].includes(held.pids.worker()), PATIENCE_MS);
  };

  const made = await stage.scene(own, {
    items: TASKS,
    settings: { workforces: ['http_vendor'], redundancy: ANSWERS },
  });
  const { campaignId } = made;
  const taskIds = await stage.plan(own, made, TASKS);
  await own.notify('quorate_outbox', '');
  await until('all is bought, and the worker does not know', () => vendor.allPurchases() === TASKS, PATIENCE_MS);
  const orders = await own<{ id: string; state: string }[]>`
    select id, state from vendor_orders where campaign_id = ${campaignId}`;
  const [{ id: orderId, state } = { id: '', state: '' }] = orders;
  expect([orders.length, state]).toEqual([1, 'submitting']);
  await kill();
  const placed = await until(
    'the order is known',
    async () => {
      const order = await findOrder(own, orderId);
      return order?.state === 'placed' && order;
    },
    PATIENCE_MS,
  );
  expect(placed.attempts).toBeGreaterThan(1);
  expect(vendor.allPurchases()).toBe(TASKS);

  vendor.work({ workers: ANSWERS });
  const answersIn = async () => (await own`select 1 from annotations where campaign_id = ${campaignId}`).length;
  const said = vendor.webhook({ key: placed.key }, placed.placement ?? { externalId: '', units: {} });
  if (!said) throw new Error('The vendor sends no webhook.');
  const heard = await fetch(`${held.url}/v1/vendors/http_vendor/webhook`, {
    ...{ method: 'POST', headers: said.headers, body: new Uint8Array(said.body) },
  });
  expect(heard.status).toBe(202);
  await until('the first answer is in', async () => (await answersIn()) > 0, PATIENCE_MS);
  await kill();
  await until(
    'all is decided',
    async () => {
      const open = await own`select 1 from tasks where id = any(${taskIds}::uuid[]) and state <> 'decided'`;
      return open.length === 0;
    },
    PATIENCE_MS,
  );
  await until('the order is closed', async () => (await findOrder(own, orderId))?.state === 'closed', PATIENCE_MS);
  await until('all is delivered', () => stage.isDelivered(own), PATIENCE_MS);

  expect(vendor.allPurchases()).toBe(TASKS);
  const counted = await own`select 1 from annotations where campaign_id = ${campaignId} and counted`;
  expect([counted.length, await answersIn()]).toEqual([TASKS * ANSWERS, TASKS * ANSWERS]);
  const spent = BigInt(TASKS * ANSWERS) * 100_000n;
  expect(await stage.moneyOf(own, campaignId)).toMatchObject({ spent, reserved: 0n, ledgerSpent: spent, paid: spent });
  await stage.expectInvariants(own, campaignId);
  expect(await verifyBooks(own)).toMatchObject({ holds: true });
});

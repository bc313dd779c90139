import { afterEach, expect, test } from 'vitest';
import { connect, type Db } from '../../db/client.ts';
import { verifyBooks } from '../../db/queries/books.ts';
import { findOrder } from '../../db/queries/vendor-orders.ts';
import { noteWebhook } from '../../db/queries/vendor-units.ts';
import { until } from '../support/rig.ts';
import { type HeldStack, holdUp, lastWords, makePlace, type Place, requireBuild } from '../support/stack.ts';
import type { Bench } from '../vendors/bench.ts';
import { BENCHES } from '../vendors/benches.ts';
import type { Asked } from '../vendors/fake.ts';
import * as stage from '../workers/stage.ts';

requireBuild();

let place: Place | undefined;
let stack: HeldStack | undefined;
let db: Db | undefined;
const benches: Bench[] = [];

afterEach(async () => {
  await db?.end({ timeout: 5 });
  await stack?.stop();
  for (const { env, stop } of benches.splice(0)) {
    await stop();
    for (const name of Object.keys(env)) delete process.env[name];
  }
  place?.remove();
});

const TASKS = 3;
const ANSWERS = 2;
// Longer than the longest a dead worker's activity is waited for, which is a minute, and a process's start.
const PATIENCE_MS = 240_000;

/** The request of each vendor by which tasks are bought, of which some may be several. */
const PURCHASES: Readonly<Record<string, (asked: Asked) => boolean>> = {
  http_vendor: ({ method, path }) => method === 'PUT' && /\/orders\/[^/]+$/.test(path),
  scale_ai: ({ path }) => path.endsWith('/task/textcollection'),
  surge_ai: ({ path }) => path.endsWith('/create_tasks'),
  prolific: ({ path }) => /\/studies\/[^/]+\/transition\/$/.test(path),
  labelbox: ({ raw }) => raw.includes('createBatchV2'),
  mturk: ({ headers }) => headers['x-amz-target']?.endsWith('.CreateHIT') === true,
};

/** Whole cents and the fee on them, where a vendor pays these; what it costs of ten cents. */
const ANSWER_MICROS: Readonly<Record<string, bigint>> = { prolific: 85_800n, mturk: 96_000n };

interface Running {
  readonly name: string;
  readonly bench: Bench;
  readonly campaignId: string;
  readonly taskIds: readonly string[];
  readonly orderId: string;
}

test('a worker that is killed in the middle of orders at all vendors, and of their answers, buys once and takes in each answer once', {
  timeout: 900_000,
}, async (context) => {
  // Purchases are carried out and never answered: the worker waits for all of them as it is killed.
  let isHeld = true;
  const held = new Set<string>();
  for (const [name, open] of Object.entries(BENCHES)) {
    const isHit = (asked: Asked) => isHeld && (PURCHASES[name]?.(asked) ?? false) && held.add(name).has(name);
    const faults = { seed: 'kill', share: 1, most: 1000, kinds: ['hung_after'] as const, when: isHit };
    const bench = await open({ faults });
    benches.push(bench);
    Object.assign(process.env, bench.env);
  }
  place = await makePlace();
  const up = await holdUp(place);
  stack = up;
  context.onTestFailed(() => console.error(lastWords(up.lines)));
  const own = connect(up.databaseUrl, { max: 8, name: 'vendor-kill' });
  db = own;
  const worker = () => up.pids.worker();
  const kill = () => {
    const before = worker();
    if (before === undefined) throw new Error('There is no worker to kill.');
    process.kill(before, 'SIGKILL');
    return until('another worker runs', () => ![undefined, before].includes(worker()), PATIENCE_MS);
  };

  const begun = [];
  for (const [at, name] of Object.keys(BENCHES).entries()) {
    const made = await stage.scene(own, { items: TASKS, settings: { workforces: [name], redundancy: ANSWERS } });
    const taskIds = await stage.plan(own, made, TASKS);
    const bench = benches[at];
    if (bench) begun.push({ name, bench, campaignId: made.campaignId, taskIds });
  }
  await own.notify('quorate_outbox', '');
  await until('all vendors have been asked, and do not answer', () => held.size === begun.length, PATIENCE_MS);
  const running: Running[] = [];
  for (const each of begun) {
    const orders = await own<{ id: string; state: string }[]>`
      select id, state from vendor_orders where campaign_id = ${each.campaignId}`;
    expect([each.name, orders.map(({ state }) => state)]).toEqual([each.name, ['submitting']]);
    running.push({ ...each, orderId: orders[0]?.id ?? '' });
  }
  await kill();
  isHeld = false;
  const orderOf = async ({ orderId }: Running) => findOrder(own, orderId);
  for (const each of running) {
    await until(`${each.name} has its order`, async () => (await orderOf(each))?.state === 'placed', PATIENCE_MS);
    expect((await orderOf(each))?.attempts, each.name).toBeGreaterThan(1);
    expect([each.name, each.bench.allPurchases()]).toEqual([each.name, TASKS]);
  }

  // The answers to the second of three tasks cannot be taken in yet, whichever end a vendor lists first.
  const locks = await own.reserve();
  await locks`begin`;
  for (const { orderId } of running) {
    await locks`
      select 1 from vendor_units where id = (
        select id from vendor_units where order_id = ${orderId} order by id offset 1 limit 1) for update`;
  }
  for (const each of running) {
    each.bench.work({ workers: ANSWERS });
    await tell(each, up.url, own);
  }
  const answersIn = async ({ campaignId }: Running) =>
    (await own`select 1 from annotations where campaign_id = ${campaignId}`).length;
  // Two of the six, or four where a look that was under way passed the second task before it was worked on.
  for (const each of running) {
    await until(`some answers of ${each.name} are in`, async () => (await answersIn(each)) >= ANSWERS, PATIENCE_MS);
    expect([each.name, await answersIn(each)]).not.toEqual([each.name, TASKS * ANSWERS]);
  }
  await until(
    'the others wait',
    async () => {
      const waiting = await own`
        select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%from vendor_units where id = %'`;
      return waiting.length >= running.length;
    },
    PATIENCE_MS,
  );
  const killed = kill();
  await locks`rollback`;
  locks.release();
  await killed;
  for (const each of running) {
    const { name, taskIds, campaignId } = each;
    const open = () => own`select 1 from tasks where id = any(${[...taskIds]}::uuid[]) and state <> 'decided'`;
    await until(`all of ${name} is decided`, async () => (await open()).length === 0, PATIENCE_MS);
    await until(`the order of ${name} is closed`, async () => (await orderOf(each))?.state === 'closed', PATIENCE_MS);
    expect([name, each.bench.allPurchases()]).toEqual([name, TASKS]);
    const counted = await own`select 1 from annotations where campaign_id = ${campaignId} and counted`;
    expect([name, counted.length, await answersIn(each)]).toEqual([name, TASKS * ANSWERS, TASKS * ANSWERS]);
    const incidents = await own`select 1 from vendor_incidents where order_id = ${each.orderId}`;
    expect([name, incidents.length]).toEqual([name, 0]);
  }
  await until('all is delivered', () => stage.isDelivered(own), PATIENCE_MS);
  for (const { name, campaignId } of running) {
    const spent = BigInt(TASKS * ANSWERS) * (ANSWER_MICROS[name] ?? 100_000n);
    const books = { spent, reserved: 0n, ledgerSpent: spent, paid: spent };
    expect(await stage.moneyOf(own, campaignId), name).toMatchObject(books);
    await stage.expectInvariants(own, campaignId);
  }
  expect(await verifyBooks(own)).toMatchObject({ holds: true });
});

/** Has a vendor say that there is news, as it would; the order of one that never does is looked at all the same. */
async function tell({ name, bench, orderId }: Running, url: string, own: Db): Promise<void> {
  const { key = '', placement } = (await findOrder(own, orderId)) ?? {};
  const said = bench.webhook({ key }, placement ?? { externalId: '', units: {} });
  if (!said) {
    await noteWebhook(own, { vendor: name, eventKey: orderId, mentions: [key] });
    await own.notify('quorate_outbox', '');
    return;
  }
  const path = said.path === undefined ? '' : `/${said.path}`;
  const heard = await fetch(`${url}/v1/vendors/${name}/webhook${path}`, {
    ...{ method: 'POST', headers: said.headers, body: new Uint8Array(said.body) },
  });
  expect([name, heard.status]).toEqual([name, 202]);
}

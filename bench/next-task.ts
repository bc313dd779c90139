/**
 * `next` and submit over HTTP with few and many open slots and 1, 8, 32 and 128 clients in a process of their own: latency
 * and requests a second. Slots are made straight in the database, as a pool that was opened long ago; no worker runs,
 * so that the door alone is measured.
 * `node dist/bench/next-task.js [seconds per cell] [few slots] [many slots]`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import type { Running } from '../cli/up.ts';
import { connect, type Db } from '../db/client.ts';
import { call, cpuMsOfTree, machine, makeAnnotators, withStack } from './support.ts';

const [seconds = 5, SMALL = 10_000, LARGE = 1_000_000] = process.argv.slice(2).map(Number);
const CLIENTS = [1, 8, 32, 128];

interface Cell {
  readonly slots: number;
  readonly clients: number;
  readonly next: Record<'p50' | 'p95' | 'p99', number>;
  readonly submit: Record<'p50' | 'p95' | 'p99', number>;
  readonly requestsPerS: number;
  /** CPU time a request of the API and the database, and of the clients. */
  readonly cpuMsPerRequest: { readonly door: number; readonly clients: number };
}

await withStack(async (stack) => {
  for (const service of ['worker', 'learning'] as const) {
    const pid = stack.pids[service]();
    // Stopped, not ended: the supervisor would start it again.
    if (pid !== undefined) process.kill(pid, 'SIGSTOP');
  }
  const db = connect(stack.databaseUrl, { max: 2 });
  const keys = await makeAnnotators(stack, Math.max(...CLIENTS));
  const cells: Cell[] = [];
  try {
    const large = await openPool(stack, db, LARGE);
    // A cell uses up most of a small pool, so each has its own.
    const small: string[] = [];
    for (const _ of CLIENTS) small.push(await openPool(stack, db, SMALL));
    await db.unsafe('vacuum analyze');
    for (const [at, clients] of CLIENTS.entries()) {
      // Small and large in turn, so that a noisy minute meets both.
      for (const [slots, pool] of [
        [SMALL, small[at] ?? ''],
        [LARGE, large],
      ] as const) {
        const cell = await measure(stack, keys.slice(0, clients), pool, slots);
        cells.push(cell);
        process.stderr.write(`${JSON.stringify(cell)}\n`);
      }
    }
    const p50 = (slots: number, clients: number) =>
      cells.find((cell) => cell.slots === slots && cell.clients === clients)?.next.p50 ?? Number.NaN;
    const growth = Object.fromEntries(
      CLIENTS.map((clients) => [clients, Number((p50(LARGE, clients) / p50(SMALL, clients)).toFixed(2))]),
    );
    process.stdout.write(
      `${JSON.stringify({ machine: machine(), secondsPerCell: seconds, cells, medianGrowth: growth }, null, 2)}\n`,
    );
  } finally {
    await db.end();
    for (const service of ['worker', 'learning'] as const) {
      const pid = stack.pids[service]();
      if (pid !== undefined) process.kill(pid, 'SIGCONT');
    }
  }
});

/** A running campaign with `size` open slots, three a task. */
async function openPool(stack: Running, db: Db, size: number): Promise<string> {
  const { body } = await call(stack, stack.apiKey, 'POST', '/v1/campaigns', {
    name: `Pool of ${size} slots`,
    type: 'classification',
    config: { labels: ['yes', 'no'] },
    budgetUsd: '1000000',
    goldRatio: 0,
    simulated: true,
  });
  const id = String(body.id);
  const tasks = Math.ceil(size / 3);
  await db.begin(async (tx) => {
    await tx`update campaigns set state = 'running', started_at = now() where id = ${id}`;
    await tx`
      create temporary table made on commit drop as
      select gen_random_uuid() as item, gen_random_uuid() as task, n from generate_series(1, ${tasks}::int) as n`;
    await tx`insert into items (id, campaign_id, key, state, shuffle) select item, ${id}, 'item-' || n, 'selected', n from made`;
    await tx`
      insert into item_payloads (item_id, payload, hash)
      select item, jsonb_build_object('text', 'Item ' || n || ' ' || repeat('of the benchmark ', 30)), 'none' from made`;
    await tx`
      insert into tasks (id, campaign_id, item_id, state, round, redundancy, price_micros, required_tier, policy_version, instructions_version)
      select task, ${id}, item, 'open', 1, 3, 50000, 0, 1, 1 from made`;
    await tx`
      insert into slots (task_id, slot_no, campaign_id, workforce, priority, required_tier)
      select task, slot_no, ${id}, 'internal', 1, 0 from made cross join generate_series(1, 3) as slot_no order by n, slot_no`;
  });
  return id;
}

/** Runs the clients in a process of their own for the given time and reads back what they measured. */
async function measure(stack: Running, keys: readonly string[], campaignId: string, slots: number): Promise<Cell> {
  const cpuBefore = cpuMsOfTree();
  const load = spawn(process.execPath, [fileURLToPath(new URL('./next-task-load.js', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  load.stdin.end(JSON.stringify({ url: stack.url, keys, campaignId, seconds, run: uuidv7() }));
  let text = '';
  load.stdout.on('data', (part) => {
    text += String(part);
  });
  const [code] = (await once(load, 'exit')) as [number];
  if (code !== 0) throw new Error(`The clients ended with code ${code}.`);
  const { next, submit, requestsPerS, sent, cpuMs } = JSON.parse(text) as Pick<
    Cell,
    'next' | 'submit' | 'requestsPerS'
  > & { sent: number; cpuMs: { asking: number; all: number } };
  const each = (ms: number) => Number((ms / sent).toFixed(2));
  const cpuMsPerRequest = { door: each(cpuMsOfTree() - cpuBefore - cpuMs.all), clients: each(cpuMs.asking) };
  return { slots, clients: keys.length, next, submit, requestsPerS, cpuMsPerRequest };
}

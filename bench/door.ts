import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Running } from '../cli/up.ts';
import type { Db } from '../db/client.ts';
import { call, cpuMsOfTree } from './support.ts';

/** Of one kind of request, in milliseconds. */
export type Latency = Record<'p50' | 'p95' | 'p99', number>;

/** What clients that lease and submit in turn have measured. */
export interface Measured {
  readonly next: Latency;
  readonly submit: Latency;
  readonly requestsPerS: number;
  /** CPU time a request of the API and the database, and of the clients. */
  readonly cpuMsPerRequest: { readonly door: number; readonly clients: number };
  /** Ids of all answers that were acknowledged, once for each time. */
  readonly acknowledged: readonly string[];
  /** Submissions that were sent a second time. */
  readonly repeats: number;
  /** Submissions that were refused. */
  readonly refused: number;
}

export interface Clients {
  /** One client a key; the same key may come twice, as somebody with two tabs. */
  readonly keys: readonly string[];
  readonly campaignId: string;
  /** The most it may take, and where `untilEmpty` is not set, what it takes. */
  readonly seconds: number;
  /** A client ends when there is no more work, instead of taking that for a fault. */
  readonly untilEmpty?: boolean;
  /** Every submission is sent twice: at once and in sequence by turns. */
  readonly twice?: boolean;
  /** What the server did not answer is asked again until it does. */
  readonly stubborn?: boolean;
}

/** A running campaign with `size` open slots, three a task. */
export async function openPool(stack: Running, db: Db, size: number): Promise<string> {
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

/** Stops the workers while `measure` runs, so that the door alone is measured. */
export async function withoutWorkers<T>(stack: Running, measure: () => Promise<T>): Promise<T> {
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    for (const service of ['worker', 'learning'] as const) {
      const pid = stack.pids[service]();
      // Stopped, not ended: the supervisor would start it again.
      if (pid !== undefined) process.kill(pid, name);
    }
  };
  signal('SIGSTOP');
  try {
    return await measure();
  } finally {
    signal('SIGCONT');
  }
}

/** Runs the clients in a process of their own and reads back what they measured. */
export async function runClients(stack: Running, clients: Clients): Promise<Measured> {
  const cpuBefore = cpuMsOfTree();
  const load = spawn(process.execPath, [fileURLToPath(new URL('./next-task-load.js', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  load.stdin.end(JSON.stringify({ url: stack.url, ...clients }));
  let text = '';
  load.stdout.on('data', (part) => {
    text += String(part);
  });
  const [code] = (await once(load, 'close')) as [number];
  if (code !== 0) throw new Error(`The clients ended with code ${code}.`);
  const { sent, cpuMs, ...measured } = JSON.parse(text) as Omit<Measured, 'cpuMsPerRequest'> & {
    sent: number;
    cpuMs: { asking: number; all: number };
  };
  const each = (ms: number) => Number((ms / sent).toFixed(2));
  const cpuMsPerRequest = { door: each(cpuMsOfTree() - cpuBefore - cpuMs.all), clients: each(cpuMs.asking) };
  return { ...measured, cpuMsPerRequest };
}

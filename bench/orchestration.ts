/**
 * Tasks a second through the whole way (start, three answers over HTTP, assess, aggregate, settle) beside a floor that
 * is measured in turn on the same server: a bare workflow that waits for three signals and runs one activity.
 * `node dist/bench/orchestration.js [tasks] [rounds]`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { Running } from '../cli/up.ts';
import { connect, PATIENT_MS } from '../db/client.ts';
import { taskWorkflowId } from '../workflows/messages.ts';
import { answeredSignal, floorWorkflow } from './floor/workflow.ts';
import { call, cpuMsOfTree, machine, makeAnnotators, quantile, until, withStack } from './support.ts';

const [tasks = 600, rounds = 5] = process.argv.slice(2).map(Number);
const CLIENTS = 12;
const LANES = 24;

await withStack(async (stack) => {
  const client = new Client({ connection: await Connection.connect({ address: stack.temporal.address }) });
  const floorWorker = spawn(
    process.execPath,
    [fileURLToPath(new URL('./floor/worker.js', import.meta.url)), stack.temporal.address],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(floorWorker.stdout, 'data');
  const keys = await makeAnnotators(stack, CLIENTS);
  const pairs: { floor: Measured; whole: Measured }[] = [];
  try {
    // One unmeasured round each: first uses compile code and fill caches.
    await floor(client, 100, -1);
    await whole(stack, keys, 100);
    for (let round = 0; round < rounds; round++) {
      const pair = { floor: await floor(client, tasks, round), whole: await whole(stack, keys, tasks) };
      pairs.push(pair);
      const told = ({ perS, cpuMs }: Measured) => `${perS.toFixed(1)}/s at ${cpuMs.toFixed(0)} ms CPU`;
      process.stderr.write(`floor ${told(pair.floor)}, whole ${told(pair.whole)}\n`);
    }
    const shape = await oneTask(stack, client, keys);
    const ratios = pairs.map((pair) => pair.whole.perS / pair.floor.perS);
    const median = (values: number[]) => Number(quantile(values, 0.5).toFixed(3));
    const result = {
      machine: machine(),
      tasks,
      rounds,
      floorPerS: median(pairs.map((pair) => pair.floor.perS)),
      wholePerS: median(pairs.map((pair) => pair.whole.perS)),
      ratio: median(ratios),
      ratios: ratios.map((ratio) => Number(ratio.toFixed(3))),
      floorCpuMs: median(pairs.map((pair) => pair.floor.cpuMs)),
      wholeCpuMs: median(pairs.map((pair) => pair.whole.cpuMs)),
      cpuRatio: median(pairs.map((pair) => pair.floor.cpuMs / pair.whole.cpuMs)),
      ...shape,
    };
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } finally {
    floorWorker.kill('SIGTERM');
    await once(floorWorker, 'exit');
    await client.connection.close();
  }
});

/** Tasks a second, and CPU time of all processes a task. */
interface Measured {
  readonly perS: number;
  readonly cpuMs: number;
}

function stopwatch(count: number): () => Measured {
  const [startedMs, cpuBefore] = [performance.now(), cpuMsOfTree()];
  return () => ({
    perS: (1000 * count) / (performance.now() - startedMs),
    cpuMs: (cpuMsOfTree() - cpuBefore) / count,
  });
}

/** Starts bare workflows, sends each its three signals, and waits for their ends. */
async function floor(client: Client, count: number, round: number): Promise<Measured> {
  const measured = stopwatch(count);
  let next = 0;
  const lane = async () => {
    for (let n = next++; n < count; n = next++) {
      const id = `floor-${round}-${n}`;
      const handle = await client.workflow.start(floorWorkflow, { taskQueue: 'floor', workflowId: id, args: [{ id }] });
      for (const answer of ['a', 'b', 'c']) await handle.signal(answeredSignal, { id: answer });
      await handle.result();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return measured();
}

/** Runs a campaign of `count` tasks, answered by clients over HTTP, from its start to the last settlement. */
async function whole(stack: Running, keys: readonly string[], count: number): Promise<Measured> {
  const campaignId = await makeCampaign(stack, count);
  const db = connect(stack.databaseUrl, { max: 1, silentMs: PATIENT_MS });
  try {
    const measured = stopwatch(count);
    await call(stack, stack.apiKey, 'POST', `/v1/campaigns/${campaignId}/start`, {});
    let over = false;
    const answering = Promise.all(keys.map((key) => answerUntil(stack, key, campaignId, () => over)));
    await until(async () => {
      const [row] = await db<{ n: number }[]>`
        select count(*)::int as n from tasks where campaign_id = ${campaignId} and state = 'decided'`;
      return row?.n === count;
    }, 600_000);
    const result = measured();
    over = true;
    await answering;
    return result;
  } finally {
    await db.end();
  }
}

async function makeCampaign(stack: Running, count: number, more: Record<string, unknown> = {}): Promise<string> {
  const { body } = await call(stack, stack.apiKey, 'POST', '/v1/campaigns', {
    name: 'Benchmark',
    type: 'classification',
    config: { labels: ['yes', 'no'] },
    budgetUsd: '1000000',
    strategy: 'random',
    batchSize: 500,
    maxInFlight: 1000,
    refitEvery: 100_000,
    goldRatio: 0,
    simulated: true,
    ...more,
  });
  const id = String(body.id);
  const rows = Array.from({ length: count }, (_, n) => ({
    key: `item-${n}`,
    payload: { text: `Item ${n} of the benchmark.` },
  }));
  await call(stack, stack.apiKey, 'POST', `/v1/campaigns/${id}/items`, rows);
  return id;
}

async function answerUntil(stack: Running, key: string, campaignId: string, over: () => boolean): Promise<void> {
  while (!over()) {
    const next = await call(stack, key, 'POST', '/v1/assignments/next', { campaignId, waitS: 1 }).catch(
      (error: unknown) => {
        if (String(error).includes('campaign_closed')) return undefined;
        throw error;
      },
    );
    if (!next) return;
    if (next.status === 204) continue;
    const label = { label: 'yes', timeSpentS: 8 };
    await call(stack, key, 'POST', `/v1/assignments/${String(next.body.assignmentId)}/annotation`, label);
  }
}

/** History of one task whose three answers arrive apart. Billable: start, timers, signals, and each task with local activities. */
async function oneTask(stack: Running, client: Client, keys: readonly string[]) {
  const campaignId = await makeCampaign(stack, 1);
  await call(stack, stack.apiKey, 'POST', `/v1/campaigns/${campaignId}/start`, {});
  const db = connect(stack.databaseUrl, { max: 1, silentMs: PATIENT_MS });
  try {
    let answers = 0;
    for (const key of keys.slice(0, 3)) {
      let assignmentId = '';
      await until(async () => {
        const next = await call(stack, key, 'POST', '/v1/assignments/next', { campaignId });
        assignmentId = String(next.body.assignmentId ?? '');
        return next.status === 200;
      }, 30_000);
      await call(stack, key, 'POST', `/v1/assignments/${assignmentId}/annotation`, { label: 'yes', timeSpentS: 8 });
      answers += 1;
      await until(async () => {
        const [row] = await db<{ n: number }[]>`
          select count(*)::int as n from annotations where campaign_id = ${campaignId} and assessed_at is not null`;
        return row?.n === answers;
      }, 30_000);
    }
    const [task] = await db<{ id: string }[]>`select id from tasks where campaign_id = ${campaignId}`;
    const handle = client.workflow.getHandle(taskWorkflowId(task?.id ?? ''));
    await handle.result();
    const events = (await handle.fetchHistory()).events ?? [];
    const { historySizeBytes } = (await handle.describe()).raw.workflowExecutionInfo ?? {};
    const count = (has: (event: (typeof events)[number]) => unknown) => events.filter((event) => has(event)).length;
    const localActivityTasks = new Set(
      events.flatMap((event) => {
        const marker = event.markerRecordedEventAttributes;
        return marker?.markerName === 'core_local_activity' ? [String(marker.workflowTaskCompletedEventId)] : [];
      }),
    ).size;
    return {
      historyEvents: events.length,
      historyBytes: Number(historySizeBytes ?? 0),
      billableActions:
        1 +
        count((event) => event.timerStartedEventAttributes) +
        count((event) => event.workflowExecutionSignaledEventAttributes) +
        count((event) => event.activityTaskScheduledEventAttributes) +
        localActivityTasks,
    };
  } finally {
    await db.end();
  }
}

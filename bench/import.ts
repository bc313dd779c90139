/**
 * A million items as NDJSON through the API: items a second, and the API's memory while it reads them and afterwards,
 * with the worker processes' memory once a campaign over that pool has chosen its first batch.
 * `node dist/bench/import.js [items]`
 */
import { existsSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { Running } from '../cli/up.ts';
import { connect, PATIENT_MS } from '../db/client.ts';
import { call, machine, makeAnnotators, until, withStack } from './support.ts';

const [items = 1_000_000] = process.argv.slice(2).map(Number);

await withStack(async (stack) => {
  const { body } = await call(stack, stack.apiKey, 'POST', '/v1/campaigns', {
    name: 'A large pool',
    type: 'classification',
    config: { labels: ['yes', 'no'] },
    budgetUsd: '1000000',
    strategy: 'combined',
    batchSize: 200,
    firstBatch: 200,
    maxInFlight: 200,
    simulated: true,
  });
  const id = String(body.id);
  const before = memoryMb(stack);
  const peak = watchMemory(stack);
  const startedMs = performance.now();
  const answer = await fetch(`${stack.url}/v1/campaigns/${id}/items`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/x-ndjson' },
    body: Readable.toWeb(Readable.from(lines())) as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  const seconds = (performance.now() - startedMs) / 1000;
  const result = (await answer.json()) as Record<string, unknown>;
  const importPeak = peak.stop();
  await makeAnnotators(stack, 5);
  const choosing = watchMemory(stack);
  const chooseMs = performance.now();
  await call(stack, stack.apiKey, 'POST', `/v1/campaigns/${id}/start`, {});
  // Straight from the database: the API keeps counts of a large pool for some seconds.
  const db = connect(stack.databaseUrl, { max: 1, silentMs: PATIENT_MS });
  await until(async () => {
    const [row] = await db<{ n: number }[]>`
      select count(*)::int as n from tasks where campaign_id = ${id} and kind = 'work' and state = 'open'`;
    return row?.n === 200;
  }, 600_000);
  await db.end();
  const firstBatchS = (performance.now() - chooseMs) / 1000;
  process.stdout.write(
    `${JSON.stringify(
      {
        machine: machine(),
        items,
        accepted: result.accepted,
        itemsPerS: Math.round(items / seconds),
        memoryMb: { before, importPeak, firstBatchPeak: choosing.stop() },
        firstBatchS: Number(firstBatchS.toFixed(1)),
      },
      null,
      2,
    )}\n`,
  );
});

function* lines(): Generator<string> {
  let chunk = '';
  for (let n = 0; n < items; n++) {
    const text = `Item ${n}: ${'a sentence of the usual length about this and that, '.repeat(4)}${n % 97} ${n % 89}`;
    chunk += `${JSON.stringify({ key: `item-${n}`, payload: { text } })}\n`;
    if (chunk.length > 65_536) {
      yield chunk;
      chunk = '';
    }
  }
  yield chunk;
}

/** Resident memory of our own processes in MB, of those that run: when something fails they are being stopped. */
function memoryMb(stack: Running): Record<string, number> {
  const mb: Record<string, number> = {};
  for (const [name, pid] of Object.entries(stack.pids)) {
    const file = `/proc/${pid()}/status`;
    if (!existsSync(file)) continue;
    mb[name] = Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(file, 'utf8'))?.[1] ?? 0) / 1024);
  }
  return mb;
}

function watchMemory(stack: Running) {
  const peak: Record<string, number> = {};
  const look = () => {
    for (const [name, mb] of Object.entries(memoryMb(stack))) peak[name] = Math.max(peak[name] ?? 0, mb);
  };
  const timer = setInterval(look, 200).unref();
  return {
    stop(): Record<string, number> {
      clearInterval(timer);
      look();
      return peak;
    },
  };
}

/**
 * `next` and submit over HTTP with few and many open slots and 1, 8, 32 and 128 clients in a process of their own: latency
 * and requests a second, after as long a start that does not count. Slots are made straight in the database, as a pool that was opened long ago; no worker runs,
 * so that the door alone is measured.
 * `node dist/bench/next-task.js [seconds per cell] [few slots] [many slots] [clients, for that many alone]`
 */
import type { Running } from '../cli/up.ts';
import { connect, PATIENT_MS } from '../db/client.ts';
import { type Measured, openPool, runClients, withoutWorkers } from './door.ts';
import { machine, makeAnnotators, withStack } from './support.ts';

const [seconds = 5, SMALL = 10_000, LARGE = 1_000_000, only] = process.argv.slice(2).map(Number);
const CLIENTS = only === undefined ? [1, 8, 32, 128] : [only];

interface Cell extends Omit<Measured, 'acknowledged' | 'repeats' | 'refused'> {
  readonly slots: number;
  readonly clients: number;
}

await withStack((stack) =>
  withoutWorkers(stack, async () => {
    const db = connect(stack.databaseUrl, { max: 2, silentMs: PATIENT_MS });
    const keys = await makeAnnotators(stack, Math.max(...CLIENTS));
    const cells: Cell[] = [];
    try {
      const large = await openPool(stack, db, LARGE);
      // A cell uses up most of a small pool, so each has its own.
      const small: string[] = [];
      for (const _ of CLIENTS) small.push(await openPool(stack, db, SMALL));
      await db.unsafe('vacuum analyze');
      for (const [at, clients] of CLIENTS.entries()) {
        // As a server that has been up for some seconds: connections are made, and code compiled, by what is not counted.
        await measure(stack, keys.slice(0, clients), large, LARGE);
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
    }
  }),
);

async function measure(stack: Running, keys: readonly string[], campaignId: string, slots: number): Promise<Cell> {
  const { next, submit, requestsPerS, cpuMsPerRequest } = await runClients(stack, { keys, campaignId, seconds });
  return { slots, clients: keys.length, next, submit, requestsPerS, cpuMsPerRequest };
}

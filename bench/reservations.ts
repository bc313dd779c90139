/**
 * Reservations a second: 64 clients reserve as fast as they can, on one campaign and on a hundred, those that meet
 * together (as activities do) and each in a transaction of its own; then the books are proved. Once more without waiting
 * for the disk at each commit, which shows how much of the time is the disk's. Beside it, what the machine does at best
 * alone: bare updates of one row, each with its commit on the disk.
 * `node dist/bench/reservations.js [reservations] [connections]`
 */
import { randomUUID } from 'node:crypto';
import { connect, type Db } from '../db/client.ts';
import { extendAuthorization } from '../db/queries/authorizations.ts';
import { verifyBooks } from '../db/queries/books.ts';
import { insertCampaign } from '../db/queries/campaigns.ts';
import { verifyLedger } from '../db/queries/ledger-proof.ts';
import { createReservationQueue, type Reservation } from '../db/queries/reservations.ts';
import { machine, quantile, withStack } from './support.ts';

const [reservations = 10_000, connections = 64] = process.argv.slice(2).map(Number);
const CENT = 10_000n;
const TASKS = 256;

await withStack(async (stack) => {
  const results: Record<string, unknown> = {};
  for (const [name, campaigns, waitForDisk, together] of [
    ['oneCampaign', 1, true, true],
    ['hundredCampaigns', 100, true, true],
    ['oneCampaignEachAlone', 1, true, false],
    ['oneCampaignEachAloneNotWaitingForDisk', 1, false, false],
    ['hundredCampaignsEachAlone', 100, true, false],
  ] as const) {
    const options = { max: connections, name: 'bench-reservations', indexesOnly: true, waitForDisk };
    const db = connect(stack.databaseUrl, options);
    try {
      const places = await prepare(db, campaigns);
      const queue = createReservationQueue(db);
      const reserve = together
        ? async (reservation: Reservation) => (await queue.add(reservation)) === 'reserved'
        : (reservation: Reservation) => extendAuthorization(db, reservation);
      await run(reserve, places, connections);
      results[name] = await run(reserve, places, together ? reservations : Math.ceil(reservations / 10));
      if (name === 'oneCampaign') results.bareUpdatesOfOneRowPerSecond = await bareUpdates(db);
      console.error(JSON.stringify(results));
    } finally {
      await db.end({ timeout: 5 });
    }
  }
  const db = connect(stack.databaseUrl, { max: 2, name: 'bench-proof' });
  try {
    const [books, ledger] = [await verifyBooks(db), await verifyLedger(db)];
    const holds = books.holds && ledger.every((each) => each.holds);
    console.log(
      JSON.stringify({ machine: machine(), connections, reservations, ...results, entries: books.entries, holds }),
    );
    if (!holds) process.exitCode = 1;
  } finally {
    await db.end({ timeout: 5 });
  }
});

interface Place {
  readonly campaignId: string;
  readonly taskId: string;
}

/** Campaigns with open authorizations to add to; all that is asked for fits. */
async function prepare(db: Db, campaigns: number): Promise<Place[]> {
  const places: Place[] = [];
  for (let n = 0; n < campaigns; n++) {
    const capMicros = BigInt(reservations + connections) * CENT;
    const campaignId = await insertCampaign(db, { name: `Bench ${n}`, settings: {}, capMicros, simulated: true });
    const taskIds = Array.from({ length: Math.ceil(TASKS / campaigns) }, () => randomUUID());
    await db`
      insert into authorizations (id, campaign_id, task_id, amount_micros, expires_at)
      select gen_random_uuid(), ${campaignId}, id, 0, now() + interval '1 day' from unnest(${taskIds}::uuid[]) as id`;
    places.push(...taskIds.map((taskId) => ({ campaignId, taskId })));
  }
  return places;
}

/** Updates of one row by all connections, each its own transaction: nothing can be faster that locks a row for each. */
async function bareUpdates(db: Db): Promise<number> {
  await db`create table bench_row as select 0 as n`;
  const count = 1000;
  let next = 0;
  const startedMs = performance.now();
  const client = async () => {
    while (next++ < count) await db`update bench_row set n = n + 1`;
  };
  await Promise.all(Array.from({ length: connections }, client));
  const perSecond = Math.round((count * 1000) / (performance.now() - startedMs));
  await db`drop table bench_row`;
  return perSecond;
}

async function run(reserve: (reservation: Reservation) => Promise<boolean>, places: readonly Place[], count: number) {
  const times: number[] = [];
  let next = 0;
  let reserved = 0;
  const startedMs = performance.now();
  const client = async () => {
    while (next < count) {
      const place = places[next++ % places.length];
      if (!place) return;
      const at = performance.now();
      if (await reserve({ ...place, amountMicros: CENT, key: randomUUID() })) reserved += 1;
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const seconds = (performance.now() - startedMs) / 1000;
  return {
    perSecond: Math.round(count / seconds),
    reserved,
    refused: count - reserved,
    p50Ms: Number(quantile(times, 0.5).toFixed(1)),
    p99Ms: Number(quantile(times, 0.99).toFixed(1)),
  };
}

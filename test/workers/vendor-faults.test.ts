import { ApplicationFailure } from '@temporalio/common';
import { afterAll, describe, expect, test } from 'vitest';
import { createVendorActivities } from '../../activities/index.ts';
import { createTaskActivities } from '../../activities/tasks.ts';
import { verifyBooks } from '../../db/queries/books.ts';
import { createJudgeCache } from '../../db/queries/judge-cache.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { findOrder } from '../../db/queries/vendor-orders.ts';
import { dispatchUnits, noteWebhook } from '../../db/queries/vendor-units.ts';
import { type Rng, seededRng } from '../../domain/rng.ts';
import type { VendorName } from '../../domain/vendors/names.ts';
import { nextOrderStep } from '../../domain/vendors/order-steps.ts';
import type { JudgeCache } from '../../vendors/llm-cache.ts';
import type { Vendor } from '../../vendors/vendor.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import { quietRuntime, runActivity } from '../support/temporal-servers.ts';
import type { Bench } from '../vendors/bench.ts';
import { BENCHES } from '../vendors/benches.ts';
import { judgeStandIn, obliging } from '../vendors/judge-stand-in.ts';
import * as stage from './stage.ts';

quietRuntime();
// Workers die here, the machine does not.
const { db, drop } = await createTestDatabase({ waitForDisk: false });
afterAll(drop);

// A schedule takes up to two seconds alone; QUORATE_FAULT_SEEDS=200 is the full run, QUORATE_FAULT_FIRST=50 begins it there.
const FIRST = Number(process.env.QUORATE_FAULT_FIRST ?? 0);
const SEEDS = Number(process.env.QUORATE_FAULT_SEEDS ?? 8);
const TASKS = 2;
/** So many schedules go on at once, each with a campaign and a vendor of its own: most of one's time is waiting. */
const LANES = Math.min(4, SEEDS);

/** Some requests are never answered; waiting for them is most of a schedule's time. */
const HUNG_MS = 400;

class Killed extends Error {}

/** What an order's way needs of a fake. */
type Worked = Pick<Bench, 'vendor' | 'work' | 'webhook'>;

/** The vendor as a worker sees it that may die before a call, or after it and before noting what came of it. */
function deadly(vendor: Vendor, rng: Rng): Vendor {
  let deaths = 6;
  const dies = () => deaths > 0 && rng.next() < 0.25 && deaths-- > 0;
  const wrap = <F extends (...input: never[]) => Promise<unknown>>(call: F): F =>
    (async (...input: never[]) => {
      if (dies()) throw new Killed('before');
      const result = await call(...input);
      if (dies()) throw new Killed('after');
      return result;
    }) as F;
  return {
    ...vendor,
    submit: Object.assign(wrap(vendor.submit), { delivery: vendor.submit.delivery }),
    fetch: Object.assign(wrap(vendor.fetch), { delivery: vendor.fetch.delivery }),
    settle: Object.assign(wrap(vendor.settle), { delivery: vendor.settle.delivery }),
  };
}

/**
 * A vendor's webhooks on their way: some are lost, some come twice, late, or before those that were sent before them. Each event
 * is news once at most.
 */
function post(bench: Worked, orderId: string, rng: Rng) {
  type Sent = NonNullable<ReturnType<Bench['webhook']>>;
  const way: { event: string; sent: Sent }[] = [];
  const known = new Set<string>();
  // One moment for all: of a vendor that signs nothing the same is heeded once a minute.
  const nowMs = Date.now();
  let events = 0;
  return {
    async send(): Promise<void> {
      const placement = (await findOrder(db, orderId))?.placement;
      const event = `${orderId} ${++events}`;
      const sent = placement && bench.webhook({ key: `quorate-${orderId}` }, placement, event);
      if (!sent || rng.next() < 0.25) return;
      way.push({ event, sent });
      if (rng.next() < 0.4) way.push({ event, sent });
    },
    /** True where something that has arrived is news. */
    async arrive(): Promise<boolean> {
      let news = false;
      for (const { event, sent } of rng.shuffle(way.splice(0, way.length))) {
        if (rng.next() < 0.3) {
          way.push({ event, sent });
          continue;
        }
        const hint = bench.vendor.parseWebhook({ ...sent, nowMs });
        const { fresh, orders } = await noteWebhook(db, { vendor: bench.vendor.name, ...hint });
        // Each schedule has a fake of its own, which number alike, so that an event may be of several orders here. Prolific
        // tells of submissions without an answer, too, and names no study: nothing is looked at for these.
        const heeded = fresh && (bench.vendor.name !== 'prolific' || hint.ofAny === true);
        expect([event, fresh]).toEqual([event, !known.has(event)]);
        if (heeded || !fresh) expect([event, orders > 0]).toEqual([event, heeded]);
        known.add(event);
        news ||= fresh;
      }
      return news;
    },
  };
}

/** Whether Temporal would try again what has failed so. */
const isTriedAgain = (error: unknown) =>
  error instanceof Killed || (error instanceof ApplicationFailure && !error.nonRetryable);

/** What an order needs, as its workflow calls it. */
function activitiesFor(orderId: string, vendor: Vendor) {
  const vendors = new Map<VendorName, Vendor>([[vendor.name, vendor]]);
  const options = { pollMs: [1], graceMs: 60_000, reconcileMs: 1, circuit: { limit: 1000, openMs: 1 } };
  const activities = createVendorActivities({
    ...{ db, nowMs: () => Date.now(), wake: () => undefined },
    ...{ vendors, publicUrl: 'https://quorate.example' },
    ...options,
  });
  const run = <T>(activity: (input: { orderId: string }) => Promise<T>): Promise<T> =>
    runActivity(activity, { orderId });
  return { activities, run };
}

/** Does for an order what its workflow does, whatever fails on the way, as Temporal would: again and again. */
async function drive(orderId: string, vendor: Vendor, bench: Worked, rng: Rng): Promise<void> {
  const { activities, run } = activitiesFor(orderId, vendor);
  const mail = post(bench, orderId, rng);
  let looks = 0;
  let fresh = false;
  for (let turn = 0; turn < 300; turn++) {
    const facts = await run(activities.loadOrder);
    const step = nextOrderStep(facts, { atMs: Date.now(), looks, fresh, expired: false });
    if (facts.state === 'closed') return;
    try {
      if (step.do === 'submit') await run(activities.submitOrder);
      else if (step.do === 'collect') {
        await run(activities.collectOrder);
        fresh = true;
        looks++;
      } else if (step.do === 'close') await run((input) => activities.endOrder({ ...input, state: 'closed' }));
      else if (step.do === 'wait') {
        bench.work({ part: rng.next() < 0.5 });
        await mail.send();
        if (await mail.arrive()) looks = 0;
        fresh = false;
      } else throw new Error(`Nobody asked to ${step.do}.`);
    } catch (error) {
      if (!isTriedAgain(error)) throw error;
    }
  }
  throw new Error('The order never closed.');
}

/** Looks once more at an order that is closed, until that has come through. */
async function lookOnce(orderId: string, vendor: Vendor): Promise<void> {
  const { activities, run } = activitiesFor(orderId, vendor);
  for (let turn = 0; turn < 100; turn++) {
    try {
      return await run(activities.collectOrder);
    } catch (error) {
      if (!isTriedAgain(error)) throw error;
    }
  }
  throw new Error('The vendor was never reached.');
}

/**
 * What an answer costs where the vendor's reward is of whole cents, the fee on top within the campaign's 10 cents: 6 cents
 * and 43% at Prolific, 8 cents and 20% at MTurk.
 */
const ANSWER_MICROS: Readonly<Record<string, bigint>> = { prolific: 85_800n, mturk: 96_000n };

const countedLabels = async (taskIds: readonly string[]) =>
  (
    await db<{ label: string }[]>`
      select n.task_id || ' ' || n.annotator_id || ' ' || l.label::text as label
      from annotations n join annotation_labels l on l.annotation_id = n.id
      where n.task_id = any(${[...taskIds]}::uuid[]) and n.counted order by 1`
  ).map(({ label }) => label);

/** The orders that have these tasks, once somebody has sent them off: lanes send off each other's, so they may be two. */
async function ordersOf(taskIds: readonly string[]): Promise<string[]> {
  return until('the tasks are ordered', async () => {
    await dispatchUnits(db, { gatherMs: 0 });
    const units = await db<{ id: string | null }[]>`
      select order_id as id from vendor_units where task_id = any(${[...taskIds]}::uuid[])`;
    const ids = new Set(units.flatMap(({ id }) => id ?? []));
    return units.length === taskIds.length && units.every(({ id }) => id !== null) && [...ids];
  });
}

describe.each(Object.entries(BENCHES))('%s', (name, open) => {
  const judge = createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });

  /** One schedule: two tasks that are bought, answered and decided while all goes wrong that may. */
  async function live(made: stage.Scene, seed: number): Promise<void> {
    const bench = await open({ faults: { seed: `${name} ${seed}`, share: 0.3, most: 8 }, timeoutMs: HUNG_MS });
    try {
      const taskIds = await stage.plan(db, made, TASKS, seed + 1);
      for (const id of taskIds) await openSlots(db, id);
      const vendor = deadly(bench.vendor, seededRng(`deaths ${name} ${seed}`));
      const rng = seededRng(`work ${name} ${seed}`);
      const orderIds = await ordersOf(taskIds);
      for (const orderId of orderIds) await drive(orderId, vendor, bench, rng);
      const units = await db<{ id: string; state: string }[]>`
        select id, state from vendor_units where task_id = any(${taskIds}::uuid[])`;
      expect([seed, units.map((unit) => [bench.purchases(unit.id), unit.state])]).toEqual([
        seed,
        Array.from({ length: TASKS }, () => [1, 'complete']),
      ]);
      expect([seed, bench.allPurchases()]).toEqual([seed, TASKS]);
      for (const taskId of taskIds) {
        const answers = await db`select 1 from annotations where task_id = ${taskId} and counted`;
        expect([seed, answers.length]).toEqual([seed, 2]);
        await judge.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
      }
      // After all is done and paid: answers are changed, or taken back and given again. What was taken in stands.
      const standing = await countedLabels(taskIds);
      if (seed % 2 === 0 || !bench.recall) bench.work({ amend: true });
      else bench.recall();
      for (const orderId of orderIds) await lookOnce(orderId, vendor);
      bench.work({ workers: 2 });
      for (const orderId of orderIds) await lookOnce(orderId, vendor);
      expect([seed, await countedLabels(taskIds)]).toEqual([seed, standing]);
    } finally {
      await bench.stop();
    }
  }

  test(`${SEEDS} schedules of faults and deaths: one purchase and one ingestion of each task, and the books balance`, async () => {
    const kinds: string[] = [];
    const lane = async (first: number) => {
      const seeds = Array.from({ length: SEEDS }, (_, at) => FIRST + at).filter((seed) => seed % LANES === first);
      const made = await stage.scene(db, {
        items: seeds.length * TASKS,
        settings: { workforces: [name], redundancy: 2, budgetUsd: '200' },
      });
      for (const seed of seeds) await live(made, seed);
      const money = await stage.moneyOf(db, made.campaignId);
      const spent = BigInt(seeds.length * TASKS * 2) * (ANSWER_MICROS[name] ?? 100_000n);
      expect([money.spent, money.reserved, money.ledgerSpent, money.paid]).toEqual([spent, 0n, spent, spent]);
      await stage.expectInvariants(db, made.campaignId);
      const incidents = await db<{ kind: string }[]>`
        select distinct i.kind from vendor_incidents i join vendor_orders o on o.id = i.order_id
        where o.campaign_id = ${made.campaignId}`;
      // What changed after the end is for a person, and nothing else was.
      expect(incidents.map(({ kind }) => kind).filter((kind) => kind !== 'amended' && kind !== 'recalled')).toEqual([]);
      kinds.push(...incidents.map(({ kind }) => kind));
    };
    await Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)));
    if (SEEDS >= 8) expect(kinds).toContain('amended');
    expect(await verifyBooks(db)).toMatchObject({ holds: true });
  }, 7_200_000);
});

/** The judges' cache as a worker sees it that may die between any two of its steps. */
function deadlyCache(cache: JudgeCache, rng: Rng): JudgeCache {
  let deaths = 4;
  const wrap = <Input, Output>(step: (input: Input) => Promise<Output>) => {
    return async (input: Input) => {
      const [before, after] = [rng.next() < 0.1, rng.next() < 0.1];
      if (before && deaths-- > 0) throw new Killed('before');
      const result = await step(input);
      if (after && deaths-- > 0) throw new Killed('after');
      return result;
    };
  };
  return { get: wrap(cache.get), charge: wrap(cache.charge), giveBack: wrap(cache.giveBack), put: wrap(cache.put) };
}

describe('a judge', () => {
  /** A thousand tokens in, a hundred out. */
  const CALL_MICROS = 1200n;
  const tasks = createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });

  /** One schedule: two tasks that a model of its own answers. Says how often it was asked. */
  async function live(made: stage.Scene, seed: number): Promise<number> {
    const model = `judge-${seed}`;
    const kept = createJudgeCache(db);
    const { vendor, asked, server } = await judgeStandIn(obliging, {
      ...{ model, version: model, timeoutMs: HUNG_MS, concurrency: 2, capMicros: 1_000_000n },
      cache: deadlyCache(kept, seededRng(`cache ${seed}`)),
      faults: { seed: `judge ${seed}`, share: 0.4, most: 6 },
    });
    try {
      const taskIds = await stage.plan(db, made, TASKS, seed + 1);
      for (const id of taskIds) await openSlots(db, id);
      const dying = deadly(vendor, seededRng(`deaths judge ${seed}`));
      const worked: Worked = { vendor, work: () => undefined, webhook: () => undefined };
      for (const orderId of await ordersOf(taskIds)) await drive(orderId, dying, worked, seededRng(`work ${seed}`));
      const answers = await db<{ taskId: string; micros: bigint }[]>`
        select task_id as "taskId", price_micros as micros from annotations
        where task_id = any(${taskIds}::uuid[]) and counted`;
      expect([seed, answers.map(({ taskId }) => taskId).sort()]).toEqual([seed, [...taskIds].sort()]);
      expect([seed, answers.map(({ micros }) => micros)]).toEqual([seed, taskIds.map(() => CALL_MICROS)]);
      for (const taskId of taskIds) await tasks.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
      const [{ known, cost, spent } = { known: 0, cost: 0n, spent: 0n }] = await db<
        { known: number; cost: bigint; spent: bigint }[]
      >`
        select count(*)::int as known, sum(cost_micros)::bigint as cost,
          (select spent_micros from judge_spending where model = ${model}) as spent
        from judge_answers where model = ${model}`;
      // Each question has one answer, which is paid once; what may have been answered without our hearing it stays charged.
      expect([seed, known, cost]).toEqual([seed, TASKS, BigInt(TASKS) * CALL_MICROS]);
      expect(spent).toBeGreaterThanOrEqual(cost);
      expect(spent).toBeLessThanOrEqual(1_000_000n);
      return asked.length;
    } finally {
      await server.stop();
    }
  }

  test(`${SEEDS} schedules of faults and deaths: one answer a task, paid once, and the books balance`, async () => {
    const seeds = Array.from({ length: SEEDS }, (_, at) => FIRST + at);
    const settings = { workforces: ['llm', 'internal'], redundancy: 2, budgetUsd: '200' };
    const made = await stage.scene(db, { items: SEEDS * TASKS, settings });
    let asked = 0;
    for (const seed of seeds) asked += await live(made, seed);
    // Some calls were made in vain.
    if (SEEDS >= 8) expect(asked).toBeGreaterThan(SEEDS * TASKS);
    const money = await stage.moneyOf(db, made.campaignId);
    expect(money.ledgerSpent).toBe(BigInt(SEEDS * TASKS) * CALL_MICROS);
    await stage.expectInvariants(db, made.campaignId);
    expect(await verifyBooks(db)).toMatchObject({ holds: true });
  }, 7_200_000);
});

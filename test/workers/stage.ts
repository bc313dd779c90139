import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import type { z } from 'zod';
import { createActivities, createLearningActivities, createVendorActivities } from '../../activities/index.ts';
import type { VendorDependencies } from '../../activities/vendors.ts';
import type { Db } from '../../db/client.ts';
import { type Stored, storeSubmissions } from '../../db/queries/annotations.ts';
import { insertAnnotator } from '../../db/queries/annotators.ts';
import { insertCampaign } from '../../db/queries/campaigns.ts';
import { countViolations } from '../../db/queries/invariants.ts';
import { insertItems } from '../../db/queries/items.ts';
import { type Lease, leaseSlots } from '../../db/queries/leases.ts';

import { openGoldTasks, planBatch } from '../../db/queries/selection.ts';
import { createRelayBell } from '../../db/relay-bell.ts';
import {
  type CampaignSettings,
  createCampaignSchema,
  resolveSettings,
  taskPolicyOf,
  taskWorstCaseMicros,
} from '../../domain/settings.ts';
import { tierRank } from '../../domain/tiers.ts';
import { runDispatcher } from '../../workers/dispatcher.ts';
import { createLog } from '../../workers/log.ts';
import { type RelayOptions, runRelay } from '../../workers/relay.ts';
import { runSweeper } from '../../workers/sweeper.ts';
import { TASK_QUEUES } from '../../workflows/messages.ts';
import { recounted } from '../support/recount.ts';
import { type Rig, withWorker } from '../support/rig.ts';
import type { TestServer } from '../support/temporal-servers.ts';

export const LABELS = ['spam', 'ham'] as const;
const log = createLog('test', process.env.QUORATE_TEST_LOG ?? 'error');

export interface Scene {
  readonly campaignId: string;
  readonly settings: CampaignSettings;
  readonly annotators: readonly string[];
}

export type SceneSettings = Partial<z.input<typeof createCampaignSchema>>;

/** A started campaign with items, some of them gold, and annotators of the tier `expert`. */
export async function scene(
  db: Db,
  options: {
    settings?: SceneSettings;
    items?: number;
    gold?: number;
    annotators?: number;
  } = {},
): Promise<Scene> {
  const body = {
    type: 'classification',
    config: { labels: [...LABELS] },
    budgetUsd: '100',
    priceUsd: '0.10',
    goldRatio: 0,
  };
  const { settings, capMicros } = resolveSettings(createCampaignSchema.parse({ ...body, ...options.settings }));
  const campaignId = await insertCampaign(db, { name: 'test', settings, capMicros, simulated: true });
  const { items = 1, gold = 0 } = options;
  const rows = Array.from({ length: items + gold }, (_, at) => {
    const payloadJson = JSON.stringify({
      text: `message ${at} ${at % 2 === 0 ? 'win money now' : 'see you at lunch'}`,
    });
    const known = at >= items;
    return {
      id: uuidv7(),
      key: `item-${at}`,
      payloadJson,
      hash: createHash('sha256').update(payloadJson).digest('hex'),
      goldJson: known ? JSON.stringify(LABELS[at % 2]) : null,
      state: known ? ('gold' as const) : ('pool' as const),
      domain: null,
      shuffle: at,
    };
  });
  await insertItems(db, campaignId, rows);
  // Not by `markStarted`: tests start the campaign's workflow themselves, or have none.
  await db`update campaigns set state = 'running', started_at = now() where id = ${campaignId}`;
  const annotators = [];
  for (let at = 0; at < (options.annotators ?? 3); at++) annotators.push(await newAnnotator(db));
  return { campaignId, settings, annotators };
}

export async function newAnnotator(db: Db): Promise<string> {
  const keyHash = uuidv7();
  const person = { name: 'Ann', kind: 'person', workforce: 'internal', tier: 'expert', simulated: true } as const;
  return (await insertAnnotator(db, { ...person, specializations: [], keyHash })).id;
}

/** Makes tasks of up to `count` pool items, as a campaign's selection does. */
export async function plan(
  db: Db,
  { campaignId, settings }: Scene,
  count: number,
  round = 1,
  offset = 0,
): Promise<string[]> {
  const pool = await db<{ id: string }[]>`
    select id from items where campaign_id = ${campaignId} and state = 'pool'
    order by shuffle limit ${count} offset ${offset}`;
  const { taskIds } = await planBatch(db, {
    campaignId,
    round,
    strategy: 'random',
    seed: 'test',
    chosen: pool.map(({ id }) => ({ itemId: id, selection: {} })),
    policyVersion: 1,
    instructionsVersion: 1,
    redundancy: settings.redundancy,
    priceMicros: BigInt(settings.priceMicros),
    requiredTier: tierRank(settings.tier),
    workforce: settings.workforces[0] ?? 'internal',
    taskWorstCaseMicros: taskWorstCaseMicros(settings),
    goldMicros: () => 0n,
    repeatsPerTaskMicros: 0n,
    repeatsSoFarMicros: 0n,
    expiresAt: new Date(Date.now() + 3_600_000),
    startPayload: { campaignId, policy: taskPolicyOf(settings, 1) },
  });
  return taskIds;
}

/** Opens the campaign's golds, with so much money for their answers. */
export async function openGolds(db: Db, { campaignId, settings }: Scene, micros: bigint): Promise<void> {
  await db`
    insert into authorizations (id, campaign_id, amount_micros, expires_at)
    values (gen_random_uuid(), ${campaignId}, ${micros}, now() + interval '1 day')
    on conflict (campaign_id) where task_id is null do update set amount_micros = excluded.amount_micros`;
  await db`
    insert into ledger (campaign_id, kind, amount_micros, key, authorization_id)
    select campaign_id, 'reserve', ${micros}, 'reserve-gold:' || campaign_id, id
    from authorizations where campaign_id = ${campaignId} and task_id is null`;
  await db`update budgets set reserved_micros = reserved_micros + ${micros} where campaign_id = ${campaignId}`;
  await openGoldTasks(db, {
    ...{ campaignId, priceMicros: BigInt(settings.priceMicros), requiredTier: 0 },
    ...{ workforce: settings.workforces[0] ?? 'internal', policyVersion: 1, instructionsVersion: 1 },
  });
}

/** Leases an open slot of the task; undefined when there is none. */
export async function lease(
  db: Db,
  given: { taskId: string; annotatorId: string; leaseMs?: number },
): Promise<Lease | undefined> {
  const [open] = await db<{ slotNo: number }[]>`
    select slot_no as "slotNo" from slots where task_id = ${given.taskId} and state = 'open' order by slot_no`;
  if (!open) return undefined;
  const [held] = await leaseSlots(db, [
    {
      assignmentId: uuidv7(),
      annotatorId: given.annotatorId,
      taskId: given.taskId,
      slotNo: open.slotNo,
      leaseMs: given.leaseMs ?? 60_000,
    },
  ]);
  return held;
}

/** Submits an answer to a lease. */
export async function submit(
  db: Db,
  given: { assignmentId: string; annotatorId: string; label?: unknown; comment?: string | undefined },
): Promise<Stored | undefined> {
  const [stored] = await storeSubmissions(db, [
    {
      annotationId: uuidv7(),
      assignmentId: given.assignmentId,
      annotatorId: given.annotatorId,
      label: given.label ?? 'spam',
      presentation: null,
      timeSpentS: 12,
      confidence: null,
      comment: given.comment,
    },
  ]);
  return stored;
}

/** Leases and submits in one go. */
export async function answer(db: Db, given: { taskId: string; annotatorId: string; label?: unknown }): Promise<Stored> {
  const held = await lease(db, given);
  if (!held) throw new Error(`Task ${given.taskId} has no open slot.`);
  const stored = await submit(db, { ...given, assignmentId: held.assignmentId });
  if (!stored) throw new Error('The answer was not taken.');
  return stored;
}

/** The state of a task in the database. */
export async function taskState(db: Db, taskId: string): Promise<string | undefined> {
  const [row] = await db<{ state: string }[]>`select state from tasks where id = ${taskId}`;
  return row?.state;
}

/** Sums the ledger and compares it with the balance, and every spend with its annotation. */
export async function moneyOf(db: Db, campaignId: string) {
  const [row] = await db<Record<'cap' | 'reserved' | 'spent' | 'ledgerReserved' | 'ledgerSpent' | 'paid', bigint>[]>`
    select b.cap_micros as cap, b.reserved_micros as reserved, b.spent_micros as spent,
      coalesce(sum(case l.kind when 'reserve' then l.amount_micros when 'payout' then 0 else -l.amount_micros end), 0)::bigint
        as "ledgerReserved",
      coalesce(sum(l.amount_micros) filter (where l.kind in ('spend', 'fee')), 0)::bigint as "ledgerSpent",
      (select coalesce(sum(price_micros), 0) from annotations where campaign_id = b.campaign_id and pay_state = 'paid')::bigint
        as paid
    from budgets b left join ledger l on l.campaign_id = b.campaign_id
    where b.campaign_id = ${campaignId}
    group by b.campaign_id`;
  if (!row) throw new Error('The campaign has no budget.');
  return row;
}

/** Everything that must hold at every commit; whether the outbox has been emptied is another matter. */
export async function expectInvariants(db: Db, campaignId: string): Promise<void> {
  const { outbox_drained: _, ...violations } = await countViolations(db, campaignId);
  expect(Object.entries(violations).filter(([, count]) => count > 0)).toEqual([]);
  const { tallied, counted } = await recounted(db, campaignId);
  expect(tallied).toEqual(counted);
}

/** From now on every message is written, and so delivered, twice. */
export async function doubleMessages(db: Db): Promise<void> {
  await db.unsafe(`
    create function double_message() returns trigger language plpgsql as $$
    begin
      insert into outbox (kind, target_id, message, payload) values (new.kind, new.target_id, new.message, new.payload);
      return null;
    end $$;
    create trigger double_message after insert on outbox for each row
      when (pg_trigger_depth() = 0) execute function double_message()`);
}

/** Whether nothing is left to deliver. */
export async function isDelivered(db: Db): Promise<boolean> {
  return (await db`select 1 from outbox limit 1`).length === 0;
}

export interface Stage extends Rig {
  /** Runs `body` while no message is delivered, as if the relay were away. */
  silently<T>(body: () => Promise<T>): Promise<T>;
}

/** Runs `body` beside the real worker, relay and sweeper on a real server and database. */
export async function onStage<T>(
  given: {
    server: TestServer;
    db: Db;
    name: string;
    learning?: boolean;
    vendors?: Omit<VendorDependencies, 'db' | 'nowMs' | 'wake'>;
    leftOpen?: Record<string, string>;
    /** How long tasks wait for others to be ordered with. */
    gatherMs?: number;
  },
  body: (stage: Stage) => Promise<T>,
): Promise<T> {
  const { server, db } = given;
  const dependencies = { db, nowMs: () => Date.now(), wake: createRelayBell(db).ring };
  const relay: RelayOptions = {
    db,
    workflow: server.client,
    log,
    pollMs: 50,
  };
  const options = {
    server,
    name: given.name,
    taskQueue: TASK_QUEUES.main,
    activities: createActivities(dependencies),
    ...(given.learning ? { learning: createLearningActivities(dependencies) } : {}),
    ...(given.vendors
      ? {
          vendors: createVendorActivities({ ...dependencies, ...given.vendors }),
          vendorNames: [...given.vendors.vendors.keys()],
        }
      : {}),
    ...(given.leftOpen ? { leftOpen: given.leftOpen } : {}),
  };
  return withWorker(options, async (rig) => {
    const sweeping = inBackground((signal) => runSweeper({ db, log, everyMs: 50 }, signal));
    const { wake } = dependencies;
    const sending = inBackground((signal) =>
      given.vendors
        ? runDispatcher({ db, log, wake, everyMs: 50, gatherMs: given.gatherMs ?? 100 }, signal)
        : Promise.resolve(),
    );
    let relaying = inBackground((signal) => runRelay(relay, signal));
    const silently = async <R>(quiet: () => Promise<R>): Promise<R> => {
      await relaying.stop();
      try {
        return await quiet();
      } finally {
        relaying = inBackground((signal) => runRelay(relay, signal));
      }
    };
    try {
      return await body({ ...rig, silently });
    } finally {
      await Promise.all([relaying.stop(), sweeping.stop(), sending.stop()]);
    }
  });
}

function inBackground(work: (signal: AbortSignal) => Promise<void>) {
  const controller = new AbortController();
  const running = work(controller.signal);
  return {
    stop: async () => {
      controller.abort();
      await running;
    },
  };
}

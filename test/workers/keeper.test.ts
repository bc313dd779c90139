import { type WorkflowClient, WorkflowNotFoundError } from '@temporalio/client';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { runKeeper } from '../../workers/keeper.ts';
import { createLog } from '../../workers/log.ts';
import { campaignWorkflowId } from '../../workflows/messages.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import { quietRuntime } from '../support/temporal-servers.ts';
import { bought } from './scripted-vendor.ts';

quietRuntime();
const { db, drop } = await createTestDatabase();
afterAll(drop);

test('what cannot be looked at keeps nothing else waiting', async () => {
  const { orderId } = await bought(db, () => []);
  await db`delete from outbox`;
  const workflow = {
    getHandle: (workflowId: string) => ({
      describe: async () => {
        if (workflowId === `vendor-order-${orderId}`) throw new WorkflowNotFoundError('gone', workflowId, undefined);
        if (workflowId.startsWith('vendor-order-')) return {};
        throw new Error('planted');
      },
    }),
  } as unknown as WorkflowClient;
  const stop = new AbortController();
  const log = createLog('test', 'silent');
  const keeping = runKeeper({ db, workflow, log, everyMs: 60_000, olderThanMs: 0 }, stop.signal);
  const told = await until('it is told', async () => {
    const rows = await db<{ kind: string; id: string }[]>`select kind, target_id as id from outbox`;
    return rows.length > 0 && rows;
  });
  stop.abort();
  await keeping;
  expect([...told]).toEqual([{ kind: 'signal_order', id: orderId }]);
  await db`update vendor_orders set state = 'closed' where id = ${orderId}`;
});

test('open orders and payout runs without a workflow are told again, those that have one or have ended are not', async () => {
  const [lost, kept, closed] = [await bought(db, () => []), await bought(db, () => []), await bought(db, () => [])];
  await db`update vendor_orders set state = 'closed' where id = ${closed.orderId}`;
  const runId = uuidv7();
  await db`
    insert into payout_runs (id, organisation_id, period, ends_at, least_micros, started_by)
    values (${runId}, ${DEFAULT_ORGANISATION}, '2026-01', now() - interval '1 day', 0, 'eve')`;
  await db`delete from outbox`;
  const alive = new Set([kept, lost, closed].map(({ campaignId }) => campaignWorkflowId(campaignId)));
  alive.add(`vendor-order-${kept.orderId}`);
  const workflow = {
    getHandle: (workflowId: string) => ({
      describe: async () => {
        if (alive.has(workflowId) || workflowId.startsWith('task-')) return {};
        throw new WorkflowNotFoundError('gone', workflowId, undefined);
      },
    }),
  } as unknown as WorkflowClient;
  const stop = new AbortController();
  const log = createLog('test', 'silent');
  const keeping = runKeeper({ db, workflow, log, everyMs: 60_000, olderThanMs: 0 }, stop.signal);
  const told = await until('they are told', async () => {
    const rows = await db<{ kind: string; id: string }[]>`select kind, target_id as id from outbox order by kind`;
    return rows.length >= 2 && rows;
  });
  stop.abort();
  await keeping;
  expect([...told]).toEqual([
    { kind: 'signal_order', id: lost.orderId },
    { kind: 'signal_payout', id: runId },
  ]);
});

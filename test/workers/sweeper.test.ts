import { afterAll, expect, test } from 'vitest';
import { openSlots } from '../../db/queries/tasks.ts';
import { dispatchUnits } from '../../db/queries/vendor-units.ts';
import { createLog } from '../../workers/log.ts';
import { runSweeper } from '../../workers/sweeper.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);

test('a duty that fails keeps none of the others from being done; old events are forgotten', async () => {
  await db`
    insert into vendor_webhooks (vendor, event_key, created_at)
    values ('prolific', 'old', now() - interval '31 days'), ('prolific', 'new', now())`;
  await db`alter table budget_warnings rename to hidden`;
  const stop = new AbortController();
  const sweeping = runSweeper({ db, log: createLog('test', 'silent'), everyMs: 10 }, stop.signal);
  try {
    const left = await until('the old event is forgotten', async () => {
      const rows = await db<{ key: string }[]>`select event_key as key from vendor_webhooks`;
      return rows.length === 1 && rows;
    });
    expect([...left]).toEqual([{ key: 'new' }]);
  } finally {
    stop.abort();
    await sweeping;
    await db`alter table hidden rename to budget_warnings`;
  }
});

test('a duty that takes long keeps no slot from being free again', async () => {
  const made = await stage.scene(db, { items: 1 });
  const [taskId = ''] = await stage.plan(db, made, 1);
  await openSlots(db, taskId);
  const stop = new AbortController();
  let sweeping: Promise<void> | undefined;
  await db.begin(async (tx) => {
    await tx`lock table budget_warnings in access exclusive mode`;
    sweeping = runSweeper({ db, log: createLog('test', 'silent'), everyMs: 10 }, stop.signal);
    await until('a duty waits', async () => {
      const waiting = await db`
        select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return waiting.length > 0;
    });
    await stage.lease(db, { taskId, annotatorId: made.annotators[0] ?? '', leaseMs: 1 });
    // The duty gives up after 20 s.
    await until(
      'the lease has run out',
      async () => (await db`select 1 from assignments where state = 'expired'`).length > 0,
      15_000,
    );
  });
  stop.abort();
  await sweeping;
});

test('an order that cannot be made keeps no other campaign from buying', async () => {
  const settings = { workforces: ['prolific'], redundancy: 1 } as const;
  const campaigns: string[] = [];
  for (let at = 0; at < 2; at++) {
    const made = await stage.scene(db, { items: 1, settings: { ...settings, workforces: ['prolific'] } });
    await openSlots(db, ...(await stage.plan(db, made, 1)));
    campaigns.push(made.campaignId);
  }
  const [bad = '', good = ''] = campaigns;
  await db`update vendor_units set created_at = now() - interval '1 hour' where campaign_id = ${bad}`;
  await db.unsafe(`
    create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
    create trigger refuse before insert on vendor_orders for each row when (new.campaign_id = '${bad}')
      execute function refuse()`);
  const failures: unknown[] = [];
  expect(await dispatchUnits(db, { gatherMs: 0, failed: (error) => failures.push(error) })).toBe(1);
  expect(failures).toHaveLength(1);
  const orders = await db`select campaign_id as id from vendor_orders`;
  expect([...orders]).toEqual([{ id: good }]);
});

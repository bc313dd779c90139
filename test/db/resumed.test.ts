import { afterAll, expect, it } from 'vitest';
import { findCampaign, markStopping, noteStop, pauseCampaign, resumeCampaign } from '../../db/queries/campaigns.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { ingest } from '../../db/queries/vendor-ingest.ts';
import { beginSubmit, endOrder, findOrder, markPlaced } from '../../db/queries/vendor-orders.ts';
import { dispatchUnits } from '../../db/queries/vendor-units.ts';
import { createTestDatabase } from '../support/database.ts';
import * as stage from '../workers/stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);

it('a campaign that is stopped by hand after it was resumed to finish its tasks says so', async () => {
  const { campaignId: id } = await stage.scene(db);
  await noteStop(db, { id, reason: 'budget' });
  await pauseCampaign(db, id);
  await resumeCampaign(db, { id, to: 'stopping' });
  await markStopping(db, { id, reason: 'by_hand', cancelOpen: true });
  expect(await findCampaign(db, id)).toMatchObject({ state: 'stopping', stopReason: 'by_hand' });
});

it('an order that has closed and holds an answer for its campaign to go on is told when that does', async () => {
  const made = await stage.scene(db, { items: 1, settings: { workforces: ['surge_ai'], redundancy: 1 } });
  const { campaignId: id } = made;
  await openSlots(db, ...(await stage.plan(db, made, 1)));
  await dispatchUnits(db, { gatherMs: 0 });
  const [unit] = await db<{ id: string; taskId: string; orderId: string }[]>`
    select id, task_id as "taskId", order_id as "orderId" from vendor_units where campaign_id = ${id}`;
  const order = await findOrder(db, unit?.orderId ?? '');
  if (!unit || !order) throw new Error('Nothing was ordered.');
  await beginSubmit(db, order);
  const placement = { externalId: 'x', units: { [unit.id]: 'v' } };
  await markPlaced(db, { id: order.id, vendor: order.vendor, placement, without: [] });
  await endOrder(db, { id: order.id, state: 'closed', units: 'failed' });
  const told = async () => {
    const rows = await db`delete from outbox where target_id = ${order.id} and message = 'orderChanged' returning 1`;
    return rows.length;
  };
  const pausedAndResumed = async () => {
    await pauseCampaign(db, id);
    await told();
    await resumeCampaign(db, { id, to: 'running' });
    return told();
  };
  // Nothing waits.
  expect(await pausedAndResumed()).toBe(0);
  await pauseCampaign(db, id);
  const late = await ingest(db, {
    ...{ orderId: order.id, unitId: unit.id, taskId: unit.taskId, campaignId: id, vendor: 'surge_ai' },
    ...{ responseKey: 'late', workerId: 'w', answers: {}, hash: 'late', timeSpentS: 5, costMicros: null },
    ...{ read: { label: 'spam', presentation: null }, priceMicros: 100_000n },
  });
  expect(late).toBe('waiting');
  await told();
  await resumeCampaign(db, { id, to: 'running' });
  expect(await told()).toBe(1);
});

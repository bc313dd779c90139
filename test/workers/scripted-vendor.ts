import { createVendorActivities } from '../../activities/index.ts';
import type { Db } from '../../db/client.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { dispatchUnits } from '../../db/queries/vendor-units.ts';
import { createHttpVendor } from '../../vendors/http-vendor.ts';
import { call, type FetchedUnit, type Order, type Vendor, type VendorResponse } from '../../vendors/vendor.ts';
import { runActivity } from '../support/temporal-servers.ts';
import * as stage from './stage.ts';

export const HOUR = 3_600_000;

type Answers = (order: Order) => FetchedUnit[];

/** Two tasks of one answer each, ordered of a vendor that answers as the test says. */
export async function bought(
  db: Db,
  answers: Answers,
  otherwise: Partial<Vendor> = {},
  settings: stage.SceneSettings = { redundancy: 1 },
) {
  let say = answers;
  const calls: string[] = [];
  const note = <T>(name: string, value: T) => {
    calls.push(name);
    return value;
  };
  const vendor: Vendor = {
    ...createHttpVendor({ baseUrl: 'http://127.0.0.1:1', token: 'none' }),
    submit: call('idempotent_by_key', async (order) => {
      const units = Object.fromEntries(order.units.map(({ key }) => [key, `v-${key}`]));
      return note('submit', { externalId: 'x', units });
    }),
    fetch: call('read_only', async (order) => say(order)),
    cancel: call('idempotent_by_key', async () => note('cancel', undefined)),
    settle: call('idempotent_by_key', async (_order, _placement, act) => note(`${act.act} ${act.responseId}`, 'done')),
    ...otherwise,
  };
  const made = await stage.scene(db, { items: 2, settings: { workforces: [vendor.name], ...settings } });
  const { campaignId } = made;
  const taskIds = await stage.plan(db, made, 2);
  await openSlots(db, ...taskIds);
  await dispatchUnits(db, { gatherMs: 0 });
  const [row] = await db<{ id: string }[]>`select id from vendor_orders where campaign_id = ${campaignId}`;
  const orderId = row?.id ?? '';
  const activities = createVendorActivities({
    ...{ db, nowMs: () => Date.now(), wake: () => undefined, vendors: new Map([[vendor.name, vendor]]) },
    ...{ pollMs: [60_000], graceMs: HOUR, reconcileMs: 1 },
  });
  const run = <T>(activity: (input: { orderId: string }) => Promise<T>): Promise<T> =>
    runActivity(activity, { orderId });
  await run(activities.submitOrder);
  return {
    ...{ campaignId, taskIds, orderId, calls, activities, run },
    collect: (next?: Answers) => {
      if (next) say = next;
      return run(activities.collectOrder);
    },
    units: () => db<{ id: string; state: string }[]>`
      select id, state from vendor_units where order_id = ${orderId} order by id`,
    prices: async () =>
      (
        await db<{ micros: bigint }[]>`
          select price_micros as micros from annotations where campaign_id = ${campaignId} and counted order by price_micros`
      ).map(({ micros }) => micros),
    incidents: async () =>
      (await db<{ kind: string }[]>`select kind from vendor_incidents where order_id = ${orderId} order by kind`).map(
        ({ kind }) => kind,
      ),
  };
}

/** An answer of a worker of its own. */
export const response = (id: string, more: Partial<VendorResponse> = {}): VendorResponse => ({
  ...{ id, workerId: `worker of ${id}`, answers: { label: 'spam' }, timeSpentS: 9 },
  ...more,
});
/** A task with all its answers. */
export const done = (key: string, ...responses: VendorResponse[]): FetchedUnit => ({ key, state: 'done', responses });

import { v7 as uuidv7 } from 'uuid';
import { expect } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import type { Db } from '../../db/client.ts';
import { bookUsage } from '../../db/queries/judge-usage.ts';
import { createHttpVendor } from '../../vendors/http-vendor.ts';
import { call, type Refused, type Review, type Settled, type Vendor } from '../../vendors/vendor.ts';
import { bought, done, response } from './scripted-vendor.ts';

/** What a vendor has whose workers are paid by our accepting their answers, and how it behaves. */
export interface Shop {
  readonly review: Map<string, Review>;
  /** Of an answer, where it is not 8.58 cents. */
  readonly cost: Map<string, bigint>;
  /** Of the first task, answers that are no labels. */
  readonly invalid: string[];
  /** Answers that we asked to be accepted. */
  readonly asked: string[];
  /** What becomes of the next accepts, one after the other; then all goes well. */
  readonly next: ((accept: () => void) => Settled | Refused)[];
}

export type Owed = Awaited<ReturnType<typeof owedAtProlific>>;

/** An answer to the first task that is no label, and that a person had paid all the same. */
export async function paidNonsense(db: Db, { shop, order, units }: Owed): Promise<void> {
  const [unitId = ''] = units;
  const id = uuidv7();
  shop.invalid.push('nonsense');
  await db`
    insert into vendor_responses (id, unit_id, response_key, worker_id, state, answers, hash, cost_micros)
    values (${id}, ${unitId}, 'nonsense', 'w9', 'invalid', '{}', 'x', 85800)`;
  const { orderId, campaignId } = order;
  const [taskId = ''] = order.taskIds;
  const usage = { orderId, campaignId, taskId, vendor: 'prolific', workerId: 'w9', micros: 85_800n };
  expect(await bookUsage(db, { ...usage, key: `invalid:${id}` })).toBe('booked');
}

/** Two tasks answered by workers of Prolific at $0.0858, decided and booked; nothing is accepted there yet. */
export async function owedAtProlific(db: Db) {
  const shop: Shop = { review: new Map(), cost: new Map(), invalid: [], asked: [], next: [] };
  let forgets = true;
  const base = createHttpVendor({ baseUrl: 'http://127.0.0.1:1', token: 'none' });
  const vendor: Partial<Vendor> = {
    name: 'prolific',
    capabilities: { ...base.capabilities, workersPaid: 'on_acceptance' },
    settle: call('idempotent_by_key', async (_order, _placement, { responseId }): Promise<Settled | Refused> => {
      if (forgets) return 'unsupported';
      shop.asked.push(responseId);
      const accept = () => void shop.review.set(responseId, 'accepted');
      const said = shop.next.shift()?.(accept);
      if (said !== undefined) return said;
      accept();
      return 'done';
    }),
    bonus: call('at_most_once', async (): Promise<Settled> => 'done'),
    bonusFeeMicros: (amountMicros) => (amountMicros * 43n) / 100n,
  };
  const order = await bought(
    db,
    ({ units }) =>
      units.map(({ key }, at) => {
        const review = shop.review.get(key) ?? 'open';
        const costMicros = shop.cost.get(key) ?? 85_800n;
        const given = response(key, { review, costMicros, feeMicros: 25_800n });
        const others = at === 0 ? shop.invalid : [];
        const more = others.map((id) => response(id, { review: shop.review.get(id) ?? 'open', costMicros }));
        return { ...done(key, given, ...more) };
      }),
    vendor,
  );
  await order.collect();
  const { decideTask } = createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
  for (const taskId of order.taskIds) await decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
  await order.run((input) => order.activities.endOrder({ ...input, state: 'closed' }));
  forgets = false;
  return { shop, order, units: (await order.units()).map(({ id }) => id) };
}

import { afterAll, describe, expect, test, vi } from 'vitest';
import { giveBonus, reviewDeduction } from '../../db/queries/adjustments.ts';
import { verifyBooks } from '../../db/queries/books.ts';
import { listIncidents } from '../../db/queries/vendor-incidents.ts';
import { DEFAULT_ORGANISATION, DEFAULT_ORGANISATION as organisationId } from '../../db/schema/organisations.ts';
import { nextOrderStep } from '../../domain/vendors/order-steps.ts';
import { VendorError } from '../../vendors/errors.ts';
import { call, type Settled, type Vendor } from '../../vendors/vendor.ts';
import { createTestDatabase } from '../support/database.ts';
import { deferred } from '../support/deferred.ts';
import { roles } from '../support/payers.ts';
import { quietRuntime, runActivity } from '../support/temporal-servers.ts';
import { bought, done, response } from './scripted-vendor.ts';
import * as stage from './stage.ts';

quietRuntime();
const { db, drop } = await createTestDatabase();
afterAll(drop);

class Died extends Error {}

/** An order that is answered and closed, and a bonus of $1 to one of its workers; `pays` is what the vendor does. */
async function asked(
  pays: () => Promise<Settled>,
  {
    listed,
    feeMicros = () => 0n,
    looks: look = async () => undefined,
  }: { listed?: boolean; feeMicros?: () => bigint; looks?: () => Promise<void> } = {},
) {
  const sent: string[] = [];
  const looks: number[] = [];
  const paying: Partial<Vendor> = {
    bonusFeeMicros: feeMicros,
    bonus: call('at_most_once', async (_order, _placement, { key, workerId, amountMicros }) => {
      sent.push(`${key} ${workerId} ${amountMicros}`);
      return pays();
    }),
    findBonus: call('read_only', async (_order, _placement, { others }) => {
      looks.push(others);
      await look();
      return listed;
    }),
  };
  const order = await bought(db, ({ units }) => units.map(({ key }) => done(key, response(key))), paying);
  const { activities, run, campaignId } = order;
  await order.collect();
  await run((input) => activities.endOrder({ ...input, state: 'closed' }));
  const [worker] = await db<{ id: string }[]>`
    select annotator_id as id from annotations where campaign_id = ${campaignId} limit 1`;
  const before = await stage.moneyOf(db, campaignId);
  const given = {
    campaignId,
    annotatorId: worker?.id ?? '',
    amountMicros: 1_000_000n,
    reason: 'Well done.',
    by: 'ada',
  };
  const id = await giveBonus(db, given);
  const facts = await run(activities.loadOrder);
  expect(nextOrderStep(facts, { atMs: Date.now(), looks: 0, fresh: false, expired: false })).toEqual({ do: 'bonus' });
  return {
    ...{ id, sent, looks, campaignId, incidents: order.incidents },
    /** Another to the same worker. */
    give: (amountMicros = given.amountMicros) => giveBonus(db, { ...given, amountMicros }),
    pay: (onHeartbeat?: () => void) => runActivity(activities.payBonuses, { orderId: order.orderId }, onHeartbeat),
    unresolved: () => listIncidents(db, { campaignId, resolved: false, limit: 50, before: null }),
    state: async () => {
      const [row] = await db<{ state: string; bonus: string }[]>`
        select a.state, b.state as bonus from pay_adjustments a join vendor_bonuses b on b.id = a.id where a.id = ${id}`;
      const now = await stage.moneyOf(db, campaignId);
      await stage.expectInvariants(db, campaignId);
      expect(await verifyBooks(db)).toMatchObject({ holds: true });
      return [row?.state, row?.bonus, now.reserved - before.reserved, now.spent - before.spent];
    },
    booked: async () =>
      (
        await db<{ kind: string; to: string; micros: bigint }[]>`
          select kind, to_account as "to", amount_micros as micros from ledger where adjustment_id = ${id} order by id`
      ).map(({ kind, to, micros }) => `${kind} ${micros} to ${to}`),
    open: async () => (await run(activities.loadOrder)).bonuses,
  };
}

test('a bonus is reserved, sent once under its key, and booked when the vendor has paid it', async () => {
  const bonus = await asked(async () => 'done');
  expect(await bonus.state()).toEqual(['proposed', 'intent', 1_000_000n, 0n]);
  await bonus.pay();
  await bonus.pay();
  expect(bonus.sent).toEqual([expect.stringMatching(new RegExp(`^quorate-bonus-${bonus.id} worker of .* 1000000$`))]);
  expect(await bonus.state()).toEqual(['applied', 'paid', 0n, 1_000_000n]);
  expect(await bonus.open()).toBe(0);
});

test('a vendor that refuses it, or pays none, leaves the money free', async () => {
  for (const pays of [
    async () => 'unsupported' as const,
    () => Promise.reject(new VendorError('permanent', 'That worker is gone.')),
  ]) {
    const bonus = await asked(pays);
    await bonus.pay();
    expect(await bonus.state()).toEqual(['dismissed', 'refused', 0n, 0n]);
  }
});

test('one that was not sent yet can be taken back, and is not sent then', async () => {
  const bonus = await asked(async () => 'done');
  const rule = (verdict: 'applied' | 'dismissed') =>
    reviewDeduction(db, {
      ...{
        id: bonus.id,
        organisationId: DEFAULT_ORGANISATION,
        verdict,
        note: 'For another.',
        ...{ by: 'bea', roles },
        now: new Date(),
      },
    });
  await expect(rule('applied')).rejects.toThrow('has not been sent to the vendor');
  await rule('dismissed');
  expect(await bonus.state()).toEqual(['dismissed', 'refused', 0n, 0n]);
  await bonus.pay();
  expect(bonus.sent).toEqual([]);
});

test('one that surely did nothing is tried again', async () => {
  let busy = true;
  const bonus = await asked(() => {
    if (!busy) return Promise.resolve('done');
    busy = false;
    return Promise.reject(new VendorError('retryable', 'Too many requests.', { status: 429, retryAfterMs: 5 }));
  });
  await expect(bonus.pay()).rejects.toThrow('Too many requests.');
  await bonus.pay();
  expect(bonus.sent).toHaveLength(2);
  expect(await bonus.state()).toEqual(['applied', 'paid', 0n, 1_000_000n]);
});

test('a lost answer, or a worker that dies with it in hand, is looked up; what the vendor lists has been paid', async () => {
  const lost = await asked(() => Promise.reject(new VendorError('ambiguous', 'It timed out.')), { listed: true });
  await lost.pay();
  expect(await lost.state()).toEqual(['applied', 'paid', 0n, 1_000_000n]);
  const died = await asked(() => Promise.reject(new Died()), { listed: true });
  await expect(died.pay()).rejects.toThrow(Died);
  await died.pay();
  expect(died.sent).toHaveLength(1);
  expect(await died.state()).toEqual(['applied', 'paid', 0n, 1_000_000n]);
});

test('a worker that waits long for a vendor says that it is alive', async () => {
  const begun = deferred<void>();
  const over = deferred<Settled>();
  const bonus = await asked(() => {
    begun.resolve();
    return over.promise;
  });
  let beats = 0;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const paying = bonus.pay(() => beats++);
    await begun.promise;
    vi.advanceTimersByTime(60_000);
    expect(beats).toBeGreaterThan(1);
    over.resolve('done');
    await paying;
  } finally {
    vi.useRealTimers();
  }
});

test('one that a later attempt has asked a person about, while the first still had it in hand, is closed as that one ends', async () => {
  const begun = deferred<void>();
  const over = deferred<Settled>();
  const bonus = await asked(() => {
    begun.resolve();
    return over.promise;
  });
  const first = bonus.pay();
  await begun.promise;
  await bonus.pay();
  expect(await bonus.state()).toEqual(['proposed', 'ambiguous', 1_000_000n, 0n]);
  over.resolve('done');
  await first;
  expect(await bonus.state()).toEqual(['applied', 'paid', 0n, 1_000_000n]);
  expect(await bonus.unresolved()).toEqual([]);
});

test('one that was booked while a later attempt looked for it is for nobody to rule on', async () => {
  const begun = deferred<void>();
  const over = deferred<Settled>();
  const bonus = await asked(
    () => {
      begun.resolve();
      return over.promise;
    },
    {
      looks: async () => {
        over.resolve('done');
        await first;
      },
    },
  );
  const first = bonus.pay();
  await begun.promise;
  await bonus.pay();
  expect(await bonus.state()).toEqual(['applied', 'paid', 0n, 1_000_000n]);
  expect(await bonus.unresolved()).toEqual([]);
});

test('one whose outcome is looked up is told from others as large to the same answer', async () => {
  const said = [Promise.resolve('done' as const), Promise.resolve('done' as const)];
  const bonus = await asked(() => said.pop() ?? Promise.reject(new VendorError('ambiguous', 'It timed out.')));
  await bonus.pay();
  await bonus.give(2_000_000n);
  await bonus.pay();
  await bonus.give();
  await bonus.pay();
  await bonus.give();
  await bonus.pay();
  expect(bonus.looks).toEqual([1, 2]);
});

test('what nobody knows is never sent again: a person rules on it, once', async () => {
  for (const [verdict, ends] of [
    ['applied', ['applied', 'paid', 0n, 1_000_000n]],
    ['dismissed', ['dismissed', 'refused', 0n, 0n]],
  ] as const) {
    const bonus = await asked(() => Promise.reject(new VendorError('ambiguous', 'It timed out.')), { listed: false });
    const ruling = {
      id: bonus.id,
      organisationId,
      verdict,
      note: 'Their page says so.',
      by: 'ada',
      roles,
      now: new Date(),
    };
    await expect(reviewDeduction(db, { ...ruling, verdict: 'applied' })).rejects.toThrow('has not been sent');
    await bonus.pay();
    await bonus.pay();
    expect([bonus.sent.length, await bonus.incidents()]).toEqual([1, ['bonus_ambiguous']]);
    expect(await bonus.state()).toEqual(['proposed', 'ambiguous', 1_000_000n, 0n]);
    await reviewDeduction(db, ruling);
    await expect(reviewDeduction(db, ruling)).rejects.toThrow('already');
    // Nobody is asked about it any more.
    expect(await bonus.unresolved()).toEqual([]);
    expect(await bonus.state()).toEqual(ends);
  }
});

describe('what a vendor charges on top', () => {
  const feeMicros = () => 200_000n;
  const [reserved, reservedFee] = ['reserve 1000000 to reserved', 'reserve 200000 to reserved'];

  test('is reserved before the bonus is sent, and booked as a fee with it', async () => {
    const bonus = await asked(async () => 'done', { feeMicros });
    expect(await bonus.state()).toEqual(['proposed', 'intent', 1_000_000n, 0n]);
    await bonus.pay();
    await bonus.pay();
    expect(bonus.sent).toHaveLength(1);
    expect(await bonus.state()).toEqual(['applied', 'paid', 0n, 1_200_000n]);
    expect(await bonus.booked()).toEqual([
      ...[reserved, reservedFee, 'bonus 1000000 to vendor_payable', 'fee 200000 to fees'],
    ]);
  });

  test('stays what it was at the first attempt, whatever is set meanwhile', async () => {
    let tries = 0;
    const busy = new VendorError('retryable', 'Too many requests.', { status: 429, retryAfterMs: 5 });
    const bonus = await asked(() => (tries++ === 0 ? Promise.reject(busy) : Promise.resolve('done')), {
      feeMicros: () => (tries === 0 ? 200_000n : 300_000n),
    });
    await expect(bonus.pay()).rejects.toThrow('Too many requests.');
    expect(await bonus.state()).toEqual(['proposed', 'intent', 1_200_000n, 0n]);
    await bonus.pay();
    expect(await bonus.state()).toEqual(['applied', 'paid', 0n, 1_200_000n]);
  });

  test('is free again where the vendor refuses the bonus', async () => {
    const refuses = () => Promise.reject(new VendorError('permanent', 'That worker is gone.'));
    const bonus = await asked(refuses, { feeMicros });
    await bonus.pay();
    expect(await bonus.state()).toEqual(['dismissed', 'refused', 0n, 0n]);
    expect(await bonus.booked()).toEqual([
      ...[reserved, reservedFee, 'release 1000000 to requester_funds', 'release 200000 to requester_funds'],
    ]);
  });

  test('keeps a bonus from being sent where the budget has no room for it', async () => {
    const bonus = await asked(async () => 'done', { feeMicros });
    await db`
      update budgets set cap_micros = reserved_micros + spent_micros + 199999 where campaign_id = ${bonus.campaignId}`;
    await bonus.pay();
    expect(bonus.sent).toEqual([]);
    expect(await bonus.state()).toEqual(['dismissed', 'refused', 0n, 0n]);
    const [row] = await db<{ detail: string }[]>`select detail from vendor_bonuses where id = ${bonus.id}`;
    expect(row?.detail).toBe('http_vendor charges $0.20 for it, and the budget has no room for that.');
  });
});

import { afterAll, describe, expect, it } from 'vitest';
import { importReport, itemViews } from '../../db/queries/payout-reports.ts';
import {
  approveRun,
  bankFileOf,
  cancelRun,
  closeRun,
  collectRun,
  exportRun,
  startRun,
} from '../../db/queries/payouts.ts';
import { parsePeriod } from '../../domain/books/period.ts';
import { createTestDatabase } from '../support/database.ts';
import { ada, bea, roles } from '../support/payers.ts';
import { FAR, organisationId, payDesk } from './pay-desk.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const { begin, earned, expectBooks, owedTo, person, viewOf } = payDesk(db);

describe('a payout run', () => {
  it('collects, freezes, exports and is reconciled to zero', async () => {
    const [ann, bob, nobody] = [await person(), await person(), await person(false)];
    await earned(ann, 3);
    await earned(bob, 1, { priceUsd: '0.123456' });
    await earned(nobody, 1);
    const id = await begin();
    await collectRun(db, id);
    expect(await viewOf(id)).toMatchObject({
      ...{ state: 'frozen', items: 2, totalMicros: 420_000n, withoutAccount: 1, withoutAccountMicros: 100_000n },
    });
    // Less than a cent stays owed.
    expect(await owedTo(bob)).toBe(3_456n);
    await approveRun(db, { runId: id, by: bea, roles });
    await exportRun(db, id);
    const file = await bankFileOf(db, id);
    expect(file?.text.split('\r\n')).toHaveLength(4);
    expect(await viewOf(id)).toMatchObject({ state: 'exported', differenceMicros: 420_000n });
    const items = await itemViews(db, id);
    const lines = items.map(({ reference, recipient, amountMicros }, at) => ({
      ...{ reference, line: at + 1 },
      ...(recipient === ann
        ? { amountMicros, status: 'paid' as const }
        : { amountMicros: 0n, status: 'failed' as const }),
    }));
    await importReport(db, { runId: id, by: bea, lines });
    await importReport(db, { runId: id, by: bea, lines });
    await closeRun(db, id);
    expect(await viewOf(id)).toMatchObject({
      ...{ state: 'closed', differenceMicros: 0n, paidMicros: 300_000n, failedMicros: 120_000n },
    });
    expect(await owedTo(ann)).toBe(0n);
    expect(await owedTo(bob)).toBe(123_456n);
    expect((await bankFileOf(db, id))?.text).toBe(file?.text);
    await expectBooks();
  });

  it('is approved by a person or cancelled when its time is over, whichever comes first', async () => {
    const ann = await person();
    await earned(ann, 1);
    const id = await begin();
    await collectRun(db, id);
    await approveRun(db, { runId: id, by: bea, roles });
    const overdue = { runId: id, reason: 'Nobody approved it within 30 days.', overdue: true } as const;
    await cancelRun(db, overdue);
    expect((await viewOf(id)).state).toBe('approved');
    // Approved once more, as it does not go on: its workflow is told again, and begun where it is gone.
    const told = async () => (await db`select 1 from outbox where target_id = ${id}`).length;
    const before = await told();
    await approveRun(db, { runId: id, by: bea, roles });
    expect(await told()).toBe(before + 1);
    await expect(cancelRun(db, { runId: id, by: bea, reason: 'x' })).rejects.toThrow('Payments may be under way.');
    const late = await begin();
    await collectRun(db, late);
    await cancelRun(db, { ...overdue, runId: late });
    expect((await viewOf(late)).state).toBe('cancelled');
  });

  it('is of a month that has ended, and one a month', async () => {
    const period = parsePeriod('2031-05');
    const start = (now: Date) => startRun(db, { organisationId, period, leastMicros: 1n, by: ada, roles, now });
    await expect(start(new Date('2031-05-31T23:59:59Z'))).rejects.toThrow('2031-05 has not ended');
    const [one, other] = await Promise.all([start(FAR), start(FAR)]);
    expect(one.id).toBe(other.id);
    expect([one.fresh, other.fresh].filter(Boolean)).toHaveLength(1);
  });
});

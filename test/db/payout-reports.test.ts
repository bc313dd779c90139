import { afterAll, describe, expect, it } from 'vitest';
import { only } from '../../db/client.ts';
import { importReport, itemViews, resolveItem } from '../../db/queries/payout-reports.ts';
import { approveRun, askPerson, cancelRun, closeRun, collectRun, exportRun } from '../../db/queries/payouts.ts';
import { createTestDatabase } from '../support/database.ts';
import { bea, roles } from '../support/payers.ts';
import { payDesk } from './pay-desk.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const { begin, earned, expectBooks, owedTo, person, viewOf } = payDesk(db);

/** A run of all that is owed, whose payments are under way. */
async function exported(): Promise<string> {
  const id = await begin();
  await collectRun(db, id);
  await approveRun(db, { runId: id, by: bea, roles });
  await exportRun(db, id);
  return id;
}

describe('what became of the payments of a run', () => {
  it('asks a person what no report tells, and closes on no difference only', async () => {
    const [ann, bob] = [await person(), await person()];
    await earned(ann, 1);
    await earned(bob, 1);
    const id = await exported();
    const items = await itemViews(db, id);
    const [first, others] = [
      items.find((each) => each.recipient === ann),
      items.filter((each) => each.recipient !== ann),
    ];
    if (!first) throw new Error('There is no payment.');
    const line = { reference: first.reference, amountMicros: first.amountMicros - 10_000n, status: 'paid' as const };
    await importReport(db, { runId: id, by: bea, lines: [{ ...line, line: 1 }] });
    await closeRun(db, id);
    expect(await viewOf(id)).toMatchObject({ state: 'exported', ambiguous: 1 });
    await askPerson(db, id);
    for (const { id: itemId } of [first, ...others]) {
      const given = { runId: id, itemId, note: 'The bank was called.', by: bea };
      await resolveItem(db, { ...given, outcome: itemId === first.id ? 'failed' : 'paid' });
    }
    await closeRun(db, id);
    expect(await viewOf(id)).toMatchObject({ state: 'closed', ambiguous: 0, differenceMicros: 0n });
    // Money that came back later is owed again, once.
    const paid = others.find((each) => each.recipient === bob);
    const back = { reference: paid?.reference ?? '', amountMicros: 0n, status: 'returned' as const, line: 1 };
    await importReport(db, { runId: id, by: bea, lines: [back] });
    await importReport(db, { runId: id, by: bea, lines: [back] });
    expect([await owedTo(ann), await owedTo(bob)]).toEqual([100_000n, 100_000n]);
    await expectBooks();
  });

  it('refuses a report that names what it has not paid, whole', async () => {
    const ann = await person();
    await earned(ann, 1);
    const id = await begin();
    await collectRun(db, id);
    const report = (reference: string) =>
      importReport(db, { runId: id, by: bea, lines: [{ reference, amountMicros: 100_000n, status: 'paid', line: 1 }] });
    await expect(report('x')).rejects.toThrow('It has to be exported first.');
    await approveRun(db, { runId: id, by: bea, roles });
    await exportRun(db, id);
    await expect(report('x')).rejects.toThrow('Line 1: "x" is no payment of this run; nothing was taken in.');
    await expect(cancelRun(db, { runId: id, by: bea, reason: 'oops' })).rejects.toThrow('Payments may be under way.');
  });

  it('takes no payment for paid that is owed again, however often a report says so', async () => {
    const ann = await person();
    await earned(ann, 1);
    const id = await exported();
    const [item] = await itemViews(db, id);
    const report = async (status: 'paid' | 'failed') => {
      await importReport(db, {
        ...{
          runId: id,
          by: bea,
          lines: [{ reference: item?.reference ?? '', amountMicros: 100_000n, status, line: 1 }],
        },
      });
      return (await itemViews(db, id))[0]?.state;
    };
    expect(await report('failed')).toBe('failed');
    expect(await report('paid')).toBe('ambiguous');
    expect(await report('paid')).toBe('ambiguous');
    expect(await report('failed')).toBe('failed');
    expect(await owedTo(ann)).toBe(100_000n);
    await expectBooks();
  });

  it('keeps what a person has found out when the same report comes again', async () => {
    const ann = await person();
    await earned(ann, 1);
    const id = await exported();
    const own = async () => only((await itemViews(db, id)).filter(({ recipient }) => recipient === ann));
    const item = await own();
    // What was owed to others before is paid.
    const others = (await itemViews(db, id)).filter(({ recipient }) => recipient !== ann);
    const lines = others.map((each, at) => {
      return { reference: each.reference, amountMicros: each.amountMicros, status: 'paid' as const, line: at + 1 };
    });
    await importReport(db, { runId: id, by: bea, lines });
    const report = async (amountMicros: bigint, status: 'paid' | 'returned' = 'paid') => {
      await importReport(db, {
        runId: id,
        by: bea,
        lines: [{ reference: item.reference, amountMicros, status, line: 1 }],
      });
      return (await own()).state;
    };
    expect(await report(90_000n)).toBe('ambiguous');
    await resolveItem(db, { runId: id, itemId: item.id, outcome: 'paid', note: 'A fee of the bank.', by: bea });
    await closeRun(db, id);
    expect(await report(90_000n)).toBe('paid');
    expect((await own()).note).toBe('A fee of the bank.');
    expect(await viewOf(id)).toMatchObject({ state: 'closed', differenceMicros: 0n });
    // What the bank kept has not arrived, and is owed.
    expect(await owedTo(ann)).toBe(10_000n);
    expect(await report(80_000n)).toBe('ambiguous');
    await resolveItem(db, { runId: id, itemId: item.id, outcome: 'paid', note: 'Another fee.', by: bea });
    expect(await owedTo(ann)).toBe(20_000n);
    await expectBooks();
    // That all of it came after all does not take back what is owed.
    expect(await report(100_000n)).toBe('ambiguous');
    const all = { runId: id, itemId: item.id, outcome: 'paid' as const, note: 'It says so.', by: bea };
    await expect(resolveItem(db, all)).rejects.toThrow('$0.02 of the payment were booked as failed');
    await expect(resolveItem(db, { ...all, arrivedMicros: 110_000n })).rejects.toThrow('at most 0.10');
    await resolveItem(db, { ...all, arrivedMicros: 80_000n });
    expect(await owedTo(ann)).toBe(20_000n);
    expect(await report(100_000n, 'returned')).toBe('failed');
    expect(await owedTo(ann)).toBe(100_000n);
    await expectBooks();
  });

  it('owes again what came back of a payment, and not what stayed', async () => {
    const ann = await person();
    await earned(ann, 1);
    const id = await exported();
    const own = async () => only((await itemViews(db, id)).filter(({ recipient }) => recipient === ann));
    const { id: itemId, reference } = await own();
    const report = (amountMicros: bigint) =>
      importReport(db, { runId: id, by: bea, lines: [{ reference, amountMicros, status: 'returned', line: 1 }] });
    await report(40_000n);
    expect(await own()).toMatchObject({ state: 'ambiguous', note: 'The report says that $0.04 of $0.10 came back.' });
    expect(await owedTo(ann)).toBe(0n);
    const ruling = { runId: id, itemId, outcome: 'paid' as const, note: 'The bank was called.', by: bea };
    await resolveItem(db, ruling);
    expect(await owedTo(ann)).toBe(40_000n);
    await report(40_000n);
    expect(await owedTo(ann)).toBe(40_000n);
    // More of it comes back; whether it is told as what came back since or in all, a person has to find out.
    await report(10_000n);
    await expect(resolveItem(db, ruling)).rejects.toThrow('at most 0.06');
    await resolveItem(db, { ...ruling, arrivedMicros: 50_000n });
    expect(await owedTo(ann)).toBe(50_000n);
    await report(50_000n);
    expect(await own()).toMatchObject({ state: 'ambiguous' });
    expect(await owedTo(ann)).toBe(50_000n);
    await report(100_000n);
    expect(await own()).toMatchObject({ state: 'failed' });
    expect(await owedTo(ann)).toBe(100_000n);
    await expectBooks();
  });

  it('books what has not arrived of a payment to the campaigns that it was for, the last first', async () => {
    const ann = await person();
    const { campaignId: first } = (await earned(ann, 2)).made;
    const { campaignId: last } = (await earned(ann, 1)).made;
    const id = await exported();
    const item = only((await itemViews(db, id)).filter(({ recipient }) => recipient === ann));
    const ruling = { runId: id, itemId: item.id, outcome: 'paid' as const, note: 'The bank was called.', by: bea };
    await resolveItem(db, { ...ruling, arrivedMicros: 150_000n });
    const failed = await db<{ campaign: string; micros: bigint }[]>`
      select campaign_id as campaign, amount_micros as micros from ledger
      where payout_item_id = ${item.id} and kind = 'payout_failed' order by amount_micros desc`;
    expect([...failed]).toEqual([
      { campaign: last, micros: 100_000n },
      { campaign: first, micros: 50_000n },
    ]);
    expect(await owedTo(ann)).toBe(150_000n);
    await expectBooks();
  });
});

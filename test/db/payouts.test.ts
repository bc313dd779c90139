import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import { only } from '../../db/client.ts';
import {
  disputeDeduction,
  giveBonus,
  proposeDeduction,
  reviewDeduction,
  setPayoutAccount,
} from '../../db/queries/adjustments.ts';
import { verifyBooks } from '../../db/queries/books.ts';
import { verifyLedger } from '../../db/queries/ledger-proof.ts';
import { budgetOf } from '../../db/queries/money.ts';
import { payableNow } from '../../db/queries/payables.ts';
import { importReport, itemViews, resolveItem, runViews } from '../../db/queries/payout-reports.ts';
import {
  approveRun,
  askPerson,
  bankFileOf,
  cancelRun,
  closeRun,
  collectRun,
  exportRun,
  startRun,
} from '../../db/queries/payouts.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { DEFAULT_ORGANISATION as organisationId } from '../../db/schema/organisations.ts';
import { type Period, parsePeriod } from '../../domain/books/period.ts';
import { QuorateError } from '../../domain/failures.ts';
import { createTestDatabase } from '../support/database.ts';
import { answer, newAnnotator, plan, type Scene, scene } from '../workers/stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);

const FAR = new Date('2999-01-01T00:00:00Z');
// Entries are dated when they are booked: these months all begin after that, so that each run collects all there is.
let months = 0;
const nextPeriod = (): Period =>
  parsePeriod(`${2100 + Math.floor(months / 12)}-${String((months++ % 12) + 1).padStart(2, '0')}`);

/** An annotator who is a person, with an account. */
async function person(account = true): Promise<string> {
  const id = await newAnnotator(db);
  await db`update annotators set simulated = false where id = ${id}`;
  if (account)
    await setPayoutAccount(db, id, { holder: 'Ann', account: 'DE89370400440532013000', bic: null, region: null });
  return id;
}

/** Has a person answer so many tasks at $0.10 each; the answers' ids. */
async function earned(annotatorId: string, tasks: number, settings = {}): Promise<{ made: Scene; answers: string[] }> {
  const made = await scene(db, { items: tasks, annotators: 0, settings: { redundancy: 1, ...settings } });
  const answers: string[] = [];
  for (const taskId of await plan(db, made, tasks)) {
    await openSlots(db, taskId);
    answers.push((await answer(db, { taskId, annotatorId })).annotationId);
    await createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined }).decideTask({
      ...{ taskId, minConfidence: 0, acceptAny: true, log: [] },
    });
  }
  return { made, answers };
}

const begin = async (period = nextPeriod()) =>
  (await startRun(db, { organisationId, period, leastMicros: 10_000n, by: 'ada', now: FAR })).id;
const viewOf = async (id: string) => {
  const [view] = await runViews(db, { organisationId, id, limit: 1 });
  if (!view) throw new Error('There is no such run.');
  return view;
};
const owedTo = async (annotatorId: string) =>
  (await payableNow(db, { organisationId, before: FAR }))
    .filter(({ recipient }) => recipient === annotatorId)
    .reduce((sum, { micros }) => sum + micros, 0n);
const paymentsTo = async (runId: string, annotatorId: string) =>
  (await itemViews(db, runId))
    .filter(({ recipient }) => recipient === annotatorId)
    .map(({ amountMicros }) => amountMicros);
const paidTo = async (annotatorId: string) => {
  const rows = await db<{ micros: bigint }[]>`
    select coalesce(sum(amount_micros), 0)::bigint as micros from payout_items
    where annotator_id = ${annotatorId} and state in ('sent', 'paid', 'ambiguous')`;
  return rows[0]?.micros ?? 0n;
};
const expectBooks = async () => {
  expect(await verifyBooks(db)).toMatchObject({ holds: true, overdrawn: [], sumMicros: 0n });
  expect((await verifyLedger(db)).filter(({ holds }) => !holds)).toEqual([]);
};

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
    await approveRun(db, { runId: id, by: 'bea' });
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
    await importReport(db, { runId: id, lines });
    await importReport(db, { runId: id, lines });
    await closeRun(db, id);
    expect(await viewOf(id)).toMatchObject({
      ...{ state: 'closed', differenceMicros: 0n, paidMicros: 300_000n, failedMicros: 120_000n },
    });
    expect(await owedTo(ann)).toBe(0n);
    expect(await owedTo(bob)).toBe(123_456n);
    expect((await bankFileOf(db, id))?.text).toBe(file?.text);
    await expectBooks();
  });

  it('asks a person what no report tells, and closes on no difference only', async () => {
    const [ann, bob] = [await person(), await person()];
    await earned(ann, 1);
    await earned(bob, 1);
    const id = await begin();
    await collectRun(db, id);
    await approveRun(db, { runId: id, by: 'bea' });
    await exportRun(db, id);
    const items = await itemViews(db, id);
    const [first, others] = [
      items.find((each) => each.recipient === ann),
      items.filter((each) => each.recipient !== ann),
    ];
    if (!first) throw new Error('There is no payment.');
    const line = { reference: first.reference, amountMicros: first.amountMicros - 10_000n, status: 'paid' as const };
    await importReport(db, { runId: id, lines: [{ ...line, line: 1 }] });
    await closeRun(db, id);
    expect(await viewOf(id)).toMatchObject({ state: 'exported', ambiguous: 1 });
    await askPerson(db, id);
    for (const { id: itemId } of [first, ...others]) {
      const given = { runId: id, itemId, note: 'The bank was called.', by: 'bea' };
      await resolveItem(db, { ...given, outcome: itemId === first.id ? 'failed' : 'paid' });
    }
    await closeRun(db, id);
    expect(await viewOf(id)).toMatchObject({ state: 'closed', ambiguous: 0, differenceMicros: 0n });
    // Money that came back later is owed again, once.
    const paid = others.find((each) => each.recipient === bob);
    const back = { reference: paid?.reference ?? '', amountMicros: 0n, status: 'returned' as const, line: 1 };
    await importReport(db, { runId: id, lines: [back] });
    await importReport(db, { runId: id, lines: [back] });
    expect([await owedTo(ann), await owedTo(bob)]).toEqual([100_000n, 100_000n]);
    await expectBooks();
  });

  it('refuses a report that names what it has not paid, whole', async () => {
    const ann = await person();
    await earned(ann, 1);
    const id = await begin();
    await collectRun(db, id);
    const report = (reference: string) =>
      importReport(db, { runId: id, lines: [{ reference, amountMicros: 100_000n, status: 'paid', line: 1 }] });
    await expect(report('x')).rejects.toThrow('It has to be exported first.');
    await approveRun(db, { runId: id, by: 'bea' });
    await exportRun(db, id);
    await expect(report('x')).rejects.toThrow('Line 1: "x" is no payment of this run; nothing was taken in.');
    await expect(cancelRun(db, { runId: id, reason: 'oops' })).rejects.toThrow('Payments may be under way.');
  });

  it('takes no payment for paid that is owed again, however often a report says so', async () => {
    const ann = await person();
    await earned(ann, 1);
    const id = await begin();
    await collectRun(db, id);
    await approveRun(db, { runId: id, by: 'bea' });
    await exportRun(db, id);
    const [item] = await itemViews(db, id);
    const report = async (status: 'paid' | 'failed') => {
      await importReport(db, {
        ...{ runId: id, lines: [{ reference: item?.reference ?? '', amountMicros: 100_000n, status, line: 1 }] },
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
    const id = await begin();
    await collectRun(db, id);
    await approveRun(db, { runId: id, by: 'bea' });
    await exportRun(db, id);
    const own = async () => only((await itemViews(db, id)).filter(({ recipient }) => recipient === ann));
    const item = await own();
    // What was owed to others before is paid.
    const others = (await itemViews(db, id)).filter(({ recipient }) => recipient !== ann);
    const lines = others.map((each, at) => {
      return { reference: each.reference, amountMicros: each.amountMicros, status: 'paid' as const, line: at + 1 };
    });
    await importReport(db, { runId: id, lines });
    const report = async (amountMicros: bigint, status: 'paid' | 'returned' = 'paid') => {
      await importReport(db, { runId: id, lines: [{ reference: item.reference, amountMicros, status, line: 1 }] });
      return (await own()).state;
    };
    expect(await report(90_000n)).toBe('ambiguous');
    await resolveItem(db, { runId: id, itemId: item.id, outcome: 'paid', note: 'A fee of the bank.', by: 'bea' });
    await closeRun(db, id);
    expect(await report(90_000n)).toBe('paid');
    expect((await own()).note).toBe('A fee of the bank.');
    expect(await viewOf(id)).toMatchObject({ state: 'closed', differenceMicros: 0n });
    expect(await report(80_000n)).toBe('ambiguous');
    await resolveItem(db, { runId: id, itemId: item.id, outcome: 'paid', note: 'Another fee.', by: 'bea' });
    expect(await report(100_000n, 'returned')).toBe('failed');
    expect(await owedTo(ann)).toBe(100_000n);
    await expectBooks();
  });

  it('is approved by a person or cancelled when its time is over, whichever comes first', async () => {
    const ann = await person();
    await earned(ann, 1);
    const id = await begin();
    await collectRun(db, id);
    await approveRun(db, { runId: id, by: 'bea' });
    const overdue = { runId: id, reason: 'Nobody approved it within 30 days.', overdue: true } as const;
    await cancelRun(db, overdue);
    expect((await viewOf(id)).state).toBe('approved');
    // Approved once more, as it does not go on: its workflow is told again, and begun where it is gone.
    const told = async () => (await db`select 1 from outbox where target_id = ${id}`).length;
    const before = await told();
    await approveRun(db, { runId: id, by: 'bea' });
    expect(await told()).toBe(before + 1);
    await expect(cancelRun(db, { runId: id, reason: 'x' })).rejects.toThrow('Payments may be under way.');
    const late = await begin();
    await collectRun(db, late);
    await cancelRun(db, { ...overdue, runId: late });
    expect((await viewOf(late)).state).toBe('cancelled');
  });

  it('is of a month that has ended, and one a month', async () => {
    const period = parsePeriod('2031-05');
    const start = (now: Date) => startRun(db, { organisationId, period, leastMicros: 1n, by: 'ada', now });
    await expect(start(new Date('2031-05-31T23:59:59Z'))).rejects.toThrow('2031-05 has not ended');
    const [one, other] = await Promise.all([start(FAR), start(FAR)]);
    expect(one.id).toBe(other.id);
    expect([one.fresh, other.fresh].filter(Boolean)).toHaveLength(1);
  });

  it('never pays twice and loses nothing, whatever meets, dies and is repeated', { timeout: 240_000 }, async () => {
    const acts = [
      'collect',
      'approve',
      'export',
      'cancel',
      'paid',
      'failed',
      'ask',
      'settle',
      'close',
      'again',
    ] as const;
    const waves = fc.array(fc.array(fc.constantFrom(...acts), { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 7,
    });
    await fc.assert(
      fc.asyncProperty(waves, async (plays) => {
        const ann = await person();
        await earned(ann, 2);
        const runs = [await begin()];
        const act = async (what: (typeof acts)[number]) => {
          const runId = runs.at(-1) ?? '';
          const items = await itemViews(db, runId);
          switch (what) {
            case 'collect':
              return collectRun(db, runId);
            case 'approve':
              return approveRun(db, { runId, by: 'bea' });
            case 'export':
              return exportRun(db, runId);
            case 'cancel':
              return cancelRun(db, { runId, reason: 'test' });
            case 'paid':
            case 'failed': {
              const lines = items.map(({ reference, amountMicros }, at) => ({
                reference,
                amountMicros,
                status: what,
                line: at,
              }));
              return lines.length > 0 ? importReport(db, { runId, lines }) : undefined;
            }
            case 'ask':
              return askPerson(db, runId);
            case 'settle':
              for (const { id } of items) {
                await resolveItem(db, { runId, itemId: id, outcome: 'paid', note: 'test', by: 'bea' });
              }
              return;
            case 'close':
              return closeRun(db, runId);
            case 'again':
              runs.push(await begin());
          }
        };
        for (const wave of plays) {
          const done = await Promise.allSettled(wave.map(act));
          const wrong = done.flatMap((each) =>
            each.status === 'rejected' && !(each.reason instanceof QuorateError) ? [each.reason] : [],
          );
          expect(wrong).toEqual([]);
          const [out, owed] = [await paidTo(ann), await owedTo(ann)];
          expect(out <= 200_000n && owed >= 0n).toBe(true);
          const [waiting] = await db<{ micros: bigint }[]>`
            select coalesce(sum(amount_micros), 0)::bigint as micros from payout_items
            where annotator_id = ${ann} and state = 'frozen'`;
          // Said to have failed, and then to have been paid: owed again, and a person is asked.
          const [twice] = await db<{ micros: bigint }[]>`
            select coalesce(sum(l.amount_micros), 0)::bigint as micros from payout_items i
            join ledger l on l.payout_item_id = i.id and l.kind = 'payout_failed'
            where i.annotator_id = ${ann} and i.state = 'ambiguous'`;
          expect(out + owed + (waiting?.micros ?? 0n) - (twice?.micros ?? 0n)).toBe(200_000n);
        }
      }),
      { numRuns: 12, endOnFailure: true },
    );
    await expectBooks();
  });
});

describe('a bonus', () => {
  it('is paid of what is free, and never beyond the cap', async () => {
    const ann = await person();
    const { made } = await earned(ann, 1, { budgetUsd: '1' });
    const give = (amountMicros: bigint) =>
      giveBonus(db, { campaignId: made.campaignId, annotatorId: ann, amountMicros, reason: 'good', by: 'ada' });
    const given = await Promise.allSettled(Array.from({ length: 4 }, () => give(300_000n)));
    expect(given.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    await expect(give(1n)).rejects.toThrow('only $0.00 of the budget are free');
    expect(await owedTo(ann)).toBe(1_000_000n);
    expect(await budgetOf(db, made.campaignId)).toMatchObject({ spentMicros: 1_000_000n });
    await expectBooks();
  });
});

describe('a deduction', () => {
  const week = () => new Date(Date.now() + 7 * 24 * 3600 * 1000);
  const propose = (annotationId: string, amountMicros?: bigint, disputableUntil = week()) =>
    proposeDeduction(db, {
      annotationId,
      organisationId,
      amountMicros,
      reason: 'copied',
      by: 'ada',
      disputableUntil,
    });
  const review = (id: string, by: string, now = new Date(), verdict: 'applied' | 'dismissed' = 'applied') =>
    reviewDeduction(db, { id, organisationId, verdict, note: 'seen', by, now });
  const later = () => new Date(week().getTime() + 1000);

  it('counts after its time, by somebody else, and comes off what is owed and spent', async () => {
    const ann = await person();
    const { made, answers } = await earned(ann, 2);
    const id = await propose(answers[0] ?? '');
    await expect(propose(answers[0] ?? '')).rejects.toThrow('on record already');
    await expect(propose(answers[1] ?? '', 100_001n)).rejects.toThrow('no more than that can be taken');
    await expect(review(id, 'ada', later())).rejects.toThrow('somebody else has to review it');
    await expect(review(id, 'bea')).rejects.toThrow('The annotator may say something until');
    await review(id, 'bea', later());
    await expect(review(id, 'bea', later())).rejects.toThrow('applied already');
    expect(await owedTo(ann)).toBe(100_000n);
    expect(await budgetOf(db, made.campaignId)).toMatchObject({ spentMicros: 100_000n });
    await expectBooks();
  });

  it('is held back of a payout while it is proposed, and never taken of what has left', async () => {
    const ann = await person();
    const { answers } = await earned(ann, 2);
    const id = await propose(answers[0] ?? '');
    const first = await begin();
    await collectRun(db, first);
    expect(await paymentsTo(first, ann)).toEqual([100_000n]);
    await review(id, 'bea', new Date(), 'dismissed');
    const second = await begin();
    await collectRun(db, second);
    expect(await paymentsTo(second, ann)).toEqual([100_000n]);
    await expect(propose(answers[0] ?? '')).rejects.toThrow('money that has left is not taken back');
  });

  it('is never taken of what was earned after an answer whose pay has left', async () => {
    const ann = await person();
    const { made, answers } = await earned(ann, 2);
    await collectRun(db, await begin());
    const bonus = { campaignId: made.campaignId, annotatorId: ann, amountMicros: 300_000n, reason: 'good', by: 'ada' };
    await giveBonus(db, bonus);
    for (const id of answers) await expect(propose(id)).rejects.toThrow('money that has left is not taken back');
    expect(await owedTo(ann)).toBe(300_000n);
    const more = await earned(ann, 2);
    const held = await propose(more.answers[0] ?? '');
    await collectRun(db, await begin());
    // What is left there is held back for the first answer: the second was paid out.
    await expect(propose(more.answers[1] ?? '')).rejects.toThrow('money that has left is not taken back');
    await review(held, 'bea', later());
    expect(await owedTo(ann)).toBe(0n);
    await expectBooks();
  });

  it('that nobody rules on is held back for a month after its time', async () => {
    const ann = await person();
    const { answers } = await earned(ann, 1);
    const id = await propose(answers[0] ?? '', undefined, new Date(Date.now() - 31 * 24 * 3600 * 1000));
    const run = await begin();
    await collectRun(db, run);
    expect(await paymentsTo(run, ann)).toEqual([100_000n]);
    await expect(review(id, 'bea')).rejects.toThrow('money that has left is not taken back');
    await expectBooks();
  });

  it.each([0, 1])('is held back of the pay of its own campaign, whatever others owe (%i)', async (which) => {
    const ann = await person();
    const both = [await earned(ann, 1), await earned(ann, 1)];
    const id = await propose(both[which]?.answers[0] ?? '');
    const run = await begin();
    await collectRun(db, run);
    expect(await paymentsTo(run, ann)).toEqual([100_000n]);
    await review(id, 'bea', later());
    expect(await owedTo(ann)).toBe(0n);
    await expectBooks();
  });

  it('can be ruled on as soon as the annotator has said something, who can do so once', async () => {
    const ann = await person();
    const { answers } = await earned(ann, 1);
    const id = await propose(answers[0] ?? '');
    const dispute = (annotatorId: string, now = new Date()) =>
      disputeDeduction(db, { id, annotatorId, statement: 'It was mine.', now });
    expect(await dispute(uuidv7())).toBe(false);
    expect(await dispute(ann, later())).toBe(false);
    expect(await dispute(ann)).toBe(true);
    expect(await dispute(ann)).toBe(false);
    await review(id, 'bea');
    expect(await owedTo(ann)).toBe(0n);
    await expectBooks();
  });
});

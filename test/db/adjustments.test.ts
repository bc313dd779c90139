import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, it } from 'vitest';
import { disputeDeduction, giveBonus, proposeDeduction, reviewDeduction } from '../../db/queries/adjustments.ts';
import { budgetOf } from '../../db/queries/money.ts';
import { collectRun } from '../../db/queries/payouts.ts';
import { createTestDatabase } from '../support/database.ts';
import { roles } from '../support/payers.ts';
import { organisationId, payDesk } from './pay-desk.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const { begin, earned, expectBooks, owedTo, paymentsTo, person } = payDesk(db);

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
      ...{ by: 'ada', roles },
      disputableUntil,
    });
  const review = (id: string, by: string, now = new Date(), verdict: 'applied' | 'dismissed' = 'applied') =>
    reviewDeduction(db, { id, organisationId, verdict, note: 'seen', by, roles, now });
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

  it('can be ruled on as soon as an annotator who signs in has said something, once', async () => {
    const ann = await person();
    await db`insert into users (id, name, email) values (${ann}, 'Ann', 'ann@example.org')`;
    await db`
      insert into members (user_id, organisation_id, role, annotator_id)
      values (${ann}, ${organisationId}, 'annotator', ${ann})`;
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

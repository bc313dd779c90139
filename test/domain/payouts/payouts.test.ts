import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactAccount, isIban } from '../../../domain/payouts/account.ts';
import { bankFile } from '../../../domain/payouts/bank-file.ts';
import { collectPayments } from '../../../domain/payouts/collect.ts';
import { checkFloor } from '../../../domain/payouts/floor.ts';
import { type OpenPayment, type ReportStatus, verdictOn } from '../../../domain/payouts/reconcile.ts';
import { type Settlement, verdictOnSettlement } from '../../../domain/payouts/settlement.ts';
import { nextPayoutStep, type PayoutFacts } from '../../../domain/payouts/steps.ts';

describe('what is collected', () => {
  const payable = fc.record({
    recipient: fc.constantFrom('ann', 'bob', 'vendor:mturk'),
    campaignId: fc.constantFrom('one', 'two', 'three'),
    payee: fc.constantFrom('vendor' as const, 'platform' as const),
    micros: fc.bigInt({ min: -50_000n, max: 3_000_000n }),
  });
  const selector = (each: { recipient: string; campaignId: string; payee: string }) =>
    each.recipient + each.campaignId + each.payee;
  const payables = fc.uniqueArray(payable, { selector });

  it('is in whole cents, what is owed less what is held, and leaves less than a cent', () => {
    fc.assert(
      fc.property(payables, payables, (owed, deductions) => {
        const held = deductions.filter(({ micros }) => micros > 0n);
        const payments = collectPayments(owed, held);
        expect(new Set(payments.map(({ recipient }) => recipient)).size).toBe(payments.length);
        for (const recipient of new Set(owed.map((each) => each.recipient))) {
          const mine = owed
            .filter((each) => each.recipient === recipient)
            .map((each) => {
              const back = held.find((other) => selector(other) === selector(each))?.micros ?? 0n;
              return { ...each, micros: each.micros - back };
            });
          const inCampaign = (id: string) =>
            mine.reduce((sum, each) => (each.campaignId === id ? sum + each.micros : sum), 0n);
          const due = ['one', 'two', 'three'].map(inCampaign).reduce((sum, net) => (net > 0n ? sum + net : sum), 0n);
          const paid = payments.find((each) => each.recipient === recipient);
          const amount = paid?.amountMicros ?? 0n;
          expect(amount % 10_000n).toBe(0n);
          if (due > 0n) expect(due - amount).toBeLessThan(10_000n);
          expect(amount <= due).toBe(true);
          for (const part of paid?.parts ?? []) {
            const there = mine.find((each) => selector(each) === selector({ recipient, ...part }))?.micros ?? 0n;
            expect(part.amountMicros > 0n && part.amountMicros <= there).toBe(true);
          }
          expect((paid?.parts ?? []).reduce((sum, part) => sum + part.amountMicros, 0n)).toBe(amount);
        }
      }),
    );
  });

  it('takes what a vendor lacks in a campaign from its fees there, and from no other campaign', () => {
    const of = (campaignId: string, payee: 'vendor' | 'platform', micros: bigint) => ({
      ...{ recipient: 'vendor:mturk', campaignId, payee, micros },
    });
    const owed = [of('one', 'platform', 300_000n), of('one', 'vendor', -100_000n), of('two', 'vendor', 500_000n)];
    expect(collectPayments(owed, [])).toEqual([
      {
        ...{ recipient: 'vendor:mturk', amountMicros: 700_000n },
        parts: [
          { campaignId: 'one', payee: 'platform', amountMicros: 200_000n },
          { campaignId: 'two', payee: 'vendor', amountMicros: 500_000n },
        ],
      },
    ]);
    expect(collectPayments([of('one', 'platform', 50_000n), of('one', 'vendor', -100_000n)], [])).toEqual([]);
  });

  it('waits where it is less than what is worth a transfer', () => {
    const owed = [{ recipient: 'ann', campaignId: 'one', payee: 'annotator' as const, micros: 4_999_999n }];
    expect(collectPayments(owed, [], 5_000_000n)).toEqual([]);
    expect(collectPayments(owed, [], 4_990_000n)).toMatchObject([{ amountMicros: 4_990_000n }]);
  });
});

describe('the file for the bank', () => {
  it('has one transfer a line under the names of ISO 20022', () => {
    const line = { reference: '0190', holder: 'Ann, "A." Lee', account: 'DE89370400440532013000', bic: null };
    expect(bankFile([{ ...line, amountMicros: 12_340_000n }], '2026-10')).toBe(
      'end_to_end_id,beneficiary_name,beneficiary_account,beneficiary_bic,amount,currency,remittance_information\r\n' +
        '0190,"Ann, ""A."" Lee",DE89370400440532013000,,12.34,USD,Annotation work 2026-10\r\n',
    );
  });

  it('takes account numbers whose check digits are right', () => {
    expect(isIban(compactAccount('gb82 WEST 1234 5698 7654 32'))).toBe(true);
    expect(isIban('DE89370400440532013000')).toBe(true);
    for (const wrong of ['DE89370400440532013001', 'DE8937040044053201300', 'XX', ''])
      expect(isIban(wrong)).toBe(false);
  });
});

describe('a line of the report', () => {
  const payment = (state: OpenPayment['state']): OpenPayment => ({
    ...{ state, amountMicros: 1_000_000n },
    failedMicros: state === 'failed' ? 1_000_000n : 0n,
    ...{ said: null, ruled: false },
  });
  it.each<[OpenPayment['state'], ReportStatus, bigint, string]>([
    ['sent', 'paid', 1_000_000n, 'paid'],
    ['sent', 'paid', 990_000n, 'ambiguous'],
    ['sent', 'failed', 0n, 'failed'],
    ['sent', 'pending', 1_000_000n, 'as_it_was'],
    ['paid', 'paid', 1_000_000n, 'as_it_was'],
    ['sent', 'failed', 1_000_000n, 'failed'],
    ['sent', 'failed', 9_000_000n, 'ambiguous'],
    ['sent', 'returned', 400_000n, 'ambiguous'],
    ['paid', 'returned', 1_000_000n, 'failed'],
    ['paid', 'returned', 0n, 'failed'],
    ['paid', 'returned', 400_000n, 'ambiguous'],
    ['failed', 'returned', 400_000n, 'as_it_was'],
    ['failed', 'failed', 0n, 'as_it_was'],
    ['failed', 'paid', 1_000_000n, 'ambiguous'],
    ['ambiguous', 'paid', 1_000_000n, 'paid'],
    ['cancelled', 'paid', 1_000_000n, 'as_it_was'],
  ])('%s and %s of %s: %s', (state, status, amountMicros, becomes) => {
    expect(verdictOn(payment(state), { reference: 'r', status, amountMicros }).becomes).toBe(becomes);
  });

  it('that a person has ruled on changes nothing when it comes again; another one does', () => {
    const said = { status: 'paid' as const, amountMicros: 990_000n };
    const ruled = { ...payment('paid'), failedMicros: 10_000n, said, ruled: true };
    const becomes = (status: ReportStatus, amountMicros: bigint) =>
      verdictOn(ruled, { reference: 'r', status, amountMicros }).becomes;
    expect(becomes('paid', 990_000n)).toBe('as_it_was');
    expect(becomes('paid', 980_000n)).toBe('ambiguous');
    // All of what arrived came back, or a part of it as of the whole: a person is asked which.
    expect(becomes('returned', 990_000n)).toBe('ambiguous');
    expect(becomes('returned', 980_000n)).toBe('ambiguous');
    expect(becomes('returned', 1_000_000n)).toBe('failed');
  });

  it('from before a part came back does not make the payment whole', () => {
    const asked = { ...payment('ambiguous'), said: { status: 'returned' as const, amountMicros: 400_000n } };
    expect(verdictOn(asked, { reference: 'r', status: 'paid', amountMicros: 1_000_000n }).becomes).toBe('as_it_was');
  });

  it.each<[ReportStatus, string]>([
    ['paid', 'ambiguous'],
    ['returned', 'failed'],
  ])('asks a person for as long as it is owed again: %s, %s', (status, becomes) => {
    const asked = { ...payment('ambiguous'), failedMicros: 1_000_000n };
    expect(verdictOn(asked, { reference: 'r', status, amountMicros: 1_000_000n }).becomes).toBe(becomes);
  });
});

describe('what a vendor says of a payment that is settled there', () => {
  const said: Settlement = {
    ...{ vendor: 'prolific', amountMicros: 170_000n, answers: 2, refused: 0 },
    ...{ bookedMicros: 171_600n, chargedMicros: 171_600n },
  };
  it.each<[string, Partial<Settlement>]>([
    ['', {}],
    // What the payment before it left of a cent.
    ['', { amountMicros: 180_000n }],
    ['prolific does not pay its workers for 1 of 2 answers.', { refused: 1, chargedMicros: 85_800n }],
    ['prolific charges $0.171601; $0.1716 are booked.', { chargedMicros: 171_601n }],
    ['prolific charges $0.0858; $0.1716 are booked.', { chargedMicros: 85_800n }],
    ['The payment is of $0.19; $0.1716 of answers and bonuses are known of it.', { amountMicros: 190_000n }],
    ['The payment is of $0.16; $0.1716 of answers and bonuses are known of it.', { amountMicros: 160_000n }],
  ])('makes it paid, or a question to a person: "%s"', (note, given) => {
    const verdict = verdictOnSettlement({ ...said, ...given });
    expect(verdict).toEqual(note === '' ? { becomes: 'paid' } : { becomes: 'ambiguous', note });
  });
});

describe('what a run does next', () => {
  const DAY = 24 * 3600 * 1000;
  const facts: PayoutFacts = { state: 'exported', frozenAtMs: 0, exportedAtMs: 0, items: 2, sent: 1, ambiguous: 0 };
  it.each<[Partial<PayoutFacts>, number, object]>([
    [{ state: 'collecting' }, 0, { do: 'collect' }],
    [{ state: 'frozen', items: 0 }, 0, { do: 'close' }],
    [{ state: 'frozen' }, 29 * DAY, { do: 'wait', forMs: DAY }],
    [{ state: 'frozen' }, 30 * DAY, { do: 'cancel' }],
    [{ state: 'approved' }, 0, { do: 'export' }],
    [{}, 13 * DAY, { do: 'wait', forMs: DAY }],
    [{}, 14 * DAY, { do: 'ask_person' }],
    [{ unsettled: ['one', 'other'] }, 0, { do: 'settle', paymentId: 'one' }],
    [{ sent: 0, ambiguous: 1 }, 99 * DAY, { do: 'wait', forMs: 7 * DAY }],
    [{ sent: 0 }, 0, { do: 'close' }],
    [{ state: 'closed' }, 0, { do: 'end' }],
    [{ state: 'cancelled' }, 0, { do: 'end' }],
  ])('%j after %i ms: %j', (given, atMs, step) => {
    expect(nextPayoutStep({ ...facts, ...given }, atMs)).toMatchObject(step);
  });

  it('asks the other vendor where one cannot be reached, then waits six hours, and in the end asks a person', () => {
    const unsettled = ['one', 'other'];
    const step = (atMs: number, unreached: readonly string[]) =>
      nextPayoutStep({ ...facts, sent: 2, unsettled }, atMs, unreached);
    expect(step(0, ['one'])).toEqual({ do: 'settle', paymentId: 'other' });
    expect(step(0, unsettled)).toEqual({ do: 'wait', forMs: DAY / 4 });
    expect(step(14 * DAY - 1000, unsettled)).toEqual({ do: 'wait', forMs: 1000 });
    expect(step(14 * DAY, unsettled)).toEqual({ do: 'ask_person' });
  });
});

describe('the floor of an hour', () => {
  it('is met or not at the measured speed, and the right price meets it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 5000 }),
        fc.integer({ min: 1, max: 600 }),
        fc.bigInt({ min: 1n, max: 5_000_000n }),
        fc.bigInt({ min: 100_000n, max: 60_000_000n }),
        (answers, each, priceMicros, floor) => {
          const seconds = answers * each;
          // What was earned was earned at other prices.
          const measured = { answers, seconds, longSeconds: each, earnedMicros: 1n };
          const at = (price: bigint) => checkFloor(measured, floor, { priceMicros: price, rateMicros: null });
          const found = at(priceMicros);
          const right = found.rightPriceMicros ?? 0n;
          expect(at(right).meets).toBe(true);
          expect(at(right - 100n).meets).toBe(false);
          expect(found.meets).toBe(priceMicros >= right || (found.hourlyMicros ?? 0n) >= floor);
        },
      ),
    );
    // $0.05 for 18 seconds is ten dollars an hour; twelve take six cents.
    const measured = { answers: 100, seconds: 1800, longSeconds: 30, earnedMicros: 1n };
    expect(checkFloor(measured, 12_000_000n, { priceMicros: 50_000n, rateMicros: null })).toEqual({
      hourlyMicros: 10_000_000n,
      rightPriceMicros: 60_000n,
      meets: false,
    });
  });

  it('is met by the hour where the price holds what long answers earn at the rate', () => {
    // Eighteen seconds in the mean at $12 an hour, some of them a minute, of which the price paid 30 seconds.
    const measured = { answers: 100, seconds: 1800, longSeconds: 60, earnedMicros: 5_400_000n };
    const at = (priceMicros: bigint, rateMicros = 12_000_000n) =>
      checkFloor(measured, 12_000_000n, { priceMicros, rateMicros });
    expect(at(100_000n)).toEqual({ hourlyMicros: 10_800_000n, rightPriceMicros: 200_000n, meets: false });
    expect(at(200_000n).meets).toBe(true);
    expect(at(200_000n, 24_000_000n)).toMatchObject({ rightPriceMicros: 400_000n, meets: false });
  });

  it('says nothing on a few answers', () => {
    const measured = { answers: 19, seconds: 19_000, longSeconds: 1000, earnedMicros: 1n };
    expect(checkFloor(measured, 12_000_000n, { priceMicros: 1n, rateMicros: null })).toMatchObject({ meets: true });
  });
});

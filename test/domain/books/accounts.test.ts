import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACCOUNTS, balancesOf, LEDGER_KINDS, linesOf, PAYEES } from '../../../domain/books/accounts.ts';
import { parsePeriod, periodAt } from '../../../domain/books/period.ts';

const entry = fc.record({
  kind: fc.constantFrom(...LEDGER_KINDS),
  payee: fc.constantFrom(...PAYEES),
  amountMicros: fc.bigInt({ min: 1n, max: 10n ** 18n }),
});

describe('entries', () => {
  it('move an amount from one account to another, so that any set of them sums to zero', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 200 }), (entries) => {
        for (const each of entries) {
          const [out, into] = linesOf(each);
          expect(out.account).not.toBe(into.account);
          expect(out.amountMicros + into.amountMicros).toBe(0n);
          expect(into.amountMicros).toBe(each.amountMicros);
        }
        expect(Object.values(balancesOf(entries)).reduce((sum, each) => sum + each, 0n)).toBe(0n);
      }),
    );
  });

  it('go where an accountant expects them', () => {
    const life = [
      { kind: 'reserve', payee: 'annotator', amountMicros: 500n },
      { kind: 'spend', payee: 'annotator', amountMicros: 200n },
      { kind: 'spend', payee: 'vendor', amountMicros: 100n },
      { kind: 'spend', payee: 'judge', amountMicros: 10n },
      { kind: 'fee', payee: 'platform', amountMicros: 30n },
      { kind: 'release', payee: 'annotator', amountMicros: 100n },
      { kind: 'deduction', payee: 'annotator', amountMicros: 20n },
      { kind: 'payout', payee: 'annotator', amountMicros: 180n },
      { kind: 'payout', payee: 'vendor', amountMicros: 100n },
      { kind: 'payout_failed', payee: 'vendor', amountMicros: 100n },
      { kind: 'payout', payee: 'platform', amountMicros: 25n },
    ] as const;
    expect(balancesOf(life)).toEqual({
      requester_funds: -380n,
      reserved: 60n,
      annotator_payable: 0n,
      vendor_payable: 100n,
      judge_usage: 10n,
      fees: 5n,
      paid_out: 205n,
    });
    expect(Object.keys(balancesOf([]))).toEqual([...ACCOUNTS]);
  });
});

describe('periods', () => {
  it('are months in UTC', () => {
    expect(parsePeriod('2026-12')).toEqual({
      name: '2026-12',
      startsAt: new Date('2026-12-01T00:00:00Z'),
      endsAt: new Date('2027-01-01T00:00:00Z'),
    });
    expect(periodAt(new Date('2026-11-30T23:59:59.999Z')).name).toBe('2026-11');
  });

  it.each(['2026-13', '2026-1', '26-11', 'November', '1999-01'])('%s is none', (name) => {
    expect(() => parsePeriod(name)).toThrow(/must be a month such as/);
  });
});

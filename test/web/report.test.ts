import { describe, expect, test } from 'vitest';
import { readReport } from '../../web/src/pay/report';

describe("a bank's report", () => {
  test('is read under either name of the reference, whatever the order and case', () => {
    const lines = [{ reference: 'abc', amountUsd: '1.50', status: 'paid', line: 2 }];
    expect(readReport('\uFEFFStatus,Amount,Reference\r\nPAID, 1.50 ,abc\r\n\r\n')).toEqual(lines);
    expect(readReport('end_to_end_id,amount,status\nabc,1.50,paid')).toEqual(lines);
  });

  test('may begin and end with empty lines, and have other separators', () => {
    const lines = [{ reference: 'abc', amountUsd: '1.50', status: 'paid', line: 3 }];
    expect(readReport('\nreference;amount;status\nabc;1.50;paid\n\n\n\n')).toEqual(lines);
  });

  test.each([
    ['amount,status\n1,paid', 'The report has no column reference.'],
    ['reference,amount\nabc,1', 'The report has no column status.'],
    ['reference,amount,status', 'The report has no lines.'],
    ['reference,amount,status\nabc,1,paid\n,1,paid', 'Line 3: the reference is empty.'],
    [
      'reference,amount,status\nabc,1,paid\n\nabd,"1,234.50",paid',
      'Line 4: the amount is not dollars such as 1234.50.',
    ],
    ['reference,amount,status\nabc,1,lost', 'Line 2: the status is not paid, failed, returned or pending.'],
  ])('%j is refused: %s', (text, fault) => {
    expect(() => readReport(text)).toThrow(fault);
  });
});

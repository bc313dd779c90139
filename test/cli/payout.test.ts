import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quorate } from './run.ts';
import { type Answer, json, startStub } from './stub-server.ts';

const ID = '0190a0a0-0000-7000-8000-000000000001';
const run = {
  ...{ id: ID, period: '2026-10', state: 'exported', items: 1, ambiguous: 0, note: null },
  ...{ withoutAccount: 2, withoutAccountUsd: '1.25', totalUsd: '12.34', waitingUsd: '12.34', paidUsd: '0.00' },
  ...{ failedUsd: '0.00', differenceUsd: '12.34' },
};
const payment = {
  id: ID,
  recipient: ID,
  name: 'Ann',
  channel: 'bank',
  state: 'sent',
  reference: 'r1',
  amountUsd: '12.34',
  note: null,
};
const whole = { ...run, payments: [payment] };

let folder = '';
let answer: Answer;
let stub: Awaited<ReturnType<typeof startStub>>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-payout-'));
  answer = json(200, whole);
  stub = await startStub((...args) => answer(...args));
});
afterEach(async () => {
  await stub.close();
  rmSync(folder, { recursive: true });
});
const sent = () => JSON.parse(stub.seen[0]?.body.toString() ?? '');

describe('quorate payout', () => {
  it('begins a run and shows what it comes to, and who has no account', async () => {
    const ran = await quorate(stub.url, 'payout', 'run', '2026-10', '--least', '5');
    expect([ran.code, sent()]).toEqual([0, { period: '2026-10', leastUsd: '5' }]);
    expect(ran.out).toMatch(/payments +1 for \$12\.34\n/);
    expect(ran.out).toContain('2, owed $1.25: left for the next run');
    expect(ran.out).toMatch(/Ann +bank +12\.34 +sent/);
  });

  it('shows what a vendor says of a payment by acceptance, and what it does not pay', async () => {
    const why = 'prolific has the answer as rejected.';
    const refusals = [{ taskId: ID, responseKey: 's1', amountUsd: '0.09', why }];
    const settlement = { answers: 3, accepted: 2, refused: 1, chargedUsd: '0.18', refusals };
    const there = { channel: 'prolific', name: null, recipient: 'vendor:prolific', paidBy: 'acceptance', settlement };
    answer = json(200, { ...run, payments: [{ ...payment, ...there, state: 'ambiguous', note: 'Look there.' }] });
    const { out } = await quorate(stub.url, 'payout', 'show', ID);
    expect(out).toMatch(
      /vendor:prolific +prolific, acceptance +12\.34 +ambiguous +2 of 3 answers accepted there for \$0\.18\. Look/,
    );
    expect(out).toMatch(/prolific +s1 +0190a0a0\S+ +0\.09 +prolific has the answer as rejected\./);
  });

  it('shows who began and approved a run, why it cannot be approved, and who did what', async () => {
    const refusal = 'You have begun this run; somebody else has to approve it: Bea.';
    answer = json(200, { ...whole, startedByName: 'Ada', approvedByName: null, cannotApprove: refusal });
    const waiting = (await quorate(stub.url, 'payout', 'show', ID)).out;
    expect(waiting).toMatch(/begun by +Ada\n/);
    expect(waiting).toMatch(/approval +You have begun this run/);
    expect(waiting).not.toContain('approved by');
    answer = json(200, { ...whole, startedByName: 'Ada', approvedByName: 'Bea', cannotApprove: null });
    expect((await quorate(stub.url, 'payout', 'show', ID)).out).toMatch(/approved by +Bea\n/);
    answer = json(409, { code: 'conflict', detail: refusal });
    const refused = await quorate(stub.url, 'payout', 'approve', ID);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining(refusal)]);
    const act = { act: 'begun', name: 'Ada', keyName: 'nightly', note: null, at: '2026-11-01T00:00:00.000Z' };
    answer = json(200, { items: [act], nextCursor: null });
    expect((await quorate(stub.url, 'payout', 'log', ID)).out).toMatch(/2026-11-01T\S+ +begun +Ada +nightly/);
  });

  it('lists runs', async () => {
    answer = json(200, { items: [run], nextCursor: null });
    expect((await quorate(stub.url, 'payout', 'list')).out).toMatch(/2026-10 +exported +1 +12\.34/);
  });

  it('takes in a report whatever its columns are ordered like, and names what is missing', async () => {
    const file = join(folder, 'report.csv');
    writeFileSync(file, '\uFEFFStatus,Fee,end_to_end_id,Amount\r\nPAID,0.10,r1,12.34\r\n\r\n');
    expect((await quorate(stub.url, 'payout', 'reconcile', ID, '--in', file)).code).toBe(0);
    expect(sent()).toEqual({ lines: [{ reference: 'r1', amountUsd: '12.34', status: 'paid', line: 2 }] });
    const faulty = async (row: string) => {
      writeFileSync(file, `reference,amount,status\nr1,12.34,paid\n\n${row}\n`);
      const { code, err } = await quorate(stub.url, 'payout', 'reconcile', ID, '--in', file);
      return [code, err];
    };
    expect(await faulty('r2,1,PAID OUT')).toEqual([
      2,
      expect.stringContaining(`${file}:4: column 3, status, is "PAID OUT"`),
    ]);
    expect(await faulty('r2,"1,234.50",paid')).toEqual([
      2,
      expect.stringContaining(`${file}:4: column 2, amount, is "1,234.50"`),
    ]);
    expect(await faulty(',1,paid')).toEqual([2, expect.stringContaining(`${file}:4: column 1, reference, is ""`)]);
    writeFileSync(file, 'reference,amount\nr1,12.34\n');
    const wrong = await quorate(stub.url, 'payout', 'reconcile', ID, '--in', file);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining(`${file}:1: there is no column status`)]);
  });

  it('writes the file for the bank once', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/csv' });
      response.end('head\r\nr1\r\n');
    };
    const file = join(folder, 'bank.csv');
    const ran = await quorate(stub.url, 'payout', 'export', ID, '--out', file);
    expect([ran.code, ran.out]).toEqual([0, `Wrote 1 payments to ${file}.\n`]);
    expect(readFileSync(file, 'utf8')).toBe('head\r\nr1\r\n');
    const again = await quorate(stub.url, 'payout', 'export', ID, '--out', file);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('it is there already')]);
  });
});

import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import type { Queryable } from '../../db/client.ts';
import { accountBalances, closePeriod, closings, ledgerRows, verifyBooks } from '../../db/queries/books.ts';
import { verifyLedger } from '../../db/queries/ledger-proof.ts';
import { itemViews, resolveItem } from '../../db/queries/payout-reports.ts';
import { approveRun, collectRun, exportRun } from '../../db/queries/payouts.ts';
import { LEDGER_KINDS, linesOf, PAYEES } from '../../domain/books/accounts.ts';
import { parsePeriod } from '../../domain/books/period.ts';
import { quorate } from '../cli/run.ts';
import { createTestDatabase } from '../support/database.ts';
import { bea, roles } from '../support/payers.ts';
import { until } from '../support/rig.ts';
import { answer, plan, scene } from '../workers/stage.ts';
import { payDesk } from './pay-desk.ts';

let server: Awaited<ReturnType<typeof createTestDatabase>>;
beforeEach(async () => {
  server = await createTestDatabase();
});
afterEach(() => server.drop());

/** Two tasks at three answers of $0.10: one decided, by a person, a vendor's worker and a judge; one open. */
async function played() {
  const { db } = server;
  const made = await scene(db, { items: 2, annotators: 3 });
  const [decided = '', open = ''] = await plan(db, made, 2);
  const activities = createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
  await activities.openSlots({ taskId: decided });
  await activities.openSlots({ taskId: open });
  await db`update annotators set kind = 'vendor' where id = ${made.annotators[1] ?? ''}`;
  await db`update annotators set kind = 'llm' where id = ${made.annotators[2] ?? ''}`;
  for (const annotatorId of made.annotators) await answer(db, { taskId: decided, annotatorId });
  await activities.decideTask({ taskId: decided, minConfidence: 0.6, acceptAny: true, log: [] });
  return { ...made, decided, open };
}

async function tamper(change: (sql: Queryable) => Promise<unknown>): Promise<void> {
  await server.db.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await change(tx);
  });
}

describe('the books', () => {
  it('post each payee to an account of its own, and sum to zero', async () => {
    const { campaignId } = await played();
    const proof = await verifyBooks(server.db);
    expect(proof).toMatchObject({ holds: true, sumMicros: 0n, wrongEntries: 0, withoutCause: 0, overdrawn: [] });
    expect(proof.balances).toEqual({
      requester_funds: -600_000n,
      reserved: 300_000n,
      annotator_payable: 100_000n,
      vendor_payable: 100_000n,
      judge_usage: 100_000n,
      fees: 0n,
      paid_out: 0n,
    });
    expect(await accountBalances(server.db)).toEqual(proof.balances);
    expect(await verifyLedger(server.db, campaignId)).toMatchObject([{ holds: true }]);
  });

  it('have the accounts that the domain says, for every kind and payee', async () => {
    const { campaignId } = await scene(server.db);
    for (const kind of LEDGER_KINDS) {
      for (const payee of PAYEES) {
        // Without the rows that the causes refer to; what is asked is the accounts.
        await tamper(async (sql) => {
          const [row] = await sql<{ fromAccount: string; toAccount: string }[]>`
            insert into ledger (campaign_id, kind, payee, amount_micros, key, annotation_id, annotator_id, adjustment_id, payout_item_id)
            values (${campaignId}, ${kind}, ${payee}, 5, ${`${kind}:${payee}`}, ${uuidv7()}, ${uuidv7()}, ${uuidv7()},
              ${kind.startsWith('payout') ? uuidv7() : null})
            returning from_account as "fromAccount", to_account as "toAccount"`;
          const [out, into] = linesOf({ kind, payee, amountMicros: 5n });
          expect(row).toEqual({ fromAccount: out.account, toAccount: into.account });
        });
      }
    }
  });

  it.each([
    ['an entry without a cause', { kind: 'reserve' }, 'ledger_cause'],
    ['a bonus that nobody reviewed', { kind: 'bonus', annotation_id: uuidv7() }, 'ledger_adjustment_cause'],
    ['a payout outside of a run', { kind: 'payout', annotation_id: uuidv7() }, 'ledger_payout_cause'],
    ['an unknown payee', { kind: 'reserve', annotation_id: uuidv7(), payee: 'friend' }, 'ledger'],
  ])('refuse %s', async (_what, fields, constraint) => {
    const { campaignId } = await scene(server.db);
    const row = { campaign_id: campaignId, amount_micros: 1, key: uuidv7(), ...fields };
    await expect(server.db`insert into ledger ${server.db(row)}`).rejects.toThrow(constraint);
  });

  it('find an entry whose cause is another campaign’s', async () => {
    const { campaignId } = await played();
    const other = await scene(server.db);
    await tamper(
      (sql) =>
        sql`update ledger set campaign_id = ${other.campaignId} where campaign_id = ${campaignId} and kind = 'spend'`,
    );
    expect(await verifyBooks(server.db)).toMatchObject({ holds: false, withoutCause: 3 });
  });
});

describe('payments', () => {
  /** A run that was paid, of two people with a payment of ten cents each. */
  async function paidRun() {
    const { db } = server;
    const { begin, earned, person } = payDesk(db);
    const people = [await person(), await person()];
    for (const annotatorId of people) await earned(annotatorId, 1);
    const runId = await begin();
    await collectRun(db, runId);
    await approveRun(db, { runId, by: bea, roles });
    await exportRun(db, runId);
    for (const { id: itemId } of await itemViews(db, runId)) {
      await resolveItem(db, { runId, itemId, outcome: 'paid', note: 'Seen.', by: bea });
    }
    expect(await verifyBooks(db)).toMatchObject({ holds: true, wrongPayouts: 0, overpaid: 0 });
    return people;
  }

  it('are found out that are booked otherwise than they went out', async () => {
    await paidRun();
    await tamper(
      (sql) => sql`
      update payout_items set reported_micros = amount_micros - 10000
      where id = (select min(id::text)::uuid from payout_items)`,
    );
    expect(await verifyBooks(server.db)).toMatchObject({ holds: false, wrongPayouts: 1, overpaid: 0 });
  });

  it('are found out of more than was owed, though all accounts have enough', async () => {
    const [ann = '', bob = ''] = await paidRun();
    // Of what Ann earned, half is Bob's.
    await tamper(
      (sql) => sql`
      update ledger set annotator_id = ${bob} where annotator_id = ${ann} and kind = 'spend'`,
    );
    expect(await verifyBooks(server.db)).toMatchObject({ holds: false, overdrawn: [], overpaid: 1 });
  });
});

describe('a closed month', () => {
  const october = parsePeriod('2026-10');
  const later = new Date('2026-11-02T00:00:00Z');
  /** As if all had been booked in the middle of October. */
  const backdate = () => tamper((sql) => sql`update ledger set created_at = '2026-10-15T12:00:00Z'`);

  it('takes no more entries: what is booked late is dated when it comes', async () => {
    const { open } = await played();
    await backdate();
    const closing = await closePeriod(server.db, { period: october, by: 'Ada', now: later });
    expect(closing).toMatchObject({ period: '2026-10', closedBy: 'Ada', balances: { reserved: '300000' } });
    const { db } = server;
    const [entry] = await db<{ at: Date }[]>`
      insert into ledger (campaign_id, kind, amount_micros, key, authorization_id, created_at)
      select campaign_id, 'release', 1, 'late', id, '2026-10-20' from authorizations where task_id = ${open}
      returning created_at as at`;
    expect(entry?.at.getTime()).toBeGreaterThan(Date.now() - 60_000);
    const [{ n } = { n: 1 }] = await db<{ n: number }[]>`
      select count(*)::int as n from ledger where created_at < ${october.endsAt} and key = 'late'`;
    expect(n).toBe(0);
  });

  it('keeps nobody from booking while somebody else has long not committed, and says so', async () => {
    const { open } = await played();
    await backdate();
    const { db } = server;
    const book = (sql: Queryable, key: string) => sql`
      insert into ledger (campaign_id, kind, amount_micros, key, authorization_id)
      select campaign_id, 'release', 1, ${key}, id from authorizations where task_id = ${open}`;
    const close = () => closePeriod(db, { period: october, by: 'Ada', now: later });
    await db.begin(async (collecting) => {
      await book(collecting, 'a payout run');
      const closing = close().then(
        () => 'closed',
        (error: unknown) => error,
      );
      await until('it waits', async () => {
        const waiting = await db`
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
        return waiting.length > 0;
      });
      const from = performance.now();
      await book(db, 'a settlement');
      expect(performance.now() - from).toBeLessThan(3000);
      expect(await closing).toMatchObject({ code: 'unavailable' });
    });
    expect(await close()).toMatchObject({ period: '2026-10' });
  }, 60_000);

  it('is the same when it is closed again, and is found out when an entry of it changes', async () => {
    await played();
    await backdate();
    const close = { period: october, by: 'Ada', now: later };
    const closing = await closePeriod(server.db, close);
    expect(await closePeriod(server.db, { ...close, by: 'Bob' })).toEqual(closing);
    expect(await verifyBooks(server.db)).toMatchObject({ holds: true, changedPeriods: [] });
    await tamper((sql) => sql`update ledger set key = key || '!' where id = (select min(id) from ledger)`);
    expect(await verifyBooks(server.db)).toMatchObject({ holds: false, changedPeriods: ['2026-10'] });
    await expect(server.db`update ledger_closings set entries = 1`).rejects.toThrow('a closed period is a record');
  });

  it('is the same by the digest of before, which knew no orders; one of now knows them', async () => {
    await played();
    await backdate();
    await closePeriod(server.db, { period: october, by: 'Ada', now: later });
    const hash = createHash('sha256').update('the beginning\n');
    for await (const rows of ledgerRows(server.db)) {
      for (const row of rows) {
        const { id, at, kind, payee, fromAccount, toAccount, amountMicros, campaignId, key } = row;
        const facts = [
          String(id),
          at.toISOString(),
          kind,
          payee,
          fromAccount,
          toAccount,
          `${amountMicros}`,
          campaignId,
          key,
        ];
        const causes = [row.taskId, row.annotationId, row.annotatorId, row.adjustmentId, row.payoutItemId];
        hash.update(`${[...facts, ...causes.map((cause) => cause ?? '')].join('\t')}\n`);
      }
    }
    const [now] = await closings(server.db);
    await tamper((sql) => sql`update ledger_closings set digest = ${hash.digest('hex')}`);
    expect((await verifyBooks(server.db)).changedPeriods).toEqual([]);
    await tamper((sql) => sql`update ledger_closings set digest = ${now?.digest ?? ''}`);
    expect((await verifyBooks(server.db)).changedPeriods).toEqual([]);
    await tamper((sql) => sql`update ledger set order_id = ${uuidv7()} where id = (select min(id) from ledger)`);
    expect((await verifyBooks(server.db)).changedPeriods).toEqual(['2026-10']);
  });

  it('cannot be one that runs, or one before a closed one; a count that was cut short is made up', async () => {
    await played();
    await backdate();
    const close = (name: string, now = later) => closePeriod(server.db, { period: parsePeriod(name), by: 'Ada', now });
    await expect(close('2026-11')).rejects.toThrow('2026-11, which has not ended');
    await server.db`insert into ledger_closings (period, ends_at, closed_by) values ('2026-10', ${october.endsAt}, 'Ada')`;
    await expect(close('2026-09')).rejects.toThrow('2026-10 is closed already');
    expect((await close('2026-10')).digest).toMatch(/^[0-9a-f]{64}$/);
    await close('2027-01', new Date('2027-02-01T00:00:00Z'));
    expect((await closings(server.db)).map(({ period }) => period)).toEqual(['2026-10', '2027-01']);
    expect(await verifyBooks(server.db)).toMatchObject({ holds: true });
  });
});

describe('quorate ledger', () => {
  const ledger = async (...args: string[]) => {
    vi.stubEnv('QUORATE_DATABASE_URL', server.url);
    return quorate(undefined, 'ledger', ...args);
  };

  it('verifies: 0 and the balances, or 1 and what is wrong', async () => {
    await played();
    const good = await ledger('verify');
    expect([good.code, good.err]).toEqual([0, '']);
    expect(good.out).toMatch(/annotator_payable +0\.10\n/);
    expect(good.out).toContain('ok     5 entries sum to zero');
    await tamper((sql) => sql`update budgets set spent_micros = 1`);
    const bad = await ledger('verify', '--json');
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.out)).toMatchObject({ holds: true, wrongCampaigns: [expect.any(String)] });
  });

  it('exports every entry with its accounts and causes; the amounts of a file sum to the balances', async () => {
    const { decided } = await played();
    const out = join(tmpdir(), `${uuidv7()}.csv`);
    try {
      expect(await ledger('export', '--out', out)).toMatchObject({ code: 0, out: `Wrote 5 entries to ${out}.\n` });
      const [head = '', ...lines] = readFileSync(out, 'utf8').trimEnd().split('\r\n');
      const names = head.split(',');
      const rows = lines.map((line) => Object.fromEntries(line.split(',').map((cell, at) => [names[at], cell])));
      const spends = rows.filter(({ kind }) => kind === 'spend');
      expect(spends.map((row) => [row.from_account, row.to_account, row.amount_usd, row.task_id])).toEqual(
        expect.arrayContaining([['reserved', 'judge_usage', '0.10', decided]]),
      );
      expect(spends.every(({ annotation_id, assignment_id }) => annotation_id && assignment_id)).toBe(true);
      const printed = await ledger('export', '--period', '2020-01');
      expect(printed.out).toBe(`${head}\r\n`);
    } finally {
      rmSync(out, { force: true });
    }
  });

  it('says what is wrong with a month', async () => {
    expect(await ledger('export', '--period', 'May')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--period is "May"'),
    });
    expect(await ledger('close', '2999-01', '--by', 'Ada')).toMatchObject({
      code: 2,
      err: expect.stringContaining('has not ended'),
    });
  });
});

import { afterEach, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { connect, type Db } from '../../db/client.ts';
import { setPayoutAccount } from '../../db/queries/adjustments.ts';
import { verifyBooks } from '../../db/queries/books.ts';
import { importReport, itemViews, runViews } from '../../db/queries/payout-reports.ts';
import { approveRun, bankFileOf, startRun } from '../../db/queries/payouts.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { DEFAULT_ORGANISATION as organisationId } from '../../db/schema/organisations.ts';
import { parsePeriod } from '../../domain/books/period.ts';
import { ada, bea, roles } from '../support/payers.ts';
import { until } from '../support/rig.ts';
import {
  type HeldStack,
  holdUp,
  lastWords,
  makePlace,
  type Place,
  requireBuild,
  serverPids,
} from '../support/stack.ts';
import * as stage from '../workers/stage.ts';

requireBuild();

let place: Place | undefined;
let stack: HeldStack | undefined;
let db: Db | undefined;

afterEach(async () => {
  await db?.end({ timeout: 5 });
  await stack?.stop();
  place?.remove();
});

const PEOPLE = 20;
// Longer than the longest a dead worker's activity is waited for.
const RESTART_MS = 180_000;

test('nobody is paid twice, or not at all, when worker and PostgreSQL are killed in the middle of payout runs', {
  timeout: 600_000,
}, async (context) => {
  place = await makePlace();
  const { home } = place;
  const held = await holdUp(place);
  stack = held;
  context.onTestFailed(() => console.error(lastWords(held.lines)));
  const own = () => {
    db ??= connect(held.databaseUrl, { max: 4, name: 'payout-kill' });
    return db;
  };
  // The driver throws outside of any query where a connection breaks with a write pending: none is open at a kill.
  const letGo = async () => {
    await db?.end({ timeout: 5 });
    db = undefined;
  };
  const processes = { worker: held.pids.worker, postgres: () => serverPids(home).postgres };
  type Name = keyof typeof processes;
  /** Kills them now; answered when others run in their place. */
  const kill = async (...names: Name[]) => {
    await letGo();
    const before = names.map((name) => [name, processes[name]()] as const);
    for (const [, pid] of before) if (pid !== undefined) process.kill(pid, 'SIGKILL');
    const isBack = ([name, pid]: (typeof before)[number]) => ![undefined, pid].includes(processes[name]());
    await until(`${names} run again`, () => before.every(isBack), RESTART_MS);
  };
  /** Done again where the database was not there yet, as a person would who saw it fail. */
  const insisting = <T>(what: string, work: (sql: Db) => Promise<T>) =>
    until(
      what,
      async () => {
        try {
          return { value: await work(own()) };
        } catch {
          await letGo();
          return false as const;
        }
      },
      RESTART_MS,
    );
  const reached = async (id: string, state: string) => {
    const stateNow = async () => (await runViews(own(), { organisationId, id, limit: 1 }))[0]?.state;
    // Another connection where this one was to a server that has gone.
    const known = () => stateNow().catch(() => letGo());
    await until(`the run is ${state}`, async () => (await known()) === state, RESTART_MS);
  };

  const made = await stage.scene(own(), { items: 2, annotators: PEOPLE, settings: { redundancy: PEOPLE } });
  await own()`update annotators set simulated = false where id = any(${[...made.annotators]}::uuid[])`;
  for (const annotatorId of made.annotators) {
    await setPayoutAccount(own(), annotatorId, {
      ...{ holder: 'Ann', account: 'DE89370400440532013000', bic: null, region: null },
    });
  }
  const rounds: { period: string; atStart: Name[]; atApproval: Name[]; atReport: Name[] }[] = [
    { period: '2100-01', atStart: ['worker'], atApproval: ['postgres'], atReport: ['worker', 'postgres'] },
    { period: '2100-02', atStart: ['worker', 'postgres'], atApproval: ['worker'], atReport: ['postgres'] },
  ];
  for (const [at, round] of rounds.entries()) {
    const [taskId = ''] = await stage.plan(own(), made, 1, at + 1);
    await openSlots(own(), taskId);
    for (const annotatorId of made.annotators) await stage.answer(own(), { taskId, annotatorId });
    const { decideTask } = createActivities({ db: own(), nowMs: () => Date.now(), wake: () => undefined });
    await decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
    const period = parsePeriod(round.period);
    const asked = {
      organisationId,
      period,
      leastMicros: 10_000n,
      by: ada,
      roles,
      now: new Date('2999-01-01T00:00:00Z'),
    };
    const { id } = await startRun(own(), asked);
    await own().notify('quorate_outbox', '');
    await kill(...round.atStart);
    // Asked for again, as the first answer may have been lost: the same run.
    expect((await insisting('the run is known', (sql) => startRun(sql, asked))).value.id).toBe(id);
    await reached(id, 'frozen');
    await approveRun(own(), { runId: id, by: bea, roles });
    await own().notify('quorate_outbox', '');
    await kill(...round.atApproval);
    await insisting('it is approved', (sql) => approveRun(sql, { runId: id, by: bea, roles }));
    await reached(id, 'exported');
    const payments = (await insisting('the payments are there', (sql) => itemViews(sql, id))).value;
    expect(new Set(payments.map(({ recipient }) => recipient))).toEqual(new Set(made.annotators));
    expect(payments).toHaveLength(PEOPLE);
    expect((await bankFileOf(own(), id))?.text.trimEnd().split('\r\n')).toHaveLength(1 + PEOPLE);
    const lines = payments.map(({ reference, amountMicros }, n) => {
      return { reference, amountMicros, status: 'paid' as const, line: n + 1 };
    });
    await importReport(own(), { runId: id, by: bea, lines: lines.slice(0, 7) });
    await kill(...round.atReport);
    await insisting('the report is in', (sql) => importReport(sql, { runId: id, by: bea, lines }));
    await reached(id, 'closed');
  }
  const booked = await own()<{ annotator: string; period: string; times: number; micros: bigint }[]>`
    select l.annotator_id as annotator, i.period, count(*)::int as times, sum(l.amount_micros)::bigint as micros
    from ledger l join payout_items i on i.id = l.payout_item_id group by 1, 2`;
  expect(booked).toHaveLength(2 * PEOPLE);
  for (const row of booked) expect([row.annotator, row.times, row.micros]).toEqual([row.annotator, 1, 100_000n]);
  const runs = await runViews(own(), { organisationId, limit: 5 });
  expect(runs.map((run) => [run.state, run.differenceMicros])).toEqual([
    ['closed', 0n],
    ['closed', 0n],
  ]);
  expect(await verifyBooks(own())).toMatchObject({ holds: true });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import type { Queryable } from '../../db/client.ts';
import {
  checkInvariants,
  countViolations,
  INVARIANTS,
  type InvariantName,
  verifyLedger,
} from '../../db/queries/invariants.ts';
import { expireLeases } from '../../db/queries/leases.ts';
import { payAnnotation } from '../../db/queries/money.ts';
import { createTestDatabase } from '../support/database.ts';
import { answer, lease, newAnnotator, plan, type Scene, scene, submit } from '../workers/stage.ts';

let server: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  server = await createTestDatabase();
});
afterAll(() => server.drop());

const allHold = Object.fromEntries(INVARIANTS.map((name) => [name, true]));

interface Played extends Scene {
  readonly decided: string;
  readonly open: string;
}

/** One task decided by three answers, one still open with an answer and a lease, and a late answer that was paid. */
async function played(): Promise<Played> {
  const { db } = server;
  const made = await scene(db, { items: 2, annotators: 4 });
  const [decided = '', open = ''] = await plan(db, made, 2);
  const activities = createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
  await activities.openSlots({ taskId: decided });
  await activities.openSlots({ taskId: open });
  const [ann = '', bob = '', cid = '', dora = ''] = made.annotators;
  const slow = await lease(db, { taskId: decided, annotatorId: dora, leaseMs: 1 });
  if (!slow) throw new Error('There was no open slot.');
  await expect.poll(() => expireLeases(db, 10)).toBe(1);
  for (const annotatorId of [ann, bob, cid]) await answer(db, { taskId: decided, annotatorId });
  await activities.decideTask({ taskId: decided, minConfidence: 0.6, acceptAny: true, log: [] });
  const late = await submit(db, { assignmentId: slow.assignmentId, annotatorId: dora });
  expect(await payAnnotation(db, { annotationId: late?.annotationId ?? '', from: 'free' })).toBe('paid');
  await answer(db, { taskId: open, annotatorId: ann });
  await lease(db, { taskId: open, annotatorId: bob, leaseMs: 3_600_000 });
  return { ...made, decided, open };
}

/** Does what the database's triggers and foreign keys would refuse. */
async function tamper(change: (sql: Queryable) => Promise<unknown>): Promise<void> {
  await server.db.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await change(tx);
  });
}

describe('checkInvariants', () => {
  it('holds in an empty database', async () => {
    expect(await checkInvariants(server.db, '00000000-0000-7000-8000-000000000000')).toEqual(allHold);
  });

  it('holds while a campaign runs, with a late answer, a lease and a decision', async () => {
    const { campaignId } = await played();
    expect(await checkInvariants(server.db, campaignId)).toEqual(allHold);
    expect(await checkInvariants(server.db)).toEqual(allHold);
  });

  const faults: [InvariantName, string, (sql: Queryable, at: Played) => Promise<unknown>][] = [
    [
      'annotations_stored_once',
      'an answer lost its label',
      (sql, { open }) =>
        sql`delete from annotation_labels where annotation_id in (select id from annotations where task_id = ${open})`,
    ],
    [
      'annotations_stored_once',
      'an acknowledged answer is gone',
      (sql, { open }) => sql`delete from annotations where task_id = ${open}`,
    ],
    [
      'redundancy_exact',
      'a task has more answers than it allows',
      (sql, { decided }) => sql`update tasks set redundancy = 2 where id = ${decided}`,
    ],
    [
      'redundancy_exact',
      'a slot lost its answer',
      (sql, { open }) =>
        sql`update slots set state = 'open', annotator_id = null, assignment_id = null
          where task_id = ${open} and state = 'submitted'`,
    ],
    [
      'redundancy_exact',
      'a lease is held with a stale fencing token',
      (sql, { open }) => sql`update slots set fence = fence + 1 where task_id = ${open} and state = 'leased'`,
    ],
    [
      'one_answer_per_annotator',
      'one annotator answered twice',
      async (sql, { decided }) => {
        await sql`drop index annotations_task_annotator`;
        await sql`update annotations set annotator_id = (select min(annotator_id::text)::uuid from annotations where task_id = ${decided})
          where task_id = ${decided}`;
      },
    ],
    [
      'budget_within_cap',
      'the cap is below what is spent',
      async (sql, { campaignId }) => {
        await sql`alter table budgets drop constraint budgets_within_cap`;
        await sql`update budgets set cap_micros = 1 where campaign_id = ${campaignId}`;
      },
    ],
    [
      'ledger_adds_up',
      'the balance says less than the ledger',
      (sql, { campaignId }) =>
        sql`update budgets set spent_micros = spent_micros - 1 where campaign_id = ${campaignId}`,
    ],
    [
      'ledger_adds_up',
      'an authorization says more than its rows',
      (sql, { open }) => sql`update authorizations set amount_micros = amount_micros + 1 where task_id = ${open}`,
    ],
    [
      'paid_exactly_once',
      'an answer was paid twice',
      (sql, { campaignId }) =>
        sql`insert into ledger (campaign_id, kind, amount_micros, key, authorization_id, annotation_id, annotator_id)
          select campaign_id, kind, amount_micros, key || ':again', authorization_id, annotation_id, annotator_id
          from ledger where campaign_id = ${campaignId} and kind = 'spend' limit 1`,
    ],
    [
      'paid_exactly_once',
      'an answer to an ended task was not paid',
      async (sql, { decided }) => {
        await sql`update annotations set pay_state = 'pending' where task_id = ${decided} and counted`;
        await sql`delete from ledger where annotation_id in (select id from annotations where task_id = ${decided} and counted)`;
      },
    ],
    [
      'paid_exactly_once',
      'somebody else was paid',
      async (sql, { campaignId }) => {
        const other = await newAnnotator(server.db);
        await sql`update ledger set annotator_id = ${other} where campaign_id = ${campaignId} and kind = 'spend'`;
      },
    ],
    [
      'tasks_end_once',
      'an ended task has no decision',
      (sql, { decided }) => sql`delete from decisions where task_id = ${decided}`,
    ],
    [
      'tasks_end_once',
      'a finished campaign left a task open',
      (sql, { campaignId }) => sql`update campaigns set state = 'finished' where id = ${campaignId}`,
    ],
    [
      'decisions_recompute',
      'a vote in the evidence was changed',
      (sql, { decided }) =>
        sql`update decisions set evidence = jsonb_set(evidence, '{votes,0,label}', '"ham"') where task_id = ${decided}`,
    ],
    [
      'decisions_recompute',
      'the stored label is not the evidence’s',
      (sql, { decided }) => sql`update decisions set label = '"ham"' where task_id = ${decided}`,
    ],
    [
      'outbox_drained',
      'a message waits for an hour',
      (sql, { decided }) =>
        sql`insert into outbox (kind, target_id, message, payload, created_at)
          values ('signal_task', ${decided}, 'paused', '{}', now() - interval '1 hour')`,
    ],
  ];
  it.each(faults)('%s: sees that %s', async (name, _what, fault) => {
    const at = await played();
    await tamper((sql) => fault(sql, at));
    const violations = await countViolations(server.db, at.campaignId);
    expect(violations[name]).toBeGreaterThan(0);
    expect((await checkInvariants(server.db, at.campaignId))[name]).toBe(false);
  });
});

describe('verifyLedger', () => {
  it('proves the balance of every campaign from the ledger', async () => {
    const { campaignId } = await played();
    const [proof] = await verifyLedger(server.db, campaignId);
    // Four answers at $0.10 are paid; the open task's three places are reserved.
    expect(proof).toMatchObject({
      holds: true,
      spentMicros: 400_000n,
      ledgerSpentMicros: 400_000n,
      reservedMicros: 300_000n,
      ledgerReservedMicros: 300_000n,
      wrongAuthorizations: 0,
      wrongPayments: 0,
    });
  });

  it('tells answers whose message is on its way from those that are lost', async () => {
    const { db } = server;
    const made = await scene(db, { items: 2, annotators: 1 });
    const [late = '', gold = ''] = await plan(db, made, 2);
    const [ann = ''] = made.annotators;
    for (const taskId of [late, gold]) {
      await createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined }).openSlots({ taskId });
      await answer(db, { taskId, annotatorId: ann });
    }
    await tamper(async (sql) => {
      await sql`update tasks set kind = 'gold' where id = ${gold}`;
      await sql`update annotations set counted = false where task_id = ${late}`;
      await sql`update campaigns set ended_at = now() - interval '1 hour' where id = ${made.campaignId}`;
      await sql`update annotations set submitted_at = now() - interval '1 hour' where campaign_id = ${made.campaignId}`;
    });
    const proof = async () => (await verifyLedger(db, made.campaignId))[0];
    expect(await proof()).toMatchObject({ wrongPayments: 0, holds: true, waiting: 2 });
    expect((await proof())?.waitingSince?.getTime()).toBeLessThan(Date.now() - 3_500_000);
    // Nobody grades a gold twice: until it is graded it can be told again.
    await db`delete from outbox where payload ->> 'annotationId' in (select id::text from annotations where task_id = ${gold})`;
    expect(await proof()).toMatchObject({ wrongPayments: 0, holds: true, waiting: 2 });
    await db`update annotations set assessed_at = now() where task_id = ${gold}`;
    expect(await proof()).toMatchObject({ wrongPayments: 1, holds: false, waiting: 1 });
    await db`delete from outbox where target_id = ${late}`;
    expect(await proof()).toMatchObject({ wrongPayments: 2, waiting: 0, waitingSince: null });
  });

  it('lists a campaign that has booked nothing', async () => {
    const { campaignId } = await scene(server.db);
    expect(await verifyLedger(server.db, campaignId)).toMatchObject([{ holds: true, ledgerSpentMicros: 0n }]);
  });
});

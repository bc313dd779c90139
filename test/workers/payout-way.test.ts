import { afterAll, describe, expect, test } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import { setPayoutAccount } from '../../db/queries/adjustments.ts';
import { verifyBooks } from '../../db/queries/books.ts';
import { importReport, itemViews, resolveItem, runViews } from '../../db/queries/payout-reports.ts';
import { approveRun, bankFileOf, startRun } from '../../db/queries/payouts.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { DEFAULT_ORGANISATION as organisationId } from '../../db/schema/organisations.ts';
import { parsePeriod } from '../../domain/books/period.ts';
import { payoutRunWorkflowId } from '../../workflows/messages.ts';
import { createTestDatabase } from '../support/database.ts';
import { ada, bea, roles } from '../support/payers.ts';
import { until } from '../support/rig.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import * as stage from './stage.ts';

const server = await startDevServer();
const database = 'stop' in server ? await createTestDatabase() : undefined;
afterAll(async () => {
  if ('stop' in server) await server.stop();
  await database?.drop();
});

describe('the way of a payout run', () => {
  if ('unavailable' in server || !database) {
    test.skip('unavailable' in server ? server.unavailable : 'There is no database.');
    return;
  }
  const { db } = database;
  const state = async (id: string) => (await runViews(db, { organisationId, id, limit: 1 }))[0]?.state;
  const reached = (id: string, wanted: string) =>
    until(`the run is ${wanted}`, async () => (await state(id)) === wanted);

  test('goes on after its workers have gone at every point, with messages told twice, and pays once', async () => {
    const made = await stage.scene(db, { annotators: 1, settings: { redundancy: 1 } });
    const [annotatorId = ''] = made.annotators;
    await db`update annotators set simulated = false where id = ${annotatorId}`;
    const account = { holder: 'Ann', account: 'DE89370400440532013000', bic: null, region: null };
    await setPayoutAccount(db, annotatorId, account);
    const [taskId = ''] = await stage.plan(db, made, 1);
    await openSlots(db, taskId);
    await stage.answer(db, { taskId, annotatorId });
    const activities = createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
    await activities.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
    await db`delete from outbox`;
    await stage.doubleMessages(db);

    const period = parsePeriod('2100-01');
    const now = new Date('2999-01-01T00:00:00Z');
    // Nobody works yet: what is asked for waits.
    const { id } = await startRun(db, { organisationId, period, leastMicros: 10_000n, by: ada, roles, now });
    const workflowId = payoutRunWorkflowId(id);
    const leftOpen = { [workflowId]: 'The next workers go on with it.' };
    await stage.onStage({ server, db, name: 'payout-1', leftOpen }, () => reached(id, 'frozen'));
    await approveRun(db, { runId: id, by: bea, roles });
    await stage.onStage({ server, db, name: 'payout-2', leftOpen }, () => reached(id, 'exported'));
    expect((await bankFileOf(db, id))?.text.split('\r\n')).toHaveLength(3);
    const [payment] = await itemViews(db, id);
    if (!payment) throw new Error('There is no payment.');
    const line = { reference: payment.reference, amountMicros: 1n, status: 'paid' as const, line: 1 };
    await importReport(db, { runId: id, by: bea, lines: [line] });
    const ruling = { runId: id, itemId: payment.id, note: 'The bank says so.', by: bea };
    await resolveItem(db, { ...ruling, outcome: 'paid', arrivedMicros: 100_000n });
    await stage.onStage({ server, db, name: 'payout-3' }, async ({ client }) => {
      await reached(id, 'closed');
      await client.getHandle(workflowId).result();
      await until('every message is delivered', () => stage.isDelivered(db));
    });
    const booked = await db`select kind, amount_micros from ledger where payout_item_id is not null`;
    expect([...booked]).toEqual([{ kind: 'payout', amount_micros: 100_000n }]);
    expect(await runViews(db, { organisationId, limit: 2 })).toMatchObject([
      { differenceMicros: 0n, paidMicros: 100_000n },
    ]);
    expect(await verifyBooks(db)).toMatchObject({ holds: true });
  });
});

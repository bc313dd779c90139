import { afterAll, describe, expect, test } from 'vitest';
import { taskWorkflowId } from '../../workflows/messages.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import { answer, moneyOf, onStage, plan, scene, taskState } from './stage.ts';

const server = await startDevServer();
const database = 'stop' in server ? await createTestDatabase() : undefined;
afterAll(async () => {
  if ('stop' in server) await server.stop();
  await database?.drop();
});

describe('the way of a task', () => {
  if ('unavailable' in server || !database) {
    test.skip('unavailable' in server ? server.unavailable : 'There is no database.');
    return;
  }
  const { db } = database;

  test('from the outbox to the decision, with three answers that come apart', async () => {
    const campaign = await scene(db);
    const types = await onStage({ server, db, name: 'way' }, async ({ client }) => {
      const [taskId = ''] = await plan(db, campaign, 1);
      await until('the task is open', async () => (await taskState(db, taskId)) === 'open');
      const handle = client.getHandle(taskWorkflowId(taskId));
      for (const [at, annotatorId] of campaign.annotators.entries()) {
        await answer(db, { taskId, annotatorId, label: at === 2 ? 'ham' : 'spam' });
        await until('the answer is assessed', async () => {
          const [row] =
            await db`select 1 from annotations where annotator_id = ${annotatorId} and assessed_at is not null`;
          return row !== undefined;
        });
      }
      expect(await handle.result()).toEqual({ state: 'decided' });
      const history = await handle.fetchHistory();
      return (history.events ?? []).map((event) => String(event.eventType));
    });
    console.log(types.length, types.join(' '));
    expect(types.length).toBeLessThanOrEqual(32);
    expect(await moneyOf(db, campaign.campaignId)).toMatchObject({ reserved: 0n, spent: 300_000n, ledgerReserved: 0n });
  });
});

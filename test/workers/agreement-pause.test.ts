import { afterAll, describe, expect, test } from 'vitest';
import { findCampaign } from '../../db/queries/campaigns.ts';
import { reportsOf } from '../../db/queries/quality-reports.ts';
import { findCandidates } from '../../db/queries/queue.ts';
import { campaignPolicyOf } from '../../domain/settings.ts';
import * as messages from '../../workflows/messages.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import * as stage from './stage.ts';

const server = await startDevServer();
const database = 'stop' in server ? await createTestDatabase() : undefined;
afterAll(async () => {
  if ('stop' in server) await server.stop();
  await database?.drop();
});

describe('a task that is at fault', () => {
  if ('unavailable' in server || !database) {
    test.skip('unavailable' in server ? server.unavailable : 'There is no database.');
    return;
  }
  const { db } = database;

  test('pauses its campaign once, with a report; resumed, it is judged by what comes then alone', async () => {
    const agreementWatch = { pauseBelow: 0.6, windowAnswers: 1000, minTasks: 30 };
    const settings = { redundancy: 2, batchSize: 20, maxInFlight: 40, refitEvery: 15, agreementWatch };
    const made = await stage.scene(db, { items: 90, annotators: 2, settings });
    const { campaignId, annotators } = made;
    let clear = false;
    const answerAll = async () => {
      for (const [at, annotatorId] of annotators.entries()) {
        const after = Array.from({ length: 20 }, () => 0);
        const query = { campaignId, workforce: 'internal', tier: 2, annotatorId, after, limit: 50 };
        for (const { taskId } of await findCandidates(db, query)) {
          const held = await stage.lease(db, { taskId, annotatorId });
          if (!held) continue;
          const win = (held.payload as { text: string }).text.includes('win');
          // One of the two calls everything spam, until the instructions say what spam is.
          const label = win || (at === 1 && !clear) ? 'spam' : 'ham';
          const comment = label === 'ham' ? 'Is lunch spam?' : undefined;
          await stage.submit(db, { assignmentId: held.assignmentId, annotatorId, label, comment });
        }
      }
    };
    await stage.onStage({ server, db, name: 'fault', learning: true }, async ({ client, taskQueue }) => {
      const workflowId = messages.campaignWorkflowId(campaignId);
      await client.start('campaignWorkflow', {
        taskQueue,
        workflowId,
        args: [{ campaignId, policy: campaignPolicyOf(made.settings) }],
      });
      const campaign = client.getHandle(workflowId);
      const state = async () => (await findCampaign(db, campaignId))?.state;
      await until(
        'it has paused itself',
        async () => {
          await answerAll();
          return (await state()) === 'paused';
        },
        60_000,
      );
      await until(
        'it knows that it is paused',
        async () => (await campaign.query(messages.campaignStateQuery)).phase === 'paused',
      );
      const [report] = await reportsOf(db, campaignId, 10);
      expect(report).toMatchObject({ closedAt: null, report: { verdict: 'ambiguous', confused: [{ share: 1 }] } });
      expect(report?.alpha).toBeLessThan(0.6);
      expect(report?.report.comments[0]).toMatchObject({ text: 'Is lunch spam?', on: 'answer' });

      clear = true;
      await campaign.executeUpdate(messages.resumeUpdate);
      let over = false;
      const ended = campaign.result().finally(() => {
        over = true;
      });
      await until(
        'it has ended',
        async () => {
          await answerAll();
          return over;
        },
        60_000,
      );
      expect(await ended).toEqual({ reason: 'pool_empty' });
    });
    const reports = await reportsOf(db, campaignId, 10);
    expect(reports.map(({ closedAt }) => closedAt !== null)).toEqual([true]);
    await stage.expectInvariants(db, campaignId);
  });
});

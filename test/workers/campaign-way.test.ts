import { afterAll, describe, expect, test } from 'vitest';
import type { Db } from '../../db/client.ts';
import { findCampaign } from '../../db/queries/campaigns.ts';
import { findCandidates } from '../../db/queries/leases.ts';
import { campaignPolicyOf } from '../../domain/settings.ts';
import { campaignStateQuery, campaignWorkflowId } from '../../workflows/messages.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import { answer, moneyOf, onStage, type Scene, scene } from './stage.ts';

const server = await startDevServer();
const database = 'stop' in server ? await createTestDatabase() : undefined;
afterAll(async () => {
  if ('stop' in server) await server.stop();
  await database?.drop();
});

describe('a campaign on the real parts', () => {
  if ('unavailable' in server || !database) {
    test.skip('unavailable' in server ? server.unavailable : 'There is no database.');
    return;
  }
  const { db } = database;

  test('labels its pool from the first selection to the end, and its money adds up', async () => {
    const campaign = await scene(db, {
      items: 12,
      gold: 4,
      annotators: 3,
      settings: { redundancy: 2, batchSize: 4, maxInFlight: 8, refitEvery: 4, strategy: 'combined' },
    });
    const { campaignId } = campaign;
    await onStage({ server, db, name: 'campaign', learning: true }, async ({ client, taskQueue }) => {
      const handle = await client.start('campaignWorkflow', {
        taskQueue,
        workflowId: campaignWorkflowId(campaignId),
        args: [{ campaignId, policy: campaignPolicyOf(campaign.settings), eventsPerRun: 60 }],
      });
      const ended = handle.result();
      let over = false;
      void ended.finally(() => {
        over = true;
      });
      await until(
        'the campaign has ended',
        async () => {
          await answerAll(db, campaign);
          return over;
        },
        60_000,
      );
      expect(await ended).toEqual({ reason: 'pool_empty' });
      expect(await handle.query(campaignStateQuery)).toMatchObject({ phase: 'ended', settled: 12, inFlight: [] });
    });
    expect(await findCampaign(db, campaignId)).toMatchObject({ state: 'finished', stopReason: 'pool_empty' });
    expect(await moneyOf(db, campaignId)).toMatchObject({ reserved: 0n, spent: 2_400_000n, paid: 2_400_000n });
  });
});

/** Each annotator answers whatever is offered to them now. */
async function answerAll(db: Db, { campaignId, annotators }: Scene): Promise<void> {
  for (const annotatorId of annotators) {
    const after = Array.from({ length: 20 }, () => 0);
    const open = await findCandidates(db, {
      campaignId,
      workforce: 'internal',
      tier: 2,
      annotatorId,
      after,
      limit: 20,
    });
    for (const taskId of new Set(open.map((slot) => slot.taskId))) {
      const [row] = await db<{ text: string }[]>`
        select p.payload ->> 'text' as text from tasks t join item_payloads p on p.item_id = t.item_id where t.id = ${taskId}`;
      await answer(db, { taskId, annotatorId, label: row?.text.includes('win') ? 'spam' : 'ham' });
    }
  }
}

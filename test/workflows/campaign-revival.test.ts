import { setTimeout as delay } from 'node:timers/promises';
import { type UpdateDefinition, WithStartWorkflowOperation } from '@temporalio/client';
import { afterAll, describe, expect, test } from 'vitest';
import type { CampaignLeft } from '../../domain/campaign.ts';
import * as messages from '../../workflows/messages.ts';
import { type Rig, refusal, until, withWorker } from '../support/rig.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import { campaignPolicy, campaignWorld } from './campaign-world.ts';

const server = await startDevServer();
afterAll(() => ('stop' in server ? server.stop() : undefined));

describe('a campaign whose workflow was gone, and is asked for something as it is started', () => {
  if ('unavailable' in server) {
    test.skip(server.unavailable);
    return;
  }
  const { started } = server;
  const running: CampaignLeft = {
    ...{ phase: 'running', stopReason: null, round: 3, settled: 5 },
    inFlight: ['a', 'b'],
  };

  /** Both are in the workflow's first task. */
  async function startAsking<Ret, Args extends unknown[]>(
    { client, taskQueue }: Rig,
    campaignId: string,
    definition: UpdateDefinition<Ret, Args>,
    args: Args,
  ): Promise<Ret> {
    const workflowId = messages.campaignWorkflowId(campaignId);
    const input: messages.CampaignInput = { campaignId, policy: campaignPolicy(), revived: true };
    const startWorkflowOperation = new WithStartWorkflowOperation('campaignWorkflow', {
      ...{ taskQueue, workflowId, args: [input], workflowIdConflictPolicy: 'FAIL' },
    });
    try {
      return await client.executeUpdateWithStart(definition, { args, startWorkflowOperation });
    } finally {
      const { runId } = await (await startWorkflowOperation.workflowHandle()).describe();
      started.push({ workflowId, runId });
    }
  }
  const namesOf = (world: { calls: { name: string }[] }, count: number) =>
    world.calls.slice(0, count).map(({ name }) => name);

  test('it is paused by what the database knows, and stays paused', async () => {
    // Slower than a pause would be that does not wait for it.
    const campaignLeft = () => delay(200, running);
    const world = campaignWorld({ campaign: { campaignLeft } });
    const { activities, learning } = world;
    await withWorker({ server, name: 'revived-pause', activities, learning }, async (rig) => {
      const paused = await startAsking(rig, 'revived-pause', messages.pauseUpdate, []);
      expect(paused).toEqual({ phase: 'paused', round: 3, inFlight: 2 });
      const handle = rig.client.getHandle(messages.campaignWorkflowId('revived-pause'));
      expect(await handle.query(messages.campaignStateQuery)).toMatchObject({ phase: 'paused', settled: 5 });
      await handle.executeUpdate(messages.stopUpdate, { args: [{ drain: true }] });
      await until('all have settled', async () => {
        await handle.signal(messages.tasksSettledSignal, { taskIds: ['a', 'b', ...world.started] });
        return (await handle.query(messages.campaignStateQuery)).inFlight.length === 0;
      });
      expect(await handle.result()).toEqual({ reason: 'by_hand' });
    });
    expect(namesOf(world, 2)).toEqual(['campaignLeft', 'pauseCampaign']);
  });

  test('one that was paused is resumed', async () => {
    const world = campaignWorld({ pool: 0, campaign: { campaignLeft: async () => ({ ...running, phase: 'paused' }) } });
    const { activities, learning } = world;
    await withWorker({ server, name: 'revived-resume', activities, learning }, async (rig) => {
      const resumed = await startAsking(rig, 'revived-resume', messages.resumeUpdate, []);
      expect(resumed).toEqual({ phase: 'running', round: 3, inFlight: 2 });
      const handle = rig.client.getHandle(messages.campaignWorkflowId('revived-resume'));
      await handle.signal(messages.tasksSettledSignal, { taskIds: ['a', 'b'] });
      expect(await handle.result()).toEqual({ reason: 'pool_empty' });
    });
    expect(namesOf(world, 2)).toEqual(['campaignLeft', 'resumeCampaign']);
  });

  test('it refuses what makes no sense as it stands, or when it has ended', async () => {
    const world = campaignWorld({ pool: 0, campaign: { campaignLeft: async () => ({ ...running, inFlight: [] }) } });
    const gone = campaignWorld({ campaign: { campaignLeft: async () => undefined } });
    const { activities, learning } = world;
    await withWorker({ server, name: 'revived-refusal', activities, learning }, async (rig) => {
      const asked = startAsking(rig, 'revived-refusal', messages.resumeUpdate, []);
      expect(await refusal(asked)).toBe('The campaign is not paused.');
      const handle = rig.client.getHandle(messages.campaignWorkflowId('revived-refusal'));
      expect(await handle.result()).toEqual({ reason: 'pool_empty' });
    });
    await withWorker({ ...{ server, name: 'revived-end' }, activities: gone.activities }, async (rig) => {
      expect(await refusal(startAsking(rig, 'revived-end', messages.stopUpdate, [{ drain: true }]))).toBe(
        'The campaign has ended.',
      );
    });
    expect(gone.calls.map(({ name }) => name)).toEqual(['campaignLeft']);
  });
});

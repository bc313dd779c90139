import { afterAll, describe, expect, test } from 'vitest';
import type { CampaignPolicy } from '../../domain/campaign.ts';
import * as messages from '../../workflows/messages.ts';
import { deferred } from '../support/deferred.ts';
import { type Rig, refusal, until, withWorker } from '../support/rig.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import { campaignPolicy, campaignWorld } from './campaign-world.ts';

const server = await startDevServer();
afterAll(() => ('stop' in server ? server.stop() : undefined));

describe('a campaign whose workflow lost its last moments, or hears of more money late', () => {
  if ('unavailable' in server) {
    test.skip(server.unavailable);
    return;
  }
  const { started } = server;

  async function begin({ client, taskQueue }: Rig, campaignId: string, changes: Partial<CampaignPolicy> = {}) {
    const workflowId = messages.campaignWorkflowId(campaignId);
    const args: [messages.CampaignInput] = [{ campaignId, policy: campaignPolicy(changes) }];
    const handle = await client.start('campaignWorkflow', { taskQueue, workflowId, args });
    started.push({ workflowId, runId: handle.firstExecutionRunId });
    return handle;
  }

  test('a stop that only the database knows ends it, with its reason', async () => {
    const world = campaignWorld({
      // As a campaign is chosen for that is not running.
      learning: { selectBatch: async () => ({ taskIds: [], blocked: 'pace', untilMs: 0, notRunning: true }) },
    });
    world.say('stopping', 'by_hand');
    await withWorker({ server, name: 'lost-stop', ...world }, async (rig) => {
      expect(await (await begin(rig, 'lost-stop')).result()).toEqual({ reason: 'by_hand' });
    });
    expect(world.of('selectBatch')).toHaveLength(1);
  });

  test('what is refused is first compared with the database: a pause and a resumption that were lost', async () => {
    const world = campaignWorld({ pool: 4 });
    await withWorker({ server, name: 'lost-pause', ...world }, async (rig) => {
      const handle = await begin(rig, 'lost-pause');
      await until('some are chosen', () => world.started.length === 4);
      expect(await refusal(handle.executeUpdate(messages.resumeUpdate))).toBe('The campaign is not paused.');
      world.say('paused');
      expect(await handle.executeUpdate(messages.resumeUpdate)).toMatchObject({ phase: 'running' });
      await handle.executeUpdate(messages.pauseUpdate);
      expect(await refusal(handle.executeUpdate(messages.pauseUpdate))).toBe('The campaign is paused already.');
      world.say('running');
      expect(await handle.executeUpdate(messages.pauseUpdate)).toMatchObject({ phase: 'paused' });
      await handle.executeUpdate(messages.resumeUpdate);
      await handle.signal(messages.tasksSettledSignal, { taskIds: world.started });
      expect(await handle.result()).toEqual({ reason: 'pool_empty' });
    });
  });

  test('why it chooses no more is noted; money that comes in its last fit has it go on', async () => {
    const [fitting, fitted] = [deferred<void>(), deferred<void>()];
    let fits = 0;
    const world = campaignWorld({
      ...{ pool: 8, budget: 4 },
      learning: {
        fitModel: async () => {
          fits += 1;
          if (fits === 1) {
            fitting.resolve();
            await fitted.promise;
          }
          return { point: null };
        },
      },
    });
    await withWorker({ server, name: 'late-money', ...world }, async (rig) => {
      const handle = await begin(rig, 'late-money', { refitEvery: 100 });
      await until('all that there is money for is chosen', () => world.started.length === 4);
      await handle.signal(messages.tasksSettledSignal, { taskIds: world.started });
      await fitting.promise;
      world.world.budget = 100;
      await handle.signal(messages.budgetChangedSignal);
      fitted.resolve();
      await until('it goes on', () => world.started.length === 8);
      await handle.signal(messages.tasksSettledSignal, { taskIds: world.started });
      expect(await handle.result()).toEqual({ reason: 'pool_empty' });
    });
    expect(world.of('noteStop').map(({ reason }) => reason)).toEqual(['budget', null, 'pool_empty']);
  });
});

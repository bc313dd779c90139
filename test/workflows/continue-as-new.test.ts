import { afterAll, describe, expect, test } from 'vitest';
import { openCampaign } from '../../domain/campaign.ts';
import * as messages from '../../workflows/messages.ts';
import { deferred } from '../support/deferred.ts';
import { chainsOf, until, withWorker } from '../support/rig.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import { campaignPolicy, campaignWorld } from './campaign-world.ts';

// On the dev server: the time-skipping one at times never answers a signal, query or update that meets a run as it
// continues as new.
const server = await startDevServer();
afterAll(() => ('stop' in server ? server.stop() : undefined));

describe('messages that race with continuing as new', () => {
  if ('unavailable' in server) {
    test.skip(server.unavailable);
    return;
  }

  test('campaign: no settlement of several senders is lost, and none counted twice', async () => {
    const { activities, learning, ...world } = campaignWorld({ pool: 120 });
    await withWorker({ server, name: 'race-campaign', activities, learning }, async ({ client, taskQueue }) => {
      const campaignId = 'race-campaign';
      const workflowId = messages.campaignWorkflowId(campaignId);
      const policy = campaignPolicy({ batchSize: 8, maxInFlight: 40, refitEvery: 8 });
      const input: messages.CampaignInput = { campaignId, policy, eventsPerRun: 40 };
      const first = await client.start('campaignWorkflow', { taskQueue, workflowId, args: [input] });
      const handle = client.getHandle(workflowId);
      const senders = [0, 1, 2, 3].map(async (mine) => {
        for (let at = mine; at < 120; at += 4) {
          await until('the task has started', () => world.started.length > at);
          // The one before once more: whoever sends again may not know whether it arrived.
          await handle.signal(messages.tasksSettledSignal, { taskIds: [`t${at}`, `t${Math.max(0, at - 4)}`] });
        }
      });
      await Promise.all(senders);
      expect(await handle.result()).toEqual({ reason: 'pool_empty' });
      expect(await handle.query(messages.campaignStateQuery)).toMatchObject({ settled: 120, inFlight: [] });
      const runs = await chainsOf(client, [{ workflowId, runId: first.firstExecutionRunId }]);
      expect(runs.length).toBeGreaterThan(3);
    });
    expect(new Set(world.of('selectBatch').map((call) => call.round)).size).toBeGreaterThanOrEqual(15);
    // Nothing had to be looked up.
    expect(world.of('findEnded')).toEqual([]);
  });

  test('campaign: a pause is carried over', async () => {
    const { activities, learning, ...world } = campaignWorld({ pool: 100 });
    await withWorker({ server, name: 'carried-pause', activities, learning }, async ({ client, taskQueue }) => {
      const campaignId = 'carried-pause';
      const workflowId = messages.campaignWorkflowId(campaignId);
      const input: messages.CampaignInput = { campaignId, policy: campaignPolicy(), eventsPerRun: 25 };
      const first = await client.start('campaignWorkflow', { taskQueue, workflowId, args: [input] });
      const handle = client.getHandle(workflowId);
      const settle = (...taskIds: string[]) => handle.signal(messages.tasksSettledSignal, { taskIds });
      await until('8 tasks have started', () => world.started.length === 8);
      await handle.executeUpdate(messages.pauseUpdate);
      for (let at = 0; at < 8; at++) await settle(`t${at}`);
      const runs = () => chainsOf(client, [{ workflowId, runId: first.firstExecutionRunId }]);
      await until('a further run', async () => (await runs()).length > 1);
      await until('settled', async () => (await handle.query(messages.campaignStateQuery)).settled === 8);
      expect(await handle.query(messages.campaignStateQuery)).toMatchObject({ phase: 'paused' });
      await handle.executeUpdate(messages.resumeUpdate);
      await until('16 tasks have started', () => world.started.length === 16);
      await handle.executeUpdate(messages.stopUpdate, { args: [{ drain: true }] });
      await settle(...world.started);
      expect(await handle.result()).toEqual({ reason: 'by_hand' });
    });
  });

  test('campaign: why it stops is noted before it goes on in another run', async () => {
    const fit = { labels: 1, accuracy: 0.7, low: 0 };
    const { activities, learning, ...world } = campaignWorld({ pool: 100, fits: [fit] });
    await withWorker({ server, name: 'noted-stop', activities, learning }, async ({ client, taskQueue }) => {
      const campaignId = 'noted-stop';
      const workflowId = messages.campaignWorkflowId(campaignId);
      const policy = campaignPolicy({ mode: 'rounds', plateau: { rounds: 2, minGain: 0.01 } });
      const carried = { ...openCampaign(policy), fits: [fit, fit] };
      // The run is over with the fit of its batch, and no earlier.
      const input: messages.CampaignInput = { campaignId, policy, carried, eventsPerRun: 16 };
      const first = await client.start('campaignWorkflow', { taskQueue, workflowId, args: [input] });
      const handle = client.getHandle(workflowId);
      await until('the tasks are known', async () => {
        const { inFlight } = await handle.query(messages.campaignStateQuery);
        return inFlight.length === 4;
      });
      await handle.signal(messages.tasksSettledSignal, { taskIds: world.started });
      expect(await handle.result()).toEqual({ reason: 'plateau' });
      expect(await chainsOf(client, [{ workflowId, runId: first.firstExecutionRunId }])).toHaveLength(2);
    });
    expect(world.of('noteStop').map(({ reason }) => reason)).toEqual(['plateau']);
  });

  test('annotator: no gold that comes meanwhile is lost, and none counted twice', async () => {
    const annotatorId = 'race-annotator';
    const workflowId = messages.annotatorWorkflowId(annotatorId);
    const totals: number[] = [];
    const activities = {
      bookKept: async () => undefined,
      gradeGold: async ({ annotationIds }: { annotationIds: readonly string[] }) =>
        annotationIds.map((annotationId) => ({ annotationId, correct: true, atMs: Date.now() })),
      storeStanding: async ({ goldTotal }: { goldTotal: number }) => void totals.push(goldTotal),
    };
    const leftOpen = { [workflowId]: 'an annotator’s workflow does not end by itself' };
    await withWorker({ server, name: annotatorId, activities, leftOpen }, async ({ client, taskQueue }) => {
      const input: messages.AnnotatorInput = { annotatorId, eventsPerRun: 15 };
      const first = await client.start('annotatorWorkflow', { taskQueue, workflowId, args: [input] });
      const handle = client.getHandle(workflowId);
      const send = (...annotationIds: string[]) => handle.signal(messages.goldAnsweredSignal, { annotationIds });
      const senders = ['w', 'x', 'y', 'z'].map(async (sender) => {
        for (let at = 0; at < 10; at++) await send(`${sender}${at}`, `${sender}${Math.max(0, at - 1)}`);
      });
      await Promise.all(senders);
      await until('all golds count', () => totals.at(-1) === 40);
      for (const last of ['last', 'very-last']) await send('w0', last);
      await until('the last golds count', () => totals.at(-1) === 42);
      const runs = () => chainsOf(client, [{ workflowId, runId: first.firstExecutionRunId }]);
      // The last standing is stored a moment before the run ends.
      await until('a further run', async () => (await runs()).length > 1);
    });
    // A local activity may run again, but never counts anything anew.
    expect(Math.max(...totals)).toBe(42);
  });

  test('annotator: a request that comes while another is being stored, and the run is full, is not stuck', async () => {
    const annotatorId = 'full-annotator';
    const workflowId = messages.annotatorWorkflowId(annotatorId);
    const gate = deferred();
    let storing = 0;
    const activities = {
      bookKept: async () => undefined,
      gradeGold: async () => [],
      storeStanding: async () => {
        if (++storing === 1) await gate.promise;
      },
    };
    const leftOpen = { [workflowId]: 'an annotator’s workflow does not end by itself' };
    await withWorker({ server, name: annotatorId, activities, leftOpen }, async ({ client, taskQueue }) => {
      const input: messages.AnnotatorInput = { annotatorId, eventsPerRun: 3 };
      // A workflow task that waits for a local activity is renewed, and then hears news, at 80% of its timeout.
      const workflowTaskTimeout = '2 seconds';
      await client.start('annotatorWorkflow', { taskQueue, workflowId, args: [input], workflowTaskTimeout });
      const handle = client.getHandle(workflowId);
      const asked = { by: 'eve', reason: 'it was a misunderstanding' };
      const suspended = handle.executeUpdate(messages.suspendUpdate, { args: [asked] });
      await until('the first is being stored', () => storing === 1);
      const reinstated = handle.executeUpdate(messages.reinstateUpdate, { args: [asked] });
      await until('the second has been accepted', async () => {
        const { events } = await handle.fetchHistory();
        const accepted = events?.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes) ?? [];
        return accepted.length === 2;
      });
      gate.resolve();
      expect(await suspended).toEqual({ standing: 'suspended' });
      expect(await reinstated).toEqual({ standing: 'active' });
    });
  });
});

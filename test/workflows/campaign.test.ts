import { afterAll, describe, expect, test } from 'vitest';
import { asApplicationFailure } from '../../activities/failures.ts';
import type { CampaignPolicy, StopRules } from '../../domain/campaign.ts';
import { QuorateError } from '../../domain/failures.ts';
import * as messages from '../../workflows/messages.ts';
import { deferred } from '../support/deferred.ts';
import { chainsOf, type Rig, refusal, until, withWorker } from '../support/rig.ts';
import { startSkippingServer } from '../support/temporal-servers.ts';
import { campaignPolicy, campaignWorld } from './campaign-world.ts';
import { DAY, HOUR } from './task-world.ts';

const server = await startSkippingServer();
afterAll(() => ('stop' in server ? server.stop() : undefined));

// Nothing here continues as new: what does is in continue-as-new.test.ts.
describe('campaign', () => {
  if ('unavailable' in server) {
    test.skip(server.unavailable);
    return;
  }
  let tests = 0;
  type World = ReturnType<typeof campaignWorld>;

  async function withCampaign<T>(
    world: World,
    policy: Partial<CampaignPolicy>,
    body: (campaign: Awaited<ReturnType<typeof open>>) => Promise<T>,
  ): Promise<T> {
    if ('unavailable' in server) throw new Error(server.unavailable);
    const campaignId = `campaign-${++tests}`;
    const { activities, learning } = world;
    const input = { campaignId, policy: campaignPolicy(policy) };
    return withWorker({ server, name: campaignId, activities, learning }, async (rig) =>
      body(await open(rig, input, world)),
    );
  }
  async function open({ client, taskQueue }: Rig, input: messages.CampaignInput, world: World) {
    const workflowId = messages.campaignWorkflowId(input.campaignId);
    const first = await client.start('campaignWorkflow', { taskQueue, workflowId, args: [input] });
    const handle = client.getHandle(workflowId);
    return {
      ...handle,
      settle: (...taskIds: string[]) => handle.signal(messages.tasksSettledSignal, { taskIds }),
      state: () => handle.query(messages.campaignStateQuery),
      started: (count: number) => until(`${count} tasks have started`, () => world.started.length === count),
      /** Waits until the workflow itself knows of so many; `started` only says that they were chosen. */
      inFlight: (count: number) =>
        until(`${count} tasks are in flight`, async () => {
          const { inFlight } = await handle.query(messages.campaignStateQuery);
          return inFlight.length === count;
        }),
      runs: () => chainsOf(client, [{ workflowId, runId: first.firstExecutionRunId }]),
      pause: () => handle.executeUpdate(messages.pauseUpdate),
      resume: () => handle.executeUpdate(messages.resumeUpdate),
      stop: (drain: boolean) => handle.executeUpdate(messages.stopUpdate, { args: [{ drain }] }),
      setStopRules: (stop: StopRules) => handle.executeUpdate(messages.setStopRulesUpdate, { args: [{ stop }] }),
      setBudget: (capMicros: string) => handle.executeUpdate(messages.setBudgetUpdate, { args: [{ capMicros }] }),
    };
  }
  const ids = (world: World, from = 0) => world.started.slice(from);

  describe('choosing work', () => {
    test('rounds: each batch settles and is learned from before the next is chosen', async () => {
      const world = campaignWorld({ pool: 8 });
      await withCampaign(world, { mode: 'rounds' }, async (campaign) => {
        await campaign.started(4);
        await campaign.inFlight(4);
        await campaign.settle('t0', 't1');
        await campaign.settle('t2');
        expect((await campaign.state()).inFlight).toEqual(['t3']);
        expect(world.of('selectBatch')).toHaveLength(1);
        await campaign.settle('t3');
        await campaign.started(8);
        await campaign.settle(...ids(world, 4));
        expect(await campaign.result()).toEqual({ reason: 'pool_empty' });
      });
      expect(world.calls.map((call) => call.name)).toEqual([
        'selectBatch',
        'fitModel',
        'selectBatch',
        'fitModel',
        'selectBatch',
        'noteStop',
        'reviseDecisions',
        'endCampaign',
      ]);
      expect(world.of('selectBatch').map((call) => call.round)).toEqual([1, 2, 3]);
      expect(world.of('endCampaign')).toMatchObject([{ reason: 'pool_empty' }]);
    });

    test('goes on when its last fit has given items back to the pool', async () => {
      const world = campaignWorld({ pool: 4 });
      const { endCampaign } = world.activities;
      let given = false;
      world.activities.endCampaign = async (input) => {
        await endCampaign(input);
        if (given) return undefined;
        given = true;
        world.world.pool = 3;
        return { open: [], poolGrew: true };
      };
      await withCampaign(world, {}, async (campaign) => {
        await campaign.started(4);
        await campaign.settle(...ids(world));
        await campaign.started(7);
        await campaign.settle(...ids(world, 4));
        expect(await campaign.result()).toEqual({ reason: 'pool_empty' });
      });
      expect(world.of('endCampaign')).toMatchObject([{ unlessPoolGrew: true }, { reason: 'pool_empty' }]);
    });

    test('streaming: a slow task does not stall the others, and no more than the limit is in flight', async () => {
      const world = campaignWorld({ pool: 20 });
      await withCampaign(world, {}, async (campaign) => {
        await campaign.started(8);
        for (let from = 1; from < 17; from += 4) {
          await campaign.settle(...world.started.slice(from, from + 4));
          await campaign.started(Math.min(20, from + 11));
          expect(world.started.length - (from + 3)).toBeLessThanOrEqual(8);
        }
        expect((await campaign.state()).inFlight).toContain('t0');
        await campaign.settle(...ids(world));
        expect(await campaign.result()).toEqual({ reason: 'pool_empty' });
      });
      expect(world.of('selectBatch').every((call) => Number(call.count) <= 4)).toBe(true);
    });

    test('a task that settles before its selection has answered counts once', async () => {
      const world = campaignWorld({ pool: 4 });
      const { selectBatch } = world.learning;
      const opened = deferred<(...taskIds: string[]) => Promise<void>>();
      world.learning.selectBatch = async (input) => {
        const batch = await selectBatch(input);
        if (batch.taskIds.length > 0) await (await opened.promise)(...batch.taskIds.slice(0, 2));
        return batch;
      };
      await withCampaign(world, { mode: 'rounds' }, async (campaign) => {
        opened.resolve(campaign.settle);
        await campaign.started(4);
        await campaign.settle('t0', 't1', 't2', 't3');
        expect(await campaign.result()).toEqual({ reason: 'pool_empty' });
        expect(await campaign.state()).toMatchObject({ settled: 4, inFlight: [], early: null });
      });
    });

    test('repeats and strangers among the settlements change nothing', async () => {
      const world = campaignWorld({ pool: 4 });
      await withCampaign(world, { mode: 'rounds' }, async (campaign) => {
        await campaign.started(4);
        await campaign.inFlight(4);
        await campaign.settle('t0', 't0', 'stranger');
        await campaign.settle('t0', 'stranger');
        expect(await campaign.state()).toMatchObject({ settled: 1, inFlight: ['t1', 't2', 't3'] });
        await campaign.settle('t1', 't2', 't3');
        await campaign.result();
      });
    });
  });

  describe('stopping by itself', () => {
    test('an empty pool ends it, unless it grows before the last task settles', async () => {
      const world = campaignWorld({ pool: 4 });
      await withCampaign(world, {}, async (campaign) => {
        await until('the pool is empty', async () => (await campaign.state()).blocked === 'pool_empty');
        world.world.pool = 4;
        await campaign.signal(messages.poolGrewSignal);
        await campaign.started(8);
        await campaign.settle(...ids(world));
        expect(await campaign.result()).toEqual({ reason: 'pool_empty' });
      });
    });

    test('budget: work goes on with what settled tasks did not use, and ends when that is too little', async () => {
      const world = campaignWorld({ pool: 100, budget: 4 });
      await withCampaign(world, { refitEvery: 100 }, async (campaign) => {
        await campaign.started(4);
        await until('no money', async () => (await campaign.state()).blocked === 'budget');
        world.world.budget = 1;
        // The last ones in flight settle, and their release pays for one more.
        await campaign.settle('t0', 't1', 't2', 't3');
        await campaign.started(5);
        await campaign.settle('t4');
        expect(await campaign.result()).toEqual({ reason: 'budget' });
      });
    });

    test.each([
      ['what a task that was opened again did not use is free', { open: ['r1'] }],
      ['money came as it was to end', { open: [], moneyCame: true as const }],
    ])('budget: work goes on where %s', async (_, left) => {
      const endings: (typeof left | undefined)[] = [left];
      const world = campaignWorld({ pool: 100, budget: 4 });
      const { endCampaign } = world.activities;
      world.activities.endCampaign = async (input) => {
        await endCampaign(input);
        world.world.budget = world.of('endCampaign').length === 1 ? 1 : 0;
        return endings.shift();
      };
      await withCampaign(world, { refitEvery: 100 }, async (campaign) => {
        await campaign.inFlight(4);
        await campaign.settle('t0', 't1', 't2', 't3');
        if (left.open.length > 0) await campaign.inFlight(1);
        await campaign.settle(...left.open);
        await campaign.started(5);
        await campaign.settle('t4');
        expect(await campaign.result()).toEqual({ reason: 'budget' });
      });
      expect(world.of('noteStop').map(({ reason }) => reason)).toEqual(['budget', null, 'budget']);
    });

    test('goes by other stop rules from when they were changed', async () => {
      const world = campaignWorld({ pool: 12, mostTasks: 4 });
      const deadlineMs = (await server.nowMs()) + 2 * HOUR;
      await withCampaign(world, { deadlineMs }, async (campaign) => {
        await campaign.inFlight(4);
        await campaign.settle('t0');
        await until('it found that it has its tasks', async () => (await campaign.state()).blocked === 'max_tasks');
        const deadline = new Date(deadlineMs + 10 * HOUR).toISOString();
        expect(await campaign.setStopRules({ maxTasks: 8, deadline })).toEqual({ policyVersion: 2 });
        await campaign.inFlight(7);
        expect((await campaign.state()).policy.deadlineMs).toBe(deadlineMs + 10 * HOUR);
        await campaign.settle(...ids(world));
        expect(await campaign.result()).toEqual({ reason: 'max_tasks' });
      });
    });

    test('the deadline ends it once its tasks have settled', async () => {
      const world = campaignWorld({ pool: 100 });
      const deadlineMs = (await server.nowMs()) + 2 * HOUR;
      await withCampaign(world, { deadlineMs }, async (campaign) => {
        await campaign.started(8);
        await server.sleep(2 * HOUR + 60_000);
        await until('stopping', async () => (await campaign.state()).stopReason === 'deadline');
        await campaign.settle(...ids(world));
        expect(await campaign.result()).toEqual({ reason: 'deadline' });
      });
      expect(world.started).toHaveLength(8);
    });

    test('a target on gold ends it when the interval’s lower end is there', async () => {
      const fits = [
        { labels: 4, accuracy: 0.95, low: 0.85 },
        { labels: 8, accuracy: 0.95, low: 0.91 },
      ];
      const world = campaignWorld({ pool: 100, fits });
      await withCampaign(world, { mode: 'rounds', targetAccuracy: 0.9 }, async (campaign) => {
        await campaign.started(4);
        await campaign.settle(...ids(world));
        await campaign.started(8);
        await campaign.settle(...ids(world, 4));
        expect(await campaign.result()).toEqual({ reason: 'target_accuracy' });
      });
      expect(world.of('fitModel')).toHaveLength(2);
    });

    test('a plateau ends it', async () => {
      const fits = [0.7, 0.8, 0.801, 0.802].map((accuracy) => ({ labels: 1, accuracy, low: 0 }));
      const world = campaignWorld({ pool: 100, fits });
      await withCampaign(world, { mode: 'rounds', plateau: { rounds: 2, minGain: 0.01 } }, async (campaign) => {
        for (let count = 4; count <= 16; count += 4) {
          await campaign.started(count);
          await campaign.settle(...ids(world, count - 4));
        }
        expect(await campaign.result()).toEqual({ reason: 'plateau' });
      });
    });
  });

  describe('lost messages and long times', () => {
    test('a settlement that never came is found in the database', async () => {
      const world = campaignWorld({ pool: 4 });
      await withCampaign(world, { mode: 'rounds' }, async (campaign) => {
        await campaign.started(4);
        await campaign.settle('t0');
        for (const id of world.started) world.ended.add(id);
        expect(await campaign.result()).toEqual({ reason: 'pool_empty' });
        expect((await campaign.state()).settled).toBe(4);
      });
      expect(world.of('findEnded')).toEqual([{ taskIds: ['t1', 't2', 't3'] }]);
    });

    test('a pause of months costs next to nothing, and work goes on after it', async () => {
      const world = campaignWorld({ pool: 12 });
      await withCampaign(world, { refitEvery: 100 }, async (campaign) => {
        await campaign.started(8);
        await campaign.pause();
        await campaign.settle(...ids(world));
        await until('settled', async () => (await campaign.state()).settled === 8);
        await server.sleep(90 * DAY);
        await campaign.resume();
        await campaign.started(12);
        await campaign.settle(...ids(world, 8));
        expect(await campaign.result()).toEqual({ reason: 'pool_empty' });
        const [run] = await campaign.runs();
        expect(run?.history.events?.length).toBeLessThan(150);
      });
    });

    test('it waits for days for a slow task, looking after it now and then', async () => {
      const world = campaignWorld({ pool: 4 });
      await withCampaign(world, {}, async (campaign) => {
        await campaign.started(4);
        await campaign.settle('t0', 't1', 't2');
        await server.sleep(2 * DAY);
        await campaign.settle('t3');
        expect(await campaign.result()).toEqual({ reason: 'pool_empty' });
      });
      expect(world.of('findEnded').length).toBeGreaterThan(100);
    });
  });

  describe('requests', () => {
    test('pause: nothing is chosen until it is resumed', async () => {
      const world = campaignWorld({ pool: 12 });
      await withCampaign(world, { refitEvery: 100 }, async (campaign) => {
        await campaign.inFlight(8);
        expect(await campaign.pause()).toEqual({ phase: 'paused', round: 2, inFlight: 8 });
        await campaign.settle(...ids(world));
        await until('settled', async () => (await campaign.state()).inFlight.length === 0);
        await server.sleep(5 * DAY);
        expect(world.started).toHaveLength(8);
        expect(await campaign.resume()).toMatchObject({ phase: 'running' });
        await campaign.started(12);
        await campaign.settle(...ids(world, 8));
        expect(await campaign.result()).toEqual({ reason: 'pool_empty' });
      });
      expect(world.of('resumeCampaign')).toMatchObject([{ to: 'running' }]);
    });

    test('pause: takes effect while a selection is under way', async () => {
      const world = campaignWorld({ pool: 12 });
      const gate = deferred();
      const { selectBatch } = world.learning;
      world.learning.selectBatch = async (input) => {
        await gate.promise;
        return selectBatch(input);
      };
      await withCampaign(world, {}, async (campaign) => {
        expect(await campaign.pause()).toMatchObject({ phase: 'paused' });
        gate.resolve();
        await until('the selection has answered', async () => (await campaign.state()).inFlight.length === 4);
        expect(world.of('selectBatch')).toHaveLength(1);
        await campaign.stop(false);
        await campaign.settle(...ids(world));
        expect(await campaign.result()).toEqual({ reason: 'by_hand' });
      });
    });

    test('a stop rule that fires during a pause waits for the resumption, and its tasks are finished then', async () => {
      const world = campaignWorld({ pool: 100 });
      const deadlineMs = (await server.nowMs()) + HOUR;
      await withCampaign(world, { deadlineMs }, async (campaign) => {
        await campaign.inFlight(8);
        await campaign.pause();
        await server.sleep(2 * HOUR);
        await until('the rule fired', async () => (await campaign.state()).stopReason === 'deadline');
        expect((await campaign.state()).phase).toBe('paused');
        expect(await campaign.resume()).toMatchObject({ phase: 'stopping', inFlight: 8 });
        await campaign.settle(...ids(world));
        expect(await campaign.result()).toEqual({ reason: 'deadline' });
      });
      expect(world.of('resumeCampaign')).toMatchObject([{ to: 'stopping' }]);
    });

    test.each([true, false])(
      'stop (drain: %s): ends when the last task has settled, with a last fit',
      async (drain) => {
        const world = campaignWorld({ pool: 100 });
        await withCampaign(world, { refitEvery: 100 }, async (campaign) => {
          await campaign.inFlight(8);
          expect(await campaign.stop(drain)).toMatchObject({ phase: 'stopping', inFlight: 8 });
          await campaign.settle(...ids(world));
          expect(await campaign.result()).toEqual({ reason: 'by_hand' });
        });
        expect(world.of('markStopping')).toMatchObject([{ reason: 'by_hand', cancelOpen: !drain }]);
        expect(world.calls.slice(-3).map((call) => call.name)).toEqual(['fitModel', 'reviseDecisions', 'endCampaign']);
        expect(world.started).toHaveLength(8);
      },
    );

    test('stop: one that finishes its open tasks can still be told to cancel them, once', async () => {
      const world = campaignWorld({ pool: 100 });
      await withCampaign(world, {}, async (campaign) => {
        await campaign.inFlight(8);
        await campaign.stop(true);
        expect(await campaign.stop(false)).toMatchObject({ phase: 'stopping', inFlight: 8 });
        expect(await refusal(campaign.stop(false))).toMatch('The campaign is stopping already');
        await campaign.settle(...ids(world));
        expect(await campaign.result()).toEqual({ reason: 'by_hand' });
      });
      expect(world.of('markStopping').map(({ cancelOpen }) => cancelOpen)).toEqual([false, true]);
    });

    test('one that finishes its open tasks can be paused, and stays as it was to end; one that cancels them cannot', async () => {
      const world = campaignWorld({ pool: 100 });
      await withCampaign(world, {}, async (campaign) => {
        await campaign.inFlight(8);
        await campaign.stop(true);
        expect(await campaign.pause()).toMatchObject({ phase: 'paused', inFlight: 8 });
        expect(await refusal(campaign.pause())).toMatch('paused already');
        expect(await campaign.resume()).toMatchObject({ phase: 'stopping', inFlight: 8 });
        await campaign.pause();
        expect(await campaign.stop(false)).toMatchObject({ phase: 'stopping' });
        expect(await refusal(campaign.pause())).toMatch('its open tasks are being cancelled');
        await campaign.settle(...ids(world));
        expect(await campaign.result()).toEqual({ reason: 'by_hand' });
        // Whatever was asked of it: what a replay has to find is of the first workflow task, and of no handler.
        const events = (await campaign.fetchHistory()).events ?? [];
        const indexes = (found: (event: (typeof events)[number]) => boolean) =>
          events.flatMap((event, at) => (found(event) ? [at] : []));
        const patches = indexes((event) => event.markerRecordedEventAttributes?.markerName === 'core_patch');
        const [first = 0] = indexes((event) => Boolean(event.workflowTaskCompletedEventAttributes));
        expect(patches).toEqual([first + 1]);
      });
      expect(world.of('markStopping').map(({ cancelOpen }) => cancelOpen)).toEqual([false, true]);
      expect(world.of('resumeCampaign')).toMatchObject([{ to: 'stopping' }, { to: 'running' }]);
    });

    test('stop ends a pause first, so that the tasks’ clocks run again', async () => {
      const world = campaignWorld({ pool: 100 });
      await withCampaign(world, {}, async (campaign) => {
        await campaign.started(8);
        await campaign.pause();
        await campaign.stop(false);
        await campaign.settle(...ids(world));
        expect(await campaign.result()).toEqual({ reason: 'by_hand' });
      });
      const order = world.calls.map((call) => call.name).filter((name) => /Campaign|Stopping/.test(name));
      expect(order).toEqual(['pauseCampaign', 'resumeCampaign', 'markStopping', 'endCampaign']);
    });

    test('setBudget: a campaign without money goes on', async () => {
      const world = campaignWorld({ pool: 8, budget: 4 });
      await withCampaign(world, {}, async (campaign) => {
        await campaign.started(4);
        await until('no money', async () => (await campaign.state()).blocked === 'budget');
        world.world.budget = 4;
        expect(await campaign.setBudget('90000000')).toEqual({ capMicros: '90000000' });
        await campaign.started(8);
        await campaign.settle(...ids(world));
        await campaign.result();
      });
      expect(world.of('setBudget')).toMatchObject([{ capMicros: '90000000' }]);
    });

    test('budgetChanged: a campaign without money looks again', async () => {
      const world = campaignWorld({ pool: 8, budget: 4 });
      await withCampaign(world, {}, async (campaign) => {
        await campaign.started(4);
        await until('no money', async () => (await campaign.state()).blocked === 'budget');
        world.world.budget = 4;
        await campaign.signal(messages.budgetChangedSignal);
        await campaign.started(8);
        await campaign.settle(...ids(world));
        await campaign.result();
      });
      expect(world.of('setBudget')).toEqual([]);
    });

    test('setBudget: the database’s refusal reaches the caller, and the campaign goes on', async () => {
      const message = 'budgetUsd is 1.00, but $2.00 are spent.';
      const refuse = async () => {
        throw asApplicationFailure(new QuorateError('budget_below_spent', message));
      };
      const world = campaignWorld({ pool: 4, campaign: { setBudget: refuse } });
      await withCampaign(world, {}, async (campaign) => {
        await campaign.started(4);
        const refused = await campaign.setBudget('1000000').catch((error: unknown) => error);
        // The failure itself, whose type the API reads.
        expect(refused).toMatchObject({ cause: { type: 'budget_below_spent', message } });
        await campaign.settle(...ids(world));
        expect(await campaign.result()).toEqual({ reason: 'pool_empty' });
      });
    });

    test('setRedundancy: answers with the new policy version', async () => {
      const world = campaignWorld({ pool: 4 });
      await withCampaign(world, {}, async (campaign) => {
        await campaign.started(4);
        const change = { redundancy: 5, maxRedundancy: null };
        expect(await campaign.executeUpdate(messages.setRedundancyUpdate, { args: [change] })).toEqual({
          policyVersion: 2,
        });
        await campaign.settle(...ids(world));
        await campaign.result();
      });
      expect(world.of('setRedundancy')).toMatchObject([{ redundancy: 5, maxRedundancy: null }]);
    });

    test('that make no sense are refused with the reason, also when two come at once', async () => {
      const world = campaignWorld({ pool: 100 });
      await withCampaign(world, {}, async (campaign) => {
        await campaign.started(8);
        expect(await refusal(campaign.resume())).toBe('The campaign is not paused.');
        const both = await Promise.allSettled([campaign.pause(), campaign.pause()]);
        expect(both.map((one) => one.status).toSorted()).toEqual(['fulfilled', 'rejected']);
        expect(world.of('pauseCampaign')).toHaveLength(1);
        expect(await refusal(campaign.pause())).toBe('The campaign is paused already.');
        await campaign.stop(true);
        expect(await refusal(campaign.stop(true))).toBe('The campaign is stopping already.');
        expect(await refusal(campaign.setBudget('1'))).toMatch('The campaign is stopping;');
        await campaign.settle(...ids(world));
        await campaign.result();
      });
    });
  });
});

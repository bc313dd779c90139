import { WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, describe, expect, test } from 'vitest';
import type { Unheard } from '../../domain/annotation-task.ts';
import type { EscalationStep, TaskPolicy } from '../../domain/task-policy.ts';
import * as messages from '../../workflows/messages.ts';
import { type Rig, refusal, until, withWorker } from '../support/rig.ts';
import { startSkippingServer } from '../support/temporal-servers.ts';
import { DAY, taskLeft, taskPolicy, taskWorld } from './task-world.ts';

const server = await startSkippingServer();
afterAll(() => ('stop' in server ? server.stop() : undefined));

describe('annotationTask', () => {
  if ('unavailable' in server) {
    test.skip(server.unavailable);
    return;
  }
  let tests = 0;

  /** Starts a task of its own for the test and runs `body` beside a worker with `world`'s activities. */
  async function withTask<T>(
    world: ReturnType<typeof taskWorld>,
    policy: Partial<TaskPolicy>,
    body: (task: Awaited<ReturnType<typeof startTask>>, rig: Rig) => Promise<T>,
  ): Promise<T> {
    const name = `task-${++tests}`;
    if ('unavailable' in server) throw new Error(server.unavailable);
    return withWorker({ server, name, activities: world.activities }, async (rig) =>
      body(await startTask(rig, name, policy), rig),
    );
  }
  async function startTask({ client, taskQueue }: Rig, taskId: string, policy: Partial<TaskPolicy>) {
    const handle = await client.start('annotationTaskWorkflow', {
      taskQueue,
      workflowId: messages.taskWorkflowId(taskId),
      args: [{ taskId, campaignId: 'c1', policy: taskPolicy(policy), decidesAtOnce: true }],
    });
    return {
      ...handle,
      answer: (...annotationIds: string[]) => handle.signal(messages.annotationsSubmittedSignal, { annotationIds }),
      state: () => handle.query(messages.taskStateQuery),
    };
  }

  test('a database that is away for long is waited for by timers, which a history has room for', async () => {
    let failures = 14;
    const world = taskWorld({
      openSlots: async () => {
        if (failures-- > 0) throw new Error('The database is away.');
      },
    });
    await withTask(world, {}, async (task) => {
      await task.answer('a', 'b', 'c');
      expect(await task.result()).toEqual({ state: 'decided' });
      const { events } = await task.fetchHistory();
      const timers = events?.filter((event) => event.timerStartedEventAttributes) ?? [];
      // The first waits, 6 s in all, are made within a workflow task.
      expect(timers.length).toBeGreaterThanOrEqual(9);
    });
  });

  describe('judges first', () => {
    test('what they may decide alone ends with them', async () => {
      const world = taskWorld();
      await withTask(world, { judgeFirst: true }, async (task) => {
        await task.answer('j');
        await task.signal(messages.judgedSignal);
        await task.signal(messages.judgedSignal);
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      expect(world.names()).toEqual(['openSlots', 'assessAnswers', 'heedJudges']);
    });

    test('else people are asked at once, in a window of their own, and their answers decide', async () => {
      const world = taskWorld({ heedJudges: async () => ({ settled: false, why: 'below_target' }) });
      await withTask(world, { judgeFirst: true }, async (task) => {
        await task.signal(messages.judgedSignal);
        await until('people are asked', async () => (await task.state()).heeded === true);
        await task.answer('j', 'a', 'b');
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      expect(world.of('heedJudges')).toHaveLength(1);
      expect(world.story()).toEqual(['people_asked']);
    });

    test('a campaign that does not put judges first heeds no such message', async () => {
      const world = taskWorld();
      await withTask(world, {}, async (task) => {
        await task.signal(messages.judgedSignal);
        await task.answer('a', 'b', 'c');
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      expect(world.of('heedJudges')).toEqual([]);
    });
  });

  describe('collecting', () => {
    test('decides once three answers are in, each assessed once', async () => {
      const world = taskWorld();
      await withTask(world, {}, async (task) => {
        for (const id of ['a', 'b', 'c']) await task.answer(id);
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      expect(world.names()[0]).toBe('openSlots');
      expect(world.of('assessAnswers').flatMap((call) => call.annotationIds)).toEqual(['a', 'b', 'c']);
      expect(world.of('decideTask')).toMatchObject([{ minConfidence: 0.6, acceptAny: true, reopened: 0 }]);
    });

    test('says of which of its runs it is, where it was opened again', async () => {
      const world = taskWorld({
        reopenedAnswers: async () => ({ open: true, countedIds: [], target: 1, slotOffset: 0 }),
      });
      await withWorker({ server, name: 'again', activities: world.activities }, async ({ client, taskQueue }) => {
        const task = await client.signalWithStart('annotationTaskWorkflow', {
          taskQueue,
          workflowId: messages.taskWorkflowId('again'),
          args: [{ taskId: 'again', campaignId: 'c1', policy: taskPolicy(), decidesAtOnce: true, reopened: 2 }],
          signal: messages.annotationsSubmittedSignal,
          signalArgs: [{ annotationIds: ['a'] }],
        });
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      expect(world.calls.map(({ name, input }) => [name, input.reopened])).toEqual([
        ...[
          ['reopenedAnswers', undefined],
          ['assessAnswers', 2],
          ['decideTask', 2],
        ],
      ]);
    });

    test('opens no slots where these were opened with its batch', async () => {
      const world = taskWorld();
      await withWorker({ server, name: 'batch', activities: world.activities }, async ({ client, taskQueue }) => {
        const task = await client.signalWithStart('annotationTaskWorkflow', {
          taskQueue,
          workflowId: messages.taskWorkflowId('batch'),
          args: [{ taskId: 'batch', campaignId: 'c1', policy: taskPolicy(), decidesAtOnce: true, slotsOpen: true }],
          signal: messages.annotationsSubmittedSignal,
          signalArgs: [{ annotationIds: ['a', 'b', 'c'] }],
        });
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      expect(world.names()).toEqual(['assessAnswers', 'decideTask']);
    });

    test('drops repeats, strangers and answers that come in another order', async () => {
      const world = taskWorld({ strangers: ['x', 'y'] });
      await withTask(world, {}, async (task) => {
        await task.answer('c', 'x');
        await task.answer('c', 'a', 'a');
        await task.answer('x', 'y');
        await until('two answers count', async () => (await task.state()).counted.length === 2);
        await task.answer('b', 'c');
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      const assessed = world.of('assessAnswers').flatMap((call) => call.annotationIds as string[]);
      expect(assessed.toSorted()).toEqual(['a', 'b', 'c', 'x', 'y']);
    });

    test('hears answers that were sent before it first ran', async () => {
      const world = taskWorld();
      await withWorker({ server, name: 'early', activities: world.activities }, async ({ client, taskQueue }) => {
        const task = await client.signalWithStart('annotationTaskWorkflow', {
          taskQueue,
          workflowId: messages.taskWorkflowId('early'),
          args: [{ taskId: 'early', campaignId: 'c1', policy: taskPolicy(), decidesAtOnce: true }],
          signal: messages.annotationsSubmittedSignal,
          signalArgs: [{ annotationIds: ['a', 'b', 'c'] }],
        });
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      expect(world.names()).toEqual(['openSlots', 'assessAnswers', 'decideTask']);
    });

    test('waits for a database that is away, and does nothing twice when it is back', async () => {
      let failures = 2;
      const world = taskWorld({
        decideTask: async () => {
          if (failures-- > 0) throw new Error('connection refused');
          return { settled: true, confidence: 1 };
        },
      });
      await withTask(world, {}, async (task) => {
        await task.answer('a', 'b', 'c');
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      // As one activity, whose every part is harmless to repeat.
      expect(world.of('assessAnswers')).toHaveLength(3);
      expect(world.of('decideTask')).toHaveLength(3);
    });

    test('a task that was started before both were one activity assesses first and decides then', async () => {
      const world = taskWorld();
      await withWorker({ server, name: 'older', activities: world.activities }, async ({ client, taskQueue }) => {
        const task = await client.signalWithStart('annotationTaskWorkflow', {
          taskQueue,
          workflowId: messages.taskWorkflowId('older'),
          args: [{ taskId: 'older', campaignId: 'c1', policy: taskPolicy() }],
          signal: messages.annotationsSubmittedSignal,
          signalArgs: [{ annotationIds: ['a', 'b', 'c'] }],
        });
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      expect(world.of('assessAnswers')).toEqual([{ taskId: 'older', reopened: 0, annotationIds: ['a', 'b', 'c'] }]);
      expect(world.names()).toEqual(['openSlots', 'assessAnswers', 'decideTask']);
    });

    test('an answer to a task that has ended finds no workflow, so that its sender knows', async () => {
      await withTask(taskWorld(), {}, async (task) => {
        await task.answer('a', 'b', 'c');
        await task.result();
        await expect(task.answer('late')).rejects.toBeInstanceOf(WorkflowNotFoundError);
      });
    });
  });

  describe('windows', () => {
    test('a window of three days passes in no time', async () => {
      const world = taskWorld();
      await withTask(world, { windowMs: 3 * DAY, escalation: [{ step: 'give_up' }] }, async (task) => {
        await task.state();
        const from = performance.now();
        const began = await server.nowMs();
        expect(await task.result()).toEqual({ state: 'unresolved' });
        expect(performance.now() - from).toBeLessThan(1000);
        expect((await server.nowMs()) - began).toBeGreaterThan(3 * DAY - 60_000);
      });
      expect(world.of('closeTask')).toMatchObject([{ outcome: 'unresolved' }]);
    });

    const steps: EscalationStep[] = [
      { step: 'raise_priority' },
      { step: 'raise_pay', by: 0.25 },
      { step: 'widen_tier' },
      { step: 'next_workforce' },
    ];
    test.each(steps)(
      '$step: taken when the window ends, and the task is decided if its answers come then',
      async (step) => {
        const world = taskWorld();
        await withTask(world, { escalation: [step, { step: 'give_up' }] }, async (task) => {
          await task.answer('a');
          await server.sleep(3 * DAY + 60_000);
          await until('the step was taken', () => world.of('escalateTask').length === 1);
          await task.answer('b', 'c');
          expect(await task.result()).toEqual({ state: 'decided' });
        });
        const heard = { annotationIds: ['a'], clockAtMs: 0 };
        expect(world.of('escalateTask')).toEqual([{ taskId: expect.any(String), step, number: 0, heard }]);
        expect(world.story()).toEqual([step.step]);
      },
    );

    test('takes the whole ladder in order, one window each, though no step has an effect, and gives up', async () => {
      const world = taskWorld({ escalateTask: async () => ({ refused: 'no effect' }) });
      const began = await server.nowMs();
      await withTask(world, { escalation: [...steps, { step: 'give_up' }] }, async (task) => {
        expect(await task.result()).toEqual({ state: 'unresolved' });
      });
      expect(world.of('escalateTask').map((call) => [call.number, call.step])).toEqual([...steps.entries()]);
      const days = ((await server.nowMs()) - began) / DAY;
      expect(days).toBeGreaterThanOrEqual(15);
      expect(days).toBeLessThan(15.5);
      expect(world.story()).toEqual([...steps.map((step) => step.step), 'unresolved']);
    });

    test('ends neither a step nor the task while there are answers that it has not heard of', async () => {
      const unheard = ['a', 'b'];
      const next = () => {
        const id = unheard.shift();
        return id === undefined ? undefined : { annotationIds: [id], clock: [] };
      };
      const world = taskWorld({
        closeTask: async () => next(),
        escalateTask: async () => {
          const unheardOf = next();
          return unheardOf ? { unheard: unheardOf } : {};
        },
      });
      await withTask(world, { escalation: [{ step: 'raise_priority' }, { step: 'give_up' }] }, async (task) => {
        await task.answer('c');
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      const heard = world.of('escalateTask').map((call) => call.heard);
      expect(heard).toEqual([
        { annotationIds: ['c'], clockAtMs: 0 },
        { annotationIds: ['c', 'a'], clockAtMs: 0 },
      ]);
      expect(world.of('closeTask')).toEqual([]);
    });

    test('goes on after a pause that it had not heard of', async () => {
      let unheard: Unheard | undefined;
      const world = taskWorld({ closeTask: async () => unheard });
      await withTask(world, { windowMs: DAY }, async (task) => {
        const { openedAtMs } = await task.state();
        const atMs = openedAtMs + DAY / 2;
        unheard = { annotationIds: [], clock: [{ message: 'paused', atMs }] };
        await server.sleep(2 * DAY);
        await until('it is paused', async () => (await task.state()).pausedAtMs === atMs);
        await task.signal(messages.resumedSignal, { atMs: atMs + 10 * DAY });
        await task.signal(messages.pausedSignal, { atMs });
        unheard = undefined;
        expect(await task.result()).toEqual({ state: 'unresolved' });
        expect((await task.state()).deadlineMs).toBe(openedAtMs + 11 * DAY);
      });
      expect(world.of('closeTask')).toHaveLength(2);
    });

    test('goes to an expert at the end of the ladder, and waits for the ruling', async () => {
      const world = taskWorld();
      await withTask(world, { escalation: [{ step: 'adjudicate' }] }, async (task) => {
        await server.sleep(4 * DAY);
        await until('an expert is asked', async () => (await task.state()).phase === 'adjudicating');
        // Six of the seven days that a ruling may take.
        await server.sleep(6 * DAY - DAY);
        const ruling = { rulingId: 'r1', by: 'eve' };
        expect(await task.executeUpdate(messages.adjudicateUpdate, { args: [ruling] })).toEqual({ ended: true });
        expect(await task.result()).toEqual({ state: 'adjudicated' });
      });
      expect(world.of('ruleTask')).toMatchObject([{ rulingId: 'r1' }]);
      expect(world.story()).toEqual(['adjudicate', 'ruled']);
    });

    test('is unresolved when no ruling comes within the adjudication window', async () => {
      const world = taskWorld();
      const began = await server.nowMs();
      await withTask(world, { escalation: [{ step: 'adjudicate' }, { step: 'give_up' }] }, async (task) => {
        expect(await task.result()).toEqual({ state: 'unresolved' });
      });
      const days = ((await server.nowMs()) - began) / DAY;
      expect(days).toBeGreaterThanOrEqual(10);
      expect(days).toBeLessThan(10.5);
    });
  });

  describe('disagreement', () => {
    const unsure = { settled: false, confidence: 0.5 };
    const sure = { settled: true, confidence: 0.9 };

    test('extend: asks one more annotator, and decides with their answer', async () => {
      const answers = [unsure, sure];
      const world = taskWorld({ decideTask: async () => answers.shift() ?? sure });
      await withTask(world, { onDisagreement: 'extend', maxRedundancy: 5 }, async (task) => {
        await task.answer('a', 'b', 'c');
        await until('a slot was added', () => world.of('addSlots').length === 1);
        await task.answer('d');
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      expect(world.of('addSlots')).toMatchObject([{ toRedundancy: 4 }]);
      expect(world.of('decideTask')).toMatchObject([{ acceptAny: false }, { acceptAny: false }]);
      expect(world.story()).toEqual(['not_confident', 'slots_added']);
    });

    test('extend: takes the best label when the budget refuses another answer', async () => {
      const world = taskWorld({
        decideTask: async ({ acceptAny }) => (acceptAny ? { settled: true, confidence: 0.5 } : unsure),
        addSlots: async () => ({ refused: 'The budget has no room for more answers.' }),
      });
      await withTask(world, { onDisagreement: 'extend', maxRedundancy: 5 }, async (task) => {
        await task.answer('a', 'b', 'c');
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      expect(world.of('addSlots')).toHaveLength(1);
      expect(world.of('decideTask').map((call) => call.acceptAny)).toEqual([false, true]);
    });

    test('extend: takes the best label at the most answers allowed', async () => {
      const world = taskWorld({ decideTask: async ({ acceptAny }) => (acceptAny ? sure : unsure) });
      await withTask(world, { onDisagreement: 'extend', maxRedundancy: 4 }, async (task) => {
        await task.answer('a', 'b', 'c');
        await until('a slot was added', () => world.of('addSlots').length === 1);
        await task.answer('d');
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      expect(world.of('decideTask').map((call) => call.acceptAny)).toEqual([false, false, true]);
    });

    test('extend: takes the best label where nobody gives the answer more, with nothing unheard of', async () => {
      let unheard: Unheard | undefined;
      const world = taskWorld({
        decideTask: async ({ acceptAny }) => {
          if (unheard) return { ...unsure, unheard };
          return acceptAny ? sure : unsure;
        },
      });
      const policy = { onDisagreement: 'extend', maxRedundancy: 5, windowMs: DAY, decidesAtEnd: true } as const;
      await withTask(world, policy, async (task) => {
        await task.answer('a', 'b', 'c');
        await until('a slot was added', async () => (await task.state()).target === 4);
        const atMs = (await task.state()).deadlineMs - DAY / 2;
        unheard = { annotationIds: [], clock: [{ message: 'paused', atMs }] };
        await server.sleep(2 * DAY);
        await until('it is paused', async () => (await task.state()).pausedAtMs === atMs);
        unheard = undefined;
        await task.signal(messages.resumedSignal, { atMs: atMs + 10 * DAY });
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      const heard = { annotationIds: ['a', 'b', 'c'], clockAtMs: 0 };
      expect(
        world
          .of('decideTask')
          .slice(0, 2)
          .map((call) => call.heard),
      ).toEqual([undefined, heard]);
      expect(world.of('decideTask')).toHaveLength(3);
      expect(world.of('closeTask')).toEqual([]);
    });

    test('adjudicate: asks an expert at once', async () => {
      const world = taskWorld({ decideTask: async () => unsure });
      await withTask(world, { onDisagreement: 'adjudicate' }, async (task) => {
        await task.answer('a', 'b', 'c');
        await until('an expert is asked', async () => (await task.state()).phase === 'adjudicating');
        await task.executeUpdate(messages.adjudicateUpdate, { args: [{ rulingId: 'r1', by: 'eve' }] });
        expect(await task.result()).toEqual({ state: 'adjudicated' });
      });
      expect(world.story()).toEqual(['not_confident', 'adjudicate', 'ruled']);
    });
  });

  describe('requests', () => {
    test('cancel: ends the task with the reason', async () => {
      const world = taskWorld();
      await withTask(world, {}, async (task) => {
        const ended = await task.executeUpdate(messages.cancelTaskUpdate, { args: [{ reason: 'a duplicate item' }] });
        expect(ended).toEqual({ ended: true });
        expect(await task.result()).toEqual({ state: 'cancelled' });
      });
      expect(world.of('closeTask')).toMatchObject([{ outcome: 'cancelled', log: [{ detail: 'a duplicate item' }] }]);
    });

    test('cancel by signal, as a stopped campaign sends it, even during a pause', async () => {
      const world = taskWorld();
      await withTask(world, {}, async (task) => {
        await task.signal(messages.pausedSignal, { atMs: await server.nowMs() });
        await task.signal(messages.cancelledSignal, { reason: 'The campaign was stopped.' });
        expect(await task.result()).toEqual({ state: 'cancelled' });
      });
    });

    test('reprioritize: changes the priority, any number of times', async () => {
      const world = taskWorld();
      await withTask(world, {}, async (task) => {
        const set = (priority: number) => task.executeUpdate(messages.reprioritizeUpdate, { args: [{ priority }] });
        expect(await set(3)).toEqual({ priority: 3 });
        await Promise.all([set(0), set(4)]);
        await task.answer('a', 'b', 'c');
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      expect(world.of('setPriority')[0]).toMatchObject({ priority: 3 });
    });

    test('addRedundancy: opens slots and waits for their answers', async () => {
      const world = taskWorld();
      await withTask(world, {}, async (task) => {
        const grown = await task.executeUpdate(messages.addRedundancyUpdate, { args: [{ count: 2 }] });
        expect(grown).toEqual({ redundancy: 5 });
        await task.answer('a', 'b', 'c', 'd');
        await until('four answers count', async () => (await task.state()).counted.length === 4);
        expect(world.of('decideTask')).toEqual([]);
        await task.answer('e');
        expect(await task.result()).toEqual({ state: 'decided' });
      });
      expect(world.of('addSlots')).toMatchObject([{ toRedundancy: 5 }]);
    });

    test('addRedundancy: several requests at once each get their own answer', async () => {
      let calls = 0;
      const world = taskWorld({ addSlots: async () => (++calls === 2 ? { refused: 'no money' } : {}) });
      await withTask(world, {}, async (task) => {
        const add = (count: number) => task.executeUpdate(messages.addRedundancyUpdate, { args: [{ count }] });
        const answers = await Promise.allSettled([add(1), add(1), add(1)]);
        expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(2);
        expect((await task.state()).target).toBe(5);
        await task.executeUpdate(messages.cancelTaskUpdate, { args: [{ reason: 'enough' }] });
      });
      expect(world.of('addSlots').map((call) => call.toRedundancy)).toEqual([4, 5, 5]);
    });

    test('addRedundancy: passes on why there is no money', async () => {
      const world = taskWorld({ addSlots: async () => ({ refused: 'The budget has no room for more answers.' }) });
      await withTask(world, {}, async (task) => {
        const add = task.executeUpdate(messages.addRedundancyUpdate, { args: [{ count: 1 }] });
        expect(await refusal(add)).toBe('The budget has no room for more answers.');
        await task.answer('a', 'b', 'c');
        expect(await task.result()).toEqual({ state: 'decided' });
      });
    });

    test('adjudicate: a ruling that does not exist is refused, and the task goes on', async () => {
      const world = taskWorld({ ruleTask: async ({ rulingId }) => ({ refused: `There is no ruling ${rulingId}.` }) });
      await withTask(world, {}, async (task) => {
        const rule = task.executeUpdate(messages.adjudicateUpdate, { args: [{ rulingId: 'r9', by: 'eve' }] });
        expect(await refusal(rule)).toBe('There is no ruling r9.');
        await task.answer('a', 'b', 'c');
        expect(await task.result()).toEqual({ state: 'decided' });
      });
    });

    test('are refused by validators, with the reason, and leave no trace', async () => {
      const world = taskWorld();
      await withTask(world, {}, async (task) => {
        const update = task.executeUpdate;
        expect(await refusal(update(messages.reprioritizeUpdate, { args: [{ priority: 5 }] }))).toBe(
          'Priority is 5; it must be a whole number from 0 to 4.',
        );
        expect(await refusal(update(messages.addRedundancyUpdate, { args: [{ count: 0 }] }))).toBe(
          'count is 0; it must be 1 or more.',
        );
        expect(await refusal(update(messages.addRedundancyUpdate, { args: [{ count: 30 }] }))).toBe(
          'Redundancy would be 33; at most 25.',
        );
        const { events } = await task.fetchHistory();
        expect(JSON.stringify(events)).not.toContain('Updat');
        await task.answer('a', 'b', 'c');
        await task.result();
      });
      expect(world.names()).not.toContain('addSlots');
    });

    test('the state can be asked for, also after the end', async () => {
      await withTask(taskWorld(), {}, async (task) => {
        expect(await task.state()).toMatchObject({ phase: 'collecting', target: 3, counted: [] });
        await task.answer('a', 'b', 'c');
        await task.result();
        expect(await task.state()).toMatchObject({ phase: 'ended', counted: ['a', 'b', 'c'] });
      });
    });
  });

  describe('pausing', () => {
    test('shifts the window by exactly the time paused, twice if paused twice, whatever repeats come', async () => {
      const world = taskWorld();
      await withTask(world, { windowMs: 3 * DAY }, async (task) => {
        const { deadlineMs } = await task.state();
        let shift = 0;
        for (let turn = 0; turn < 2; turn++) {
          const from = await server.nowMs();
          await task.signal(messages.pausedSignal, { atMs: from });
          await server.sleep(10 * DAY);
          const to = await server.nowMs();
          for (const _ of [1, 2]) {
            await task.signal(messages.resumedSignal, { atMs: to });
            await task.signal(messages.pausedSignal, { atMs: from });
          }
          shift += to - from;
          expect(await task.state()).toMatchObject({ deadlineMs: deadlineMs + shift, pausedAtMs: null });
        }
        expect(await task.result()).toEqual({ state: 'unresolved' });
        const { closeTime } = await task.describe();
        const lateMs = (closeTime?.getTime() ?? 0) - (deadlineMs + shift);
        expect(lateMs).toBeGreaterThanOrEqual(0);
        expect(lateMs).toBeLessThan(60_000);
      });
      expect(world.story()).toEqual(['paused', 'resumed', 'paused', 'resumed', 'unresolved']);
    });

    test('looks now and then, ever more seldom, and goes on where the end of the pause was lost', async () => {
      let known = taskLeft({ pausedAtMs: 1 });
      const world = taskWorld({ taskLeft: async () => known });
      await withTask(world, { windowMs: 3 * DAY }, async (task) => {
        const { deadlineMs } = await task.state();
        const fromMs = await server.nowMs();
        await task.signal(messages.pausedSignal, { atMs: fromMs });
        await server.sleep(10 * DAY);
        const { length: looks } = world.of('taskLeft');
        expect(looks, '10 min, 50 min, 3.5 h, 14 h, 2.4 days, 9.5 days').toBe(6);
        expect((await task.state()).pausedAtMs).toBe(fromMs);
        known = taskLeft({ arrivedIds: ['lost'] });
        await server.sleep(30 * DAY);
        const gone = await task.state();
        expect(gone).toMatchObject({ pausedAtMs: null, counted: ['lost'] });
        const foundMs = gone.deadlineMs - deadlineMs + fromMs;
        // Its own message comes after all.
        await task.signal(messages.resumedSignal, { atMs: foundMs - DAY });
        expect(await task.result()).toEqual({ state: 'unresolved' });
        expect((await task.state()).deadlineMs).toBe(gone.deadlineMs);
      });
    });

    test('ends where it finds that it has ended, only was that lost', async () => {
      const world = taskWorld({ taskLeft: async () => undefined });
      await withTask(world, {}, async (task) => {
        await task.signal(messages.pausedSignal, { atMs: await server.nowMs() });
        expect(await task.result()).toEqual({ state: 'ended' });
      });
      expect(world.of('closeTask')).toEqual([]);
    });

    test('does not stop answers that are on their way from deciding the task', async () => {
      await withTask(taskWorld(), {}, async (task) => {
        await task.signal(messages.pausedSignal, { atMs: await server.nowMs() });
        await task.answer('a', 'b', 'c');
        expect(await task.result()).toEqual({ state: 'decided' });
      });
    });
  });
});

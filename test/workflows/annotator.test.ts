import { WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, describe, expect, test } from 'vitest';
import type { createAnnotatorActivities } from '../../activities/annotators.ts';
import * as messages from '../../workflows/messages.ts';
import { type Rig, until, withWorker } from '../support/rig.ts';
import { startSkippingServer } from '../support/temporal-servers.ts';
import { DAY } from './task-world.ts';

type AnnotatorActivities = ReturnType<typeof createAnnotatorActivities>;
type Stored = Parameters<AnnotatorActivities['storeStanding']>[0];

const server = await startSkippingServer();
afterAll(() => ('stop' in server ? server.stop() : undefined));

/** Golds are right when their id starts with `right`; what is stored is kept in order. */
function standingWorld(nowMs: () => Promise<number>) {
  const stored: Stored[] = [];
  const activities: AnnotatorActivities = {
    gradeGold: async ({ annotationIds }) => {
      const atMs = await nowMs();
      return annotationIds
        .filter((annotationId) => !annotationId.startsWith('work'))
        .map((annotationId) => ({ annotationId, correct: annotationId.startsWith('right'), atMs }));
    },
    bookKept: async () => undefined,
    storeStanding: async (update) => void stored.push(update),
  };
  return { activities, stored, changes: () => stored.flatMap(({ change }) => (change ? [change] : [])) };
}
const golds = (verdict: 'right' | 'wrong', count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => `${verdict}-${from + at}`);

// Nothing here continues as new: what does is in continue-as-new.test.ts.
describe('annotator', () => {
  if ('unavailable' in server) {
    test.skip(server.unavailable);
    return;
  }
  let tests = 0;

  async function withAnnotator<T>(
    world: ReturnType<typeof standingWorld>,
    body: (annotator: Awaited<ReturnType<typeof meet>>) => Promise<T>,
  ): Promise<T> {
    if ('unavailable' in server) throw new Error(server.unavailable);
    const annotatorId = `ann-${++tests}`;
    const leftOpen = { [messages.annotatorWorkflowId(annotatorId)]: 'an annotator’s workflow does not end by itself' };
    return withWorker({ server, name: annotatorId, activities: world.activities, leftOpen }, async (rig) =>
      body(await meet(rig, { annotatorId })),
    );
  }
  async function meet({ client, taskQueue }: Rig, input: messages.AnnotatorInput) {
    const workflowId = messages.annotatorWorkflowId(input.annotatorId);
    // A workflow task that waits for a local activity is renewed, and then hears news, at 80% of its timeout.
    const workflowTaskTimeout = '2 seconds';
    await client.start('annotatorWorkflow', {
      taskQueue,
      workflowId,
      args: [input],
      workflowTaskTimeout,
    });
    // By id alone: the present run of the chain.
    const handle = client.getHandle(workflowId);
    return {
      ...handle,
      gold: (...annotationIds: string[]) => handle.signal(messages.goldAnsweredSignal, { annotationIds }),
      standing: () => handle.query(messages.standingQuery),
    };
  }
  const reasoned = { by: 'eve', reason: 'it was a misunderstanding' };

  test('is active again when a correction takes back what ten golds had said, told twice', async () => {
    const world = standingWorld(server.nowMs);
    await withAnnotator(world, async (annotator) => {
      await annotator.gold(...golds('right', 6), ...golds('wrong', 4));
      await until('recalibrating', async () => (await annotator.standing()).standing === 'recalibrating');
      const correction = { appealId: 'appeal', annotationId: 'wrong-2', correct: true };
      await annotator.signal(messages.goldCorrectedSignal, { corrections: [correction, correction] });
      await until('active', async () => (await annotator.standing()).standing === 'active');
    });
    expect(world.changes()).toMatchObject([
      { to: 'recalibrating', evidence: { golds: 10, correct: 6 } },
      { from: 'recalibrating', to: 'active', evidence: { golds: 10, correct: 7, appealId: 'appeal' } },
    ]);
    expect(world.stored.at(-1)).toMatchObject({ goldTotal: 10, goldCorrect: 7, standing: 'active' });
  });

  test('is active again after a calibration session, told twice', async () => {
    const world = standingWorld(server.nowMs);
    await withAnnotator(world, async (annotator) => {
      await annotator.gold(...golds('right', 6), ...golds('wrong', 4));
      await until('recalibrating', async () => (await annotator.standing()).standing === 'recalibrating');
      const results = [1, 1, 1, 0, 1, 1, 1, 1, 0, 0] as const;
      const session = { sessionId: 'session', taskType: 'classification', results, needed: 7 };
      await annotator.signal(messages.calibratedSignal, { sessions: [session, session] });
      await until('active', async () => (await annotator.standing()).standing === 'active');
    });
    expect(world.changes()).toMatchObject([
      { to: 'recalibrating' },
      { from: 'recalibrating', to: 'active', evidence: { golds: 10, correct: 7, sessionId: 'session' } },
    ]);
  });

  test('is suspended after ten wrong golds, with the numbers', async () => {
    const world = standingWorld(server.nowMs);
    await withAnnotator(world, async (annotator) => {
      await annotator.gold(...golds('wrong', 10));
      await until('suspended', async () => (await annotator.standing()).standing === 'suspended');
    });
    expect(world.changes()).toMatchObject([{ from: 'active', to: 'suspended', evidence: { golds: 10, correct: 0 } }]);
    expect(world.stored.at(-1)).toMatchObject({ goldTotal: 10, goldCorrect: 0, standing: 'suspended' });
  });

  test('counts a gold once, however often it is announced, and ignores what is no gold', async () => {
    const world = standingWorld(server.nowMs);
    await withAnnotator(world, async (annotator) => {
      await annotator.gold('right-1', 'right-1', 'work-1');
      await annotator.gold('work-1', 'right-1', 'right-2');
      await until('two golds count', async () => (await annotator.standing()).goldTotal === 2);
      await annotator.gold('right-2', 'right-3');
      await until('three golds count', async () => (await annotator.standing()).goldTotal === 3);
    });
    expect(world.stored.map(({ goldTotal }) => goldTotal)).toEqual([1, 2, 3]);
  });

  test('grades what is announced while it grades', async () => {
    const world = standingWorld(server.nowMs);
    const { gradeGold } = world.activities;
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let grading = false;
    world.activities.gradeGold = async (input) => {
      grading = true;
      await released;
      return gradeGold(input);
    };
    await withAnnotator(world, async (annotator) => {
      await annotator.gold('right-1');
      await until('it grades', async () => grading);
      await annotator.gold('right-2');
      await until('it has heard of the second', async () => {
        const events = (await annotator.fetchHistory()).events ?? [];
        const second = events.filter((event) => event.workflowExecutionSignaledEventAttributes)[1]?.eventId;
        return events.some((event) => {
          return second && event.workflowTaskCompletedEventAttributes && event.eventId?.gt(second);
        });
      });
      release();
      await until('both count', async () => (await annotator.standing()).goldTotal === 2);
    });
  });

  test('is called for recalibration after thirty days, and is active again after ten good golds', async () => {
    const world = standingWorld(server.nowMs);
    await withAnnotator(world, async (annotator) => {
      await annotator.gold(...golds('right', 10, 100));
      await until('the golds count', async () => (await annotator.standing()).goldTotal === 10);
      await server.sleep(29 * DAY);
      expect((await annotator.standing()).standing).toBe('active');
      await server.sleep(2 * DAY);
      await until('recalibrating', async () => (await annotator.standing()).standing === 'recalibrating');
      await annotator.gold(...golds('right', 10));
      await until('active', async () => (await annotator.standing()).standing === 'active');
    });
    expect(world.changes()).toMatchObject([
      { from: 'active', to: 'recalibrating', routine: true },
      { from: 'recalibrating', to: 'active' },
    ]);
    expect(new Set(world.changes().map(({ key }) => key)).size).toBe(2);
  });

  test('is suspended and reinstated by hand, each with a reason', async () => {
    const world = standingWorld(server.nowMs);
    await withAnnotator(world, async (annotator) => {
      const suspended = await annotator.executeUpdate(messages.suspendUpdate, { args: [reasoned] });
      expect(suspended).toEqual({ standing: 'suspended' });
      const again = await annotator.executeUpdate(messages.suspendUpdate, { args: [reasoned] });
      expect(again).toEqual({ standing: 'suspended' });
      const back = await annotator.executeUpdate(messages.reinstateUpdate, { args: [reasoned] });
      expect(back).toEqual({ standing: 'active' });
      const mute = annotator.executeUpdate(messages.suspendUpdate, { args: [{ by: 'eve', reason: ' ' }] });
      await expect(mute).rejects.toBeInstanceOf(WorkflowUpdateFailedError);
      const bare = annotator.executeUpdate('suspend', { args: [{}] });
      await expect(bare).rejects.toBeInstanceOf(WorkflowUpdateFailedError);
      expect((await annotator.standing()).standing).toBe('active');
    });
    expect(world.changes().map(({ to }) => to)).toEqual(['suspended', 'active']);
  });

  test('is recalibrated by hand, and active again after ten right golds', async () => {
    const world = standingWorld(server.nowMs);
    await withAnnotator(world, async (annotator) => {
      const asked = await annotator.executeUpdate(messages.recalibrateUpdate, { args: [reasoned] });
      expect(asked).toEqual({ standing: 'recalibrating' });
      await annotator.gold(...golds('right', 10));
      await until('active', async () => (await annotator.standing()).standing === 'active');
    });
    expect(world.changes()).toMatchObject([
      { from: 'active', to: 'recalibrating', evidence: { by: 'eve' } },
      { from: 'recalibrating', to: 'active', evidence: { golds: 10, correct: 10 } },
    ]);
  });

  test('goes on for a year without golds, and so without a routine recalibration, in few events', async () => {
    const world = standingWorld(server.nowMs);
    await withAnnotator(world, async (annotator) => {
      await server.sleep(365 * DAY);
      const state = await annotator.standing();
      expect(state).toMatchObject({ standing: 'active', recalibrations: 0 });
      expect(state.nextRecalibrationAtMs).toBeGreaterThan(await server.nowMs());
      expect((await annotator.fetchHistory()).events?.length).toBeLessThan(100);
    });
  });
});

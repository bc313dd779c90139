import { afterAll, describe, expect, test } from 'vitest';
import type { TaskPolicy } from '../../domain/task-policy.ts';
import { annotationsSubmittedSignal, taskWorkflowId } from '../../workflows/messages.ts';
import { type Rig, withWorker } from '../support/rig.ts';
import { startSkippingServer } from '../support/temporal-servers.ts';
import { taskPolicy, taskWorld } from './task-world.ts';

const server = await startSkippingServer();
afterAll(() => ('stop' in server ? server.stop() : undefined));

const start = ({ client, taskQueue }: Rig, taskId: string, policy: TaskPolicy = taskPolicy()) =>
  client.start('annotationTaskWorkflow', {
    taskQueue,
    workflowId: taskWorkflowId(taskId),
    args: [{ taskId, campaignId: 'c1', policy }],
  });

describe('annotationTask', () => {
  if ('unavailable' in server) {
    test.skip(server.unavailable);
    return;
  }

  test('decides once three answers are in', async () => {
    const world = taskWorld();
    const { activities } = world;
    await withWorker({ server, name: 'three', activities }, async (rig) => {
      const task = await start(rig, 'three');
      for (const id of ['a', 'b', 'c']) await task.signal(annotationsSubmittedSignal, { annotationIds: [id] });
      expect(await task.result()).toEqual({ state: 'decided' });
    });
    expect(world.names().at(0)).toBe('openSlots');
    expect(world.names().filter((name) => name === 'decideTask')).toHaveLength(1);
  });
});

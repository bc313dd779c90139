import { afterAll, describe, expect, test } from 'vitest';
import { taskWorkflowId } from '../../workflows/messages.ts';
import { chainsOf, withWorker } from '../support/rig.ts';
import { startSkippingServer } from '../support/temporal-servers.ts';
import { taskPolicy, taskWorld } from './task-world.ts';

const server = await startSkippingServer();
afterAll(() => ('stop' in server ? server.stop() : undefined));

describe('the rig itself', () => {
  if ('unavailable' in server) {
    test.skip(server.unavailable);
    return;
  }
  const leave = (name: string, leftOpen: Record<string, string>) =>
    withWorker({ server, name, activities: taskWorld().activities, leftOpen }, async ({ client, taskQueue }) => {
      await client.start('annotationTaskWorkflow', {
        taskQueue,
        workflowId: taskWorkflowId(name),
        args: [{ taskId: name, campaignId: 'c1', policy: taskPolicy() }],
      });
    });

  test('fails a test that leaves a workflow open, names it, and ends it', async () => {
    await expect(leave('forgotten', {})).rejects.toThrow('Still open at the end of the test: task-forgotten.');
    const { status } = await server.client.getHandle(taskWorkflowId('forgotten')).describe();
    expect(status.name).toBe('TERMINATED');
  });

  test('does not fail one that says why', async () => {
    await leave('wanted', { [taskWorkflowId('wanted')]: 'a test of the rig' });
  });

  test('has seen every run that was started', async () => {
    const runs = await chainsOf(server.client, server.started);
    expect(runs.map((run) => run.workflowId)).toEqual(['task-forgotten', 'task-wanted']);
    expect(runs.every((run) => (run.history as { events: unknown[] }).events.length > 0)).toBe(true);
  });
});

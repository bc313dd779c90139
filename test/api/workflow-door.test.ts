import { expect, test } from 'vitest';
import { createWorkflowDoor, type WorkflowClientLike } from '../../api/workflow-door.ts';
import { pauseUpdate } from '../../workflows/messages.ts';

/** A client of a server that is away: each call waits for its deadline, as gRPC does for a connection. */
function awayClient() {
  const asked: string[] = [];
  let away = true;
  let deadlineMs = 0;
  const wait = async (name: string) => {
    asked.push(name);
    if (!away) return {};
    const left = deadlineMs - Date.now();
    await new Promise((resolve) => setTimeout(resolve, left));
    throw Object.assign(new Error('4 DEADLINE_EXCEEDED: waiting for metadata filters'), {
      code: 4,
      details: 'waiting',
    });
  };
  const client = {
    withDeadline: (atMs: number, call: () => Promise<unknown>) => {
      deadlineMs = atMs;
      return call();
    },
    workflowService: { getSystemInfo: () => wait('check') },
    getHandle: () => ({ executeUpdate: (name: string) => wait(name) }),
    start: () => wait('start'),
  };
  return { client: client as unknown as WorkflowClientLike, asked, comes: () => (away = false) };
}

test('a server that is away is told at once, before anything is asked of it', async () => {
  const { client, asked, comes } = awayClient();
  const door = createWorkflowDoor(client);
  const beganMs = performance.now();
  const refused = {
    code: 'unavailable',
    message: expect.stringMatching(/Temporal server cannot be reached; nothing was changed/),
  };
  await expect(door.campaign('c')(pauseUpdate, [])).rejects.toMatchObject(refused);
  await expect(door.previewSelection({ campaignId: 'c', strategy: 'random', count: 1 } as never)).rejects.toMatchObject(
    refused,
  );
  expect(performance.now() - beganMs).toBeLessThan(8000);
  expect(asked).toEqual(['check', 'check']);
  comes();
  await door.campaign('c')(pauseUpdate, []);
  await door.campaign('c')(pauseUpdate, []);
  // One that has just answered is not asked whether it is there.
  expect(asked.slice(2)).toEqual(['check', 'pause', 'pause']);
});

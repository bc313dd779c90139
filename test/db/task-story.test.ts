import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import { createTestDatabase } from '../support/database.ts';
import { answer, plan, scene, taskState } from '../workers/stage.ts';

let server: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  server = await createTestDatabase();
});
afterAll(() => server.drop());

test("a task's end archives what its workflow noted", async () => {
  const { db } = server;
  const made = await scene(db);
  const [taskId = ''] = await plan(db, made, 1);
  const activities = createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
  await activities.openSlots({ taskId });
  for (const annotatorId of made.annotators) await answer(db, { taskId, annotatorId });
  const log = [
    { atMs: Date.parse('2026-01-02T03:04:05.678Z'), kind: 'window_elapsed', detail: 'after 3 days' },
    { atMs: Date.parse('2026-01-02T03:04:06Z'), kind: 'raise_priority', detail: '' },
  ] as const;
  await activities.decideTask({ taskId, minConfidence: 0, acceptAny: true, log });
  expect(await taskState(db, taskId)).toBe('decided');
  const story = await db`select seq, at, kind, detail from task_events where task_id = ${taskId} order by seq`;
  expect([...story]).toEqual([
    { seq: 1, at: new Date('2026-01-02T03:04:05.678Z'), kind: 'window_elapsed', detail: 'after 3 days' },
    { seq: 2, at: new Date('2026-01-02T03:04:06Z'), kind: 'raise_priority', detail: '' },
  ]);
});

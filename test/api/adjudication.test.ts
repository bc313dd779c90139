import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

test('tasks that wait for a ruling are listed with all their answers and weights side by side', async () => {
  const items = ['a', 'b', 'c'].map((key) => ({ key, text: `Item ${key}` }));
  const { id, annotators, taskIds } = await runningCampaign(rig, { items, settings: { maxLeases: 9 } });
  for (const [at, { id: annotatorId, apiKey }] of annotators.entries()) {
    await rig.db`update annotators set quality_score = ${[0.9, 0.4, 0.4][at] ?? 0} where id = ${annotatorId}`;
    for (;;) {
      const { status, body } = await rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
      if (status === 204) break;
      const path = `/v1/assignments/${body.assignmentId}/annotation`;
      const answer = { label: at === 0 ? 'ham' : 'spam', timeSpentS: 20, comment: at === 0 ? 'A bill.' : undefined };
      expect((await rig.call(apiKey, 'POST', path, answer)).status).toBe(201);
    }
  }
  const list = (query = '') => rig.call(rig.requester, 'GET', `/v1/adjudications?campaignId=${id}${query}`);
  expect((await list()).body).toEqual({ items: [], nextCursor: null });
  await rig.db`update tasks set state = 'adjudicating' where id = any(${taskIds.slice(0, 2)})`;
  const { body } = await list();
  expect(body.items.map((task: { id: string }) => task.id)).toEqual(taskIds.slice(0, 2).toSorted());
  const [task] = body.items;
  expect(task).toMatchObject({
    campaign: 'Spam',
    type: 'classification',
    payload: { text: expect.stringContaining('Item') },
    instructions: 'Is this e-mail spam?',
    vote: { label: 'ham', confidence: expect.closeTo(0.9 / 1.7, 9) },
    answers: [
      { label: 'ham', weight: 0.9, share: expect.closeTo(0.9 / 1.7, 9), comment: 'A bill.', qualityScore: 0.9 },
      { label: 'spam', weight: 0.4, score: 1, comment: null },
      { label: 'spam', weight: 0.4 },
    ],
  });
  const first = await list('&limit=1');
  expect(first.body.nextCursor).toBe(first.body.items[0].id);
  const second = await list(`&limit=1&cursor=${first.body.nextCursor}`);
  expect(second.body).toMatchObject({ items: [{ id: body.items[1].id }], nextCursor: null });
});

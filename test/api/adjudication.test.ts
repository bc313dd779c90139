import { afterAll, beforeAll, expect, test } from 'vitest';
import { pauseCampaign, resumeCampaign } from '../../db/queries/campaigns.ts';
import { storeCrowdModel } from '../../db/queries/crowd.ts';
import { reopenTasks } from '../../db/queries/reopenings.ts';
import { escalate } from '../../db/queries/tasks.ts';
import { takeApart } from '../../domain/aggregation/crowd/live-model.ts';
import { coinModel } from '../../domain/aggregation/crowd/task-posterior.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const items = ['a', 'b', 'c'].map((key) => ({ key, text: `Item ${key}` }));
const minutes = (iso: string) => Math.round((Date.parse(iso) - Date.now()) / 60_000) + 0;

test('tasks that wait for a ruling are listed with all their answers and weights side by side', async () => {
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
    vote: { label: 'ham', confidence: expect.closeTo(0.9 / 1.7, 9), method: 'weighted_vote' },
    answers: [
      {
        label: 'ham',
        weight: 0.9,
        share: expect.closeTo(0.9 / 1.7, 9),
        comment: 'A bill.',
        qualityScore: 0.9,
        confidenceWithout: null,
      },
      { label: 'spam', weight: 0.4, score: 1, comment: null },
      { label: 'spam', weight: 0.4 },
    ],
  });

  // The first is nearly always right, the others hardly more often than by chance.
  const { shared, tableOf } = takeApart(coinModel(2, [0.95, 0.6, 0.55], { newcomer: 0.75 }), ['ham', 'spam'], 1);
  const tables = annotators.map(({ id: annotatorId }, at) => ({ annotatorId, logAnswer: tableOf(at) }));
  await storeCrowdModel(rig.db, { campaignId: id, shared, fittedOn: 60, tables, correlations: [] });
  const odds = { first: 0.95 / 0.05, second: 0.4 / 0.6, third: 0.45 / 0.55 };
  const share = (of: number) => expect.closeTo(of / (1 + of), 4);
  const decidedByModel = (await list()).body.items[0];
  expect(decidedByModel.vote).toMatchObject({
    ...{ label: 'ham', method: 'crowd_model', confidence: share(odds.first * odds.second * odds.third) },
  });
  const without = (annotatorId: string) =>
    decidedByModel.answers.find((answer: { annotatorId: string }) => answer.annotatorId === annotatorId);
  expect(annotators.map((each) => without(each.id))).toMatchObject([
    { weight: 1, confidenceWithout: share(odds.second * odds.third) },
    { weight: 1, confidenceWithout: share(odds.first * odds.third) },
    { weight: 1, confidenceWithout: share(odds.first * odds.second) },
  ]);

  // Its own page says the same.
  const { story } = (await rig.call(rig.requester, 'GET', `/v1/tasks/${decidedByModel.id}`)).body;
  const { answers, ...vote } = story.judgement;
  expect(vote).toEqual(decidedByModel.vote);
  expect(answers).toHaveLength(3);
  for (const { annotationId, weight, share: part, confidenceWithout } of decidedByModel.answers) {
    expect(answers).toContainEqual({ annotationId, weight, share: part, confidenceWithout });
  }

  const first = await list('&limit=1');
  expect(first.body.nextCursor).toBe(first.body.items[0].id);
  const second = await list(`&limit=1&cursor=${first.body.nextCursor}`);
  expect(second.body).toMatchObject({ items: [{ id: body.items[1].id }], nextCursor: null });
});

test('what is given up on first comes first, by when it came to wait, and a pause does not count', async () => {
  const ladder = { adjudicationMs: 7_200_000, escalation: [{ step: 'adjudicate' }, { step: 'give_up' }] };
  const { id, taskIds } = await runningCampaign(rig, { items, settings: ladder });
  const list = async (query = '') =>
    (await rig.call(rig.requester, 'GET', `/v1/adjudications?campaignId=${id}${query}`)).body;
  const [first = '', second = '', third = ''] = taskIds;
  for (const taskId of taskIds) {
    const step = { step: 'adjudicate' } as const;
    expect(await escalate(rig.db, { taskId, step, number: 0, workforces: ['internal'] })).toEqual({});
  }
  const shift = (taskId: string, by: string) => rig.db`
    update tasks set adjudicating_since = adjudicating_since - ${by}::interval, ruling_by = ruling_by - ${by}::interval
    where id = ${taskId}`;
  await shift(second, '100 minutes');
  await shift(third, '10 minutes');
  const told = async () =>
    (await list()).items.map((task: { id: string; waitingSince: string; rulingBy: string | null }) => [
      ...[task.id, minutes(task.waitingSince), task.rulingBy && minutes(task.rulingBy)],
    ]);
  const running = [
    [second, -100, 20],
    [third, -10, 110],
    [first, 0, 120],
  ];
  expect(await told()).toEqual(running);
  const page = await list('&limit=1');
  expect([page.items[0].id, (await list(`&limit=1&cursor=${page.nextCursor}`)).items[0].id]).toEqual([second, third]);
  await pauseCampaign(rig.db, id);
  await rig.db`update campaigns set paused_at = paused_at - interval '5 minutes' where id = ${id}`;
  await shift(second, '5 minutes');
  await shift(third, '5 minutes');
  expect((await told()).map(([taskId, , by]: [string, number, number | null]) => [taskId, by])).toEqual([
    [second, null],
    [third, null],
    [first, null],
  ]);
  await resumeCampaign(rig.db, { id, to: 'running' });
  // The first came to wait during the pause.
  expect(await told()).toEqual(running);
});

test('a task waits for its answers since it was opened last, those that wait longest come first, and a pause does not count', async () => {
  const { id, taskIds } = await runningCampaign(rig, { items });
  const [first = '', second = '', third = ''] = taskIds;
  const list = async (query: string) =>
    (await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}/tasks?order=waiting${query}`)).body;
  const told = async () =>
    (await list('&state=open')).items.map((task: { id: string; waitingSince: string }) => [
      ...[task.id, minutes(task.waitingSince)],
    ]);
  // All were chosen an hour ago; the first was decided, and opened again just now.
  await rig.db`
    update tasks set created_at = created_at - interval '1 hour', opened_at = opened_at - interval '1 hour'
    where campaign_id = ${id}`;
  await rig.db`update tasks set opened_at = opened_at - interval '20 minutes' where id = ${third}`;
  await rig.db`update tasks set state = 'decided', closed_at = now() where id = ${first}`;
  expect((await list('')).items.map(({ id: task }: { id: string }) => task)).toEqual([third, second]);
  await reopenTasks(rig.db, {
    ...{ campaignId: id, cause: 'relabel', reason: 'Unclear.', by: 'key', nowMs: Date.now() },
    tasks: [{ taskId: first, answers: 1, excludedIds: [] }],
  });
  const running = [
    [third, -80],
    [second, -60],
    [first, 0],
  ];
  expect(await told()).toEqual(running);
  const page = await list('&limit=1');
  expect([page.items[0].id, (await list(`&limit=1&cursor=${page.nextCursor}`)).items[0].id]).toEqual([third, second]);
  await pauseCampaign(rig.db, id);
  await rig.db`update campaigns set paused_at = paused_at - interval '30 minutes' where id = ${id}`;
  await resumeCampaign(rig.db, { id, to: 'running' });
  expect(await told()).toEqual([
    [third, -50],
    [second, -30],
    [first, 0],
  ]);
});

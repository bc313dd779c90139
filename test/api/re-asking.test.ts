import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { recomputes } from '../../domain/aggregation/decide.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

test('instructions have versions; what older ones may have got wrong is previewed with its cost, then asked again', async () => {
  const items = ['a', 'b', 'c'].map((key) => ({ key, text: `Item ${key}` }));
  const settings = { redundancy: 1, escalation: [{ step: 'raise_pay', by: 0.5 }], maxLeases: 9 };
  const { id, annotators, taskIds } = await runningCampaign(rig, { items, settings, annotators: 1 });
  const [{ apiKey = '' } = {}] = annotators;
  for (;;) {
    const { status, body } = await rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
    if (status === 204) break;
    const label = body.task.payload.text === 'Item a' ? 'spam' : 'ham';
    const path = `/v1/assignments/${body.assignmentId}/annotation`;
    expect((await rig.call(apiKey, 'POST', path, { label, timeSpentS: 20 })).status).toBe(201);
  }
  const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
  for (const taskId of taskIds) await activities.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });

  const campaign = `/v1/campaigns/${id}`;
  const preview = (body: object) => rig.call(rig.requester, 'POST', `${campaign}/re-ask/preview`, body);
  expect((await preview({})).body).toMatchObject({ tasks: 0, costMicros: 0, instructionsVersion: 1 });
  const change = await rig.call(rig.requester, 'PATCH', campaign, { instructions: 'Offers are spam.' });
  expect(change.body.settings.instructions).toBe('Offers are spam.');
  await rig.call(rig.requester, 'PATCH', campaign, { instructions: 'Offers are spam.' });
  // Who has not seen that version does not write over it; who sends the same again finds it done.
  const late = await rig.call(rig.requester, 'PATCH', campaign, { instructions: 'None is.', instructionsVersion: 1 });
  expect([late.status, late.body.field]).toEqual([409, 'instructionsVersion']);
  const same = { instructions: 'Offers are spam.', instructionsVersion: 1 };
  expect((await rig.call(rig.requester, 'PATCH', campaign, same)).status).toBe(200);
  expect((await rig.call(rig.requester, 'PATCH', campaign, { instructionsVersion: 1 })).status).toBe(422);
  const versions = await rig.call(rig.viewer, 'GET', `${campaign}/instructions`);
  expect(versions.body.items.map((each: { version: number; instructions: string }) => each)).toMatchObject([
    { version: 2, instructions: 'Offers are spam.' },
    { version: 1, instructions: 'Is this e-mail spam?' },
  ]);

  const newest = await rig.call(rig.viewer, 'GET', `${campaign}/instructions?limit=1`);
  expect(newest.body).toMatchObject({ items: [{ version: 2 }], nextCursor: '2' });
  const rest = await rig.call(rig.viewer, 'GET', `${campaign}/instructions?limit=1&cursor=2`);
  expect(rest.body).toMatchObject({ items: [{ version: 1 }], nextCursor: null });

  expect((await preview({ labels: ['ham'] })).body).toMatchObject({
    instructionsVersion: 2,
    tasks: 2,
    answers: 1,
    costMicros: 100_000,
    reserveMicros: 150_000,
    sample: [{ label: 'ham' }, { label: 'ham' }],
  });
  expect((await preview({ labels: ['eggs'] })).status).toBe(422);
  expect((await preview({ maxConfidence: 0.1 })).body.tasks).toBe(0);
  const asked = { labels: ['ham'], reason: 'What an offer is was not said.', limit: 1 };
  const result = await rig.call(rig.requester, 'POST', `${campaign}/re-ask`, asked);
  expect(result.body).toMatchObject({ reopened: 1, overBudget: 0, left: 1, reservedMicros: 75_000 });
  const [taskId] = result.body.taskIds;
  const story = await rig.call(rig.requester, 'GET', `/v1/tasks/${taskId}`);
  expect(story.body).toMatchObject({ state: 'open', instructionsVersion: 2, decision: { label: 'ham', revision: 1 } });
});

test('an answer is known by the instructions that were shown, whatever its task was chosen under', async () => {
  const items = ['before', 'after'].map((key) => ({ key, text: key }));
  const { id, annotators } = await runningCampaign(rig, {
    items,
    settings: { redundancy: 1, maxLeases: 9 },
    annotators: 1,
  });
  const [{ apiKey = '' } = {}] = annotators;
  const campaign = `/v1/campaigns/${id}`;
  const answerNext = async () => {
    const { body } = await rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
    const path = `/v1/assignments/${body.assignmentId}/annotation`;
    expect((await rig.call(apiKey, 'POST', path, { label: 'ham', timeSpentS: 20 })).status).toBe(201);
    const [row] = await rig.db<{ taskId: string }[]>`
      select task_id as "taskId" from assignments where id = ${body.assignmentId}`;
    return { taskId: row?.taskId ?? '', instructions: body.task.instructions as string };
  };
  const before = await answerNext();
  await rig.call(rig.requester, 'PATCH', campaign, { instructions: 'Offers are spam.' });
  const after = await answerNext();
  expect([before.instructions, after.instructions]).toEqual(['Is this e-mail spam?', 'Offers are spam.']);
  const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
  for (const { taskId } of [before, after]) {
    await activities.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
  }
  const records = await rig.db<{ taskId: string; evidence: { votes: unknown[] } }[]>`
    select task_id as "taskId", evidence from decisions where campaign_id = ${id}`;
  const votesOf = ({ taskId }: { taskId: string }) =>
    records.find((record) => record.taskId === taskId)?.evidence.votes;
  expect(votesOf(before)).not.toMatchObject([{ instructionsVersion: expect.anything() }]);
  expect(votesOf(after)).toMatchObject([{ instructionsVersion: 2 }]);
  expect(records.every(({ evidence }) => recomputes(evidence))).toBe(true);
  const { body } = await rig.call(rig.requester, 'POST', `${campaign}/re-ask/preview`, {});
  expect(body).toMatchObject({ tasks: 1, sample: [{ taskId: before.taskId }] });
});

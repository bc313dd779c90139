import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { leaseGold, leaseSlots } from '../../db/queries/leases.ts';
import { reopenTasks } from '../../db/queries/reopenings.ts';
import { insertRevisions } from '../../db/queries/revisions.ts';
import { goldItems, openGoldTasks } from '../../db/queries/selection.ts';
import { addAnnotators, nobodysId, type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

/** A campaign with one decided task, answered by three trusted annotators as given. */
async function decided(labels: readonly [unknown, unknown, unknown], settings: Record<string, unknown> = {}) {
  const { id, taskIds, annotators } = await runningCampaign(rig, { settings });
  const [taskId = ''] = taskIds;
  await rig.db`update annotators set gold_total = 20, gold_correct = 19, quality_score = 0.9
    where id = any(${annotators.map((each) => each.id)})`;
  for (const [at, { apiKey }] of annotators.entries()) {
    const next = await rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
    const path = `/v1/assignments/${next.body.assignmentId}/annotation`;
    await rig.call(apiKey, 'POST', path, { label: labels[at], timeSpentS: 12 });
  }
  const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
  await activities.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
  return { id, taskId, annotators };
}
const candidates = async (id: string, query = '') =>
  (await rig.call(rig.requester, 'GET', `/v1/campaigns/${id}/gold-candidates${query}`)).body.items;
const promote = (taskId: string, body: Record<string, unknown>) =>
  rig.call(rig.requester, 'POST', `/v1/tasks/${taskId}/promote`, body);

test('a task that trusted annotators answered alike becomes gold once confirmed, but not for them', async () => {
  const { id, taskId, annotators } = await decided(['spam', 'spam', 'spam']);
  expect(await candidates(id)).toEqual([{ id: taskId, key: 'one', label: 'spam', answers: 3 }]);
  expect(await candidates(id, '?minAnswers=4')).toEqual([]);
  const made = await promote(taskId, { note: 'A plain case.' });
  expect(made).toMatchObject({ status: 201, body: { key: 'gold:one' } });
  expect((await promote(taskId, { note: 'Again.' })).status).toBe(409);
  expect(await candidates(id)).toEqual([]);

  const policy = { priceMicros: 0n, requiredTier: 0, workforce: 'internal', policyVersion: 1, instructionsVersion: 1 };
  await openGoldTasks(rig.db, { campaignId: id, ...policy });
  const draw = (annotatorId: string) =>
    leaseGold(rig.db, { assignmentId: uuidv7(), annotatorId, campaignId: id, tier: 3, leaseMs: 60_000, from: 0 });
  for (const each of annotators) expect(await draw(each.id)).toBeUndefined();
  const [newcomer] = await addAnnotators(rig, 1);
  expect((await draw(newcomer?.id ?? ''))?.payload).toEqual({ text: 'Buy now' });
  // The model has learnt from the task itself.
  expect(await goldItems(rig.db, id, 10)).toEqual([]);
});

test('a task that became gold is not offered, once it is opened again, to who was given the gold', async () => {
  const { id, taskId } = await decided(['spam', 'spam', 'spam']);
  await promote(taskId, { note: 'A plain case.' });
  const policy = { priceMicros: 0n, requiredTier: 0, workforce: 'internal', policyVersion: 1, instructionsVersion: 1 };
  await openGoldTasks(rig.db, { campaignId: id, ...policy });
  const [met = { id: '', apiKey: '' }, fresh = { id: '', apiKey: '' }] = await addAnnotators(rig, 2);
  const gold = { assignmentId: uuidv7(), annotatorId: met.id, campaignId: id, tier: 3, leaseMs: 60_000, from: 0 };
  const lease = await leaseGold(rig.db, gold);
  await rig.call(met.apiKey, 'POST', `/v1/assignments/${lease?.assignmentId}/annotation`, {
    ...{ label: 'spam', timeSpentS: 12 },
  });
  await reopenTasks(rig.db, {
    ...{ campaignId: id, cause: 'quarantine', reason: 'test', by: 'lead', nowMs: Date.now() },
    tasks: [{ taskId, answers: 1, excludedIds: [] }],
  });
  const slot = { assignmentId: uuidv7(), annotatorId: met.id, taskId, slotNo: 4, leaseMs: 60_000 };
  expect(await leaseSlots(rig.db, [slot])).toEqual([]);
  const next = ({ apiKey }: { apiKey: string }) => rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
  expect((await next(met)).status).toBe(204);
  expect((await next(fresh)).status).toBe(200);
});

test('what all said is offered, and becomes gold, though the decision is only near it; not where it was ruled otherwise', async () => {
  const config = { min: 1, max: 5, criteria: [{ name: 'q' }] };
  const { id, taskId } = await decided([4, 4, 4], { type: 'likert', config });
  const decide = (q: number, revision: number) =>
    insertRevisions(rig.db, [
      { taskId, campaignId: id, revision, label: { q }, confidence: 1, method: 'rater_model', evidence: {} },
    ]);
  await decide(2, 2);
  expect(await candidates(id)).toEqual([]);
  // As it is where their leniency is known.
  await decide(3.9467, 3);
  expect(await candidates(id)).toEqual([{ id: taskId, key: 'one', label: { q: 4 }, answers: 3 }]);
  expect((await promote(taskId, { note: 'A plain case.' })).status).toBe(201);
  const [gold] = await rig.db`select label from gold_answers where promoted_from = ${taskId}`;
  expect(gold).toEqual({ label: { q: 4 } });
});

test('no candidate is what somebody saw otherwise, or people without a record answered', async () => {
  const split = await decided(['spam', 'spam', 'ham']);
  expect(await candidates(split.id)).toEqual([]);
  const { id, annotators } = await decided(['spam', 'spam', 'spam']);
  await rig.db`update annotators set gold_total = 5, gold_correct = 5 where id = ${annotators[0]?.id ?? ''}`;
  expect(await candidates(id)).toEqual([]);
});

test('an expert may say what is right, within the labels, and only of decided work', async () => {
  const { taskId } = await decided(['spam', 'spam', 'ham']);
  expect(await promote(taskId, { note: 'Sure.', label: 'eggs' })).toMatchObject({ status: 422 });
  expect((await promote(taskId, { note: 'Sure.', label: 'ham' })).status).toBe(201);
  const [gold] = await rig.db`select label, note from gold_answers where promoted_from = ${taskId}`;
  expect(gold).toEqual({ label: 'ham', note: 'Sure.' });
  const open = await runningCampaign(rig);
  expect((await promote(open.taskIds[0] ?? '', { note: 'Sure.' })).body.code).toBe('conflict');
  expect((await promote(nobodysId(), { note: 'Sure.' })).status).toBe(404);
});

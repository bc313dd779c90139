import { afterAll, beforeAll, expect, test } from 'vitest';
import { openReport } from '../../db/queries/quality-reports.ts';
import { type Rig, runningCampaign, spam, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

test('what annotators write beside an answer, or when they skip, is in the quality report and the task’s story', async () => {
  const { id, annotators, taskIds } = await runningCampaign(rig);
  const [first, second] = annotators.map(({ apiKey }) => apiKey);
  const next = (key = '') => rig.call(key, 'POST', '/v1/assignments/next', { campaignId: id });
  const one = (await next(first)).body.assignmentId;
  const answer = { label: 'ham', timeSpentS: 20, comment: '  Neither label fits.  ' };
  expect((await rig.call(first, 'POST', `/v1/assignments/${one}/annotation`, answer)).status).toBe(201);
  const two = (await next(second)).body.assignmentId;
  const given = await rig.call(second, 'POST', `/v1/assignments/${two}/skip`, { reason: 'The text is cut off.' });
  expect(given.status).toBe(204);

  const { body } = await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}/quality`);
  const on = (at: number) => ({ taskId: taskIds[0], annotatorId: annotators[at]?.id, at: expect.any(String) });
  expect(body.comments).toEqual([
    { ...on(1), on: 'skip', text: 'The text is cut off.' },
    { ...on(0), on: 'answer', text: 'Neither label fits.' },
  ]);
  const story = await rig.call(rig.requester, 'GET', `/v1/tasks/${taskIds[0]}`);
  expect(story.body.story.annotations[0].comment).toBe('Neither label fits.');
  const tooLong = { ...answer, comment: 'x'.repeat(2001) };
  expect((await rig.call(first, 'POST', `/v1/assignments/${one}/annotation`, tooLong)).status).toBe(422);
});

test('a pause by low agreement keeps what was seen, whatever is answered later', async () => {
  const { id } = await runningCampaign(rig);
  const taskIds = ['0190a0a0-0000-7000-8000-000000000000'];
  const confused = [{ labels: ['ham', 'spam'] as const, count: 9, share: 1, taskIds }];
  const seen = {
    verdict: 'ambiguous',
    advice: ['Agreement is 0.20'],
    alpha: 0.2,
    answers: 99,
    tasks: 50,
    confused,
  } as const;
  await openReport(rig.db, { campaignId: id, alpha: 0.2, report: { ...seen, comments: [] } });
  await openReport(rig.db, { campaignId: id, alpha: 0.1, report: { ...seen, comments: [] } });
  const { body } = await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}/quality/reports`);
  const { items } = body;
  expect(items).toEqual([
    { id: expect.any(String), openedAt: expect.any(String), closedAt: null, report: { ...seen, comments: [] } },
  ]);
});

test('what waits of all campaigns is listed until it is resumed', async () => {
  const { id } = await runningCampaign(rig, { settings: { name: 'Unclear' } });
  const seen = { verdict: 'ambiguous', advice: [], alpha: 0.2, answers: 99, tasks: 50, confused: [] } as const;
  await openReport(rig.db, { campaignId: id, alpha: 0.2, report: { ...seen, comments: [] } });
  const waiting = async () =>
    (await rig.call(rig.viewer, 'GET', '/v1/quality/reports')).body.items.filter(
      ({ campaignId }: { campaignId: string }) => campaignId === id,
    );
  expect(await waiting()).toMatchObject([{ campaign: 'Unclear', closedAt: null, report: { alpha: 0.2 } }]);
  await rig.db`update quality_reports set closed_at = now() where campaign_id = ${id}`;
  expect(await waiting()).toEqual([]);
});

test('campaigns of people watch their agreement by default, simulated ones do not; that and how long rejections wait can be changed', async () => {
  const make = async (settings: Record<string, unknown>) =>
    (await rig.call(rig.requester, 'POST', '/v1/campaigns', { ...spam, ...settings })).body;
  const people = await make({});
  expect(people.settings.agreementWatch).toEqual({
    pauseBelow: 0.6,
    windowAnswers: 2000,
    minTasks: 50,
    calibratedAbove: 0.8,
  });
  expect((await make({ simulated: true })).settings.agreementWatch).toBeNull();
  const texts = await make({ type: 'free_text', config: { maxLength: 200 } });
  expect(texts.settings.agreementWatch).toBeNull();
  const path = `/v1/campaigns/${people.id}`;
  const changed = await rig.call(rig.requester, 'PATCH', path, { agreementWatch: { pauseBelow: 0.4 } });
  expect(changed.body).toMatchObject({
    policyVersion: 2,
    settings: { agreementWatch: { pauseBelow: 0.4, minTasks: 50 } },
  });
  const off = await rig.call(rig.requester, 'PATCH', path, { agreementWatch: null });
  expect(off.body.settings.agreementWatch).toBeNull();
  expect(off.body.settings.quality, 'the rest stays').toEqual(people.settings.quality);
  const waits = await rig.call(rig.requester, 'PATCH', path, { rejectionWindowMs: 2 * 86_400_000 });
  expect(waits.body.settings).toMatchObject({ rejectionWindowMs: 2 * 86_400_000, agreementWatch: null });
  expect((await rig.call(rig.requester, 'PATCH', path, { rejectionWindowMs: 1000 })).status).toBe(422);
});

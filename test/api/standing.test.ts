import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { until } from '../support/rig.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const likert = {
  type: 'likert',
  config: { min: 1, max: 5, criteria: [{ name: 'clarity' }] },
};

test('who is suspended at one task type still works at others, and a vote weighs the record at its type', async () => {
  const spam = await runningCampaign(rig);
  const scale = await runningCampaign(rig, { settings: likert, annotators: 0 });
  const [me] = spam.annotators;
  const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
  const at = (taskType: string, standing: 'active' | 'suspended', recentCorrect: number) => ({
    ...{ taskType, standing, recentGolds: 20, recentCorrect, goldTotal: 30, goldCorrect: recentCorrect },
    qualityScore: (1 + recentCorrect) / 22,
    change:
      standing === 'active'
        ? null
        : { from: 'active', to: standing, reason: 'Too many wrong.', evidence: {}, key: 'k' },
  });
  await activities.storeStanding({
    ...{
      annotatorId: me?.id ?? '',
      qualityScore: 0.5,
      goldTotal: 40,
      goldCorrect: 20,
      standing: 'active',
      change: null,
    },
    types: [at('classification', 'suspended', 4), at('likert', 'active', 16)],
  });
  const next = (body: object) => rig.call(me?.apiKey, 'POST', '/v1/assignments/next', body);
  const refused = await next({ campaignId: spam.id });
  expect(refused).toMatchObject({ status: 403, body: { code: 'suspended' } });
  // They are told where, and so are those who run the campaign.
  const own = await rig.call(me?.apiKey, 'GET', '/v1/me/statistics');
  expect(own.body).toMatchObject({ standing: 'active', standingReason: null });
  expect(own.body.standings).toEqual([
    { taskType: 'classification', standing: 'suspended', standingReason: 'Too many wrong.' },
  ]);
  const offer = await next({});
  expect(offer.body.campaignId).toBe(scale.id);
  const path = `/v1/assignments/${offer.body.assignmentId}/annotation`;
  expect((await rig.call(me?.apiKey, 'POST', path, { label: { clarity: 4 }, timeSpentS: 30 })).status).toBe(201);

  const [taskId = ''] = scale.taskIds;
  await activities.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
  const [decision] =
    await rig.db`select evidence -> 'votes' -> 0 -> 'weight' as weight from decisions where task_id = ${taskId}`;
  expect(decision?.weight).toBeCloseTo(17 / 22, 9);

  const there = await rig.call(rig.viewer, 'GET', `/v1/campaigns/${scale.id}/annotators`);
  expect(there.body.items).toMatchObject([{ standing: 'active', standingReason: null, standingOf: null }]);

  const { body } = await rig.call(rig.viewer, 'GET', `/v1/annotators/${me?.id}`);
  expect(body).toMatchObject({ standing: 'active', goldTotal: 40 });
  expect(body.standings).toMatchObject([
    { taskType: 'classification', standing: 'suspended', standingReason: 'Too many wrong.', recentGolds: 20 },
    { taskType: 'likert', standing: 'active', recentCorrect: 16, qualityScore: 17 / 22 },
  ]);
  const [, good] = body.standings;
  expect(good.accuracyLow).toBeGreaterThan(0.5);
  expect(good.accuracyHigh).toBeLessThan(0.95);
  expect(body.standingChanges).toMatchObject([{ taskType: 'classification', to: 'suspended' }]);
  await rig.call(rig.requester, 'POST', `/v1/annotators/${me?.id}/reinstate`, { reason: 'Learnt.', taskType: 'span' });
  const { args } = rig.temporal.updates.at(-1) ?? {};
  expect(args).toMatchObject([{ reason: 'Learnt.', taskType: 'span' }]);
});

test('a routine check leaves people their work; in doubt for cause they get it among golds while these last, and are told so', async () => {
  const work = Array.from({ length: 30 }, (_, at) => `mail ${at}`);
  const items = [...work.map((text) => ({ key: text, text })), { key: 'g', text: 'Buy now', gold: 'spam' }];
  const { id, annotators } = await runningCampaign(rig, { settings: { goldRatio: 0.05 }, items });
  const [routine, forCause] = annotators;
  const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
  const recalibrate = (annotatorId: string, why: { routine?: true }) =>
    activities.storeStanding({
      ...{ annotatorId, qualityScore: 0.5, goldTotal: 0, goldCorrect: 0, standing: 'recalibrating', change: null },
      types: [
        {
          ...{ taskType: 'classification', standing: 'recalibrating', recentGolds: 0, recentCorrect: 0 },
          ...{ goldTotal: 0, goldCorrect: 0, qualityScore: 0.5 },
          change: { from: 'active', to: 'recalibrating', reason: 'Why.', evidence: {}, key: annotatorId, ...why },
        },
      ],
    });
  await recalibrate(routine?.id ?? '', { routine: true });
  await recalibrate(forCause?.id ?? '', {});
  const given = async (apiKey = '') => {
    const texts: string[] = [];
    for (;;) {
      const { status, body } = await rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
      if (status === 204) return texts;
      texts.push(body.task.payload.text);
      const path = `/v1/assignments/${body.assignmentId}/annotation`;
      expect((await rig.call(apiKey, 'POST', path, { label: 'spam', timeSpentS: 9 })).status).toBe(201);
    }
  };
  const heldBack = async (apiKey = '') => (await rig.call(apiKey, 'GET', '/v1/me/calibrations')).body.heldBack;
  expect(await given(routine?.apiKey)).toEqual(expect.arrayContaining(work));
  expect(await heldBack(routine?.apiKey)).toEqual([]);
  const some = await given(forCause?.apiKey);
  expect(some.at(-1), 'nothing after the last that decides').toBe('Buy now');
  expect(await heldBack(forCause?.apiKey)).toEqual(['classification']);
});

test('how many golds were right is told to whoever is suspended alone', async () => {
  const [mine] = (await runningCampaign(rig)).annotators;
  const told = '6 of the last 10 gold tasks were right.';
  for (const standing of ['suspended', 'recalibrating', 'active']) {
    await rig.db`update annotators set standing = ${standing}, standing_reason = ${told} where id = ${mine?.id ?? ''}`;
    const seen = () => rig.call(mine?.apiKey, 'GET', '/v1/me').then(({ body }) => body.annotator);
    await until(`the annotator is ${standing}`, async () => (await seen()).standing === standing);
    const reasons = [await seen(), (await rig.call(mine?.apiKey, 'GET', '/v1/me/statistics')).body].map(
      ({ standingReason }) => standingReason,
    );
    expect(reasons).toEqual(standing === 'suspended' ? [told, told] : [null, null]);
  }
});

test('a reason that a person wrote is told to whoever is recalibrated for it, and one that was computed is not', async () => {
  const [mine] = (await runningCampaign(rig)).annotators;
  const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
  const reasons = async () => {
    const { body } = await rig.call(mine?.apiKey, 'GET', '/v1/me/statistics');
    return [body.standingReason, body.standings[0]?.standingReason];
  };
  const store = (reason: string, evidence: object) => {
    const change = (key: string) => ({
      from: 'active',
      to: 'recalibrating',
      reason,
      evidence,
      key: `${key} ${reason}`,
    });
    const general = { annotatorId: mine?.id ?? '', qualityScore: 0.5, goldTotal: 0, goldCorrect: 0 };
    const part = { taskType: 'classification', standing: 'recalibrating', recentGolds: 0, recentCorrect: 0 } as const;
    const types = [{ ...part, goldTotal: 0, goldCorrect: 0, qualityScore: 0.5, change: change('type') }];
    return activities.storeStanding({ ...general, standing: 'recalibrating', change: change('whole'), types });
  };
  for (const [reason, evidence, told] of [
    ['3 of 8 were right.', { golds: 8, correct: 3 }, null],
    ['Asked for by key Lead: new instructions.', { by: 'key Lead' }, 'Asked for by key Lead: new instructions.'],
    ['2 of 8 were right.', { golds: 8, correct: 2 }, null],
  ] as const) {
    await store(reason, evidence);
    await until(`${reason} is known`, async () => {
      const found = await reasons();
      return found.every((each) => each === told) && found;
    });
  }
});

test('whoever is active is recalibrated with a reason; whoever is suspended is reinstated first', async () => {
  const [mine] = (await runningCampaign(rig)).annotators;
  const recalibrate = (body: object) => rig.call(rig.requester, 'POST', `/v1/annotators/${mine?.id}/recalibrate`, body);
  expect((await recalibrate({})).status).toBe(422);
  expect((await recalibrate({ reason: 'New instructions.' })).status).toBe(200);
  expect(rig.temporal.updates.at(-1)).toMatchObject({
    name: 'recalibrate',
    args: [{ by: expect.any(String), reason: 'New instructions.' }],
  });
  await rig.db`update annotators set standing = 'suspended' where id = ${mine?.id ?? ''}`;
  const asked = rig.temporal.updates.length;
  expect(await recalibrate({ reason: 'Once more.' })).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(rig.temporal.updates.length).toBe(asked);
});

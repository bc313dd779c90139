import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { addAnnotators, type Rig, runningCampaign, spam, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());
beforeEach(() => {
  rig.temporal.updates.length = 0;
});

const post = (path: string, body?: unknown) => rig.call(rig.requester, 'POST', path, body);
const change = (id: string, body: object) => rig.call(rig.requester, 'PATCH', `/v1/campaigns/${id}`, body);
const settingsOf = async (id: string) => (await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}`)).body.settings;
const draft = async (body: object = {}) => (await post('/v1/campaigns', { ...spam, ...body })).body.id as string;

describe('a draft', () => {
  test('that cannot start is mended by the knobs that its refusal names', async () => {
    const stop = { maxTasks: 100_000, deadline: '2020-01-01T00:00:00Z' };
    const id = await draft({ tier: 'domain_specialist', stop, goldRatio: 0.05 });
    await post(`/v1/campaigns/${id}/items`, [{ text: 'x' }]);
    await addAnnotators(rig, 3);
    const { details } = (await post(`/v1/campaigns/${id}/start`)).body;
    expect(details.reasons.join(' ')).toMatch(
      /lower the tier.*stop\.deadline .* is past\. Give it a later one, or none\./,
    );
    const answer = await change(id, { tier: 'crowd', batchSize: 5, goldFloor: 2, stop: { maxTasks: 50 } });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        ...{ state: 'draft', policyVersion: 2, tier: 'crowd' },
        settings: { batchSize: 5, goldFloor: 2, redundancy: 3, stop: { maxTasks: 50 } },
      },
    });
    expect(answer.body.settings.stop).toEqual({ maxTasks: 50 });
    expect((await post(`/v1/campaigns/${id}/start`)).status).toBe(200);
    const started = rig.temporal.started.at(-1);
    expect(started).toMatchObject({ args: [{ policy: { batchSize: 5, deadlineMs: null } }] });
  });

  test('takes what follows from another setting along, and keeps what was said', async () => {
    const { priceUsd: _, redundancy: __, ...usual } = spam;
    const id = (await post('/v1/campaigns', usual)).body.id as string;
    const before = await settingsOf(id);
    const changes = { tier: 'expert', redundancyPolicy: 'adaptive', batchSize: 40, name: 'Mails', simulated: true };
    await change(id, changes);
    const after = await settingsOf(id);
    const created = await post('/v1/campaigns', { ...usual, ...changes });
    expect(after).toEqual(created.body.settings);
    expect(after).not.toMatchObject({ priceMicros: before.priceMicros });
    expect((await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}`)).body).toMatchObject({
      name: 'Mails',
      simulated: true,
    });

    const own = async () => (await rig.call(rig.requester, 'GET', `/v1/campaigns/${id}/template?copy=false`)).body;
    // As its page has it: the usual price is not said, and one that was said is taken back.
    expect(await own()).toMatchObject({ name: 'Mails', tier: 'expert' });
    expect(await own()).not.toHaveProperty('priceUsd');
    await change(id, { priceUsd: '0.09' });
    expect(await own()).toMatchObject({ priceUsd: '0.09' });
    await change(id, { priceUsd: null });
    expect(await settingsOf(id)).toMatchObject({ priceMicros: after.priceMicros });
    const deadline = '2040-01-01T00:00:00Z';
    await change(id, { stop: { deadline } });
    expect(await own()).toMatchObject({ stop: { deadline } });

    const said = await draft({ priceUsd: '0.07', maxRedundancy: 4, onDisagreement: 'extend' });
    await change(said, { tier: 'expert', batchSize: 40 });
    expect(await settingsOf(said)).toMatchObject({ priceMicros: 70_000, maxRedundancy: 4, redundancy: 3 });
  });

  test('loses what null takes from it', async () => {
    const hedge = { workforces: ['http_vendor', 'internal'], hedge: { budgetUsd: '5' }, vendors: { http_vendor: {} } };
    const id = await draft({ dailyLimit: 5, language: 'pt-BR', ...hedge });
    const limits = async () => (await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}/budget`)).body.limits;
    expect(await limits()).toMatchObject([{ scope: 'hedge', capUsd: '5.00' }]);
    expect((await change(id, { hedge: { budgetUsd: '6' } })).status).toBe(200);
    expect(await limits()).toMatchObject([{ scope: 'hedge', capUsd: '6.00' }]);
    const less = { dailyLimit: null, language: null, hedge: null, vendors: null, workforces: null, calibration: null };
    expect((await change(id, less)).status).toBe(200);
    expect(await limits()).toEqual([]);
    const settings = await settingsOf(id);
    expect(settings).toMatchObject({ workforces: ['internal'], calibration: null });
    for (const field of ['dailyLimit', 'language', 'hedge', 'vendors']) expect(settings).not.toHaveProperty(field);
  });

  test('is refused what creation refuses, and what its items do not fit', async () => {
    const id = await draft();
    await post(`/v1/campaigns/${id}/items`, [{ text: 'x' }, { key: 'known', text: 'y', gold: 'spam' }]);
    const refusals = [
      [{ type: 'span' }, 422, undefined],
      [{ config: { labels: ['spam'] } }, 422, 'config.labels'],
      [{ hedge: { budgetUsd: '1' } }, 422, 'hedge'],
      [{ workforces: ['llm'], redundancy: 1, judge: {} }, 422, 'redundancy'],
      [{ config: { labels: ['junk', 'ham'] } }, 409, 'config'],
      [{ features: { vectors: { dims: 3 } } }, 409, 'features'],
    ] as const;
    for (const [body, status, field] of refusals) {
      const answer = await change(id, body);
      expect([body, answer.status]).toEqual([body, status]);
      if (field !== undefined) expect([body, answer.body.field]).toEqual([body, field]);
    }
    expect((await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}`)).body.policyVersion).toBe(1);
    const more = await change(id, { config: { labels: ['spam', 'ham', 'unsure'] } });
    expect(more).toMatchObject({ status: 200, body: { policyVersion: 2 } });
    expect((await post(`/v1/campaigns/${id}/items`, [{ text: 'z', gold: 'unsure' }])).body).toMatchObject({
      accepted: 1,
    });
    // The same again is no change.
    expect((await change(id, { config: { labels: ['spam', 'ham', 'unsure'] } })).body.policyVersion).toBe(2);
  });

  test('whose known answers fit no more does not start', async () => {
    const id = await draft();
    await post(`/v1/campaigns/${id}/items`, [{ text: 'x' }, { key: 'known', text: 'y', gold: 'spam' }]);
    await addAnnotators(rig, 3);
    await rig.db`
      update gold_answers set label = '"junk"' where item_id = (select id from items where campaign_id = ${id} and key = 'known')`;
    expect((await post(`/v1/campaigns/${id}/start`)).body).toMatchObject({
      ...{ status: 409, code: 'not_startable' },
      detail: expect.stringContaining('the known answer of item known does not fit'),
    });
  });
});

describe('a campaign that has started', () => {
  test('takes thresholds, and nothing that its tasks were made by', async () => {
    const { id } = await runningCampaign(rig);
    const fixed = await change(id, { tier: 'expert' });
    expect(fixed.body).toMatchObject({
      ...{ status: 409, code: 'conflict', field: 'tier' },
      detail: 'tier cannot be changed once the campaign has started; make a copy of it.',
    });
    // What is as it was is no change: a file of all settings may be sent again.
    expect((await change(id, { tier: 'crowd', minConfidence: 0.8, dailyLimit: 3 })).body).toMatchObject({
      ...{ policyVersion: 2, settings: { minConfidence: 0.8, dailyLimit: 3 } },
    });
    await change(id, { minConfidence: null, dailyLimit: null });
    const settings = await settingsOf(id);
    expect(settings.minConfidence).toBe(0.6);
    expect(settings).not.toHaveProperty('dailyLimit');
    expect(rig.temporal.updates).toEqual([]);
  });

  test('has its daily limit from then on', async () => {
    const { id, annotators } = await runningCampaign(rig, { items: [{ text: 'a' }, { text: 'b' }] });
    const next = () => rig.call(annotators[0]?.apiKey, 'POST', '/v1/assignments/next', { campaignId: id, waitS: 0 });
    const { body } = await next();
    await rig.call(annotators[0]?.apiKey, 'POST', `/v1/assignments/${body.assignmentId}/annotation`, {
      ...{ label: 'spam', timeSpentS: 5 },
    });
    await change(id, { dailyLimit: 1 });
    expect((await next()).status).toBe(204);
    await change(id, { dailyLimit: null });
    expect((await next()).status).toBe(200);
  });

  test('is told other stop rules by its workflow, which stores them', async () => {
    const { id } = await runningCampaign(rig);
    const past = await change(id, { stop: { deadline: '2020-01-01T00:00:00Z' } });
    expect(past.body).toMatchObject({ status: 422, field: 'stop.deadline' });
    const stop = { maxTasks: 7, deadline: '2099-01-01T00:00:00Z' };
    expect((await change(id, { stop })).status).toBe(200);
    expect(rig.temporal.updates).toMatchObject([{ name: 'setStopRules', args: [{ stop }] }]);
    const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
    const deadlineMs = Date.parse(stop.deadline);
    for (const _ of [1, 2]) {
      const stored = await activities.setStopRules({ campaignId: id, stop });
      expect(stored).toMatchObject({ policyVersion: 2, policy: { deadlineMs, targetAccuracy: null } });
    }
    expect((await settingsOf(id)).stop).toEqual(stop);
    rig.temporal.updates.length = 0;
    await change(id, { stop });
    expect(rig.temporal.updates, 'the same again').toEqual([]);
    expect((await change(id, { stop: null })).status).toBe(200);
    expect(rig.temporal.updates).toMatchObject([{ name: 'setStopRules', args: [{ stop: {} }] }]);
  });
});

import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { claimKey, dropClaim, storeAnswer, yieldClaim } from '../../db/queries/idempotency.ts';
import { addAnnotators, nobodysId, type Rig, runningCampaign, spam, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());
beforeEach(() => {
  rig.temporal.answer = async () => ({});
  rig.temporal.updates.length = 0;
});

const post = (path: string, body?: unknown, headers?: Record<string, string>) =>
  rig.call(rig.requester, 'POST', path, body, headers);

describe('what a workflow answers', () => {
  test('a refusal keeps its code and its reason', async () => {
    const { id } = await runningCampaign(rig);
    rig.temporal.answer = async () => {
      const cause = ApplicationFailure.create({ type: 'conflict', message: 'The campaign is paused already.' });
      throw new WorkflowUpdateFailedError('Workflow Update failed', cause);
    };
    const answer = await post(`/v1/campaigns/${id}/pause`);
    expect(answer.body).toMatchObject({ status: 409, code: 'conflict', detail: 'The campaign is paused already.' });
  });

  test('a budget below what is spent is a conflict with its field in the message', async () => {
    const { id } = await runningCampaign(rig);
    rig.temporal.answer = async () => {
      const cause = ApplicationFailure.create({ type: 'budget_below_spent', message: 'budgetUsd is 1.00, but …' });
      throw new WorkflowUpdateFailedError('Workflow Update failed', cause);
    };
    const answer = await rig.call(rig.requester, 'PATCH', `/v1/campaigns/${id}`, { budgetUsd: '1' });
    expect(answer.body).toMatchObject({ status: 409, code: 'budget_below_spent' });
  });

  test('a workflow that has ended', async () => {
    const { taskIds } = await runningCampaign(rig);
    rig.temporal.answer = async () => {
      throw new WorkflowNotFoundError('gone', `task-${taskIds[0]}`, undefined);
    };
    const answer = await post(`/v1/tasks/${taskIds[0]}/cancel`, { reason: 'Not needed' });
    expect(answer.body).toMatchObject({ status: 409, code: 'conflict', detail: expect.stringContaining('has ended') });
  });

  test('no worker within the time-out, and no server', async () => {
    const { id } = await runningCampaign(rig);
    rig.temporal.answer = async () => {
      throw new WorkflowUpdateRPCTimeoutOrCancelledError('timed out');
    };
    const late = await post(`/v1/campaigns/${id}/pause`);
    expect(late.body).toMatchObject({
      status: 503,
      code: 'unavailable',
      detail: expect.stringContaining('No worker answered'),
    });
    expect(late.headers['retry-after']).toBe('1');
    rig.temporal.answer = async () => {
      throw Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details: 'no connection' });
    };
    const away = await post(`/v1/campaigns/${id}/pause`);
    expect(away.body).toMatchObject({ status: 503, code: 'unavailable', detail: expect.stringContaining('Temporal') });
  });

  test('an update that the server turns away for a moment is sent again, under the same id', async () => {
    const { id } = await runningCampaign(rig);
    let refusals = 2;
    rig.temporal.answer = async () => {
      if (refusals-- > 0) throw Object.assign(new Error('10 ABORTED'), { code: 10, details: 'closing' });
      return {};
    };
    expect((await post(`/v1/campaigns/${id}/pause`)).status).toBe(200);
    const ids = rig.temporal.updates.map(({ updateId }) => updateId);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
  });

  test('a bug is logged and not explained', async () => {
    const { id } = await runningCampaign(rig);
    rig.temporal.answer = async () => {
      throw new TypeError('secret internals');
    };
    const answer = await post(`/v1/campaigns/${id}/pause`);
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret');
    expect(answer.body).toMatchObject({ code: 'internal', requestId: expect.any(String) });
  });
});

describe('what workflows are asked', () => {
  test('pause, resume, stop, budget and redundancy of a running campaign', async () => {
    const { id } = await runningCampaign(rig);
    await post(`/v1/campaigns/${id}/pause`);
    await post(`/v1/campaigns/${id}/resume`);
    await rig.call(rig.requester, 'PATCH', `/v1/campaigns/${id}`, { budgetUsd: '12.5', redundancy: 4 });
    await post(`/v1/campaigns/${id}/stop`, { drain: true });
    await post(`/v1/campaigns/${id}/stop`);
    const told = await rig.db`select message from outbox where target_id = ${id}`;
    expect([...told], 'the cap itself is set in the database').toContainEqual({ message: 'budgetChanged' });
    expect((await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}`)).body.budget).toMatchObject({ capUsd: '12.50' });
    expect(rig.temporal.updates.map(({ name, args }) => [name, ...args])).toEqual([
      ['pause'],
      ['resume'],
      ['setRedundancy', { redundancy: 4, maxRedundancy: 4 }],
      ['stop', { drain: true }],
      ['stop', { drain: false }],
    ]);
    expect(new Set(rig.temporal.updates.map(({ workflowId }) => workflowId))).toEqual(new Set([`campaign-${id}`]));
  });

  test('an id in capitals is the same id: of the campaign, its workflow and what is asked about it', async () => {
    const { id, annotators } = await runningCampaign(rig);
    const [who] = annotators;
    for (const act of ['start', 'pause', 'resume']) await post(`/v1/campaigns/${id.toUpperCase()}/${act}`);
    await post(`/v1/annotators/${who?.id.toUpperCase()}/suspend`, { reason: 'Copies answers' });
    const named = [...rig.temporal.started, ...rig.temporal.updates].map(({ workflowId }) => workflowId);
    expect(named.filter((name) => name.toLowerCase().includes(id)).every((name) => name === `campaign-${id}`)).toBe(
      true,
    );
    expect(named).toContain(`annotator-${who?.id}`);
    const next = { campaignId: id.toUpperCase(), waitS: 0 };
    const offer = await rig.call(annotators[1]?.apiKey, 'POST', '/v1/assignments/next', next);
    expect([offer.status, offer.body?.campaignId]).toEqual([200, id]);
  });

  test("a draft's budget and redundancy change in the database", async () => {
    const { body } = await post('/v1/campaigns', spam);
    const changed = await rig.call(rig.requester, 'PATCH', `/v1/campaigns/${body.id}`, {
      budgetUsd: '7',
      redundancy: 5,
    });
    expect(changed.body).toMatchObject({
      policyVersion: 2,
      budget: { capUsd: '7.00' },
      settings: { redundancy: 5, maxRedundancy: 5 },
    });
    expect(rig.temporal.updates).toEqual([]);
  });

  test('redundancy does not fall so low that a judge would decide alone', async () => {
    const judged = { ...spam, workforces: ['llm', 'internal'], redundancy: 3, judge: {} };
    const draft = await post('/v1/campaigns', judged);
    const { id } = await runningCampaign(rig, { settings: { workforces: ['llm', 'internal'], redundancy: 3 } });
    for (const campaign of [draft.body.id, id]) {
      const refused = await rig.call(rig.requester, 'PATCH', `/v1/campaigns/${campaign}`, { redundancy: 1 });
      expect(refused).toMatchObject({ status: 422, body: { field: 'redundancy' } });
      expect(refused.body.detail).toContain('a judge does not decide alone');
    }
    expect(rig.temporal.updates).toEqual([]);
    // Nor by an update that was on its way.
    const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
    await expect(
      activities.setRedundancy({ campaignId: id, redundancy: 1, maxRedundancy: null }),
    ).rejects.toMatchObject({ type: 'invalid_input', nonRetryable: true });
  });

  test('the price of an answer changes for tasks to come, under a new policy version', async () => {
    const { id, taskIds } = await runningCampaign(rig);
    const changed = await rig.call(rig.requester, 'PATCH', `/v1/campaigns/${id}`, { priceUsd: '0.08' });
    expect(changed.body).toMatchObject({ policyVersion: 2 });
    const [prices] = await rig.db`
      select t.price_micros as task, c.settings ->> 'priceMicros' as "toCome"
      from tasks t join campaigns c on c.id = t.campaign_id where t.id = ${taskIds[0] ?? ''}`;
    expect(prices).toEqual({ task: 50_000n, toCome: '80000' });
  });

  test('the rules of assessing change under a new policy version, for tasks to come and open golds, without a workflow', async () => {
    const items = [
      { key: 'work', text: 'See you' },
      { key: 'gold', text: 'Buy now', gold: 'spam' },
    ];
    const { id } = await runningCampaign(rig, { items });
    const path = `/v1/campaigns/${id}`;
    const changed = await rig.call(rig.requester, 'PATCH', path, { quality: { tooFastS: 2, copiedText: null } });
    expect(changed.body).toMatchObject({
      policyVersion: 2,
      settings: { redundancy: 3, quality: { tooFastS: 2, tooSlowS: 600, copiedText: null } },
    });
    const versions = await rig.db`select kind, policy_version from tasks where campaign_id = ${id} order by kind`;
    expect([...versions]).toEqual([
      { kind: 'gold', policy_version: 2 },
      { kind: 'work', policy_version: 1 },
    ]);
    // Said once more they are no other ones.
    const again = await rig.call(rig.requester, 'PATCH', path, { quality: { tooFastS: 2, copiedText: null } });
    expect(again).toMatchObject({ status: 200, body: { policyVersion: 2 } });
    expect(await rig.db`select version from policies where campaign_id = ${id}`).toHaveLength(2);
    const refused = await rig.call(rig.requester, 'PATCH', path, { quality: { tooFastS: 900 } });
    expect(refused).toMatchObject({ status: 422, body: { field: 'quality.tooFastS' } });
    expect(rig.temporal.updates).toEqual([]);
  });

  test('a task is cancelled, reprioritized, given more redundancy and adjudicated', async () => {
    const { taskIds } = await runningCampaign(rig);
    const path = `/v1/tasks/${taskIds[0]}`;
    await post(`${path}/reprioritize`, { priority: 4 });
    await post(`${path}/redundancy`, { count: 2 });
    const wrong = await post(`${path}/adjudicate`, { label: 'eggs' });
    expect(wrong.body).toMatchObject({ status: 422, field: 'label' });
    await post(`${path}/adjudicate`, { label: 'ham', note: 'Known sender' });
    await post(`${path}/cancel`, { reason: 'Not needed' });
    const [ruling] = await rig.db<{ id: string; ruledBy: string }[]>`
      select id, ruled_by as "ruledBy" from rulings where task_id = ${taskIds[0] ?? ''}`;
    expect(rig.temporal.updates.map(({ name, args }) => [name, ...args])).toEqual([
      ['reprioritize', { priority: 4 }],
      ['addRedundancy', { count: 2 }],
      ['adjudicate', { rulingId: ruling?.id, by: ruling?.ruledBy }],
      ['cancelTask', { reason: 'Not needed' }],
    ]);
  });

  test('an annotator is suspended and reinstated with a reason', async () => {
    const [annotator] = await addAnnotators(rig, 1);
    expect((await post(`/v1/annotators/${annotator?.id}/suspend`, { reason: ' ' })).body).toMatchObject({
      status: 422,
      field: 'reason',
    });
    expect((await post(`/v1/annotators/${annotator?.id}/suspend`, { reason: 'Copies answers' })).status).toBe(200);
    expect((await post(`/v1/annotators/${annotator?.id}/reinstate`, { reason: 'Talked' })).status).toBe(200);
    expect(rig.temporal.updates).toMatchObject([
      { name: 'suspend', workflowId: `annotator-${annotator?.id}`, args: [{ reason: 'Copies answers' }] },
      { name: 'reinstate', args: [{ reason: 'Talked' }] },
    ]);
  });

  test('a change that is refused in part changes nothing', async () => {
    const { id } = await runningCampaign(rig);
    const change = (body: object) => rig.call(rig.requester, 'PATCH', `/v1/campaigns/${id}`, body);
    const capUsd = async () => (await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}`)).body.budget.capUsd;
    expect((await change({ budgetUsd: '500', hourlyUsd: '0' })).status).toBe(422);
    await rig.db`update campaigns set settings = settings || '{"workforces": ["mturk"]}' where id = ${id}`;
    expect((await change({ redundancy: 4, priceUsd: '0.01' })).body.field).toBe('priceUsd');
    expect((await change({ instructions: 'é'.repeat(40_000) })).body.field).toBe('workforces');
    rig.temporal.answer = async () => {
      throw new WorkflowUpdateFailedError(
        'Workflow Update failed',
        ApplicationFailure.create({ type: 'conflict', message: 'The campaign is stopping.' }),
      );
    };
    expect((await change({ budgetUsd: '500', redundancy: 4 })).status).toBe(409);
    expect(await capUsd()).toBe('100.00');
    rig.temporal.updates.length = 0;
    await rig.db`update budgets set spent_micros = 50000000 where campaign_id = ${id}`;
    expect((await change({ budgetUsd: '1', redundancy: 4, instructions: 'Other.' })).body.code).toBe(
      'budget_below_spent',
    );
    expect(rig.temporal.updates).toEqual([]);
    expect((await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}`)).body.policyVersion).toBe(1);
  });

  test('instructions that came too late change nothing else either', async () => {
    const { id } = await runningCampaign(rig);
    const change = (body: object) => rig.call(rig.requester, 'PATCH', `/v1/campaigns/${id}`, body);
    expect((await change({ instructions: 'Another one.' })).status).toBe(200);
    const late = { instructions: 'Mine.', instructionsVersion: 1, redundancy: 4, budgetUsd: '200' };
    expect((await change(late)).body).toMatchObject({ status: 409, field: 'instructionsVersion' });
    expect(rig.temporal.updates).toEqual([]);
    const { body } = await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}`);
    expect(body).toMatchObject({ policyVersion: 2, budget: { capUsd: '100.00' } });
  });

  test('a running campaign takes no redundancy that its annotators or its money cannot fulfil', async () => {
    await addAnnotators(rig, 4, { tier: 'domain_specialist' });
    const { id } = await runningCampaign(rig, { settings: { tier: 'domain_specialist', budgetUsd: '2' } });
    const change = (body: object) => rig.call(rig.requester, 'PATCH', `/v1/campaigns/${id}`, body);
    expect((await change({ redundancy: 5 })).body).toMatchObject({
      ...{ status: 409, code: 'conflict', field: 'redundancy' },
      detail: expect.stringMatching(
        /^Redundancy is 5, but only 4 active annotators have tier .*: add annotators first\.$/,
      ),
    });
    await rig.db`update budgets set spent_micros = cap_micros - reserved_micros - 160000 where campaign_id = ${id}`;
    expect((await change({ redundancy: 4 })).body).toMatchObject({
      ...{ status: 409, code: 'budget_exceeded', field: 'redundancy', details: { needsUsd: '2.04' } },
      detail: 'A task could then cost $0.20, and $0.16 of the budget are free: raise budgetUsd, too.',
    });
    expect(rig.temporal.updates).toEqual([]);
    expect((await change({ redundancy: 4, budgetUsd: '2.04' })).status).toBe(200);
    expect(rig.temporal.updates).toMatchObject([{ name: 'setRedundancy', args: [{ redundancy: 4 }] }]);
  });

  test('what does not run says so, and how it ended', async () => {
    const draft = await post('/v1/campaigns', spam);
    const { id } = await runningCampaign(rig);
    await rig.db`update campaigns set state = 'finished', stop_reason = 'pool_empty', ended_at = now() where id = ${id}`;
    rig.temporal.updates.length = 0;
    expect((await post(`/v1/campaigns/${draft.body.id}/pause`)).body).toMatchObject({
      ...{ status: 409, code: 'conflict', detail: 'The campaign Spam is a draft; it has not been started.' },
    });
    expect((await post(`/v1/campaigns/${id}/stop`)).body).toMatchObject({
      ...{ status: 409, code: 'campaign_closed' },
      detail: 'The campaign Spam is finished (pool empty); nothing of it can be steered.',
    });
    expect(rig.temporal.updates, 'Temporal need not be there for that').toEqual([]);
  });

  test('a ruling is kept once however often it is sent, and shown when it has taken effect', async () => {
    const { taskIds } = await runningCampaign(rig);
    const [taskId = ''] = taskIds;
    const send = () => post(`/v1/tasks/${taskId}/adjudicate`, { label: 'spam' }, { 'idempotency-key': 'rule-1' });
    rig.temporal.answer = async () => {
      throw new WorkflowUpdateRPCTimeoutOrCancelledError('timed out');
    };
    expect((await send()).status).toBe(503);
    rig.temporal.answer = async () => ({});
    expect((await send()).status).toBe(200);
    const rulings = await rig.db<{ id: string }[]>`select id from rulings where task_id = ${taskId}`;
    expect(rulings).toHaveLength(1);
    const shown = async () => (await rig.call(rig.requester, 'GET', `/v1/tasks/${taskId}`)).body.story.rulings;
    expect(await shown()).toEqual([]);
    const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
    await activities.ruleTask({ taskId, rulingId: rulings[0]?.id ?? '', log: [] });
    expect(await shown()).toMatchObject([{ label: 'spam', ruledByName: 'owner' }]);
  });

  test('a campaign that is started while Temporal is away is started by the outbox, once', async () => {
    const { body } = await post('/v1/campaigns', spam);
    await post(`/v1/campaigns/${body.id}/items`, [{ text: 'x' }]);
    await addAnnotators(rig, 3);
    rig.temporal.startsFail = true;
    try {
      const started = await post(`/v1/campaigns/${body.id}/start`);
      expect([started.status, started.body.state]).toEqual([200, 'running']);
      await post(`/v1/campaigns/${body.id}/start`);
    } finally {
      rig.temporal.startsFail = false;
    }
    expect([...(await rig.db`select kind from outbox where target_id = ${body.id}`)]).toEqual([
      { kind: 'start_campaign' },
    ]);
  });

  test('a running campaign whose workflow is not there yet is started, and then asked', async () => {
    const { id } = await runningCampaign(rig);
    rig.temporal.started.length = 0;
    rig.temporal.answer = async () => {
      if (rig.temporal.started.length > 0) return {};
      throw new WorkflowNotFoundError('gone', `campaign-${id}`, undefined);
    };
    expect((await post(`/v1/campaigns/${id}/pause`)).status).toBe(200);
    expect(rig.temporal.started).toMatchObject([{ workflowId: `campaign-${id}`, args: [{ campaignId: id }] }]);
    rig.temporal.started.length = 0;
    await rig.db`update campaigns set state = 'finished' where id = ${id}`;
    expect((await post(`/v1/campaigns/${id}/pause`)).body).toMatchObject({ status: 409, code: 'campaign_closed' });
    expect(rig.temporal.started).toEqual([]);
  });

  test('a crash between marking a campaign and starting its workflow is repaired by starting again', async () => {
    const { body } = await post('/v1/campaigns', spam);
    await post(`/v1/campaigns/${body.id}/items`, [{ text: 'x' }]);
    await addAnnotators(rig, 3);
    await rig.db`update campaigns set state = 'running', started_at = now() where id = ${body.id}`;
    rig.temporal.started.length = 0;
    expect((await post(`/v1/campaigns/${body.id}/start`)).status).toBe(200);
    expect(rig.temporal.started).toHaveLength(1);
    await rig.db`update campaigns set state = 'paused', paused_at = now() where id = ${body.id}`;
    expect((await post(`/v1/campaigns/${body.id}/start`)).body).toMatchObject({ status: 409, code: 'conflict' });
  });
});

describe('Idempotency-Key', () => {
  test('the same request gets the same answer, secrets included, and is carried out once', async () => {
    const headers = { 'idempotency-key': 'annotator-1' };
    const first = await post('/v1/annotators', { name: 'Ada' }, headers);
    const again = await post('/v1/annotators', { name: 'Ada' }, headers);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
    const stored = await rig.db<{ response: unknown }[]>`select response from idempotency_keys`;
    expect(JSON.stringify(stored)).not.toContain(first.body.apiKey);
    expect(await rig.db`select 1 from annotators where name = 'Ada'`).toHaveLength(1);
  });

  test('a request whose claim was taken over cannot give it up', async () => {
    const asked = { principal: 'p', key: 'slow', requestHash: 'h' };
    const first = await claimKey(rig.db, { ...asked, madeId: nobodysId() });
    await rig.db`update idempotency_keys set created_at = now() - interval '1 hour' where key = 'slow'`;
    const second = await claimKey(rig.db, { ...asked, madeId: nobodysId() });
    if (!('madeId' in first && 'madeId' in second)) throw new Error('Both were to carry out the request.');
    expect(second.madeId).toBe(first.madeId);
    await dropClaim(rig.db, first);
    await yieldClaim(rig.db, first);
    await storeAnswer(rig.db, { ...first, status: 200, response: { text: 'of the first' } });
    expect(await claimKey(rig.db, { ...asked, madeId: nobodysId() })).toMatchObject({ status: null });
    await storeAnswer(rig.db, { ...second, status: 201, response: { text: 'of the second' } });
    expect(await claimKey(rig.db, { ...asked, madeId: nobodysId() })).toMatchObject({ status: 201 });
  });

  test('another request with the same key is refused; another principal has keys of its own', async () => {
    const headers = { 'idempotency-key': 'campaign-1' };
    expect((await post('/v1/campaigns', spam, headers)).status).toBe(201);
    expect((await post('/v1/campaigns', { ...spam, name: 'Other' }, headers)).body).toMatchObject({
      status: 422,
      code: 'idempotency_mismatch',
    });
    expect((await post('/v1/campaigns', spam, { 'idempotency-key': 'a b' })).body).toMatchObject({
      status: 422,
      field: 'Idempotency-Key',
    });
  });

  test('a request that still runs makes its repeat wait', async () => {
    const { id } = await runningCampaign(rig);
    const headers = { 'idempotency-key': 'pause-1' };
    let finish = () => {};
    const asked = new Promise<void>((resolve) => {
      rig.temporal.answer = () =>
        new Promise((done) => {
          finish = () => done({});
          resolve();
        });
    });
    const first = post(`/v1/campaigns/${id}/pause`, undefined, headers);
    await asked;
    expect((await post(`/v1/campaigns/${id}/pause`, undefined, headers)).body).toMatchObject({
      status: 409,
      code: 'idempotency_in_progress',
    });
    finish();
    expect((await first).status).toBe(200);
    expect((await post(`/v1/campaigns/${id}/pause`, undefined, headers)).status).toBe(200);
    expect(rig.temporal.updates).toHaveLength(1);
    expect(rig.temporal.updates[0]?.updateId).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a refused request may be tried again with the same key', async () => {
    const { body } = await post('/v1/campaigns', spam);
    const headers = { 'idempotency-key': 'start-1' };
    expect((await post(`/v1/campaigns/${body.id}/start`, undefined, headers)).status).toBe(409);
    await post(`/v1/campaigns/${body.id}/items`, [{ text: 'x' }]);
    expect((await post(`/v1/campaigns/${body.id}/start`, undefined, headers)).status).toBe(200);
  });

  test('a request that failed, or died on the way, is carried out again as the same thing', async () => {
    const headers = { 'idempotency-key': 'died-1' };
    const die = () => rig.db`
      update idempotency_keys set status = null, response = null, created_at = now() - interval '3 minutes'
      where key = 'died-1'`;
    for (const [path, body] of [
      ['/v1/campaigns', { ...spam, name: 'Died' }],
      ['/v1/annotators', { name: 'Died' }],
    ] as const) {
      const first = await post(path, body, headers);
      await die();
      const again = await post(path, body, headers);
      expect([first.status, again.status, again.body.id]).toEqual([201, 201, first.body.id]);
      expect(again.headers['idempotency-replayed']).toBeUndefined();
      if (again.body.apiKey !== undefined) {
        expect((await rig.call(again.body.apiKey, 'GET', '/v1/me')).status).toBe(200);
      }
      await rig.db`delete from idempotency_keys where key = 'died-1'`;
    }
    expect(await rig.db`select 1 from campaigns where name = 'Died'`).toHaveLength(1);
    expect(await rig.db`select 1 from annotators where name = 'Died'`).toHaveLength(1);
  });

  test('a request that failed on our side keeps its claim, and may be repeated at once', async () => {
    const { id } = await runningCampaign(rig);
    const headers = { 'idempotency-key': 'failed-1' };
    const made = () => rig.db<{ id: string }[]>`select made_id as id from idempotency_keys where key = 'failed-1'`;
    rig.temporal.answer = async () => {
      throw new WorkflowUpdateRPCTimeoutOrCancelledError('timed out');
    };
    expect((await post(`/v1/campaigns/${id}/pause`, undefined, headers)).status).toBe(503);
    const before = await made();
    expect(before).toHaveLength(1);
    rig.temporal.answer = async () => ({});
    expect((await post(`/v1/campaigns/${id}/pause`, undefined, headers)).status).toBe(200);
    expect(await made()).toEqual(before);
  });

  test('64 at once create one campaign', async () => {
    const headers = { 'idempotency-key': 'race-1' };
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => post('/v1/campaigns', { ...spam, name: 'Raced' }, headers)),
    );
    for (const { status } of answers) expect([201, 409]).toContain(status);
    expect(new Set(answers.flatMap(({ status, body }) => (status === 201 ? [body.id] : []))).size).toBe(1);
    expect(await rig.db`select 1 from campaigns where name = 'Raced'`).toHaveLength(1);
  });
});

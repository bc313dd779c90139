import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { annotationsToAssess } from '../../db/queries/annotations.ts';
import { pauseCampaign, resumeCampaign } from '../../db/queries/campaigns.ts';
import { expireLeases } from '../../db/queries/leases.ts';
import { until } from '../support/rig.ts';
import { addAnnotators, type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const LEASE_MS = 60_000;

async function lease(items: readonly unknown[] = [{ key: 'one', text: 'Buy now' }]) {
  const campaign = await runningCampaign(rig, { settings: { leaseMs: LEASE_MS }, items });
  const [me, other] = campaign.annotators;
  if (!me || !other) throw new Error('There are no annotators.');
  const call = (method: string, path: string, body?: unknown, key = me.apiKey) => rig.call(key, method, path, body);
  const offer = await call('POST', '/v1/assignments/next', { campaignId: campaign.id });
  expect(offer.status).toBe(200);
  return {
    campaign,
    me,
    other,
    call,
    offer,
    at: `/v1/assignments/${offer.body.assignmentId}`,
    id: offer.body.assignmentId as string,
  };
}

const expiry = async (id: string) => {
  const [row] = await rig.db<{ lease: Date; slot: Date }[]>`
    select a.expires_at as lease, s.lease_expires_at as slot
    from assignments a join slots s on s.assignment_id = a.id where a.id = ${id}`;
  return row;
};

describe('extending a lease', () => {
  test('gives it its full time again, slot and assignment alike, and never takes any away', async () => {
    const { call, at, id } = await lease();
    await rig.db`update assignments set expires_at = now() + interval '5 seconds' where id = ${id}`;
    const { status, body } = await call('POST', `${at}/extend`);
    expect(status).toBe(200);
    const left = Date.parse(body.expiresAt) - Date.now();
    expect(left).toBeGreaterThan(LEASE_MS - 10_000);
    expect(left).toBeLessThanOrEqual(LEASE_MS);
    const row = await expiry(id);
    expect(row?.lease.toISOString()).toBe(body.expiresAt);
    expect(row?.slot).toEqual(row?.lease);
  });

  test('ends at four times the time since it began', async () => {
    const { call, at, id } = await lease();
    const [row] = await rig.db<{ leasedAt: Date }[]>`
      update assignments set leased_at = now() - interval '210 seconds', expires_at = now() + interval '20 seconds'
      where id = ${id} returning leased_at as "leasedAt"`;
    const { body } = await call('POST', `${at}/extend`);
    expect(Date.parse(body.expiresAt) - (row?.leasedAt.getTime() ?? 0)).toBe(240_000);
  });

  test('counts from when it was given again, after it had run out', async () => {
    const { campaign, call, at, id } = await lease();
    await rig.db`
      update assignments set leased_at = now() - interval '1 hour', expires_at = now() - interval '50 minutes' where id = ${id}`;
    await expireLeases(rig.db, 10);
    const again = await call('POST', '/v1/assignments/next', { campaignId: campaign.id });
    expect(again.body.assignmentId).toBe(id);
    await rig.db`update assignments set expires_at = now() + interval '5 seconds' where id = ${id}`;
    const { status, body } = await call('POST', `${at}/extend`);
    expect(status).toBe(200);
    expect(Date.parse(body.expiresAt) - Date.now()).toBeGreaterThan(LEASE_MS - 10_000);
    await rig.db`
      update assignments set renewed_at = renewed_at - interval '210 seconds', expires_at = now() + interval '20 seconds'
      where id = ${id}`;
    const last = await call('POST', `${at}/extend`);
    expect(Date.parse(last.body.expiresAt) - Date.parse(again.body.expiresAt)).toBe(-30_000);
  });

  test('takes no pause for time: not of the longest that a lease may last, nor of what is worked', async () => {
    const { campaign, call, at, id } = await lease();
    await pauseCampaign(rig.db, campaign.id);
    const began = new Date(Date.now() - 5 * LEASE_MS);
    const [row] = await rig.db<{ leasedAt: Date }[]>`
      update assignments set leased_at = ${began}::timestamptz - interval '50 seconds', expires_at = ${began}::timestamptz + interval '10 seconds'
      where id = ${id} returning leased_at as "leasedAt"`;
    await rig.db`update campaigns set paused_at = ${began} where id = ${campaign.id}`;
    // What is left of it, and the resumption gives back, is extended.
    const during = await call('POST', `${at}/extend`);
    expect(during.status).toBe(200);
    expect(Date.parse(during.body.expiresAt) - Date.now()).toBeGreaterThan(LEASE_MS - 10_000);
    expect((await expiry(id))?.lease).toEqual(new Date(began.getTime() + LEASE_MS));
    await resumeCampaign(rig.db, { id: campaign.id, to: 'running' });
    await rig.db`update assignments set expires_at = now() + interval '5 seconds' where id = ${id}`;
    const { body } = await call('POST', `${at}/extend`);
    expect(Date.parse(body.expiresAt) - Date.now()).toBeGreaterThan(LEASE_MS - 10_000);
    expect(Date.now() - (row?.leasedAt.getTime() ?? 0)).toBeGreaterThan(5 * LEASE_MS);
    const { annotationId } = (await call('POST', `${at}/annotation`, { label: 'spam', timeSpentS: 5 })).body;
    const [slot] = await rig.db<{ taskId: string }[]>`select task_id as "taskId" from assignments where id = ${id}`;
    const [kept] = await annotationsToAssess(rig.db, { taskId: slot?.taskId ?? '', ids: [annotationId] });
    const { sinceLeaseS } = kept ?? {};
    expect(sinceLeaseS).toBeGreaterThanOrEqual(50);
    expect(sinceLeaseS).toBeLessThan(50 + LEASE_MS / 1000);
  });

  test('is for whoever holds it, while they hold it', async () => {
    const { call, at, id, other } = await lease();
    expect((await call('POST', `${at}/extend`, {}, other.apiKey)).body).toMatchObject({ code: 'lease_foreign' });
    await rig.db`update assignments set expires_at = now() - interval '1 second' where id = ${id}`;
    expect((await call('POST', `${at}/extend`)).body).toMatchObject({ code: 'lease_expired' });
    await expireLeases(rig.db, 10);
    expect((await call('POST', `${at}/extend`)).body).toMatchObject({ code: 'lease_expired' });
  });
});

describe('drafts', () => {
  test('are kept, replaced, thrown away, and outlive the lease', async () => {
    const { call, at, id } = await lease();
    expect(await call('GET', `${at}/draft`)).toMatchObject({ status: 200, body: null });
    for (const label of ['spam', 'ham']) {
      expect((await call('PUT', `${at}/draft`, { content: { label, note: 'כן' } })).status).toBe(200);
    }
    await rig.db`update assignments set expires_at = now() - interval '1 second' where id = ${id}`;
    await expireLeases(rig.db, 10);
    expect((await call('GET', `${at}/draft`)).body.content).toEqual({ label: 'ham', note: 'כן' });
    expect((await call('PUT', `${at}/draft`, { content: { label: 'spam' } })).status).toBe(200);
    expect((await call('DELETE', `${at}/draft`)).status).toBe(204);
    expect((await call('DELETE', `${at}/draft`)).status).toBe(204);
    expect(await call('GET', `${at}/draft`)).toMatchObject({ status: 200, body: null });
  });

  test('are nobody else’s, no larger than they may be, and none once there is an answer', async () => {
    const { call, at, other } = await lease();
    await call('PUT', `${at}/draft`, { content: { label: 'spam' } });
    for (const [method, body] of [
      ['GET', undefined],
      ['PUT', { content: {} }],
      ['DELETE', undefined],
    ] as const) {
      expect((await call(method, `${at}/draft`, body, other.apiKey)).body, method).toMatchObject({
        code: 'lease_foreign',
      });
    }
    expect((await call('PUT', `${at}/draft`, { content: { text: 'x'.repeat(300_000) } })).status).toBe(413);
    expect((await call('PUT', `${at}/draft`, { content: 'text' })).status).toBe(422);
    await call('POST', `${at}/annotation`, { label: 'spam', timeSpentS: 5 });
    expect((await call('PUT', `${at}/draft`, { content: {} })).body).toMatchObject({ code: 'conflict' });
  });
});

describe('reports', () => {
  test('give the task back, once, and reach those who review', async () => {
    const { call, at, campaign, offer, other, me } = await lease();
    const report = () => call('POST', `${at}/report`, { reason: 'The text is cut off.' });
    expect([(await report()).status, (await report()).status]).toEqual([204, 204]);
    expect((await call('POST', `${at}/report`, { reason: 'x' }, other.apiKey)).status).toBe(403);
    const next = await call('POST', '/v1/assignments/next', { campaignId: campaign.id });
    expect(next.status).toBe(204);
    expect((await call('POST', `${at}/annotation`, { label: 'spam', timeSpentS: 5 })).status).toBe(409);
    const list = await rig.call(rig.requester, 'GET', `/v1/campaigns/${campaign.id}/reports`);
    expect(list.body.items).toMatchObject([{ reason: 'The text is cut off.', annotatorId: me.id }]);
    const [row] = await rig.db<
      { task: string }[]
    >`select task_id as task from assignments where id = ${offer.body.assignmentId}`;
    expect(list.body.items[0].taskId).toBe(row?.task);
    const ofAll = async () =>
      (await rig.call(rig.requester, 'GET', '/v1/reports?state=open&limit=100')).body.items.filter(
        (each: { campaignId: string }) => each.campaignId === campaign.id,
      );
    expect(await ofAll()).toEqual(list.body.items);
    expect(list.body.items[0]).toMatchObject({ campaign: expect.any(String), key: expect.any(String) });
    const reports = `/v1/campaigns/${campaign.id}/reports`;
    const [{ id, doneAt }] = list.body.items;
    expect(doneAt).toBeNull();
    const done = (which = id) => rig.call(rig.requester, 'POST', `${reports}/${which}/done`);
    expect([(await done()).status, (await done()).status, (await done(campaign.id)).status]).toEqual([204, 204, 404]);
    const listed = async (state: string) =>
      (await rig.call(rig.requester, 'GET', `${reports}?state=${state}`)).body.items;
    expect([await listed('open'), await ofAll()]).toEqual([[], []]);
    expect(await listed('done')).toMatchObject([{ id, doneAt: expect.any(String) }]);
  });
});

describe('own statistics', () => {
  test('count answers and pay; what was paid today is still pending, so that golds do not show', async () => {
    const { call, at, me, id } = await lease();
    const answer = await call('POST', `${at}/annotation`, { label: 'spam', timeSpentS: 5 });
    const numbers = async () => (await call('GET', '/v1/me/statistics')).body;
    const { annotationId } = answer.body;
    expect(await numbers()).toMatchObject({
      answers: 1,
      answersToday: 1,
      earnedUsd: '0.00',
      pendingUsd: '0.05',
      pendingMicros: 50_000,
      sentUsd: '0.00',
      standing: 'active',
      recent: [{ annotationId, label: 'spam', contested: false, campaign: 'Spam' }],
    });
    await rig.db`update annotations set pay_state = 'paid' where assignment_id = ${id}`;
    expect(await numbers()).toMatchObject({ earnedMicros: 0, pendingMicros: 50_000 });
    // Nor does it show on later days which of them was paid at once.
    await rig.db`update annotations set submitted_at = submitted_at - interval '1 day' where assignment_id = ${id}`;
    expect(await numbers()).toMatchObject({ earnedMicros: 50_000, pendingMicros: 0 });
    await rig.db`update annotations set pay_state = 'pending' where assignment_id = ${id}`;
    expect(await numbers()).toMatchObject({ earnedMicros: 50_000, pendingMicros: 0 });
    await rig.db`update annotations set submitted_at = submitted_at - interval '1 day' where assignment_id = ${id}`;
    expect(await numbers()).toMatchObject({ answersToday: 0, earnedMicros: 50_000, pendingMicros: 0 });
    await call('POST', `/v1/annotations/${annotationId}/contest`, { reason: 'It is.' });
    expect((await numbers()).recent[0].contested).toBe(true);
    const [fresh] = await addAnnotators(rig, 1);
    expect((await rig.call(fresh?.apiKey, 'GET', '/v1/me/statistics')).body).toMatchObject({ answers: 0, recent: [] });
    expect(fresh?.id).not.toBe(me.id);
  });
});

describe('why there is no task', () => {
  const why = async (apiKey: string | undefined, campaignId: string) =>
    (await rig.call(apiKey, 'GET', `/v1/me/work?campaignId=${campaignId}`)).body;

  test('is told: a daily limit and when it is over, that nothing is offered to such a person, or that nothing is open', async () => {
    const items = [{ text: 'one' }, { text: 'two' }];
    const { id, annotators } = await runningCampaign(rig, {
      items,
      settings: { dailyLimit: 1, goldRatio: 0, redundancy: 1 },
    });
    const key = annotators[0]?.apiKey;
    const next = (apiKey: string | undefined, campaignId: string) =>
      rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId });
    const answer = async (apiKey: string | undefined) => {
      const { assignmentId } = (await next(apiKey, id)).body;
      const path = `/v1/assignments/${assignmentId}/annotation`;
      expect((await rig.call(apiKey, 'POST', path, { label: 'spam', timeSpentS: 5 })).status).toBe(201);
    };
    expect(await why(key, id)).toEqual({ why: 'none', until: null });
    await answer(key);
    expect((await next(key, id)).status).toBe(204);
    const told = await why(key, id);
    expect(told.why).toBe('daily_limit');
    expect(told.until).toMatch(/T00:00:00.000Z$/);
    expect(Date.parse(told.until) - Date.now()).toBeLessThanOrEqual(86_400_000);
    await answer(annotators[1]?.apiKey);
    expect((await next(annotators[2]?.apiKey, id)).status).toBe(204);
    expect(await why(annotators[2]?.apiKey, id)).toEqual({ why: 'none', until: null });
    // Running campaigns, changed as their own: no such annotators are there to start them.
    for (const change of [{ language: 'es' }, { tier: 'expert' }, { workforces: ['prolific'] }]) {
      const other = await runningCampaign(rig, { annotators: 0 });
      await rig.db`update campaigns set settings = settings || ${rig.db.json(change)}, policy_version = 2 where id = ${other.id}`;
      await until('the change is known', async () => (await why(key, other.id)).why === 'not_offered');
    }
    const last = annotators[2];
    await rig.db`
      insert into annotator_standings (annotator_id, task_type, standing, standing_reason, recent_golds, recent_correct,
        gold_total, gold_correct, quality_score)
      values (${last?.id ?? ''}, 'classification', 'suspended', 'Copied.', 10, 2, 10, 2, 0.25)`;
    await until('the standing is known', async () => (await why(last?.apiKey, id)).why === 'suspended');
  });
});

describe('own answers', () => {
  test.each([
    ['pairwise', { prompt: 'Which?', a: 'red', b: 'blue' }, 'a', { choice: 'a' }],
    [
      'preference_ranking',
      { prompt: 'Which?', answers: ['red', 'blue', 'green'] },
      { ranks: [1, 2, 3] },
      { ranks: [1, 2, 3] },
    ],
  ])('to %s are told in the order in which they were given', async (type, payload, label, given) => {
    const settings = { type, config: {}, redundancy: 1 };
    const items = Array.from({ length: 24 }, (_, at) => ({ key: `item ${at}`, payload }));
    const { id: campaignId, annotators } = await runningCampaign(rig, { settings, items, annotators: 1 });
    const call = (method: string, path: string, body?: unknown) => rig.call(annotators[0]?.apiKey, method, path, body);
    for (const _ of items) {
      const offer = await call('POST', '/v1/assignments/next', { campaignId });
      await call('POST', `/v1/assignments/${offer.body.assignmentId}/annotation`, { label, timeSpentS: 5 });
    }
    const shown = new Set(Object.values(payload).flat().sort());
    const { items: own, nextCursor } = (await call('GET', '/v1/me/answers?limit=20')).body;
    for (const each of own) {
      const [first, ...rest] = each.shown.split(' · ');
      expect([first, new Set([first, ...rest])]).toEqual(['Which?', shown]);
    }
    // The first answer, as it was seen, was liked best.
    expect(new Set(own.map((each: { shown: string }) => each.shown)).size).toBeGreaterThan(1);
    const more = (await call('GET', `/v1/me/answers?limit=20&cursor=${nextCursor}`)).body;
    expect([own.length, more.items.length, more.nextCursor]).toEqual([20, 4, null]);
    expect(new Set([...own, ...more.items].map(({ annotationId }) => annotationId)).size).toBe(24);
    const stored = await rig.db<{ order: string }[]>`
      select distinct l.presentation #>> '{}' as order
      from annotations n join annotation_labels l on l.annotation_id = n.id where n.campaign_id = ${campaignId}`;
    expect(stored.length).toBeGreaterThan(1);
    const { recent } = (await call('GET', '/v1/me/statistics')).body;
    expect(recent.map((each: { label: unknown }) => each.label)).toEqual(Array.from({ length: 20 }, () => given));
  });
});

describe('keys', () => {
  test('are made with scopes of their role, listed without themselves, and revoked', async () => {
    const { newKey } = await ownerOf(rig);
    expect((await newKey({ name: 'x', role: 'viewer', scopes: ['campaigns:write'] })).body).toMatchObject({
      field: 'scopes',
    });
    const made = await newKey({ name: 'ci', role: 'requester', scopes: ['campaigns:read'] });
    expect(made.status).toBe(201);
    const { apiKey, id } = made.body;
    expect((await rig.call(apiKey, 'GET', '/v1/campaigns')).status).toBe(200);
    expect((await rig.call(apiKey, 'POST', '/v1/annotators', { name: 'A' })).status).toBe(403);
    const { owner } = await ownerOf(rig);
    const list = await rig.call(owner, 'GET', '/v1/keys?limit=200');
    expect(list.text).not.toContain(apiKey);
    expect(list.body.items.map((each: { id: string }) => each.id)).toContain(id);
    expect((await rig.call(owner, 'POST', `/v1/keys/${id}/revoke`)).status).toBe(204);
    await expect.poll(async () => (await rig.call(apiKey, 'GET', '/v1/campaigns')).status, { timeout: 5000 }).toBe(401);
  });
});

/** The requester's key, made an owner's. */
async function ownerOf({ db, requester }: Rig) {
  await db`update api_keys set role = 'owner' where name = 'owner'`;
  await expect.poll(async () => (await rig.call(requester, 'GET', '/v1/keys')).status, { timeout: 5000 }).toBe(200);
  return { owner: requester, newKey: (body: unknown) => rig.call(requester, 'POST', '/v1/keys', body) };
}

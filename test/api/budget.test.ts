import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { markEnded } from '../../db/queries/campaigns.ts';
import { verifyLedger } from '../../db/queries/ledger-proof.ts';
import { setOrganisationCap } from '../../db/queries/limits.ts';
import { payAnnotation } from '../../db/queries/money.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { formatUsd } from '../../domain/money.ts';
import { quorate } from '../cli/run.ts';
import { deferred } from '../support/deferred.ts';
import { insertKey } from '../support/keys.ts';
import { nobodysId, type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

/** What the campaign's workflow is about to be told. */
const told = async (id: string) => {
  const rows = await rig.db<{ message: string }[]>`
    select message from outbox where target_id = ${id} and kind = 'signal_campaign' order by id`;
  return rows.map(({ message }) => message);
};

test('a budget shows what is committed, the worst case and its limits; a change holds at once', async () => {
  const { id } = await runningCampaign(rig, {
    items: [
      { key: 'a', text: 'one' },
      { key: 'b', text: 'two' },
    ],
  });
  const path = `/v1/campaigns/${id}`;
  await rig.call(rig.requester, 'POST', `${path}/items`, [{ key: 'c', text: 'three' }]);
  const limits = { dailyUsd: '5', hedgeUsd: '1.50', workforces: { internal: '20' } };
  const set = await rig.call(rig.requester, 'PUT', `${path}/limits`, limits);
  expect(set.status).toBe(200);
  // Two tasks of 3 answers at $0.05 and a dollar of gold money are reserved; one item is left in the pool.
  expect(set.body).toMatchObject({
    capUsd: '100.00',
    reservedUsd: '1.30',
    exposure: { committedUsd: '1.30', wholePoolUsd: '1.45', atMostUsd: '1.45' },
    daily: { capUsd: '5.00', usedUsd: '1.30' },
    limits: [
      { scope: 'hedge', name: '', capUsd: '1.50', drawnUsd: '0.00' },
      { scope: 'workforce', name: 'internal', capUsd: '20.00', drawnUsd: '0.30' },
    ],
    organisation: null,
    warnings: [],
  });
  expect(await told(id)).toEqual(['poolGrew', 'budgetChanged']);
  // A workflow that is told an amount would set it, though the cap was changed since.
  expect(rig.temporal.updates).toEqual([]);
  expect((await rig.call(rig.viewer, 'GET', `${path}/budget`)).body).toEqual(set.body);
  const lifted = await rig.call(rig.requester, 'PUT', `${path}/limits`, {
    dailyUsd: null,
    workforces: { internal: null },
  });
  expect(lifted.body).toMatchObject({ daily: null, limits: [{ scope: 'hedge' }], waiting: null });
  const full = await rig.call(rig.requester, 'PUT', `${path}/limits`, { workforces: { internal: '0.30' } });
  expect(full.body.waiting).toMatch(
    /until the cap of the workforce internal has room for a task, which may cost \$0\.15:/,
  );
});

test.each(['stopping', 'stopped', 'finished'])(
  'the cap of a campaign that is %s can be raised, and what it owes is paid of that',
  async (state) => {
    const { id, annotators, taskIds } = await runningCampaign(rig, { settings: { budgetUsd: '1.15' } });
    const [who = { apiKey: '' }] = annotators;
    const next = await rig.call(who.apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
    await rig.db`update slots set state = 'closed', annotator_id = null, assignment_id = null, lease_expires_at = null
      where task_id = ${taskIds[0] ?? ''}`;
    const path = `/v1/assignments/${next.body.assignmentId}/annotation`;
    const late = await rig.call(who.apiKey, 'POST', path, { label: 'spam', timeSpentS: 18 });
    expect(await payAnnotation(rig.db, { annotationId: late.body.annotationId, from: 'free' })).toBe('owed');
    await rig.db`update campaigns set state = ${state}, ended_at = now() where id = ${id}`;
    const [proof] = await verifyLedger(rig.db, id);
    expect(proof).toMatchObject({ holds: true, owedMicros: 50_000n, owedSince: expect.any(Date) });

    const change = (body: unknown) => rig.call(rig.requester, 'PATCH', `/v1/campaigns/${id}`, body);
    const raised = await change({ budgetUsd: '5' });
    expect(raised.body).toMatchObject({ budget: { capUsd: '5.00', spentUsd: '0.05' } });
    expect((await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}/budget`)).body).toMatchObject({ owedUsd: '0.00' });
    expect((await change({ budgetUsd: '1' })).body).toMatchObject({ code: 'budget_below_spent', field: 'budgetUsd' });
    if (state === 'stopping') return;
    expect((await change({ budgetUsd: '6', quality: {} })).body).toMatchObject({ code: 'campaign_closed' });
  },
);

test('a campaign that is to end for want of money goes on where a task can be paid again', async () => {
  const { id } = await runningCampaign(rig, { settings: { budgetUsd: '1.20' } });
  await rig.call(rig.requester, 'POST', `/v1/campaigns/${id}/items`, [{ key: 'more', text: 'more' }]);
  await rig.db`update tasks set state = 'cancelled' where campaign_id = ${id}`;
  await rig.db`update campaigns set state = 'stopping', stop_reason = 'budget' where id = ${id}`;
  const end = (mayGoOn: boolean) => markEnded(rig.db, { id, reason: 'budget', mayGoOn });
  const stateOf = async () => (await rig.db`select state from campaigns where id = ${id}`)[0]?.state;
  // $1.15 are reserved, and a task may cost $0.15.
  const raise = (budgetUsd: string) => rig.call(rig.requester, 'PATCH', `/v1/campaigns/${id}`, { budgetUsd });
  expect((await raise('1.30')).status).toBe(200);
  expect(await end(true)).toEqual({ open: [], moneyCame: true });
  expect(await stateOf()).toBe('running');
  await raise('1.29');
  expect(await end(true)).toBeUndefined();
  expect(await stateOf()).toBe('finished');
});

test('a raised cap is news for the campaign from the moment on that it holds, and after what it owed was paid', async () => {
  const { id, annotators } = await runningCampaign(rig);
  const [who] = annotators;
  const next = await rig.call(who?.apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
  const path = `/v1/assignments/${next.body.assignmentId}/annotation`;
  const { annotationId } = (await rig.call(who?.apiKey, 'POST', path, { label: 'spam', timeSpentS: 18 })).body;
  await rig.db`update annotations set pay_state = 'owed' where id = ${annotationId}`;
  const due = () => rig.db<{ due: boolean }[]>`
    select due_at <= now() as due from outbox where target_id = ${id} and message = 'budgetChanged'`;
  const paying = deferred();
  const held = rig.db.begin(async (tx) => {
    await tx`select 1 from annotations where id = ${annotationId} for update`;
    await paying.promise;
  });
  const raised = rig.call(rig.requester, 'PATCH', `/v1/campaigns/${id}`, { budgetUsd: '200' });
  try {
    await expect.poll(due).toEqual([{ due: false }]);
  } finally {
    paying.resolve();
    await held;
  }
  expect((await raised).body).toMatchObject({ budget: { spentUsd: '0.05' } });
  expect(await due()).toEqual([{ due: true }]);
});

test('what is left is forecast by what ended tasks cost, and is nothing that is not chosen any more', async () => {
  const rows = (keys: string) => [...keys].map((key) => ({ key, text: key }));
  const settings = { redundancy: 1, stop: { maxTasks: 4 } };
  const { id, annotators } = await runningCampaign(rig, { settings, items: rows('abc') });
  await rig.call(rig.requester, 'POST', `/v1/campaigns/${id}/items`, rows('defgh'));
  const forecast = async () => (await rig.call(rig.requester, 'GET', `/v1/campaigns/${id}/budget`)).body.forecast;
  expect(await forecast()).toBeNull();
  const [who] = annotators;
  const { body } = await rig.call(who?.apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
  const path = `/v1/assignments/${body.assignmentId}/annotation`;
  expect((await rig.call(who?.apiKey, 'POST', path, { label: 'spam', timeSpentS: 9 })).status).toBe(201);
  const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
  const [lease] = await rig.db<{ taskId: string }[]>`
    select task_id as "taskId" from assignments where id = ${body.assignmentId}`;
  await activities.decideTask({ taskId: lease?.taskId ?? '', minConfidence: 0, acceptAny: true, log: [] });
  const of = (tasksLeft: number, restUsd: string) => ({
    costPerTaskUsd: '0.05',
    tasksLeft,
    restUsd,
    tasksCovered: tasksLeft,
  });
  // Two are open, and one of the five in the pool may still be chosen.
  await expect.poll(forecast).toMatchObject(of(3, '0.15'));
  await rig.db`update campaigns set state = 'stopping' where id = ${id}`;
  expect(await forecast()).toMatchObject(of(2, '0.10'));
});

test('a bonus beyond the cap of the organisation is refused like one beyond the campaign’s', async () => {
  const { id, annotators } = await runningCampaign(rig);
  const [{ drawn } = { drawn: 0n }] = await rig.db<{ drawn: bigint }[]>`
    select sum(reserved_micros + spent_micros)::bigint as drawn from budgets`;
  await setOrganisationCap(rig.db, DEFAULT_ORGANISATION, drawn + 1_000_000n);
  const bonus = (amountUsd: string) =>
    rig.call(rig.requester, 'POST', `/v1/campaigns/${id}/bonuses`, {
      ...{ annotatorId: annotators[0]?.id, amountUsd, reason: 'A kind word' },
    });
  expect(await bonus('1.01')).toMatchObject({ body: { code: 'budget_exceeded', field: 'amountUsd' } });
  expect((await bonus('1')).status).toBe(201);
  await setOrganisationCap(rig.db, DEFAULT_ORGANISATION, null);
});

test('what makes no sense is refused with its field', async () => {
  const { id } = await runningCampaign(rig);
  const put = (body: unknown, of = id) => rig.call(rig.requester, 'PUT', `/v1/campaigns/${of}/limits`, body);
  expect((await put({ dailyUsd: '0.10' })).body).toMatchObject({ code: 'invalid_input', field: 'dailyUsd' });
  expect((await put({ workforces: { internal: '0.10' } })).body).toMatchObject({ code: 'budget_below_spent' });
  // Of several nothing is set where one is refused.
  const both = await put({ dailyUsd: '50', hedgeUsd: '1', workforces: { internal: '0.10' } });
  expect(both).toMatchObject({ status: 409, body: { field: 'workforces.internal' } });
  expect((await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}/budget`)).body).toMatchObject({
    daily: null,
    limits: [],
  });
  const wrong = (await put({ workforces: { internal: '20', internl: '5' } })).body;
  expect(wrong).toMatchObject({ code: 'invalid_input', field: 'workforces.internl' });
  expect(wrong.detail).toContain('its workforces are internal.');
  expect((await put({ workforces: { internl: null } })).status).toBe(200);
  expect((await put({ weeklyUsd: '1' })).status).toBe(422);
  expect((await put({}, nobodysId())).status).toBe(404);
  expect((await rig.call(rig.viewer, 'PUT', `/v1/campaigns/${id}/limits`, {})).status).toBe(403);
});

test('quorate campaign limits says what it is told', async () => {
  expect(await quorate(undefined, 'campaign', 'limits', 'x', '--workforce', 'nothing')).toMatchObject({
    code: 2,
    err: expect.stringContaining('a name, = and dollars'),
  });
});

test('an organisation’s new cap pays what its campaigns owe, and is told to all that may wait for money, and no other', async () => {
  const owner = newApiKey();
  await insertKey(rig.db, { hash: hashKey(owner), role: 'owner', name: 'treasurer' });
  const made = async (state: string) => {
    const campaign = await runningCampaign(rig, { items: [{ key: 'a', text: 'one' }] });
    await rig.db`
      update campaigns set state = ${state}, paused_at = case when ${state} = 'paused' then now() end
      where id = ${campaign.id}`;
    return campaign;
  };
  const ids: Record<string, string> = {};
  for (const state of ['paused', 'stopping', 'stopped', 'finished']) ids[state] = (await made(state)).id;
  const running = await made('running');
  const foreign = await made('running');
  const other = uuidv7();
  await rig.db`insert into organisations (id, name) values (${other}, 'Other')`;
  await rig.db`update campaigns set organisation_id = ${other} where id = ${foreign.id}`;
  const [who = { apiKey: '' }] = running.annotators;
  const next = await rig.call(who.apiKey, 'POST', '/v1/assignments/next', { campaignId: running.id });
  const answer = { label: 'spam', timeSpentS: 18 };
  const late = await rig.call(who.apiKey, 'POST', `/v1/assignments/${next.body.assignmentId}/annotation`, answer);
  await rig.db`update annotations set pay_state = 'owed', counted = false where id = ${late.body.annotationId}`;
  await rig.db`delete from outbox`;
  expect((await rig.call(owner, 'PUT', '/v1/budget', { capUsd: '5000' })).status).toBe(200);
  expect(await told(running.id)).toEqual(['budgetChanged']);
  expect(await told(ids.paused ?? '')).toEqual(['budgetChanged']);
  for (const id of [ids.stopping, ids.stopped, ids.finished, foreign.id]) expect(await told(id ?? '')).toEqual([]);
  const [paid] = await rig.db<{ state: string }[]>`
    select pay_state as state from annotations where id = ${late.body.annotationId}`;
  expect(paid?.state).toBe('paid');
  // Lifted, it tells them, too.
  await rig.call(owner, 'PUT', '/v1/budget', { capUsd: null });
  expect(await told(running.id)).toEqual(['budgetChanged', 'budgetChanged']);
});

test('an organisation’s cap is its owner’s, and counts all of its campaigns', async () => {
  const owner = newApiKey();
  await insertKey(rig.db, { hash: hashKey(owner), role: 'owner', name: 'head' });
  await runningCampaign(rig);
  const [{ drawn } = { drawn: 0n }] = await rig.db<{ drawn: bigint }[]>`
    select sum(b.reserved_micros + b.spent_micros)::bigint as drawn
    from budgets b join campaigns c on c.id = b.campaign_id where c.organisation_id = ${DEFAULT_ORGANISATION}`;
  const put = (key: string, capUsd: string | null) => rig.call(key, 'PUT', '/v1/budget', { capUsd });
  expect((await put(rig.requester, '50')).status).toBe(403);
  expect((await put(owner, '50')).body).toEqual({
    cap: { capUsd: '50.00', capMicros: 50_000_000, drawnUsd: formatUsd(drawn), drawnMicros: Number(drawn) },
    warnings: [],
  });
  expect((await put(owner, '0.10')).body).toMatchObject({ code: 'budget_below_spent' });
  expect((await rig.call(rig.viewer, 'GET', '/v1/budget')).body.cap).toMatchObject({ capUsd: '50.00' });
  expect((await put(owner, null)).body).toMatchObject({ cap: null });
});

test('the books are read page by page, newest first, by their organisation’s owner alone', async () => {
  const { id } = await runningCampaign(rig, { items: [{ text: 'one' }, { text: 'two' }] });
  const owner = newApiKey();
  await insertKey(rig.db, { hash: hashKey(owner), role: 'owner', name: 'books' });
  const read = (key: string, query = '') => rig.call(key, 'GET', `/v1/ledger/entries?campaignId=${id}${query}`);
  const first = (await read(owner, '&limit=2')).body;
  const rest = (await read(owner, `&cursor=${first.nextCursor}`)).body;
  // Two tasks, and their golds.
  expect([first.items.length, rest.items.length, rest.nextCursor]).toEqual([2, 1, null]);
  const all = [...first.items, ...rest.items];
  expect(all.map(({ id: entry }) => Number(entry))).toEqual(
    all.map(({ id: entry }) => Number(entry)).sort((a, b) => b - a),
  );
  expect(all.filter(({ taskId }) => taskId !== null)).toMatchObject([
    { kind: 'reserve', fromAccount: 'requester_funds', toAccount: 'reserved', amountUsd: '0.15', campaignId: id },
    { kind: 'reserve', amountMicros: 150_000 },
  ]);
  expect((await read(rig.requester)).status).toBe(403);
  expect((await rig.call(owner, 'GET', '/v1/ledger/entries')).body.items.length).toBeGreaterThan(3);
});

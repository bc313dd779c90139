import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { reviseDecisions } from '../../activities/revisions.ts';
import { insertIfUnchanged } from '../../db/queries/revisions.ts';
import { recomputes } from '../../domain/aggregation/decide.ts';
import { addAnnotators, nobodysId, type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

type Labels = readonly [good: string, other: string, bad: string];

/** A campaign whose tasks three annotators answered as said by the item's key, and which are decided. */
async function decided(
  answers: Readonly<Record<string, Labels>>,
  settings: Record<string, unknown> = {},
  otherScore = 1,
) {
  const items = Object.keys(answers).map((key) => ({ key, text: `Item ${key}` }));
  const campaign = await runningCampaign(rig, { items, annotators: 3, settings: { maxLeases: 50, ...settings } });
  const rows = await rig.db<{ id: string; key: string }[]>`
    select t.id, i.key from tasks t join items i on i.id = t.item_id where t.campaign_id = ${campaign.id}`;
  const taskOf = Object.fromEntries(rows.map(({ id, key }) => [key, id])) as Record<string, string>;
  for (const [at, { id, apiKey }] of campaign.annotators.entries()) {
    await rig.db`update annotators set quality_score = ${[0.9, 0.8, 0.9][at] ?? 0} where id = ${id}`;
    for (;;) {
      const next = await rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId: campaign.id });
      if (next.status === 204) break;
      const label = answers[next.body.task.payload.text.slice('Item '.length)]?.[at];
      const path = `/v1/assignments/${next.body.assignmentId}/annotation`;
      expect((await rig.call(apiKey, 'POST', path, { label, timeSpentS: 20 })).status).toBe(201);
    }
  }
  await rig.db`
    update annotations set score = ${otherScore} where annotator_id = ${campaign.annotators[1]?.id ?? ''}`;
  const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
  for (const taskId of campaign.taskIds) {
    await activities.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
  }
  const bad = campaign.annotators[2]?.id ?? '';
  return { ...campaign, bad, taskOf };
}

const path = (id: string, query = '') => `/v1/annotators/${id}/quarantine${query}`;
const preview = (id: string, query?: string) => rig.call(rig.requester, 'GET', path(id, query));
const apply = (id: string, query?: string, reason = 'Answers without reading.') =>
  rig.call(rig.requester, 'POST', path(id, query), { reason });
const reopen = (id: string) =>
  rig.call(rig.requester, 'POST', path(id), { reason: 'Answers by chance.', reopen: true });
const decide = (taskId: string) =>
  createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined }).decideTask({
    ...{ taskId, minConfidence: 0, acceptAny: true, log: [] },
  });
/** The next task of the campaign for this key, answered. */
async function answerNext(apiKey: string, campaignId: string, label: string): Promise<string> {
  const next = await rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId });
  const sent = await rig.call(apiKey, 'POST', `/v1/assignments/${next.body.assignmentId}/annotation`, {
    ...{ label, timeSpentS: 20 },
  });
  expect(sent.status).toBe(201);
  return sent.body.annotationId as string;
}
const revisionsOf = async (taskId: string) => [
  ...(await rig.db<{ revision: number; label: string; state: string; evidence: Record<string, unknown> }[]>`
    select revision, label, state, evidence from decisions where task_id = ${taskId} order by revision`),
];

const ANSWERS = {
  flip: ['ham', 'spam', 'spam'],
  weak: ['ham', 'spam', 'ham'],
  firm: ['spam', 'spam', 'spam'],
} as const;

describe('a quarantine', () => {
  test('is previewed: what flips, what is not sure any more, what repair costs; nothing changes', async () => {
    const { bad, taskOf, id: campaignId } = await decided(ANSWERS);
    const { status, body } = await preview(bad);
    expect(status).toBe(200);
    const { affected, ...counts } = body;
    expect(counts).toEqual({
      examined: 3,
      open: 0,
      apart: 0,
      stays: 2,
      flips: 1,
      unanswered: 0,
      belowConfidence: 2,
      repairUsd: '0.10',
      repairMicros: 100_000,
      reopenUsd: '0.10',
      reopenMicros: 100_000,
      replaceAllUsd: '0.15',
      replaceAllMicros: 150_000,
      nextCursor: null,
    });
    const task = {
      campaignId,
      revision: 1,
      belowConfidence: true,
      priceUsd: '0.05',
      priceMicros: 50_000,
      canReopen: true,
    };
    const without = { to: 'ham', confidence: expect.closeTo(0.9 / 1.7, 9) };
    expect(affected).toHaveLength(2);
    expect(affected).toContainEqual({
      ...{ ...task, ...without, taskId: taskOf.flip, outcome: 'flips', from: 'spam' },
      confidenceBefore: expect.closeTo(1.7 / 2.6, 9),
    });
    expect(affected).toContainEqual({
      ...{ ...task, ...without, taskId: taskOf.weak, outcome: 'stays', from: 'ham' },
      confidenceBefore: expect.closeTo(1.8 / 2.6, 9),
    });
    expect(await revisionsOf(taskOf.flip ?? '')).toHaveLength(1);
  });

  test('revises what flips beside the old decision, once, on record, and the same to the byte when recomputed', async () => {
    const { bad, taskOf } = await decided(ANSWERS);
    const applied = await apply(bad);
    expect(applied).toMatchObject({
      status: 200,
      body: { flips: 1, stays: 2, revised: 1, missed: 0, nextCursor: null },
    });
    const [first, second] = await revisionsOf(taskOf.flip ?? '');
    expect(first).toMatchObject({ revision: 1, label: 'spam', evidence: { context: { outcome: 'decided' } } });
    expect(second).toMatchObject({ revision: 2, label: 'ham', state: 'decided' });
    expect(second?.evidence.context).toEqual({
      outcome: 'decided',
      revises: 1,
      because: 'quarantine',
      annotatorId: bad,
      reason: 'Answers without reading.',
    });
    expect(recomputes(second?.evidence)).toBe(true);
    expect(await revisionsOf(taskOf.weak ?? '')).toHaveLength(1);

    const again = await apply(bad);
    expect(again.body).toMatchObject({ examined: 3, apart: 1, flips: 0, revised: 0, missed: 0 });
    expect(await revisionsOf(taskOf.flip ?? '')).toHaveLength(2);
    const shown = await rig.call(rig.requester, 'GET', `/v1/tasks/${taskOf.flip}`);
    expect(shown.body.decision).toMatchObject({ revision: 2, label: 'ham' });
    const exported = await rig.call(rig.viewer, 'GET', `/v1/tasks/${taskOf.flip}`);
    expect(exported.text, 'who and why is for requesters').not.toContain('without reading');
  });

  test('applied twice at once adds one revision', async () => {
    const { bad, taskOf } = await decided(ANSWERS);
    const both = await Promise.all([apply(bad), apply(bad)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(both.reduce((sum, { body }) => sum + (body.revised as number), 0)).toBe(1);
    expect(await revisionsOf(taskOf.flip ?? '')).toHaveLength(2);
  });

  test('of two annotators one after the other leaves out both, and says which tasks have no answer left', async () => {
    const { bad, taskOf, annotators } = await decided({ flip: ANSWERS.flip, firm: ANSWERS.firm });
    await apply(bad);
    // Of the good one's and the other's answers the good one's decided.
    const good = annotators[0]?.id ?? '';
    expect((await apply(good)).body).toMatchObject({ flips: 1, stays: 1, revised: 1 });
    expect(await revisionsOf(taskOf.flip ?? '')).toMatchObject([
      { label: 'spam' },
      { label: 'ham' },
      { label: 'spam' },
    ]);
    const last = (await apply(annotators[1]?.id ?? '')).body;
    expect(last).toMatchObject({ unanswered: 1, stays: 1, revised: 0, repairMicros: 50_000 });
    expect(last.affected).toMatchObject([{ taskId: taskOf.flip, outcome: 'unanswered', from: 'spam', to: null }]);
    expect(await revisionsOf(taskOf.flip ?? '')).toHaveLength(3);
  });

  test('goes page by page, and by campaign', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 7 }, (_, at) => [`k${at}`, at % 2 === 0 ? ANSWERS.flip : ANSWERS.firm]),
    );
    const { bad, id: campaignId } = await decided(many);
    const pages = [];
    let revised = 0;
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await apply(bad, `?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
      pages.push(body.examined as number);
      revised += body.revised as number;
      cursor = body.nextCursor as string | null;
    }
    expect(pages).toEqual([3, 3, 1]);
    expect(revised).toBe(4);
    expect((await preview(bad, `?campaignId=${campaignId}`)).body).toMatchObject({ examined: 7, apart: 4 });
    // A campaign that is not there is told apart from one without answers of theirs.
    expect(await preview(bad, `?campaignId=${nobodysId()}`)).toMatchObject({ status: 404 });
  });

  test('is not undone by a later pass over all answers', async () => {
    const settings = { redundancyPolicy: 'adaptive', redundancy: 3, maxRedundancy: 3 };
    const { bad, taskOf, id } = await decided({ flip: ANSWERS.flip, firm: ANSWERS.firm }, settings, 0.5);
    expect((await apply(bad)).body).toMatchObject({ flips: 1, revised: 1 });
    expect(await reviseDecisions(rig.db, id, () => undefined)).toEqual({ judged: 1, revised: 0 });
    expect(await revisionsOf(taskOf.flip ?? '')).toMatchObject([{ label: 'spam' }, { label: 'ham' }]);
  });

  test('is not undone by a pass that read the answers before and writes after', async () => {
    const { taskOf, id } = await decided({ flip: ANSWERS.flip });
    const taskId = taskOf.flip ?? '';
    const votes = await rig.db<{ id: string }[]>`select id from annotations where task_id = ${taskId} order by id`;
    const answers = votes.map((vote) => vote.id);
    const pass = {
      taskId,
      campaignId: id,
      revision: 2,
      label: 'spam',
      confidence: 1,
      method: 'm',
      evidence: {},
      answers,
    };
    const out = answers[2] ?? '';
    let passed: Promise<number> | undefined;
    await rig.db.begin(async (tx) => {
      await tx`select 1 from tasks where id = ${taskId} for share`;
      passed = insertIfUnchanged(rig.db, [pass]);
      await expect
        .poll(async () => (await tx`select 1 from pg_stat_activity where wait_event_type = 'Lock'`).length)
        .toBeGreaterThan(0);
      await tx`update annotations set excluded_at = now() where id = ${out}`;
    });
    expect(await passed).toBe(0);
    expect(await revisionsOf(taskId)).toHaveLength(1);
    expect(await insertIfUnchanged(rig.db, [{ ...pass, answers: answers.slice(0, 2) }])).toBe(1);
  });

  test('leaves experts’ rulings alone', async () => {
    const { bad, taskOf } = await decided({ flip: ANSWERS.flip });
    await rig.db`update tasks set state = 'adjudicated' where id = ${taskOf.flip ?? ''}`;
    expect((await apply(bad)).body).toMatchObject({ examined: 0, revised: 0 });
  });

  test('takes answers out of tasks that are still open, so that these are decided without them', async () => {
    const { id, annotators, taskIds } = await runningCampaign(rig);
    const [bad = { id: '', apiKey: '' }, ...others] = annotators;
    const [taskId = ''] = taskIds;
    await answerNext(bad.apiKey, id, 'spam');
    expect((await preview(bad.id)).body).toMatchObject({ examined: 1, open: 1, apart: 0, affected: [] });
    expect((await apply(bad.id)).body).toMatchObject({ examined: 1, open: 1, revised: 0, missed: 0 });
    expect((await apply(bad.id)).body).toMatchObject({ examined: 1, open: 0, apart: 1 });
    for (const { apiKey } of others) await answerNext(apiKey, id, 'ham');
    await decide(taskId);
    const [decision] = await revisionsOf(taskId);
    expect(decision).toMatchObject({ label: 'ham' });
    expect(decision?.evidence.votes).toHaveLength(2);
  });

  test('that has revised what the budget had no room to ask again does so once it has', async () => {
    // A dollar of gold money, and three answers at $0.05.
    const { id, bad, taskOf } = await decided({ flip: ANSWERS.flip }, { budgetUsd: '1.15' });
    const first = await reopen(bad);
    expect(first.body).toMatchObject({ flips: 1, revised: 1, reopened: 0, overBudget: 1 });
    await rig.db`update budgets set cap_micros = 2000000 where campaign_id = ${id}`;
    expect((await preview(bad)).body).toMatchObject({
      ...{ apart: 1, flips: 0, repairMicros: 50_000, reopenMicros: 50_000 },
      affected: [{ taskId: taskOf.flip, outcome: 'revised', from: 'ham', to: 'ham', canReopen: true }],
    });
    expect((await reopen(bad)).body).toMatchObject({ revised: 0, reopened: 1, overBudget: 0 });
    const [fresh = { apiKey: '' }] = await addAnnotators(rig, 1);
    await answerNext(fresh.apiKey, id, 'ham');
    await decide(taskOf.flip ?? '');
    // It has got what was missing.
    expect((await preview(bad)).body).toMatchObject({ examined: 1, apart: 1, affected: [] });
    expect((await reopen(bad)).body).toMatchObject({ reopened: 0 });
  });

  test('is not undone by the quarantine of somebody else who answered the same', async () => {
    const { id, bad, taskOf, annotators } = await decided({ flip: ANSWERS.flip });
    const [good = { id: '' }, other = { id: '' }] = annotators;
    await apply(bad);
    expect((await reopen(good.id)).body).toMatchObject({ flips: 1, revised: 1, reopened: 1 });
    const [fresh = { id: '', apiKey: '' }] = await addAnnotators(rig, 1);
    await answerNext(fresh.apiKey, id, 'ham');
    await decide(taskOf.flip ?? '');
    const last = (await revisionsOf(taskOf.flip ?? '')).at(-1);
    const counting = await rig.db<{ id: string }[]>`
      select id from annotations where task_id = ${taskOf.flip ?? ''} and annotator_id in (${other.id}, ${fresh.id}) order by id`;
    const votes = last?.evidence.votes as { annotationId: string }[];
    expect(votes.map(({ annotationId }) => annotationId)).toEqual(counting.map((each) => each.id));
  });

  test('is refused without a reason, for nobody, and beyond its limit', async () => {
    const [ann] = await addAnnotators(rig, 1);
    const id = ann?.id ?? '';
    expect(await apply(id, '', ' ')).toMatchObject({ status: 422, body: { field: 'reason' } });
    expect((await apply(nobodysId())).status).toBe(404);
    expect((await preview(nobodysId())).status).toBe(404);
    expect(await preview(id, '?limit=10001')).toMatchObject({ status: 422, body: { field: 'limit' } });
    expect((await preview(id)).body).toMatchObject({ examined: 0, nextCursor: null });
  });
});

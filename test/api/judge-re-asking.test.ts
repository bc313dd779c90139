import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { measureJudges } from '../../activities/judge-measuring.ts';
import { storeTrusts } from '../../db/queries/judging.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

/** Makes an annotator the judge that a version of a model is. */
async function named(annotatorId: string, version: string): Promise<void> {
  await rig.db`
    insert into vendor_workers (organisation_id, vendor, worker_id, annotator_id)
    select organisation_id, 'llm', ${`judge:${version}:v1`}, id from annotators where id = ${annotatorId}`;
}

let asking = 0;
/** A model was asked so often, and a version of it answered. */
async function asked(model: string, version: string, times: number): Promise<void> {
  await rig.db`
    insert into judge_spending (model, spent_micros) values (${model}, 0) on conflict do nothing`;
  for (let n = 0; n < times; n++) {
    asking += 1;
    await rig.db`
      insert into judge_answers (hash, model, answered_by, prompt_version, said, input_tokens, output_tokens, cost_micros,
        created_at)
      values (${`hash ${asking}`}, ${model}, ${version}, 'v1', '{}', 1, 1, 0, now() + ${asking} * interval '1 second')`;
  }
}

test('a judge whose model has changed is named, and what leans on it is previewed with its cost, then asked of people', async () => {
  const items = Array.from({ length: 9 }, (_, at) => ({ key: `item-${at}`, text: `Item ${at}` }));
  const settings = { redundancy: 1, escalation: [{ step: 'raise_pay', by: 0.5 }], maxLeases: 9 };
  const { id, annotators, taskIds } = await runningCampaign(rig, { items, settings, annotators: 3 });
  const [old, fresh, person] = annotators;
  const idOf = (annotator: typeof old) => annotator?.id ?? '';
  // Three answers of the one version, then six of the next.
  for (const [at] of items.entries()) {
    const { apiKey = '' } = (at < 3 ? old : fresh) ?? {};
    const { body } = await rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
    const path = `/v1/assignments/${body.assignmentId}/annotation`;
    expect((await rig.call(apiKey, 'POST', path, { label: 'spam', timeSpentS: 20 })).status).toBe(201);
  }
  const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
  for (const taskId of taskIds) await activities.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
  // As judges first decide: see test/workers/judges-first.test.ts for the way there.
  await rig.db`update annotators set kind = 'llm' where id in (${idOf(old)}, ${idOf(fresh)})`;
  await rig.db.begin(async (tx) => {
    // Decisions are a record, which a trigger keeps.
    await tx`set local session_replication_role = replica`;
    await tx`update decisions set evidence = evidence || '{"context": {"decidedBy": "judges"}}' where campaign_id = ${id}`;
  });
  await named(idOf(old), 'm-1');
  await named(idOf(fresh), 'm-2');
  await asked('m', 'm-1', 3);
  await asked('m', 'm-2', 10);
  // A kept answer of the old version that comes late says nothing of who answers now.
  await rig.db`
    update annotations set submitted_at = now() + interval '1 minute'
    where id = (select max(id::text)::uuid from annotations where annotator_id = ${idOf(old)})`;
  const none = { same: 0, of: 0 };
  const trust = { trust: 'learning', correlation: 1, agrees: none, recent: none, people: none } as const;
  await storeTrusts(rig.db, id, [
    { annotatorId: idOf(old), ...trust },
    { annotatorId: idOf(fresh), ...trust },
  ]);

  const judges = await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}/judges`);
  const replaced = new Map(
    judges.body.items.map((each: { annotatorId: string; replacedBy: string | null }) => [
      each.annotatorId,
      each.replacedBy,
    ]),
  );
  expect(replaced.get(idOf(old))).toBe('judge:m-2:v1');
  expect(replaced.get(idOf(fresh))).toBeNull();

  const reAsk = (annotatorId: string, rest = '', body: object = {}) =>
    rig.call(rig.requester, 'POST', `/v1/campaigns/${id}/judges/${annotatorId}/re-ask${rest}`, body);
  expect((await reAsk(idOf(old), '/preview')).body).toMatchObject({
    ...{ tasks: 3, answers: 1, costMicros: 150_000, reserveMicros: 225_000, replacedBy: replaced.get(idOf(old)) },
  });
  expect((await reAsk(idOf(person), '/preview')).status).toBe(404);
  expect((await reAsk(idOf(old))).status).toBe(422);
  const reason = 'The model has another version.';
  expect((await reAsk(idOf(old), '', { reason, limit: 2 })).body).toMatchObject({
    reopened: 2,
    left: 1,
    overBudget: 0,
  });
  const rest = await reAsk(idOf(old), '', { reason });
  expect(rest.body).toMatchObject({ reopened: 1, left: 0, reservedMicros: 75_000 });
  // Nothing else was touched, and the decisions stand until there are new ones.
  const open = await rig.db`select 1 from tasks where campaign_id = ${id} and state = 'open'`;
  expect(open).toHaveLength(3);
  const story = await rig.call(rig.requester, 'GET', `/v1/tasks/${rest.body.taskIds[0]}`);
  expect(story.body).toMatchObject({ state: 'open', decision: { label: 'spam', revision: 1 } });
  expect((await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}/judges`)).body).toMatchObject({ reopened: 3 });
});

test('what leans on a judge that was replaced is asked again by itself; where it answers again it is measured anew', async () => {
  const items = Array.from({ length: 4 }, (_, at) => ({ key: `item-${at}`, text: `Item ${at}` }));
  const { id, annotators, taskIds } = await runningCampaign(rig, { items, settings: { redundancy: 1 }, annotators: 1 });
  const [{ id: judgeId = '', apiKey = '' } = {}] = annotators;
  for (const _ of items) {
    const { body } = await rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
    await rig.call(apiKey, 'POST', `/v1/assignments/${body.assignmentId}/annotation`, {
      label: 'spam',
      timeSpentS: 20,
    });
  }
  const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
  for (const taskId of taskIds) await activities.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
  await rig.db`update annotators set kind = 'llm' where id = ${judgeId}`;
  await rig.db.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update decisions set evidence = evidence || '{"context": {"decidedBy": "judges"}}' where campaign_id = ${id}`;
  });
  await named(judgeId, 'k-1');
  await asked('k', 'k-1', 4);
  await asked('k', 'k-2', 9);
  const { settings } = (await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}`)).body;
  const terms = { ...settings, judge: { minAudited: 10, auditShare: 0.1, target: 0.9 } };
  const measure = () => measureJudges(rig.db, { id, state: 'running' }, terms, Date.now());
  const standing = async () => (await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}/judges`)).body.items;

  expect(await measure()).toEqual({ reopened: 0 });
  await asked('k', 'k-2', 1);
  expect(await measure()).toEqual({ reopened: 4 });
  const replaced = { trust: 'distrusted', cause: 'replaced', replacedBy: 'judge:k-2:v1' };
  expect(await standing()).toMatchObject([{ judge: 'judge:k-1:v1', ...replaced }]);
  const [reopening] = await rig.db`
    select r.reason from task_reopenings r join tasks t on t.id = r.task_id where t.campaign_id = ${id} limit 1`;
  expect(reopening?.reason).toContain('another version');
  expect(await measure()).toEqual({ reopened: 0 });

  await asked('k', 'k-1', 10);
  await measure();
  expect(await standing()).toMatchObject([{ trust: 'learning', cause: null, replacedBy: null, distrustedAt: null }]);
});

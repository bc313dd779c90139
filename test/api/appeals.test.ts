import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { proposeDeduction, reviewDeduction } from '../../db/queries/adjustments.ts';
import { verifyLedger } from '../../db/queries/ledger-proof.ts';
import { budgetOf, owedMicros, owingCampaigns, payAnnotation, payOwed } from '../../db/queries/money.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { roles } from '../support/payers.ts';
import { addAnnotators, nobodysId, type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

type Person = { id: string; apiKey: string };

/** A campaign whose first task is gold for whoever asks (`ratio` 1), or work (0). */
const campaign = (goldRatio: 0 | 1) =>
  runningCampaign(rig, {
    settings: { goldRatio, goldFloor: 0 },
    items: [
      { key: 'work', text: 'See you at noon' },
      { key: 'gold', text: 'Buy now', gold: 'ham' },
    ],
    annotators: 0,
  });

async function answer({ apiKey }: Person, campaignId: string, label: string): Promise<string> {
  const next = await rig.call(apiKey, 'POST', `/v1/assignments/next`, { campaignId });
  expect(next.status).toBe(200);
  const path = `/v1/assignments/${next.body.assignmentId}/annotation`;
  const stored = await rig.call(apiKey, 'POST', path, { label, timeSpentS: 1 });
  expect(stored.status).toBe(201);
  return stored.body.annotationId;
}

async function grade({ id }: Person, annotationId: string) {
  const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
  await activities.gradeGold({ annotatorId: id, annotationIds: [annotationId], goldTotal: 0, goldCorrect: 0 });
}

const contest = ({ apiKey }: Person, annotationId: string, reason = 'It says so in the text.') =>
  rig.call(apiKey, 'POST', `/v1/annotations/${annotationId}/contest`, { reason });
const resolve = (id: string, body: Record<string, unknown>) =>
  rig.call(rig.requester, 'POST', `/v1/appeals/${id}/resolve`, body);
const told = async (appealId: string) => [
  ...(await rig.db<{ target: string; payload: { annotationId: string; correct: boolean } }[]>`
    select target_id as target, payload from outbox where message = 'goldCorrected' and payload ->> 'appealId' = ${appealId}
    order by id`),
];

async function people(count: number): Promise<[Person, Person, Person]> {
  const [a, b, c] = await addAnnotators(rig, count);
  if (!a || !b || !c) throw new Error('Three annotators are needed.');
  return [a, b, c];
}

describe('contesting an answer', () => {
  test('looks the same for gold and for work, and is done once', async () => {
    const [ann] = await people(3);
    const receipts = [];
    for (const ratio of [0, 1] as const) {
      const { id } = await campaign(ratio);
      const annotationId = await answer(ann, id, 'spam');
      const first = await contest(ann, annotationId);
      expect(first.status).toBe(201);
      const again = await contest(ann, annotationId, 'Let me say it better.');
      expect(again.status).toBe(200);
      expect(again.body).toEqual(first.body);
      expect(first.body.annotationId).toBe(annotationId);
      receipts.push(Object.keys(first.body as object).toSorted());
    }
    expect(receipts).toEqual(new Array(2).fill(['annotationId', 'createdAt', 'id']));
  });

  test('is only for one’s own answers, with a reason', async () => {
    const [ann, bob] = await people(3);
    const { id } = await campaign(1);
    const annotationId = await answer(ann, id, 'spam');
    expect((await contest(bob, annotationId)).status).toBe(404);
    expect((await contest(ann, nobodysId())).status).toBe(404);
    expect(await contest(ann, annotationId, ' ')).toMatchObject({ status: 422, body: { field: 'reason' } });
  });
});

describe('ruling on an appeal', () => {
  test('upheld, the known answer and everybody’s verdicts are corrected, each annotator is told, and it is on record', async () => {
    const [ann, bob, cas] = await people(3);
    const { id: campaignId } = await campaign(1);
    const [mine, same, other] = [
      await answer(ann, campaignId, 'spam'),
      await answer(bob, campaignId, 'spam'),
      await answer(cas, campaignId, 'ham'),
    ];
    await grade(ann, mine);
    await grade(cas, other);
    const appeal = (await contest(ann, mine)).body;
    const listed = await rig.call(rig.requester, 'GET', `/v1/appeals?state=open&campaignId=${campaignId}`);
    expect(listed.body.items).toMatchObject([
      { id: appeal.id, kind: 'gold', key: 'gold', label: 'spam', gold: 'ham', reason: 'It says so in the text.' },
    ]);
    const ruled = await resolve(appeal.id, { verdict: 'upheld', note: 'The key was wrong.' });
    expect(ruled).toMatchObject({
      status: 200,
      body: { state: 'upheld', gold: 'spam', goldBefore: 'ham', changedVerdicts: 3, note: 'The key was wrong.' },
    });
    const rows = await rig.db<{ id: string; score: number | null; flags: string[] }[]>`
      select id, score::float8 as score, flags from annotations where campaign_id = ${campaignId} order by id`;
    expect([...rows]).toEqual([
      { id: mine, score: 0.3, flags: ['too_fast'] },
      // Not graded yet: that will be by the corrected answer.
      { id: same, score: null, flags: [] },
      { id: other, score: 0.15, flags: ['too_fast', 'gold_incorrect'] },
    ]);
    expect(await told(appeal.id)).toEqual([
      { target: ann.id, payload: { appealId: appeal.id, annotationId: mine, correct: true } },
      { target: bob.id, payload: { appealId: appeal.id, annotationId: same, correct: true } },
      { target: cas.id, payload: { appealId: appeal.id, annotationId: other, correct: false } },
    ]);
    await grade(bob, same);
    const [graded] = await rig.db`select flags from annotations where id = ${same}`;
    expect(graded?.flags).toEqual(['too_fast']);
    // Ruled the same way again, nothing happens; the other way is refused.
    expect((await resolve(appeal.id, { verdict: 'upheld', note: 'Again.' })).body.note).toBe('The key was wrong.');
    expect(await told(appeal.id)).toHaveLength(3);
    expect((await resolve(appeal.id, { verdict: 'rejected', note: 'No.' })).status).toBe(409);
  });

  test('upheld, what was deducted is paid again, and work that weighed less for it weighs in full', async () => {
    const [ann, bob] = await people(3);
    const { id } = await campaign(1);
    const deducted = await answer(ann, id, 'spam');
    const proposed = await answer(bob, id, 'spam');
    for (const [person, annotationId] of [
      [ann, deducted],
      [bob, proposed],
    ] as const) {
      await grade(person, annotationId);
      await payAnnotation(rig.db, { annotationId, from: 'gold' });
    }
    const disputableUntil = new Date(Date.now() + 1000);
    const organisationId = DEFAULT_ORGANISATION;
    const propose = (annotationId: string) =>
      proposeDeduction(rig.db, {
        ...{
          annotationId,
          organisationId,
          amountMicros: undefined,
          reason: 'wrong',
          by: 'ada',
          roles,
          disputableUntil,
        },
      });
    const first = await propose(deducted);
    await propose(proposed);
    const now = new Date(disputableUntil.getTime() + 1000);
    await reviewDeduction(rig.db, {
      ...{ id: first, organisationId, verdict: 'applied', note: 'seen', by: 'bea', roles, now },
    });
    const before = await budgetOf(rig.db, id);

    // Seven of ten golds are enough; this one was the fourth that they missed.
    const work = await campaign(0);
    const doubted = await answer(ann, work.id, 'spam');
    await rig.db`update annotations set flags = '{too_fast,below_gold_threshold}', score = 0.09, assessed_at = now()
      where id = ${doubted}`;
    await rig.db`update annotators set gold_total = 10, gold_correct = 6 where id = ${ann.id}`;

    const appeal = (await contest(ann, deducted)).body;
    expect((await resolve(appeal.id, { verdict: 'upheld', note: 'They are right.' })).status).toBe(200);
    const after = await budgetOf(rig.db, id);
    expect(after.spentMicros - before.spentMicros).toBe(50_000n);
    const states = await rig.db`
      select kind, state, annotation_id as about from pay_adjustments where campaign_id = ${id} order by created_at, id`;
    expect([...states]).toEqual([
      { kind: 'deduction', state: 'applied', about: deducted },
      { kind: 'deduction', state: 'dismissed', about: proposed },
      { kind: 'bonus', state: 'applied', about: deducted },
    ]);
    const [weighs] = await rig.db`select flags, score::float8 as score from annotations where id = ${doubted}`;
    expect(weighs).toEqual({ flags: ['too_fast'], score: 0.3 });
    expect((await verifyLedger(rig.db, id))[0]).toMatchObject({ holds: true });
  });

  test('upheld where the budget has no room, what was deducted is owed, and paid when there is', async () => {
    const [ann] = await people(3);
    const { id } = await campaign(1);
    const deducted = await answer(ann, id, 'spam');
    await grade(ann, deducted);
    await payAnnotation(rig.db, { annotationId: deducted, from: 'gold' });
    const [organisationId, disputableUntil] = [DEFAULT_ORGANISATION, new Date(Date.now() + 1000)];
    const what = { annotationId: deducted, organisationId, amountMicros: undefined, reason: 'wrong', by: 'ada', roles };
    const adjustment = await proposeDeduction(rig.db, { ...what, disputableUntil });
    const now = new Date(disputableUntil.getTime() + 1000);
    const seen = { organisationId, verdict: 'applied', note: 'seen', by: 'bea', roles, now } as const;
    await reviewDeduction(rig.db, { ...seen, id: adjustment });
    const { reservedMicros, spentMicros } = await budgetOf(rig.db, id);
    await rig.db`update budgets set cap_micros = ${reservedMicros + spentMicros} where campaign_id = ${id}`;

    const appeal = (await contest(ann, deducted)).body;
    expect((await resolve(appeal.id, { verdict: 'upheld', note: 'They are right.' })).status).toBe(200);
    const bonus = async () => {
      const [row] = await rig.db`select state from pay_adjustments where campaign_id = ${id} and kind = 'bonus'`;
      return row?.state;
    };
    expect(await bonus()).toBe('proposed');
    expect(await owedMicros(rig.db, id)).toBe(50_000n);
    expect(await owingCampaigns(rig.db)).not.toContain(id);
    expect((await verifyLedger(rig.db, id))[0]).toMatchObject({ holds: true, owedMicros: 50_000n });

    await rig.db`update budgets set cap_micros = cap_micros + 50000 where campaign_id = ${id}`;
    expect(await owingCampaigns(rig.db)).toContain(id);
    await payOwed(rig.db, id);
    await payOwed(rig.db, id);
    expect([await bonus(), await owedMicros(rig.db, id)]).toEqual(['applied', 0n]);
    expect((await budgetOf(rig.db, id)).spentMicros - spentMicros).toBe(50_000n);
    expect((await verifyLedger(rig.db, id))[0]).toMatchObject({ holds: true });
  });

  test('rejected, nothing changes but the record', async () => {
    const [ann] = await people(3);
    const { id: campaignId } = await campaign(1);
    const mine = await answer(ann, campaignId, 'spam');
    await grade(ann, mine);
    const appeal = (await contest(ann, mine)).body;
    const ruled = await resolve(appeal.id, { verdict: 'rejected', note: 'It is an invitation.' });
    expect(ruled.body).toMatchObject({ state: 'rejected', gold: 'ham', goldBefore: null, changedVerdicts: null });
    expect(await told(appeal.id)).toEqual([]);
    const open = await rig.call(rig.requester, 'GET', `/v1/appeals?state=open&campaignId=${campaignId}`);
    expect(open.body.items).toEqual([]);
  });

  test('upheld about work, the task is asked again within the budget, and is decided by all its answers', async () => {
    const [ann] = await people(3);
    const settings = { redundancy: 1, goldRatio: 0 };
    const { id: campaignId, taskIds } = await runningCampaign(rig, {
      settings,
      items: [{ text: 'Hi' }],
      annotators: 0,
    });
    const [taskId = ''] = taskIds;
    const appeal = (await contest(ann, await answer(ann, campaignId, 'spam'))).body;
    const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
    await activities.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
    const [before] =
      await rig.db`select cap_micros, reserved_micros, spent_micros from budgets where campaign_id = ${campaignId}`;
    await rig.db`update budgets set cap_micros = reserved_micros + spent_micros where campaign_id = ${campaignId}`;
    const ruling = { verdict: 'upheld', note: 'It is not clear.', answers: 2 };
    expect((await resolve(appeal.id, ruling)).body).toMatchObject({ code: 'budget_exceeded' });
    await rig.db`update budgets set cap_micros = ${before?.cap_micros} where campaign_id = ${campaignId}`;
    expect((await resolve(appeal.id, ruling)).body).toMatchObject({ state: 'upheld', gold: null, changedVerdicts: 0 });
    expect((await resolve(appeal.id, ruling)).status).toBe(200);
    const { body } = await rig.call(rig.requester, 'GET', `/v1/tasks/${taskId}`);
    expect(body).toMatchObject({ state: 'open', redundancy: 3, decision: { label: 'spam' } });
    expect(body.story.reopenings).toMatchObject([{ cause: 'appeal', reason: 'It is not clear.', answers: 2 }]);
    expect(await told(appeal.id)).toEqual([]);
    expect((await verifyLedger(rig.db, campaignId))[0]).toMatchObject({ holds: true });
  });

  test('is refused where it makes no sense', async () => {
    const [ann, bob] = await people(3);
    const { id: campaignId } = await campaign(1);
    const mine = await answer(ann, campaignId, 'spam');
    const appeal = (await contest(ann, mine)).body;
    const upheld = { verdict: 'upheld', note: 'Right.' };
    expect(await resolve(appeal.id, { ...upheld, label: 'eggs' })).toMatchObject({ status: 422 });
    expect(await resolve(appeal.id, { ...upheld, label: 'ham' })).toMatchObject({
      status: 422,
      body: { field: 'label' },
    });
    expect((await resolve(nobodysId(), upheld)).status).toBe(404);
    const work = await campaign(0);
    const worked = (await contest(bob, await answer(bob, work.id, 'spam'))).body;
    expect((await resolve(worked.id, upheld)).body.detail).toMatch(/Only a decided task can be asked again/);
    expect((await resolve(worked.id, { verdict: 'rejected', note: 'Decided by three.' })).status).toBe(200);
  });

  test('two appeals against one known answer, ruled at once, are ruled one after the other', async () => {
    const [ann, bob] = await people(3);
    const { id: campaignId } = await campaign(1);
    const appeals = [];
    for (const person of [ann, bob]) {
      const annotationId = await answer(person, campaignId, 'spam');
      await grade(person, annotationId);
      appeals.push((await contest(person, annotationId)).body.id as string);
    }
    const ruled = await Promise.all(appeals.map((id) => resolve(id, { verdict: 'upheld', note: 'Yes.' })));
    const changes = ruled.map(({ body }) => body.changedVerdicts as number);
    expect(changes.toSorted()).toEqual([0, 2]);
  });
});

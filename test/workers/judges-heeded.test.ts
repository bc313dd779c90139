import { afterAll, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { measureJudges } from '../../activities/judge-measuring.ts';
import { judgeWeights } from '../../db/judgement/judge-weights.ts';
import { votesOf } from '../../db/queries/annotations.ts';
import {
  auditedAnswers,
  distrustedJudges,
  judgeStandings,
  measureAnew,
  storeTrusts,
  trustsOf,
} from '../../db/queries/judging.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { ingest } from '../../db/queries/vendor-ingest.ts';
import { dispatchUnits } from '../../db/queries/vendor-units.ts';
import { createTestDatabase } from '../support/database.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const activities = createActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
const judge = { minAudited: 20, auditShare: 0.02, target: 0.8 };

/** Tasks that a judge has answered. */
async function judged(settings: stage.SceneSettings, items: number) {
  const made = await stage.scene(db, {
    items,
    settings: { workforces: ['llm', 'internal'], judge, ...settings },
  });
  const { campaignId } = made;
  const taskIds = await stage.plan(db, made, items);
  await openSlots(db, ...taskIds);
  await dispatchUnits(db, { gatherMs: 0 });
  const units = await db<{ unitId: string; taskId: string; orderId: string }[]>`
    select id as "unitId", task_id as "taskId", order_id as "orderId" from vendor_units where campaign_id = ${campaignId}`;
  for (const unit of units) {
    await ingest(db, {
      ...{ ...unit, campaignId, vendor: 'llm', responseKey: 'j', workerId: 'judge:m:v1', answers: {}, hash: 'j' },
      ...{ read: { label: 'spam', presentation: null }, timeSpentS: 1, costMicros: null, priceMicros: 1000n },
    });
  }
  return { ...made, taskIds };
}

const slotsOf = (taskId: string) =>
  db<
    { state: string; workforce: string }[]
  >`select state, workforce from slots where task_id = ${taskId} order by slot_no`;

test('two people are asked about an audit, however few answers are wanted and whatever the first one says', async () => {
  const { campaignId, taskIds, annotators } = await judged({ redundancy: 2, maxRedundancy: 2 }, 1);
  const [taskId = ''] = taskIds;
  const heeded = await activities.heedJudges({ taskId, log: [] });
  expect(heeded).toEqual({ settled: false, why: 'learning', target: 3 });
  const open = { state: 'open', workforce: 'internal' };
  expect((await slotsOf(taskId)).filter(({ state }) => state === 'open')).toEqual([open, open]);
  // Of an attempt that failed after it had asked people, the next one finds the same.
  expect(await activities.heedJudges({ taskId, log: [] })).toMatchObject({ settled: false, target: 3 });
  for (const annotatorId of annotators.slice(0, 2)) await stage.answer(db, { taskId, annotatorId, label: 'spam' });
  const { answers: audits } = await auditedAnswers(db, { campaignId, tasks: 9, canonical: String });
  expect(audits.map(({ isJudge, paired }) => [isJudge, paired])).toEqual([
    [true, true],
    [false, true],
    [false, true],
  ]);
  await stage.expectInvariants(db, campaignId);
});

test('what the budget has no room for is an audit of one person, and none for the policy’s answers', async () => {
  // Two answers of 10 cents are what there is.
  const { campaignId, taskIds } = await judged({ redundancy: 2, maxRedundancy: 2, budgetUsd: '0.20' }, 1);
  const [taskId = ''] = taskIds;
  expect(await activities.heedJudges({ taskId, log: [] })).toMatchObject({ why: 'learning', target: 2 });
  const { answers: audits } = await auditedAnswers(db, { campaignId, tasks: 9, canonical: String });
  expect(audits).toMatchObject([{ paired: false }]);
  await stage.expectInvariants(db, campaignId);
});

test('where a judge’s answer was all that was wanted, people are asked beyond it unless it may decide alone', async () => {
  const { campaignId, taskIds } = await judged({ redundancy: 2, maxRedundancy: 2 }, 1);
  const [taskId = ''] = taskIds;
  // As a campaign whose redundancy was lowered before that was refused.
  await db`update tasks set redundancy = 1 where id = ${taskId}`;
  await db`delete from slots where task_id = ${taskId} and state = 'open'`;
  const [{ annotatorId = '' } = {}] = await db<{ annotatorId: string }[]>`
    select annotator_id as "annotatorId" from annotations where task_id = ${taskId}`;
  const none = { same: 0, of: 0 };
  const fallen = { trust: 'distrusted', correlation: 1, agrees: none, recent: none, people: none } as const;
  await storeTrusts(db, campaignId, [{ annotatorId, ...fallen }]);
  expect(await activities.heedJudges({ taskId, log: [] })).toMatchObject({ settled: false, target: 2 });
  expect(await slotsOf(taskId)).toEqual([
    { state: 'submitted', workforce: 'llm' },
    { state: 'open', workforce: 'internal' },
  ]);
});

test('what a judge decided is doubted since the audits that show its fall, and all of it where it was bad all along', async () => {
  const { campaignId, taskIds } = await judged({ redundancy: 2 }, 3);
  const [first = '', shown = ''] = taskIds;
  for (const [at, taskId] of taskIds.entries()) {
    await db`
      insert into judge_audits (task_id, campaign_id, created_at)
      values (${taskId}, ${campaignId}, now() - ${5 - at} * interval '1 hour')`;
  }
  const [{ annotatorId = '' } = {}] = await db<{ annotatorId: string }[]>`
    select annotator_id as "annotatorId" from annotations where campaign_id = ${campaignId}`;
  const none = { same: 0, of: 0 };
  const measured = { annotatorId, correlation: 1, agrees: none, recent: none, people: none };
  const doubted = async () => (await distrustedJudges(db, campaignId))[0];
  await storeTrusts(db, campaignId, [{ ...measured, trust: 'distrusted', cause: 'fell', fellFrom: shown }]);
  const fell = await doubted();
  expect(fell?.cause).toBe('fell');
  expect(fell?.sinceAt.getTime()).toBeLessThan(Date.now() - 3 * 3_600_000);
  expect(fell?.sinceAt.getTime()).toBeGreaterThan(Date.now() - 5 * 3_600_000);
  // Whatever is measured before it was all judged again.
  await storeTrusts(db, campaignId, [{ ...measured, trust: 'distrusted', cause: 'fell', fellFrom: first }]);
  expect((await doubted())?.sinceAt).toEqual(fell?.sinceAt);
  // Distrust stays whatever comes, and is found to be of longer standing.
  await storeTrusts(db, campaignId, [{ ...measured, trust: 'trusted' }]);
  expect((await doubted())?.sinceAt).toEqual(fell?.sinceAt);
  await storeTrusts(db, campaignId, [{ ...measured, trust: 'distrusted', cause: 'worse' }]);
  expect(await doubted()).toEqual({ annotatorId, cause: 'worse', sinceAt: new Date(0) });
});

test('audits count people who were not quarantined, the present instructions, and a judge since it was measured anew', async () => {
  const { campaignId, taskIds, annotators } = await judged({ redundancy: 2, maxRedundancy: 2 }, 1);
  const [taskId = ''] = taskIds;
  await activities.heedJudges({ taskId, log: [] });
  for (const annotatorId of annotators.slice(0, 2)) await stage.answer(db, { taskId, annotatorId, label: 'spam' });
  const counted = async () => {
    const { answers, earlier } = await auditedAnswers(db, { campaignId, tasks: 9, canonical: String });
    expect(earlier.size).toBe(0);
    return answers.map(({ isJudge, annotatorId }) => (isJudge ? 'judge' : `person ${annotators.indexOf(annotatorId)}`));
  };
  expect(await counted()).toEqual(['judge', 'person 0', 'person 1']);
  const left = await auditedAnswers(db, { campaignId, tasks: 0, canonical: String });
  expect([left.answers, [...left.earlier.values()]]).toEqual([[], [1]]);
  await db`update annotations set excluded_at = now() where task_id = ${taskId} and annotator_id = ${annotators[0] ?? ''}`;
  expect(await counted()).toEqual(['judge', 'person 1']);

  const [{ annotatorId = '' } = {}] = await db<{ annotatorId: string }[]>`
    select n.annotator_id as "annotatorId" from annotations n join annotators a on a.id = n.annotator_id and a.kind = 'llm'
    where n.task_id = ${taskId}`;
  const none = { same: 0, of: 0 };
  const measured = { annotatorId, correlation: 1, agrees: none, recent: none, people: none };
  const anew = () => measureAnew(db, { campaignId, annotatorId, reason: 'They were wrong.', by: 'a key' });
  const trust = async () => (await trustsOf(db, { campaignId, annotatorIds: [annotatorId] })).get(annotatorId)?.trust;
  await storeTrusts(db, campaignId, [{ ...measured, trust: 'distrusted', cause: 'replaced' }]);
  expect(await anew()).toBe(false);
  await storeTrusts(db, campaignId, [{ ...measured, trust: 'distrusted', cause: 'fell' }]);
  const { readAt } = await auditedAnswers(db, { campaignId, tasks: 9, canonical: String });
  expect([await anew(), await anew(), await trust()]).toEqual([true, false, 'learning']);
  // What was measured by audits from before is stored after it.
  await storeTrusts(db, campaignId, [{ ...measured, trust: 'distrusted', cause: 'fell' }], readAt);
  expect(await trust()).toBe('learning');
  expect(await counted()).toEqual(['person 1']);

  await storeTrusts(db, campaignId, [{ ...measured, trust: 'trusted' }]);
  expect(await trust()).toBe('trusted');
  await db`
    insert into instruction_versions (campaign_id, version, instructions, created_at)
    values (${campaignId}, 2, 'Say something else.', now() + interval '1 second')`;
  await db`update campaigns set instructions_version = 2 where id = ${campaignId}`;
  expect([await trust(), await counted()]).toEqual(['learning', []]);
  expect(await judgeStandings(db, campaignId)).toMatchObject([{ trust: 'learning' }]);
  // Until it is measured anew, also where nothing was audited since.
  await storeTrusts(db, campaignId, []);
  await db`update instruction_versions set created_at = now() - interval '1 day' where campaign_id = ${campaignId}`;
  expect(await trust()).toBe('learning');
});

test('a verdict that changed with the order of a pair counts little among the votes', async () => {
  const { campaignId, settings, taskIds } = await judged({ redundancy: 2 }, 1);
  const votes = await votesOf(db, taskIds[0] ?? '');
  const weights = async () => [...(await judgeWeights(db, campaignId, settings, votes))(votes).values()];
  expect(await weights()).toEqual([1]);
  await db`
    update vendor_responses set answers = '{"ordersDisagree": true}' where annotation_id = ${votes[0]?.annotationId ?? ''}`;
  expect(await weights()).toEqual([0.25]);
});

test('what people decided with a judge that is distrusted is asked once more where it does not stand without, and once', async () => {
  const made = await judged({ redundancy: 3, minConfidence: 0.6 }, 3);
  const { campaignId, settings, taskIds, annotators } = made;
  const [ann = '', bob = ''] = annotators;
  const [torn = '', agreed = '', against = ''] = taskIds;
  // The judge has said spam of each.
  const said = [
    [torn, 'spam', 'ham'],
    [agreed, 'spam', 'spam'],
    [against, 'ham', 'ham'],
  ] as const;
  for (const [taskId, first, second] of said) {
    await activities.heedJudges({ taskId, log: [] });
    await stage.answer(db, { taskId, annotatorId: ann, label: first });
    await stage.answer(db, { taskId, annotatorId: bob, label: second });
    await activities.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
  }
  const [{ annotatorId = '' } = {}] = await db<{ annotatorId: string }[]>`
    select annotator_id as "annotatorId" from annotations n join annotators a on a.id = n.annotator_id and a.kind = 'llm'
    where n.campaign_id = ${campaignId}`;
  const none = { same: 0, of: 0 };
  const measured = { annotatorId, correlation: 1, agrees: none, recent: none, people: none };
  const measure = () => measureJudges(db, { id: campaignId, state: 'running' }, settings, Date.now());
  await storeTrusts(db, campaignId, [{ ...measured, trust: 'learning' }]);
  expect(await measure()).toEqual({ reopened: 0 });
  await storeTrusts(db, campaignId, [{ ...measured, trust: 'distrusted', cause: 'worse' }]);
  expect(await measure()).toEqual({ reopened: 1 });
  expect(await measure()).toEqual({ reopened: 0 });
  const again = await db<{ taskId: string; answers: number; reason: string }[]>`
    select task_id as "taskId", answers, reason from task_reopenings where task_id = any(${taskIds}::uuid[])`;
  expect([...again]).toEqual([
    { taskId: torn, answers: 1, reason: expect.stringContaining('with a judge that agrees') },
  ]);
  const left = await db<{ taskId: string }[]>`
    select task_id as "taskId" from annotations where campaign_id = ${campaignId} and excluded_at is not null`;
  expect([...left]).toEqual([{ taskId: torn }]);
  await stage.expectInvariants(db, campaignId);
});

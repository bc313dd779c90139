import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, test } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import { insertAnnotator } from '../../db/queries/annotators.ts';
import { storeTrusts } from '../../db/queries/judging.ts';
import { insertRuling } from '../../db/queries/rulings.ts';
import { labeledItems, sliceLabels } from '../../db/queries/selection.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { isAudited } from '../../domain/judging/alone.ts';
import { createTestDatabase } from '../support/database.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const tasks = createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
const anyLabel = { minConfidence: 0, acceptAny: true, log: [] };

const terms = { auditShare: 0.02, minAudited: 10, target: 0.5 };

/** Tasks that a trusted judge has answered, and that chance made no audits. */
async function judgedCampaign(items: number) {
  const made = await stage.scene(db, {
    items,
    settings: { workforces: ['llm', 'internal'], redundancy: 2, minConfidence: 0.5, judge: terms },
  });
  const { id: judge } = await insertAnnotator(db, {
    ...{ name: 'judge:m:v1', kind: 'llm', workforce: 'llm', tier: 'expert', specializations: [], simulated: true },
    keyHash: uuidv7(),
  });
  const all = { same: 50, of: 50 };
  await storeTrusts(db, made.campaignId, [
    { annotatorId: judge, trust: 'trusted', correlation: 1, agrees: all, recent: all, people: all },
  ]);
  const taskIds = await stage.plan(db, made, items);
  await openSlots(db, ...taskIds);
  for (const taskId of taskIds) await stage.answer(db, { taskId, annotatorId: judge });
  const { seed } = made.settings;
  return { ...made, taskIds: taskIds.filter((taskId) => !isAudited({ seed, taskId }, terms)) };
}

describe('labels that a model is measured on', () => {
  test('are asked of people, whatever judges say', async () => {
    const { taskIds } = await judgedCampaign(6);
    const [measuring = '', teaching = ''] = taskIds;
    await db`update tasks set purpose = 'evaluation' where id = ${measuring}`;
    expect(await tasks.heedJudges({ taskId: measuring, log: [] })).toMatchObject({ settled: false, why: 'audit' });
    // Whether the judge may decide this one is for the crowd's model to say, which there is none of yet.
    expect(await tasks.heedJudges({ taskId: teaching, log: [] })).toMatchObject({
      settled: false,
      why: 'below_target',
    });
    const audits = await db<{ id: string }[]>`
      select task_id as id from judge_audits where task_id = any(${taskIds}::uuid[])`;
    expect(audits.map(({ id }) => id)).toEqual([measuring]);
  });

  test('are none that judges gave alone, as they did before', async () => {
    const { campaignId, taskIds, annotators } = await judgedCampaign(7);
    await db`update tasks set purpose = 'evaluation' where campaign_id = ${campaignId}`;
    const [alone = '', beside = '', ruled = ''] = taskIds;
    await stage.answer(db, { taskId: beside, annotatorId: annotators[0] ?? '' });
    for (const taskId of [alone, beside]) await tasks.decideTask({ taskId, ...anyLabel });
    const rulingId = await insertRuling(db, { id: uuidv7(), taskId: ruled, label: 'ham', ruledBy: 'eve' });
    expect(await tasks.ruleTask({ taskId: ruled, rulingId, log: [] })).toEqual({});
    const items = await db<{ id: string; itemId: string }[]>`
      select id, item_id as "itemId" from tasks where campaign_id = ${campaignId}`;
    const itemOf = (taskId: string) => items.find(({ id }) => id === taskId)?.itemId;
    const known = await sliceLabels(db, campaignId, 10);
    expect(new Map(known.map(({ itemId, label }) => [itemId, label]))).toEqual(
      new Map([
        [itemOf(beside), 'spam'],
        [itemOf(ruled), 'ham'],
      ]),
    );
  });
});

describe('labels that a model learns from', () => {
  test("an expert's ruling counts, and not the votes that it overruled", async () => {
    const { campaignId, annotators, ...made } = await stage.scene(db, { items: 2, settings: { redundancy: 3 } });
    const taskIds = await stage.plan(db, { campaignId, annotators, ...made }, 2);
    const [ruled = '', decided = ''] = taskIds;
    await openSlots(db, ...taskIds);
    for (const taskId of taskIds) for (const annotatorId of annotators) await stage.answer(db, { taskId, annotatorId });
    const rulingId = await insertRuling(db, { id: uuidv7(), taskId: ruled, label: 'ham', ruledBy: 'eve' });
    await tasks.ruleTask({ taskId: ruled, rulingId, log: [] });
    await tasks.decideTask({ taskId: decided, ...anyLabel });
    const { items: taught } = await labeledItems(db, campaignId, 10);
    expect(taught.map(({ label, distribution }) => [label, distribution])).toEqual(
      expect.arrayContaining([
        ['ham', null],
        ['spam', { spam: 1 }],
      ]),
    );
  });

  test('are a sample of very many, old and new, of which all are counted', async () => {
    const made = await stage.scene(db, { items: 20, annotators: 1, settings: { redundancy: 1 } });
    const taskIds = await stage.plan(db, made, 20);
    await openSlots(db, ...taskIds);
    for (const taskId of taskIds) {
      await stage.answer(db, { taskId, annotatorId: made.annotators[0] ?? '' });
      await tasks.decideTask({ taskId, ...anyLabel });
    }
    const all = await labeledItems(db, made.campaignId, 20);
    expect([all.items.length, all.total]).toEqual([20, 20]);
    const some = await labeledItems(db, made.campaignId, 10);
    expect([some.items.length, some.total]).toEqual([10, 20]);
    // In the order of their tasks, as all are, and not the oldest of these.
    const places = some.items.map(({ itemId }) => all.items.findIndex((each) => each.itemId === itemId));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toEqual(places.map((_, at) => at));
    const grown = new Set((await labeledItems(db, made.campaignId, 11)).items.map(({ itemId }) => itemId));
    expect(some.items.every(({ itemId }) => grown.has(itemId))).toBe(true);
  });
});

import { afterAll, describe, expect, test } from 'vitest';
import { fitCrowd } from '../../activities/crowd.ts';
import { reviseDecisions } from '../../activities/revisions.ts';
import { createTaskActivities } from '../../activities/tasks.ts';
import { correlationsOf } from '../../db/queries/correlations.ts';
import { crowdTables, findCrowdModel } from '../../db/queries/crowd.ts';
import { newestAnswers } from '../../db/queries/progress.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { recomputes } from '../../domain/aggregation/decide.ts';
import { seededRng } from '../../domain/rng.ts';
import { pairwise } from '../../domain/tasks/pairwise.ts';
import { createTestDatabase } from '../support/database.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const tasks = createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
const alive = () => undefined;
const wanted = { alive };

/** Two good annotators and three who answer at random; each task is answered by three of them. */
async function campaignOf(count: number, labelOf: (spam: boolean) => unknown = (spam) => (spam ? 'spam' : 'ham')) {
  const scene = await stage.scene(db, { items: count, annotators: 5, settings: { budgetUsd: '1000' } });
  const taskIds = await stage.plan(db, scene, count);
  const rng = seededRng('crowd');
  const truth = new Map<string, string>();
  for (const taskId of taskIds) {
    const right = rng.next() < 0.5 ? 'spam' : 'ham';
    truth.set(taskId, right);
    await openSlots(db, taskId);
    const [good, other] = rng.next() < 0.5 ? [0, 1] : [1, 0];
    const spammers = rng.shuffle([2, 3, 4]);
    // Most tasks have both good annotators, some only one beside two who guess.
    const lone = rng.next() < 0.35;
    for (const at of [good, lone ? (spammers[1] ?? 2) : other, spammers[0] ?? 3]) {
      const label = at < 2 ? right : rng.next() < 0.5 ? 'spam' : 'ham';
      await stage.answer(db, { taskId, annotatorId: scene.annotators[at] ?? '', label: labelOf(label === 'spam') });
    }
  }
  return { scene, taskIds, truth };
}

async function labelsOf(campaignId: string) {
  const rows = await db<{ taskId: string; label: string; revision: number; method: string }[]>`
    select distinct on (task_id) task_id as "taskId", label, revision, method from decisions
    where campaign_id = ${campaignId} order by task_id, revision desc`;
  return new Map(rows.map((row) => [row.taskId, row]));
}

describe('the model of a crowd', () => {
  test('is learnt of pairs as of anything else with fixed choices', async () => {
    const { scene } = await campaignOf(40, (spam) => ({ choice: spam ? 'a' : 'b' }));
    const { campaignId } = scene;
    const settings = { ...scene.settings, type: 'pairwise', config: pairwise.configSchema.parse({}) } as const;
    expect(await fitCrowd(db, { campaignId, settings, growth: 1 }, wanted)).toBe(true);
    expect(await findCrowdModel(db, campaignId)).toMatchObject({ fittedOn: 120 });
  });

  test('is learnt anew without answers that were taken out of all decisions', async () => {
    const { scene } = await campaignOf(40);
    const { campaignId, settings } = scene;
    expect(await fitCrowd(db, { campaignId, settings, growth: 1 }, wanted)).toBe(true);
    const [out = ''] = scene.annotators.slice(4);
    const taken = await db`update annotations set excluded_at = now() where annotator_id = ${out} returning id`;
    expect(await fitCrowd(db, { campaignId, settings, growth: 1.5 }, wanted)).toBe(true);
    const model = await findCrowdModel(db, campaignId);
    expect(model).toMatchObject({ version: 2, fittedOn: 120 - taken.length });
    expect(await crowdTables(db, { campaignId, version: 2, annotatorIds: [out] })).toEqual(new Map());
    const answers = await newestAnswers(db, campaignId, 1000);
    expect(answers).toHaveLength(120 - taken.length);
  });

  test('is learnt from all answers, decides later tasks, and revises earlier decisions beside the old ones', async () => {
    const { scene, taskIds, truth } = await campaignOf(120);
    const { campaignId, settings } = scene;
    const right = async () => {
      const labels = await labelsOf(campaignId);
      return taskIds.filter((id) => labels.get(id)?.label === truth.get(id)).length;
    };
    for (const taskId of taskIds) await tasks.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
    const before = await right();

    expect(await fitCrowd(db, { campaignId, settings, growth: 1 }, wanted)).toBe(true);
    expect(await findCrowdModel(db, campaignId)).toMatchObject({ version: 1, fittedOn: 360 });
    expect(await fitCrowd(db, { campaignId, settings, growth: 1 }, wanted), 'nothing new').toBe(false);

    const { judged, revised } = await reviseDecisions(db, campaignId, alive);
    expect(judged).toBe(120);
    expect(revised).toBeGreaterThan(0);
    expect(await right()).toBeGreaterThan(before);
    expect(await right()).toBeGreaterThan(0.95 * 120);
    expect(await reviseDecisions(db, campaignId, alive), 'again').toEqual({ judged: 120, revised: 0 });

    const [first] = await db<{ n: number }[]>`
      select count(*)::int as n from decisions where campaign_id = ${campaignId} and revision = 1`;
    expect(first?.n, 'the old decisions stay').toBe(120);
    await stage.expectInvariants(db, campaignId);
  });

  test('a task decided later goes by the good annotator, not by the many', async () => {
    const { scene } = await campaignOf(80);
    const { campaignId, settings, annotators } = scene;
    await fitCrowd(db, { campaignId, settings, growth: 1 }, wanted);
    const more = await stage.scene(db, { items: 1 });
    const itemsOf = await db<{ id: string }[]>`select id from items where campaign_id = ${more.campaignId}`;
    await db`update items set campaign_id = ${campaignId}, key = 'late' where id = ${itemsOf[0]?.id ?? ''}`;
    const [taskId = ''] = await stage.plan(db, scene, 1, 2);
    await openSlots(db, taskId);
    await stage.answer(db, { taskId, annotatorId: annotators[0] ?? '', label: 'ham' });
    for (const at of [2, 3]) await stage.answer(db, { taskId, annotatorId: annotators[at] ?? '', label: 'spam' });
    await tasks.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
    expect((await labelsOf(campaignId)).get(taskId)).toMatchObject({
      label: 'ham',
      method: 'crowd_model',
      revision: 1,
    });
  });

  test('two who copy from one another are one voice, by the golds and in later decisions', async () => {
    const scene = await stage.scene(db, { items: 160, annotators: 3, settings: { budgetUsd: '1000' } });
    const { campaignId, settings, annotators } = scene;
    const taskIds = await stage.plan(db, scene, 160);
    const rng = seededRng('copies');
    const answerOf = (right: string, skill: number) => (rng.next() < skill ? right : right === 'ham' ? 'spam' : 'ham');
    for (const [at, taskId] of taskIds.entries()) {
      await openSlots(db, taskId);
      const right = rng.next() < 0.5 ? 'spam' : 'ham';
      if (at < 30) {
        await db`
          insert into gold_answers (item_id, label) select item_id, to_jsonb(${right}::text) from tasks where id = ${taskId}`;
        await db`update tasks set kind = 'gold' where id = ${taskId}`;
      }
      const copied = answerOf(right, 0.65);
      const said = [copied, copied, answerOf(right, 0.9)];
      for (const [who, label] of said.entries()) {
        await stage.answer(db, { taskId, annotatorId: annotators[who] ?? '', label });
      }
    }
    expect(await fitCrowd(db, { campaignId, settings, growth: 1 }, wanted)).toBe(true);
    const found = await correlationsOf(db, { campaignId, annotatorIds: annotators });
    expect(found).toHaveLength(1);
    expect([found[0]?.a, found[0]?.b].sort()).toEqual(annotators.slice(0, 2).sort());
    expect(found[0]?.correlation).toBeGreaterThan(0.6);

    for (const taskId of taskIds.slice(30)) {
      await tasks.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
    }
    const decided = await db<{ evidence: { votes: { weight: number; label: string }[] }; label: string }[]>`
      select evidence, label from decisions where campaign_id = ${campaignId}`;
    const disputed = decided.filter(({ evidence }) => new Set(evidence.votes.map(({ label }) => label)).size > 1);
    expect(disputed.length).toBeGreaterThan(20);
    for (const { evidence } of decided) {
      expect(recomputes(evidence)).toBe(true);
      const total = evidence.votes.reduce((sum, { weight }) => sum + weight, 0);
      expect(total).toBeLessThan(2.3);
      expect(total).toBeGreaterThan(1.9);
    }
    // By the one who is right more often, against two answers.
    for (const { evidence, label } of disputed) {
      expect(evidence.votes.filter((vote) => vote.label === label)).toHaveLength(1);
    }
    await stage.expectInvariants(db, campaignId);
  });

  test('an adaptive campaign takes no two strangers at their word, and three who agree', async () => {
    const settings = { redundancyPolicy: 'adaptive', minConfidence: 0.97 } as const;
    const scene = await stage.scene(db, { items: 1, annotators: 3, settings });
    expect(scene.settings).toMatchObject({ redundancy: 2, maxRedundancy: 5, onDisagreement: 'extend' });
    const [taskId = ''] = await stage.plan(db, scene, 1);
    await openSlots(db, taskId);
    const decide = () => tasks.decideTask({ taskId, minConfidence: 0.97, acceptAny: false, log: [] });
    for (const at of [0, 1]) await stage.answer(db, { taskId, annotatorId: scene.annotators[at] ?? '' });
    expect(await decide()).toMatchObject({ settled: false });
    await tasks.addSlots({ taskId, toRedundancy: 3 });
    await stage.answer(db, { taskId, annotatorId: scene.annotators[2] ?? '' });
    expect(await decide()).toMatchObject({ settled: true });
    await stage.expectInvariants(db, scene.campaignId);
  });
});

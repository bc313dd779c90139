import { afterAll, describe, expect, test } from 'vitest';
import { fitReliability } from '../../activities/reliability.ts';
import { reviseDecisions } from '../../activities/revisions.ts';
import { createTaskActivities } from '../../activities/tasks.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { recomputes } from '../../domain/aggregation/decide.ts';
import { seededRng } from '../../domain/rng.ts';
import { createTestDatabase } from '../support/database.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const tasks = createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
const alive = () => undefined;
const config = { min: 1, max: 7, criteria: [{ name: 'clear' }] };

/** One annotator is lenient, one harsh, one fair, one guesses. */
async function rated(count: number) {
  const settings = { type: 'likert' as const, config, budgetUsd: '1000' };
  const scene = await stage.scene(db, { items: count, annotators: 4, settings });
  const taskIds = await stage.plan(db, scene, count);
  const rng = seededRng('rated');
  const truth = new Map<string, number>();
  for (const taskId of taskIds) {
    await openSlots(db, taskId);
    const right = 3 + rng.int(3);
    truth.set(taskId, right);
    const given = [Math.min(7, right + 2), right - 2, right, 1 + rng.int(7)];
    for (const at of rng.shuffle([0, 1, 2, 3]).slice(0, 3)) {
      const clear = given[at] ?? 4;
      await stage.answer(db, { taskId, annotatorId: scene.annotators[at] ?? '', label: { clear } });
    }
  }
  return { scene, taskIds, truth };
}

describe('what is known of annotators whose labels are no fixed choices', () => {
  test('takes off their leniency, weighs their votes, and revises what was decided before', async () => {
    const { scene, taskIds, truth } = await rated(60);
    const { campaignId, settings, annotators } = scene;
    for (const taskId of taskIds) await tasks.decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
    const error = async () => {
      const rows = await db<{ taskId: string; clear: number; evidence: unknown }[]>`
        select distinct on (task_id) task_id as "taskId", (label ->> 'clear')::float8 as clear, evidence from decisions
        where campaign_id = ${campaignId} order by task_id, revision desc`;
      for (const { evidence } of rows) expect(recomputes(evidence)).toBe(true);
      return rows.reduce((sum, { taskId, clear }) => sum + Math.abs(clear - (truth.get(taskId) ?? 0)), 0);
    };
    const before = await error();
    expect(await fitReliability(db, { campaignId, settings, growth: 1 }, alive)).toBe(true);
    expect(await fitReliability(db, { campaignId, settings, growth: 1 }, alive), 'nothing new').toBe(false);
    const known = await db<{ annotatorId: string; reliability: number; clear: number }[]>`
      select annotator_id as "annotatorId", reliability::float8 as reliability, (leniency ->> 'clear')::float8 as clear
      from annotator_reliabilities where campaign_id = ${campaignId}`;
    const of = (at: number) => known.find(({ annotatorId }) => annotatorId === annotators[at]);
    expect(of(0)?.clear).toBeGreaterThan(1);
    expect(of(1)?.clear).toBeLessThan(-1);
    expect(of(3)?.reliability).toBeLessThan(
      Math.min(of(0)?.reliability ?? 0, of(1)?.reliability ?? 0, of(2)?.reliability ?? 0),
    );

    const { judged, revised } = await reviseDecisions(db, campaignId, alive);
    expect(judged).toBe(60);
    expect(revised).toBeGreaterThan(20);
    expect(await error()).toBeLessThan(0.6 * before);
    expect((await reviseDecisions(db, campaignId, alive)).revised).toBe(0);
    const [{ usual } = { usual: undefined }] = await db<{ usual: unknown }[]>`
      select evidence -> 'usual' as usual from decisions where campaign_id = ${campaignId} and revision > 1 limit 1`;
    // The guesses of one in four, off by 2 on average, are most of it.
    expect(usual).toEqual({
      weight: expect.any(Number),
      skill: expect.any(Number),
      variance: { clear: expect.any(Number) },
    });
    const { clear = 0 } = (usual as { variance: { clear?: number } }).variance;
    expect(clear).toBeGreaterThan(0.5);
    expect(clear).toBeLessThan(3);
    await stage.expectInvariants(db, campaignId);
  });
});

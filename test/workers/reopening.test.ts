import { afterAll, describe, expect, test } from 'vitest';
import { applyQuarantine, previewQuarantine } from '../../api/quarantine.ts';
import { changeRules, findCampaign } from '../../db/queries/campaigns.ts';
import { affectedTasks } from '../../db/queries/re-asking.ts';
import { type ReopeningRequest, reopenTasks } from '../../db/queries/reopenings.ts';
import { recomputes } from '../../domain/aggregation/decide.ts';
import { campaignPolicyOf } from '../../domain/settings.ts';
import * as messages from '../../workflows/messages.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import * as stage from './stage.ts';

const server = await startDevServer();
const database = 'stop' in server ? await createTestDatabase() : undefined;
afterAll(async () => {
  if ('stop' in server) await server.stop();
  await database?.drop();
});

describe('a decided task that is opened again', () => {
  if ('unavailable' in server || !database) {
    test.skip('unavailable' in server ? server.unavailable : 'There is no database.');
    return;
  }
  const { db } = database;
  const opened = (taskId: string) =>
    until('the task is open', async () => (await stage.taskState(db, taskId)) === 'open');
  const decided = (taskId: string) =>
    until('the task is decided', async () => (await stage.taskState(db, taskId)) === 'decided');
  const revisions = async (taskId: string) => [
    ...(await db<
      { revision: number; state: string; label: unknown; cost: bigint; evidence: Record<string, unknown> }[]
    >`
      select revision, state, label, cost_micros as cost, evidence from decisions
      where task_id = ${taskId} order by revision`),
  ];
  async function decide(made: stage.Scene, taskId: string, labels: readonly string[]) {
    await opened(taskId);
    for (const [at, label] of labels.entries()) {
      await stage.answer(db, { taskId, annotatorId: made.annotators[at] ?? '', label });
    }
    await decided(taskId);
  }

  test('by a quarantine asks for the missing answer alone, within the budget, though every message comes twice', async () => {
    await stage.doubleMessages(db);
    const settings = { budgetUsd: '1', minConfidence: 0.7 };
    const made = await stage.scene(db, { items: 3, annotators: 4, settings });
    const { campaignId, annotators } = made;
    const [flips = '', firm = '', dear = ''] = await stage.plan(db, made, 3);
    const [, , bad = '', fresh = ''] = annotators;
    // Weighed by their records: without the third, the last task is nearly a draw, and the first one’s.
    await db`update annotators set quality_score = case id when ${bad} then 0.9 when ${annotators[0] ?? ''} then 0.42 else 0.4 end`;
    await stage.onStage({ server, db, name: 'quarantine' }, async () => {
      await decide(made, flips, ['ham', 'ham', 'ham']);
      await decide(made, firm, ['spam', 'spam', 'spam']);
      await decide(made, dear, ['ham', 'spam', 'spam']);
      const preview = await previewQuarantine(db, { annotatorId: bad, limit: 100 });
      expect(preview.affected.map(({ taskId, canReopen }) => ({ taskId, canReopen }))).toEqual([
        { taskId: dear, canReopen: true },
      ]);
      expect(preview).toMatchObject({ repairMicros: 100_000n, reopenMicros: 100_000n });
      const reopen = { by: 'lead', nowMs: Date.now() };
      const range = { annotatorId: bad, limit: 100, reason: 'Answers without reading.' };
      const applied = await applyQuarantine(db, { ...range, reopen });
      expect(applied).toMatchObject({ reopened: 1, reservedMicros: 100_000n, overBudget: 0 });
      expect(await stage.taskState(db, dear)).toBe('open');
      expect(await stage.taskState(db, flips)).toBe('decided');
      expect((await applyQuarantine(db, { ...range, reopen })).reopened).toBe(0);
      expect(await stage.moneyOf(db, campaignId)).toMatchObject({ reserved: 100_000n, spent: 900_000n });
      expect(await stage.lease(db, { taskId: dear, annotatorId: bad }), 'nobody is asked twice').toBeUndefined();
      await stage.answer(db, { taskId: dear, annotatorId: fresh, label: 'ham' });
      await decided(dear);
      await until('all is delivered', () => stage.isDelivered(db));
    });
    const all = await revisions(dear);
    expect(all.map(({ label }) => label)).toEqual(['spam', 'ham', 'ham']);
    const last = all.at(-1);
    expect(last).toMatchObject({ state: 'decided', cost: 400_000n });
    expect(last?.evidence.context).toMatchObject({ because: 'reopened:quarantine', revises: 2 });
    expect(last?.evidence.votes, 'the answer that is out of it has no vote').toHaveLength(3);
    expect(all.every(({ evidence }) => recomputes(evidence))).toBe(true);
    expect(await stage.moneyOf(db, campaignId)).toMatchObject({ reserved: 0n, spent: 1_000_000n, paid: 1_000_000n });
    await stage.expectInvariants(db, campaignId);
  });

  test('is passed over without money, and refused when the campaign takes no answers', async () => {
    const made = await stage.scene(db, { items: 1, annotators: 4, settings: { budgetUsd: '0.35' } });
    const { campaignId } = made;
    const [taskId = ''] = await stage.plan(db, made, 1);
    const request: ReopeningRequest = {
      ...{ campaignId, cause: 'quarantine', reason: 'test', by: 'lead', nowMs: Date.now() },
      tasks: [{ taskId, answers: 1, excludedIds: [] }],
    };
    await stage.onStage({ server, db, name: 'poor' }, () => decide(made, taskId, ['spam', 'spam', 'ham']));
    expect(await reopenTasks(db, request)).toMatchObject({ taskIds: [], overBudget: 1, passedOver: 0 });
    await db`update campaigns set state = 'finished' where id = ${campaignId}`;
    await expect(reopenTasks(db, request)).rejects.toThrow('not running');
    expect(await stage.moneyOf(db, campaignId)).toMatchObject({ reserved: 0n, spent: 300_000n });
    await stage.expectInvariants(db, campaignId);
  });

  test('for new instructions is decided by the new answers; where none come it keeps the decision it had', async () => {
    const settings = { redundancy: 1, windowMs: 60_000, escalation: [{ step: 'give_up' as const }] };
    const made = await stage.scene(db, { items: 2, annotators: 2, settings });
    const { campaignId, annotators } = made;
    const [asked = '', lonely = ''] = await stage.plan(db, made, 2);
    await stage.onStage({ server, db, name: 'instructions' }, async ({ client }) => {
      await decide(made, asked, ['ham']);
      await decide(made, lonely, ['ham']);
      const query = { campaignId, limit: 10 };
      expect(await affectedTasks(db, query)).toEqual([]);
      const rules = { instructions: 'An offer is spam.', windowMs: 5000 };
      await changeRules(db, { id: campaignId, rules });
      expect(await findCampaign(db, campaignId)).toMatchObject({ instructionsVersion: 2, policyVersion: 2 });
      const found = await affectedTasks(db, { ...query, labels: ['ham'], maxConfidence: 1 });
      expect(found).toHaveLength(2);
      expect(await affectedTasks(db, { ...query, labels: ['spam'] })).toEqual([]);
      const tasks = found.map(({ taskId, annotationIds }) => ({ taskId, answers: 1, excludedIds: annotationIds }));
      const request = { campaignId, cause: 'instructions', reason: 'clearer', by: 'lead', nowMs: Date.now() } as const;
      expect((await reopenTasks(db, { ...request, tasks })).taskIds.toSorted()).toEqual([asked, lonely].toSorted());
      await stage.answer(db, { taskId: asked, annotatorId: annotators[1] ?? '', label: 'spam' });
      await decided(asked);
      await decided(lonely);
      await client.getHandle(messages.taskWorkflowId(lonely)).result();
    });
    const [, second] = await revisions(asked);
    expect(second).toMatchObject({ label: 'spam', cost: 200_000n, evidence: { instructionsVersion: 2 } });
    expect(second?.evidence.votes).toHaveLength(1);
    const [first, kept] = await revisions(lonely);
    expect(kept).toMatchObject({ revision: 2, label: 'ham', cost: 100_000n, evidence: { instructionsVersion: 1 } });
    expect(kept?.evidence.context).toMatchObject({ because: 'reopened:instructions', unanswered: true });
    expect(kept?.evidence.result).toEqual(first?.evidence.result);
    expect(await affectedTasks(db, { campaignId, limit: 10 })).toEqual([]);
    expect(await stage.moneyOf(db, campaignId)).toMatchObject({ reserved: 0n, spent: 300_000n });
    await stage.expectInvariants(db, campaignId);
  });

  test('keeps its campaign from ending, and ends with it', async () => {
    const settings = { redundancy: 1, batchSize: 2, maxInFlight: 4 };
    const made = await stage.scene(db, { items: 2, annotators: 2, settings });
    const { campaignId, annotators } = made;
    const [first = '', second = ''] = annotators;
    await stage.onStage({ server, db, name: 'ending', learning: true }, async ({ client, taskQueue }) => {
      const workflowId = messages.campaignWorkflowId(campaignId);
      const args: [messages.CampaignInput] = [{ campaignId, policy: campaignPolicyOf(made.settings) }];
      await client.start('campaignWorkflow', { taskQueue, workflowId, args });
      const tasks = await until('the tasks are open', async () => {
        const rows = await db<{ id: string }[]>`
          select id from tasks where campaign_id = ${campaignId} and state = 'open' order by id`;
        return rows.length === 2 && rows.map(({ id }) => id);
      });
      const [early = '', late = ''] = tasks;
      await stage.answer(db, { taskId: early, annotatorId: first, label: 'ham' });
      await decided(early);
      const request = { campaignId, cause: 'quarantine', reason: 'test', by: 'lead', nowMs: Date.now() } as const;
      await reopenTasks(db, { ...request, tasks: [{ taskId: early, answers: 1, excludedIds: [] }] });
      await stage.answer(db, { taskId: late, annotatorId: first, label: 'spam' });
      const handle = client.getHandle(workflowId);
      await until('the campaign waits for the task', async () => {
        const memory = await handle.query(messages.campaignStateQuery);
        return memory.stopReason !== null && memory.inFlight.includes(early);
      });
      expect((await findCampaign(db, campaignId))?.state).toBe('running');
      await stage.answer(db, { taskId: early, annotatorId: second, label: 'ham' });
      expect(await handle.result()).toEqual({ reason: 'pool_empty' });
      expect(await revisions(early)).toHaveLength(2);
    });
    expect(await findCampaign(db, campaignId)).toMatchObject({ state: 'finished' });
    expect(await stage.moneyOf(db, campaignId)).toMatchObject({ reserved: 0n, spent: 300_000n });
    await stage.expectInvariants(db, campaignId);
  });
});

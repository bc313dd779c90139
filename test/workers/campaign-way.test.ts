import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, test } from 'vitest';
import type { Db } from '../../db/client.ts';
import { findCampaign } from '../../db/queries/campaigns.ts';
import { leaseGold } from '../../db/queries/leases.ts';
import { findCandidates } from '../../db/queries/queue.ts';
import { campaignPolicyOf } from '../../domain/settings.ts';
import * as messages from '../../workflows/messages.ts';
import { createTestDatabase } from '../support/database.ts';
import { refusal, until } from '../support/rig.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import * as stage from './stage.ts';

const server = await startDevServer();
const database = 'stop' in server ? await createTestDatabase() : undefined;
afterAll(async () => {
  if ('stop' in server) await server.stop();
  await database?.drop();
});

describe('a campaign on the real parts', () => {
  if ('unavailable' in server || !database) {
    test.skip('unavailable' in server ? server.unavailable : 'There is no database.');
    return;
  }
  const { db } = database;
  const settings = { redundancy: 2, batchSize: 4, maxInFlight: 8, refitEvery: 4 };

  async function begin({ client, taskQueue }: stage.Stage, { campaignId, settings }: stage.Scene, eventsPerRun = 4000) {
    const workflowId = messages.campaignWorkflowId(campaignId);
    await client.start('campaignWorkflow', {
      taskQueue,
      workflowId,
      args: [{ campaignId, policy: campaignPolicyOf(settings), eventsPerRun }],
    });
    const handle = client.getHandle(workflowId);
    let over = false;
    const ended = handle.result().finally(() => {
      over = true;
    });
    return { ...handle, ended, isOver: () => over };
  }
  const openTasks = async (campaignId: string) => {
    const rows = await db`select 1 from tasks where campaign_id = ${campaignId} and kind = 'work' and state = 'open'`;
    return rows.length;
  };
  const committed = async (campaignId: string) => {
    const { reserved, spent } = await stage.moneyOf(db, campaignId);
    return reserved + spent;
  };

  test('labels its pool from the first selection to the end, over several runs', async () => {
    const made = await stage.scene(db, { items: 12, gold: 4, annotators: 3, settings });
    await stage.onStage({ server, db, name: 'campaign', learning: true }, async (on) => {
      const campaign = await begin(on, made, 60);
      const answering = async () => {
        await answerAll(db, made);
        return campaign.isOver();
      };
      await until('the campaign has ended', answering, 60_000);
      expect(await campaign.ended).toEqual({ reason: 'pool_empty' });
      const memory = await campaign.query(messages.campaignStateQuery);
      expect(memory).toMatchObject({ phase: 'ended', settled: 12, inFlight: [] });
    });
    expect(await findCampaign(db, made.campaignId)).toMatchObject({ state: 'finished', stopReason: 'pool_empty' });
    expect(await stage.moneyOf(db, made.campaignId)).toMatchObject({
      reserved: 0n,
      spent: 2_400_000n,
      paid: 2_400_000n,
    });
    await stage.expectInvariants(db, made.campaignId);
  });

  test('stopped by hand: its open tasks are cancelled, what they did not use is released', async () => {
    const made = await stage.scene(db, { items: 12, settings });
    await stage.onStage({ server, db, name: 'stopped', learning: true }, async (on) => {
      const campaign = await begin(on, made);
      await until('all that fits is in flight', async () => (await openTasks(made.campaignId)) === 8);
      const [{ id = '' } = {}] = await db<{ id: string }[]>`
        select id from tasks where campaign_id = ${made.campaignId} and state = 'open' limit 1`;
      await stage.answer(db, { taskId: id, annotatorId: made.annotators[0] ?? '' });
      await campaign.executeUpdate(messages.stopUpdate, { args: [{ drain: false }] });
      expect(await campaign.ended).toEqual({ reason: 'by_hand' });
    });
    expect(await findCampaign(db, made.campaignId)).toMatchObject({ state: 'stopped' });
    expect(await stage.moneyOf(db, made.campaignId)).toMatchObject({ reserved: 0n, spent: 100_000n });
    await stage.expectInvariants(db, made.campaignId);
  });

  test('with golds, a pause and changes on the way, and every message twice, it counts and pays each thing once', async () => {
    await stage.doubleMessages(db);
    const made = await stage.scene(db, {
      items: 12,
      gold: 6,
      annotators: 3,
      settings: { ...settings, goldRatio: 0.5, goldFloor: 2 },
    });
    const { campaignId, annotators } = made;
    const leftOpen = Object.fromEntries(
      annotators.map((id) => [messages.annotatorWorkflowId(id), 'an annotator’s workflow does not end by itself']),
    );
    await stage.onStage({ server, db, name: 'changes', learning: true, leftOpen }, async (on) => {
      const campaign = await begin(on, made);
      await until('all that fits is in flight', async () => (await openTasks(campaignId)) === 8);
      await campaign.executeUpdate(messages.pauseUpdate);
      expect((await findCampaign(db, campaignId))?.state).toBe('paused');
      const [annotatorId = ''] = annotators;
      const gold = { assignmentId: uuidv7(), annotatorId, campaignId, tier: 2, leaseMs: 60_000, from: 0 };
      expect(await leaseGold(db, gold)).toBeUndefined();
      const change = { redundancy: 3, maxRedundancy: null };
      const changed = await campaign.executeUpdate(messages.setRedundancyUpdate, { args: [change] });
      expect(changed).toEqual({ policyVersion: 2 });
      const tooLittle = { capMicros: ((await committed(campaignId)) - 1n).toString() };
      const refused = await refusal(campaign.executeUpdate(messages.setBudgetUpdate, { args: [tooLittle] }));
      expect(refused).toContain('the least budget now is $');
      await campaign.executeUpdate(messages.setBudgetUpdate, { args: [{ capMicros: '50000000' }] });
      await campaign.executeUpdate(messages.resumeUpdate);
      const answering = async () => {
        await answerAll(db, made);
        await answerGolds(db, made);
        return campaign.isOver();
      };
      await until('the campaign has ended', answering, 60_000);
      expect(await campaign.ended).toEqual({ reason: 'pool_empty' });
      await until('all is delivered', () => stage.isDelivered(db));
      await until('all golds are graded', async () => {
        const rows = await db`
          select 1 from annotations n join tasks t on t.id = n.task_id
          where n.campaign_id = ${campaignId} and t.kind = 'gold' and n.counted and n.pay_state = 'pending'`;
        return rows.length === 0;
      });
      await until('every gold counts once for its annotator', async () => {
        const rows = await db`
          select 1 from annotators a
          where a.id = any(${[...annotators]}) and a.gold_total <> (
            select count(*) from annotations n join tasks t on t.id = n.task_id
            where n.annotator_id = a.id and t.kind = 'gold' and n.counted)`;
        return rows.length === 0;
      });
    });
    const versions = await db`
      select distinct policy_version as version, redundancy from tasks
      where campaign_id = ${campaignId} and kind = 'work' order by 1`;
    expect(versions).toEqual([
      { version: 1, redundancy: 2 },
      { version: 2, redundancy: 3 },
    ]);
    expect(await stage.moneyOf(db, campaignId)).toMatchObject({ cap: 50_000_000n, reserved: 0n });
    await stage.expectInvariants(db, campaignId);
  });
});

const labelOf = (text: string | undefined) => (text?.includes('win') ? 'spam' : 'ham');

/** Each annotator answers whatever is offered to them now. */
async function answerAll(db: Db, { campaignId, annotators }: stage.Scene): Promise<void> {
  const after = Array.from({ length: 20 }, () => 0);
  for (const annotatorId of annotators) {
    const query = { campaignId, workforce: 'internal', tier: 2, annotatorId, after, limit: 20 };
    const open = await findCandidates(db, query);
    for (const taskId of new Set(open.map((slot) => slot.taskId))) {
      const held = await stage.lease(db, { taskId, annotatorId });
      if (!held) continue;
      const { text } = held.payload as { text: string };
      await stage.submit(db, { assignmentId: held.assignmentId, annotatorId, label: labelOf(text) });
    }
  }
}

/** Each annotator answers one gold task more, while there is gold money. */
async function answerGolds(db: Db, { campaignId, annotators }: stage.Scene): Promise<void> {
  for (const annotatorId of annotators) {
    const assignmentId = uuidv7();
    const held = await leaseGold(db, { assignmentId, annotatorId, campaignId, tier: 2, leaseMs: 60_000, from: 0 });
    if (!held) continue;
    const { text } = held.payload as { text: string };
    await stage.submit(db, { assignmentId, annotatorId, label: labelOf(text) });
  }
}

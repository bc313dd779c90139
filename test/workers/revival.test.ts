import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, test } from 'vitest';
import { pauseCampaign, resumeCampaign } from '../../db/queries/campaigns.ts';
import { leaseGold } from '../../db/queries/leases.ts';
import { campaignPolicyOf } from '../../domain/settings.ts';
import { runKeeper } from '../../workers/keeper.ts';
import { createLog } from '../../workers/log.ts';
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
const log = createLog('test', 'silent');

describe('what is open and whose workflow is gone', () => {
  if ('unavailable' in server || !database) {
    test.skip('unavailable' in server ? server.unavailable : 'There is no database.');
    return;
  }
  const { db } = database;
  const isOpen = (taskId: string) =>
    until('the task is open', async () => (await stage.taskState(db, taskId)) === 'open');
  const isAssessed = (annotationId: string) =>
    until('the answer is assessed', async () => {
      return (await db`select 1 from annotations where id = ${annotationId} and assessed_at is not null`).length > 0;
    });
  const kindsOf = async (taskId: string) => {
    const story = await db<{ kind: string }[]>`select kind from task_events where task_id = ${taskId} order by seq`;
    return story.map(({ kind }) => kind);
  };

  /** The keeper leaves all campaigns so far alone: they have no workflows of their own here. */
  const areYoung = () => db`update campaigns set started_at = now() + interval '1 hour'`;

  test('a task goes on in a new one when an answer comes, with the answers it had', async () => {
    const made = await stage.scene(db);
    const [taskId = ''] = await stage.plan(db, made, 1);
    const [first = '', ...others] = made.annotators;
    await stage.onStage({ server, db, name: 'gone' }, async ({ client }) => {
      await isOpen(taskId);
      await isAssessed((await stage.answer(db, { taskId, annotatorId: first })).annotationId);
      const handle = client.getHandle(messages.taskWorkflowId(taskId));
      await handle.terminate('by hand');
      for (const annotatorId of others) await stage.answer(db, { taskId, annotatorId });
      await until('it is decided', async () => (await stage.taskState(db, taskId)) === 'decided');
      // Its first workflow task may be carried out twice, where a message comes meanwhile: the second finds it ended.
      await handle.result();
    });
    expect(await kindsOf(taskId)).toEqual(['revived']);
    expect(await stage.moneyOf(db, made.campaignId)).toMatchObject({ reserved: 0n, spent: 300_000n, paid: 300_000n });
    await stage.expectInvariants(db, made.campaignId);
  });

  test('a task is found by the keeper: paused as its campaign is, and with what nobody had heard of', async () => {
    const made = await stage.scene(db);
    await areYoung();
    const [taskId = ''] = await stage.plan(db, made, 1);
    await stage.onStage({ server, db, name: 'kept' }, async ({ client, silently }) => {
      await isOpen(taskId);
      const handle = client.getHandle(messages.taskWorkflowId(taskId));
      // Message and workflow go together, as in a power cut.
      await silently(async () => {
        for (const annotatorId of made.annotators.slice(1)) await stage.answer(db, { taskId, annotatorId });
        await pauseCampaign(db, made.campaignId);
        await handle.terminate('gone');
        await db`delete from outbox`;
      });
      const stop = new AbortController();
      const keeping = runKeeper({ db, workflow: client, log, everyMs: 50, olderThanMs: 0 }, stop.signal);
      await until('it goes on', async () => {
        const { status } = await handle.describe();
        if (status.name !== 'RUNNING') return false;
        const { counted, pausedAtMs } = await handle.query(messages.taskStateQuery);
        return counted.length === 2 && pausedAtMs !== null;
      });
      stop.abort();
      await keeping;
      await resumeCampaign(db, { id: made.campaignId, to: 'running' });
      await stage.answer(db, { taskId, annotatorId: made.annotators[0] ?? '' });
      expect(await handle.result()).toEqual({ state: 'decided' });
    });
    expect(await kindsOf(taskId)).toEqual(['revived', 'paused', 'resumed']);
    await stage.expectInvariants(db, made.campaignId);
  });

  test('a campaign goes on with its round, its open tasks and what has settled meanwhile, and ends', async () => {
    const made = await stage.scene(db, { items: 4, settings: { redundancy: 1, batchSize: 2, maxInFlight: 2 } });
    const { campaignId } = made;
    await areYoung();
    await db`update campaigns set started_at = now() where id = ${campaignId}`;
    const policy = campaignPolicyOf(made.settings);
    await stage.onStage({ server, db, name: 'campaign', learning: true }, async ({ client, silently }) => {
      const workflowId = messages.campaignWorkflowId(campaignId);
      const start = { taskQueue: messages.TASK_QUEUES.main, workflowId, args: [{ campaignId, policy }] };
      const handle = await client.start('campaignWorkflow', start);
      const open = () => db<{ id: string }[]>`
        select task_id as id from slots where campaign_id = ${campaignId} and state = 'open' order by task_id`;
      await until('the first batch is open', async () => (await open()).length === 2);
      await silently(async () => {
        await handle.terminate('gone');
        const [first] = await open();
        await stage.answer(db, { taskId: first?.id ?? '', annotatorId: made.annotators[0] ?? '' });
      });
      const stop = new AbortController();
      const keeping = runKeeper({ db, workflow: client, log, everyMs: 50, olderThanMs: 0 }, stop.signal);
      await until(
        'the campaign has ended',
        async () => {
          for (const { id } of await open()) {
            await stage.answer(db, { taskId: id, annotatorId: made.annotators[1] ?? '' });
          }
          return (await db`select 1 from campaigns where id = ${campaignId} and state = 'finished'`).length > 0;
        },
        90_000,
      );
      stop.abort();
      await keeping;
      expect(await client.getHandle(workflowId).result()).toEqual({ reason: 'pool_empty' });
      const rounds = await db<
        { round: number }[]
      >`select round from tasks where campaign_id = ${campaignId} order by round`;
      expect(rounds.map(({ round }) => round).slice(0, 2)).toEqual([1, 1]);
      expect(rounds.map(({ round }) => round > 1)).toEqual([false, false, true, true]);
    });
    await stage.expectInvariants(db, campaignId);
  });

  test('an annotator keeps standing and counts, and is told again of what was not graded', async () => {
    const made = await stage.scene(db, { items: 1, gold: 14 });
    await areYoung();
    const [annotatorId = ''] = made.annotators;
    await stage.openGolds(db, made, 5_000_000n);
    const answerGold = async (right: boolean) => {
      const assignmentId = uuidv7();
      const wish = { assignmentId, annotatorId, campaignId: made.campaignId, tier: 3, leaseMs: 60_000, from: 0 };
      const held = await leaseGold(db, wish);
      const [gold] = await db<{ label: string }[]>`
        select g.label from tasks t join gold_answers g on g.item_id = t.item_id where t.id = ${held?.taskId ?? null}`;
      const other = gold?.label === 'spam' ? 'ham' : 'spam';
      await stage.submit(db, { assignmentId, annotatorId, label: right ? gold?.label : other });
    };
    const rowOf = async () => {
      const [row] = await db<{ standing: string; total: number; right: number; score: number }[]>`
        select standing, gold_total as total, gold_correct as right, quality_score::float8 as score
        from annotators where id = ${annotatorId}`;
      return row;
    };
    const workflowId = messages.annotatorWorkflowId(annotatorId);
    const leftOpen = { [workflowId]: 'an annotator’s workflow does not end by itself' };
    await stage.onStage({ server, db, name: 'annotator', leftOpen }, async ({ client, silently }) => {
      for (let count = 0; count < 12; count++) await answerGold(false);
      await until('all are counted', async () => (await rowOf())?.total === 12);
      expect((await rowOf())?.standing).toBe('suspended');
      await silently(async () => {
        await client.getHandle(workflowId).terminate('gone');
        for (let count = 0; count < 2; count++) await answerGold(true);
        await db`delete from outbox`;
        // The power was away for a day.
        await db`update annotations set submitted_at = submitted_at - interval '1 day' where assessed_at is null`;
      });
      const stop = new AbortController();
      const keeping = runKeeper({ db, workflow: client, log, everyMs: 50, olderThanMs: 0 }, stop.signal);
      await until('the rest is counted', async () => (await rowOf())?.total === 14);
      stop.abort();
      await keeping;
      expect(await rowOf()).toMatchObject({ standing: 'suspended', right: 2 });
    });
  });
});

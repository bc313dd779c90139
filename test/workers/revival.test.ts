import { afterAll, describe, expect, test } from 'vitest';
import { pauseCampaign, resumeCampaign } from '../../db/queries/campaigns.ts';
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

describe('an open task whose workflow is gone', () => {
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

  test('goes on in a new one when an answer comes, with the answers it had', async () => {
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

  test('is found by the keeper: paused as its campaign is, and with what nobody had heard of', async () => {
    const made = await stage.scene(db);
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
});

import type { temporal } from '@temporalio/proto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, test } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import { pauseCampaign, resumeCampaign } from '../../db/queries/campaigns.ts';
import { insertRuling } from '../../db/queries/rulings.ts';
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

type Events = readonly temporal.api.history.v1.IHistoryEvent[];

/**
 * Billable actions of a run by Temporal's own rule: one each for the start, a timer, a signal and an update, and one
 * for all local activities of one workflow task.
 */
function billableActions(events: Events): number {
  const tasksWithActivities = new Set(
    events.flatMap((event) => event.markerRecordedEventAttributes?.workflowTaskCompletedEventId?.toString() ?? []),
  );
  const others = events.filter(
    (event) =>
      event.workflowExecutionStartedEventAttributes ??
      event.timerStartedEventAttributes ??
      event.workflowExecutionSignaledEventAttributes ??
      event.workflowExecutionUpdateAcceptedEventAttributes,
  );
  return tasksWithActivities.size + others.length;
}

describe('the way of a task', () => {
  if ('unavailable' in server || !database) {
    test.skip('unavailable' in server ? server.unavailable : 'There is no database.');
    return;
  }
  const { db } = database;
  const opened = (taskId: string) =>
    until('the task is open', async () => (await stage.taskState(db, taskId)) === 'open');
  const assessed = (annotationId: string) =>
    until('the answer is assessed', async () => {
      const [row] = await db`select 1 from annotations where id = ${annotationId} and assessed_at is not null`;
      return row !== undefined;
    });
  const payState = async (annotationId: string) => {
    const [row] = await db<{ counted: boolean; paid: string; spends: number }[]>`
      select counted, pay_state as paid,
        (select count(*)::int from ledger where annotation_id = n.id and kind = 'spend') as spends
      from annotations n where id = ${annotationId}`;
    return row;
  };

  test('from the outbox to the decision, with three answers that come apart: few events, few billable actions', async () => {
    const made = await stage.scene(db);
    const [taskId = ''] = await stage.plan(db, made, 1);
    const events = await stage.onStage({ server, db, name: 'way' }, async ({ client }) => {
      await opened(taskId);
      const handle = client.getHandle(messages.taskWorkflowId(taskId));
      for (const [at, annotatorId] of made.annotators.entries()) {
        const stored = await stage.answer(db, { taskId, annotatorId, label: at === 2 ? 'ham' : 'spam' });
        await assessed(stored.annotationId);
      }
      expect(await handle.result()).toEqual({ state: 'decided' });
      return (await handle.fetchHistory()).events ?? [];
    });
    // 23 and 9 when the answers come apart; fewer when some come together.
    expect(events.length).toBeLessThanOrEqual(32);
    expect(billableActions(events)).toBeLessThanOrEqual(12);
    const [decision] = await db`select state, label, revision, cost_micros from decisions where task_id = ${taskId}`;
    expect(decision).toEqual({ state: 'decided', label: 'spam', revision: 1, cost_micros: 300_000n });
    expect(await stage.moneyOf(db, made.campaignId)).toMatchObject({
      reserved: 0n,
      spent: 300_000n,
      ledgerReserved: 0n,
    });
    await stage.expectInvariants(db, made.campaignId);
  });

  test('a late answer is kept and paid by policy, and counts only while its slot is open', async () => {
    const made = await stage.scene(db, { annotators: 5 });
    const [taskId = ''] = await stage.plan(db, made, 1);
    const [slow = '', slower = '', ...prompt] = made.annotators;
    await stage.onStage({ server, db, name: 'late' }, async ({ client }) => {
      await opened(taskId);
      const held = await stage.lease(db, { taskId, annotatorId: slow, leaseMs: 1 });
      const heldToo = await stage.lease(db, { taskId, annotatorId: slower, leaseMs: 1 });
      await until('both leases have run out', async () => {
        const rows = await db`select 1 from assignments where task_id = ${taskId} and state = 'expired'`;
        return rows.length === 2;
      });
      // One comes while its slot is open again, the other when three others have answered.
      const first = await stage.submit(db, { assignmentId: held?.assignmentId ?? '', annotatorId: slow });
      for (const annotatorId of prompt.slice(0, 2)) await stage.answer(db, { taskId, annotatorId });
      expect(await client.getHandle(messages.taskWorkflowId(taskId)).result()).toEqual({ state: 'decided' });
      const second = await stage.submit(db, { assignmentId: heldToo?.assignmentId ?? '', annotatorId: slower });
      await until('all is delivered', () => stage.isDelivered(db));
      expect(await payState(first?.annotationId ?? '')).toEqual({ counted: true, paid: 'paid', spends: 1 });
      expect(await payState(second?.annotationId ?? '')).toEqual({ counted: false, paid: 'paid', spends: 1 });
    });
    expect(await stage.moneyOf(db, made.campaignId)).toMatchObject({ reserved: 0n, spent: 400_000n });
    await stage.expectInvariants(db, made.campaignId);
  });

  test('a late answer is not paid where the policy says so', async () => {
    const made = await stage.scene(db, { settings: { redundancy: 1, lateAnswers: 'keep_unpaid' } });
    const [taskId = ''] = await stage.plan(db, made, 1);
    const [slow = '', prompt = ''] = made.annotators;
    await stage.onStage({ server, db, name: 'unpaid' }, async ({ client }) => {
      await opened(taskId);
      const held = await stage.lease(db, { taskId, annotatorId: slow, leaseMs: 1 });
      await until('the slot is open again', async () => {
        const again = await stage.lease(db, { taskId, annotatorId: prompt });
        return (
          again && (await stage.submit(db, { assignmentId: again.assignmentId, annotatorId: prompt })) !== undefined
        );
      });
      await client.getHandle(messages.taskWorkflowId(taskId)).result();
      const late = await stage.submit(db, { assignmentId: held?.assignmentId ?? '', annotatorId: slow });
      await until('all is delivered', () => stage.isDelivered(db));
      expect(await payState(late?.annotationId ?? '')).toEqual({ counted: false, paid: 'unpaid_by_policy', spends: 0 });
    });
  });

  test('an answer that the workflow hears of after it has ended is paid once', async () => {
    const made = await stage.scene(db);
    const [taskId = ''] = await stage.plan(db, made, 1);
    const [ann = '', bob = ''] = made.annotators;
    const task = createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
    await stage.onStage({ server, db, name: 'after' }, async ({ client, silently }) => {
      await opened(taskId);
      const handle = client.getHandle(messages.taskWorkflowId(taskId));
      const held = await stage.lease(db, { taskId, annotatorId: bob });
      const { counted, late } = await silently(async () => ({
        counted: await stage.answer(db, { taskId, annotatorId: ann }),
        ended: await handle.executeUpdate(messages.cancelTaskUpdate, { args: [{ reason: 'a test' }] }),
        late: await stage.submit(db, { assignmentId: held?.assignmentId ?? '', annotatorId: bob }),
      }));
      await db`insert into outbox (kind, target_id, message, payload)
        values ('signal_task', ${taskId}, 'annotationsSubmitted', ${db.json({ annotationId: counted.annotationId })})`;
      await until('all is delivered', () => stage.isDelivered(db));
      expect(await payState(counted.annotationId)).toEqual({ counted: true, paid: 'paid', spends: 1 });
      expect(await payState(late?.annotationId ?? '')).toEqual({ counted: false, paid: 'paid', spends: 1 });
    });
    // Settling again changes nothing.
    await task.closeTask({ taskId, outcome: 'unresolved', log: [] });
    expect(await stage.taskState(db, taskId)).toBe('cancelled');
    expect(await stage.moneyOf(db, made.campaignId)).toMatchObject({ reserved: 0n, spent: 200_000n });
    await stage.expectInvariants(db, made.campaignId);
  });

  describe('when its last window ends before it has heard of', () => {
    const settings = { windowMs: 6000, escalation: [{ step: 'give_up' as const }] };

    test('its answers: they decide it all the same', async () => {
      const made = await stage.scene(db, { settings });
      const [taskId = ''] = await stage.plan(db, made, 1);
      await stage.onStage({ server, db, name: 'unheard' }, async ({ client, silently }) => {
        await opened(taskId);
        await silently(async () => {
          for (const annotatorId of made.annotators) await stage.answer(db, { taskId, annotatorId });
          const handle = client.getHandle(messages.taskWorkflowId(taskId));
          expect(await handle.result()).toEqual({ state: 'decided' });
        });
        await until('all is delivered', () => stage.isDelivered(db));
      });
      expect(await stage.moneyOf(db, made.campaignId)).toMatchObject({ reserved: 0n, spent: 300_000n });
      await stage.expectInvariants(db, made.campaignId);
    });

    test('a pause, its end and one more: the window has the time that was left', async () => {
      const made = await stage.scene(db, { settings });
      const [taskId = ''] = await stage.plan(db, made, 1);
      await stage.onStage({ server, db, name: 'unpaused' }, async ({ client, silently }) => {
        await opened(taskId);
        const handle = client.getHandle(messages.taskWorkflowId(taskId));
        await silently(async () => {
          await pauseCampaign(db, made.campaignId);
          await resumeCampaign(db, { id: made.campaignId, to: 'running' });
          await pauseCampaign(db, made.campaignId);
          await until('the window is over', async () => {
            const { pausedAtMs, phase } = await handle.query(messages.taskStateQuery);
            return pausedAtMs !== null || phase === 'ended';
          });
        });
        await resumeCampaign(db, { id: made.campaignId, to: 'running' });
        for (const annotatorId of made.annotators) await stage.answer(db, { taskId, annotatorId });
        expect(await handle.result()).toEqual({ state: 'decided' });
      });
      const story = await db<{ kind: string }[]>`select kind from task_events where task_id = ${taskId} order by seq`;
      expect(story.map(({ kind }) => kind)).toEqual(['paused', 'resumed', 'paused', 'resumed']);
    });

    test('a pause whose message was lost', async () => {
      const made = await stage.scene(db, { settings });
      const [taskId = ''] = await stage.plan(db, made, 1);
      await stage.onStage({ server, db, name: 'lost' }, async ({ client, silently }) => {
        await opened(taskId);
        const handle = client.getHandle(messages.taskWorkflowId(taskId));
        await silently(async () => {
          await pauseCampaign(db, made.campaignId);
          await db`delete from outbox`;
        });
        await until('the window is over', async () => {
          const { pausedAtMs, phase } = await handle.query(messages.taskStateQuery);
          return pausedAtMs !== null || phase === 'ended';
        });
        await resumeCampaign(db, { id: made.campaignId, to: 'running' });
        for (const annotatorId of made.annotators) await stage.answer(db, { taskId, annotatorId });
        expect(await handle.result()).toEqual({ state: 'decided' });
      });
    });
  });

  test('escalated to an expert, paused and resumed on the way, ended by the ruling', async () => {
    const escalation = [{ step: 'raise_pay' as const, by: 0.5 }, { step: 'adjudicate' as const }];
    const made = await stage.scene(db, { settings: { windowMs: 6000, adjudicationMs: 60_000, escalation } });
    const [taskId = ''] = await stage.plan(db, made, 1);
    const [ann = ''] = made.annotators;
    await stage.onStage({ server, db, name: 'expert' }, async ({ client }) => {
      const handle = client.getHandle(messages.taskWorkflowId(taskId));
      await until('the pay is raised', async () => {
        const [row] = await db`select 1 from tasks where id = ${taskId} and price_micros = 150000`;
        return row !== undefined;
      });
      await pauseCampaign(db, made.campaignId);
      await until('the task knows', async () => (await handle.query(messages.taskStateQuery)).pausedAtMs !== null);
      expect(await stage.lease(db, { taskId, annotatorId: ann })).toBeUndefined();
      await resumeCampaign(db, { id: made.campaignId, to: 'running' });
      await until('an expert is asked', async () => (await stage.taskState(db, taskId)) === 'adjudicating');
      const rulingId = await insertRuling(db, { id: uuidv7(), taskId, label: 'ham', ruledBy: 'eve' });
      const unknown = { rulingId: taskId, by: 'eve' };
      await expect(handle.executeUpdate(messages.adjudicateUpdate, { args: [unknown] })).rejects.toThrow();
      await handle.executeUpdate(messages.adjudicateUpdate, { args: [{ rulingId, by: 'eve' }] });
      expect(await handle.result()).toEqual({ state: 'adjudicated' });
    });
    const [decision] = await db`select state, label, method from decisions where task_id = ${taskId}`;
    expect(decision).toEqual({ state: 'adjudicated', label: 'ham', method: 'adjudication' });
    const story = await db<{ kind: string }[]>`select kind from task_events where task_id = ${taskId} order by seq`;
    expect(story.map(({ kind }) => kind)).toEqual([
      'raise_pay',
      'paused',
      'resumed',
      'adjudicate',
      'ruling_refused',
      'ruled',
    ]);
    await stage.expectInvariants(db, made.campaignId);
  });

  test('when every message comes twice, nothing is decided, counted or paid twice', async () => {
    await stage.doubleMessages(db);
    const made = await stage.scene(db, { items: 6, annotators: 4 });
    await stage.onStage({ server, db, name: 'twice' }, async ({ client }) => {
      const taskIds = await stage.plan(db, made, 6);
      for (const taskId of taskIds) await opened(taskId);
      const late = [];
      for (const taskId of taskIds) {
        const [slow = '', ...prompt] = made.annotators;
        const held = await stage.lease(db, { taskId, annotatorId: slow, leaseMs: 1 });
        for (const annotatorId of prompt) {
          await until('an open slot', async () => {
            const got = await stage.lease(db, { taskId, annotatorId });
            return got && (await stage.submit(db, { assignmentId: got.assignmentId, annotatorId })) !== undefined;
          });
        }
        late.push({ assignmentId: held?.assignmentId ?? '', annotatorId: slow });
      }
      for (const taskId of taskIds) {
        expect(await client.getHandle(messages.taskWorkflowId(taskId)).result()).toEqual({ state: 'decided' });
      }
      for (const one of late) await stage.submit(db, one);
      await until('all is delivered', () => stage.isDelivered(db));
    });
    expect(await stage.moneyOf(db, made.campaignId)).toMatchObject({
      reserved: 0n,
      spent: 2_400_000n,
      paid: 2_400_000n,
    });
    await stage.expectInvariants(db, made.campaignId);
  });
});

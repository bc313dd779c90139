import { type WorkflowClient, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { markStarted } from '../../db/queries/campaigns.ts';
import { writeOutbox } from '../../db/queries/outbox.ts';
import { createLog } from '../../workers/log.ts';
import { runRelay } from '../../workers/relay.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import { plan, scene } from './stage.ts';

const database = await createTestDatabase();
const { db } = database;
afterAll(() => database.drop());
beforeEach(() => db`truncate outbox`);

interface Sent {
  readonly workflowId: string;
  readonly message: string;
  readonly payload: unknown;
}

// Tasks have ids of this form; the relay opens their slots.
const t1 = '01980000-0000-7000-8000-000000000001';

const isEmpty = async () => (await db`select 1 from outbox limit 1`).length === 0;

/** Relays until the outbox is empty, or `done`. `fail` says what goes wrong with a delivery; it is kept if nothing does. */
async function relayAll(
  fail: (sent: Sent) => Error | undefined = () => undefined,
  done: () => Promise<boolean> = isEmpty,
): Promise<Sent[]> {
  const sent: Sent[] = [];
  const deliver = async (one: Sent) => {
    const error = fail(one);
    if (error) throw error;
    sent.push(one);
  };
  // The three methods that the relay uses of a client.
  const workflow = {
    start: (message: string, { workflowId, args }: { workflowId: string; args: unknown[] }) =>
      deliver({ workflowId, message, payload: args[0] }),
    signalWithStart: (_: string, given: { workflowId: string; signal: { name: string }; signalArgs: unknown[] }) =>
      deliver({ workflowId: given.workflowId, message: given.signal.name, payload: given.signalArgs[0] }),
    getHandle: (workflowId: string) => ({
      signal: (signal: string | { name: string }, payload: unknown) =>
        deliver({ workflowId, message: typeof signal === 'string' ? signal : signal.name, payload }),
    }),
  } as unknown as WorkflowClient;
  const stop = new AbortController();
  const log = createLog('test', 'silent');
  const running = runRelay({ db, workflow, log, pollMs: 10 }, stop.signal);
  try {
    await until('everything is delivered', done);
    return sent;
  } finally {
    stop.abort();
    await running;
  }
}

const message = (targetId: string, name: string, payload: unknown = { atMs: 1 }) =>
  writeOutbox(db, [{ kind: 'signal_task', targetId, message: name, payload }]);
const answered = (targetId: string, annotationId: string) =>
  message(targetId, 'annotationsSubmitted', { annotationId });
const start = (targetId: string) =>
  writeOutbox(db, [{ kind: 'start_task', targetId, message: 'start', payload: { campaignId: 'c', policy: {} } }]);

describe('the relay', () => {
  test('delivers in order for each workflow, and answers that wait for the same one together', async () => {
    await start(t1);
    await answered(t1, 'a1');
    await answered('t2', 'b1');
    await answered(t1, 'a2');
    await message(t1, 'paused');
    await answered(t1, 'a3');
    const sent = await relayAll();
    const to = (workflowId: string) => sent.filter((one) => one.workflowId === workflowId);
    expect(to(`task-${t1}`).map((one) => one.message)).toEqual([
      'annotationTaskWorkflow',
      'annotationsSubmitted',
      'paused',
      'annotationsSubmitted',
    ]);
    expect(to(`task-${t1}`)[1]?.payload).toEqual({ annotationIds: ['a1', 'a2'] });
    expect(to('task-t2')).toHaveLength(1);
  });

  test('starts a campaign that was marked as running, and not one that has ended since', async () => {
    const { campaignId } = await scene(db);
    const ended = await scene(db);
    await db`update campaigns set state = 'stopped' where id = ${ended.campaignId}`;
    await db`update campaigns set state = 'draft' where id = ${campaignId}`;
    expect(await markStarted(db, campaignId, 1)).toBe(true);
    await writeOutbox(db, [{ kind: 'start_campaign', targetId: ended.campaignId, message: 'start', payload: {} }]);
    const sent = await relayAll();
    expect(sent).toMatchObject([
      { workflowId: `campaign-${campaignId}`, message: 'campaignWorkflow', payload: { policy: { mode: 'streaming' } } },
    ]);
  });

  test('opens the slots of a batch together, also of a task whose start fails', async () => {
    const made = await scene(db, { items: 3 });
    const taskIds = await plan(db, made, 3);
    const states = async () => {
      const rows = await db<{ state: string; slots: number }[]>`
        select t.state, count(s.*)::int as slots from tasks t left join slots s on s.task_id = t.id and s.state = 'open'
        where t.id = any(${taskIds}::uuid[]) group by t.id`;
      return rows.map(({ state, slots }) => `${state} ${slots}`);
    };
    expect(await states()).toEqual(['planned 0', 'planned 0', 'planned 0']);
    let failures = 1;
    const seen: string[][] = [];
    const sent = await relayAll((one) => {
      if (one.workflowId !== `task-${taskIds[0]}` || failures-- <= 0) return undefined;
      void states().then((found) => seen.push(found));
      return new Error('no server');
    });
    expect(await states()).toEqual(['open 3', 'open 3', 'open 3']);
    expect(seen).toEqual([['open 3', 'open 3', 'open 3']]);
    expect(sent.map((one) => one.payload)).toMatchObject(taskIds.map(() => ({ slotsOpen: true })));
  });

  test('keeps the order when a delivery fails, also for messages that are written while it waits', async () => {
    await start(t1);
    await message(t1, 'paused', { atMs: 1 });
    let failures = 2;
    const sent = await relayAll((one) => {
      if (one.message !== 'annotationTaskWorkflow' || failures-- <= 0) return undefined;
      void message(t1, 'resumed', { atMs: 2 + failures });
      return new Error('no server');
    });
    expect(sent.map((one) => one.message)).toEqual(['annotationTaskWorkflow', 'paused', 'resumed', 'resumed']);
  });

  test('tells a pause before its end, although the pause was harder to deliver', async () => {
    // Attempts of the first make its next try later than that of a message which has failed less often.
    await message(t1, 'paused', { atMs: 1 });
    await db`update outbox set attempts = 2, due_at = now() + interval '1 second'`;
    await message(t1, 'resumed', { atMs: 2 });
    expect((await relayAll()).map((one) => one.message)).toEqual(['paused', 'resumed']);
  });

  test('goes on with other workflows while one cannot be reached', async () => {
    const order: string[] = [];
    for (const target of ['bad', 't1', 't2']) await answered(target, target);
    let failures = 3;
    await relayAll((one) => {
      if (one.workflowId === 'task-bad' && failures-- > 0) return new Error('unreachable');
      order.push(one.workflowId);
      return undefined;
    });
    expect(order.at(-1)).toBe('task-bad');
    expect(order).toHaveLength(3);
  });

  test('a message that makes no sense stays, with its error, and holds up nobody else', async () => {
    await message('mad', 'annotationsSubmitted', { nonsense: true });
    await answered(t1, 'a1');
    const left = () => db<{ target: string; error: string; attempts: number }[]>`
      select target_id as target, last_error as error, attempts from outbox`;
    const sent = await relayAll(undefined, async () => (await left()).every(({ attempts }) => attempts > 1));
    expect(sent.map((one) => one.workflowId)).toEqual([`task-${t1}`]);
    expect(await left()).toMatchObject([{ target: 'mad', error: expect.stringContaining('annotationId') }]);
  });

  test('a task that was started before, and a campaign that has ended, are no failures', async () => {
    await start(t1);
    await writeOutbox(db, [
      { kind: 'signal_campaign', targetId: 'c1', message: 'tasksSettled', payload: { taskId: 't1' } },
    ]);
    const sent = await relayAll((one) =>
      one.message === 'annotationTaskWorkflow'
        ? new WorkflowExecutionAlreadyStartedError('started before', one.workflowId, 'annotationTaskWorkflow')
        : new WorkflowNotFoundError('ended', one.workflowId, undefined),
    );
    expect(sent).toEqual([]);
  });

  test('settlements for one campaign, and golds of one annotator, travel together', async () => {
    for (const taskId of ['t1', 't2'])
      await writeOutbox(db, [
        { kind: 'signal_campaign', targetId: 'c1', message: 'tasksSettled', payload: { taskId } },
      ]);
    for (const annotationId of ['g1', 'g2'])
      await writeOutbox(db, [
        { kind: 'signal_annotator', targetId: 'p1', message: 'goldAnswered', payload: { annotationId } },
      ]);
    const correction = { appealId: 'x1', annotationId: 'g1', correct: true };
    await writeOutbox(db, [
      { kind: 'signal_annotator', targetId: 'p1', message: 'goldCorrected', payload: correction },
      { kind: 'signal_campaign', targetId: 'c1', message: 'poolGrew', payload: {} },
      { kind: 'signal_campaign', targetId: 'c1', message: 'budgetChanged', payload: {} },
    ]);
    const sent = await relayAll();
    expect(sent.toSorted((a, b) => a.workflowId.localeCompare(b.workflowId))).toEqual([
      { workflowId: 'annotator-p1', message: 'goldAnswered', payload: { annotationIds: ['g1', 'g2'] } },
      { workflowId: 'annotator-p1', message: 'goldCorrected', payload: { corrections: [correction] } },
      { workflowId: 'campaign-c1', message: 'tasksSettled', payload: { taskIds: ['t1', 't2'] } },
      { workflowId: 'campaign-c1', message: 'poolGrew', payload: undefined },
      { workflowId: 'campaign-c1', message: 'budgetChanged', payload: undefined },
    ]);
  });
});

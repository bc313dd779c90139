import { setTimeout } from 'node:timers/promises';
import { type WorkflowClient, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { SignalDefinition } from '@temporalio/common';
import { z } from 'zod';
import type { Db } from '../db/client.ts';
import { campaignStart } from '../db/queries/campaigns.ts';
import { payAnnotation, settleLateAnswer } from '../db/queries/money.ts';
import { deleteDelivered, dueMessages, OUTBOX_CHANNEL, type OutboxRow, postpone } from '../db/queries/outbox.ts';
import { revivalsOf } from '../db/queries/revivals.ts';
import { openSlots } from '../db/queries/tasks.ts';
import type { TaskPolicy } from '../domain/task-policy.ts';
import * as messages from '../workflows/messages.ts';
import type { Log } from './log.ts';

const BATCH = 400;
/** How long a message may wait for others, so that what is answered or settled at the same time travels as one signal. */
const GATHER_MS = 25;
/** Workflows that are signalled at once; the order within one workflow is kept. */
const CONCURRENCY = 24;

const annotationSchema = z.object({ annotationId: z.string() });
const correctionSchema = z.object({ appealId: z.string(), annotationId: z.string(), correct: z.boolean() });
const calibratedSchema = z.object({
  sessionId: z.string(),
  taskType: z.string(),
  results: z.array(z.union([z.literal(0), z.literal(1)])),
  needed: z.int(),
});
const settledSchema = z.object({ taskId: z.string() });
const startSchema = z.object({
  campaignId: z.string(),
  policy: z.custom<TaskPolicy>((value) => typeof value === 'object'),
  reopened: z.int().optional(),
});
type Start = z.infer<typeof startSchema> & { readonly revived?: true };

export interface RelayOptions {
  readonly db: Db;
  readonly workflow: WorkflowClient;
  readonly log: Log;
  readonly pollMs?: number;
}

/**
 * Turns outbox rows into workflow starts and signals, at least once and in order for each workflow; several answers
 * that wait for the same workflow travel as one signal. Runs until `signal` aborts. The caller holds the relay lock.
 */
export async function runRelay(options: RelayOptions, signal: AbortSignal): Promise<void> {
  const { db, log } = options;
  const wake = createWake(signal);
  const listener = await db.listen(OUTBOX_CHANNEL, wake.ring);
  try {
    while (!signal.aborted) {
      try {
        const rows = await dueMessages(db, BATCH);
        if (rows.length > 0) await deliver(options, rows);
        // A full batch means that more is waiting.
        if (rows.length < BATCH) {
          await wake.wait(options.pollMs ?? 500);
          if (!signal.aborted) await setTimeout(GATHER_MS);
        }
      } catch (error) {
        log.warn({ err: error }, 'The relay could not read the outbox; trying again.');
        await wake.wait(1000);
      }
    }
  } finally {
    await listener.unlisten().catch(() => undefined);
  }
}

async function deliver(options: RelayOptions, rows: readonly OutboxRow[]): Promise<void> {
  // In one statement for the batch: what each task would else do on its own as its first step.
  const starting = rows.flatMap((row) => (row.kind === 'start_task' ? [row.targetId] : []));
  if (starting.length > 0) await openSlots(options.db, ...starting);
  const groups = groupByTarget(rows);
  const delivered: bigint[] = [];
  let next = 0;
  const lane = async () => {
    for (let group = groups[next++]; group; group = groups[next++]) {
      for (const run of sameMessages(group)) {
        const ids = run.map((row) => row.id);
        try {
          await send(options, run);
          delivered.push(...ids);
        } catch (error) {
          // Later messages for this workflow wait behind this one.
          options.log.warn(
            { err: error, message: run[0]?.message },
            'A message could not be delivered; it is tried again.',
          );
          await postpone(
            options.db,
            group.filter((row) => !delivered.includes(row.id)).map((row) => row.id),
            String(error),
          );
          break;
        }
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, groups.length) }, lane));
  await deleteDelivered(options.db, delivered);
}

function groupByTarget(rows: readonly OutboxRow[]): OutboxRow[][] {
  const groups = new Map<string, OutboxRow[]>();
  for (const row of rows) {
    const group = groups.get(row.targetId);
    if (group) group.push(row);
    else groups.set(row.targetId, [row]);
  }
  return [...groups.values()];
}

/** Runs of neighbours with the same message, which can travel together. */
function sameMessages(rows: readonly OutboxRow[]): OutboxRow[][] {
  const runs: OutboxRow[][] = [];
  for (const row of rows) {
    const last = runs.at(-1);
    if (last?.[0]?.message === row.message && last[0].kind === row.kind) last.push(row);
    else runs.push([row]);
  }
  return runs;
}

async function send(options: RelayOptions, run: readonly OutboxRow[]): Promise<void> {
  const [first] = run;
  if (!first) return;
  const { targetId } = first;
  switch (first.kind) {
    case 'start_task':
      return startTask(options.workflow, targetId, startSchema.parse(first.payload));
    case 'start_campaign':
      await startCampaign(options, targetId);
      return;
    case 'signal_task':
      return signalTask(options, run);
    case 'signal_campaign':
      return signalCampaign(options.workflow, run);
    case 'signal_annotator':
      return signalAnnotator(options.workflow, run);
    case 'signal_order':
      return signalOrder(options.workflow, targetId);
    case 'signal_payout':
      return signalPayout(options.workflow, targetId);
    case 'late_answer':
      for (const row of run) await settleLateAnswer(options.db, annotationSchema.parse(row.payload).annotationId);
  }
}

async function startTask(client: WorkflowClient, taskId: string, { reopened, ...start }: Start): Promise<void> {
  const input: messages.AnnotationTaskInput = {
    taskId,
    ...start,
    decidesAtOnce: true,
    looksWhilePaused: true,
    ...(reopened === undefined ? { slotsOpen: true } : { reopened }),
  };
  const workflowId = messages.taskWorkflowId(taskId);
  try {
    await client.start('annotationTaskWorkflow', {
      taskQueue: messages.TASK_QUEUES.main,
      workflowId,
      workflowIdReusePolicy: reopened === undefined && !start.revived ? 'REJECT_DUPLICATE' : 'ALLOW_DUPLICATE',
      ...(reopened === undefined ? {} : { memo: { reopened } }),
      args: [input],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    // Delivered before, and the delivery was not recorded; or the run that decided the task has not quite ended, which
    // is waited for.
    if (reopened === undefined || start.revived) return;
    const { memo } = await client.getHandle(workflowId).describe();
    if (memo?.reopened !== reopened) throw error;
  }
}

/** Starts the workflow of a campaign that has not ended; false where it has one (by the API, most often) or has ended. */
export async function startCampaign(
  { db, workflow }: Pick<RelayOptions, 'db' | 'workflow'>,
  campaignId: string,
  how: { readonly revived?: true } = {},
): Promise<boolean> {
  const start = await campaignStart(db, campaignId);
  if (!start) return false;
  try {
    await workflow.start('campaignWorkflow', messages.campaignStartOptions({ ...start, ...how }));
    return true;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return false;
  }
}

/** Starts the workflows of those of these tasks that have not ended, though theirs have; how many that were. */
export async function reviveTasks(
  { db, workflow, log }: Pick<RelayOptions, 'db' | 'workflow' | 'log'>,
  taskIds: readonly string[],
): Promise<number> {
  const revivals = await revivalsOf(db, taskIds);
  if (revivals.length === 0) return 0;
  await openSlots(db, ...revivals.map(({ taskId }) => taskId));
  for (const { taskId, ...start } of revivals) {
    await startTask(workflow, taskId, { ...start, revived: true });
  }
  // One line: after a loss of Temporal's database it is all that are open.
  const some = revivals.slice(0, 3).map(({ taskId }) => taskId);
  log.warn({ tasks: revivals.length, some }, 'Open tasks whose workflows were gone go on in new ones.');
  return revivals.length;
}

async function signalTask(options: RelayOptions, run: readonly OutboxRow[]): Promise<void> {
  try {
    await tellTask(options, run);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const taskIds = run.slice(0, 1).map(({ targetId }) => targetId);
    if ((await reviveTasks(options, taskIds)) > 0) return tellTask(options, run);
    if (run[0]?.message !== 'annotationsSubmitted') return;
    // The task ended before it heard of these answers. Settling paid what it saw; this pays the rest, once.
    for (const { payload } of run) {
      const { annotationId } = annotationSchema.parse(payload);
      await payAnnotation(options.db, { annotationId, from: 'free' });
    }
  }
}

async function tellTask(options: RelayOptions, run: readonly OutboxRow[]): Promise<void> {
  const [first] = run;
  if (!first) return;
  const handle = options.workflow.getHandle(messages.taskWorkflowId(first.targetId));
  if (first.message === 'annotationsSubmitted') {
    const annotationIds = run.map((row) => annotationSchema.parse(row.payload).annotationId);
    await handle.signal(messages.annotationsSubmittedSignal, { annotationIds });
  } else for (const row of run) await handle.signal(row.message, row.payload);
}

async function signalAnnotator(client: WorkflowClient, run: readonly OutboxRow[]): Promise<void> {
  const [first] = run;
  if (!first) return;
  const { targetId: annotatorId } = first;
  const input: messages.AnnotatorInput = { annotatorId };
  const tell = <A extends unknown[]>(signal: SignalDefinition<A>, ...signalArgs: A) =>
    startOrTell(client, 'annotatorWorkflow', messages.annotatorWorkflowId(annotatorId), input, signal, signalArgs);
  if (first.message === 'goldCorrected') {
    await tell(messages.goldCorrectedSignal, { corrections: run.map((row) => correctionSchema.parse(row.payload)) });
  } else if (first.message === 'calibrated') {
    await tell(messages.calibratedSignal, { sessions: run.map((row) => calibratedSchema.parse(row.payload)) });
  } else {
    const annotationIds = run.map((row) => annotationSchema.parse(row.payload).annotationId);
    await tell(messages.goldAnsweredSignal, { annotationIds });
  }
}

/** Starts the order's workflow, or tells it that there is news; one that has ended looks again. */
async function signalOrder(client: WorkflowClient, orderId: string): Promise<void> {
  const input: messages.VendorOrderInput = { orderId };
  const id = messages.vendorOrderWorkflowId(orderId);
  await startOrTell(client, 'vendorOrderWorkflow', id, input, messages.orderChangedSignal, []);
}

/** Starts the run's workflow, or tells it that there is news; one that has ended looks again. */
async function signalPayout(client: WorkflowClient, runId: string): Promise<void> {
  const input: messages.PayoutRunInput = { runId };
  const id = messages.payoutRunWorkflowId(runId);
  await startOrTell(client, 'payoutRunWorkflow', id, input, messages.payoutChangedSignal, []);
}

/** Signals a workflow, and starts it first where none of this id runs. */
async function startOrTell(
  client: WorkflowClient,
  workflow: string,
  workflowId: string,
  input: object,
  signal: SignalDefinition<unknown[]>,
  signalArgs: unknown[],
): Promise<void> {
  const taskQueue = messages.TASK_QUEUES.main;
  await client.signalWithStart(workflow, { taskQueue, workflowId, args: [input], signal, signalArgs });
}

async function signalCampaign(client: WorkflowClient, run: readonly OutboxRow[]): Promise<void> {
  const [first] = run;
  if (!first) return;
  const handle = client.getHandle(messages.campaignWorkflowId(first.targetId));
  try {
    if (first.message === 'tasksSettled') {
      const taskIds = run.map((row) => settledSchema.parse(row.payload).taskId);
      await handle.signal(messages.tasksSettledSignal, { taskIds });
    } else if (first.message === 'budgetChanged') {
      await handle.signal(messages.budgetChangedSignal);
    } else {
      await handle.signal(messages.poolGrewSignal);
    }
  } catch (error) {
    // A campaign that has ended needs no more news; one whose workflow is gone reads them when the keeper revives it.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** A bell that can ring before anybody waits for it. */
function createWake(signal: AbortSignal) {
  let rung = false;
  let answer: (() => void) | undefined;
  const ring = () => {
    rung = true;
    answer?.();
  };
  signal.addEventListener('abort', ring);
  return {
    ring,
    async wait(atMostMs: number): Promise<void> {
      if (!rung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = globalThis.setTimeout(resolve, atMostMs);
          answer = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
      answer = undefined;
    },
  };
}

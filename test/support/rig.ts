import { type WorkflowClient, WorkflowUpdateFailedError } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import type { VendorName } from '../../domain/vendors/names.ts';
import { createVendorWorkers } from '../../workers/vendor-workers.ts';
import { TASK_QUEUES } from '../../workflows/messages.ts';
import { type StartedRun, shortId, type TestServer } from './temporal-servers.ts';
import { workflowBundle } from './workflow-bundle.ts';

type History = temporal.api.history.v1.IHistory;
// Activities of any shape: each test file types its own.
type ActivitySet = object;

export interface RigOptions {
  readonly server: TestServer;
  /** Of this test alone; by default made from `name`. */
  readonly taskQueue?: string;
  readonly name: string;
  readonly activities: ActivitySet;
  /** What runs on the learning queue, where the workflows under test use it. */
  readonly learning?: ActivitySet;
  /** What runs on the vendors' queues, likewise. */
  readonly vendors?: ActivitySet;
  /** Those with a queue of their own. */
  readonly vendorNames?: readonly VendorName[];
  /** Ids of workflows that are meant to be still running at the end, each with the reason. */
  readonly leftOpen?: Readonly<Record<string, string>>;
}

export interface Rig {
  readonly client: WorkflowClient;
  readonly taskQueue: string;
}

/**
 * Runs `body` beside a worker of its own. Afterwards every run that was started, along the whole continue-as-new
 * chain, is replayed with the same code; a non-determinism or a workflow that is unexpectedly open fails the test.
 */
export async function withWorker<T>(options: RigOptions, body: (rig: Rig) => Promise<T>): Promise<T> {
  const { server } = options;
  const taskQueue = options.taskQueue ?? `test-${shortId(options.name)}`;
  const workflows = await workflowBundle();
  const common = { connection: server.connection, shutdownGraceTime: '1 second' } as const;
  const worker = await Worker.create({
    ...common,
    taskQueue,
    workflowBundle: workflows,
    activities: options.activities,
  });
  const learning =
    options.learning &&
    (await Worker.create({ ...common, taskQueue: TASK_QUEUES.learning, activities: options.learning }));
  const atVendors = options.vendors
    ? await createVendorWorkers(common, options.vendors, options.vendorNames ?? [])
    : [];
  const first = server.started.length;
  const run = () => body({ client: server.client, taskQueue });
  const cleanUp = async () => {
    const chains = await chainsOf(server.client, server.started.slice(first));
    return { chains, open: await endOpenOnes(server.client, chains, options.leftOpen ?? {}) };
  };
  let result: T;
  try {
    const beside = atVendors.reduce((inner, each) => () => each.runUntil(inner), run);
    result = await worker.runUntil(() => (learning ? learning.runUntil(beside) : beside()));
  } catch (error) {
    // A workflow that waits for a worker would keep the next test's time from being skipped.
    await cleanUp().catch(() => undefined);
    throw error;
  }
  const { chains, open } = await cleanUp();
  await replayAll(chains);
  if (open.length > 0) throw new Error(`Still open at the end of the test: ${open.join(', ')}.`);
  return result;
}

interface Run extends StartedRun {
  readonly history: History;
  readonly last: boolean;
}

/** All runs of these workflows with their histories: what each continued as, too. */
export async function chainsOf(client: WorkflowClient, started: readonly StartedRun[]): Promise<Run[]> {
  const runs = new Map<string, Run>();
  for (const { workflowId, runId } of started) {
    for (let next: string | undefined = runId; next !== undefined && !runs.has(next); ) {
      const history: History = await client.getHandle(workflowId, next).fetchHistory();
      const closing: string | null | undefined =
        history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
      runs.set(next, { workflowId, runId: next, history, last: !closing });
      next = closing ?? undefined;
    }
  }
  return [...runs.values()];
}

async function endOpenOnes(
  client: WorkflowClient,
  runs: readonly Run[],
  expected: Readonly<Record<string, string>>,
): Promise<string[]> {
  const unexpected: string[] = [];
  for (const { workflowId, runId, last } of runs) {
    if (!last) continue;
    const handle = client.getHandle(workflowId, runId);
    if ((await handle.describe()).status.name !== 'RUNNING') continue;
    if (expected[workflowId] === undefined) unexpected.push(workflowId);
    await handle.terminate('the test is over');
  }
  return unexpected;
}

/** Replays histories with today's workflow code; throws the first non-determinism. */
export async function replayAll(histories: readonly { workflowId: string; history: History }[]): Promise<void> {
  // A run that nobody has worked on yet has nothing to replay, and the replayer would wait for it without end.
  const begun = histories.filter(({ history }) =>
    history.events?.some((event) => event.workflowTaskCompletedEventAttributes),
  );
  if (begun.length === 0) return;
  const options = { workflowBundle: await workflowBundle() };
  for await (const result of Worker.runReplayHistories(options, begun)) {
    if (result.error) throw result.error;
  }
}

/** What a refused update says: the message of the innermost failure. Throws when the update was not refused. */
export async function refusal(update: Promise<unknown>): Promise<string> {
  const error = await update.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof WorkflowUpdateFailedError)) throw error ?? new Error('The update was not refused.');
  let cause: Error = error;
  while (cause.cause instanceof Error) cause = cause.cause;
  return cause.message;
}

const LOOK_MS = 5000;

/**
 * Waits until `look` finds something (neither undefined nor false); fails with `what` after `timeoutMs`. A look that
 * takes very long is left and taken again: the time-skipping server never answers a query that meets a run as it
 * continues as new.
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await Promise.race([look(), after(LOOK_MS)]);
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`Waited ${timeoutMs / 1000} s in vain for: ${what}.`);
    await after(20);
  }
}

function after(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined));
}

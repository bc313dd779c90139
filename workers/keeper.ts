import { type WorkflowClient, WorkflowNotFoundError } from '@temporalio/client';
import type { Db } from '../db/client.ts';
import { type OpenTask, openTasksAfter } from '../db/queries/revivals.ts';
import { taskWorkflowId } from '../workflows/messages.ts';
import type { Log } from './log.ts';
import { reviveTasks } from './relay.ts';
import { pause } from './sweeper.ts';

/** So many tasks are looked at each time: one short question to Temporal each. */
const BATCH = 300;
const EVERY_MS = 60_000;
/** Younger ones may not have been started yet. */
const OLDER_THAN_MS = 5 * 60_000;
const CONCURRENCY = 8;
const NOBODY = '00000000-0000-0000-0000-000000000000';
const START: OpenTask = { campaignId: NOBODY, taskId: NOBODY };

/**
 * Starts the workflows of open tasks whose own are gone: after a power cut or a restore of Temporal, or when one was
 * terminated. Goes over all open tasks, some a minute, and begins anew, until `signal` aborts.
 */
export async function runKeeper(
  options: {
    readonly db: Db;
    readonly workflow: WorkflowClient;
    readonly log: Log;
    readonly everyMs?: number;
    readonly olderThanMs?: number;
  },
  signal: AbortSignal,
): Promise<void> {
  const { db, workflow, log, everyMs = EVERY_MS, olderThanMs = OLDER_THAN_MS } = options;
  let after = START;
  while (!signal.aborted) {
    let revived = 0;
    try {
      const page = await openTasksAfter(db, { after, olderThanMs, limit: BATCH });
      const gone = await goneAmong(
        workflow,
        page.map(({ taskId }) => taskId),
      );
      revived = await reviveTasks(options, gone);
      after = page.length < BATCH ? START : (page.at(-1) ?? START);
    } catch (error) {
      log.warn({ err: error }, 'It could not be seen whether all open tasks have a workflow; trying again.');
    }
    // Where one is gone more may be.
    if (revived === 0) await pause(everyMs, signal);
  }
}

/** Those of these tasks that have no running workflow. */
async function goneAmong(workflow: WorkflowClient, taskIds: readonly string[]): Promise<string[]> {
  const gone: string[] = [];
  const left = [...taskIds];
  const lane = async () => {
    for (let taskId = left.pop(); taskId !== undefined; taskId = left.pop()) {
      if (!(await runs(workflow, taskWorkflowId(taskId)))) gone.push(taskId);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  return gone;
}

async function runs(workflow: WorkflowClient, workflowId: string): Promise<boolean> {
  try {
    return (await workflow.getHandle(workflowId).describe()).closeTime === undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

import { type WorkflowClient, WorkflowNotFoundError } from '@temporalio/client';
import type { Db } from '../db/client.ts';
import { type OutboxRow, writeOutbox } from '../db/queries/outbox.ts';
import {
  liveCampaigns,
  type OpenTask,
  openOrders,
  openPayoutRuns,
  openTasksAfter,
  tellUngraded,
} from '../db/queries/revivals.ts';
import * as messages from '../workflows/messages.ts';
import type { Log } from './log.ts';
import { reviveTasks, startCampaign } from './relay.ts';
import { pause } from './sweeper.ts';

/** So many tasks are looked at each time: one short question to Temporal each. */
const BATCH = 300;
const EVERY_MS = 60_000;
/** Younger ones may not have been started yet. */
const OLDER_THAN_MS = 5 * 60_000;
const CONCURRENCY = 8;
const NOBODY = '00000000-0000-0000-0000-000000000000';
/** Before all open tasks. */
export const FIRST_TASK: OpenTask = { campaignId: NOBODY, taskId: NOBODY };

interface KeeperOptions {
  readonly db: Db;
  readonly workflow: WorkflowClient;
  readonly log: Log;
  readonly everyMs?: number;
  readonly olderThanMs?: number;
}

/**
 * Has go on what waits for a workflow that is gone, after a power cut or a restore of Temporal, or when one was terminated:
 * open tasks (of which it goes over some a minute), campaigns, orders and payout runs, and answers to golds that no
 * annotator's workflow has graded. Until `signal` aborts.
 */
export async function runKeeper(options: KeeperOptions, signal: AbortSignal): Promise<void> {
  const { db, log, everyMs = EVERY_MS, olderThanMs = OLDER_THAN_MS } = options;
  let after = FIRST_TASK;
  // Of all times at first: nobody knows how long it is since a power cut cost the last moments.
  let gradedUntil: Date | null = null;
  while (!signal.aborted) {
    let more = false;
    await attempt(log, async () => {
      const page = await openTasksAfter(db, { after, olderThanMs, limit: BATCH });
      // First, so that a task of these that cannot be revived does not keep those after them from it.
      after = page.length < BATCH ? FIRST_TASK : (page.at(-1) ?? FIRST_TASK);
      const taskIds = page.map(({ taskId }) => taskId);
      const revived = await reviveTasks(options, await goneAmong(options.workflow, taskIds, messages.taskWorkflowId));
      more = revived > 0 && after !== FIRST_TASK;
    });
    await attempt(log, () => reviveCampaigns(options, olderThanMs));
    await attempt(log, async () => tellGone(options, await openOrders(db, olderThanMs), ORDERS));
    await attempt(log, async () => tellGone(options, await openPayoutRuns(db, olderThanMs), PAYOUTS));
    await attempt(log, async () => {
      const { told, until } = await tellUngraded(db, { since: gradedUntil, olderThanMs });
      if (told > 0) log.warn({ told }, 'Answers to golds had not been graded; their annotators are told again.');
      gradedUntil = until;
    });
    // Where one is gone more may be among those that come next; those of a whole turn have a moment to begin.
    if (!more) await pause(everyMs, signal);
  }
}

/** One duty that fails keeps nothing else from being done. */
async function attempt(log: Log, duty: () => Promise<void>): Promise<void> {
  try {
    await duty();
  } catch (error) {
    log.warn({ err: error }, 'It could not be seen whether all that is open has a workflow; trying again.');
  }
}

async function reviveCampaigns(options: KeeperOptions, olderThanMs: number): Promise<void> {
  const { db, log, workflow } = options;
  for (const id of await goneAmong(workflow, await liveCampaigns(db, olderThanMs), messages.campaignWorkflowId)) {
    await attempt(log, async () => {
      if (!(await startCampaign(options, id, { revived: true }))) return;
      log.warn({ campaignId: id }, 'The workflow of a campaign was gone; it goes on in a new one.');
    });
  }
}

/** Sends news to what is open: its delivery starts the workflow anew where that is gone. */
async function tellGone(
  { db, log, workflow }: KeeperOptions,
  open: readonly string[],
  its: {
    readonly workflowId: (id: string) => string;
    readonly news: Pick<OutboxRow, 'kind' | 'message'>;
    readonly field: string;
    readonly what: string;
  },
): Promise<void> {
  for (const id of await goneAmong(workflow, open, its.workflowId)) {
    await writeOutbox(db, [{ ...its.news, targetId: id, payload: {} }]);
    log.warn({ [its.field]: id }, `The workflow of ${its.what} was gone; it goes on in a new one.`);
  }
}

const ORDERS = {
  workflowId: messages.vendorOrderWorkflowId,
  news: { kind: 'signal_order', message: 'orderChanged' },
  field: 'orderId',
  what: 'an open order',
} as const;
const PAYOUTS = {
  workflowId: messages.payoutRunWorkflowId,
  news: { kind: 'signal_payout', message: 'payoutChanged' },
  field: 'runId',
  what: 'a payout run',
} as const;

/** Those of these that have no running workflow. */
export async function goneAmong(
  workflow: WorkflowClient,
  ids: readonly string[],
  workflowId: (id: string) => string,
): Promise<string[]> {
  const gone: string[] = [];
  const left = [...ids];
  const lane = async () => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      if (!(await runs(workflow, workflowId(id)))) gone.push(id);
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

import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { connect, PATIENT_MS } from '../../db/client.ts';
import { liveCampaigns, openTasksAfter } from '../../db/queries/revivals.ts';
import type { Check } from '../../runtime/doctor.ts';
import { errorMessage } from '../../runtime/problem.ts';
import { FIRST_TASK, goneAmong } from '../../workers/keeper.ts';
import { campaignWorkflowId, taskWorkflowId } from '../../workflows/messages.ts';

/** So many are looked at: one short question to Temporal each. */
const LIMIT = 500;
/** Younger ones may not have been started yet, and lost ones be found by the keeper. */
const OLDER_THAN_MS = 10 * 60_000;
const WITHIN_MS = 20_000;
const name = 'Workflows';

/** Looks whether campaigns and open tasks have the workflows that carry them on. */
export async function checkWorkflows(at: {
  readonly databaseUrl: string;
  readonly temporal: ConnectionOptions & { readonly namespace: string };
}): Promise<Check> {
  const { namespace, ...options } = at.temporal;
  const db = connect(at.databaseUrl, { max: 1, name: 'quorate-doctor', silentMs: PATIENT_MS });
  const connection = Connection.lazy(options);
  try {
    const { workflow } = new Client({ connection, namespace });
    const tasks = await openTasksAfter(db, { after: FIRST_TASK, olderThanMs: OLDER_THAN_MS, limit: LIMIT });
    const campaigns = await liveCampaigns(db, OLDER_THAN_MS);
    const ids = tasks.map(({ taskId }) => taskId);
    return await workflow.withDeadline(Date.now() + WITHIN_MS, async () => {
      const goneTasks = await goneAmong(workflow, ids, taskWorkflowId);
      const goneCampaigns = await goneAmong(workflow, campaigns.slice(0, LIMIT), campaignWorkflowId);
      return workflowsCheck({ tasks: ids.length, goneTasks, campaigns: campaigns.length, goneCampaigns });
    });
  } catch (error) {
    const fix = 'See that the database and Temporal answer, and run it again.';
    return { name, status: 'warn', detail: `could not be looked for: ${errorMessage(error)}`, fix };
  } finally {
    await connection.close();
    await db.end({ timeout: 2 });
  }
}

/** What is open without a workflow goes on when the keeper finds it: a worker has to lead for that. */
export function workflowsCheck(found: {
  readonly tasks: number;
  readonly goneTasks: readonly string[];
  readonly campaigns: number;
  readonly goneCampaigns: readonly string[];
}): Check {
  const { tasks, goneTasks, campaigns, goneCampaigns } = found;
  if (goneTasks.length + goneCampaigns.length === 0) {
    return {
      name,
      status: 'ok',
      detail: `those of ${campaigns} campaigns and of ${tasks} open tasks that began over ten minutes ago are there`,
    };
  }
  const parts = [
    ...(goneTasks.length > 0 ? [`${goneTasks.length} of ${tasks} open tasks (such as ${goneTasks[0]})`] : []),
    ...(goneCampaigns.length > 0
      ? [`${goneCampaigns.length} of ${campaigns} campaigns (such as ${goneCampaigns[0]})`]
      : []),
  ];
  const fix = 'The leading worker starts them anew within minutes; see in its log that it does.';
  return { name, status: 'warn', detail: `there is none of ${parts.join(' and ')}`, fix };
}

import { WorkflowNotFoundError } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { campaignStart } from '../db/queries/campaigns.ts';
import { QuorateError } from '../domain/failures.ts';
import type { Context } from './context.ts';

/** Asks a campaign's workflow. One that is not there though the campaign has not ended is started first. */
export async function askCampaign<Ret, Args extends unknown[]>(
  ctx: Context,
  id: string,
  definition: UpdateDefinition<Ret, Args>,
  args: Args,
  updateId?: string,
): Promise<Ret> {
  const ask = () => ctx.workflows.campaign<Ret>(id)(definition, args, updateId);
  try {
    return await ask();
  } catch (error) {
    const gone = error instanceof QuorateError && error.cause instanceof WorkflowNotFoundError;
    const start = gone ? await campaignStart(ctx.db, id) : undefined;
    if (!start) throw error;
    await ctx.workflows.startCampaign({ ...start, revived: true });
    return ask();
  }
}

import { WorkflowNotFoundError } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { type CampaignRow, campaignStart, findCampaign } from '../db/queries/campaigns.ts';
import { QuorateError } from '../domain/failures.ts';
import type { Context } from './context.ts';

/**
 * Asks a campaign's workflow. One that is not there though the campaign has not ended is started first. What does not run is
 * told so without Temporal.
 */
export async function askCampaign<Ret, Args extends unknown[]>(
  ctx: Context,
  id: string,
  definition: UpdateDefinition<Ret, Args>,
  args: Args,
  updateId?: string,
): Promise<Ret> {
  const idle = notRunning(await findCampaign(ctx.db, id));
  if (idle) throw idle;
  const ask = () => ctx.workflows.campaign<Ret>(id)(definition, args, updateId);
  try {
    return await ask();
  } catch (error) {
    const gone = error instanceof QuorateError && error.cause instanceof WorkflowNotFoundError;
    if (!gone) throw error;
    const start = await campaignStart(ctx.db, id);
    if (!start) throw notRunning(await findCampaign(ctx.db, id)) ?? error;
    await ctx.workflows.startCampaign({ ...start, revived: true });
    return ask();
  }
}

/** Why a campaign that does not run cannot be asked for anything. */
function notRunning(campaign: CampaignRow | undefined): QuorateError | undefined {
  if (!campaign) return undefined;
  const { name, state, stopReason } = campaign;
  if (state === 'running' || state === 'paused' || state === 'stopping') return undefined;
  if (state === 'draft')
    return new QuorateError('conflict', `The campaign ${name} is a draft; it has not been started.`);
  const how = stopReason === null || state === 'stopped' ? '' : ` (${stopReason.replaceAll('_', ' ')})`;
  return new QuorateError('campaign_closed', `The campaign ${name} is ${state}${how}; nothing of it can be steered.`);
}

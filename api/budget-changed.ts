import { MOST_AT_ONCE, owingCampaigns, payOwed } from '../db/queries/money.ts';
import { tellBudgetChanged, tellChoosing } from '../db/queries/outbox.ts';
import type { Context } from './context.ts';

/**
 * After a cap or a limit has changed: pays what waited for money, then has a campaign that waits for some look again. Of
 * very much the rest is paid soon after, by the sweeper.
 */
export async function budgetChanged(ctx: Context, campaignId: string): Promise<void> {
  try {
    await payOwed(ctx.db, campaignId);
  } finally {
    await tellBudgetChanged(ctx.db, campaignId);
    ctx.bell.ring();
  }
}

/** Likewise after the cap of all campaigns of an organisation has changed: whichever of them waits for money may find some. */
export async function organisationBudgetChanged(ctx: Context, organisationId: string): Promise<void> {
  try {
    let left = MOST_AT_ONCE;
    for (const campaignId of await owingCampaigns(ctx.db, organisationId)) {
      left -= (await payOwed(ctx.db, campaignId, left)).looked;
      if (left === 0) break;
    }
  } finally {
    await tellChoosing(ctx.db, { organisationId, message: 'budgetChanged' });
    ctx.bell.ring();
  }
}

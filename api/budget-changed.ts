import { payOwed } from '../db/queries/money.ts';
import { writeOutbox } from '../db/queries/outbox.ts';
import type { Context } from './context.ts';

/** After a cap or a limit has changed: pays what waited for money, then has a campaign that waits for some look again. */
export async function budgetChanged(ctx: Context, campaignId: string): Promise<void> {
  await payOwed(ctx.db, campaignId);
  await writeOutbox(ctx.db, [{ kind: 'signal_campaign', targetId: campaignId, message: 'budgetChanged', payload: {} }]);
  ctx.bell.ring();
}

import { z } from 'zod';
import { budgetOf } from '../db/queries/money.ts';
import type { Reopened } from '../db/queries/reopenings.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { highestPriceMicros } from '../domain/task-policy.ts';
import type { Context } from './context.ts';
import { microsSchema, money, usdSchema } from './schemas.ts';

/** Tasks that would be opened again, by the price of one more answer. */
type Prices = readonly { readonly priceMicros: bigint; readonly tasks: number }[];

/** What asking decided tasks again comes to: of a preview. */
export const reAskCostShape = {
  costUsd: usdSchema.describe('All of these answers, at the prices of their tasks'),
  costMicros: microsSchema,
  reserveUsd: usdSchema.describe('The most that they may come to cost: what is reserved'),
  reserveMicros: microsSchema,
  freeUsd: usdSchema.describe('What the budget has left'),
  freeMicros: microsSchema,
};

/** What came of it, with what `reopened` and `left` count in words. */
export const reAskedSchema = (reopened: string, left: string) =>
  z.object({
    reopened: z.int().describe(reopened),
    taskIds: z.array(z.uuid()),
    overBudget: z.int().describe('Tasks that were not, for want of money'),
    left: z.int().describe(left),
    reservedUsd: usdSchema,
    reservedMicros: microsSchema,
  });

/** The cost of `answers` new answers to each of these tasks, beside what the campaign's budget has free. */
export async function reAskCost(
  ctx: Context,
  asked: { campaignId: string; prices: Prices; answers: number; escalation: CampaignSettings['escalation'] },
) {
  const { prices, answers, escalation } = asked;
  const { capMicros, reservedMicros, spentMicros } = await budgetOf(ctx.db, asked.campaignId);
  let [cost, reserve] = [0n, 0n];
  for (const { tasks, priceMicros } of prices) {
    cost += BigInt(tasks * answers) * priceMicros;
    reserve += BigInt(tasks * answers) * highestPriceMicros(priceMicros, escalation);
  }
  return {
    tasks: tasksIn(prices),
    answers,
    ...money('cost', cost),
    ...money('reserve', reserve),
    ...money('free', capMicros - reservedMicros - spentMicros),
  };
}

/** Has the workflows told of what was opened again, and says what came of it; `rest` reads what there is left to ask. */
export async function reAsked(
  ctx: Context,
  campaignId: string,
  { taskIds, overBudget, reservedMicros }: Reopened,
  rest: () => Promise<Prices>,
) {
  if (taskIds.length > 0) ctx.bell.ring();
  ctx.views.forget(campaignId);
  return {
    reopened: taskIds.length,
    taskIds: [...taskIds],
    overBudget,
    left: tasksIn(await rest()),
    ...money('reserved', reservedMicros),
  };
}

function tasksIn(prices: Prices): number {
  return prices.reduce((sum, each) => sum + each.tasks, 0);
}

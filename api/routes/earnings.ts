import { z } from 'zod';
import { adjustedMicros, payoutsTo } from '../../db/queries/adjustments.ts';
import { type CampaignEarnings, earningsOf } from '../../db/queries/earnings.ts';
import { PAYOUT_ITEM_STATES } from '../../db/schema/states.ts';
import { parsePeriod, periodAt } from '../../domain/books/period.ts';
import { CENT_MICROS } from '../../domain/payouts/collect.ts';
import { annotatorFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { idParams, microsSchema, money, usdSchema } from '../schemas.ts';

const tags = ['money'];
/** Of less time an hour's pay says nothing. */
const LEAST_FOCUSED_S = 300;
const query = z.object({
  period: z.string().optional().describe('A month such as 2026-11 (UTC); by default the present one'),
});

const accrued = {
  answers: z.int().describe('Answers given in the period that are paid or will be'),
  accruedUsd: usdSchema,
  accruedMicros: microsSchema,
  focusedHours: z.number().describe('Time reported for them'),
};
const totals = {
  ...accrued,
  perHourUsd: usdSchema
    .nullable()
    .describe('Accrued for a focused hour, to the cent; null for less than five focused minutes'),
  perHourMicros: microsSchema.nullable(),
};
const beside = {
  adjustedUsd: usdSchema.describe('Bonuses less deductions booked in the period; beside what is accrued'),
  adjustedMicros: microsSchema,
  payouts: z
    .array(
      z.object({
        state: z.enum(PAYOUT_ITEM_STATES),
        amountUsd: usdSchema,
        amountMicros: microsSchema,
        reference: z.string(),
      }),
    )
    .describe("What the period's payout run sends"),
};
const statementSchema = z.object({
  period: z.string(),
  ...totals,
  ...beside,
  campaigns: z.array(z.object({ campaignId: z.uuid(), name: z.string(), ...accrued })),
});
const split = {
  paidUsd: usdSchema,
  paidMicros: microsSchema,
  pendingUsd: usdSchema.describe('Their tasks are still open'),
  pendingMicros: microsSchema,
  owedUsd: usdSchema.describe('Wait for money in the budget'),
  owedMicros: microsSchema,
  unpaidAnswers: z.int().describe('Late ones that the policy does not pay'),
};
const fullSchema = z.object({
  period: z.string(),
  ...totals,
  ...beside,
  ...split,
  campaigns: z.array(z.object({ campaignId: z.uuid(), name: z.string(), ...accrued, ...split })),
});

/**
 * Earnings by month. What annotators see counts answers by when they were given, not by when they were paid: a gold is
 * paid at once and work when its task ends, so that paid amounts would tell which was which.
 */
export function earningsRoutes(app: App, ctx: Context): void {
  const read = async (annotatorId: string, period: string | undefined) => {
    const month = period === undefined ? periodAt(ctx.now()) : parsePeriod(period);
    const [rows, adjusted, payouts] = await Promise.all([
      earningsOf(ctx.db, { annotatorId, period: month }),
      adjustedMicros(ctx.db, { annotatorId, startsAt: month.startsAt, endsAt: month.endsAt }),
      payoutsTo(ctx.db, { annotatorId, period: month.name }),
    ]);
    const sent = payouts.map(({ amountMicros, ...rest }) => ({ ...rest, ...money('amount', amountMicros) }));
    return { rows, head: { period: month.name, ...totalsOf(rows), ...money('adjusted', adjusted), payouts: sent } };
  };
  app.get(
    '/v1/me/earnings',
    {
      schema: {
        tags,
        summary: 'What the own answers of a month come to, by campaign',
        querystring: query,
        response: { 200: statementSchema },
      },
    },
    async (request) => {
      const { rows, head } = await read(annotatorFor(request).id, request.query.period);
      return { ...head, campaigns: rows.map((row) => ({ ...named(row), ...accruedOf(row) })) };
    },
  );
  app.get(
    '/v1/annotators/:id/earnings',
    {
      schema: {
        tags,
        summary: "What an annotator's answers of a month come to, by campaign, and how far it is paid",
        params: idParams,
        querystring: query,
        response: { 200: fullSchema },
      },
    },
    async (request) => {
      const { rows, head } = await read(request.params.id, request.query.period);
      const campaigns = rows.map((row) => ({ ...named(row), ...accruedOf(row), ...splitOf(row) }));
      return { ...head, ...splitOf(summed(rows)), campaigns };
    },
  );
}

type Amounts = Omit<CampaignEarnings, 'campaignId' | 'name'>;

const named = ({ campaignId, name }: CampaignEarnings) => ({ campaignId, name });

function accruedOf({ answers, accruedMicros, focusedS }: Amounts) {
  return { answers, ...money('accrued', accruedMicros), focusedHours: Number((focusedS / 3600).toFixed(4)) };
}

function splitOf({ paidMicros, pendingMicros, owedMicros, unpaidAnswers }: Amounts) {
  const parts = { ...money('paid', paidMicros), ...money('pending', pendingMicros), ...money('owed', owedMicros) };
  return { ...parts, unpaidAnswers };
}

function totalsOf(rows: readonly CampaignEarnings[]) {
  const all = summed(rows);
  if (all.focusedS < LEAST_FOCUSED_S) return { ...accruedOf(all), perHourUsd: null, perHourMicros: null };
  const cents = Math.round(((Number(all.accruedMicros) / all.focusedS) * 3600) / Number(CENT_MICROS));
  return { ...accruedOf(all), ...money('perHour', BigInt(cents) * CENT_MICROS) };
}

function summed(rows: readonly Amounts[]): Amounts {
  const nothing: Amounts = {
    answers: 0,
    accruedMicros: 0n,
    focusedS: 0,
    paidMicros: 0n,
    pendingMicros: 0n,
    owedMicros: 0n,
    unpaidAnswers: 0,
  };
  return rows.reduce(
    (sum, row) => ({
      answers: sum.answers + row.answers,
      accruedMicros: sum.accruedMicros + row.accruedMicros,
      focusedS: sum.focusedS + row.focusedS,
      paidMicros: sum.paidMicros + row.paidMicros,
      pendingMicros: sum.pendingMicros + row.pendingMicros,
      owedMicros: sum.owedMicros + row.owedMicros,
      unpaidAnswers: sum.unpaidAnswers + row.unpaidAnswers,
    }),
    nothing,
  );
}

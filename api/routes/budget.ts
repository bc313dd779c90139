import { z } from 'zod';
import {
  type BudgetWarning,
  organisationWarnings as organisationWarningsOf,
  warningsOf,
} from '../../db/queries/budget-warnings.ts';
import { newestTaskCosts } from '../../db/queries/dashboard.ts';
import { openHedgesMicros } from '../../db/queries/hedges.ts';
import { limitsOf, organisationLimit, paceOf, setLimits, setOrganisationCap } from '../../db/queries/limits.ts';
import { budgetOf, owedMicros } from '../../db/queries/money.ts';
import { CAP_SCOPES, REACHED_BY } from '../../db/schema/states.ts';
import { exposureOf, firstWorkforceLeft, forecastSpend, leftOf, waitsFor, warningText } from '../../domain/budget.ts';
import { QuorateError } from '../../domain/failures.ts';
import { formatUsd } from '../../domain/money.ts';
import { type CampaignSettings, taskWorstCaseMicros, usd } from '../../domain/settings.ts';
import { highestPriceMicros } from '../../domain/task-policy.ts';
import { hedgesOf } from '../../domain/vendors/capabilities.ts';
import { principalFor } from '../auth.ts';
import { budgetChanged, organisationBudgetChanged } from '../budget-changed.ts';
import type { CampaignView } from '../campaign-view.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import { idParams, microsSchema, moment, momentSchema, money, usdSchema } from '../schemas.ts';

const tags = ['money'];
/** Newest decisions by which the rest is forecast. */
const FORECAST_BY = 1000;
const cap = usd.nullable().optional();

const limitsSchema = z
  .strictObject({
    dailyUsd: cap.describe('Most that a day (UTC) may add to what is reserved and spent, less what it frees of that'),
    hedgeUsd: cap.describe('Most that may be set aside for asking the same again elsewhere'),
    workforces: z.record(z.string().min(1).max(100), usd.nullable()).optional(),
  })
  .describe('Null lifts a limit; what is left out stays');

const organisationCapSchema = z
  .object({
    capUsd: usdSchema,
    capMicros: microsSchema,
    drawnUsd: usdSchema.describe('Spent or reserved'),
    drawnMicros: microsSchema,
  })
  .nullable();

const warningsSchema = z
  .array(
    z.object({
      scope: z.enum(CAP_SCOPES),
      name: z.string().describe('The workforce, or the organisation; else empty'),
      reachedBy: z.enum(REACHED_BY).describe('What is spent alone, or with what is reserved'),
      percent: z.int(),
      capUsd: usdSchema,
      capMicros: microsSchema,
      reachedUsd: usdSchema,
      reachedMicros: microsSchema,
      at: momentSchema,
      text: z.string(),
    }),
  )
  .describe('When 50, 80 and 95% of a cap were reached');

const budgetSchema = z.object({
  capUsd: usdSchema,
  capMicros: microsSchema,
  reservedUsd: usdSchema,
  reservedMicros: microsSchema,
  spentUsd: usdSchema,
  spentMicros: microsSchema,
  freeUsd: usdSchema,
  freeMicros: microsSchema,
  owedUsd: usdSchema.describe('Answers whose pay waits for money'),
  owedMicros: microsSchema,
  exposure: z
    .object({
      committedUsd: usdSchema.describe('What it comes to at most if nothing more is chosen'),
      committedMicros: microsSchema,
      wholePoolUsd: usdSchema.describe(
        'And if the whole pool is chosen, at its most answers and dearest price, golds, repeats and hedges included',
      ),
      wholePoolMicros: microsSchema,
      atMostUsd: usdSchema.describe('The most it can come to under its cap and its organisation’s as they are'),
      atMostMicros: microsSchema,
    })
    .describe('The worst case'),
  forecast: z
    .object({
      tasksLeft: z.int().describe('Open tasks, and items that may still be chosen'),
      costPerTaskUsd: usdSchema.describe(
        'What tasks came to that have ended, of the newest 1,000; golds beside them by their share',
      ),
      costPerTaskMicros: microsSchema,
      restUsd: usdSchema.describe('What the tasks that are left would cost at that'),
      restMicros: microsSchema,
      tasksCovered: z.int().describe('How many of them the cap pays for'),
    })
    .nullable()
    .describe('What is likely; null before a task has ended, and once nothing is left'),
  daily: z
    .object({ capUsd: usdSchema, capMicros: microsSchema, usedUsd: usdSchema, usedMicros: microsSchema })
    .nullable()
    .describe('The pace of a day (UTC), and what today has newly reserved and spent, less what was freed of that'),
  limits: z.array(
    z.object({
      scope: z.enum(['workforce', 'hedge']),
      name: z.string(),
      capUsd: usdSchema,
      capMicros: microsSchema,
      drawnUsd: usdSchema.describe('Spent or reserved'),
      drawnMicros: microsSchema,
    }),
  ),
  organisation: organisationCapSchema.describe('What bounds it beside its own cap: that of all campaigns together'),
  warnings: warningsSchema,
  waiting: z.string().nullable().describe('Which limit beside its own cap has no room for a task just now'),
});

const organisationSchema = z.object({ cap: organisationCapSchema, warnings: warningsSchema });

/** A campaign's budget in full, and its limits beside the cap; and the organisation's. */
export function budgetRoutes(app: App, ctx: Context): void {
  organisationRoutes(app, ctx);

  app.get(
    '/v1/campaigns/:id/budget',
    {
      schema: {
        tags,
        summary: 'What is spent, reserved and free, the worst case, the limits and the warnings',
        params: idParams,
        response: { 200: budgetSchema },
      },
    },
    async (request) => budgetView(ctx, request.params.id, principalFor(request).organisation.id),
  );

  app.put(
    '/v1/campaigns/:id/limits',
    {
      schema: {
        tags,
        summary: 'Limit a day, a workforce or hedges; holds at once',
        params: idParams,
        body: limitsSchema,
        response: { 200: budgetSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const campaign = await ctx.campaigns.facts(id);
      if (!campaign) throw notFound('campaign', id);
      const { dailyUsd, hedgeUsd, workforces = {} } = request.body;
      const micros = (usd: string | null | undefined) => (typeof usd === 'string' ? BigInt(usd) : usd);
      const paceMicros = micros(dailyUsd);
      const least = taskWorstCaseMicros(campaign.settings);
      if (typeof paceMicros === 'bigint' && paceMicros < least) {
        const message = `dailyUsd is ${formatUsd(paceMicros)}, but one task may cost ${formatUsd(least)}: nothing could ever start.`;
        throw new QuorateError('invalid_input', message, { field: 'dailyUsd' });
      }
      const sub = Object.entries(workforces).map(([name, usd]) => [name, usd === null ? null : BigInt(usd)] as const);
      const known = campaign.settings.workforces;
      const unknown = sub.find(([name, capMicros]) => capMicros !== null && !known.includes(name));
      if (unknown) {
        const message = `The campaign has no workforce ${JSON.stringify(unknown[0])}; its workforces are ${known.join(', ')}.`;
        throw new QuorateError('invalid_input', message, { field: `workforces.${unknown[0]}` });
      }
      try {
        await setLimits(ctx.db, id, { paceMicros, hedgeMicros: micros(hedgeUsd), workforces: Object.fromEntries(sub) });
      } finally {
        await budgetChanged(ctx, id);
        ctx.views.forget(id);
      }
      return budgetView(ctx, id, principalFor(request).organisation.id);
    },
  );
}

/** What an organisation's campaigns may cost together. */
function organisationRoutes(app: App, ctx: Context): void {
  const view = async (id: string): Promise<z.output<typeof organisationSchema>> => {
    const [limit, warnings] = await Promise.all([organisationLimit(ctx.db, id), organisationWarningsOf(ctx.db, id)]);
    return { cap: limit && capView(limit), warnings: warnings.map(warningView) };
  };
  app.get(
    '/v1/budget',
    {
      schema: {
        tags,
        summary: 'The cap of all campaigns of the organisation together',
        response: { 200: organisationSchema },
      },
    },
    async (request) => view(principalFor(request).organisation.id),
  );
  app.put(
    '/v1/budget',
    {
      schema: {
        tags,
        summary: 'Cap all campaigns of the organisation together; holds at once',
        body: z.strictObject({ capUsd: usd.nullable().describe('Null lifts it') }),
        response: { 200: organisationSchema },
      },
    },
    async (request) => {
      const { id } = principalFor(request).organisation;
      const { capUsd } = request.body;
      await setOrganisationCap(ctx.db, id, capUsd === null ? null : BigInt(capUsd));
      await organisationBudgetChanged(ctx, id);
      return view(id);
    },
  );
}

const capView = (limit: { capMicros: bigint; drawnMicros: bigint }) => ({
  ...money('cap', limit.capMicros),
  ...money('drawn', limit.drawnMicros),
});

const warningView = ({ scope, name, reachedBy, percent, at, capMicros, reachedMicros }: BudgetWarning) => ({
  ...{ scope, name, reachedBy, percent },
  ...money('cap', capMicros),
  ...money('reached', reachedMicros),
  at: moment(at),
  text: warningText({ scope, name, reachedBy, percent, capMicros }),
});

async function budgetView(ctx: Context, id: string, organisationId: string): Promise<z.output<typeof budgetSchema>> {
  const campaign = await ctx.campaigns.facts(id);
  if (!campaign) throw notFound('campaign', id);
  const { settings } = campaign;
  const [budget, owed, pace, limits, organisation, openHedges, warnings, view, ended, early] = await Promise.all([
    budgetOf(ctx.db, id),
    owedMicros(ctx.db, id),
    paceOf(ctx.db, id),
    limitsOf(ctx.db, id),
    organisationLimit(ctx.db, organisationId),
    settings.hedge ? openHedgesMicros(ctx.db, id) : 0n,
    warningsOf(ctx.db, id),
    ctx.views.view(id),
    newestTaskCosts(ctx.db, id, FORECAST_BY),
    ctx.views.earlyGolds(id),
  ]);
  const most = settings.relabel?.maxAnswers ?? 0;
  const freeMicros = budget.capMicros - budget.reservedMicros - budget.spentMicros;
  const taskMicros = taskWorstCaseMicros(settings);
  // Without room under its own cap it stops.
  const chooses = view?.state === 'running' && view.counts.pool > 0 && freeMicros >= taskMicros;
  const exposure = exposureOf({
    ...budget,
    owedMicros: owed,
    pool: view?.counts.pool ?? 0,
    // A task may be opened again for more, and be asked of two people beside its judges.
    maxRedundancy: Math.max(settings.maxRedundancy, most, settings.judge ? settings.redundancy + 2 : 0),
    askedAgain: { tasks: view?.counts.tasksDecided ?? 0, answers: most - settings.redundancy },
    highestPriceMicros: highestPriceMicros(BigInt(settings.priceMicros), settings.escalation),
    vendorPricesMicros: Object.values(settings.vendors ?? {}).flatMap(({ priceMicros }) =>
      priceMicros === undefined ? [] : [BigInt(priceMicros)],
    ),
    goldRatio: settings.goldRatio,
    goldItems: view?.counts.gold ?? 0,
    goldFloor: settings.goldFloor,
    ...early,
    consistency: settings.consistency,
    hedges: settings.hedge ? hedgesOf(settings.workforces) : 0,
    openHedgesMicros: openHedges,
    hedgeFreeMicros: leftOf(limits.find(({ scope }) => scope === 'hedge')),
    organisationFreeMicros: leftOf(organisation),
  });
  const forecast = view && forecastOf(view, settings, budget, ended);
  return {
    ...money('cap', budget.capMicros),
    ...money('reserved', budget.reservedMicros),
    ...money('spent', budget.spentMicros),
    ...money('free', freeMicros),
    ...money('owed', owed),
    exposure: {
      ...money('committed', exposure.committedMicros),
      ...money('wholePool', exposure.wholePoolMicros),
      ...money('atMost', exposure.atMostMicros),
    },
    forecast: forecast
      ? {
          tasksLeft: forecast.tasksLeft,
          ...money('costPerTask', forecast.taskMicros),
          ...money('rest', forecast.restMicros),
          tasksCovered: forecast.tasksCovered,
        }
      : null,
    daily: pace && { ...money('cap', pace.paceMicros), ...money('used', pace.usedMicros) },
    limits: limits.map(({ scope, name, capMicros, drawnMicros }) => ({
      ...{ scope, name },
      ...money('cap', capMicros),
      ...money('drawn', drawnMicros),
    })),
    organisation: organisation && capView(organisation),
    warnings: warnings.map(warningView),
    waiting:
      (chooses &&
        waitsFor({
          taskMicros,
          dayMicros: pace && pace.paceMicros - pace.usedMicros,
          organisationMicros: leftOf(organisation),
          workforce: firstWorkforceLeft(limits, settings.workforces),
        })) ||
      null,
  };
}

function forecastOf(
  { state, stopReason, counts }: CampaignView,
  { stop, goldRatio }: CampaignSettings,
  budget: { readonly capMicros: bigint; readonly spentMicros: bigint },
  ended: { readonly tasks: number; readonly costMicros: bigint },
) {
  // What ends for want of money goes on once there is some.
  const chooses = (state === 'running' || state === 'paused') && (stopReason === null || stopReason === 'budget');
  return forecastSpend({
    ...budget,
    ...{ ended, goldRatio, goldItems: counts.gold, tasksOpen: counts.tasksOpen },
    pool: chooses ? counts.pool : 0,
    chosen: counts.tasksOpen + counts.tasksDecided + counts.tasksUnresolved + counts.tasksCancelled,
    maxTasks: stop.maxTasks ?? null,
  });
}

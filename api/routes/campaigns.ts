import { z } from 'zod';
import { findCampaign, insertCampaign, listCampaigns } from '../../db/queries/campaigns.ts';
import { usualPay } from '../../db/queries/cost-figures.ts';
import { budgetOf } from '../../db/queries/money.ts';
import { ownBody, templateOf } from '../../domain/campaign-template.ts';
import { type CampaignSettings, createCampaignSchema, resolveSettings } from '../../domain/settings.ts';
import { pauseUpdate, resumeUpdate, stopUpdate } from '../../workflows/messages.ts';
import { askCampaign } from '../ask-campaign.ts';
import { principalFor } from '../auth.ts';
import { campaignHeadSchema, campaignViewSchema } from '../campaign-schema.ts';
import { type CampaignView, headOf } from '../campaign-view.ts';
import { changeCampaign, changeCampaignSchema } from '../change-campaign.ts';
import type { App, Context } from '../context.ts';
import { madeIdOf, updateIdOf } from '../idempotency.ts';
import { notFound } from '../problems.ts';
import { idParams, pageOf, pageQuery, toPage } from '../schemas.ts';
import { startCampaign } from '../start-campaign.ts';

const tags = ['campaigns'];

const templateQuery = z.object({
  copy: z
    .stringbool()
    .default(true)
    .describe(
      'By default for another campaign: under the name of a copy, without the deadline. `false`: the campaign as it is, to be changed by PATCH; the price is left out where it is the usual one',
    ),
});

/** Campaigns: making, watching and steering them. */
export function campaignRoutes(app: App, ctx: Context): void {
  const viewOf = async (id: string): Promise<CampaignView> => {
    const view = await ctx.views.view(id);
    if (!view) throw notFound('campaign', id);
    return view;
  };

  app.post(
    '/v1/campaigns',
    {
      schema: {
        tags,
        summary: 'Create a campaign (a draft until it is started)',
        body: createCampaignSchema,
        response: { 201: campaignViewSchema },
      },
    },
    async (request, reply) => {
      const organisationId = principalFor(request).organisation.id;
      const { settings, capMicros } = resolveSettings(request.body, await usualPay(ctx.db, organisationId));
      const { name, simulated } = settings;
      const id = await insertCampaign(ctx.db, {
        id: madeIdOf(request),
        organisationId,
        name,
        settings,
        capMicros,
        simulated,
      });
      return reply
        .code(201)
        .header('location', `/v1/campaigns/${id}`)
        .send(await viewOf(id));
    },
  );

  app.get(
    '/v1/campaigns',
    {
      schema: {
        tags,
        summary: 'Campaigns, newest first',
        querystring: pageQuery,
        response: { 200: pageOf(campaignHeadSchema) },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const organisationId = principalFor(request).organisation.id;
      return toPage(await listCampaigns(ctx.db, { organisationId, cursor, limit: limit + 1 }), limit, headOf);
    },
  );

  app.get(
    '/v1/campaigns/:id',
    {
      schema: { tags, summary: 'A campaign as it stands', params: idParams, response: { 200: campaignViewSchema } },
    },
    async (request) => viewOf(request.params.id),
  );

  app.get(
    '/v1/campaigns/:id/template',
    {
      schema: {
        tags,
        summary: 'The body of POST /v1/campaigns that makes a campaign with the same rules, without its items',
        params: idParams,
        querystring: templateQuery,
        response: { 200: z.record(z.string(), z.unknown()) },
      },
    },
    async ({ params: { id }, query: { copy } }) => {
      const row = await findCampaign(ctx.db, id);
      if (!row) throw notFound('campaign', id);
      const { capMicros } = await budgetOf(ctx.db, id);
      const settings = row.settings as CampaignSettings;
      if (copy) return templateOf(settings, capMicros);
      return ownBody(settings, capMicros, await usualPay(ctx.db, row.organisationId));
    },
  );

  app.patch(
    '/v1/campaigns/:id',
    {
      schema: {
        tags,
        summary: 'Change a draft, or budget, redundancy, thresholds and rules of a campaign that has started',
        params: idParams,
        body: changeCampaignSchema,
        response: { 200: campaignViewSchema },
      },
    },
    async (request) => {
      await changeCampaign(ctx, request.params.id, request.body, updateIdOf(request));
      return viewOf(request.params.id);
    },
  );

  app.post(
    '/v1/campaigns/:id/start',
    {
      schema: {
        tags,
        summary: 'Start a campaign; starting a running one changes nothing',
        params: idParams,
        response: {
          200: campaignViewSchema.extend({
            warnings: z.array(z.string()).describe('What will go badly, each with the knob to turn'),
          }),
        },
      },
    },
    async (request) => {
      const { warnings } = await startCampaign(ctx, request.params.id);
      return { ...(await viewOf(request.params.id)), warnings };
    },
  );

  for (const [action, definition, summary] of [
    ['pause', pauseUpdate, 'Stop lease clocks and new work until resumed'],
    ['resume', resumeUpdate, 'Go on exactly where the pause began'],
  ] as const) {
    app.post(
      `/v1/campaigns/:id/${action}`,
      { schema: { tags, summary, params: idParams, response: { 200: campaignViewSchema } } },
      async (request) => {
        const { id } = request.params;
        await viewOf(id);
        await askCampaign(ctx, id, definition, [], updateIdOf(request));
        ctx.campaigns.forget(id);
        ctx.views.forget(id);
        return viewOf(id);
      },
    );
  }

  app.post(
    '/v1/campaigns/:id/stop',
    {
      schema: {
        tags,
        summary: 'Choose no more work; open tasks are cancelled, or with `drain` finished',
        params: idParams,
        body: z.strictObject({ drain: z.boolean().default(false) }).optional(),
        response: { 200: campaignViewSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      await viewOf(id);
      const drain = request.body?.drain ?? false;
      await askCampaign(ctx, id, stopUpdate, [{ drain }], updateIdOf(request));
      ctx.campaigns.forget(id);
      ctx.views.forget(id);
      return viewOf(id);
    },
  );
}

import { z } from 'zod';
import type { AnnotatorRow } from '../../db/queries/annotators.ts';
import { isAtDailyLimit } from '../../db/queries/daily.ts';
import { hasMetAllOpen } from '../../db/queries/lapsed-leases.ts';
import { tierMeets, tierRank } from '../../domain/tiers.ts';
import { annotatorFor } from '../auth.ts';
import type { OfferedCampaign } from '../campaign-cache.ts';
import type { App, Context } from '../context.ts';
import { offersTo, standingAt } from '../offered.ts';
import { givenId, moment, momentSchema } from '../schemas.ts';

const REASONS = ['none', 'met_all', 'daily_limit', 'not_offered', 'suspended'] as const;

/** Why an annotator is given nothing: without it, somebody waits until midnight for a page that says it waits with them. */
export function ownWorkRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/me/work',
    {
      schema: {
        tags: ['assignments'],
        summary: 'Why there is no task for you, where there is none',
        querystring: z.object({ campaignId: givenId.optional().describe('Of this campaign alone') }),
        response: {
          200: z.object({
            why: z
              .enum(REASONS)
              .describe(
                '`none`: no task is open just now; `met_all`: what is open you have answered or skipped, and others are needed for it; `daily_limit`: what runs for you gives you no more today; `not_offered`: what runs asks for another tier, language or workforce; `suspended`: you are, from all that runs for such as you',
              ),
            until: momentSchema.nullable().describe('When the day of a daily limit is over'),
          }),
        },
      },
    },
    async (request) => {
      const me = annotatorFor(request);
      const { campaignId } = request.query;
      const open = (await ctx.campaigns.open()).filter(
        ({ id, organisationId }) => organisationId === me.organisationId && (campaignId ?? id) === id,
      );
      const offered = open.filter((campaign) => mayOffer(campaign, me));
      if (open.length > 0 && offered.length === 0) return { why: 'not_offered' as const, until: null };
      const able = offered.filter((campaign) => standingAt(me, campaign) !== 'suspended');
      if (offered.length > 0 && able.length === 0) return { why: 'suspended' as const, until: null };
      const atLimit = await Promise.all(
        able.map(({ id, settings: { dailyLimit } }) =>
          isAtDailyLimit(ctx.db, { annotatorId: me.id, campaignId: id, dailyLimit }),
        ),
      );
      const free = able.filter((_, at) => atLimit[at] === false);
      if (able.length === 0 || free.length > 0) {
        const { id: annotatorId, workforce, tier } = me;
        const own = { annotatorId, workforce, tier: tierRank(tier) };
        const met = await Promise.all(free.map(({ id }) => hasMetAllOpen(ctx.db, { ...own, campaignId: id })));
        return { why: met.includes(true) ? ('met_all' as const) : ('none' as const), until: null };
      }
      const day = new Date(ctx.now());
      day.setUTCHours(24, 0, 0, 0);
      return { why: 'daily_limit' as const, until: moment(day) };
    },
  );
}

const mayOffer = (campaign: OfferedCampaign, annotator: AnnotatorRow) =>
  offersTo(campaign, annotator) && tierMeets(annotator.tier, campaign.settings.tier);

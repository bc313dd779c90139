import { z } from 'zod';
import { findCampaign, instructionVersionsOf } from '../../db/queries/campaigns.ts';
import { type AffectedQuery, affectedPrices, affectedTasks } from '../../db/queries/re-asking.ts';
import { reopenTasks } from '../../db/queries/reopenings.ts';
import type { CampaignSettings } from '../../domain/settings.ts';
import { getTaskType } from '../../domain/tasks/index.ts';
import { readLabel } from '../../domain/tasks/read.ts';
import { principalFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import { reAskCost, reAskCostShape, reAsked, reAskedSchema } from '../re-asking.ts';
import { idParams, moment, momentSchema, namedPageOf, pageQuery, toPage } from '../schemas.ts';

const tags = ['campaigns'];

const MAX_TASKS = 1000;

const VERSION = /^[1-9]\d{0,8}$/;
const versionSchema = z.object({ version: z.int(), instructions: z.string(), createdAt: momentSchema });

const filterShape = {
  labels: z
    .array(z.unknown())
    .min(1)
    .max(100)
    .optional()
    .describe('Only tasks decided as one of these, or with such an answer'),
  maxConfidence: z.number().min(0).max(1).optional().describe('Only tasks decided with at most this confidence'),
  answers: z
    .number()
    .int()
    .min(1)
    .max(24)
    .optional()
    .describe("New answers a task; by default the campaign's redundancy"),
};

const previewSchema = z.object({
  instructionsVersion: z.int().describe('The present one'),
  tasks: z.int().describe('Tasks decided by answers under older instructions, and as asked for'),
  answers: z.int().describe('New answers each'),
  ...reAskCostShape,
  sample: z
    .array(z.object({ taskId: z.uuid(), label: z.unknown(), confidence: z.number() }))
    .describe('The least confident first, at most 50'),
});

const resultSchema = reAskedSchema(
  'Tasks that were opened again',
  'Tasks that are as asked for and were not opened; repeat the call for them',
);

interface Wanted {
  readonly settings: CampaignSettings;
  readonly instructionsVersion: number;
  readonly query: AffectedQuery;
  readonly answers: number;
}

/** Versions of a campaign's instructions, and asking again what older ones may have got wrong. */
export function instructionRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/campaigns/:id/instructions',
    {
      schema: {
        tags,
        summary: "A campaign's instructions, the newest version first",
        params: idParams,
        querystring: pageQuery.extend({
          cursor: z.string().regex(VERSION).optional().describe('`nextCursor` of the page before'),
        }),
        response: { 200: namedPageOf(versionSchema) },
      },
    },
    async ({ params: { id }, query: { cursor, limit } }) => {
      if (!(await ctx.campaigns.facts(id))) throw notFound('campaign', id);
      const versions = await instructionVersionsOf(ctx.db, id, {
        limit: limit + 1,
        before: cursor === undefined ? null : Number(cursor),
      });
      const rows = versions.map((each) => ({ ...each, id: String(each.version), createdAt: moment(each.createdAt) }));
      return toPage(rows, limit, ({ id: _, ...version }) => version);
    },
  );

  app.post(
    '/v1/campaigns/:id/re-ask/preview',
    {
      schema: {
        tags,
        summary: 'Which decided tasks newer instructions may have changed, and what asking them again costs',
        params: idParams,
        body: z.strictObject(filterShape).default({}),
        response: { 200: previewSchema },
      },
    },
    async ({ params: { id }, body }) => {
      const { settings, instructionsVersion, query, answers } = await wantedOf(ctx, id, body);
      const [prices, sample] = await Promise.all([
        affectedPrices(ctx.db, query),
        affectedTasks(ctx.db, { ...query, limit: 50 }),
      ]);
      return {
        instructionsVersion,
        ...(await reAskCost(ctx, { campaignId: id, prices, answers, escalation: settings.escalation })),
        sample: sample.map(({ taskId, label, confidence }) => ({ taskId, label, confidence })),
      };
    },
  );

  app.post(
    '/v1/campaigns/:id/re-ask',
    {
      schema: {
        tags,
        summary: 'Open such tasks again under the present instructions, the least confident first, within the budget',
        params: idParams,
        body: z.strictObject({
          ...filterShape,
          reason: z.string().trim().min(1).max(1000),
          keepAnswers: z
            .boolean()
            .default(false)
            .describe('Whether answers given under older instructions still count beside the new ones'),
          limit: z.number().int().min(1).max(MAX_TASKS).default(MAX_TASKS),
        }),
        response: { 200: resultSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { reason, keepAnswers, limit, ...filter } = request.body;
      const { query, answers } = await wantedOf(ctx, id, filter);
      const found = await affectedTasks(ctx.db, { ...query, limit });
      const reopened = await reopenTasks(ctx.db, {
        campaignId: id,
        cause: 'instructions',
        reason,
        by: principalFor(request).keyId,
        nowMs: ctx.now().getTime(),
        tasks: found.map(({ taskId, annotationIds }) => {
          return { taskId, answers, excludedIds: keepAnswers ? [] : annotationIds };
        }),
      });
      return reAsked(ctx, id, reopened, () => affectedPrices(ctx.db, query));
    },
  );
}

async function wantedOf(
  ctx: Context,
  id: string,
  filter: { labels?: unknown[] | undefined; maxConfidence?: number | undefined; answers?: number | undefined },
): Promise<Wanted> {
  const campaign = await findCampaign(ctx.db, id);
  if (!campaign) throw notFound('campaign', id);
  const settings = campaign.settings as CampaignSettings;
  const type = getTaskType(settings.type);
  const labels = filter.labels?.map((label) => readLabel(type, settings.config, label, undefined));
  return {
    settings,
    instructionsVersion: campaign.instructionsVersion,
    query: { campaignId: id, labels, maxConfidence: filter.maxConfidence },
    answers: filter.answers ?? settings.redundancy,
  };
}

import { z } from 'zod';
import { findCampaign } from '../../db/queries/campaigns.ts';
import { judgeNamed, leaningPrices, reopenLeaning, replacedJudges } from '../../db/queries/judge-re-asking.ts';
import { type JudgesOf, judgeCounts, judgedComparisons, ownTexts } from '../../db/queries/judges.ts';
import { judgeStandings, measureAnew, whoDecided } from '../../db/queries/judging.ts';
import { DISTRUST_CAUSES, TRUSTS } from '../../db/schema/states.ts';
import { QuorateError } from '../../domain/failures.ts';
import { judgeCard } from '../../domain/quality/judge-card.ts';
import type { CampaignSettings } from '../../domain/settings.ts';
import { principalFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import { reAskCost, reAskCostShape, reAsked, reAskedSchema } from '../re-asking.ts';
import {
  givenId,
  idParams,
  microsSchema,
  momentSchema,
  money,
  namedPageOf,
  namedPageQuery,
  namesOfPage,
  usdSchema,
} from '../schemas.ts';
import { TimedCache } from '../timed-cache.ts';

const shareSchema = z
  .object({ share: z.number(), low: z.number(), high: z.number(), n: z.int() })
  .nullable()
  .describe('With its 95% interval; null where nothing was counted');

const biasSchema = z
  .object({
    judge: z.number(),
    people: z.number(),
    excess: z.number(),
    low: z.number(),
    high: z.number(),
    n: z.int().describe('Tasks whose sides differ so, of which the judge and a person each preferred one'),
  })
  .nullable();

const cardSchema = z.object({
  judge: z.string().describe('judge:MODEL:PROMPT-VERSION; another model or prompt is another judge'),
  answers: z.int(),
  costUsd: usdSchema,
  costMicros: microsSchema,
  agreesWithPeople: shareSchema,
  peopleAgree: shareSchema,
  ordersDisagree: shareSchema,
  biases: z
    .object({
      length: biasSchema.describe('Towards the longer answer'),
      ownStyle: biasSchema.describe(
        'Towards answers by models of its own family, where items say who wrote them (model_a and model_b, or models)',
      ),
      ownWording: biasSchema.describe(
        'Towards the answer worded more like what the judge wrote itself, where it has answered free_text tasks',
      ),
      markdown: biasSchema.describe('Towards the answer with more marks of Markdown a word'),
      hedging: biasSchema.describe('Towards the answer with more words of uncertainty; below 0 it avoids them'),
      ties: biasSchema.describe('Towards saying that answers are equal'),
    })
    .describe(
      'How much more often than the first person of the same task, -1 to 1 with the 95% interval; null where nothing is comparable',
    ),
  findings: z.array(z.string()),
  unknown: z.array(z.string()).describe('What of its biases cannot be known, and why'),
});

const agreementSchema = z.object({ same: z.int(), of: z.int() });

const trustSchema = z.object({
  judge: z.string(),
  annotatorId: z.uuid(),
  trust: z.enum(TRUSTS).describe('learning: too few audits; trusted: may decide alone; distrusted: see cause'),
  agrees: agreementSchema.describe('With the first person, on audited tasks'),
  recent: agreementSchema.describe('The same on the newest ones, or on those that show its fall'),
  people: agreementSchema.describe(
    'People with one another, on those of the same tasks about which two were asked in any case',
  ),
  correlation: z.number().describe('Of its errors with those of the judge most like it'),
  distrustedAt: momentSchema.nullable(),
  cause: z
    .enum(DISTRUST_CAUSES)
    .nullable()
    .describe(
      'Why it is distrusted: it is worse than people, fell, or its model has another version; null where it is not',
    ),
  replacedBy: z.string().nullable().describe('The judge that answers in its place since: a new version of its model'),
  measuredFrom: momentSchema
    .nullable()
    .describe('Since when its audits count, where somebody had it measured anew after it was distrusted'),
  measuredWhy: z.string().nullable(),
});

const leaningSchema = z.object({
  judge: z.string(),
  replacedBy: z.string().nullable(),
  tasks: z.int().describe('Decided tasks that lean on it: judges decided them, and it was one of these'),
  answers: z.int().describe('New answers each, of people'),
  ...reAskCostShape,
});

const reopenedSchema = reAskedSchema(
  'Tasks that were opened again for people',
  'Tasks that still lean on it; repeat the call for them',
);

const judgeParams = idParams.extend({ annotatorId: givenId });
const MAX_TASKS = 1000;
const EVER = new Date(0);

const judgedSchema = namedPageOf(trustSchema).extend({
  cards: z
    .array(cardSchema)
    .describe('How far each of the page can be trusted by what it said in this campaign, as of the last minute'),
  decidedAlone: z.int().describe('Tasks that judges decided alone'),
  aloneUsd: usdSchema,
  aloneMicros: microsSchema,
  decidedWithPeople: z.int(),
  withPeopleUsd: usdSchema,
  withPeopleMicros: microsSchema,
  reopened: z.int().describe('Tasks opened again as they leaned on a judge that fell'),
});

/** How far each judge can be trusted. */
export function judgeRoutes(app: App, ctx: Context): void {
  // What thousands of comparisons show changes slowly, and reading them takes a while.
  const cards = new TimedCache({
    ...{ keepMs: 60_000, limit: 200, share: 20, nowMs: () => performance.now() },
    load: (key: string) => {
      const [organisationId = '', campaignId] = key.split(' ');
      return cardsOf(ctx, { organisationId, ...(campaignId === undefined ? {} : { campaignId }) });
    },
  });

  app.get(
    '/v1/judges',
    {
      schema: {
        tags: ['vendors'],
        summary:
          'The card of each judge: agreement with people, biases (position, length, own style, hedging) with intervals, and cost',
        querystring: namedPageQuery,
        response: { 200: namedPageOf(cardSchema) },
      },
    },
    async (request) => {
      const found = await cards.get(principalFor(request).organisation.id);
      const { shown, nextCursor } = namesOfPage(
        found.map(({ judge }) => judge),
        request.query,
      );
      return { items: found.filter(({ judge }) => shown.has(judge)), nextCursor };
    },
  );

  app.get(
    '/v1/campaigns/:id/judges',
    {
      schema: {
        tags: ['vendors'],
        summary: 'Which judges a campaign trusts and why, what they decided alone, and what that cost beside people',
        params: idParams,
        querystring: namedPageQuery,
        response: { 200: judgedSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const organisationId = principalFor(request).organisation.id;
      const [standings, decided, replaced, own] = await Promise.all([
        judgeStandings(ctx.db, id),
        whoDecided(ctx.db, id),
        replacedJudges(ctx.db, id),
        cards.get(`${organisationId} ${id}`),
      ]);
      const successors = new Map(replaced.map(({ annotatorId, replacedBy }) => [annotatorId, replacedBy]));
      const { shown, nextCursor } = namesOfPage(
        [...standings, ...own].map(({ judge }) => judge),
        request.query,
      );
      const here = ({ judge }: { readonly judge: string }) => shown.has(judge);
      return {
        items: standings.filter(here).map((each) => ({
          ...each,
          distrustedAt: each.distrustedAt?.toISOString() ?? null,
          measuredFrom: each.measuredFrom?.toISOString() ?? null,
          replacedBy: successors.get(each.annotatorId) ?? null,
        })),
        nextCursor,
        cards: own.filter(here),
        decidedAlone: decided.aloneTasks,
        ...money('alone', decided.aloneMicros),
        decidedWithPeople: decided.otherTasks,
        ...money('withPeople', decided.otherMicros),
        reopened: decided.reopened,
      };
    },
  );

  app.post(
    '/v1/campaigns/:id/judges/:annotatorId/re-ask/preview',
    {
      schema: {
        tags: ['vendors'],
        summary: 'Which labels lean on a judge, for example one whose model has changed, and what asking people costs',
        params: judgeParams,
        response: { 200: leaningSchema },
      },
    },
    async ({ params: { id, annotatorId } }) => {
      const { settings, judge } = await judgeOf(ctx, id, annotatorId);
      const [prices, replaced] = await Promise.all([
        leaningPrices(ctx.db, { campaignId: id, annotatorId, since: EVER }),
        replacedJudges(ctx.db, id),
      ]);
      const { redundancy: answers, escalation } = settings;
      return {
        judge,
        replacedBy: replaced.find((each) => each.annotatorId === annotatorId)?.replacedBy ?? null,
        ...(await reAskCost(ctx, { campaignId: id, prices, answers, escalation })),
      };
    },
  );

  app.post(
    '/v1/campaigns/:id/judges/:annotatorId/re-ask',
    {
      schema: {
        tags: ['vendors'],
        summary:
          'Open the tasks again for people that lean on a judge, within the budget; its answers to them count no more',
        params: judgeParams,
        body: z.strictObject({
          reason: z.string().trim().min(1).max(1000),
          limit: z.number().int().min(1).max(MAX_TASKS).default(MAX_TASKS),
        }),
        response: { 200: reopenedSchema },
      },
    },
    async (request) => {
      const { id, annotatorId } = request.params;
      const { settings } = await judgeOf(ctx, id, annotatorId);
      const { reason, limit } = request.body;
      const reopened = await reopenLeaning(ctx.db, {
        ...{ campaignId: id, annotatorId, since: EVER, limit, reason, answers: settings.redundancy },
        by: principalFor(request).keyId,
        nowMs: ctx.now().getTime(),
      });
      return reAsked(ctx, id, reopened, () => leaningPrices(ctx.db, { campaignId: id, annotatorId, since: EVER }));
    },
  );

  app.post(
    '/v1/campaigns/:id/judges/:annotatorId/measure-anew',
    {
      schema: {
        tags: ['vendors'],
        summary:
          'Have a judge that is distrusted measured anew, by audits from now on alone; until these suffice it is unknown',
        params: judgeParams,
        body: z.strictObject({ reason: z.string().trim().min(1).max(1000) }),
        response: { 200: z.object({ trust: z.enum(TRUSTS) }) },
      },
    },
    async (request) => {
      const { id: campaignId, annotatorId } = request.params;
      await judgeOf(ctx, campaignId, annotatorId);
      const by = principalFor(request).keyId;
      if (!(await measureAnew(ctx.db, { campaignId, annotatorId, by, reason: request.body.reason }))) {
        throw new QuorateError('conflict', 'Only a judge that was found worse or fallen can be measured anew.');
      }
      return { trust: 'learning' as const };
    },
  );
}

async function cardsOf(ctx: Context, of: JudgesOf): Promise<z.output<typeof cardSchema>[]> {
  const [counts, comparisons, texts] = await Promise.all([
    judgeCounts(ctx.db, of),
    judgedComparisons(ctx.db, of),
    ownTexts(ctx.db, of.organisationId),
  ]);
  return counts.map((each) => {
    const own = comparisons.filter(({ judge }) => judge === each.judge);
    const written = texts.filter(({ judge }) => judge === each.judge).map(({ text }) => text);
    const { costMicros, findings, unknown, ...card } = judgeCard(each, own, written);
    return { ...card, findings: [...findings], unknown: [...unknown], ...money('cost', costMicros) };
  });
}

async function judgeOf(ctx: Context, campaignId: string, annotatorId: string) {
  const [campaign, judge] = await Promise.all([
    findCampaign(ctx.db, campaignId),
    judgeNamed(ctx.db, { campaignId, annotatorId }),
  ]);
  if (!campaign) throw notFound('campaign', campaignId);
  if (judge === undefined) throw notFound('judge', annotatorId);
  return { settings: campaign.settings as CampaignSettings, judge };
}

import { z } from 'zod';
import { findAnnotator } from '../../db/queries/annotators.ts';
import { principalFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import { applyQuarantine, MAX_AFFECTED, previewQuarantine, type QuarantinePage } from '../quarantine.ts';
import { givenId, idParams, microsSchema, money, usdSchema } from '../schemas.ts';

const tags = ['annotators'];

const MAX_ANSWERS = 10_000;

const rangeSchema = z.strictObject({
  campaignId: givenId.optional().describe('One campaign only'),
  cursor: givenId.optional().describe('`nextCursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(MAX_ANSWERS).default(2000).describe('How many answers to look at'),
});

const affectedSchema = z.object({
  taskId: z.uuid(),
  campaignId: z.uuid(),
  outcome: z
    .enum(['stays', 'flips', 'unanswered', 'revised'])
    .describe('`revised`: decided without the answer before, and not opened again for the one that is missing'),
  belowConfidence: z.boolean().describe("Confident enough for the task's policy before, and not without the answer"),
  revision: z.int().describe('The newest decision'),
  from: z.unknown().describe('Its label'),
  to: z.unknown().describe('The label without the answer; null where no other answer is left'),
  confidenceBefore: z.number(),
  confidence: z.number(),
  priceUsd: usdSchema,
  priceMicros: microsSchema,
  canReopen: z.boolean().describe('Its campaign takes answers, so that it can be opened again'),
});

const pageSchema = z.object({
  examined: z.int().describe('Counted answers to decided and open tasks that were looked at'),
  open: z.int().describe('Of them: to tasks that are not decided yet, and have a part in what is decided'),
  apart: z.int().describe('Of them: no part of the newest decision, as after a quarantine'),
  stays: z.int().describe('The label is the same without the answer'),
  flips: z.int().describe('The label is another without the answer'),
  unanswered: z.int().describe('No other answer is left'),
  belowConfidence: z.int().describe("Without the answer below the policy's least confidence; the label may flip, too"),
  affected: z.array(affectedSchema).describe(`The tasks to repair; a page ends with ${MAX_AFFECTED} of them`),
  repairUsd: usdSchema.describe("One answer to each affected task, at the task's price"),
  repairMicros: microsSchema,
  reopenUsd: usdSchema.describe('The most that opening those again that can be may cost: what is reserved'),
  reopenMicros: microsSchema,
  replaceAllUsd: usdSchema.describe('One answer for each of theirs that has a part in a decision'),
  replaceAllMicros: microsSchema,
  nextCursor: z.uuid().nullable().describe('Null when all answers have been looked at'),
});

const resultSchema = pageSchema.extend({
  revised: z.int().describe('Decisions that have a new revision'),
  missed: z
    .int()
    .describe('Tasks that were revised, decided or opened again by somebody else just then; repeat the call for them'),
  reopened: z.int().describe('Tasks that were opened again, each for one answer'),
  overBudget: z.int().describe('Affected tasks that were not, for want of money'),
  reservedUsd: usdSchema.describe('Reserved for the answers that they are to get'),
  reservedMicros: microsSchema,
});

function viewOf(given: QuarantinePage): z.output<typeof pageSchema> {
  const { affected, repairMicros, reopenMicros, replaceAllMicros, ...page } = given;
  return {
    ...page,
    ...money('reopen', reopenMicros),
    affected: affected.map(({ priceMicros, ...task }) => ({ ...task, ...money('price', priceMicros) })),
    ...money('repair', repairMicros),
    ...money('replaceAll', replaceAllMicros),
  };
}

/** Taking an annotator's answers out of the decisions they had a part in. */
export function quarantineRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/annotators/:id/quarantine',
    {
      schema: {
        tags,
        summary: "What decided tasks would come to without an annotator's answers, and what repair costs; page by page",
        params: idParams,
        querystring: rangeSchema,
        response: { 200: pageSchema },
      },
    },
    async ({ params: { id }, query }) => {
      if (!(await findAnnotator(ctx.db, id))) throw notFound('annotator', id);
      return viewOf(await previewQuarantine(ctx.db, { annotatorId: id, ...query }));
    },
  );

  app.post(
    '/v1/annotators/:id/quarantine',
    {
      schema: {
        tags,
        summary:
          "Take an annotator's answers out of decisions, and revise those that come out differently; page by page",
        params: idParams,
        querystring: rangeSchema,
        body: z.strictObject({
          reason: z.string().trim().min(1).max(1000),
          reopen: z
            .boolean()
            .default(false)
            .describe(
              'Open the affected tasks again, as far as the budget allows, each for the answer that is missing',
            ),
        }),
        response: { 200: resultSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (!(await findAnnotator(ctx.db, id))) throw notFound('annotator', id);
      const { reason, reopen: asked } = request.body;
      const reopen = asked ? { by: principalFor(request).keyId, nowMs: ctx.now().getTime() } : undefined;
      const result = await applyQuarantine(ctx.db, { annotatorId: id, ...request.query, reason, reopen });
      if (result.reopened > 0) ctx.bell.ring();
      const { revised, missed, reopened, overBudget, reservedMicros, ...page } = result;
      return { ...viewOf(page), revised, missed, reopened, overBudget, ...money('reserved', reservedMicros) };
    },
  );
}

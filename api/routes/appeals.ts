import { z } from 'zod';
import { type AppealRow, findAppeal, insertAppeal, listAppeals } from '../../db/queries/appeals.ts';
import { APPEAL_STATES, TASK_KINDS } from '../../db/schema/states.ts';
import { resolveAppeal } from '../appeals.ts';
import { annotatorFor, principalFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import { givenId, idParams, moment, momentSchema, pageOf, pageQuery, toPage } from '../schemas.ts';

const tags = ['appeals'];

// Neither a kind nor an outcome: whether the answer was gold is for nobody to learn who answers.
const receiptSchema = z.object({ id: z.uuid(), annotationId: z.uuid(), createdAt: momentSchema });

const appealSchema = z.object({
  id: z.uuid(),
  state: z.enum(APPEAL_STATES),
  campaignId: z.uuid(),
  campaign: z.string().describe("The campaign's name"),
  taskId: z.uuid(),
  key: z.string().describe("The item's key"),
  kind: z.enum(TASK_KINDS).describe('Upheld, an appeal about work opens its task again'),
  annotationId: z.uuid(),
  annotatorId: z.uuid(),
  annotator: z.string(),
  label: z.unknown().describe('The contested answer'),
  gold: z.unknown().describe('The known answer as it is now'),
  reason: z.string(),
  createdAt: momentSchema,
  resolvedBy: z.string().nullable(),
  note: z.string().nullable(),
  resolvedAt: momentSchema.nullable(),
  goldBefore: z.unknown().describe('The known answer before it was corrected'),
  changedVerdicts: z.int().nullable().describe('How many answers have another verdict since'),
});

function viewOf(row: AppealRow): z.output<typeof appealSchema> {
  const { itemId: _, policyVersion: __, createdAt, resolvedAt, ...rest } = row;
  return { ...rest, createdAt: moment(createdAt), resolvedAt: moment(resolvedAt) };
}

/** Contests of how answers were judged, and the rulings on them. */
export function appealRoutes(app: App, ctx: Context): void {
  app.post(
    '/v1/annotations/:id/contest',
    {
      schema: {
        tags,
        summary: 'Say why an answer of your own is right; once for each answer, whatever became of it',
        params: idParams,
        body: z.strictObject({ reason: z.string().trim().min(1).max(2000) }),
        response: { 200: receiptSchema, 201: receiptSchema },
      },
    },
    async (request, reply) => {
      const { id: annotationId } = request.params;
      const given = { annotationId, annotatorId: annotatorFor(request).id, reason: request.body.reason };
      const receipt = await insertAppeal(ctx.db, given);
      if (!receipt) throw notFound('annotation', annotationId);
      const { id, createdAt } = receipt;
      return reply.code(receipt.fresh ? 201 : 200).send({ id, annotationId, createdAt: moment(createdAt) });
    },
  );

  app.get(
    '/v1/appeals',
    {
      schema: {
        tags,
        summary: 'Contested answers, oldest first',
        querystring: pageQuery.extend({
          state: z.enum(APPEAL_STATES).optional().describe('Those in this state alone'),
          campaignId: givenId.optional().describe('Of this campaign alone'),
        }),
        response: { 200: pageOf(appealSchema) },
      },
    },
    async (request) => {
      const { cursor, limit, state, campaignId } = request.query;
      const organisationId = principalFor(request).organisation.id;
      return toPage(
        await listAppeals(ctx.db, { organisationId, campaignId, state, cursor, limit: limit + 1 }),
        limit,
        viewOf,
      );
    },
  );

  app.post(
    '/v1/appeals/:id/resolve',
    {
      schema: {
        tags,
        summary:
          'Rule on an appeal; upheld, it corrects the known answer and everybody’s verdicts on it, or asks work again',
        params: idParams,
        body: z.strictObject({
          verdict: z.enum(['upheld', 'rejected']),
          label: z.unknown().optional().describe('The corrected known answer; by default the contested one'),
          answers: z
            .int()
            .min(1)
            .max(25)
            .optional()
            .describe('Of work: how many more its task is asked for; by default the redundancy'),
          note: z.string().trim().min(1).max(10_000).describe('Why'),
        }),
        response: { 200: appealSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const by = principalFor(request).keyId;
      await resolveAppeal(ctx.db, id, request.body, { by, nowMs: ctx.now().getTime() });
      ctx.bell.ring();
      const row = await findAppeal(ctx.db, id);
      if (!row) throw notFound('appeal', id);
      return viewOf(row);
    },
  );
}

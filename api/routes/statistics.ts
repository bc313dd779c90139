import { z } from 'zod';
import { reasonsByHand } from '../../db/queries/stories.ts';
import { type OwnAnswer, ownAnswers, ownNumbers } from '../../db/queries/workspace.ts';
import { STANDINGS } from '../../db/schema/states.ts';
import { excerptOf } from '../../domain/tasks/excerpt.ts';
import { TASK_TYPE_NAMES } from '../../domain/tasks/task-type.ts';
import { annotatorFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { shownByType, shownReason } from '../offered.ts';
import { microsSchema, moment, momentSchema, money, pageOf, pageQuery, toPage, usdSchema } from '../schemas.ts';

const RECENT = 20;

const reasonSchema = z.string().nullable().describe('Of who is suspended, or was put to a check by a person');

const answerSchema = z.object({
  annotationId: z.uuid(),
  campaignId: z.uuid(),
  campaign: z.string(),
  shown: z.string().describe('The beginning of what you were shown, in the order in which you saw it'),
  label: z.unknown().describe('As you gave it: of pairs and rankings in the order that you were shown'),
  submittedAt: momentSchema,
  contested: z.boolean(),
});

// No state of pay by answer and no score: golds are graded and paid at once, so these would tell gold from work.
const statisticsSchema = z.object({
  answers: z.int(),
  answersToday: z.int().describe('Since midnight UTC'),
  earnedUsd: usdSchema.describe('Promised for answers of the days before today (UTC), whether it was sent or not'),
  earnedMicros: microsSchema,
  pendingUsd: usdSchema.describe('Promised for answers of today (UTC)'),
  pendingMicros: microsSchema,
  sentUsd: usdSchema.describe('What payouts have sent so far, bonuses and deductions in it'),
  sentMicros: microsSchema,
  standing: z.enum(STANDINGS),
  standingReason: reasonSchema,
  standings: z
    .array(
      z.object({
        taskType: z.enum(TASK_TYPE_NAMES),
        standing: z.enum(STANDINGS),
        standingReason: reasonSchema,
      }),
    )
    .describe('At the task types where it is not active'),
  recent: z.array(answerSchema).describe('The newest answers'),
});

/** What annotators may know of themselves. */
export function statisticsRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/me/statistics',
    {
      schema: {
        tags: ['people'],
        summary: 'Your own answers, pay and standing',
        response: { 200: statisticsSchema },
      },
    },
    async (request) => {
      const annotator = annotatorFor(request);
      const { id: annotatorId, standing } = annotator;
      const [numbers, recent, byHand] = await Promise.all([
        ownNumbers(ctx.db, annotatorId),
        ownAnswers(ctx.db, { annotatorId, limit: RECENT }),
        reasonsByHand(ctx.db, annotatorId),
      ]);
      const { answers, answersToday, earnedMicros, pendingMicros, sentMicros } = numbers;
      return {
        answers,
        answersToday,
        ...money('earned', earnedMicros),
        ...money('pending', pendingMicros),
        ...money('sent', sentMicros),
        standing,
        standingReason: shownReason(annotator, byHand.get(null)),
        standings: shownByType(annotator, byHand),
        recent: await Promise.all(recent.map((each) => asGiven(ctx, each))),
      };
    },
  );
  app.get(
    '/v1/me/answers',
    {
      schema: {
        tags: ['people'],
        summary: 'Your own answers, newest first; each can be contested once',
        querystring: pageQuery,
        response: { 200: pageOf(answerSchema) },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const rows = await ownAnswers(ctx.db, { annotatorId: annotatorFor(request).id, cursor, limit: limit + 1 });
      const { items, nextCursor } = toPage(rows, limit, (row) => asGiven(ctx, row));
      return { items: await Promise.all(items), nextCursor };
    },
  );
}

/** The answer, and what it answered, in the order in which its annotator saw it, whatever order it is stored in. */
async function asGiven(ctx: Context, answer: OwnAnswer) {
  const { id, assignmentId, payload, presentation, label, submittedAt, ...rest } = answer;
  const type = (await ctx.campaigns.facts(rest.campaignId))?.type;
  const given = type?.redo && typeof presentation === 'string' ? type.redo(label, presentation) : label;
  const shown = excerptOf(type?.present?.(payload, assignmentId).payload ?? payload);
  return { annotationId: id, ...rest, shown, label: given, submittedAt: moment(submittedAt) };
}

import { z } from 'zod';
import { type OwnAnswer, ownAnswers, ownNumbers } from '../../db/queries/workspace.ts';
import { STANDINGS } from '../../db/schema/states.ts';
import { TASK_TYPE_NAMES } from '../../domain/tasks/task-type.ts';
import { annotatorFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { shownByType, shownReason } from '../offered.ts';
import { microsSchema, moment, momentSchema, money, usdSchema } from '../schemas.ts';

const RECENT = 20;

// No state of pay by answer and no score: golds are graded and paid at once, so these would tell gold from work.
const statisticsSchema = z.object({
  answers: z.int(),
  answersToday: z.int().describe('Since midnight UTC'),
  earnedUsd: usdSchema.describe('Paid, for answers of the days before today'),
  earnedMicros: microsSchema,
  pendingUsd: usdSchema.describe('What else was promised for answers: all of today, and work that is not settled'),
  pendingMicros: microsSchema,
  standing: z.enum(STANDINGS),
  standingReason: z.string().nullable().describe('Of who is suspended'),
  standings: z
    .array(
      z.object({
        taskType: z.enum(TASK_TYPE_NAMES),
        standing: z.enum(STANDINGS),
        standingReason: z.string().nullable().describe('Of who is suspended'),
      }),
    )
    .describe('At the task types where it is not active'),
  recent: z
    .array(
      z.object({
        annotationId: z.uuid(),
        campaignId: z.uuid(),
        campaign: z.string(),
        label: z.unknown().describe('As you gave it: of pairs and rankings in the order that you were shown'),
        submittedAt: momentSchema,
        contested: z.boolean(),
      }),
    )
    .describe('The newest answers; any can be contested, once'),
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
      const [numbers, recent] = await Promise.all([
        ownNumbers(ctx.db, annotatorId),
        ownAnswers(ctx.db, { annotatorId, limit: RECENT }),
      ]);
      const { answers, answersToday, earnedMicros, pendingMicros } = numbers;
      return {
        answers,
        answersToday,
        ...money('earned', earnedMicros),
        ...money('pending', pendingMicros),
        standing,
        standingReason: shownReason(annotator),
        standings: shownByType(annotator),
        recent: await Promise.all(recent.map((each) => asGiven(ctx, each))),
      };
    },
  );
}

/** The answer in the order in which its annotator saw it, whatever order it is stored in. */
async function asGiven(ctx: Context, { presentation, label, submittedAt, ...rest }: OwnAnswer) {
  const type = typeof presentation === 'string' ? (await ctx.campaigns.facts(rest.campaignId))?.type : undefined;
  const given = type?.redo && typeof presentation === 'string' ? type.redo(label, presentation) : label;
  return { ...rest, label: given, submittedAt: moment(submittedAt) };
}

import { z } from 'zod';
import { createJudge, type Judgement } from '../../db/judgement/judge.ts';
import { type ContestedTask, contestedTasks } from '../../db/queries/adjudication.ts';
import { TASK_TYPE_NAMES } from '../../domain/tasks/task-type.ts';
import { TIERS } from '../../domain/tiers.ts';
import { principalFor } from '../auth.ts';
import type { CampaignFacts } from '../campaign-cache.ts';
import type { App, Context } from '../context.ts';
import { givenId, moment, momentSchema, pageOf, pageQuery } from '../schemas.ts';
import { judgementView, voteShape } from '../task-view.ts';

const answerSchema = z.object({
  annotationId: z.uuid(),
  annotatorId: z.uuid(),
  annotator: z.string(),
  tier: z.enum(TIERS),
  label: z.unknown(),
  confidence: z.number().nullable().describe('As the annotator gave it'),
  comment: z.string().nullable(),
  timeSpentS: z.number().nullable(),
  score: z.number().describe('The assessment of the answer, 0 to 1'),
  flags: z.array(z.string()),
  qualityScore: z.number().describe("The annotator's, 0 to 1"),
  weight: z
    .number()
    .describe('How much of an answer it is in the decision that the answers come to, as in a decision’s record'),
  share: z.number().describe('Of the weight of all answers'),
  confidenceWithout: z
    .number()
    .nullable()
    .describe(
      'How probable the label they come to would be without this answer, where the crowd’s model decides and others are left',
    ),
});

const taskSchema = z.object({
  id: z.uuid(),
  campaignId: z.uuid(),
  campaign: z.string().describe("The campaign's name"),
  key: z.string().describe("The item's key"),
  type: z.enum(TASK_TYPE_NAMES),
  instructions: z.string(),
  config: z.unknown(),
  payload: z.unknown(),
  createdAt: momentSchema,
  waitingSince: momentSchema.nullable().describe('Since when it waits for a ruling'),
  rulingBy: momentSchema
    .nullable()
    .describe('When it is given up on and ends unresolved; null while its campaign is paused'),
  answers: z.array(answerSchema).describe('Heaviest first'),
  vote: z
    .object(voteShape)
    .describe(
      'What the answers come to by what is known of the crowd now, decided as a task is; the label is null where they say nothing',
    ),
});

/** The queue of tasks that experts have to rule on. */
export function adjudicationRoutes(app: App, ctx: Context): void {
  const judge = createJudge(ctx.db);
  app.get(
    '/v1/adjudications',
    {
      schema: {
        tags: ['tasks'],
        summary:
          'Tasks that wait for a ruling, first those whose time is up first, with all answers and their weights side by side',
        querystring: pageQuery.extend({
          campaignId: givenId.optional().describe('Of this campaign alone'),
          limit: z.coerce.number().int().min(1).max(50).default(20).describe('How many on a page'),
        }),
        response: { 200: pageOf(taskSchema) },
      },
    },
    async (request) => {
      const { campaignId, cursor, limit } = request.query;
      const organisationId = principalFor(request).organisation.id;
      const rows = await contestedTasks(ctx.db, { organisationId, campaignId, cursor, limit: limit + 1 });
      const shown = rows.slice(0, limit);
      const judged = await judge.each(
        shown.map(({ id }) => id),
        () => ({ outcome: 'adjudicated' }),
      );
      const items: z.output<typeof taskSchema>[] = [];
      for (const row of shown) {
        const [campaign, judgement] = [await ctx.campaigns.facts(row.campaignId), judged.get(row.id)];
        if (campaign && judgement) items.push(viewOf(row, campaign, judgement));
      }
      return { items, nextCursor: rows.length > limit ? (rows[limit - 1]?.id ?? null) : null };
    },
  );
}

function viewOf(
  task: ContestedTask,
  { type, settings }: CampaignFacts,
  judgement: Judgement,
): z.output<typeof taskSchema> {
  const { answers: counted, ...vote } = judgementView(judgement);
  const counts = new Map(counted.map(({ annotationId, ...counts }) => [annotationId, counts]));
  const { id, campaignId, campaign, key, payload } = task;
  return {
    ...{ id, campaignId, campaign, key, payload, type: type.name },
    ...{ instructions: settings.instructions, config: settings.config },
    createdAt: moment(task.createdAt),
    waitingSince: moment(task.waitingSince),
    rulingBy: moment(task.rulingBy),
    answers: task.answers
      .map((answer) => ({
        ...answer,
        tier: z.enum(TIERS).parse(answer.tier),
        ...(counts.get(answer.annotationId) ?? { weight: 0, share: 0, confidenceWithout: null }),
      }))
      .toSorted((a, b) => b.weight - a.weight),
    vote,
  };
}

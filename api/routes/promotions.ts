import { z } from 'zod';
import { goldCandidates, labelsGiven, promoteTask } from '../../db/queries/promotions.ts';
import { decisionsOf, payloadOfTask, taskHead } from '../../db/queries/stories.ts';
import { QuorateError } from '../../domain/failures.ts';
import { isRightAnswer } from '../../domain/tasks/index.ts';
import { readLabel } from '../../domain/tasks/read.ts';
import { principalFor } from '../auth.ts';
import type { CampaignFacts } from '../campaign-cache.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import { idParams, pageOf, pageQuery, toPage } from '../schemas.ts';

const tags = ['gold'];
/** Items have a random place in [0, 2^31), by which golds are drawn. */
const SHUFFLE_RANGE = 2 ** 31;

const candidateSchema = z.object({
  id: z.uuid().describe('The task'),
  key: z.string(),
  label: z.unknown(),
  answers: z.int().describe('All alike, all by trusted annotators'),
});

/** Golds made of decided tasks. */
export function promotionRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/campaigns/:id/gold-candidates',
    {
      schema: {
        tags,
        summary: 'Decided tasks that trusted annotators answered all alike: what an expert may make gold',
        params: idParams,
        querystring: pageQuery.extend({
          minAnswers: z.coerce
            .number()
            .int()
            .min(2)
            .max(25)
            .default(3)
            .describe('So many trusted annotators at least gave the same answer, and nobody gave another'),
        }),
        response: { 200: pageOf(candidateSchema) },
      },
    },
    async ({ params: { id: campaignId }, query: { cursor, limit, minAnswers } }) => {
      const facts = await ctx.campaigns.facts(campaignId);
      if (!facts) throw notFound('campaign', campaignId);
      const rows = await goldCandidates(ctx.db, { campaignId, minAnswers, cursor, limit: limit + 1 });
      const { type, settings } = facts;
      const { items, nextCursor } = toPage(rows, limit, (row) => row);
      // A ruling may say otherwise than all of them.
      const agreed = items.filter(({ label, decided }) => isRightAnswer(type, settings.config, label, decided));
      return { items: agreed.map(({ decided: _, ...candidate }) => candidate), nextCursor };
    },
  );

  app.post(
    '/v1/tasks/:id/promote',
    {
      schema: {
        tags,
        summary: 'Confirm a decided task as gold for everybody who has not answered it; asked from the next batch on',
        params: idParams,
        body: z.strictObject({
          label: z
            .unknown()
            .optional()
            .describe(
              'The known answer; by default what all answered where the decision is near it, else what was decided',
            ),
          note: z.string().trim().min(1).max(10_000).describe('Why it is certain'),
        }),
        response: { 201: z.object({ itemId: z.uuid(), key: z.string() }) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const head = await taskHead(ctx.db, id);
      if (!head) throw notFound('task', id);
      const [decision] = await decisionsOf(ctx.db, id);
      if (head.kind !== 'work' || (decision?.state !== 'decided' && decision?.state !== 'adjudicated')) {
        throw new QuorateError('conflict', 'Only a task of work that has been decided can become gold.');
      }
      const campaign = await ctx.campaigns.facts(head.campaignId);
      if (!campaign) throw notFound('campaign', head.campaignId);
      const { type, settings } = campaign;
      const given = request.body.label;
      const payload = type.labelReadsPayload ? await payloadOfTask(ctx.db, id) : undefined;
      const label =
        given === undefined
          ? await agreedLabel(ctx, { taskId: id, campaign, decided: decision.label })
          : readLabel(type, settings.config, given, payload);
      const by = principalFor(request).keyId;
      const shuffle = Math.floor(ctx.random() * SHUFFLE_RANGE);
      const made = await promoteTask(ctx.db, { taskId: id, label, by, note: request.body.note, shuffle });
      if (!made) throw new QuorateError('conflict', `Task ${id} was made gold before.`);
      ctx.views.forget(head.campaignId);
      return reply.code(201).send(made);
    },
  );
}

/** What everybody said, where the decision is near it: a mean less leniency, or a pair without its strength, is nobody's answer. */
async function agreedLabel(
  ctx: Context,
  task: { taskId: string; campaign: CampaignFacts; decided: unknown },
): Promise<unknown> {
  const { type, settings } = task.campaign;
  const [said, ...others] = await labelsGiven(ctx.db, task.taskId);
  const isAgreed = said !== undefined && others.length === 0;
  return isAgreed && isRightAnswer(type, settings.config, said, task.decided) ? said : task.decided;
}

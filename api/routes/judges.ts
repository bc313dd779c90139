import { z } from 'zod';
import { judgeCounts } from '../../db/queries/judges.ts';
import { judgeCard } from '../../domain/quality/judge-card.ts';
import { principalFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { microsSchema, money, usdSchema } from '../schemas.ts';

const shareSchema = z
  .object({ share: z.number(), low: z.number(), high: z.number(), n: z.int() })
  .nullable()
  .describe('With its 95% interval; null where nothing was counted');

const cardSchema = z.object({
  judge: z.string().describe('judge:MODEL:PROMPT-VERSION; another model or prompt is another judge'),
  answers: z.int(),
  costUsd: usdSchema,
  costMicros: microsSchema,
  agreesWithPeople: shareSchema,
  peopleAgree: shareSchema,
  ordersDisagree: shareSchema,
  prefersLonger: shareSchema,
  peoplePreferLonger: shareSchema,
  findings: z.array(z.string()),
});

/** How far each judge can be trusted. */
export function judgeRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/judges',
    {
      schema: {
        tags: ['vendors'],
        summary: 'The card of each judge: agreement with people, position and length bias, with intervals, and cost',
        response: { 200: z.object({ items: z.array(cardSchema) }) },
      },
    },
    async (request) => {
      const counts = await judgeCounts(ctx.db, principalFor(request).organisation.id);
      const cards = counts.map(judgeCard);
      return {
        items: cards.map(({ costMicros, ...card }) => ({
          ...card,
          findings: [...card.findings],
          ...money('cost', costMicros),
        })),
      };
    },
  );
}

import { z } from 'zod';
import { judgeCounts } from '../../db/queries/judges.ts';
import { judgeStandings, whoDecided } from '../../db/queries/judging.ts';
import { TRUSTS } from '../../db/schema/states.ts';
import { judgeCard } from '../../domain/quality/judge-card.ts';
import { principalFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { idParams, microsSchema, momentSchema, money, usdSchema } from '../schemas.ts';

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

const agreementSchema = z.object({ same: z.int(), of: z.int() });

const trustSchema = z.object({
  judge: z.string(),
  annotatorId: z.uuid(),
  trust: z
    .enum(TRUSTS)
    .describe('learning: too few audits; trusted: may decide alone; distrusted: has fallen, for good'),
  agrees: agreementSchema.describe('With the first person, on audited tasks'),
  recent: agreementSchema.describe('The same on the newest ones'),
  people: agreementSchema.describe('People with one another on the same tasks'),
  correlation: z.number().describe('Of its errors with those of the judge most like it'),
  distrustedAt: momentSchema.nullable(),
});

const judgedSchema = z.object({
  items: z.array(trustSchema),
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

  app.get(
    '/v1/campaigns/:id/judges',
    {
      schema: {
        tags: ['vendors'],
        summary: 'Which judges a campaign trusts and why, what they decided alone, and what that cost beside people',
        params: idParams,
        response: { 200: judgedSchema },
      },
    },
    async ({ params: { id } }) => {
      const [standings, decided] = await Promise.all([judgeStandings(ctx.db, id), whoDecided(ctx.db, id)]);
      return {
        items: standings.map((each) => ({ ...each, distrustedAt: each.distrustedAt?.toISOString() ?? null })),
        decidedAlone: decided.aloneTasks,
        ...money('alone', decided.aloneMicros),
        decidedWithPeople: decided.otherTasks,
        ...money('withPeople', decided.otherMicros),
        reopened: decided.reopened,
      };
    },
  );
}

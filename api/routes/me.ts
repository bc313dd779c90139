import { z } from 'zod';
import { countAnswers, reasonsByHand } from '../../db/queries/stories.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { ROLES, STANDINGS } from '../../db/schema/states.ts';
import { TIERS } from '../../domain/tiers.ts';
import { principalFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { shownReason } from '../offered.ts';

const tags = ['people'];

const meSchema = z.object({
  user: z.object({ id: z.uuid(), name: z.string(), email: z.string() }).nullable().describe('Null behind an API key'),
  role: z.enum(ROLES),
  organisation: z
    .object({
      id: z.uuid(),
      name: z.string(),
      first: z.boolean().describe('Whether it is the first of this server, whose owners make others'),
    })
    .describe('Where the caller belongs'),
  annotatorId: z.uuid().optional().describe('The annotator this user or key answers as'),
  // No gold counts and no quality score: watching them move would tell which task was gold.
  annotator: z
    .object({
      id: z.uuid(),
      name: z.string(),
      tier: z.enum(TIERS),
      specializations: z.array(z.string()),
      standing: z.enum(STANDINGS),
      standingReason: z.string().nullable().describe('Of who is suspended, or was put to a check by a person'),
      answers: z.int(),
    })
    .optional(),
});

/** Who the caller is. */
export function meRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/me',
    { schema: { tags, summary: 'Who you are here, by session or key', response: { 200: meSchema } } },
    async (request) => {
      const { user, role, organisation, annotator } = principalFor(request);
      const who = { user, role, organisation: { ...organisation, first: organisation.id === DEFAULT_ORGANISATION } };
      if (!annotator) return who;
      const [answers, byHand] = await Promise.all([
        countAnswers(ctx.db, annotator.id),
        reasonsByHand(ctx.db, annotator.id),
      ]);
      const shown = { ...annotator, standingReason: shownReason(annotator, byHand.get(null)), answers };
      return { ...who, annotatorId: annotator.id, annotator: shown };
    },
  );
}

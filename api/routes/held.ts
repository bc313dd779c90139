import { z } from 'zod';
import { allHeldLeases } from '../../db/queries/leases.ts';
import { annotatorFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { offerSchema, viewOf } from './assignments.ts';

const MOST = 50;

/** What an annotator holds: where work goes on after a page was left, or on another device. */
export function heldRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/me/assignments',
    {
      schema: {
        tags: ['assignments'],
        summary: 'The tasks this annotator holds now, in the order they were leased; at most 50',
        response: { 200: z.object({ items: z.array(offerSchema) }) },
      },
    },
    async (request) => {
      const [leases, open] = await Promise.all([
        allHeldLeases(ctx.db, annotatorFor(request).id, MOST),
        ctx.campaigns.open(),
      ]);
      const offers = leases.flatMap((lease) => {
        const campaign = open.find(({ id }) => id === lease.campaignId);
        return campaign ? [viewOf({ lease, campaign })] : [];
      });
      return { items: offers };
    },
  );
}

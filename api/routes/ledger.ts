import { z } from 'zod';
import { ledgerPage } from '../../db/queries/books.ts';
import { ACCOUNTS, LEDGER_KINDS, PAYEES } from '../../domain/books/accounts.ts';
import { principalFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import {
  givenId,
  microsSchema,
  moment,
  momentSchema,
  money,
  namedPageOf,
  namedPageQuery,
  toPage,
  usdSchema,
} from '../schemas.ts';

const cause = z.uuid().nullable();
const entrySchema = z.object({
  id: z.string().describe('In the order in which they were booked'),
  at: momentSchema,
  kind: z.enum(LEDGER_KINDS),
  payee: z.enum(PAYEES),
  fromAccount: z.enum(ACCOUNTS),
  toAccount: z.enum(ACCOUNTS),
  amountUsd: usdSchema,
  amountMicros: microsSchema,
  campaignId: z.uuid(),
  taskId: cause,
  assignmentId: cause,
  annotationId: cause,
  annotatorId: cause,
  orderId: cause,
  adjustmentId: cause,
  paymentId: cause.describe('Of a payout run'),
  key: z.string().describe('Under which it was booked, once'),
});

/** The books of an organisation, to read. */
export function ledgerRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/ledger/entries',
    {
      schema: {
        tags: ['money'],
        summary: 'The entries of the books, newest first, each with its accounts and its cause',
        querystring: namedPageQuery.extend({
          cursor: z
            .string()
            .regex(/^\d{1,18}$/)
            .optional()
            .describe('`nextCursor` of the page before'),
          campaignId: givenId.optional().describe('Of this campaign alone'),
        }),
        response: { 200: namedPageOf(entrySchema) },
      },
    },
    async (request) => {
      const { cursor, limit, campaignId } = request.query;
      const organisationId = principalFor(request).organisation.id;
      const rows = await ledgerPage(ctx.db, {
        ...{ organisationId, campaignId, limit: limit + 1 },
        before: cursor === undefined ? undefined : BigInt(cursor),
      });
      return toPage(
        rows.map(({ id, ...row }) => ({ ...row, id: String(id) })),
        limit,
        ({ at, amountMicros, payoutItemId: paymentId, ...entry }) => ({
          ...{ ...entry, at: moment(at), paymentId },
          ...money('amount', amountMicros),
        }),
      );
    },
  );
}

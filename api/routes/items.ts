import { z } from 'zod';
import { findCampaign } from '../../db/queries/campaigns.ts';
import { QuorateError } from '../../domain/failures.ts';
import type { App, Context } from '../context.ts';
import type { ImportFormat } from '../import-rows.ts';
import { createItemReader } from '../item-reader.ts';
import { type ImportResult, importItems } from '../items-stream.ts';
import { notFound, ProblemWith } from '../problems.ts';
import { idParams } from '../schemas.ts';

/** What the content types of an import are. */
export const FORMATS: Readonly<Record<string, ImportFormat>> = {
  'application/json': 'array',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'text/csv': 'csv',
  'application/vnd.apache.parquet': 'parquet',
};

/** What an import says of the rows that it left out. */
export const rejectedShape = {
  rejected: z
    .array(z.object({ line: z.int(), reason: z.string() }))
    .describe('As many as `listed` says; for arrays and Parquet, line is the position'),
  rejectedCount: z.int(),
};

const importedSchema = z.object({
  accepted: z.int(),
  duplicates: z.int().describe('Rows that were there already'),
  ...rejectedShape,
});

/** Of an import. */
export const importQuery = z.object({
  listed: z.coerce
    .number()
    .int()
    .min(0)
    .max(100_000)
    .default(1000)
    .describe('Most rejected rows that are listed with their reasons; all are counted'),
});

const description = `Rows as a JSON array, as NDJSON (any number, streamed), as CSV with a header or as a Parquet file. A row is an object with
the optional fields \`key\` (the requester's own; by default a hash of the content), \`payload\` (by default all other
fields), \`gold\` (its known answer), \`honeypot\` (true where the gold is an attention test), \`domain\`, \`group\` (items
that belong together: see \`maxPerGroup\`), and \`vector\` where the campaign's \`features\` want one. Importing the
same row again adds nothing, so a broken import is repaired by sending it again. Bad rows are listed and left out.`;

/** Imports into a campaign's pool. Bodies are read as streams, so these routes have parsers of their own. */
export function itemRoutes(app: App, ctx: Context): void {
  app.removeAllContentTypeParsers();
  for (const contentType of Object.keys(FORMATS)) {
    app.addContentTypeParser(contentType, (_request, payload, done) => done(null, payload));
  }

  app.post(
    '/v1/campaigns/:id/items',
    {
      // Items have keys of their own, which make a repeat harmless.
      config: { idempotency: false },
      schema: {
        tags: ['campaigns'],
        summary: "Import items into a campaign's pool",
        description,
        consumes: Object.keys(FORMATS),
        params: idParams,
        querystring: importQuery,
        response: { 200: importedSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const campaign = await findCampaign(ctx.db, id);
      if (!campaign) throw notFound('campaign', id);
      if (campaign.state === 'stopping' || campaign.state === 'finished' || campaign.state === 'stopped') {
        throw new QuorateError(
          'campaign_closed',
          `The campaign ${campaign.name} is ${campaign.state}; it takes no more items.`,
        );
      }
      const facts = await ctx.campaigns.facts(id);
      if (!facts) throw empty();
      const format = formatOf(request.headers['content-type']);
      let result: ImportResult;
      try {
        result = await importItems(ctx.db, {
          campaignId: id,
          body: request.body as AsyncIterable<Uint8Array>,
          format,
          limits: ctx.limits,
          listed: request.query.listed,
          readItem: createItemReader(facts, ctx.random),
        });
      } finally {
        // Also when it broke off: what was stored stays, and with it that the campaign is to be told.
        ctx.bell.ring();
      }
      ctx.views.forget(id);
      refuseFruitless(result);
      return result;
    },
  );
}

/** The format that a body's content type says. */
export function formatOf(contentType = ''): ImportFormat {
  const format = FORMATS[contentType.split(';')[0]?.trim().toLowerCase() ?? ''];
  if (!format) throw empty();
  return format;
}

/** An import of which nothing could be used is an error, with the same list. */
function refuseFruitless(result: ImportResult): void {
  if (result.accepted > 0 || result.duplicates > 0) return;
  const [first] = result.rejected;
  if (!first) throw empty();
  const message = `No row could be imported. Line ${first.line}: ${first.reason}`;
  throw new ProblemWith('invalid_input', message, { ...result });
}

function empty(): QuorateError {
  return new QuorateError(
    'malformed_request',
    'The body has no rows; send a JSON array, NDJSON, CSV with a header or Parquet.',
  );
}

import { z } from 'zod';
import { storePredictions } from '../../db/queries/predictions.ts';
import { QuorateError } from '../../domain/failures.ts';
import { classNames } from '../../domain/learning/targets.ts';
import type { App, Context } from '../context.ts';
import { rowsOf } from '../import-rows.ts';
import { reasonOf } from '../item-reader.ts';
import { createPredictionReader, type PredictionRow } from '../prediction-reader.ts';
import { notFound } from '../problems.ts';
import { idParams } from '../schemas.ts';
import { FORMATS, formatOf, importQuery, rejectedShape } from './items.ts';

const BATCH_ROWS = 2000;

const importedSchema = z.object({
  accepted: z.int().describe('Items that have the prediction now, in place of an earlier one'),
  ...rejectedShape,
});

const description = `What a model of the requester's says of the campaign's items, as a JSON array, NDJSON, CSV or Parquet: rows of
\`key\` and \`probabilities\` (an object of class and probability), or of \`key\`, \`label\` and \`confidence\`. For campaigns
with \`model: {"predictions": true}\`. A later import replaces what it names; bad rows are listed and left out.`;

/** Predictions imported from a file; in the scope of the items' routes, whose bodies are streams. */
export function predictionRoutes(app: App, ctx: Context): void {
  app.post(
    '/v1/campaigns/:id/predictions',
    {
      // Sent again it comes to the same.
      config: { idempotency: false },
      schema: {
        tags: ['campaigns'],
        summary: "Import a model's predictions of a campaign's items",
        description,
        consumes: Object.keys(FORMATS),
        params: idParams,
        querystring: importQuery,
        response: { 200: importedSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const facts = await ctx.campaigns.facts(id);
      if (!facts) throw notFound('campaign', id);
      const { type, settings } = facts;
      if (!settings.model || !('predictions' in settings.model)) {
        const message =
          'This campaign takes no predictions: that is said when it is made, with model: {"predictions": true}.';
        throw new QuorateError('conflict', message);
      }
      const read = createPredictionReader(classNames(type.modelTarget(settings.config)));
      const source = {
        body: request.body as AsyncIterable<Uint8Array>,
        format: formatOf(request.headers['content-type']),
        limits: ctx.limits,
        listed: request.query.listed,
      };
      return importPredictions(ctx, id, source, read);
    },
  );
}

async function importPredictions(
  { db }: Context,
  campaignId: string,
  source: Parameters<typeof rowsOf>[0] & { readonly listed: number },
  read: (row: unknown) => PredictionRow,
): Promise<z.output<typeof importedSchema>> {
  const totals = { accepted: 0, rejectedCount: 0 };
  const rejected: { line: number; reason: string }[] = [];
  const reject = (line: number, reason: string) => {
    totals.rejectedCount += 1;
    if (rejected.length < source.listed) rejected.push({ line, reason });
  };
  let batch: { line: number; row: PredictionRow }[] = [];
  const flush = async () => {
    const known = await storePredictions(
      db,
      campaignId,
      batch.map(({ row }) => row),
    );
    for (const { line, row } of batch) {
      if (known.has(row.key)) totals.accepted += 1;
      else reject(line, `there is no item with the key ${JSON.stringify(row.key.slice(0, 60))}`);
    }
    batch = [];
  };
  for await (const rows of rowsOf(source)) {
    for (const row of rows) {
      try {
        if ('reason' in row) reject(row.line, row.reason);
        else batch.push({ line: row.line, row: read(row.value) });
      } catch (error) {
        reject(row.line, reasonOf(error));
      }
      if (batch.length >= BATCH_ROWS) await flush();
    }
  }
  if (batch.length > 0) await flush();
  return { ...totals, rejected: rejected.sort((a, b) => a.line - b.line) };
}

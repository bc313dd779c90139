import { Readable } from 'node:stream';
import { z } from 'zod';
import { decidedBatches, type ExportRow } from '../../db/queries/exports.ts';
import { type ModelLabelRow, modelLabelBatches } from '../../db/queries/model-labels.ts';
import { QuorateError } from '../../domain/failures.ts';
import { csvLine } from '../../domain/formats/csv.ts';
import { DPO_TYPES, dpoRecords, MIN_DPO_CONFIDENCE } from '../../domain/formats/dpo.ts';
import { cellsOf, columnsOf, type DecidedTask, type ExportRecord, exportRecord } from '../../domain/formats/records.ts';
import { formatUsd } from '../../domain/money.ts';
import type { CampaignFacts } from '../campaign-cache.ts';
import type { App, Context } from '../context.ts';
import { parquetChunks } from '../parquet.ts';
import { notFound } from '../problems.ts';
import { idParams } from '../schemas.ts';

const CONTENT_TYPES = {
  jsonl: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  dpo: 'application/x-ndjson; charset=utf-8',
} as const;

type Format = keyof typeof CONTENT_TYPES;

const description = `The newest decision of every task that has ended, streamed. Each record has \`key\`, \`task_id\`, \`state\`,
\`label\`, \`confidence\`, \`method\`, \`n_annotators\`, \`revision\`, \`policy_version\`, \`cost_usd\`, \`decided_at\`,
\`provenance\` and the fields of its task type. Where \`method\` is \`weighted_vote\`, \`confidence\` is the label's share of the
votes by weight, no probability that it is right. Labels that the campaign's model gave (\`autoLabel\`) come last, with the
provenance \`model\` in place of \`annotators\`, no task and no cost; \`dpo\` has none of them. In CSV and Parquet, objects are written as JSON, and fields that the first records do not have
are in the column \`extra\`; in CSV, text that a spreadsheet would run as a formula gets a quote before it.
\`dpo\` is for pairwise comparisons and preference rankings: {prompt, chosen, rejected, confidence, n_annotators, key, task_id} for each
decided preference (of a ranking each best answer over each worst one), without ties, "both bad" and preferences of less
confidence than ${MIN_DPO_CONFIDENCE}.`;

/** Downloads of a campaign's labels. */
export function exportRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/campaigns/:id/export',
    {
      // A HEAD would be made of the whole stream, with nobody to read it.
      exposeHeadRoute: false,
      schema: {
        tags: ['exports'],
        summary: "Download a campaign's labels",
        description,
        params: idParams,
        querystring: z.object({
          format: z.enum(['jsonl', 'csv', 'parquet', 'dpo']).default('jsonl').describe('Form of the file'),
        }),
        produces: [...new Set(Object.values(CONTENT_TYPES).map((type) => type.split(';')[0] ?? type))],
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { format } = request.query;
      const campaign = await ctx.campaigns.facts(id);
      if (!campaign) throw notFound('campaign', id);
      if (format === 'dpo' && !DPO_TYPES.includes(campaign.settings.type)) {
        const message = `The format dpo is for campaigns of type ${DPO_TYPES.join(' or ')}; this one is of type ${campaign.settings.type}.`;
        throw new QuorateError('invalid_input', message, { field: 'format' });
      }
      const extension = format === 'dpo' ? 'dpo.jsonl' : format;
      const pieces = piecesOf(format, campaign, {
        decisions: decidedBatches(ctx.db, id),
        byModel: modelLabelBatches(ctx.db, id),
      });
      return reply
        .type(CONTENT_TYPES[format])
        .header('content-disposition', `attachment; filename="quorate-${id}.${extension}"`)
        .send(Readable.from(pieces, { objectMode: false }));
    },
  );
}

interface Batches {
  readonly decisions: AsyncIterable<ExportRow[]>;
  readonly byModel: AsyncIterable<ModelLabelRow[]>;
}

function piecesOf(format: Format, campaign: CampaignFacts, batches: Batches) {
  switch (format) {
    case 'jsonl':
      return jsonLines(records(campaign, batches));
    case 'csv':
      return csvLines(records(campaign, batches));
    case 'parquet':
      return parquetChunks(records(campaign, batches));
    case 'dpo':
      return dpoLines(campaign, batches.decisions);
  }
}

async function* records(campaign: CampaignFacts, batches: Batches): AsyncGenerator<ExportRecord[]> {
  const { type, settings } = campaign;
  const record = (task: DecidedTask) => exportRecord(type, settings.config, task);
  for await (const batch of batches.decisions) yield batch.map((row) => record(decided(row)));
  for await (const batch of batches.byModel) yield batch.map((row) => record(labeledByModel(row)));
}

async function* jsonLines(batches: AsyncIterable<readonly unknown[]>): AsyncGenerator<string> {
  for await (const batch of batches) yield batch.map((record) => `${JSON.stringify(record)}\n`).join('');
}

async function* csvLines(batches: AsyncIterable<readonly ExportRecord[]>): AsyncGenerator<string> {
  let columns: string[] | undefined;
  for await (const batch of batches) {
    if (!columns) {
      columns = columnsOf(batch);
      yield csvLine(columns);
    }
    const named = columns;
    yield batch.map((record) => csvLine(cellsOf(record, named))).join('');
  }
  if (!columns) yield csvLine(columnsOf([]));
}

async function* dpoLines(campaign: CampaignFacts, batches: AsyncIterable<ExportRow[]>): AsyncGenerator<string> {
  const { type, settings } = campaign;
  for await (const batch of batches) {
    const triples = batch.flatMap((row) => dpoRecords(type, settings.config, decided(row)));
    const text = triples.map((triple) => `${JSON.stringify(triple)}\n`);
    if (text.length > 0) yield text.join('');
  }
}

function decided(row: ExportRow): DecidedTask {
  const { costMicros, decidedAt, bytes: _, ...rest } = row;
  return { ...rest, provenance: 'annotators', costUsd: formatUsd(costMicros), decidedAt: decidedAt.toISOString() };
}

function labeledByModel({ key, label, confidence, payload, createdAt }: ModelLabelRow): DecidedTask {
  return {
    ...{ key, label, confidence, payload },
    ...{ taskId: null, provenance: 'model', state: 'decided', method: 'model', revision: 1, policyVersion: null },
    costUsd: formatUsd(0n),
    decidedAt: createdAt.toISOString(),
    evidence: null,
  };
}

import { z } from 'zod';
import { findCampaign } from '../../db/queries/campaigns.ts';
import { itemsOf } from '../../db/queries/selection.ts';
import { QuorateError } from '../../domain/failures.ts';
import type { SelectionPreview } from '../../domain/learning/preview.ts';
import { type CampaignSettings, STRATEGIES } from '../../domain/settings.ts';
import { getTaskType } from '../../domain/tasks/index.ts';
import type { AnyTaskType } from '../../domain/tasks/task-type.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import { idParams } from '../schemas.ts';

const MAX_PREVIEWED = 100;
const MAX_TEXT = 300;
const OPEN = ['draft', 'running', 'paused'];

const bodySchema = z.strictObject({
  strategy: z.enum(STRATEGIES).optional().describe("By default the campaign's own"),
  count: z.number().int().min(1).max(MAX_PREVIEWED).default(25),
  round: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('One of the last ten rounds: its choice is made again, from what is stored of it, by its own strategy'),
});

const answerSchema = z.object({
  strategy: z.enum(STRATEGIES),
  round: z.int().describe('The round that would choose them, or has'),
  byModel: z.boolean().describe('False where no model played a part, as before the first labels'),
  again: z
    .object({ tasks: z.int(), same: z.int() })
    .nullable()
    .describe('Of a round chosen again: its tasks, and those that came out the same, score by score'),
  items: z.array(
    z.object({
      itemId: z.uuid(),
      key: z.string(),
      text: z.string().describe('The beginning of what the item shows'),
      selection: z
        .record(z.string(), z.unknown())
        .describe('What would be stored with the item if it were chosen now: the parts of its score'),
    }),
  ),
});

/** What a strategy would choose next: nothing is chosen, reserved or stored. */
export function selectionPreviewRoutes(app: App, ctx: Context): void {
  app.post(
    '/v1/campaigns/:id/selection/preview',
    {
      schema: {
        tags: ['campaigns'],
        summary: 'What a strategy would choose next, or a round has chosen, and why; changes nothing',
        params: idParams,
        body: bodySchema.optional(),
        response: { 200: answerSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const campaign = await findCampaign(ctx.db, id);
      if (!campaign) throw notFound('campaign', id);
      const { strategy, count, round } = request.body ?? bodySchema.parse({});
      if (round !== undefined && strategy !== undefined) {
        const message = 'strategy: a round is chosen again by its own strategy; leave strategy or round out.';
        throw new QuorateError('invalid_input', message, { field: 'strategy' });
      }
      if (round === undefined && !OPEN.includes(campaign.state)) {
        throw new QuorateError(
          'campaign_closed',
          `The campaign ${campaign.name} is ${campaign.state}; it chooses no more.`,
        );
      }
      const preview = await ctx.workflows.previewSelection({
        campaignId: id,
        count,
        ...(strategy === undefined ? {} : { strategy }),
        ...(round === undefined ? {} : { round }),
      });
      return viewOf(ctx, preview, getTaskType((campaign.settings as CampaignSettings).type));
    },
  );
}

async function viewOf(
  { db }: Context,
  { strategy, round, chosen, again }: SelectionPreview,
  type: AnyTaskType,
): Promise<z.output<typeof answerSchema>> {
  const shown = await itemsOf(
    db,
    chosen.map(({ itemId }) => itemId),
  );
  return {
    strategy,
    round,
    again: again ?? null,
    byModel: chosen.some(({ selection }) => typeof selection.uncertainty === 'number'),
    items: chosen.flatMap(({ itemId, selection }) => {
      const item = shown.get(itemId);
      return item ? [{ itemId, key: item.key, text: textOf(type, item.payload), selection }] : [];
    }),
  };
}

function textOf(type: AnyTaskType, payload: unknown): string {
  const read = type.features(payload);
  const text = typeof read === 'string' ? read : read.join('\n');
  return [...text.slice(0, 2 * MAX_TEXT)].slice(0, MAX_TEXT).join('');
}

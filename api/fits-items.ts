import { goldsOf, hasItems } from '../db/queries/items.ts';
import { QuorateError } from '../domain/failures.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import { readLabel } from '../domain/tasks/read.ts';
import type { Context } from './context.ts';
import { dimsOf } from './item-reader.ts';

const PAGE = 1000;

/** Why known answers of the items no longer fit what is asked; undefined where all do. */
export async function goldFault(
  { db }: Context,
  campaignId: string,
  { type, config }: Pick<CampaignSettings, 'type' | 'config'>,
): Promise<string | undefined> {
  let after = '';
  for (;;) {
    const golds = await goldsOf(db, { campaignId, after, limit: PAGE });
    for (const { key, payload, label } of golds) {
      try {
        readLabel(getTaskType(type), config, label, payload);
      } catch (error) {
        if (!(error instanceof QuorateError)) throw error;
        return `config: the known answer of item ${key} does not fit it: ${error.message}`;
      }
    }
    after = golds.at(-1)?.key ?? '';
    if (golds.length < PAGE) return undefined;
  }
}

/** Throws where the items of a draft, as they were imported, do not fit what it is changed to. */
export async function refuseOtherItems(
  ctx: Context,
  id: string,
  before: CampaignSettings,
  after: CampaignSettings,
): Promise<void> {
  if (dimsOf(before) !== dimsOf(after) && (await hasItems(ctx.db, id))) {
    const message = 'features: its items are imported already, and their vectors with them; make a copy of it.';
    throw new QuorateError('conflict', message, { field: 'features' });
  }
  const fault = await goldFault(ctx, id, after);
  if (fault !== undefined) throw new QuorateError('conflict', fault, { field: 'config' });
}

import type { Db } from '../db/client.ts';
import { findCampaign } from '../db/queries/campaigns.ts';
import { lastRounds } from '../db/queries/progress.ts';
import { QuorateError } from '../domain/failures.ts';
import type { PreviewRequest, SelectionPreview } from '../domain/learning/preview.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { type BatchChooser, createChooser, seedOf } from './choose-batch.ts';
import { createFeatureStore } from './feature-store.ts';
import type { createOwnModel } from './own-model.ts';
import type { VectorOptions } from './vector-store.ts';

/**
 * What a strategy would choose next to teach the model, with the parts of each score. Changes nothing: by the campaign's
 * own strategy and as many items, a selection made now would choose the same. A draft learns its space anew each time,
 * as its pool may still grow.
 */
export function createSelectionPreview(
  db: Db,
  given: {
    readonly chooser: BatchChooser;
    readonly ownModel: ReturnType<typeof createOwnModel>;
    readonly access: VectorOptions;
  },
) {
  return async ({ campaignId, strategy, count }: PreviewRequest): Promise<SelectionPreview> => {
    const campaign = await findCampaign(db, campaignId);
    if (!campaign) throw new QuorateError('not_found', `There is no campaign ${campaignId}.`);
    const own = campaign.settings as CampaignSettings;
    const settings = strategy === undefined ? own : { ...own, strategy };
    const chooser =
      campaign.state === 'draft'
        ? createChooser({
            db,
            features: createFeatureStore(db, { ...given.access, store: false }),
            ownModel: given.ownModel,
          })
        : given.chooser;
    const round = ((await lastRounds(db, campaignId, 1)).at(-1)?.round ?? 0) + 1;
    const chosen = await chooser.training(campaignId, settings, count, seedOf(settings, campaignId, round));
    return { strategy: settings.strategy, round, chosen };
  };
}

import type { Db } from '../db/client.ts';
import { findCampaign } from '../db/queries/campaigns.ts';
import { chosenInRound, KEPT_ROUNDS, keptSelection } from '../db/queries/kept-selections.ts';
import { lastRounds } from '../db/queries/progress.ts';
import { canonicalJson } from '../domain/aggregation/canonical-json.ts';
import { QuorateError } from '../domain/failures.ts';
import { floatRows } from '../domain/learning/float-bytes.ts';
import type { PreviewRequest, SelectionPreview } from '../domain/learning/preview.ts';
import type { StrategyName } from '../domain/learning/strategy-names.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { type BatchChooser, type ChoiceInputs, createChooser, digestOf, seedOf } from './choose-batch.ts';
import { createFeatureStore } from './feature-store.ts';
import type { createOwnModel } from './own-model.ts';
import { storedModel } from './stored-model.ts';
import { whileWanted } from './threads/while-wanted.ts';
import type { VectorOptions } from './vector-store.ts';

/**
 * What a strategy would choose next to teach the model, with the parts of each score. Changes nothing: by the campaign's
 * own strategy and as many items, a selection made now would choose the same. A draft learns its space anew each time,
 * as its pool may still grow. With `round` it makes that round's choice again, from what is stored.
 */
export function createSelectionPreview(
  db: Db,
  given: {
    readonly chooser: BatchChooser;
    readonly ownModel: ReturnType<typeof createOwnModel>;
    readonly access: VectorOptions;
  },
) {
  return async (request: PreviewRequest): Promise<SelectionPreview> => {
    const { campaignId, strategy, count } = request;
    const campaign = await findCampaign(db, campaignId);
    if (!campaign) throw new QuorateError('not_found', `There is no campaign ${campaignId}.`);
    const own = campaign.settings as CampaignSettings;
    if (request.round !== undefined) return chooseAgain({ campaignId, count, round: request.round }, own);
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
    const { chosen } = await chooser.training(campaignId, settings, count, seedOf(settings, campaignId, round));
    return { strategy: settings.strategy, round, chosen };
  };

  async function chooseAgain(
    at: { campaignId: string; round: number; count: number },
    settings: CampaignSettings,
  ): Promise<SelectionPreview> {
    const { campaignId, round } = at;
    const kept = await keptSelection(db, at);
    if (!kept) {
      const message = `What round ${round} was chosen from is not kept; of a campaign the last ${KEPT_ROUNDS} rounds are.`;
      throw new QuorateError('not_found', message);
    }
    const { probabilities, modelRound, spaceVersion, note } = kept;
    const inputs: ChoiceInputs = {
      ...kept,
      strategy: kept.strategy as StrategyName,
      probabilities: probabilities ? floatRows([probabilities], probabilities.byteLength / 4) : undefined,
      fitted: modelRound === null ? undefined : await storedModel(db, campaignId, modelRound),
      spaceVersion: spaceVersion ?? undefined,
      note: note ?? undefined,
    };
    if (digestOf(inputs) !== kept.digest) {
      const message = `What is stored of round ${round} is not what it was chosen from; it cannot be chosen again.`;
      throw new QuorateError('conflict', message);
    }
    const choice = await given.chooser.choose(campaignId, settings, inputs, whileWanted());
    if ('unavailable' in choice) {
      throw new QuorateError('unavailable', `Round ${round} was chosen by vectors, and now ${choice.unavailable}.`);
    }
    const again = new Map(choice.chosen.map((each) => [each.itemId, canonicalJson(each.selection)]));
    const tasks = await chosenInRound(db, at);
    const same = tasks.filter(({ itemId, selection }) => again.get(itemId) === canonicalJson(selection)).length;
    return {
      strategy: inputs.strategy,
      round,
      chosen: choice.chosen.slice(0, at.count),
      again: { tasks: tasks.length, same },
    };
  }
}

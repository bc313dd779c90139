import { answersOf, classProbabilities, modelAnswers } from '../domain/learning/campaign-model.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import type { createFeatureStore } from './feature-store.ts';
import type { createOwnModel } from './own-model.ts';
import type { CampaignModel } from './stored-model.ts';
import type { Wanted } from './threads/apart.ts';
import { unlessUnavailable } from './vector-store.ts';

/** What a campaign's model says of items; undefined where it cannot be heard, or has nothing to say. */
export interface CampaignJudge {
  /** In the terms of the task type's `modelLabel`. */
  answersOf(ids: readonly string[]): Promise<readonly (string | number)[] | undefined>;
  /** Items x classes. */
  probabilitiesOf(ids: readonly string[]): Promise<Float64Array | undefined>;
}

export type CampaignJudges = ReturnType<typeof createCampaignJudge>;

/** The requester's own model where there is one, else the campaign's; undefined where there is neither. */
export function createCampaignJudge(given: {
  readonly features: ReturnType<typeof createFeatureStore>;
  readonly ownModel: ReturnType<typeof createOwnModel>;
}) {
  const { features, ownModel } = given;
  return (
    campaignId: string,
    settings: CampaignSettings,
    fitted: CampaignModel | undefined,
    wanted: Wanted,
  ): CampaignJudge | undefined => {
    const target = getTaskType(settings.type).modelTarget(settings.config);
    const own = ownModel(settings);
    if (own) {
      const probabilitiesOf = async (ids: readonly string[]) => {
        const told = await own(ids, wanted);
        return 'probabilities' in told ? told.probabilities : undefined;
      };
      const answers = async (ids: readonly string[]) => {
        const probabilities = await probabilitiesOf(ids);
        return probabilities && answersOf(target, probabilities);
      };
      return { probabilitiesOf, answersOf: answers };
    }
    if (!fitted) return undefined;
    const { model, spaceVersion } = fitted;
    const rowsOf = async (ids: readonly string[]) => {
      const rows = await unlessUnavailable(() => features.rowsOf({ campaignId, settings, spaceVersion }, ids, wanted));
      // A model from before the space was learnt speaks of other columns.
      return 'matrix' in rows && rows.matrix.cols === model.cols ? rows : undefined;
    };
    return {
      async answersOf(ids) {
        const rows = await rowsOf(ids);
        return rows && modelAnswers(target, rows, model);
      },
      async probabilitiesOf(ids) {
        const rows = await rowsOf(ids);
        return rows && classProbabilities(target, rows, model);
      },
    };
  };
}

import type { Db } from '../db/client.ts';
import { loadModel } from '../db/queries/selection.ts';
import { decodeModel, type LinearModel } from '../domain/learning/linear-model.ts';

/** A model with the version of its campaign's space whose columns it speaks of. */
export interface CampaignModel {
  readonly model: LinearModel;
  readonly spaceVersion: number;
}

/** A model as it is stored. */
export interface StoredModel extends CampaignModel {
  /** The round after which it was fitted. */
  readonly round: number;
  readonly bytes: Uint8Array;
}

/** The model of a campaign that was fitted after a round, by default the newest; undefined where there is none. */
export async function storedModel(db: Db, campaignId: string, round?: number): Promise<StoredModel | undefined> {
  const row = await loadModel(db, campaignId, round);
  if (!row) return undefined;
  const { model: bytes, spaceVersion } = row;
  return { round: row.round, bytes, model: decodeModel(bytes), spaceVersion };
}

import type { Db } from '../db/client.ts';
import { loadModel } from '../db/queries/selection.ts';
import { decodeModel, type LinearModel } from '../domain/learning/linear-model.ts';

/** A model with the version of its campaign's space whose columns it speaks of. */
export interface CampaignModel {
  readonly model: LinearModel;
  readonly spaceVersion: number;
}

/** The newest model of a campaign; undefined before the first fit. */
export async function newestModel(db: Db, campaignId: string): Promise<CampaignModel | undefined> {
  const row = await loadModel(db, campaignId);
  return row && { model: decodeModel(row.model), spaceVersion: row.spaceVersion };
}

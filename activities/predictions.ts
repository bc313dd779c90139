import type { Db } from '../db/client.ts';
import { findCampaign } from '../db/queries/campaigns.ts';
import { poolKeys } from '../db/queries/selection.ts';
import { modelAnswers } from '../domain/learning/campaign-model.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import { createFeatureStore } from './feature-store.ts';
import { storedModel } from './stored-model.ts';

export interface Prediction {
  /** The requester's key of the item. */
  readonly key: string;
  /** The model's class, its number on a scale, for pairs "a" or "b", for rankings the ranks as JSON. */
  readonly label: string | number;
}

const CHUNK = 1000;

/** What the campaign's newest model says about the items nobody has labeled; nothing when there is no model. */
export async function* predictPool(db: Db, campaignId: string): AsyncGenerator<Prediction> {
  const campaign = await findCampaign(db, campaignId);
  const newest = await storedModel(db, campaignId);
  if (!campaign || !newest) return;
  const settings = campaign.settings as CampaignSettings;
  const type = getTaskType(settings.type);
  const target = type.modelTarget(settings.config);
  const { model, spaceVersion } = newest;
  const features = createFeatureStore(db);
  const wanted = { alive: () => undefined };
  for await (const items of poolKeys(db, campaignId, CHUNK)) {
    const ids = items.map(({ id }) => id);
    const rows = await features.rowsOf({ campaignId, settings, spaceVersion }, ids, wanted);
    if (rows.matrix.cols !== model.cols) return;
    const answers = modelAnswers(target, rows, model);
    for (const [at, { key }] of items.entries()) {
      const answer = answers[at] ?? '';
      yield { key, label: target.kind === 'pair' ? (answer === 1 ? 'a' : 'b') : answer };
    }
  }
}

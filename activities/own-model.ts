import type { Db } from '../db/client.ts';
import { predictionsOf } from '../db/queries/predictions.ts';
import { itemsOf } from '../db/queries/selection.ts';
import { classNames } from '../domain/learning/targets.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import { askModel } from '../vendors/model-endpoint.ts';
import { allowedEndpoint, type EndpointAccess } from './endpoint-key.ts';
import type { Wanted } from './threads/apart.ts';

/** What the requester's own model says, or why it cannot be heard: labeling goes on without it then. */
export type OwnAnswer = { readonly probabilities: Float64Array } | { readonly unavailable: string };

/** The model that a campaign's requester runs, or whose predictions they imported; undefined where the campaign fits its own. */
export function createOwnModel(db: Db, access: EndpointAccess) {
  return (settings: CampaignSettings) => {
    if (!settings.model) return undefined;
    const classes = classNames(getTaskType(settings.type).modelTarget(settings.config));
    if ('predictions' in settings.model) return (ids: readonly string[]) => imported(db, ids, classes.length);
    const endpoint = settings.model.http;
    return async (ids: readonly string[], wanted: Wanted): Promise<OwnAnswer> => {
      const rows = await itemsOf(db, ids);
      const items = ids.map((id) => rows.get(id) ?? { key: '', payload: null });
      try {
        return { probabilities: await askModel(allowedEndpoint(endpoint, access), { classes, items }, wanted) };
      } catch (error) {
        wanted.signal?.throwIfAborted();
        return { unavailable: error instanceof Error ? error.message : String(error) };
      }
    };
  };
}

/** What was imported; of an item without a prediction, that any class is as likely. */
async function imported(db: Db, ids: readonly string[], classes: number): Promise<OwnAnswer> {
  const known = await predictionsOf(db, ids);
  if (known.size === 0 && ids.length > 0) return { unavailable: 'there are no predictions of these items' };
  const unsure = Array.from({ length: classes }, () => 1 / classes);
  return { probabilities: Float64Array.from(ids.flatMap((id) => known.get(id) ?? unsure)) };
}

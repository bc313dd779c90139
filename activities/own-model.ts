import type { Db } from '../db/client.ts';
import { itemsOf } from '../db/queries/selection.ts';
import { classNames } from '../domain/learning/targets.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import { askModel } from '../vendors/model-endpoint.ts';
import type { Wanted } from './threads/apart.ts';

/** What the requester's own model says, or why it cannot be heard: labeling goes on without it then. */
export type OwnAnswer = { readonly probabilities: Float64Array } | { readonly unavailable: string };

/** The model that a campaign's requester runs; undefined where the campaign fits its own. */
export function createOwnModel(db: Db, hosts: readonly string[]) {
  return (settings: CampaignSettings) => {
    const endpoint = settings.model?.http;
    if (!endpoint) return undefined;
    const classes = classNames(getTaskType(settings.type).modelTarget(settings.config));
    return async (ids: readonly string[], wanted: Wanted): Promise<OwnAnswer> => {
      const { host } = new URL(endpoint.url);
      if (!hosts.includes(host)) return { unavailable: `${host} is not among QUORATE_MODEL_HOSTS` };
      const rows = await itemsOf(db, ids);
      const items = ids.map((id) => rows.get(id) ?? { key: '', payload: null });
      try {
        return { probabilities: await askModel(endpoint, { classes, items }, wanted) };
      } catch (error) {
        wanted.signal?.throwIfAborted();
        return { unavailable: error instanceof Error ? error.message : String(error) };
      }
    };
  };
}

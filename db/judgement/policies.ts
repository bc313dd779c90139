import { QuorateError } from '../../domain/failures.ts';
import type { CampaignSettings } from '../../domain/settings.ts';
import type { Db } from '../client.ts';
import { policySettings } from '../queries/campaigns.ts';

const KEPT = 500;

/** Reads the settings of a campaign's policy version; these never change, so they are kept in memory. */
export function createPolicyReader(db: Db) {
  const kept = new Map<string, CampaignSettings>();
  return async (campaignId: string, version: number): Promise<CampaignSettings> => {
    const key = `${campaignId}:${version}`;
    const known = kept.get(key);
    if (known) return known;
    // Stored by resolveSettings only, so this is what it returned.
    const settings = (await policySettings(db, { campaignId, version })) as CampaignSettings | undefined;
    if (!settings) throw new QuorateError('not_found', `Campaign ${campaignId} has no policy version ${version}.`);
    if (kept.size >= KEPT) kept.delete([...kept.keys()][0] ?? '');
    kept.set(key, settings);
    return settings;
  };
}

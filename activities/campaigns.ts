import * as campaigns from '../db/queries/campaigns.ts';
import { payOwed, setCap } from '../db/queries/money.ts';
import { campaignLeft } from '../db/queries/revivals.ts';
import { endedTasks } from '../db/queries/selection.ts';
import type { CampaignLeft, CampaignPolicy, StopReason, StopRules } from '../domain/campaign.ts';
import { isSame } from '../domain/campaign-change.ts';
import { QuorateError } from '../domain/failures.ts';
import { type CampaignSettings, campaignPolicyOf } from '../domain/settings.ts';
import { judgeAlone } from '../domain/vendors/capabilities.ts';
import type { Dependencies } from './dependencies.ts';
import { typedFailures } from './failures.ts';

/** What a campaign's workflow needs from the outside, but for learning. */
export function createCampaignActivities({ db, wake }: Dependencies) {
  const campaignOf = async (id: string): Promise<campaigns.CampaignRow> => {
    const campaign = await campaigns.findCampaign(db, id);
    if (!campaign) throw new QuorateError('not_found', `There is no campaign ${id}.`);
    return campaign;
  };

  // What the settings refuse is told to whoever changes them.
  return typedFailures(
    {
      /** What a campaign goes on from whose workflow is gone; undefined when it has ended. */
      campaignLeft: async (input: { campaignId: string }): Promise<CampaignLeft | undefined> =>
        campaignLeft(db, input.campaignId),

      async pauseCampaign(input: { campaignId: string }): Promise<void> {
        await campaigns.pauseCampaign(db, input.campaignId);
        wake();
      },

      async resumeCampaign(input: { campaignId: string; to: 'running' | 'stopping' }): Promise<void> {
        await campaigns.resumeCampaign(db, { id: input.campaignId, to: input.to });
        wake();
      },

      async markStopping(input: { campaignId: string; reason: string; cancelOpen: boolean }): Promise<void> {
        await campaigns.markStopping(db, { id: input.campaignId, reason: input.reason, cancelOpen: input.cancelOpen });
        wake();
      },

      /** Notes why the campaign chooses no more work, or that it does again. */
      async noteStop(input: { campaignId: string; reason: StopReason | null }): Promise<void> {
        await campaigns.noteStop(db, { id: input.campaignId, reason: input.reason });
      },

      /**
       * Ends the campaign; with tasks still open it does not, and returns these. Nor does one for want of items or money while
       * there are some: it is running again. (A workflow of an earlier version does not ask for that.)
       */
      async endCampaign(input: {
        campaignId: string;
        reason: string;
        unlessPoolGrew?: true;
      }): Promise<campaigns.Unfinished | undefined> {
        const { campaignId: id, reason, unlessPoolGrew = false } = input;
        return campaigns.markEnded(db, { id, reason, mayGoOn: unlessPoolGrew });
      },

      /** Sets the cap; pay that waited for money is paid first. */
      async setBudget(input: { campaignId: string; capMicros: string }): Promise<void> {
        await setCap(db, { campaignId: input.campaignId, capMicros: BigInt(input.capMicros) });
        await payOwed(db, input.campaignId);
      },

      /** Changes the redundancy of tasks chosen from now on. */
      async setRedundancy(input: {
        campaignId: string;
        redundancy: number;
        maxRedundancy: number | null;
      }): Promise<{ policyVersion: number }> {
        const campaign = await campaignOf(input.campaignId);
        const settings = campaign.settings as CampaignSettings;
        const { redundancy } = input;
        const maxRedundancy = Math.max(redundancy, input.maxRedundancy ?? redundancy);
        if (settings.redundancy === redundancy && settings.maxRedundancy === maxRedundancy) {
          return { policyVersion: campaign.policyVersion };
        }
        const alone = judgeAlone(settings.workforces, redundancy);
        if (alone !== undefined) throw new QuorateError('invalid_input', alone, { field: 'redundancy' });
        const changed = { ...settings, redundancy, maxRedundancy };
        const policyVersion = await campaigns.changeSettings(db, {
          id: campaign.id,
          settings: changed,
          key: campaign.policyVersion,
        });
        return { policyVersion };
      },

      /** Changes the rules by which the campaign stops by itself; the answer is what its workflow goes by from now on. */
      async setStopRules(input: {
        campaignId: string;
        stop: StopRules;
      }): Promise<{ policyVersion: number; policy: CampaignPolicy }> {
        const campaign = await campaignOf(input.campaignId);
        const { stop } = input;
        const settings = { ...(campaign.settings as CampaignSettings), stop };
        const policyVersion = isSame(settings, campaign.settings)
          ? campaign.policyVersion
          : await campaigns.changeSettings(db, { id: campaign.id, settings, key: campaign.policyVersion });
        return { policyVersion, policy: campaignPolicyOf(settings) };
      },

      /** Which of these tasks have ended: the net under lost settlement messages. */
      findEnded: async (input: { taskIds: readonly string[] }): Promise<string[]> => endedTasks(db, input.taskIds),
    },
    { bugs: [] },
  );
}

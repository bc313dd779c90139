import type { Db } from '../db/client.ts';
import { findCampaign, type OpenCampaign, openCampaigns } from '../db/queries/campaigns.ts';
import { BoundedMap } from '../domain/bounded-map.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import type { AnyTaskType } from '../domain/tasks/task-type.ts';
import { TimedCache } from './timed-cache.ts';

/** What answering needs to know of a campaign. */
export interface CampaignFacts {
  readonly id: string;
  readonly settings: CampaignSettings;
  readonly policyVersion: number;
  readonly type: AnyTaskType;
  readonly isDraft: boolean;
}

/** A campaign whose tasks are being offered. */
export type OfferedCampaign = OpenCampaign & CampaignFacts;

// A pause or a new campaign is noticed within this time; the lease statement itself never leases from a paused one.
const OPEN_MS = 500;
const FACTS_MS = 60_000;
const MAX_CAMPAIGNS = 1000;

/** Campaigns and their parsed settings, so that asking for work or submitting it does not read them each time. */
export class CampaignCache {
  readonly #db: Db;
  readonly #open: TimedCache<readonly OfferedCampaign[]>;
  readonly #byId: TimedCache<CampaignFacts | undefined>;
  /** Settings of open campaigns under one version; a version's settings never change. */
  readonly #versions = new BoundedMap<string, CampaignFacts>(MAX_CAMPAIGNS);

  constructor(db: Db, nowMs: () => number) {
    this.#db = db;
    this.#open = new TimedCache({ load: () => this.#loadOpen(), keepMs: OPEN_MS, limit: 1, ahead: true, nowMs });
    this.#byId = new TimedCache({ load: (id) => this.#load(id), keepMs: FACTS_MS, limit: MAX_CAMPAIGNS, nowMs });
  }

  /** Campaigns that offer tasks, oldest first. */
  open(): Promise<readonly OfferedCampaign[]> {
    return this.#open.get('');
  }

  /** Any campaign by id. Of a draft all but the type may change; of another the type and config never do, and the rest may be a minute old. */
  async facts(id: string): Promise<CampaignFacts | undefined> {
    const known = await this.#byId.get(id);
    return known?.isDraft ? this.#load(id) : known;
  }

  /** Makes the next reader see what was just changed through this process. */
  forget(id: string): void {
    this.#open.forget('');
    this.#byId.forget(id);
  }

  async #loadOpen(): Promise<readonly OfferedCampaign[]> {
    const offered: OfferedCampaign[] = [];
    for (const campaign of await openCampaigns(this.#db)) {
      const version = `${campaign.id} ${campaign.policyVersion} ${campaign.instructionsVersion}`;
      const facts = this.#versions.get(version) ?? (await this.#load(campaign.id));
      if (!facts) continue;
      this.#versions.set(version, facts);
      offered.push({ ...campaign, ...facts });
    }
    return offered;
  }

  async #load(id: string): Promise<CampaignFacts | undefined> {
    const row = await findCampaign(this.#db, id);
    if (!row) return undefined;
    const settings = row.settings as CampaignSettings;
    const isDraft = row.state === 'draft';
    return { id, settings, policyVersion: row.policyVersion, type: getTaskType(settings.type), isDraft };
  }
}

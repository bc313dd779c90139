import type { z } from 'zod';
import type { Db } from '../db/client.ts';
import { countEligible, earlyGoldsOf } from '../db/queries/annotators.ts';
import { type CampaignRow, findCampaign } from '../db/queries/campaigns.ts';
import { type AutoLabeling, autoLabelingOf } from '../db/queries/model-labels.ts';
import { budgetOf } from '../db/queries/money.ts';
import { lastRounds, newestAnswers, type RoundRow } from '../db/queries/progress.ts';
import { campaignCounts, type RoundProgress, roundProgress } from '../db/queries/tallies.ts';
import { CAMPAIGN_STATES, type CampaignState } from '../db/schema/states.ts';
import { taskAgreement } from '../domain/agreement/task-agreement.ts';
import { MAX_NEWCOMERS } from '../domain/feasibility.ts';
import { FORECAST_LABELS, forecastGain, forecastText, measuredPoints } from '../domain/learning/forecast.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import { TIERS, tierMeets } from '../domain/tiers.ts';
import type { campaignHeadSchema, campaignViewSchema, roundSchema } from './campaign-schema.ts';
import { notFound } from './problems.ts';
import { moment, money } from './schemas.ts';
import { TimedCache } from './timed-cache.ts';

export type CampaignView = z.output<typeof campaignViewSchema>;

const MAX_VIEWED = 500;
const MAX_ROUNDS = 200;
const MAX_ANSWERS = 20_000;
/** Of measuring agreement: well below a second, as it is done in the server's own thread. */
const EFFORT = 3e6;
const MAX_ELIGIBLE = 100_000;
// However often it is asked for, counting takes at most a twentieth of the time.
const SHARE = 20;

/** Campaigns as the API shows them. Counts are a second old at most, unless counting takes longer than that. */
export class CampaignViews {
  readonly #db: Db;
  readonly #counts: TimedCache<Awaited<ReturnType<typeof campaignCounts>>>;
  readonly #agreement: TimedCache<CampaignView['agreement']>;
  readonly #eligible: TimedCache<number>;
  readonly #early: TimedCache<Awaited<ReturnType<typeof earlyGoldsOf>>>;

  constructor(db: Db, nowMs: () => number) {
    this.#db = db;
    const kept = { limit: MAX_VIEWED, share: SHARE, nowMs };
    this.#counts = new TimedCache({ ...kept, keepMs: 1000, load: (key) => campaignCounts(db, idOf(key)) });
    this.#agreement = new TimedCache({ ...kept, keepMs: 5000, load: (key) => this.#measure(idOf(key)) });
    this.#eligible = new TimedCache({ ...kept, keepMs: 1000, load: (key) => this.#countEligible(idOf(key)) });
    this.#early = new TimedCache({ ...kept, keepMs: 1000, load: (id) => this.#countEarly(id) });
  }

  /** Undefined when there is no such campaign. */
  async view(id: string): Promise<CampaignView | undefined> {
    const row = await findCampaign(this.#db, id);
    if (!row) return undefined;
    const key = keyOf(id, row.state);
    const settings = row.settings as CampaignSettings;
    const [budget, rounds, counts, agreement, eligibleAnnotators, autoLabeling] = await Promise.all([
      budgetOf(this.#db, id),
      lastRounds(this.#db, id, MAX_ROUNDS),
      this.#counts.get(key),
      this.#agreement.get(key),
      this.#eligible.get(key),
      settings.autoLabel ? autoLabelingOf(this.#db, id) : undefined,
    ]);
    const progress = await roundProgress(this.#db, id, rounds[0]?.round ?? 0);
    const { modelLabels, ...shown } = counts;
    return {
      ...headOf(row),
      round: rounds.at(-1)?.round ?? 0,
      counts: shown,
      budget: {
        ...money('cap', budget.capMicros),
        ...money('reserved', budget.reservedMicros),
        ...money('spent', budget.spentMicros),
        ...money('free', budget.capMicros - budget.reservedMicros - budget.spentMicros),
      },
      rounds: rounds.map((each) => roundView(each, progress.get(each.round) ?? NO_TASKS)),
      forecast: forecastView(rounds),
      autoLabeling: autoLabeling ? autoLabelingView(autoLabeling, modelLabels) : null,
      agreement,
      eligibleAnnotators,
      settings: settingsView(settings),
    };
  }

  /** Who may work on a campaign, and what they have met of the golds of newcomers. */
  earlyGolds(id: string): ReturnType<typeof earlyGoldsOf> {
    return this.#early.get(id);
  }

  /** Makes the next view count again: something was just changed through this process. */
  forget(id: string): void {
    this.#early.forget(id);
    for (const state of CAMPAIGN_STATES) {
      this.#counts.forget(keyOf(id, state));
      this.#eligible.forget(keyOf(id, state));
    }
  }

  async #measure(id: string): Promise<CampaignView['agreement']> {
    const row = await findCampaign(this.#db, id);
    if (!row) throw notFound('campaign', id);
    const { type, config } = row.settings as CampaignSettings;
    const answers = await newestAnswers(this.#db, id, MAX_ANSWERS);
    const { alpha, undefinedBecause, byScale } = taskAgreement(getTaskType(type), config, answers, EFFORT);
    const scales = Object.entries(byScale).map(([name, value]) => [name, value ?? null]);
    return {
      metric: 'krippendorff_alpha',
      alpha: alpha ?? null,
      undefinedBecause: undefinedBecause ?? null,
      byScale: Object.fromEntries(scales),
      answers: answers.length,
    };
  }

  async #countEligible(id: string): Promise<number> {
    const row = await findCampaign(this.#db, id);
    return row ? countEligible(this.#db, eligibility(id, row.settings as CampaignSettings)) : 0;
  }

  async #countEarly(id: string): ReturnType<typeof earlyGoldsOf> {
    const row = await findCampaign(this.#db, id);
    const settings = row?.settings as CampaignSettings | undefined;
    if (!settings || settings.goldRatio === 0) return { annotators: 0, met: 0 };
    const query = { ...eligibility(id, settings), limit: MAX_NEWCOMERS };
    return earlyGoldsOf(this.#db, { ...query, floor: settings.goldFloor });
  }
}

// With the state in the key, a campaign that has just ended is counted once more.
const keyOf = (id: string, state: CampaignState) => `${id} ${state}`;
const idOf = (key: string) => key.split(' ')[0] ?? '';

/** Which annotators may work on a campaign. */
export function eligibility(campaignId: string, settings: Pick<CampaignSettings, 'tier' | 'workforces' | 'language'>) {
  return { campaignId, ...eligibleBy(settings) };
}

/** Which annotators such settings let work. */
export function eligibleBy({ tier, workforces, language }: Pick<CampaignSettings, 'tier' | 'workforces' | 'language'>) {
  return { workforces, language, tiers: TIERS.filter((each) => tierMeets(each, tier)), limit: MAX_ELIGIBLE };
}

/** What a campaign says of itself in a list. */
export function headOf(row: CampaignRow): z.output<typeof campaignHeadSchema> {
  const { type, strategy, tier } = row.settings as CampaignSettings;
  const { id, name, state, stopReason, simulated, policyVersion } = row;
  return {
    ...{ id, name, type, strategy, tier, state, stopReason, simulated, policyVersion },
    createdAt: moment(row.createdAt),
    startedAt: moment(row.startedAt),
    pausedAt: moment(row.pausedAt),
    endedAt: moment(row.endedAt),
  };
}

const NO_TASKS: RoundProgress = { open: 0, adjudicating: 0, decided: 0, adjudicated: 0, unresolved: 0, cancelled: 0 };

function roundView(row: RoundRow, progress: RoundProgress): z.output<typeof roundSchema> {
  const { round, state, strategy, trainedOn, heldOutOn, heldOutAccuracy, heldOutLow, heldOutHigh, heldOutCount } = row;
  const spent = row.spentMicros === null ? { spentUsd: null, spentMicros: null } : money('spent', row.spentMicros);
  return {
    ...{ round, state, strategy, trainedOn },
    // Rounds from before the model was fitted on a sample of very many do not tell.
    labels: row.labels ?? trainedOn,
    tasks: row.taskCount,
    progress,
    ...money('reserved', row.reservedMicros),
    ...spent,
    heldOut:
      heldOutAccuracy === null
        ? null
        : {
            on: heldOutOn ?? 'gold',
            accuracy: heldOutAccuracy,
            low: heldOutLow ?? 0,
            high: heldOutHigh ?? 1,
            count: heldOutCount ?? 0,
            leftOut: row.heldOutLeftOut,
          },
    selectedAt: moment(row.selectedAt),
    fittedAt: moment(row.fittedAt),
  };
}

/** What another `FORECAST_LABELS` labels would gain, by the rounds that were measured. */
function forecastView(rounds: readonly RoundRow[]): CampaignView['forecast'] {
  const forecast = forecastGain(measuredPoints(rounds), FORECAST_LABELS);
  if (!forecast) return null;
  const { labels, gain, margin } = forecast;
  return { labels, gainPoints: 100 * gain, marginPoints: 100 * margin, text: forecastText(forecast) };
}

function autoLabelingView({ right, ...state }: AutoLabeling, labels: number) {
  return { ...state, agreed: right, labels };
}

function settingsView({ priceMicros, hourlyMicros, ...settings }: CampaignSettings): Record<string, unknown> {
  const hourly = hourlyMicros === undefined ? {} : money('hourly', BigInt(hourlyMicros));
  return { ...settings, ...money('price', BigInt(priceMicros)), ...hourly };
}

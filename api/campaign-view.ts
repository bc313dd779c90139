import { z } from 'zod';
import type { Db } from '../db/client.ts';
import { countEligible } from '../db/queries/annotators.ts';
import { type CampaignRow, campaignCounts, findCampaign } from '../db/queries/campaigns.ts';
import { budgetOf } from '../db/queries/money.ts';
import { lastRounds, newestAnswers, type RoundRow } from '../db/queries/progress.ts';
import { CAMPAIGN_STATES } from '../db/schema/states.ts';
import { taskAgreement } from '../domain/agreement/task-agreement.ts';
import { STRATEGIES, type CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import { TASK_TYPE_NAMES } from '../domain/tasks/task-type.ts';
import { TIERS, tierMeets } from '../domain/tiers.ts';
import { microsSchema, moment, momentSchema, money, usdSchema } from './schemas.ts';
import { TimedCache } from './timed-cache.ts';

const headShape = {
  id: z.uuid(),
  name: z.string(),
  type: z.enum(TASK_TYPE_NAMES),
  strategy: z.enum(STRATEGIES),
  tier: z.enum(TIERS),
  state: z.enum(CAMPAIGN_STATES),
  stopReason: z.string().nullable(),
  simulated: z.boolean().describe('The answers come from a simulated crowd'),
  policyVersion: z.int(),
  createdAt: momentSchema,
  startedAt: momentSchema.nullable(),
  pausedAt: momentSchema.nullable(),
  endedAt: momentSchema.nullable(),
};

export const campaignHeadSchema = z.object(headShape);

const roundSchema = z.object({
  round: z.int(),
  state: z.enum(['selected', 'fitted']),
  strategy: z.string(),
  tasks: z.int(),
  reservedUsd: usdSchema,
  reservedMicros: microsSchema,
  spentUsd: usdSchema.nullable(),
  spentMicros: microsSchema.nullable(),
  trainedOn: z.int().nullable(),
  heldOut: z
    .object({ accuracy: z.number(), low: z.number(), high: z.number(), count: z.int() })
    .nullable()
    .describe('Accuracy of the model on gold items it was not trained on, with its 95% interval'),
  selectedAt: momentSchema,
  fittedAt: momentSchema.nullable(),
});

export const campaignViewSchema = z.object({
  ...headShape,
  round: z.int(),
  counts: z.object({
    pool: z.int(),
    gold: z.int(),
    tasksOpen: z.int(),
    tasksDecided: z.int(),
    tasksUnresolved: z.int(),
    tasksCancelled: z.int(),
    annotations: z.int(),
    goldAnnotations: z.int(),
    expiredLeases: z.int(),
    windowsElapsed: z.int(),
  }),
  budget: z.object({
    capUsd: usdSchema,
    capMicros: microsSchema,
    reservedUsd: usdSchema,
    reservedMicros: microsSchema,
    spentUsd: usdSchema,
    spentMicros: microsSchema,
    freeUsd: usdSchema,
    freeMicros: microsSchema,
  }),
  rounds: z.array(roundSchema).describe('The last 200, oldest first'),
  agreement: z
    .object({
      metric: z.literal('krippendorff_alpha'),
      alpha: z.number().nullable(),
      byScale: z.record(z.string(), z.number().nullable()),
      answers: z.int().describe('How many of the newest answers it is measured on'),
    })
    .describe('Agreement of the counted answers to work; gold is left out'),
  eligibleAnnotators: z.int(),
  settings: z.record(z.string(), z.unknown()),
});

export type CampaignView = z.output<typeof campaignViewSchema>;

const MAX_VIEWED = 500;
const MAX_ROUNDS = 200;
const MAX_ANSWERS = 20_000;
const MAX_ELIGIBLE = 100_000;
// However often it is asked for, counting takes at most a twentieth of the time.
const SHARE = 20;

/** Campaigns as the API shows them. Counts are a second old at most, unless counting takes longer than that. */
export class CampaignViews {
  readonly #db: Db;
  readonly #counts: TimedCache<Awaited<ReturnType<typeof campaignCounts>>>;
  readonly #agreement: TimedCache<CampaignView['agreement']>;
  readonly #eligible: TimedCache<number>;

  constructor(db: Db, nowMs: () => number) {
    this.#db = db;
    const kept = { limit: MAX_VIEWED, share: SHARE, nowMs };
    this.#counts = new TimedCache({ ...kept, keepMs: 1000, load: (id) => campaignCounts(db, id) });
    this.#agreement = new TimedCache({ ...kept, keepMs: 5000, load: (id) => this.#measure(id) });
    this.#eligible = new TimedCache({ ...kept, keepMs: 1000, load: (id) => this.#countEligible(id) });
  }

  /** Undefined when there is no such campaign. */
  async view(id: string): Promise<CampaignView | undefined> {
    const row = await findCampaign(this.#db, id);
    if (!row) return undefined;
    const [budget, rounds, counts, agreement, eligibleAnnotators] = await Promise.all([
      budgetOf(this.#db, id),
      lastRounds(this.#db, id, MAX_ROUNDS),
      this.#counts.get(id),
      this.#agreement.get(id),
      this.#eligible.get(id),
    ]);
    return {
      ...headOf(row),
      round: rounds.at(-1)?.round ?? 0,
      counts,
      budget: {
        ...money('cap', budget.capMicros),
        ...money('reserved', budget.reservedMicros),
        ...money('spent', budget.spentMicros),
        ...money('free', budget.capMicros - budget.reservedMicros - budget.spentMicros),
      },
      rounds: rounds.map(roundView),
      agreement,
      eligibleAnnotators,
      settings: settingsView(row.settings as CampaignSettings),
    };
  }

  /** Makes the next view count again: something was just changed through this process. */
  forget(id: string): void {
    this.#counts.forget(id);
    this.#eligible.forget(id);
  }

  async #measure(id: string): Promise<CampaignView['agreement']> {
    const row = await findCampaign(this.#db, id);
    const { type, config } = row?.settings as CampaignSettings;
    const answers = await newestAnswers(this.#db, id, MAX_ANSWERS);
    const { alpha, byScale } = taskAgreement(getTaskType(type), config, answers);
    const scales = Object.entries(byScale).map(([name, value]) => [name, value ?? null]);
    return {
      metric: 'krippendorff_alpha',
      alpha: alpha ?? null,
      byScale: Object.fromEntries(scales),
      answers: answers.length,
    };
  }

  async #countEligible(id: string): Promise<number> {
    const row = await findCampaign(this.#db, id);
    return row ? countEligible(this.#db, eligibility(row.settings as CampaignSettings)) : 0;
  }
}

/** Which annotators may work on a campaign. */
export function eligibility({ tier, workforces }: Pick<CampaignSettings, 'tier' | 'workforces'>) {
  return { workforces, tiers: TIERS.filter((each) => tierMeets(each, tier)), limit: MAX_ELIGIBLE };
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

function roundView(row: RoundRow): z.output<typeof roundSchema> {
  const { round, state, strategy, trainedOn, heldOutAccuracy, heldOutLow, heldOutHigh, heldOutCount } = row;
  const spent =
    row.spentMicros === null ? { spentUsd: null, spentMicros: null } : money('spent', row.spentMicros);
  return {
    ...{ round, state, strategy, trainedOn },
    tasks: row.taskCount,
    ...money('reserved', row.reservedMicros),
    ...spent,
    heldOut:
      heldOutAccuracy === null
        ? null
        : { accuracy: heldOutAccuracy, low: heldOutLow ?? 0, high: heldOutHigh ?? 1, count: heldOutCount ?? 0 },
    selectedAt: moment(row.selectedAt),
    fittedAt: moment(row.fittedAt),
  };
}

function settingsView({ priceMicros, ...settings }: CampaignSettings): Record<string, unknown> {
  return { ...settings, ...money('price', BigInt(priceMicros)) };
}

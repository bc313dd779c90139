import type { TaskType } from '../api/types';
import { fieldsOf, listOf, numberOf, textOf, textsOf } from '../forms/read';

export const TIERS = ['crowd', 'trained', 'expert', 'domain_specialist'] as const;
export const STRATEGIES = ['combined', 'uncertainty', 'diversity', 'expected_change', 'badge', 'random'] as const;
export const STEPS = ['raise_priority', 'raise_pay', 'widen_tier', 'next_workforce', 'adjudicate', 'give_up'] as const;

export type Tier = (typeof TIERS)[number];
export type Strategy = (typeof STRATEGIES)[number];
export type Step = (typeof STEPS)[number];

/** A campaign as it is being made: what the page's fields hold. */
export interface Settings {
  readonly name: string;
  readonly type: TaskType;
  readonly config: Readonly<Record<string, unknown>>;
  readonly instructions: string;
  readonly tier: Tier;
  readonly redundancyPolicy: 'fixed' | 'adaptive';
  readonly redundancy: number;
  readonly maxRedundancy: number;
  readonly onDisagreement: 'accept' | 'extend' | 'adjudicate';
  readonly whenContested: 'accept' | 'adjudicate' | 'unresolved';
  /** Percent; empty for the default. */
  readonly minConfidence: number | null;
  readonly goldPercent: number;
  readonly strategy: Strategy;
  readonly budgetUsd: string;
  /** Empty for the tier's usual pay. */
  readonly priceUsd: string;
  readonly workforces: readonly string[];
  readonly leaseMinutes: number;
  readonly windowHours: number;
  readonly escalation: readonly Step[];
  /** Krippendorff's alpha below which the campaign pauses by itself; null for never. */
  readonly pauseBelow: number | null;
}

export const START_CONFIG: Readonly<Record<TaskType, Readonly<Record<string, unknown>>>> = {
  classification: { labels: [] },
  likert: { min: 1, max: 5, criteria: [{ name: 'quality' }] },
  pairwise: { allowTie: true, allowBothBad: true },
  preference_ranking: { allowTies: true, allowPartial: false },
  span: { labels: [], allowOverlap: true },
  free_text: { minLength: 1, maxLength: 1000 },
  dialog: { roles: ['assistant'], overall: { choices: ['pass', 'fail'] } },
};

export const START: Settings = {
  name: '',
  type: 'classification',
  config: START_CONFIG.classification,
  instructions: '',
  tier: 'crowd',
  redundancyPolicy: 'fixed',
  redundancy: 3,
  maxRedundancy: 5,
  onDisagreement: 'extend',
  whenContested: 'accept',
  minConfidence: null,
  goldPercent: 5,
  strategy: 'combined',
  budgetUsd: '100',
  priceUsd: '',
  workforces: ['internal'],
  leaseMinutes: 30,
  windowHours: 72,
  escalation: ['raise_priority', 'widen_tier', 'give_up'],
  pauseBelow: 0.6,
};

const HOUR_MS = 3_600_000;
const RAISE_PAY_BY = 0.25;

/** The body of `POST /v1/campaigns`. */
export function bodyOf(settings: Settings) {
  const { goldPercent, minConfidence, leaseMinutes, windowHours, escalation, priceUsd, maxRedundancy, name } = settings;
  const { redundancyPolicy, redundancy, onDisagreement, workforces, ...rest } = settings;
  const adaptive = redundancyPolicy === 'adaptive';
  const extends_ = adaptive || onDisagreement === 'extend';
  return {
    type: rest.type,
    config: rest.config,
    instructions: rest.instructions,
    tier: rest.tier,
    strategy: rest.strategy,
    budgetUsd: rest.budgetUsd,
    whenContested: rest.whenContested,
    name: name.trim(),
    redundancyPolicy,
    redundancy,
    ...(adaptive ? {} : { onDisagreement }),
    ...(extends_ ? { maxRedundancy: Math.max(redundancy, maxRedundancy) } : {}),
    ...(minConfidence === null ? {} : { minConfidence: minConfidence / 100 }),
    goldRatio: goldPercent / 100,
    workforces: [...workforces],
    leaseMs: Math.round(leaseMinutes * 60_000),
    windowMs: Math.round(windowHours * HOUR_MS),
    agreementWatch: rest.pauseBelow === null ? null : { pauseBelow: rest.pauseBelow },
    escalation: escalation.map((step) => (step === 'raise_pay' ? { step, by: RAISE_PAY_BY } : { step })),
    ...(priceUsd.trim() === '' ? {} : { priceUsd: priceUsd.trim() }),
  };
}

/** An old campaign's settings, to begin a new one with. */
export function settingsOf(campaign: { name: string; budget: { capUsd: string }; settings: unknown }): Settings {
  const old = fieldsOf(campaign.settings);
  const pick = <T extends string>(value: unknown, of: readonly T[], otherwise: T): T =>
    of.find((each) => each === value) ?? otherwise;
  const steps = listOf(old.escalation).map((each) => pick(fieldsOf(each).step, STEPS, 'give_up'));
  const type = pick(old.type, Object.keys(START_CONFIG) as TaskType[], START.type);
  const redundancy = numberOf(old.redundancy, START.redundancy);
  return {
    name: `${campaign.name} (copy)`.slice(0, 200),
    type,
    config: fieldsOf(old.config),
    instructions: textOf(old.instructions) ?? '',
    tier: pick(old.tier, TIERS, START.tier),
    redundancyPolicy: pick(old.redundancyPolicy, ['fixed', 'adaptive'], 'fixed'),
    redundancy,
    maxRedundancy: numberOf(old.maxRedundancy, redundancy),
    onDisagreement: pick(old.onDisagreement, ['accept', 'extend', 'adjudicate'], 'accept'),
    whenContested: pick(old.whenContested, ['accept', 'adjudicate', 'unresolved'], 'accept'),
    minConfidence: Math.round(100 * numberOf(old.minConfidence, 0.6)),
    goldPercent: 100 * numberOf(old.goldRatio, 0.05),
    strategy: pick(old.strategy, STRATEGIES, START.strategy),
    budgetUsd: campaign.budget.capUsd,
    priceUsd: textOf(old.priceUsd) ?? '',
    workforces: textsOf(old.workforces),
    leaseMinutes: numberOf(old.leaseMs, 1_800_000) / 60_000,
    windowHours: numberOf(old.windowMs, 72 * HOUR_MS) / HOUR_MS,
    escalation: steps,
    pauseBelow: old.agreementWatch === null ? null : numberOf(fieldsOf(old.agreementWatch).pauseBelow, 0.6),
  };
}

/** What is missing before the campaign can be made, in words. */
export function settingsFault({ name, type, config, budgetUsd }: Settings): string | undefined {
  if (name.trim() === '') return 'Give the campaign a name.';
  const labels = textsOf(config.labels).length;
  if (type === 'classification' && labels < 2) return 'Name at least two labels.';
  if (type === 'span' && labels < 1) return 'Name at least one label.';
  if (!(Number(budgetUsd) > 0)) return 'Set a budget in dollars.';
  return undefined;
}

import type { TaskType } from '../api/types';
import { fieldsOf, listOf, numberOf, textOf, textsOf } from '../forms/read';
import { filled } from '../ui/filled';

export const TIERS = ['crowd', 'trained', 'expert', 'domain_specialist'] as const;
export const STRATEGIES = [
  'combined',
  'uncertainty',
  'entropy',
  'least_confidence',
  'diversity',
  'kmeans++',
  'expected_change',
  'badge',
  'random',
] as const;
export const STEPS = ['raise_priority', 'raise_pay', 'widen_tier', 'next_workforce', 'adjudicate', 'give_up'] as const;

export type Tier = (typeof TIERS)[number];
export type Strategy = (typeof STRATEGIES)[number];
export type Step = (typeof STEPS)[number];

export interface EscalationStep {
  readonly step: Step;
  /** Of `raise_pay`: by which share; otherwise, and where it was just added, `RAISE_PAY_BY`. */
  readonly by?: number;
}

/** A campaign as it is being made: what the page's fields hold. */
export interface Settings {
  readonly name: string;
  readonly type: TaskType;
  readonly config: Readonly<Record<string, unknown>>;
  readonly instructions: string;
  readonly tier: Tier;
  readonly redundancyPolicy: 'fixed' | 'adaptive';
  /** Null, here and below, while a field is empty that must not be. */
  readonly redundancy: number | null;
  readonly maxRedundancy: number | null;
  readonly onDisagreement: 'accept' | 'extend' | 'adjudicate';
  readonly whenContested: 'accept' | 'adjudicate' | 'unresolved';
  /** Percent; empty for the default. */
  readonly minConfidence: number | null;
  readonly goldPercent: number | null;
  readonly strategy: Strategy;
  /** Whether contested items are asked about again in place of new ones, and up to how many answers each. */
  readonly relabels: boolean;
  readonly relabelMost: number | null;
  readonly budgetUsd: string;
  /** Empty for the tier's usual pay. */
  readonly priceUsd: string;
  /** Pay of a focused hour; empty where an answer pays its price. */
  readonly hourlyUsd: string;
  readonly workforces: readonly string[];
  readonly leaseMinutes: number | null;
  readonly windowHours: number | null;
  readonly escalation: readonly EscalationStep[];
  /** BCP 47 tag of whoever is offered it; empty for everybody. */
  readonly language: string;
  /** How long the rejection of a vendor's answer waits; empty for the default. */
  readonly rejectionDays: number | null;
  /** Most answers of one annotator in a day; null for no limit. */
  readonly dailyLimit: number | null;
  /** Most items of one group that one annotator is given; null for no limit. */
  readonly maxPerGroup: number | null;
  /** Whether the campaign pauses by itself, and below which of Krippendorff's alpha. */
  readonly pauses: boolean;
  readonly pauseBelow: number | null;
  /** Of these and those below null is no such rule, or the default. */
  readonly stopTasks: number | null;
  readonly stopAccuracyPercent: number | null;
  readonly stopPlateauRounds: number | null;
  readonly stopPlateauPoints: number | null;
  readonly stopPointsPerUsd: number | null;
  /** As a field for a local time has it; empty for none. */
  readonly stopDeadline: string;
  readonly mode: 'streaming' | 'rounds';
  readonly batchSize: number | null;
  readonly maxLeases: number | null;
  readonly goldFloor: number | null;
  readonly repeatPercent: number | null;
  readonly evaluationPercent: number | null;
  readonly autoLabelPercent: number | null;
  readonly calibrates: boolean;
  readonly paysLate: boolean;
  /** What else the API takes, as JSON. */
  readonly further: string;
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
  relabels: false,
  relabelMost: 9,
  budgetUsd: '100',
  priceUsd: '',
  hourlyUsd: '',
  workforces: ['internal'],
  leaseMinutes: 30,
  windowHours: 72,
  escalation: [{ step: 'raise_priority' }, { step: 'widen_tier' }, { step: 'give_up' }],
  language: '',
  rejectionDays: null,
  dailyLimit: null,
  maxPerGroup: null,
  pauses: true,
  pauseBelow: 0.6,
  stopTasks: null,
  stopAccuracyPercent: null,
  stopPlateauRounds: null,
  stopPlateauPoints: 1,
  stopPointsPerUsd: null,
  stopDeadline: '',
  mode: 'streaming',
  batchSize: null,
  maxLeases: null,
  goldFloor: null,
  repeatPercent: null,
  evaluationPercent: null,
  autoLabelPercent: null,
  calibrates: false,
  paysLate: true,
  further: '',
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const RAISE_PAY_BY = 0.25;
/** Workforces that are outside ones; any other name is a pool of one's own people. Judges are neither. */
export const VENDORS: readonly string[] = ['http_vendor', 'scale_ai', 'surge_ai', 'prolific', 'mturk', 'labelbox'];

/** A body of `POST /v1/campaigns`. */
export type Body = Readonly<Record<string, unknown>>;

/** What the page's fields say, whatever the campaign it is a copy of had. */
const OWN_FIELDS = [
  'redundancyPolicy',
  'redundancy',
  'maxRedundancy',
  'minConfidence',
  'onDisagreement',
  'priceUsd',
  'hourlyUsd',
  'language',
  'rejectionWindowMs',
  'dailyLimit',
  'maxPerGroup',
  'relabel',
  'stop',
  'mode',
  'batchSize',
  'maxLeases',
  'goldFloor',
  'consistency',
  'lateAnswers',
] as const;

/**
 * The body of `POST /v1/campaigns`; throws where a field is empty that must not be (see `settingsFault`). What the page has no field for comes from `old`, the body of the campaign this is a
 * copy of, unless the task type is another one.
 */
export function bodyOf(settings: Settings, old: Body = {}): Body {
  const carried: Record<string, unknown> = old.type === settings.type ? { ...old } : {};
  const was = { ...carried };
  for (const name of OWN_FIELDS) delete carried[name];
  if (hasChoices(settings)) for (const name of ['evaluation', 'autoLabel']) delete carried[name];
  // Judges answer first or not at all.
  if (settings.workforces[0] !== 'llm') delete carried.judge;
  // Older campaigns were allowed what is not taken any more: a hedge without money of its own, and judges less sure than people.
  if (!keepsHedge(settings, old)) delete carried.hedge;
  const { goldPercent, minConfidence, leaseMinutes, windowHours, escalation, priceUsd, maxRedundancy, name } = settings;
  const { redundancyPolicy, redundancy, onDisagreement, workforces, ...rest } = settings;
  const adaptive = redundancyPolicy === 'adaptive';
  const least = shareOf(minConfidence) ?? (adaptive ? 0.95 : 0.6);
  if (numberOf(fieldsOf(carried.judge).target, 1) < least)
    carried.judge = { ...fieldsOf(carried.judge), target: least };
  return {
    ...carried,
    type: rest.type,
    config: rest.config,
    instructions: rest.instructions,
    tier: rest.tier,
    strategy: rest.strategy,
    budgetUsd: rest.budgetUsd.trim(),
    whenContested: rest.whenContested,
    name: name.trim(),
    redundancyPolicy,
    redundancy: filled(redundancy),
    ...(adaptive ? {} : { onDisagreement }),
    ...(asksMore(settings) ? { maxRedundancy: Math.max(filled(redundancy), filled(maxRedundancy)) } : {}),
    ...(minConfidence === null ? {} : { minConfidence: least }),
    goldRatio: shareOf(filled(goldPercent)),
    workforces: [...workforces],
    leaseMs: Math.round(filled(leaseMinutes) * 60_000),
    windowMs: Math.round(filled(windowHours) * HOUR_MS),
    agreementWatch: rest.pauses ? { ...fieldsOf(carried.agreementWatch), pauseBelow: filled(rest.pauseBelow) } : null,
    escalation: escalation.map(({ step, by = RAISE_PAY_BY }) => (step === 'raise_pay' ? { step, by } : { step })),
    ...(rest.language.trim() === '' ? {} : { language: rest.language.trim() }),
    ...(rest.rejectionDays === null ? {} : { rejectionWindowMs: Math.round(rest.rejectionDays * DAY_MS) }),
    ...(rest.dailyLimit === null ? {} : { dailyLimit: rest.dailyLimit }),
    ...(asksAgain(rest) ? { relabel: { maxAnswers: filled(rest.relabelMost) } } : {}),
    ...(rest.maxPerGroup === null ? {} : { maxPerGroup: rest.maxPerGroup }),
    ...(rest.hourlyUsd.trim() === '' ? {} : { hourlyUsd: rest.hourlyUsd.trim() }),
    ...(priceUsd.trim() === '' ? {} : { priceUsd: priceUsd.trim() }),
    ...moreOf(settings, was),
    ...fieldsOf(furtherOf(settings.further)),
  };
}

/** What the server would make of other settings where it is not said, and the page says. */
const FOLLOWING = ['redundancy', 'maxRedundancy', 'minConfidence', 'onDisagreement', 'escalation'] as const;

/**
 * The body of `PATCH /v1/campaigns/{id}` that makes of a campaign, with the body `old`, what the page's fields say: nothing
 * of what is as it was, so that what others change meanwhile stays. Null: as if it had been left out.
 */
export function changesOf(settings: Settings, old: Body, { draft }: { readonly draft: boolean }): Body {
  const before = bodyOf(settingsOf(old), old);
  const after = bodyOf(settings, old);
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  if (changed.length === 0) return {};
  const said = draft ? FOLLOWING.filter((name) => after[name] !== undefined) : [];
  return Object.fromEntries(
    // Of the slice null means none, and this the usual one.
    [...changed, ...said].map((name) => [name, name in after ? after[name] : name === 'evaluation' ? {} : null]),
  );
}

/** Whether others are asked beside a vendor, as in the campaign before: one has somebody after it, and there is money for that. */
export function keepsHedge({ type, workforces }: Ladder, old: Body): boolean {
  const vendor = workforces.findIndex((each) => VENDORS.includes(each));
  const asksBeside = vendor >= 0 && vendor < workforces.length - 1;
  return old.type === type && asksBeside && Number(fieldsOf(old.hedge).budgetUsd) > 0;
}

function moreOf(settings: Settings, was: Body): Body {
  const { repeatPercent, evaluationPercent, autoLabelPercent, calibrates, paysLate, mode } = settings;
  const stop = given({
    maxTasks: settings.stopTasks,
    targetAccuracy: shareOf(settings.stopAccuracyPercent),
    leastPointsPerUsd: settings.stopPointsPerUsd,
    deadline: settings.stopDeadline === '' ? null : new Date(settings.stopDeadline).toISOString(),
    plateau:
      settings.stopPlateauRounds === null
        ? null
        : { rounds: settings.stopPlateauRounds, minGain: filled(settings.stopPlateauPoints) / 100 },
  });
  const { batchSize, maxLeases, goldFloor } = settings;
  const before = fieldsOf(was.calibration);
  const slice = evaluationPercent === 0 ? null : { ...fieldsOf(was.evaluation), share: shareOf(evaluationPercent) };
  return {
    ...given({ batchSize, maxLeases, goldFloor }),
    ...(mode === 'streaming' ? {} : { mode }),
    ...(paysLate ? {} : { lateAnswers: 'keep_unpaid' }),
    ...(Object.keys(stop).length === 0 ? {} : { stop }),
    ...(repeatPercent === null ? {} : { consistency: { ...fieldsOf(was.consistency), share: shareOf(repeatPercent) } }),
    ...(calibrates || before.required === true ? { calibration: { ...before, required: calibrates } } : {}),
    ...(hasChoices(settings) && evaluationPercent !== null ? { evaluation: slice } : {}),
    ...(hasChoices(settings) && autoLabelPercent !== null
      ? { autoLabel: { ...fieldsOf(was.autoLabel), target: shareOf(autoLabelPercent) } }
      : {}),
  };
}

/** Without what is null. */
const given = (values: Body): Body => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));

type Ladder = Pick<Settings, 'type' | 'workforces' | 'further' | 'escalation'>;

/** Workforces that only a step to the next one asks, of all that are named. */
function later({ type, workforces, further }: Ladder, old: Body): number {
  const kept = old.type === type && old.judge !== undefined;
  const judges = workforces[0] === 'llm' && (kept || 'judge' in fieldsOf(furtherOf(further)));
  return Math.max(0, workforces.length - (judges ? 2 : 1));
}

/** How many steps to the next workforce a ladder lacks, or has too many of where it is negative. */
export function stepsLacking(settings: Ladder, old: Body): number {
  const end = settings.escalation.findIndex(({ step }) => step === 'give_up' || step === 'adjudicate');
  const reached = end < 0 ? settings.escalation : settings.escalation.slice(0, end);
  return later(settings, old) - reached.filter(({ step }) => step === 'next_workforce').length;
}

/** The settings with a ladder that asks the workforces that they name, each once. */
export function asksAll(settings: Settings, old: Body): Settings {
  const { escalation } = settings;
  const lacking = stepsLacking(settings, old);
  if (lacking >= 0) {
    const more = Array.from({ length: lacking }, () => ({ step: 'next_workforce' as const }));
    return { ...settings, escalation: [...more, ...escalation].slice(0, 20) };
  }
  let over = -lacking;
  const kept = escalation.filter(({ step }) => step !== 'next_workforce' || over-- <= 0);
  return { ...settings, escalation: kept };
}

/** Without the noise of a division: 95.5% is 0.955. */
const shareOf = (percent: number | null) => (percent === null ? null : Number((percent / 100).toFixed(6)));
const percentOf = (share: number) => Number((100 * share).toFixed(4));

/** The further settings; undefined where they are no JSON. */
export function furtherOf(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a task whose annotators disagree gets further answers. */
export function asksMore({
  redundancyPolicy,
  onDisagreement,
}: Pick<Settings, 'redundancyPolicy' | 'onDisagreement'>): boolean {
  return redundancyPolicy === 'adaptive' || onDisagreement === 'extend';
}

/** Whether contested tasks are asked again in place of new ones. */
export function asksAgain(settings: Pick<Settings, 'relabels' | 'type' | 'config'>): boolean {
  return settings.relabels && hasChoices(settings);
}

/** Whether answers are one of a few fixed choices, which is what further answers can be weighed by. */
export function hasChoices({ type, config }: Pick<Settings, 'type' | 'config'>): boolean {
  if (type === 'pairwise') return config.strength === undefined;
  return type === 'classification' && config.multiple !== true && config.separator === undefined;
}

/** The fields of the page, as the body of an old campaign has them. */
export function settingsOf(old: Body): Settings {
  const pick = <T extends string>(value: unknown, of: readonly T[], otherwise: T): T =>
    of.find((each) => each === value) ?? otherwise;
  const steps = listOf(old.escalation).map((each) => {
    const by = numberOf(fieldsOf(each).by, 0);
    return { step: pick(fieldsOf(each).step, STEPS, 'give_up'), ...(by > 0 ? { by } : {}) };
  });
  const type = pick(old.type, Object.keys(START_CONFIG) as TaskType[], START.type);
  const redundancy = numberOf(old.redundancy, 3);
  return {
    name: textOf(old.name) ?? '',
    type,
    config: fieldsOf(old.config),
    instructions: textOf(old.instructions) ?? '',
    tier: pick(old.tier, TIERS, START.tier),
    redundancyPolicy: pick(old.redundancyPolicy, ['fixed', 'adaptive'], 'fixed'),
    redundancy,
    maxRedundancy: numberOf(old.maxRedundancy, redundancy),
    onDisagreement: pick(old.onDisagreement, ['accept', 'extend', 'adjudicate'], 'accept'),
    whenContested: pick(old.whenContested, ['accept', 'adjudicate', 'unresolved'], 'accept'),
    minConfidence: percentOf(numberOf(old.minConfidence, 0.6)),
    goldPercent: percentOf(numberOf(old.goldRatio, 0.05)),
    strategy: pick(old.strategy, STRATEGIES, START.strategy),
    relabels: old.relabel !== undefined,
    relabelMost: numberOf(fieldsOf(old.relabel).maxAnswers, START.relabelMost ?? 9),
    budgetUsd: textOf(old.budgetUsd) ?? '',
    priceUsd: textOf(old.priceUsd) ?? '',
    hourlyUsd: textOf(old.hourlyUsd) ?? '',
    workforces: textsOf(old.workforces),
    leaseMinutes: numberOf(old.leaseMs, 1_800_000) / 60_000,
    windowHours: numberOf(old.windowMs, 72 * HOUR_MS) / HOUR_MS,
    escalation: steps,
    language: textOf(old.language) ?? '',
    rejectionDays: typeof old.rejectionWindowMs === 'number' ? old.rejectionWindowMs / DAY_MS : null,
    dailyLimit: typeof old.dailyLimit === 'number' ? old.dailyLimit : null,
    maxPerGroup: typeof old.maxPerGroup === 'number' ? old.maxPerGroup : null,
    pauses: old.agreementWatch !== null,
    pauseBelow: numberOf(fieldsOf(old.agreementWatch).pauseBelow, 0.6),
    ...moreIn(old),
    further: '',
  };
}

function moreIn(old: Body) {
  const number = (value: unknown) => (typeof value === 'number' ? value : null);
  const percent = (value: unknown) => (typeof value === 'number' ? percentOf(value) : null);
  const stop = fieldsOf(old.stop);
  const plateau = fieldsOf(stop.plateau);
  return {
    stopTasks: number(stop.maxTasks),
    stopAccuracyPercent: percent(stop.targetAccuracy),
    stopPlateauRounds: number(plateau.rounds),
    stopPlateauPoints: percent(plateau.minGain) ?? 1,
    stopPointsPerUsd: number(stop.leastPointsPerUsd),
    stopDeadline: localTime(textOf(stop.deadline)),
    mode: old.mode === 'rounds' ? ('rounds' as const) : ('streaming' as const),
    batchSize: number(old.batchSize),
    maxLeases: number(old.maxLeases),
    goldFloor: number(old.goldFloor),
    repeatPercent: percent(fieldsOf(old.consistency).share),
    evaluationPercent: old.evaluation === null ? 0 : percent(fieldsOf(old.evaluation).share),
    autoLabelPercent: percent(fieldsOf(old.autoLabel).target),
    calibrates: fieldsOf(old.calibration).required === true,
    paysLate: old.lateAnswers !== 'keep_unpaid',
  };
}

/** A moment as a field for a local time has it, to the minute. */
function localTime(iso: string | undefined): string {
  if (iso === undefined) return '';
  const at = new Date(iso);
  return Number.isNaN(at.getTime())
    ? ''
    : new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

import { z } from 'zod';
import type { CampaignPolicy } from './campaign.ts';
import { type CostFigures, USUAL_FIGURES } from './cost/figures.ts';
import { QuorateError } from './failures.ts';
import type { SliceSettings } from './learning/evaluation-slice.ts';
import { classNames } from './learning/targets.ts';
import { mostMicros, parseUsd, priceFor } from './money.ts';
import { type AgreementWatch, DEFAULT_AGREEMENT_WATCH } from './quality/agreement-watch.ts';
import type { CalibrationRules } from './quality/calibration.ts';
import { calibrationSchema } from './quality/calibration-settings.ts';
import { type ConsistencyRules, DEFAULT_CONSISTENCY } from './quality/consistency.ts';
import { qualityRulesSchema } from './quality/thresholds.ts';
import {
  type EscalationStep,
  highestPriceMicros,
  movesIn,
  type OnDisagreement,
  type TaskPolicy,
} from './task-policy.ts';
import { getTaskType } from './tasks/index.ts';
import { strangeSetting } from './tasks/read.ts';
import { type AnyTaskType, TASK_TYPE_NAMES } from './tasks/task-type.ts';
import { TIERS } from './tiers.ts';
import { hedgeFault, judgeAlone, type VendorWork, vendorFault } from './vendors/capabilities.ts';
import { VENDOR_NAMES } from './vendors/names.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const FIRST_BATCH = 25;
const SLICE_SHARE = 0.1;
/** After all workforces have been asked. */
const USUAL_LADDER = [{ step: 'raise_priority' }, { step: 'widen_tier' }, { step: 'give_up' }] as const;

const duration = (least: number) =>
  z
    .number()
    .int()
    .min(least)
    .max(366 * DAY);
const share = z.number().min(0).max(1);
/** Dollars as they are written, in micro-dollars. */
export const usd = z.union([z.string(), z.number()]).transform((value, ctx) => {
  try {
    return parseUsd(value).toString();
  } catch (error) {
    ctx.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});

const escalationStep = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('raise_priority') }),
  z.strictObject({ step: z.literal('raise_pay'), by: z.number().gt(0).max(4) }),
  z.strictObject({ step: z.literal('widen_tier') }),
  z.strictObject({ step: z.literal('next_workforce') }),
  z.strictObject({ step: z.literal('adjudicate') }),
  z.strictObject({ step: z.literal('give_up') }),
]);

/** How items can be chosen; see `domain/learning/strategy-names.ts`. */
export const STRATEGIES = [
  'random',
  'uncertainty',
  'entropy',
  'least_confidence',
  'diversity',
  'kmeans++',
  'expected_change',
  'combined',
  'badge',
] as const;

/** Answers that a contested task may come to by `relabel`, unless the campaign says. */
const MOST_RELABELS = 9;

/** When low agreement pauses a campaign; null turns that off. See `domain/quality/agreement-watch.ts`. */
export const agreementWatchSchema = z
  .strictObject({
    pauseBelow: z.number().min(-1).max(1).default(DEFAULT_AGREEMENT_WATCH.pauseBelow),
    windowAnswers: z.number().int().min(100).max(20_000).default(DEFAULT_AGREEMENT_WATCH.windowAnswers),
    minTasks: z.number().int().min(30).max(10_000).default(DEFAULT_AGREEMENT_WATCH.minTasks),
    calibratedAbove: z.number().min(-1).max(1).default(DEFAULT_AGREEMENT_WATCH.calibratedAbove),
  })
  .nullable();

/** Repeats of items to the same annotator; null: none. See `domain/quality/consistency.ts`. */
export const consistencySchema = z
  .strictObject({
    share: z.number().gt(0).max(0.5).default(DEFAULT_CONSISTENCY.share),
    afterDays: z.number().min(0).max(366).default(DEFAULT_CONSISTENCY.afterDays),
  })
  .nullable();

const rules = {
  /** `adaptive` asks for one more answer at a time until a decision is probable enough or `maxRedundancy` is reached. */
  redundancyPolicy: z.enum(['fixed', 'adaptive']).default('fixed'),
  /** Answers wanted per task, 1 to 25; the least of them if adaptive. By default 3, adaptive 2. */
  redundancy: z.number().int().min(1).max(25).optional(),
  /** Most answers a task may be extended to when its annotators disagree. By default `redundancy`, adaptive 5. */
  maxRedundancy: z.number().int().min(1).max(25).optional(),
  /** Least confidence of a decision; below it `onDisagreement` applies. By default 0.6, adaptive 0.95. */
  minConfidence: share.optional(),
  /** By default `accept`; adaptive campaigns always extend. */
  onDisagreement: z.enum(['accept', 'extend', 'adjudicate']).optional(),
  /** What becomes of a task that was extended as far as it may and is still below `minConfidence`. */
  whenContested: z.enum(['accept', 'adjudicate', 'unresolved']).default('accept'),
  /**
   * Adaptive, where contested labels are accepted: one more answer is asked while a dollar of them is expected to raise the
   * probability of a right label by more than this (0.5: from 60% to more than 65% for $0.10); by default by anything.
   */
  leastGainPerUsd: z.number().gt(0).max(1e6).optional(),
  /** How long an annotator holds a task. */
  leaseMs: duration(200).default(30 * 60 * SECOND),
  /** Tasks one annotator may hold at once. */
  maxLeases: z.number().int().min(1).max(50).default(5),
  /** How long a task waits for its answers before the next escalation step. */
  windowMs: duration(200).default(3 * DAY),
  adjudicationMs: duration(200).default(7 * DAY),
  escalation: z
    .array(escalationStep)
    .max(20)
    .optional()
    .describe(
      'What happens, in order, each time that a window runs out. By default next_workforce once for each workforce that is not asked yet, then raise_priority, widen_tier, give_up',
    ),
  lateAnswers: z
    .enum(['pay', 'keep_unpaid'])
    .default('pay')
    .describe(
      'Whether an honest answer of a person that came after its lease is paid. What vendors and judges send late is charged for, and paid in any case',
    ),
  goldRatio: share.default(0.05),
  /** Golds that every new annotator meets early, whatever the ratio. */
  goldFloor: z.number().int().min(0).max(100).default(10),
  /** How each answer is assessed; see `domain/quality/rules.ts`. */
  quality: qualityRulesSchema.prefault({}),
  /** Calibration sessions; null: none are given. See `domain/quality/calibration.ts`. */
  calibration: calibrationSchema.prefault({}),
  /** Some items are shown to the same annotator again after some days, and paid; by default none. */
  consistency: consistencySchema.default(null),
  /** Low agreement pauses the campaign by itself; by default on, but off for simulated crowds. */
  agreementWatch: agreementWatchSchema.optional(),
};

const vendorShape = z
  .strictObject({
    /** What one answer of this vendor may cost, its fees included; by default the campaign's price. */
    priceUsd: usd.optional(),
    /** How long answers are waited for before what is left is cancelled; a week by default. */
    waitMs: duration(200).optional(),
  })
  .transform(({ priceUsd, waitMs }) => ({
    ...(priceUsd === undefined ? {} : { priceMicros: priceUsd }),
    ...(waitMs === undefined ? {} : { waitMs }),
  }));

const campaignShape = {
  name: z.string().trim().min(1).max(200).default('Untitled campaign'),
  type: z.enum(TASK_TYPE_NAMES),
  config: z.unknown().optional(),
  instructions: z.string().max(100_000).default(''),
  tier: z.enum(TIERS).default('crowd'),
  /** Only annotators who list it (a BCP 47 tag, `en` or `pt-BR`) are offered the tasks. */
  language: z
    .string()
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag such as en or pt-BR')
    .optional(),
  /** Most answers one annotator gives to this campaign in a day (UTC). */
  dailyLimit: z.number().int().min(1).max(100_000).optional(),
  /** Of the items of one group, most that one annotator is ever given. Golds and repeats do not count. */
  maxPerGroup: z.number().int().min(1).max(10_000).optional(),
  workforces: z.array(z.string().min(1).max(100)).min(1).max(10).default(['internal']),
  /** Terms of those of the workforces that are vendors. */
  vendors: z.partialRecord(z.enum(VENDOR_NAMES), vendorShape).optional(),
  /**
   * What a vendor has not answered after its own p90 is asked of the next workforce, too: the first valid answers count.
   * `afterMs` is when, until 20 answers of the vendor are known; without it nobody else is asked until then. `budgetUsd` is
   * what that may cost in all.
   */
  hedge: z
    .strictObject({ afterMs: duration(200).optional(), budgetUsd: usd.optional() })
    .transform(({ budgetUsd, ...rest }) => ({
      ...rest,
      ...(budgetUsd === undefined ? {} : { budgetMicros: budgetUsd }),
    }))
    .optional(),
  /** Judges answer first, and decide alone what they have shown to be sure of; see `domain/judging/alone.ts`. */
  judge: z
    .strictObject({
      auditShare: z.number().min(0.02).max(1).default(0.1),
      minAudited: z.number().int().min(10).max(1000).default(50),
      target: z.number().min(0.5).max(0.9999).default(0.95),
    })
    .optional(),
  budgetUsd: usd,
  /** Price of one answer; by default the tier's hourly rate times the type's usual seconds. */
  priceUsd: usd.optional(),
  /**
   * Pays people by the focused hour: an answer earns its time at this rate, or at the floor of the annotator's region where
   * that is more, up to `priceUsd`, which is by default twice what the type's usual seconds earn.
   */
  hourlyUsd: usd.optional(),
  strategy: z.enum(STRATEGIES).default('combined'),
  /**
   * In place of new items contested old ones get one more answer, up to `maxAnswers` each, where that is expected to save
   * more errors a dollar; by default never. `true` is 9. See `docs/learning.md`.
   */
  relabel: z
    .union([
      z.literal(true).transform(() => ({ maxAnswers: MOST_RELABELS })),
      z.strictObject({ maxAnswers: z.number().int().min(2).max(25).default(MOST_RELABELS) }),
    ])
    .optional(),
  mode: z.enum(['streaming', 'rounds']).default('streaming'),
  /** Most tasks chosen at once. */
  batchSize: z.number().int().min(1).max(1000).default(100),
  /** Tasks chosen at once in the beginning; later a quarter of what is labelled, up to `batchSize`. By default 25. */
  firstBatch: z.number().int().min(1).max(1000).optional(),
  maxInFlight: z.number().int().min(1).max(2000).default(500),
  refitEvery: z.number().int().min(1).max(100_000).optional(),
  ...rules,
  stop: z
    .strictObject({
      maxTasks: z.number().int().min(1).optional(),
      targetAccuracy: share.optional(),
      plateau: z
        .strictObject({ rounds: z.number().int().min(1).max(15), minGain: z.number().min(0).max(1) })
        .optional(),
      /** Stops where the next 500 labels are surely worth fewer points of accuracy a dollar than this. */
      leastPointsPerUsd: z.number().min(0).max(1e6).optional(),
      deadline: z.iso.datetime({ offset: true }).optional(),
    })
    .default({}),
  /** The requester's own model, which then chooses in place of the campaign's: see `docs/learning.md`. */
  model: z
    .union([
      z.strictObject({
        http: z.strictObject({
          url: z.url({ protocol: /^https?$/ }).max(2000),
          timeoutMs: z.number().int().min(100).max(60_000).default(10_000),
          batchSize: z.number().int().min(1).max(1000).default(100),
        }),
      }),
      /** What it says of the items is imported. */
      z.strictObject({ predictions: z.literal(true) }),
    ])
    .optional(),
  /** What models and strategies see of an item, in place of its own words: see `docs/learning.md`. */
  features: z
    .union([
      z.strictObject({ vectors: z.strictObject({ dims: z.number().int().min(2).max(4096) }) }),
      z.strictObject({
        embeddings: z.strictObject({
          url: z.url({ protocol: /^https?$/ }).max(2000),
          model: z.string().min(1).max(200),
          timeoutMs: z.number().int().min(100).max(60_000).default(30_000),
          batchSize: z.number().int().min(1).max(1000).default(100),
        }),
      }),
      z.strictObject({
        /** A model of the hub's layout in a folder of the learning worker's machine. */
        transformers: z.strictObject({
          folder: z
            .string()
            .max(200)
            .regex(/^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)?$/, 'must be a folder such as Xenova/all-MiniLM-L6-v2'),
          pooling: z.enum(['mean', 'cls']).default('mean'),
          dtype: z.enum(['fp32', 'fp16', 'q8', 'q4']).default('fp32'),
          batchSize: z.number().int().min(1).max(1000).default(32),
        }),
      }),
    ])
    .optional(),
  /**
   * A random slice of the items, with a budget of its own, that people label for measuring the model alone; null: none.
   * By default a tenth, where the task type has a model.
   */
  evaluation: z
    .strictObject({ share: z.number().min(0.01).max(0.5).default(0.1), budgetUsd: usd.optional() })
    .transform(({ share: part, budgetUsd }) => ({
      share: part,
      ...(budgetUsd === undefined ? {} : { budgetMicros: budgetUsd }),
    }))
    .nullable()
    .optional(),
  /** The model labels what is left where audits by people support it; by default never. See `docs/learning.md`. */
  autoLabel: z
    .strictObject({
      target: z.number().min(0.5).max(0.999).default(0.95),
      minAudited: z.number().int().min(10).max(1000).default(50),
    })
    .optional(),
  /** Seed of every random choice of this campaign. */
  seed: z.string().min(1).max(100).default('quorate'),
  /** Says on every page and report that the answers come from a simulated crowd. */
  simulated: z.boolean().default(false),
};

/** Body of `POST /v1/campaigns`. */
export const createCampaignSchema = z.strictObject(campaignShape);

interface Redundancy {
  redundancy: number;
  maxRedundancy: number;
  minConfidence: number;
  onDisagreement: OnDisagreement;
}

/** What a campaign stores: the parsed body, complete with prices and the task type's parsed config. */
export type CampaignSettings = Omit<
  z.output<typeof createCampaignSchema>,
  | 'priceUsd'
  | 'hourlyUsd'
  | 'budgetUsd'
  | 'refitEvery'
  | 'agreementWatch'
  | 'calibration'
  | 'consistency'
  | 'evaluation'
  | 'escalation'
  | keyof Redundancy
> &
  Redundancy & {
    /** Missing in settings that were stored before there was a watch: off. */
    agreementWatch?: AgreementWatch | null;
    /** Missing in settings that were stored before there were sessions: as by default. */
    calibration?: CalibrationRules | null;
    /** Missing likewise: none. */
    consistency?: ConsistencyRules | null;
    /** Missing in settings that were stored before there was a slice: none. */
    evaluation?: SliceSettings | null;
    /** Of an answer; the most of one where people are paid by the hour. */
    priceMicros: string;
    /** Pay of a focused hour; missing: each answer pays its price. */
    hourlyMicros?: string;
    refitEvery: number;
    escalation: EscalationStep[];
  };

/** Throws invalid_input where the vendors of a campaign cannot do it. */
export function refuseVendors(work: VendorWork): void {
  const fault = vendorFault(work);
  if (fault) throw new QuorateError('invalid_input', fault.message, { field: fault.field });
}

export const NO_HOURLY_PAY = 'hourlyUsd is 0.00; an hour must pay something. Leave it out to pay by the answer.';

/** A create request checked as a whole: the type's config, and that the numbers fit each other. Throws invalid_input. */
export function resolveSettings(
  body: z.output<typeof createCampaignSchema>,
  /** The greatest floor of an hour that its annotators may have, and what an answer usually costs there. */
  { floorMicros = 0n, figures = USUAL_FIGURES }: { floorMicros?: bigint; figures?: CostFigures } = {},
): {
  settings: CampaignSettings;
  capMicros: bigint;
} {
  const { budgetUsd, priceUsd, hourlyUsd, refitEvery, agreementWatch, evaluation, firstBatch, ...rest } = body;
  const type = getTaskType(body.type);
  const config = type.configSchema.safeParse(body.config ?? {});
  if (!config.success) throw invalid(config.error, 'config');
  const strange = strangeSetting(type, body.config, config.data);
  if (strange) throw new QuorateError('invalid_input', strange.message, { field: strange.field });
  if (body.model && classNames(type.modelTarget(config.data)).length === 0) {
    const message = `model gives probabilities of classes, and tasks of the type ${body.type} have none here: leave model out.`;
    throw new QuorateError('invalid_input', message, { field: 'model' });
  }
  if (body.features && 'vectors' in body.features && type.modelTarget(config.data).kind === 'pair') {
    const message =
      'features.vectors: a pair shows two answers, which one vector cannot tell apart; use embeddings, or leave features out.';
    throw new QuorateError('invalid_input', message, { field: 'features' });
  }
  const redundancy = redundancyOf(body);
  if (body.leastGainPerUsd !== undefined && (body.redundancyPolicy !== 'adaptive' || body.whenContested !== 'accept')) {
    const message =
      'leastGainPerUsd weighs answers of a campaign with redundancyPolicy adaptive and whenContested accept; leave it out.';
    throw new QuorateError('invalid_input', message, { field: 'leastGainPerUsd' });
  }
  if (body.leastGainPerUsd !== undefined && !type.choices?.(config.data)) {
    const message = `leastGainPerUsd weighs what an answer adds to the probabilities of fixed choices, and tasks of the type ${body.type} have none here; leave it out.`;
    throw new QuorateError('invalid_input', message, { field: 'leastGainPerUsd' });
  }
  const unreached = body.escalation && ladderFault(body, body.escalation);
  if (unreached !== undefined) throw new QuorateError('invalid_input', unreached, { field: 'escalation' });
  const alone = judgeAlone(body.workforces, redundancy.redundancy);
  if (alone !== undefined) throw new QuorateError('invalid_input', alone, { field: 'workforces' });
  const unhedged = body.hedge && hedgeFault(body.workforces, body.hedge);
  if (unhedged !== undefined) throw new QuorateError('invalid_input', unhedged, { field: 'hedge' });
  if (body.judge && body.workforces[0] !== 'llm') {
    throw new QuorateError('invalid_input', 'judge: judges answer first; begin workforces with llm.', {
      field: 'judge',
    });
  }
  if (body.judge && body.judge.target < redundancy.minConfidence) {
    const message = `judge.target is ${body.judge.target}, below minConfidence, ${redundancy.minConfidence}: a judge alone must be as sure as people together; raise judge.target, or lower minConfidence for both.`;
    throw new QuorateError('invalid_input', message, { field: 'judge' });
  }
  if (body.judge && !type.choices?.(config.data)) {
    const message = `judge: tasks of type ${body.type} with this config have no fixed choices, so no probability of a label is known; leave judge out.`;
    throw new QuorateError('invalid_input', message, { field: 'judge' });
  }
  const slice = evaluation === undefined ? defaultSlice(type, config.data) : evaluation;
  const unlabelable = body.autoLabel && autoLabelFault(type, config.data, slice);
  if (unlabelable !== undefined) throw new QuorateError('invalid_input', unlabelable, { field: 'autoLabel' });
  const unasked = body.relabel && relabelFault(type, config.data, body.relabel.maxAnswers, redundancy.redundancy);
  if (unasked !== undefined) throw new QuorateError('invalid_input', unasked, { field: 'relabel' });
  if (hourlyUsd === '0') {
    throw new QuorateError('invalid_input', NO_HOURLY_PAY, { field: 'hourlyUsd' });
  }
  const priceMicros = priceUsd === undefined ? usualPrice(body, hourlyUsd, { floorMicros, figures }) : BigInt(priceUsd);
  refuseVendors({ ...body, config: config.data, priceMicros: priceMicros.toString() });
  return {
    settings: {
      ...rest,
      ...redundancy,
      config: config.data,
      priceMicros: priceMicros.toString(),
      ...(hourlyUsd === undefined ? {} : { hourlyMicros: hourlyUsd }),
      refitEvery: refitEvery ?? body.batchSize,
      escalation: body.escalation ?? reachingAll(body, USUAL_LADDER),
      firstBatch: Math.min(body.batchSize, firstBatch ?? firstBatchOf(body.strategy, body.batchSize)),
      evaluation: slice,
      // How a made-up crowd agrees says nothing of the task.
      agreementWatch:
        agreementWatch === undefined && !body.simulated ? DEFAULT_AGREEMENT_WATCH : (agreementWatch ?? null),
    },
    capMicros: BigInt(budgetUsd),
  };
}

/** By the hour an answer may take twice its usual time and be paid for all of it, also where a floor is above the rate. */
export function usualPrice(
  { tier, type }: Pick<CampaignSettings, 'tier' | 'type'>,
  hourlyMicros: string | undefined,
  { floorMicros, figures }: { readonly floorMicros: bigint; readonly figures: CostFigures },
): bigint {
  const seconds = figures.seconds[type];
  if (hourlyMicros === undefined) return priceFor(figures.hourlyMicros[tier], seconds);
  return 2n * priceFor(mostMicros(BigInt(hourlyMicros), floorMicros), seconds);
}

/** A choice by chance learns nothing from the batches before. */
function firstBatchOf(strategy: (typeof STRATEGIES)[number], batchSize: number): number {
  return strategy === 'random' ? batchSize : FIRST_BATCH;
}

function defaultSlice(type: AnyTaskType, config: unknown): SliceSettings | null {
  return type.modelTarget(config).kind === 'none' ? null : { share: SLICE_SHARE };
}

type Asking = Pick<CampaignSettings, 'workforces' | 'judge' | 'hedge'>;

/** Workforces that nobody asks unless a step of the ladder does: what judges said first has people asked. */
function neverAsked({ workforces, judge }: Asking, ladder: readonly EscalationStep[]): string[] {
  return workforces.slice((judge ? 2 : 1) + movesIn(ladder));
}

/** A ladder with what it lacks, in the beginning, to ask all workforces. */
export function reachingAll(asking: Asking, ladder: readonly EscalationStep[]): EscalationStep[] {
  return [...neverAsked(asking, ladder).map(() => ({ step: 'next_workforce' as const })), ...ladder];
}

/** Why a ladder never asks some of the workforces; undefined where it asks all, or others are asked by hedging. */
function ladderFault(asking: Asking, ladder: readonly EscalationStep[]): string | undefined {
  const never = neverAsked(asking, ladder);
  if (never.length === 0 || asking.hedge) return undefined;
  const steps = `next_workforce ${never.length} more ${never.length === 1 ? 'time' : 'times'}`;
  return `escalation never asks ${never.join(' and ')}: it needs the step ${steps} before its end; add it, or leave escalation out.`;
}

/** Why a campaign's model cannot label by itself; undefined where it can. */
function autoLabelFault(type: AnyTaskType, config: unknown, slice: SliceSettings | null): string | undefined {
  if (slice === null)
    return 'autoLabel: it goes by audits of the evaluation slice; leave evaluation as it is, or autoLabel out.';
  const choices = new Set(type.choices?.(config)?.map(({ key }) => key));
  const names = classNames(type.modelTarget(config));
  if (names.length > 0 && names.every((name) => choices.has(name))) return undefined;
  return `autoLabel: tasks of type ${type.name} with this config have no fixed choices that a model could give; leave autoLabel out.`;
}

/** Why a campaign cannot weigh further answers against new items; undefined where it can. */
function relabelFault(type: AnyTaskType, config: unknown, maxAnswers: number, redundancy: number): string | undefined {
  const choices = new Set(type.choices?.(config)?.map(({ key }) => key));
  const names = classNames(type.modelTarget(config));
  if (names.length === 0 || names.some((name) => !choices.has(name))) {
    return `relabel: tasks of type ${type.name} with this config have no fixed choices that a model could give; leave relabel out.`;
  }
  if (maxAnswers > redundancy) return undefined;
  return `relabel.maxAnswers is ${maxAnswers}; it must be more than the redundancy, ${redundancy}.`;
}

function redundancyOf(body: z.output<typeof createCampaignSchema>): Redundancy {
  const adaptive = body.redundancyPolicy === 'adaptive';
  const redundancy = body.redundancy ?? (adaptive ? 2 : 3);
  const maxRedundancy = body.maxRedundancy ?? Math.max(redundancy, adaptive ? 5 : 0);
  if (maxRedundancy < redundancy) {
    const message = `maxRedundancy is ${maxRedundancy}; it must be at least the redundancy, ${redundancy}.`;
    throw new QuorateError('invalid_input', message, { field: 'maxRedundancy' });
  }
  if (adaptive && (body.onDisagreement ?? 'extend') !== 'extend') {
    const message = `onDisagreement is ${body.onDisagreement}; an adaptive campaign extends. Use whenContested for what comes after.`;
    throw new QuorateError('invalid_input', message, { field: 'onDisagreement' });
  }
  return {
    redundancy,
    maxRedundancy,
    minConfidence: body.minConfidence ?? (adaptive ? 0.95 : 0.6),
    onDisagreement: adaptive ? 'extend' : (body.onDisagreement ?? 'accept'),
  };
}

/** The part of the settings that one task follows. */
export function taskPolicyOf(settings: CampaignSettings, version: number): TaskPolicy {
  const { redundancy, maxRedundancy, minConfidence, onDisagreement, whenContested } = settings;
  const { windowMs, adjudicationMs, escalation } = settings;
  const answers = { redundancy, maxRedundancy, minConfidence, onDisagreement, whenContested };
  const first = settings.judge ? { judgeFirst: true as const, heedsFirst: true as const } : {};
  return { version, ...answers, windowMs, adjudicationMs, escalation, decidesAtEnd: true, ...first };
}

/** The part of the settings that the campaign workflow follows. */
export function campaignPolicyOf(settings: CampaignSettings): CampaignPolicy {
  const { mode, maxInFlight, refitEvery, stop } = settings;
  const batchSize = Math.min(settings.batchSize, maxInFlight);
  return {
    mode,
    batchSize,
    firstBatch: Math.min(settings.firstBatch ?? batchSize, batchSize),
    maxInFlight,
    refitEvery,
    deadlineMs: stop.deadline === undefined ? null : Date.parse(stop.deadline),
    targetAccuracy: stop.targetAccuracy ?? null,
    plateau: stop.plateau ?? null,
    leastPointsPerUsd: stop.leastPointsPerUsd ?? null,
  };
}

/**
 * The most one task can cost: all answers it may be extended to, each at the highest price its ladder allows, or at that of the
 * vendor that is asked first.
 */
export function taskWorstCaseMicros(settings: CampaignSettings): bigint {
  const highest = highestPriceMicros(BigInt(settings.priceMicros), settings.escalation);
  return BigInt(settings.maxRedundancy) * mostMicros(highest, firstVendorMicros(settings));
}

/** What the vendor that is asked first may take for an answer; zero where that is nothing of its own. */
export function firstVendorMicros({ workforces, vendors }: CampaignSettings): bigint {
  return BigInt(vendors?.[workforces[0] as keyof typeof vendors]?.priceMicros ?? 0);
}

/** What a zod error says, as one sentence that names the field. */
export function invalid(error: z.ZodError, prefix = ''): QuorateError {
  const [issue] = error.issues;
  const field = [prefix, ...(issue?.path ?? []).map(String)].filter(Boolean).join('.');
  const message = issue?.message ?? 'is invalid';
  // Messages written by a task type name their field already.
  const sentence = field === '' || message.startsWith(field) ? message : `${field}: ${message}`;
  const details = error.issues
    .slice(0, 20)
    .map((each) => ({ path: [prefix, ...each.path.map(String)].filter(Boolean).join('.'), message: each.message }));
  return new QuorateError('invalid_input', sentence, { ...(field ? { field } : {}), details });
}

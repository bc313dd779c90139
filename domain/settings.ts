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
/** Of a task. */
const answers = z.number().int().min(1).max(25);
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
    pauseBelow: z
      .number()
      .min(-1)
      .max(1)
      .default(DEFAULT_AGREEMENT_WATCH.pauseBelow)
      .describe('An alpha that is below this with all of its 95% interval pauses the campaign'),
    windowAnswers: z
      .number()
      .int()
      .min(100)
      .max(20_000)
      .default(DEFAULT_AGREEMENT_WATCH.windowAnswers)
      .describe('So many of the newest answers are looked at, at most'),
    minTasks: z
      .number()
      .int()
      .min(30)
      .max(10_000)
      .default(DEFAULT_AGREEMENT_WATCH.minTasks)
      .describe('Nothing is judged before so many tasks have two answers'),
    calibratedAbove: z
      .number()
      .min(-1)
      .max(1)
      .default(DEFAULT_AGREEMENT_WATCH.calibratedAbove)
      .describe('Above this alpha the advice is that fewer answers may do'),
  })
  .nullable();

/** Repeats of items to the same annotator; null: none. See `domain/quality/consistency.ts`. */
export const consistencySchema = z
  .strictObject({
    share: z
      .number()
      .gt(0)
      .max(0.5)
      .default(DEFAULT_CONSISTENCY.share)
      .describe("Share of an annotator's assignments that repeat an item"),
    afterDays: z
      .number()
      .min(0)
      .max(366)
      .default(DEFAULT_CONSISTENCY.afterDays)
      .describe('How long ago they must have answered it, at least'),
  })
  .nullable();

const rules = {
  redundancyPolicy: z
    .enum(['fixed', 'adaptive'])
    .default('fixed')
    .describe(
      '`fixed` asks for all answers at once; `adaptive` for one more at a time, until the decision is probable enough or `maxRedundancy` is reached',
    ),
  redundancy: answers
    .optional()
    .describe(
      'Answers wanted for each task, each from somebody else; the least of them if adaptive. By default 3, adaptive 2',
    ),
  maxRedundancy: answers
    .optional()
    .describe(
      'Most answers that a task may be extended to when its annotators disagree. By default `redundancy`, adaptive 5',
    ),
  minConfidence: share
    .optional()
    .describe('Least confidence of a decision; below it `onDisagreement` applies. By default 0.6, adaptive 0.95'),
  onDisagreement: z
    .enum(['accept', 'extend', 'adjudicate'])
    .optional()
    .describe(
      'What happens to a task below `minConfidence`: its label is accepted, more answers are asked for, or an expert rules. By default `accept`; adaptive campaigns always extend',
    ),
  whenContested: z
    .enum(['accept', 'adjudicate', 'unresolved'])
    .default('accept')
    .describe('What becomes of a task that was extended as far as it may and is still below `minConfidence`'),
  leastGainPerUsd: z
    .number()
    .gt(0)
    .max(1e6)
    .optional()
    .describe(
      'Adaptive, with `whenContested` accept: one more answer is asked only while a dollar of them is expected to raise the probability of a right label by more than this (0.5: from 60% to more than 65% for $0.10). By default by anything',
    ),
  leaseMs: duration(200)
    .default(30 * 60 * SECOND)
    .describe('How long an annotator holds a task'),
  maxLeases: z.number().int().min(1).max(50).default(5).describe('Tasks that one annotator may hold at once'),
  windowMs: duration(200)
    .default(3 * DAY)
    .describe('How long a task waits for its answers before the next escalation step'),
  adjudicationMs: duration(200)
    .default(7 * DAY)
    .describe("How long a task waits for an expert's ruling before it is unresolved"),
  rejectionWindowMs: duration(DAY)
    .max(30 * DAY)
    .optional()
    .describe(
      "How long the rejection of a vendor's answer waits, in which it can be ruled to be paid; by default 7 days",
    ),
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
  goldRatio: share.default(0.05).describe('Share of answers that go to golds'),
  goldFloor: z
    .number()
    .int()
    .min(0)
    .max(100)
    .default(10)
    .describe('Golds that every new annotator meets early, whatever the ratio'),
  quality: qualityRulesSchema.prefault({}).describe('How each answer is assessed. See quality.md'),
  calibration: calibrationSchema.prefault({}).describe('Calibration sessions; null: none are given'),
  consistency: consistencySchema
    .default(null)
    .describe('Some items are shown to the same annotator again after some days, and paid. By default none'),
  agreementWatch: agreementWatchSchema
    .optional()
    .describe(
      'Low agreement pauses the campaign by itself; null: never. By default on, but off for simulated crowds and free text',
    ),
};

const vendorShape = z
  .strictObject({
    priceUsd: usd
      .optional()
      .describe("What one answer of this vendor may cost, its fees included. By default the campaign's price"),
    waitMs: duration(200)
      .optional()
      .describe('How long answers are waited for before what is left is cancelled. By default a week'),
  })
  .transform(({ priceUsd, waitMs }) => ({
    ...(priceUsd === undefined ? {} : { priceMicros: priceUsd }),
    ...(waitMs === undefined ? {} : { waitMs }),
  }));

const campaignShape = {
  name: z.string().trim().min(1).max(200).default('Untitled campaign').describe('What people call it'),
  type: z.enum(TASK_TYPE_NAMES).describe('What is asked of each item. See task-types.md'),
  config: z.unknown().optional().describe('What the task type needs to know, such as its labels. See task-types.md'),
  instructions: z.string().max(100_000).default('').describe('What annotators are told, as Markdown'),
  tier: z.enum(TIERS).default('crowd').describe('Least tier of the annotators'),
  language: z
    .string()
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag such as en or pt-BR')
    .optional()
    .describe('Only annotators who list it (a BCP 47 tag, `en` or `pt-BR`) are offered the tasks'),
  dailyLimit: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('Most answers that one annotator gives to this campaign in a day (UTC)'),
  maxPerGroup: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      'Of the items of one group, most that one annotator is ever given. Golds count like other items; repeats do not',
    ),
  workforces: z
    .array(z.string().min(1).max(100))
    .min(1)
    .max(10)
    .default(['internal'])
    .describe('Who is asked, in this order: `internal`, names of vendors, `llm`. See vendors.md and judges.md'),
  vendors: z
    .partialRecord(z.enum(VENDOR_NAMES), vendorShape)
    .optional()
    .describe('Terms of those of the workforces that are vendors, by name'),
  hedge: z
    .strictObject({
      afterMs: duration(200)
        .optional()
        .describe('When, until 20 answers of the vendor are known; without it nobody else is asked until then'),
      budgetUsd: usd.optional().describe('What that may cost in all; a campaign that hedges needs it'),
    })
    .transform(({ budgetUsd, ...rest }) => ({
      ...rest,
      ...(budgetUsd === undefined ? {} : { budgetMicros: budgetUsd }),
    }))
    .optional()
    .describe(
      'What a vendor has not answered after its own p90 is asked of the next workforce, too: the first valid answers count',
    ),
  judge: z
    .strictObject({
      auditShare: z
        .number()
        .min(0.02)
        .max(1)
        .default(0.1)
        .describe('Share of tasks that people answer in any case, to see whether the judge agrees'),
      minAudited: z.number().int().min(10).max(1000).default(50).describe('Audits before a judge may be trusted'),
      target: z
        .number()
        .min(0.5)
        .max(0.9999)
        .default(0.95)
        .describe('How probable a label must be to be decided by a judge alone; not below `minConfidence`'),
    })
    .optional()
    .describe('Judges answer first, and decide alone what they have shown to be sure of. See judges.md'),
  budgetUsd: usd.describe('The most that the campaign may spend, in dollars'),
  priceUsd: usd
    .optional()
    .describe("Price of one answer. By default the tier's hourly rate times the type's usual seconds"),
  hourlyUsd: usd
    .optional()
    .describe(
      "Pays people by the focused hour: an answer earns its time at this rate, or at the floor of the annotator's region if that is more, up to `priceUsd`, which is by default twice what the type's usual seconds earn",
    ),
  strategy: z.enum(STRATEGIES).default('combined').describe('How items are chosen. See learning.md'),
  relabel: z
    .union([
      z.literal(true).transform(() => ({ maxAnswers: MOST_RELABELS })),
      z.strictObject({
        maxAnswers: z
          .number()
          .int()
          .min(2)
          .max(25)
          .default(MOST_RELABELS)
          .describe('Answers that such a task may come to, at most'),
      }),
    ])
    .optional()
    .describe(
      'In place of new items contested old ones get one more answer, if that is expected to save more errors a dollar; true is the default of its settings. By default never. See learning.md',
    ),
  mode: z
    .enum(['streaming', 'rounds'])
    .default('streaming')
    .describe('`streaming` chooses new work as old work ends, `rounds` when the whole batch has'),
  batchSize: z.number().int().min(1).max(1000).default(100).describe('Most tasks that are chosen at once'),
  firstBatch: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      'Tasks chosen at once in the beginning; later a quarter of what is labelled, up to `batchSize`. By default 25, by the strategy `random` the whole batch',
    ),
  maxInFlight: z.number().int().min(1).max(2000).default(500).describe('Most tasks that are open at once'),
  refitEvery: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('After so many settled tasks the model is fitted anew. By default `batchSize`'),
  ...rules,
  stop: z
    .strictObject({
      maxTasks: z.number().int().min(1).optional().describe('After so many tasks'),
      targetAccuracy: share
        .optional()
        .describe("When the lower end of the interval of the model's accuracy reaches this"),
      plateau: z
        .strictObject({
          rounds: z.number().int().min(1).max(15).describe('As many labels more as so many fits brought'),
          minGain: z.number().min(0).max(1).describe('gain no more than this share of accuracy'),
        })
        .optional()
        .describe('When more labels would gain too little, by the upper end of the forecast'),
      leastPointsPerUsd: z
        .number()
        .min(0)
        .max(1e6)
        .optional()
        .describe('When the next 500 labels are surely worth fewer points of accuracy a dollar than this'),
      deadline: z.iso.datetime({ offset: true }).optional().describe('At this time, as 2027-01-31T18:00:00Z'),
    })
    .default({})
    .describe('When the campaign stops before its items or its budget are used up'),
  model: z
    .union([
      z.strictObject({
        http: z
          .strictObject({
            url: z
              .url({ protocol: /^https?$/ })
              .max(2000)
              .describe('Its address, on a host of `QUORATE_MODEL_HOSTS`'),
            timeoutMs: z
              .number()
              .int()
              .min(100)
              .max(60_000)
              .default(10_000)
              .describe('How long an answer is waited for'),
            batchSize: z.number().int().min(1).max(1000).default(100).describe('Items a request, at most'),
          })
          .describe('It is asked over HTTP'),
      }),
      z.strictObject({ predictions: z.literal(true).describe('What it says of the items is imported') }),
    ])
    .optional()
    .describe("Your own model, which then chooses in place of the campaign's. See learning.md"),
  features: z
    .union([
      z.strictObject({
        vectors: z
          .strictObject({ dims: z.number().int().min(2).max(4096).describe('Numbers a vector') })
          .describe('Each imported row has a field `vector`'),
      }),
      z.strictObject({
        embeddings: z
          .strictObject({
            url: z
              .url({ protocol: /^https?$/ })
              .max(2000)
              .describe('Its address, on a host of `QUORATE_MODEL_HOSTS`'),
            model: z.string().min(1).max(200).describe("The model's name there"),
            timeoutMs: z
              .number()
              .int()
              .min(100)
              .max(60_000)
              .default(30_000)
              .describe('How long an answer is waited for'),
            batchSize: z.number().int().min(1).max(1000).default(100).describe('Texts a request, at most'),
          })
          .describe('An OpenAI-compatible endpoint makes them of the texts'),
      }),
      z.strictObject({
        transformers: z
          .strictObject({
            folder: z
              .string()
              .max(200)
              .regex(/^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)?$/, 'must be a folder such as Xenova/all-MiniLM-L6-v2')
              .describe('Its folder in `QUORATE_MODELS_DIR`'),
            pooling: z.enum(['mean', 'cls']).default('mean').describe("How a text's vector is made of its tokens'"),
            dtype: z.enum(['fp32', 'fp16', 'q8', 'q4']).default('fp32').describe('Which of its files is used'),
            batchSize: z.number().int().min(1).max(1000).default(32).describe('Texts at a time'),
          })
          .describe("A model of the hub's layout makes them on the learning worker's machine"),
      }),
    ])
    .optional()
    .describe('What models and strategies see of an item, in place of its own words. See learning.md'),
  evaluation: z
    .strictObject({
      share: z.number().min(0.01).max(0.5).default(0.1).describe('Share of the items'),
      budgetUsd: usd.optional().describe("What labeling them may cost. By default the same share of the campaign's"),
    })
    .transform(({ share: part, budgetUsd }) => ({
      share: part,
      ...(budgetUsd === undefined ? {} : { budgetMicros: budgetUsd }),
    }))
    .nullable()
    .optional()
    .describe(
      'A random slice of the items, with a budget of its own, that people label for measuring the model alone; null: none. By default a tenth, if the task type has a model',
    ),
  autoLabel: z
    .strictObject({
      target: z.number().min(0.5).max(0.999).default(0.95).describe('How often its labels must agree with people'),
      minAudited: z.number().int().min(10).max(1000).default(50).describe('Audits before it may label'),
    })
    .optional()
    .describe('The model labels what is left if audits by people support it. By default never. See learning.md'),
  seed: z.string().min(1).max(100).default('quorate').describe('Seed of every random choice of this campaign'),
  simulated: z
    .boolean()
    .default(false)
    .describe('Says on every page and report that the answers come from a simulated crowd'),
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
  if (body.features && 'vectors' in body.features && ['pair', 'ranking'].includes(type.modelTarget(config.data).kind)) {
    const message = `features.vectors: tasks of the type ${body.type} show several answers, which one vector cannot tell apart; use embeddings, or leave features out.`;
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
      // How a made-up crowd agrees says nothing of the task, nor how far apart texts are.
      agreementWatch:
        agreementWatch === undefined && !body.simulated && body.type !== 'free_text'
          ? DEFAULT_AGREEMENT_WATCH
          : (agreementWatch ?? null),
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

/** Least confidence of a decision where it is not said. */
export const usualConfidence = ({ redundancyPolicy }: Pick<CampaignSettings, 'redundancyPolicy'>): number =>
  redundancyPolicy === 'adaptive' ? 0.95 : 0.6;

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
    minConfidence: body.minConfidence ?? usualConfidence(body),
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

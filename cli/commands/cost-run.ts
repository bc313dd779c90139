import { z } from 'zod';
import { breakEvenTasks, type CostEstimate, estimateCost } from '../../domain/cost/cost-model.ts';
import { type CostFigures, unusualFigures } from '../../domain/cost/figures.ts';
import { compareListPrices, LIST_ANNOTATIONS, LIST_PRICES_RECORDED } from '../../domain/cost/list-prices.ts';
import { questionFor } from '../../domain/cost/measured.ts';
import { PLATFORMS, type Platform } from '../../domain/cost/platforms.ts';
import { formatUsd, parseUsd } from '../../domain/money.ts';
import { TASK_TYPE_NAMES, type TaskTypeName } from '../../domain/tasks/task-type.ts';
import { TIERS, type Tier } from '../../domain/tiers.ts';
import { print, printJson, table, usageError } from '../output.ts';
import { figuresFor } from './figures.ts';
import { client, expectShape } from './shared.ts';

/** What platforms take: of the one that is asked about, and of any by name. */
export type Fees = Readonly<Partial<Record<Platform | 'all', number>>>;

export interface CostFlags {
  /** Needed without a campaign. */
  readonly type?: TaskTypeName;
  readonly tasks: number;
  /** By default the campaign's, else `trained`. */
  readonly tier?: Tier;
  readonly redundancy: number;
  readonly platform?: Platform;
  readonly hourlyUsd?: bigint;
  readonly seconds?: number;
  readonly fee?: Fees;
  readonly gold?: number;
  readonly review?: number;
  readonly reviewFactor?: number;
  readonly hostingUsd?: bigint;
  readonly settings?: string;
  readonly organisation?: boolean;
  readonly campaign?: string;
  readonly json?: boolean;
}

const elsewhereSchema = z.object({
  platform: z.enum([...PLATFORMS, 'llm_judge']),
  answers: z.number(),
  secondsEach: z.number().nullable(),
  priceUsd: z.string(),
  feeUsd: z.string(),
});

const measuredSchema = z.object({
  campaign: z.object({ type: z.enum(TASK_TYPE_NAMES), tier: z.enum(TIERS), goldRatio: z.number() }).nullable(),
  measuredElsewhere: z.array(elsewhereSchema),
  measured: z
    .object({ answers: z.number(), secondsEach: z.number(), hourlyUsd: z.string(), goldRatio: z.number() })
    .nullable(),
});
type Measured = z.output<typeof measuredSchema>['measured'];
type Elsewhere = z.output<typeof elsewhereSchema>;

/** Estimates one platform, or compares them all. */
export async function runCost(given: CostFlags): Promise<void> {
  const { tasks, redundancy, platform, json } = given;
  if (given.type === undefined && given.campaign === undefined) {
    throw usageError('--type is missing; only a --campaign stands for it.');
  }
  const { all: fee, ...fees } = given.fee ?? {};
  if (fee !== undefined && platform === undefined) {
    throw usageError('--fee is of one platform; name it with --platform, or write --fee NAME=RATIO.');
  }
  const found = given.campaign === undefined ? undefined : await measuredOf(given.campaign, given);
  const set = await figuresFor(given);
  const figures = { ...set, fees: { ...set.fees, ...fees } };
  const { campaign: own, measured, measuredElsewhere: elsewhere = [] } = found ?? {};
  const flags = {
    ...{ type: own?.type ?? 'classification', tier: own?.tier ?? 'trained', gold: own?.goldRatio },
    ...(measured ? { seconds: measured.secondsEach, hourlyUsd: parseUsd(measured.hourlyUsd) } : {}),
    // What is asked for goes before what was measured, and that before the defaults.
    ...given,
  };
  const { type, tier } = flags;
  const question = {
    type,
    tier,
    tasks,
    redundancy,
    figures,
    hourlyRateMicros: flags.hourlyUsd,
    seconds: flags.seconds,
    feeRatio: fee,
    goldRatio: flags.gold,
    reviewRatio: flags.review,
    reviewFactor: flags.reviewFactor,
  };
  const isSaid = given.hourlyUsd !== undefined || given.seconds !== undefined;
  const bought = elsewhere.map(({ priceUsd, feeUsd, ...each }) => {
    return { ...each, priceMicros: parseUsd(priceUsd), feeMicros: parseUsd(feeUsd) };
  });
  const of = (each: Platform) => {
    // A fee that is said goes before one that was measured.
    const own = { ...question, feeRatio: question.feeRatio ?? fees[each] };
    return isSaid ? own : questionFor(each, own, bought);
  };
  const estimates = (platform ? [platform] : PLATFORMS).map((each) => estimateCost(each, of(each)));
  const hosting = flags.hostingUsd ?? figures.hostingMicros;
  const breakEven = (each: Platform) => breakEvenTasks(each, of(each), hosting, question);
  if (json) {
    const full = estimates.map((each) => ({ ...each, breakEvenTasksAMonth: breakEven(each.platform) ?? null }));
    printJson(platform ? full[0] : full);
    return;
  }
  const [first] = estimates;
  const people = `${tasks} ${type} tasks, ${redundancy} ${redundancy === 1 ? 'answer' : 'answers'} each by ${tier} annotators`;
  print([
    `${people}: ${first?.totalAnnotations} annotations with gold, $${first?.costPerAnnotation.toFixed(3)} each.`,
    ...(found === undefined ? [] : [basis(found.measured), ...elsewhere.map(basisElsewhere)]),
    ...unusualFigures(figures).map(
      ({ name, value, usual }) => `Not the usual figure: ${name} is ${value} (usually ${usual}).`,
    ),
    '',
    ...costTable(estimates),
    ...breakEvenLines(flags, breakEven, hosting),
    ...listPrices(flags, figures),
  ]);
}

async function measuredOf(campaignId: string, { type, tasks, tier, redundancy }: CostFlags) {
  const query = new URLSearchParams({ tasks: `${tasks}`, redundancy: `${redundancy}`, campaignId });
  if (type !== undefined) query.set('type', type);
  if (tier !== undefined) query.set('tier', tier);
  return expectShape(measuredSchema, await (await client()).get(`/v1/cost?${query}`));
}

function basis(measured: Measured): string {
  if (!measured) return 'The campaign has fewer than 20 answers of people: by the defaults.';
  const { answers, secondsEach, hourlyUsd, goldRatio } = measured;
  const by = `By its newest ${answers} answers: ${secondsEach} s each, $${hourlyUsd} an hour`;
  return `${by}. There were ${goldRatio} golds to an answer, more while people are new; this goes by the setting.`;
}

function basisElsewhere({ platform, answers, secondsEach, priceUsd, feeUsd }: Elsewhere): string {
  const time = secondsEach === null ? '' : `, ${secondsEach} s`;
  return `By its newest ${answers} answers of ${platform}: $${priceUsd} each, of which $${feeUsd} are its fee${time}.`;
}

function costTable(estimates: readonly CostEstimate[]): string[] {
  const rows = estimates.map(({ platform, baseCost, platformFee, reviewCost, totalCost, costPerTask }) => [
    platform,
    ...[baseCost, platformFee, reviewCost, totalCost].map((amount) => amount.toFixed(2)),
    costPerTask.toFixed(3),
  ]);
  const head = ['platform', 'annotations', 'fee', 'review', 'total', 'a task'];
  // Text, so that all decimals are shown; to the right, as numbers are.
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
  );
}

function breakEvenLines(
  flags: Pick<CostFlags, 'platform'>,
  breakEven: (platform: Platform) => number | undefined,
  hosting: bigint,
): string[] {
  const compared = (flags.platform ? [flags.platform] : PLATFORMS).filter((name) => name !== 'self_hosted');
  const rows = compared.map((name) => {
    const from = breakEven(name);
    return `${name} ${from === undefined ? 'never' : `from ${from} tasks a month`}`;
  });
  if (rows.length === 0) return [];
  return [
    '',
    `Running it yourself, if that costs $${formatUsd(hosting)} a month, is cheaper than: ${rows.join(', ')}.`,
  ];
}

/** List prices are of preferences; for other work there are none. */
function listPrices(
  { type, tier, platform }: { type: TaskTypeName; tier: Tier; platform?: Platform },
  figures: CostFigures,
): string[] {
  if (type !== 'pairwise' && type !== 'preference_ranking') return [];
  const rows = compareListPrices(tier, figures)
    .filter(({ platform: name }) => platform === undefined || name === platform || name === 'llm_judge')
    .map(({ platform: name, listUsd, formulaUsd, agreement }) => [
      name,
      listUsd,
      formulaUsd ?? null,
      agreement.join(' to '),
      formulaUsd === undefined || formulaUsd === listUsd ? null : `list ${listUsd > formulaUsd ? 'higher' : 'lower'}`,
    ]);
  return [
    '',
    `List prices of ${LIST_ANNOTATIONS} preference annotations (written down ${LIST_PRICES_RECORDED}), and the formula's for as many`,
    'pairwise ones without gold and review:',
    ...table(['platform', 'list', 'formula', 'agreement', 'differs'], rows),
  ];
}

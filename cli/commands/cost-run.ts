import { z } from 'zod';
import {
  breakEvenTasks,
  type CostEstimate,
  estimateCost,
  HOSTING_MICROS_A_MONTH,
} from '../../domain/cost/cost-model.ts';
import { compareListPrices, LIST_ANNOTATIONS, LIST_PRICES_RECORDED } from '../../domain/cost/list-prices.ts';
import { PLATFORMS, type Platform } from '../../domain/cost/platforms.ts';
import { formatUsd, parseUsd } from '../../domain/money.ts';
import type { TaskTypeName } from '../../domain/tasks/task-type.ts';
import type { Tier } from '../../domain/tiers.ts';
import { print, printJson, table, usageError } from '../output.ts';
import { client, expectShape } from './shared.ts';

export interface CostFlags {
  readonly type: TaskTypeName;
  readonly tasks: number;
  readonly tier: Tier;
  readonly redundancy: number;
  readonly platform?: Platform;
  readonly hourlyUsd?: bigint;
  readonly seconds?: number;
  readonly fee?: number;
  readonly gold?: number;
  readonly review?: number;
  readonly reviewFactor?: number;
  readonly hostingUsd?: bigint;
  readonly campaign?: string;
  readonly json?: boolean;
}

const measuredSchema = z.object({
  measured: z
    .object({ answers: z.number(), secondsEach: z.number(), hourlyUsd: z.string(), goldRatio: z.number() })
    .nullable(),
});
type Measured = z.output<typeof measuredSchema>['measured'];

/** Estimates one platform, or compares them all. */
export async function runCost(given: CostFlags): Promise<void> {
  const { type, tier, tasks, redundancy, platform, json } = given;
  if (given.fee !== undefined && platform === undefined) {
    throw usageError('--fee is of one platform; name it with --platform.');
  }
  const measured = given.campaign === undefined ? undefined : await measuredOf(given.campaign, given);
  const flags = measured ? replacing(given, measured) : given;
  const question = {
    type,
    tier,
    tasks,
    redundancy,
    hourlyRateMicros: flags.hourlyUsd,
    seconds: flags.seconds,
    feeRatio: flags.fee,
    goldRatio: flags.gold,
    reviewRatio: flags.review,
    reviewFactor: flags.reviewFactor,
  };
  const estimates = (platform ? [platform] : PLATFORMS).map((each) => estimateCost(each, question));
  if (json) {
    printJson(platform ? estimates[0] : estimates);
    return;
  }
  const [first] = estimates;
  const people = `${tasks} ${type} tasks, ${redundancy} ${redundancy === 1 ? 'answer' : 'answers'} each by ${tier} annotators`;
  print([
    `${people}: ${first?.totalAnnotations} annotations with gold, $${first?.costPerAnnotation.toFixed(3)} each.`,
    ...(measured === undefined ? [] : [basis(measured)]),
    '',
    ...costTable(estimates),
    ...breakEven(flags, question),
    ...listPrices(flags),
  ]);
}

async function measuredOf(campaignId: string, { type, tasks, tier, redundancy }: CostFlags): Promise<Measured> {
  const query = new URLSearchParams({ type, tasks: `${tasks}`, tier, redundancy: `${redundancy}`, campaignId });
  return expectShape(measuredSchema, await (await client()).get(`/v1/cost?${query}`)).measured;
}

/** What is asked for goes before what was measured, and that before the defaults. */
function replacing(flags: CostFlags, { secondsEach, hourlyUsd, goldRatio }: NonNullable<Measured>): CostFlags {
  return { seconds: secondsEach, hourlyUsd: parseUsd(hourlyUsd), gold: goldRatio, ...flags };
}

function basis(measured: Measured): string {
  if (!measured) return 'The campaign has fewer than 20 answers of people: by the defaults.';
  const { answers, secondsEach, hourlyUsd, goldRatio } = measured;
  return `By its newest ${answers} answers: ${secondsEach} s each, $${hourlyUsd} an hour, ${goldRatio} golds to an answer.`;
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

function breakEven(flags: CostFlags, question: Parameters<typeof breakEvenTasks>[1]): string[] {
  const hosting = flags.hostingUsd ?? HOSTING_MICROS_A_MONTH;
  const compared = (flags.platform ? [flags.platform] : PLATFORMS).filter((name) => name !== 'self_hosted');
  const rows = compared.map((name) => {
    const from = breakEvenTasks(name, question, hosting);
    return `${name} ${from === undefined ? 'never' : `from ${from} tasks a month`}`;
  });
  if (rows.length === 0) return [];
  return [
    '',
    `Running it yourself, if that costs $${formatUsd(hosting)} a month, is cheaper than: ${rows.join(', ')}.`,
  ];
}

/** List prices are of preferences; for other work there are none. */
function listPrices({ type, tier, platform }: CostFlags): string[] {
  if (type !== 'pairwise' && type !== 'preference_ranking') return [];
  const rows = compareListPrices(tier)
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

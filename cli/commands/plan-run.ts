import { writeFile } from 'node:fs/promises';
import { formatUsd, priceFor } from '../../domain/money.ts';
import {
  type CampaignAssumptions,
  type CrowdAssumptions,
  estimateCrowd,
  pilotOf,
} from '../../domain/planning/assumptions.ts';
import { assumed, fromPilot } from '../../domain/planning/draw.ts';
import { type Band, type CrowdDraw, makePlan, type Plan } from '../../domain/planning/plan.ts';
import { planSvg } from '../../domain/planning/plan-svg.ts';
import { LAPSES } from '../../domain/planning/played-crowd.ts';
import { MAX_PLAYED } from '../../domain/planning/simulate.ts';
import { taskTypes } from '../../domain/tasks/index.ts';
import type { TaskTypeName } from '../../domain/tasks/task-type.ts';
import type { Tier } from '../../domain/tiers.ts';
import { facts, print, printJson, table, usageError } from '../output.ts';
import { fileProblem, nameOf, readBytes } from './files.ts';
import { answersOf, goldOf } from './offline-input.ts';

export interface PlanFlags {
  readonly tasks: number;
  readonly in?: string;
  readonly gold?: string;
  readonly type: TaskTypeName;
  readonly tier: Tier;
  readonly price?: bigint;
  readonly accuracy: number;
  readonly choices: number;
  readonly skillSd: number;
  readonly easeSd: number;
  readonly unsure: number;
  readonly seconds?: number;
  readonly annotators: number;
  readonly atWork?: readonly number[];
  readonly goldRatio: number;
  readonly fee: number;
  readonly judgeAccuracy?: number;
  readonly judgePrice: bigint;
  readonly budget?: bigint;
  readonly targetAccuracy?: number;
  readonly runs?: number;
  readonly workflows?: boolean;
  readonly played?: number;
  readonly seed: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** By the planner's own simulation, and by the workflows, which take some 20 ms an answer: runs, and tasks of each. */
const EFFORT = { simulated: { runs: 100, leastRuns: 10 }, workflows: { runs: 5, played: 60 } } as const;

/** Spread of answer times where no pilot says otherwise: standard deviation of their logarithm. */
const SECONDS_LOG_SD = 0.6;

/** Plans a campaign by simulation and prints what each policy would come to, the assumptions included. */
export async function runPlan(flags: PlanFlags): Promise<void> {
  const effort = effortOf(flags);
  const { crowd, draw, source } = await crowdOf(flags);
  const priceMicros = flags.price ?? priceFor({ tier: flags.tier, taskType: taskTypes[flags.type] });
  const campaign: CampaignAssumptions = {
    tasks: flags.tasks,
    annotators: flags.annotators,
    priceMicros,
    goldRatio: flags.goldRatio,
    feeRatio: flags.fee,
    // By default half of them, from nine to five.
    atWork:
      flags.atWork ?? Array.from({ length: 24 }, (_, hour) => (hour >= 9 && hour < 17 ? flags.annotators / 2 : 0)),
    judge: flags.judgeAccuracy === undefined ? null : { accuracy: flags.judgeAccuracy, priceMicros: flags.judgePrice },
  };
  const most = Math.max(...campaign.atWork);
  if (most > campaign.annotators) {
    throw usageError(
      `--at-work has ${most} annotators at work at once; there are ${campaign.annotators} (--annotators).`,
    );
  }
  const wish = {
    budgetUsd: flags.budget === undefined ? undefined : Number(flags.budget) / 1e6,
    accuracy: flags.targetAccuracy,
  };
  const settings = { ...effort, seed: flags.seed, wish };
  const plan = flags.workflows
    ? await (await import('../planning/plan.ts')).planByWorkflows(campaign, draw, settings)
    : makePlan(campaign, draw, settings);
  const played = { by: flags.workflows ? 'workflows' : 'simulation', tasks: Math.min(flags.tasks, effort.maxPlayed) };
  if (flags.out !== undefined) await save(flags.out, planSvg(plan.options, `${flags.tasks} tasks: cost and accuracy`));
  const assumptions = { source, ...crowd, ...campaign, priceMicros: String(priceMicros) };
  if (flags.json) {
    const { judge } = campaign;
    printJson({
      ...plan,
      played: { ...played, runs: plan.runs },
      assumptions: { ...assumptions, judge: judge && { ...judge, priceMicros: String(judge.priceMicros) } },
    });
  } else print(lines(flags, plan, { crowd, campaign, source, played }));
}

/** How much is played; what does not go together is wrong usage. */
function effortOf({ workflows, runs, played }: PlanFlags): { runs: number; maxPlayed: number } {
  if (workflows) return { runs: runs ?? EFFORT.workflows.runs, maxPlayed: played ?? EFFORT.workflows.played };
  if (played !== undefined) throw usageError('--played belongs to --workflows.');
  const { simulated } = EFFORT;
  if (runs !== undefined && runs < simulated.leastRuns) {
    throw usageError(`--runs is ${runs}; it must be ${simulated.leastRuns} or more, but with --workflows.`);
  }
  return { runs: runs ?? simulated.runs, maxPlayed: MAX_PLAYED };
}

async function crowdOf(flags: PlanFlags): Promise<{ crowd: CrowdAssumptions; draw: CrowdDraw; source: string }> {
  const { accuracy, choices, skillSd, easeSd } = flags;
  if ((flags.in === undefined) !== (flags.gold === undefined)) throw usageError('A pilot needs both --in and --gold.');
  const seconds = {
    secondsMedian: flags.seconds ?? taskTypes[flags.type].defaultSeconds,
    secondsLogSd: SECONDS_LOG_SD,
  };
  if (flags.in === undefined || flags.gold === undefined) {
    const crowd = { accuracy, choices, skillSd, easeSd, lureShare: 0.5, ...seconds };
    if (accuracy <= 0 || accuracy >= 1) throw usageError('--accuracy must be between 0 and 1, neither of them.');
    return { crowd, draw: assumed(crowd, flags.unsure), source: 'as stated' };
  }
  const answers = await answersOf(await readBytes(flags.in), { in: flags.in });
  const pilot = pilotOf(answers, await goldOf(flags.gold));
  if (pilot.tasks.length < 20) {
    throw usageError(`${nameOf(flags.gold)}: only ${pilot.tasks.length} of its tasks were answered; a pilot needs 20.`);
  }
  const source = `a pilot of ${pilot.tasks.length} tasks with ${pilot.tasks.flat().length} answers`;
  return { crowd: estimateCrowd(pilot, seconds), draw: fromPilot(pilot, seconds), source };
}

function lines(
  flags: PlanFlags,
  plan: Plan,
  {
    crowd,
    campaign,
    source,
    played,
  }: {
    crowd: CrowdAssumptions;
    campaign: CampaignAssumptions;
    source: string;
    played: { by: string; tasks: number };
  },
): string[] {
  const thousands = new Intl.NumberFormat('en').format;
  const band = ({ p10, p50, p90 }: Band, show: (value: number) => string) =>
    `${show(p50)} (${show(p10)} to ${show(p90)})`;
  const rows = plan.options.map(({ name, costUsd, hours, accuracy, answersPerTask }) => [
    name,
    band(costUsd, (value) => value.toFixed(2)),
    band(hours, (value) => (value / 24).toFixed(1)),
    band(accuracy, (value) => `${(100 * value).toFixed(1)}%`),
    answersPerTask.p50.toFixed(2),
  ]);
  const by =
    flags.budget !== undefined || flags.targetAccuracy !== undefined ? 'what was asked for' : 'cost against accuracy';
  return [
    `P50 (P10 to P90) of ${plan.runs} simulated campaigns of ${flags.tasks} tasks each:`,
    ...(played.by === 'workflows'
      ? [`${thousands(played.tasks)} tasks of each were played by the real workflows, under time skipping.`]
      : []),
    ...table(['policy', 'cost $', 'days', 'accuracy', 'answers a task'], rows),
    ...plan.options.flatMap(({ name, unresolved: { p50 } }) =>
      p50 > 0 ? [`${name}: ${(100 * p50).toFixed(1)}% of the tasks are given up, as nobody answers in time.`] : [],
    ),
    '',
    plan.recommended === null ? 'No policy meets what was asked for.' : `Recommended by ${by}: ${plan.recommended}.`,
    '',
    `Assumed (${source}):`,
    ...facts([
      ['single answers right', `${(100 * crowd.accuracy).toFixed(1)}%, ${crowd.choices} choices`],
      ['spread', `annotators ${crowd.skillSd.toFixed(2)}, tasks ${crowd.easeSd.toFixed(2)} (log-odds)`],
      ['an answer', `$${formatUsd(campaign.priceMicros)}, ${crowd.secondsMedian} s (median)`],
      ['annotators', `${campaign.annotators}; at work by hour (UTC): ${campaign.atWork.join(' ')}`],
      [
        'on top',
        `golds ${100 * campaign.goldRatio}%, and newcomers meet their first 10 sooner; fee ${100 * campaign.feeRatio}%`,
      ],
      ['judge', campaign.judge && `${100 * campaign.judge.accuracy}% right, $${formatUsd(campaign.judge.priceMicros)}`],
      ['adaptive', '2 to 5 answers, until a label is 95% probable'],
      ['leases', `${100 * LAPSES}% are left to run out`],
      [
        `tasks beyond ${thousands(played.tasks)}`,
        flags.tasks > played.tasks ? 'are taken to go like those that were played' : null,
      ],
    ]),
  ];
}

async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw fileProblem(error, file);
  }
}

import type { Duplicates } from '../../domain/formats/duplicates.ts';
import { formatUsd } from '../../domain/money.ts';
import { pilotOf } from '../../domain/planning/assumptions.ts';
import { nextMidnightMs, TURNOUT_LOG_SD } from '../../domain/planning/calendar.ts';
import { type PlanGiven, type PlanInputs, planInputs } from '../../domain/planning/inputs.ts';
import { type Band, makePlan, type Plan } from '../../domain/planning/plan.ts';
import { planSvg } from '../../domain/planning/plan-svg.ts';
import { planView } from '../../domain/planning/plan-view.ts';
import { LAPSES } from '../../domain/planning/played-crowd.ts';
import { MAX_PLAYED } from '../../domain/planning/simulate.ts';
import type { TaskTypeName } from '../../domain/tasks/task-type.ts';
import type { Tier } from '../../domain/tiers.ts';
import { facts, printJson, table, usageError } from '../output.ts';
import { readBytes } from './files.ts';
import { answersOf, goldFor } from './offline-input.ts';
import { outputTo, printBeside, writeAndTell } from './output-file.ts';

export interface PlanFlags {
  readonly tasks: number;
  readonly in?: string;
  readonly gold?: string;
  readonly duplicates?: Duplicates;
  readonly labels?: readonly string[];
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
  readonly start?: number;
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

/** Plans a campaign by simulation and prints what each policy would come to, the assumptions included. */
export async function runPlan(flags: PlanFlags): Promise<void> {
  const effort = effortOf(flags);
  const output = outputTo(flags.out, { inputs: [flags.in, flags.gold], json: flags.json });
  const startMs = flags.start ?? nextMidnightMs(Date.now());
  const inputs = planInputs(await givenOf(flags, startMs));
  const { campaign, draw } = inputs;
  const wish = {
    budgetUsd: flags.budget === undefined ? undefined : Number(flags.budget) / 1e6,
    accuracy: flags.targetAccuracy,
  };
  const settings = { ...effort, seed: flags.seed, wish };
  const plan = flags.workflows
    ? await (await import('../planning/plan.ts')).planByWorkflows(campaign, draw, settings)
    : makePlan(campaign, draw, settings);
  const played = { by: flags.workflows ? 'workflows' : 'simulation', tasks: Math.min(flags.tasks, effort.maxPlayed) };
  const view = planView(plan, inputs, startMs);
  await writeAndTell(
    output,
    () => [planSvg(plan.options, `${flags.tasks} tasks: cost and accuracy`)],
    () => {
      if (flags.json) return printJson({ ...view, played: { ...played, runs: plan.runs } });
      printBeside(output, lines(flags, plan, { inputs, view, played }));
    },
  );
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

async function givenOf(flags: PlanFlags, startMs: number): Promise<PlanGiven> {
  const { price, fee, judgeAccuracy, judgePrice, ...given } = flags;
  const judge = judgeAccuracy === undefined ? null : { accuracy: judgeAccuracy, priceMicros: judgePrice };
  const answers = await pilotIn(flags);
  return { ...given, priceMicros: price, feeRatio: fee, judge, startMs, ...(answers && { pilot: { answers } }) };
}

async function pilotIn(flags: PlanFlags) {
  const { in: file, gold, duplicates, labels } = flags;
  if ((file === undefined) !== (gold === undefined)) throw usageError('A pilot needs both --in and --gold.');
  if (file !== undefined && gold !== undefined) {
    const given = { in: file, ...(duplicates && { duplicates }), ...(labels && { labels }) };
    const answers = await answersOf(await readBytes(file), given);
    return pilotOf(answers, (await goldFor(answers, gold, given)).labels);
  }
  if (duplicates || labels) throw usageError('--duplicates and --labels belong to a pilot: --in and --gold.');
  return undefined;
}

interface Shown {
  readonly inputs: PlanInputs;
  readonly view: ReturnType<typeof planView>;
  readonly played: { readonly by: string; readonly tasks: number };
}

function lines(flags: PlanFlags, plan: Plan, { inputs, view, played }: Shown): string[] {
  const { campaign, crowd, source, atWork } = inputs;
  const thousands = new Intl.NumberFormat('en').format;
  const band = ({ p10, p50, p90 }: Band, show: (value: number) => string) =>
    `${show(p50)} (${show(p10)} to ${show(p90)})`;
  const rows = view.options.map(({ name, costUsd, hours, finishAt, accuracy, answersPerTask }) => [
    name,
    band(costUsd, (value) => value.toFixed(2)),
    band(hours, (value) => (value / 24).toFixed(1)),
    `${dayOf(finishAt.p50)} to ${dayOf(finishAt.p90)}`,
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
    ...table(['policy', 'cost $', 'days', 'finish, P50 to P90', 'accuracy', 'answers a task'], rows),
    ...plan.options.flatMap(({ name, unresolved: { p50 } }) =>
      p50 > 0 ? [`${name}: ${(100 * p50).toFixed(1)}% of the tasks are given up, as nobody answers in time.`] : [],
    ),
    ...plan.leftOut.map(({ name, reason }) => `${name}: left out; it ${reason}.`),
    '',
    plan.recommended === null ? 'No policy meets what was asked for.' : `Recommended by ${by}: ${plan.recommended}.`,
    '',
    `Assumed (${source}):`,
    ...facts([
      ['single answers right', `${(100 * crowd.accuracy).toFixed(1)}%, ${crowd.choices} choices`],
      ['spread', `annotators ${crowd.skillSd.toFixed(2)}, tasks ${crowd.easeSd.toFixed(2)} (log-odds)`],
      ['unsure by', inputs.unsure === null ? null : `${inputs.unsure} (log-odds)`],
      ['wrong answers', `${(100 * crowd.lureShare).toFixed(0)}% of a task's fall for the same choice`],
      [
        'an answer',
        `$${formatUsd(campaign.priceMicros)}, ${crowd.secondsMedian} s (median; its logarithm varies by ${crowd.secondsLogSd.toFixed(2)})`,
      ],
      ['begins', `${view.startAt?.replace(':00.000Z', ' UTC').replace('T', ' ')}`],
      ['annotators', `${campaign.annotators}; at work by hour (UTC): ${atWork.join(' ')}`],
      [
        'on top',
        `golds ${100 * campaign.goldRatio}%, and newcomers meet their first 10 sooner; fee ${100 * campaign.feeRatio}%`,
      ],
      ['judge', campaign.judge && `${100 * campaign.judge.accuracy}% right, $${formatUsd(campaign.judge.priceMicros)}`],
      ['adaptive', '2 to 5 answers, until a label is 95% probable'],
      ['turnout', `of a day varies by ${100 * TURNOUT_LOG_SD}%`],
      ['leases', `${100 * LAPSES}% are left to run out`],
      [
        `tasks beyond ${thousands(played.tasks)}`,
        flags.tasks > played.tasks ? 'are taken to go like those that were played' : null,
      ],
    ]),
  ];
}

/** The day (UTC) of a moment. */
const dayOf = (moment: string | null) => moment?.slice(0, 10) ?? 'after 9999';

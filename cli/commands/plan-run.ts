import type { Duplicates } from '../../domain/formats/duplicates.ts';
import { formatUsd } from '../../domain/money.ts';
import type { PlanAnswer } from '../../domain/planning/asked-plan.ts';
import { pilotOf } from '../../domain/planning/assumptions.ts';
import { nextMidnightMs } from '../../domain/planning/calendar.ts';
import { type PlanGiven, planInputs } from '../../domain/planning/inputs.ts';
import { makePlan } from '../../domain/planning/plan.ts';
import { planSvg } from '../../domain/planning/plan-svg.ts';
import { planView } from '../../domain/planning/plan-view.ts';
import { MAX_PLAYED } from '../../domain/planning/simulate.ts';
import type { TaskTypeName } from '../../domain/tasks/task-type.ts';
import type { Tier } from '../../domain/tiers.ts';
import { banded, CliError, facts, printJson, table, usageError } from '../output.ts';
import { figuresFor } from './figures.ts';
import { readBytes } from './files.ts';
import { answersOf, goldFor } from './offline-input.ts';
import { outputTo, printBeside, writeAndTell } from './output-file.ts';
import { client } from './shared.ts';

export interface PlanFlags {
  readonly tasks?: number;
  readonly campaign?: string;
  readonly in?: string;
  readonly gold?: string;
  readonly duplicates?: Duplicates;
  readonly labels?: readonly string[];
  readonly type: TaskTypeName;
  readonly tier: Tier;
  readonly settings?: string;
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
  readonly force?: boolean;
  readonly json?: boolean;
}

/** By the planner's own simulation, and by the workflows, which take some 20 ms an answer: runs, and tasks of each. */
const EFFORT = { simulated: { runs: 100, leastRuns: 10 }, workflows: { runs: 5, played: 60 } } as const;

/** Whether a flag was given, and is no default. */
type IsGiven = (name: keyof PlanFlags) => boolean;

/** Plans a campaign by simulation and prints what each policy would come to, the assumptions included. */
export async function runPlan(flags: PlanFlags, isGiven: IsGiven): Promise<void> {
  refuseIdle(flags, isGiven);
  const { json, force } = flags;
  const output = outputTo(flags.out, { inputs: [flags.in, flags.gold], json, own: /^<svg /, force });
  const plan = flags.campaign === undefined ? await planHere(flags, isGiven) : await planThere(flags, isGiven);
  await writeAndTell(
    output,
    () => [planSvg(plan.options, `${plan.assumptions.tasks} tasks: cost and accuracy`)],
    () => {
      if (flags.json) return printJson(plan);
      printBeside(output, lines(flags, plan));
    },
  );
}

const STATED = ['accuracy', 'choices', 'skillSd', 'easeSd', 'unsure'] as const;
/** What a stack that plans one of its campaigns settles by itself. */
const HERE_ALONE = ['settings', 'in', 'gold', 'duplicates', 'labels', 'runs', 'workflows', 'played'] as const;

/** Refuses what would change nothing. */
function refuseIdle(flags: PlanFlags, isGiven: IsGiven): void {
  const { campaign, tasks } = flags;
  const flagOf = (name: string) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const idle = (names: readonly (keyof PlanFlags)[]) => {
    const found = names.find(isGiven);
    return found === undefined ? undefined : flagOf(found);
  };
  if (campaign === undefined && tasks === undefined) throw usageError('--tasks is missing.');
  const local = campaign === undefined ? undefined : idle(HERE_ALONE);
  if (local !== undefined) throw usageError(`${local} is of no use with --campaign.`);
  const stated = flags.in === undefined ? undefined : idle(STATED);
  if (stated !== undefined) throw usageError(`${stated} is what the pilot shows; leave it out, or the pilot.`);
  if (isGiven('judgePrice') && flags.judgeAccuracy === undefined) {
    throw usageError('--judge-price is of a judge; say how often it is right with --judge-accuracy.');
  }
  if (isGiven('price')) {
    if (isGiven('tier')) throw usageError('--tier says what an answer pays, and so does --price; give one of them.');
    if (isGiven('type') && isGiven('seconds')) {
      throw usageError('--type is for price and seconds, and both are given; leave it out.');
    }
  }
}

async function planHere(flags: PlanFlags, isGiven: IsGiven): Promise<PlanAnswer> {
  const { tasks = 0 } = flags;
  const effort = effortOf(flags);
  const startMs = flags.start ?? nextMidnightMs(Date.now());
  const inputs = planInputs(await givenOf(flags, isGiven, { tasks, startMs }));
  const { campaign, draw } = inputs;
  const wish = {
    budgetUsd: flags.budget === undefined ? undefined : Number(flags.budget) / 1e6,
    accuracy: flags.targetAccuracy,
  };
  const settings = { ...effort, seed: flags.seed, wish };
  const plan = flags.workflows
    ? await (await import('../planning/plan.ts')).planByWorkflows(campaign, draw, settings)
    : makePlan(campaign, draw, settings);
  const by = flags.workflows ? ('workflows' as const) : ('simulation' as const);
  const played = { by, tasks: Math.min(tasks, effort.maxPlayed) };
  return planView(plan, inputs, { startMs, played });
}

/** By the stack that has the campaign. */
async function planThere(flags: PlanFlags, isGiven: IsGiven): Promise<PlanAnswer> {
  const { campaign, start, atWork, judgeAccuracy, judgePrice } = flags;
  const said = (name: keyof PlanFlags, value: unknown) => (isGiven(name) ? value : undefined);
  const answer = await (await client()).post('/v1/plan', {
    campaignId: campaign,
    ...{ tasks: flags.tasks, type: said('type', flags.type), tier: said('tier', flags.tier) },
    priceUsd: flags.price === undefined ? undefined : formatUsd(flags.price),
    ...Object.fromEntries(STATED.map((name) => [name, said(name, flags[name])])),
    ...{ seconds: flags.seconds, annotators: said('annotators', flags.annotators) },
    atWork: atWork?.flatMap((count, hour) => (count > 0 ? [`${hour}-${hour + 1}:${count}`] : [])).join(','),
    startAt: start === undefined ? undefined : new Date(start).toISOString(),
    ...{ goldRatio: said('goldRatio', flags.goldRatio), feeRatio: said('fee', flags.fee) },
    judge: judgeAccuracy === undefined ? undefined : { accuracy: judgeAccuracy, priceUsd: formatUsd(judgePrice) },
    budgetUsd: flags.budget === undefined ? undefined : formatUsd(flags.budget),
    ...{ targetAccuracy: flags.targetAccuracy, seed: flags.seed },
  });
  if (isPlan(answer)) return answer;
  throw new CliError('The server answered no plan. Are the server and this command of the same version?');
}

function isPlan(answer: unknown): answer is PlanAnswer {
  const { options, assumptions, played } = Object(answer) as Partial<PlanAnswer>;
  return Array.isArray(options) && typeof assumptions === 'object' && typeof played === 'object';
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

async function givenOf(
  flags: PlanFlags,
  isGiven: IsGiven,
  when: { readonly tasks: number; readonly startMs: number },
): Promise<PlanGiven> {
  const { price, fee, judgeAccuracy, judgePrice, settings, ...given } = flags;
  const figures = await figuresFor({ ...(settings === undefined ? {} : { settings }) });
  const goldRatio = isGiven('goldRatio') ? given.goldRatio : figures.goldRatio;
  const judge = judgeAccuracy === undefined ? null : { accuracy: judgeAccuracy, priceMicros: judgePrice };
  const answers = await pilotIn(flags);
  const paid = { figures, goldRatio, priceMicros: price, feeRatio: fee, judge };
  return { ...given, ...when, ...paid, ...(answers && { pilot: { answers } }) };
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

function unmet(flags: PlanFlags, { options }: PlanAnswer): string {
  const [near] = options.toSorted((a, b) =>
    flags.budget === undefined ? b.accuracy.p50 - a.accuracy.p50 : a.costUsd.p50 - b.costUsd.p50,
  );
  const none = 'No policy meets what was asked for';
  if (near === undefined) return `${none}.`;
  const { name, costUsd, accuracy } = near;
  return `${none}; the nearest is ${name} ($${costUsd.p50.toFixed(2)}, ${(100 * accuracy.p50).toFixed(1)}%).`;
}

function lines(flags: PlanFlags, plan: PlanAnswer): string[] {
  const { assumptions: of, played, own } = plan;
  const { judge } = of;
  const thousands = new Intl.NumberFormat('en').format;
  const percent = (share: number) => `${Number((100 * share).toFixed(1))}%`;
  const rows = plan.options.map(({ name, costUsd, hours, finishAt, accuracy, answersPerTask }) => [
    name === own ? `${name} *` : name,
    banded(costUsd, (value) => value.toFixed(2)),
    banded(hours, (value) => (value / 24).toFixed(1)),
    `${dayOf(finishAt.p50)} to ${dayOf(finishAt.p90)}`,
    banded(accuracy, (value) => `${(100 * value).toFixed(1)}%`),
    answersPerTask.p50.toFixed(2),
  ]);
  const by =
    flags.budget !== undefined || flags.targetAccuracy !== undefined ? 'what was asked for' : 'cost against accuracy';
  return [
    `P50 (P10 to P90) of ${plan.runs} simulated campaigns of ${of.tasks} tasks each:`,
    ...(played.by === 'workflows'
      ? [`${thousands(played.tasks)} tasks of each were played by the real workflows, under time skipping.`]
      : []),
    ...table(['policy', 'cost $', 'days', 'finish, P50 to P90', 'accuracy', 'answers a task'], rows),
    ...(own === null ? [] : ['* as the campaign is set now']),
    ...plan.options.flatMap(({ name, unresolved }) =>
      unresolved.p90 > 0 ? [`${name}: ${banded(unresolved, percent)} of the tasks are given up without a label.`] : [],
    ),
    ...plan.leftOut.map(({ name, reason }) => `${name}: left out; it ${reason}.`),
    ...plan.options.flatMap(({ name, cap }) =>
      plan.cap && cap && cap.enough < 1
        ? [
            `${name}: the budget of $${plan.cap.usd} is enough in ${percent(cap.enough)} of the campaigns; it pays for ${banded(cap.tasks, (value) => thousands(Math.round(value)))} tasks.`,
          ]
        : [],
    ),
    ...plan.notes.map((note) => `Note: ${note}`),
    '',
    plan.recommended === null ? unmet(flags, plan) : `Recommended by ${by}: ${plan.recommended}.`,
    '',
    `Assumed (${of.source}):`,
    ...facts([
      ['single answers right', `${(100 * of.accuracy).toFixed(1)}%, ${of.choices} choices`],
      [
        'by label',
        of.classes?.map(({ share, accuracy }) => `${percent(accuracy)} right where ${percent(share)} are`).join(', '),
      ],
      [
        'spread',
        `annotators ${of.skillSd.toFixed(2)}, their preferences ${of.leanSd.toFixed(2)}, tasks ${of.easeSd.toFixed(2)} (log-odds)`,
      ],
      ['unsure by', of.unsure === null ? null : `${of.unsure} (log-odds)`],
      ['wrong answers', `${(100 * of.lureShare).toFixed(0)}% of a task's fall for the same choice`],
      [
        'an answer',
        `${of.hourlyUsd === null ? '' : `$${of.hourlyUsd} an hour, at most `}$${of.priceUsd}, ${of.secondsMedian} s (median; its logarithm varies by ${of.secondsLogSd.toFixed(2)})`,
      ],
      ['begins', `${plan.startAt?.replace(':00.000Z', ' UTC').replace('T', ' ')}`],
      ['annotators', `${of.annotators}; at work by hour (UTC): ${of.atWork.join(' ')}`],
      [
        'on top',
        `golds ${percent(of.goldRatio)}, and newcomers meet their first ${of.goldFloor} sooner; fee ${percent(of.feeRatio)}`,
      ],
      ['judge', judge && `${percent(judge.accuracy)} right, $${judge.priceUsd}`],
      ...plan.options.flatMap(({ name, judge: judged, asks: { least, most, minConfidence } }) =>
        judged || least === most
          ? []
          : [[name, `${least} to ${most} answers, until a label is ${percent(minConfidence)} probable`] as const],
      ),
      ['turnout', `of a day varies by ${percent(of.turnoutLogSd)}`],
      ['leases', `${percent(of.lapses)} are left to run out`],
      [
        `tasks beyond ${thousands(played.tasks)}`,
        of.tasks > played.tasks ? 'are taken to go like those that were played' : null,
      ],
    ]),
  ];
}

/** The day (UTC) of a moment. */
const dayOf = (moment: string | null) => moment?.slice(0, 10) ?? 'after 9999';

import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatUsd } from '../../domain/money.ts';
import { parseAvailability } from '../../domain/planning/calendar.ts';
import { PLAN_DEFAULTS, PLAN_LIMITS } from '../../domain/planning/defaults.ts';
import { TASK_TYPE_NAMES } from '../../domain/tasks/task-type.ts';
import { TIERS } from '../../domain/tiers.ts';
import { answersOptions } from './offline.ts';
import type { PlanFlags } from './plan-run.ts';
import { FORCE, leaf, share, usd, wholeNumber } from './shared.ts';

/** `quorate plan`. */
export function registerPlan(program: Command): void {
  const { judgePriceMicros, ...standard } = PLAN_DEFAULTS;
  const plan = leaf(
    program,
    'plan',
    'cost, finish and accuracy of a campaign before it runs, policy by policy, by simulation',
  );
  plan
    .option('--tasks <n>', 'how many tasks; needed but with --campaign', wholeNumber(1, PLAN_LIMITS.tasks))
    .option('--campaign <id>', 'plan with the rules of a campaign, and by its answers to golds (needs a running stack)')
    .option('--in <file>', 'answers of a pilot (task,worker,label); with --gold they replace the assumptions')
    .option('--gold <file>', 'known labels of the pilot (task,label)');
  answersOptions(plan)
    .option(
      '--type <name>',
      `for price and seconds: ${TASK_TYPE_NAMES.join(', ')}`,
      oneOf(TASK_TYPE_NAMES),
      standard.type,
    )
    .option('--tier <name>', `who answers: ${TIERS.join(', ')}`, oneOf(TIERS), standard.tier)
    .option('--settings <file>', 'figures of the cost model as JSON, as `PUT /v1/cost/settings` takes them')
    .option('--price <usd>', 'pay for one answer (default: by tier and type)', usd('--price'))
    .option('--accuracy <share>', 'share of single answers that are right', share, standard.accuracy)
    .option('--choices <n>', 'choices of a task', wholeNumber(2, PLAN_LIMITS.choices), standard.choices)
    .option('--skill-sd <n>', 'spread of annotators, in log-odds', number(5), standard.skillSd)
    .option('--ease-sd <n>', 'spread of tasks, in log-odds', number(5), standard.easeSd)
    .option('--unsure <n>', 'how unsure these are: standard deviation in log-odds', number(3), standard.unsure)
    .option('--seconds <n>', 'median seconds of an answer (default: by type)', number(86_400))
    .option('--annotators <n>', 'how many annotators', wholeNumber(1, PLAN_LIMITS.annotators), standard.annotators)
    .option('--at-work <hours>', 'annotators at work by hour in UTC: 9-17:5,20-22:2', availability)
    .option(
      '--start <time>',
      'when it begins: 2026-12-01 or 2026-12-01T14:00Z (default: the next midnight UTC)',
      moment,
    )
    .option('--gold-ratio <share>', 'golds on top of the work', share, standard.goldRatio)
    .option('--fee <share>', 'what a platform takes on top', share, standard.feeRatio)
    .option('--judge-accuracy <share>', 'with it every option is also played with a judge as first answer', share)
    .addOption(
      // Described, as the help would print the default as JSON, which has no bigint.
      new Option('--judge-price <usd>', "the judge's price of an answer")
        .default(judgePriceMicros, formatUsd(judgePriceMicros))
        .argParser(usd('--judge-price')),
    )
    .option('--budget <usd>', 'recommend the most accurate option that costs at most this', usd('--budget'))
    .option('--target-accuracy <share>', 'recommend the cheapest option that is at least so accurate', share)
    .option(
      '--runs <n>',
      'campaigns to play of each policy (default: 100, with --workflows 5)',
      wholeNumber(1, PLAN_LIMITS.runs),
    )
    .option('--workflows', 'play them by the real workflows, on a server that skips time; slower: --runs and --played')
    .option(
      '--played <n>',
      'tasks of each campaign that --workflows plays (default: 60); the others are taken to go like these',
      wholeNumber(1, 5000),
    )
    .option('--seed <text>', 'seed of every random choice', standard.seed)
    .option('--out <file>', 'write the frontier as SVG')
    .option(...FORCE)
    .action(async (flags: PlanFlags, command: Command) => {
      const isGiven = (name: keyof PlanFlags) => command.getOptionValueSource(name) === 'cli';
      await (await import('./plan-run.ts')).runPlan(flags, isGiven);
    });
}

function oneOf<Name extends string>(names: readonly Name[]) {
  return (text: string): Name => {
    const found = names.find((name) => name === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`Allowed choices are ${names.join(', ')}.`);
  };
}

function number(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d*\.?\d+$/.test(text) && value <= most) return value;
    throw new InvalidArgumentError(`It must be a number from 0 to ${most}.`);
  };
}

function availability(text: string): number[] {
  const atWork = parseAvailability(text);
  if (atWork) return atWork;
  throw new InvalidArgumentError('It must be hours and annotators such as 9-17:5,20-22:2.');
}

function moment(text: string): number {
  const atMs = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isFinite(atMs)) return atMs;
  throw new InvalidArgumentError('It must be a day (2026-12-01), or a time with its zone (2026-12-01T14:00Z).');
}

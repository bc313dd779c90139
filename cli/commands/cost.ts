import { type Command, InvalidArgumentError } from 'commander';
import { PLATFORMS, type Platform } from '../../domain/cost/platforms.ts';
import { TASK_TYPE_NAMES, type TaskTypeName } from '../../domain/tasks/task-type.ts';
import { TIERS } from '../../domain/tiers.ts';
import type { CostFlags, Fees } from './cost-run.ts';
import { leaf, usd, wholeNumber } from './shared.ts';

const MAX_TASKS = 1_000_000_000;
const MAX_REDUNDANCY = 100;

/** Other names under which the types and platforms are known. */
const TYPE_ALIASES: Readonly<Record<string, TaskTypeName>> = {
  pairwise_comparison: 'pairwise',
  likert_scale: 'likert',
  span_annotation: 'span',
  multi_turn_dialog: 'dialog',
};
const PLATFORM_ALIASES: Readonly<Record<string, Platform>> = {
  scale: 'scale_ai',
  surge: 'surge_ai',
  amazon_mturk: 'mturk',
};

/** `quorate cost`. */
export function registerCost(program: Command): void {
  leaf(program, 'cost', 'what a campaign will cost, platform by platform')
    .option(
      '--type <name>',
      `the task type: ${TASK_TYPE_NAMES.join(', ')} (default: the campaign's)`,
      named(TASK_TYPE_NAMES, TYPE_ALIASES),
    )
    .requiredOption('--tasks <n>', 'how many tasks', within(MAX_TASKS))
    .option('--tier <name>', `who answers: ${TIERS.join(', ')} (default: the campaign's, else trained)`, named(TIERS))
    .option('--redundancy <n>', 'answers a task', within(MAX_REDUNDANCY), 3)
    .option('--platform <name>', `one platform only: ${PLATFORMS.join(', ')}`, named(PLATFORMS, PLATFORM_ALIASES))
    .option('--hourly-usd <dollars>', 'pay for an hour (default: 12, 25, 50, 100 by tier)', usd('--hourly-usd'))
    .option('--seconds <n>', 'seconds for one annotation (default: by type)', ratio(86_400))
    .option(
      '--fee <ratio>',
      'what the platform takes, or NAME=RATIO of any, several times (default: .40, .30, .20, .05, other .10)',
      fees,
    )
    .option('--gold <ratio>', "gold answers on top of the work (default: the campaign's, else 0.05)", ratio(10))
    .option('--review <ratio>', 'share of tasks that are reviewed (default: 0.1)', ratio(1))
    .option('--review-factor <n>', 'price of a review in annotations (default: 2)', ratio(1000))
    .option(
      '--hosting-usd <dollars>',
      'what running it yourself costs a month, for the break-even (default: 10000)',
      usd('--hosting-usd'),
    )
    .option('--settings <file>', 'figures as JSON, as `PUT /v1/cost/settings` takes them, in place of the defaults')
    .option(
      '--organisation',
      'by the figures that the organisation has set, as with --campaign (needs a running stack)',
    )
    .option(
      '--campaign <id>',
      'what its people, vendors and judges took and were paid replaces the defaults (needs a running stack)',
    )
    .addHelpText(
      'after',
      '\nCost of an annotation = hourly pay x seconds / 3600; annotations = tasks x redundancy x (1 + gold);' +
        '\ntotal = annotations x cost x (1 + fee) + tasks x reviewed share x cost x review factor, without a fee.' +
        '\nWithout --platform all platforms are listed (`other` stands for any that is not).',
    )
    .action(async (flags: CostFlags) => {
      const { runCost } = await import('./cost-run.ts');
      await runCost(flags);
    });
}

/** Option parser: one of `names`, or another name for it; `-` and `_` are the same, and so are capitals. */
function named<Name extends string>(names: readonly Name[], aliases: Readonly<Record<string, Name>> = {}) {
  return (text: string): Name => {
    const plain = text.toLowerCase().replaceAll('-', '_');
    const found = names.find((name) => name === plain) ?? (Object.hasOwn(aliases, plain) ? aliases[plain] : undefined);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`Allowed choices are ${names.join(', ')}.`);
  };
}

/** Option parser: a share, or shares of platforms by name. */
function fees(text: string, before: Fees = {}): Fees {
  const at = text.indexOf('=');
  if (at < 0) return { ...before, all: ratio(10)(text) };
  return { ...before, [named(PLATFORMS, PLATFORM_ALIASES)(text.slice(0, at))]: ratio(10)(text.slice(at + 1)) };
}

function within(most: number): (text: string) => number {
  return (text) => {
    const value = wholeNumber(1)(text);
    if (value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
  };
}

function ratio(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^(\d+\.?\d{0,6}|\.\d{1,6})$/.test(text) && value <= most) return value;
    throw new InvalidArgumentError(`It must be a number from 0 to ${most} with at most 6 decimals.`);
  };
}

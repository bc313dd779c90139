import { type Command, InvalidArgumentError } from 'commander';
import { offline } from './offline.ts';
import type { PolicyKind, ReplayFlags } from './offline-flags.ts';
import { share, wholeNumber } from './shared.ts';

/** The mean of more says no more; a slip of the finger would run for days. */
const MOST_SEEDS = 10_000;

/** `quorate replay`. */
export function registerReplay(program: Command): void {
  offline(program, 'replay', 'ask a recorded crowd again under another redundancy policy')
    .requiredOption('--gold <file>', 'known answers, as CSV or JSON Lines: task (or item), label')
    .requiredOption('--policy <policy>', 'fixed:N answers a task, or adaptive', policyKind)
    .option('--min <n>', 'adaptive: the fewest answers a task (2)', wholeNumber(1))
    .option('--max <n>', 'adaptive: the most answers a task (10)', wholeNumber(1))
    .option('--target <p>', 'adaptive: the probability of being right to stop at (0.95)', share)
    .option('--average <n>', 'adaptive: the budget, answers a task on average (3, or one more than --min)', positive)
    .option(
      '--at-hand <n>',
      'adaptive: annotators of whom the one who tells most is asked; 1 is whoever comes (5)',
      wholeNumber(1),
    )
    .option(
      '--seeds <n>',
      'how often, with other annotators each time; the result is the mean',
      wholeNumber(1, MOST_SEEDS),
      20,
    )
    .addHelpText(
      'after',
      '\nfixed:N takes whoever comes. adaptive ends at the target or the budget, whichever is earlier, and says which it was' +
        '\n(endedByBudget, in seeds); a part of what it gains is the choice of annotators, which --at-hand 1 leaves out.',
    )
    .action(async (flags: ReplayFlags) => {
      const { runReplay } = await import('./replay-run.ts');
      await runReplay(flags);
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

function policyKind(text: string): PolicyKind {
  if (text === 'adaptive') return { kind: 'adaptive' };
  const n = /^fixed:([1-9]\d{0,8})$/.exec(text)?.[1];
  if (n === undefined) throw new InvalidArgumentError('It must be fixed:N with a whole number N from 1, or adaptive.');
  return { kind: 'fixed', n: Number(n) };
}

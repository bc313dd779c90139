import { type Command, InvalidArgumentError } from 'commander';
import { offline } from './offline.ts';
import type { PolicyKind, ReplayFlags } from './offline-flags.ts';
import { share, wholeNumber } from './shared.ts';

/** The mean of more says no more; a slip of the finger would run for days. */
const MOST_SEEDS = 10_000;

/** `quorate replay`. */
export function registerReplay(program: Command): void {
  offline(program, 'replay', 'ask a recorded crowd again under another redundancy policy')
    .requiredOption('--gold <file>', 'a CSV file with known answers: task (or item), label')
    .requiredOption('--policy <policy>', 'fixed:N answers a task, or adaptive', policyKind)
    .option('--min <n>', 'adaptive: the fewest answers a task (2)', wholeNumber(1))
    .option(
      '--max <n>',
      'adaptive: the most answers a task (10); on average at most 3, or one more than --min',
      wholeNumber(1),
    )
    .option('--target <p>', 'adaptive: the probability of being right to stop at (0.95)', share)
    .option(
      '--seeds <n>',
      'how often, with other annotators each time; the result is the mean',
      wholeNumber(1, MOST_SEEDS),
      20,
    )
    .action(async (flags: ReplayFlags) => {
      const { runReplay } = await import('./replay-run.ts');
      await runReplay(flags);
    });
}

function policyKind(text: string): PolicyKind {
  if (text === 'adaptive') return { kind: 'adaptive' };
  const n = /^fixed:([1-9]\d{0,8})$/.exec(text)?.[1];
  if (n === undefined) throw new InvalidArgumentError('It must be fixed:N with a whole number N from 1, or adaptive.');
  return { kind: 'fixed', n: Number(n) };
}

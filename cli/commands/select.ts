import type { Command } from 'commander';
import type { SelectFlags } from './learning-flags.ts';
import { leaf, wholeNumber } from './shared.ts';

/** `quorate select`. */
export function registerSelect(program: Command): void {
  leaf(program, 'select', 'which items of a pool to label next')
    .requiredOption('--pool <file>', 'lines of {"text"} or {"features":[…]}, or a .npy file of vectors')
    .option('--strategy <name>', 'how to choose; see `quorate curve --help`', 'combined')
    .requiredOption('-n, --count <n>', 'how many to choose', wholeNumber(1))
    .option('--labeled <file>', 'what is labelled: lines as in the pool with "label", or {"index","label"} of the pool')
    .option('--seed <n>', 'of the random choices', wholeNumber(0), 0)
    .addHelpText(
      'after',
      '\nLines of --labeled without a label are items on their way: not chosen again, not learnt from. Pool items that' +
        '\nare equal to a labelled one are not chosen. Indices count from 0. Where fewer are left than asked for, these are' +
        '\nchosen; where none is, the exit code is 1.',
    )
    .action(async (flags: SelectFlags) => {
      const { runSelect } = await import('./select-run.ts');
      await runSelect(flags);
    });
}

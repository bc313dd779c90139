import { type Command, Option } from 'commander';
import { offline } from './offline.ts';
import { type AggregateFlags, CROWD, PAIRS } from './offline-flags.ts';
import { FORCE, wholeNumber } from './shared.ts';

/** `quorate aggregate`. */
export function registerAggregate(program: Command): void {
  offline(program, 'aggregate', 'one label with a confidence for each task of a file of answers')
    .addOption(
      new Option('--method <name>', '`default` chooses by itself and says what it chose')
        .choices([...CROWD, 'mean', ...PAIRS])
        .default('default'),
    )
    .option('--gold <file>', 'known answers, as CSV or JSON Lines: task (or item), label')
    .option('--out <file>', 'write the result there as CSV: task,label,confidence or item,score; - is standard output')
    .option(
      '--pairs <file>',
      'of comparisons, write there what is decided of each two items, as CSV: left,right,label,confidence,comparisons',
    )
    .option(...FORCE)
    .option('--seed <n>', 'of ties and random starts', wholeNumber(0), 0)
    .addHelpText(
      'after',
      '\nbradley-terry and noisy-bradley-terry take comparisons: left (or item_a), right (or item_b), worker and label (or' +
        '\nwinner), which is the item that won; "tie" or nothing is a tie. Repeated comparisons count, unless --duplicates' +
        '\nsays which. `default` takes noisy-bradley-terry of a file of comparisons without a column task or item, and labels' +
        '\ntasks, with the winner of each, where there is one. Their gold file has the same columns without worker, or task and label as in the answers.' +
        '\nGold for tasks that have no answer is ignored, and counted; a tie in it says nothing. Of mean, accuracy is the share' +
        '\nof means nearer to gold than to any other whole number, and null where labels are no whole numbers; correlation and' +
        '\nerror are there, too. confidence is the share of votes (majority), the probability that the mean of many more answers' +
        '\nlies near this one (mean), or that of the label; of two items (--pairs) the probability that the one of higher score is' +
        '\nthe better one.',
    )
    .action(async (flags: AggregateFlags) => {
      const { runAggregate } = await import('./aggregate-run.ts');
      await runAggregate(flags);
    });
}

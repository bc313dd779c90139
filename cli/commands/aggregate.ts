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
        '\nsays which. `default` takes noisy-bradley-terry of a file of comparisons without a column task or item, labels tasks' +
        '\nwith the winner of each where there is one, and takes mean of more than ten labels that are numbers, near each other' +
        '\nin a task and seldom equal, unless --labels lists them. Gold for items has the same columns without worker, or task and label as in the' +
        '\nanswers. Gold for tasks that have no answer is ignored, and counted; a tie in it says nothing of items. Of mean,' +
        '\naccuracy is the share of means nearer to gold than to any other whole number, and null where labels are no whole' +
        '\nnumbers; correlation and error are there, too. confidence is the share of votes (majority), the probability that the mean' +
        '\nof many more answers lies near this one (mean), or that of the label; of two items (--pairs) the probability that the one' +
        '\nof higher score is the better one.',
    )
    .action(async (flags: AggregateFlags) => {
      const { runAggregate } = await import('./aggregate-run.ts');
      await runAggregate(flags);
    });
}

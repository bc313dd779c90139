import { type Command, InvalidArgumentError } from 'commander';
import type { CurveFlags } from './learning-flags.ts';
import { FORCE, leaf, list, wholeNumber } from './shared.ts';

/** The mean of more says no more; a slip of the finger would run for days. */
const MOST_SEEDS = 1000;

/** `quorate curve`. */
export function registerCurve(program: Command): void {
  leaf(program, 'curve', 'how accurate a model gets with ever more labels, by strategy of choosing them')
    .requiredOption(
      '--pool <file>',
      'lines of {"text","label"} or {"features":[…],"label"}; labels are looked up as asked',
    )
    .requiredOption('--test <file>', 'lines of the same form, to measure with')
    .option('--strategy <names>', 'strategies, separated by commas (default: random,combined)', list)
    .option('--budgets <numbers>', 'numbers of labels to measure at (default: 100,250,500,1000,2500)', rising)
    .option('--seeds <n>', 'runs of each strategy', wholeNumber(1, MOST_SEEDS), 5)
    .option('--batch <n>', 'labels asked for at once', wholeNumber(1), 25)
    .option('--out <file>', 'draw the curves as SVG')
    .option(...FORCE)
    .addHelpText(
      'after',
      '\nStrategies: random, uncertainty (= margin), entropy, least_confidence, diversity, kmeans++, expected_change,' +
        '\ncombined, badge. All have the same features and the same learner; budgets beyond the pool are left out.',
    )
    .action(async (flags: CurveFlags) => {
      const { runCurves } = await import('./curve-run.ts');
      await runCurves(flags);
    });
}

/** Option parser: whole numbers from 1, separated by commas; sorted, each once. */
function rising(text: string): number[] {
  const numbers = list(text).map((each) => (/^\d+$/.test(each) ? Number(each) : Number.NaN));
  if (numbers.every((number) => Number.isSafeInteger(number) && number >= 1)) {
    return [...new Set(numbers)].sort((a, b) => a - b);
  }
  throw new InvalidArgumentError('It must be whole numbers from 1, separated by commas.');
}

import { type Command, Option } from 'commander';
import type { Weights } from '../../domain/agreement/category-distance.ts';
import type { Metric } from '../../domain/agreement/measure.ts';
import type { MeasurementLevel } from '../../domain/tasks/task-type.ts';
import { offline } from './offline.ts';
import type { AgreementFlags } from './offline-flags.ts';
import { wholeNumber } from './shared.ts';

/** The interval of more is the same to its third digit. */
const MOST_RESAMPLES = 1_000_000;

/** `quorate agreement`. */
export function registerAgreement(program: Command): void {
  offline(program, 'agreement', 'how far the annotators of a file of answers agree beyond chance')
    .addOption(
      new Option('--metric <name>', 'the coefficient')
        .choices(['krippendorff', 'cohen', 'fleiss', 'gwet'] satisfies Metric[])
        .default('krippendorff'),
    )
    .addOption(
      new Option('--level <level>', 'how labels relate: names, an order, or numbers')
        .choices(['nominal', 'ordinal', 'interval', 'ratio'] satisfies MeasurementLevel[])
        .default('nominal'),
    )
    .addOption(
      new Option('--weights <name>', 'how disagreements weigh, where not as the level says').choices([
        'identity',
        'linear',
        'quadratic',
        'ordinal',
        'ratio',
      ] satisfies Weights[]),
    )
    .option(
      '--bootstrap <n>',
      'resamples of the tasks for a 95% interval; 20 or more',
      wholeNumber(0, MOST_RESAMPLES),
      0,
    )
    .option('--seed <n>', 'of the resampling', wholeNumber(0), 0)
    .option(
      '--min-shared <n>',
      'cohen: tasks that two workers must share (default: 10; of two workers all)',
      wholeNumber(1),
    )
    .addHelpText(
      'after',
      "\nLevels above nominal read labels as numbers; with --labels the ordinal level takes their order. Cohen's kappa is" +
        '\nthe mean over pairs of workers with enough shared tasks (--min-shared). Weights by level: identity, ordinal' +
        "\n(Cohen's: linear, of ranks), quadratic, ratio. What has no value is null, with the reason.",
    )
    .action(async (flags: AgreementFlags) => {
      const { runAgreement } = await import('./agreement-run.ts');
      await runAgreement(flags);
    });
}

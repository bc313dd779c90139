import { performance } from 'node:perf_hooks';
import { type Command, Option } from 'commander';
import { DUPLICATES } from '../../domain/formats/duplicates.ts';
import { labelList, leaf, requireOneStdin } from './shared.ts';

/** A command that works on a file of answers alone, without a running stack. */
export function offline(program: Command, usage: string, description: string): Command {
  const command = leaf(program, usage, description).requiredOption(
    '--in <file>',
    'CSV with a header, or JSON Lines: task (or item), worker, label; - reads standard input',
  );
  return answersOptions(command);
}

/** What can be said of a file of answers. */
export function answersOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--duplicates <which>', "which of a worker's several answers to a task counts").choices(DUPLICATES),
    )
    .option(
      '--labels <list>',
      'the labels there may be, in their order, separated by commas, quoted as in CSV; @file reads them from a file',
      labelList,
    )
    .addHelpText(
      'after',
      '\nBlanks around CSV cells are dropped, except in quotes. JSON Lines 1.0 is the label 1, "1.0" is 1.0.',
    )
    .hook('preAction', (told) => {
      const { in: answers, gold } = told.opts<{ in?: string; gold?: string }>();
      requireOneStdin({ '--in': answers, '--gold': gold });
    });
}

/** Seconds since it was made, to the millisecond. */
export function stopwatch(): () => number {
  const startedMs = performance.now();
  return () => Math.round(performance.now() - startedMs) / 1000;
}

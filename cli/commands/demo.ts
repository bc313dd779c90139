import type { Command } from 'commander';
import { formatUsd } from '../../domain/money.ts';
import { CliError } from '../output.ts';
import { leaf, usd } from './shared.ts';

interface DemoFlags {
  readonly json?: boolean;
  readonly seed?: string;
  readonly budget?: string;
  readonly out?: string;
  readonly keep?: boolean;
}

/** `quorate demo`. */
export function registerDemo(program: Command): void {
  leaf(program, 'demo', 'run a whole campaign on real input with a simulated crowd, and report how well it went')
    .argument(
      '[preset]',
      'spam (6,046 real e-mails), preference (pairs of answers) or judge (these by people, by judges, by both)',
      'spam',
    )
    .option('--seed <text>', 'seed of every random choice')
    .option('--budget <usd>', "the campaign's cap, for a shorter run of spam or preference", dollars)
    .option('--out <folder>', 'where labels and report go (default: out/demo)')
    .option('--keep', 'leave the stack up afterwards, to look at its pages')
    .action(async (preset: string, options: DemoFlags) => {
      if (preset === 'judge' && options.budget !== undefined) {
        throw new CliError('--budget is for spam and preference: judge runs three campaigns, each with its own.', 2);
      }
      const { invariants } =
        preset === 'judge'
          ? await (await import('../demo/judge-demo.ts')).runJudgeDemo(options)
          : await (await import('../demo/index.ts')).runDemo(preset, options);
      const broken = Object.keys(invariants).filter((name) => !invariants[name]);
      if (broken.length > 0)
        throw new CliError(`Broken invariants: ${broken.join(', ')}. \`quorate doctor\` says more.`);
    });
}

const dollars = (text: string) => formatUsd(usd('--budget')(text));

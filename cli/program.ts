import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { packageRoot } from '../runtime/paths.ts';
import { registerAggregate } from './commands/aggregate.ts';
import { registerAgreement } from './commands/agreement.ts';
import { registerAnnotators } from './commands/annotators.ts';
import { registerCampaign } from './commands/campaign.ts';
import { registerCost } from './commands/cost.ts';
import { registerCurve } from './commands/curve.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerExplain } from './commands/explain.ts';
import { registerExport } from './commands/export-command.ts';
import { registerImport } from './commands/import.ts';
import { registerLedger } from './commands/ledger.ts';
import { registerMigrate } from './commands/migrate.ts';
import { registerPayout } from './commands/payout.ts';
import { registerPlan } from './commands/plan.ts';
import { registerReplay } from './commands/replay.ts';
import { registerSelect } from './commands/select.ts';
import { registerServe } from './commands/serve.ts';
import { registerUp } from './commands/up.ts';
import { EXIT, explain } from './output.ts';

/** The whole command line. Commands load what they need when they run, so that `--help` is quick. */
export function createProgram(): Command {
  const program = new Command('quorate')
    .description('Durable labeling campaigns: exact redundancy, honest quality numbers, money that adds up.')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print how a command is used')
    .helpCommand('help [command]', 'print how a command is used')
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(--help says how it is used)')
    .exitOverride();
  for (const register of [
    registerUp,
    registerDemo,
    registerCampaign,
    registerImport,
    registerExport,
    registerAnnotators,
    registerExplain,
    registerAggregate,
    registerAgreement,
    registerReplay,
    registerCurve,
    registerSelect,
    registerCost,
    registerPlan,
    registerLedger,
    registerPayout,
    registerDoctor,
    registerMigrate,
    registerServe,
  ]) {
    register(program);
  }
  program.addHelpText(
    'after',
    '\nCommands work on the stack that runs here (`quorate up`), or on QUORATE_URL with QUORATE_API_KEY;' +
      '\naggregate, agreement, replay, curve, select, cost and plan need none.' +
      '\nExit codes: 0 success, 2 wrong usage or input, 1 any other failure.',
  );
  return program;
}

/** Runs one command line; resolves to its exit code. Never rejects. */
export async function runCli(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return EXIT.success;
  } catch (error) {
    // Commander has said by itself what was wrong with the usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.success : EXIT.usage;
    const { text, exitCode } = explain(error, isDebug());
    process.stderr.write(`${text}\n`);
    return exitCode;
  }
}

function isDebug(): boolean {
  return process.env.QUORATE_LOG_LEVEL === 'debug' || process.env.QUORATE_LOG_LEVEL === 'trace';
}

function version(): string {
  const { version: text } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return text;
}

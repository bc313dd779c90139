import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, Help } from 'commander';
import { packageRoot } from '../runtime/paths.ts';
import { EXIT, explain, usageError } from './output.ts';

/** Every command, in the order of the help, and where it is. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  up: async () => (await import('./commands/up.ts')).registerUp,
  demo: async () => (await import('./commands/demo.ts')).registerDemo,
  campaign: async () => (await import('./commands/campaign.ts')).registerCampaign,
  budget: async () => (await import('./commands/budget.ts')).registerBudget,
  import: async () => (await import('./commands/import.ts')).registerImport,
  export: async () => (await import('./commands/export-command.ts')).registerExport,
  annotators: async () => (await import('./commands/annotators.ts')).registerAnnotators,
  organisations: async () => (await import('./commands/organisations.ts')).registerOrganisations,
  explain: async () => (await import('./commands/explain.ts')).registerExplain,
  aggregate: async () => (await import('./commands/aggregate.ts')).registerAggregate,
  agreement: async () => (await import('./commands/agreement.ts')).registerAgreement,
  replay: async () => (await import('./commands/replay.ts')).registerReplay,
  curve: async () => (await import('./commands/curve.ts')).registerCurve,
  select: async () => (await import('./commands/select.ts')).registerSelect,
  cost: async () => (await import('./commands/cost.ts')).registerCost,
  plan: async () => (await import('./commands/plan.ts')).registerPlan,
  ledger: async () => (await import('./commands/ledger.ts')).registerLedger,
  payout: async () => (await import('./commands/payout.ts')).registerPayout,
  doctor: async () => (await import('./commands/doctor.ts')).registerDoctor,
  migrate: async () => (await import('./commands/migrate.ts')).registerMigrate,
  serve: async () => (await import('./commands/serve.ts')).registerServe,
};

/**
 * The command line for these arguments: the command that they name or, for help and mistakes, all commands. Commands load
 * what they need when they run, so that `--help` is quick.
 */
async function createProgram([name = '']: readonly string[]): Promise<Command> {
  const program = new Command('quorate')
    .description('Durable labeling campaigns: exact redundancy, honest quality numbers, money that adds up.')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print how a command is used')
    .helpCommand('help [command]', 'print how a command is used')
    .configureHelp({
      showGlobalOptions: false,
      optionDescription(option) {
        const described = Help.prototype.optionDescription.call(this, option);
        return option.mandatory ? `${described} (required)` : described;
      },
    })
    .showHelpAfterError('(--help says how it is used)')
    .exitOverride();
  const wanted = Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]] : Object.values(COMMANDS);
  for (const register of await Promise.all(wanted.map((load) => load?.()))) register?.(program);
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
    const [first, second] = args;
    if (first === 'help' && second !== undefined && !Object.hasOwn(COMMANDS, second) && !second.startsWith('-')) {
      throw usageError(`There is no command ${JSON.stringify(second)}. \`quorate help\` lists them.`);
    }
    await (await createProgram(args)).parseAsync(args, { from: 'user' });
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

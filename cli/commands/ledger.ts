import type { Command } from 'commander';
import { FORCE, leaf } from './shared.ts';

interface ExportFlags {
  readonly period?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `quorate ledger`. */
export function registerLedger(program: Command): void {
  const ledger = program
    .command('ledger')
    .description('the books of the stack that runs here: prove them, export them, close a month');
  leaf(ledger, 'verify', 'prove the books: every entry, every balance, every closed month').action(
    async ({ json = false }: { json?: boolean }) => (await import('./ledger-run.ts')).verify(json),
  );
  leaf(ledger, 'export', 'all entries as CSV, for accountants')
    .option('--period <month>', 'only those of a month such as 2026-11 (UTC)')
    .option('--out <file>', 'write to a file instead of the standard output')
    .option(...FORCE)
    .action(async (flags: ExportFlags) => (await import('./ledger-run.ts')).exportEntries(flags));
  leaf(ledger, 'close <month>', 'close a month that has ended: nothing is booked in it any more')
    .requiredOption('--by <name>', 'who closes it')
    .action(async (month: string, flags: { by: string; json?: boolean }) =>
      (await import('./ledger-run.ts')).close(month, flags),
    );
}

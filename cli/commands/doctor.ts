import type { Command } from 'commander';
import type { Check } from '../../runtime/doctor.ts';
import { CliError, oneLine, print, printJson } from '../output.ts';
import { showLine } from '../progress.ts';
import type { DatabaseReport } from './doctor-database.ts';
import { leaf } from './shared.ts';

const MARKS = { ok: 'ok     ', warn: 'warn   ', missing: 'MISSING' } as const;

/** `quorate doctor`. */
export function registerDoctor(program: Command): void {
  leaf(program, 'doctor', 'look over this machine, and prove the ledger of the running stack').action(
    async ({ json }: { json?: boolean }) => {
      const [{ loadConfig }, { diagnose }, { readEndpoint }, { examine }, { checkVendors }, { checkWorkflows }] =
        await Promise.all([
          import('../../runtime/config.ts'),
          import('../../runtime/doctor.ts'),
          import('../../runtime/endpoint.ts'),
          import('./doctor-database.ts'),
          import('../vendors.ts'),
          import('./doctor-workflows.ts'),
        ]);
      const config = loadConfig();
      const checks: Check[] = [...(await diagnose(config)), await checkVendors(process.env)];
      showLine('Proving the ledger and the invariants...');
      const running = readEndpoint(config.home);
      const databaseUrl = running?.databaseUrl ?? config.database.url;
      const database = databaseUrl === undefined ? undefined : await examine(databaseUrl);
      const temporal = config.temporal.external ?? running?.temporal;
      const tables = database?.checks[0]?.status === 'ok';
      const workflows = databaseUrl && temporal && tables ? [await checkWorkflows({ databaseUrl, temporal })] : [];
      showLine('');
      const all = [...checks, ...(database?.checks ?? []), ...workflows];
      if (json) printJson({ checks: all, ledger: database?.ledger ?? [], invariants: database?.invariants ?? {} });
      else print(doctorLines(all, database));
      const missing = all.filter((check) => check.status === 'missing').length;
      if (missing > 0) throw new CliError(`${missing} of ${all.length} checks failed; what to do stands beside each.`);
    },
  );
}

/** The checks as a list, each with how to mend it, and the balances that were proved. */
export function doctorLines(checks: readonly Check[], database: DatabaseReport | undefined): string[] {
  const width = Math.max(...checks.map((check) => check.name.length));
  const lines = checks.flatMap(({ name, status, detail, fix }) => [
    `${MARKS[status]}  ${name.padEnd(width)}  ${oneLine(detail)}`,
    ...(fix === undefined ? [] : [`${' '.repeat(width + 11)}${oneLine(fix)}`]),
  ]);
  if (!database) return [...lines, '', 'No stack runs here, so there was no ledger to prove.'];
  const balances = database.ledger.map(
    ({ name, spentUsd, reservedUsd, capUsd }) =>
      `  ${oneLine(name)}: $${spentUsd} spent, $${reservedUsd} reserved, cap $${capUsd}`,
  );
  return balances.length === 0 ? lines : [...lines, '', 'Balances, proved from the ledger:', ...balances];
}

import type { Command } from 'commander';
import { leaf } from './shared.ts';

interface Json {
  readonly json?: boolean;
}

/** `quorate payout`. */
export function registerPayout(program: Command): void {
  const payout = program
    .command('payout')
    .description('pay annotators: one run a month collects, freezes, exports a file for the bank, and is reconciled');
  const load = () => import('./payout-run.ts');

  leaf(payout, 'run <month>', 'begin the run of a month that has ended, such as 2026-10 (UTC)')
    .option('--least <usd>', 'who is owed less waits for the next run (default: 0.01)')
    .action(async (month: string, flags: Json & { least?: string }) => (await load()).begin(month, flags));
  leaf(payout, 'list', 'list runs, newest first').action(async (flags: Json) => (await load()).list(flags));
  leaf(payout, 'show <run>', 'show a run and its payments').action(async (run: string, flags: Json) =>
    (await load()).show(run, flags),
  );
  leaf(payout, 'log <run>', 'show who did what to a run').action(async (run: string, flags: Json) =>
    (await load()).log(run, flags),
  );
  leaf(payout, 'approve <run>', 'let a frozen run go out; another person than the one who began it').action(
    async (run: string, flags: Json) => (await load()).act(run, 'approve', {}, flags),
  );
  leaf(payout, 'cancel <run>', 'take a run back before it is approved')
    .requiredOption('--reason <text>', 'why')
    .action(async (run: string, flags: Json & { reason: string }) =>
      (await load()).act(run, 'cancel', { reason: flags.reason }, flags),
    );
  leaf(payout, 'export <run>', "write the bank's file of an approved run")
    .requiredOption('--out <file>', 'the CSV file to write')
    .action(async (run: string, flags: Json & { out: string }) => (await load()).exportFile(run, flags));
  leaf(payout, 'reconcile <run>', "take in the provider's report")
    .requiredOption(
      '--in <file>',
      'CSV with the columns reference (or end_to_end_id), amount, status: paid, failed, returned, pending',
    )
    .action(async (run: string, flags: Json & { in: string }) => (await load()).reconcile(run, flags));
  leaf(payout, 'resolve <run> <payment>', 'say what became of a payment that no report tells')
    .requiredOption('--outcome <paid|failed>', 'what became of it')
    .option('--amount <usd>', 'what has arrived of it (default: what its report says)')
    .requiredOption('--note <text>', 'how you know')
    .action(async (run: string, payment: string, flags: Json & { outcome: string; amount?: string; note: string }) => {
      const { outcome, amount: amountUsd, note } = flags;
      await (await load()).act(run, 'resolve', { paymentId: payment, outcome, amountUsd, note }, flags);
    });
}

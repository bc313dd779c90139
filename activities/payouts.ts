import { askPerson, cancelRun, closeRun, collectRun, exportRun, payoutFacts } from '../db/queries/payouts.ts';
import { QuorateError } from '../domain/failures.ts';
import type { PayoutFacts } from '../domain/payouts/steps.ts';
import type { Dependencies } from './dependencies.ts';
import { typedFailures } from './failures.ts';
import { whileAlive } from './while-alive.ts';

/**
 * What a payout run needs from the outside. Each act is one transaction that looks at the run's state first, so that a
 * repeat after a crash changes nothing: idempotent by the run.
 */
export function createPayoutActivities({ db }: Dependencies) {
  return typedFailures({
    loadPayout: async (input: { runId: string }): Promise<PayoutFacts> => {
      const facts = await payoutFacts(db, input.runId);
      if (!facts) throw new QuorateError('not_found', `There is no payout run ${input.runId}.`);
      return facts;
    },
    collectPayout: async (input: { runId: string }): Promise<void> => whileAlive(() => collectRun(db, input.runId)),
    exportPayout: async (input: { runId: string }): Promise<void> => whileAlive(() => exportRun(db, input.runId)),
    cancelPayout: async (input: { runId: string; reason: string }): Promise<void> =>
      cancelRun(db, { ...input, overdue: true }),
    askAboutPayout: async (input: { runId: string }): Promise<void> => askPerson(db, input.runId),
    closePayout: async (input: { runId: string }): Promise<void> => closeRun(db, input.runId),
  });
}

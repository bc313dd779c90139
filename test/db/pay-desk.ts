import { expect } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import type { Db } from '../../db/client.ts';
import { setPayoutAccount } from '../../db/queries/adjustments.ts';
import { verifyBooks } from '../../db/queries/books.ts';
import { verifyLedger } from '../../db/queries/ledger-proof.ts';
import { payableNow } from '../../db/queries/payables.ts';
import { itemViews, runViews } from '../../db/queries/payout-reports.ts';
import { startRun } from '../../db/queries/payouts.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { DEFAULT_ORGANISATION as organisationId } from '../../db/schema/organisations.ts';
import { type Period, parsePeriod } from '../../domain/books/period.ts';
import { ada, roles } from '../support/payers.ts';
import { answer, newAnnotator, plan, type Scene, scene } from '../workers/stage.ts';

export { organisationId };
export const FAR = new Date('2999-01-01T00:00:00Z');

/** People who earn something, runs that pay them, and what the books say of it. */
export function payDesk(db: Db) {
  // Entries are dated when they are booked: these months all begin after that, so that each run collects all there is.
  let months = 0;
  const nextPeriod = (): Period =>
    parsePeriod(`${2100 + Math.floor(months / 12)}-${String((months++ % 12) + 1).padStart(2, '0')}`);
  return {
    /** An annotator who is a person, with an account. */
    async person(account = true): Promise<string> {
      const id = await newAnnotator(db);
      await db`update annotators set simulated = false where id = ${id}`;
      if (account)
        await setPayoutAccount(db, id, { holder: 'Ann', account: 'DE89370400440532013000', bic: null, region: null });
      return id;
    },
    /** Has a person answer so many tasks at $0.10 each; the answers' ids. */
    async earned(annotatorId: string, tasks: number, settings = {}): Promise<{ made: Scene; answers: string[] }> {
      const made = await scene(db, { items: tasks, annotators: 0, settings: { redundancy: 1, ...settings } });
      const answers: string[] = [];
      for (const taskId of await plan(db, made, tasks)) {
        await openSlots(db, taskId);
        answers.push((await answer(db, { taskId, annotatorId })).annotationId);
        await createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined }).decideTask({
          ...{ taskId, minConfidence: 0, acceptAny: true, log: [] },
        });
      }
      return { made, answers };
    },
    begin: async (period = nextPeriod()) =>
      (await startRun(db, { organisationId, period, leastMicros: 10_000n, by: ada, roles, now: FAR })).id,
    async viewOf(id: string) {
      const [view] = await runViews(db, { organisationId, id, limit: 1 });
      if (!view) throw new Error('There is no such run.');
      return view;
    },
    owedTo: async (annotatorId: string) =>
      (await payableNow(db, { organisationId, before: FAR }))
        .filter(({ recipient }) => recipient === annotatorId)
        .reduce((sum, { micros }) => sum + micros, 0n),
    paymentsTo: async (runId: string, annotatorId: string) =>
      (await itemViews(db, runId))
        .filter(({ recipient }) => recipient === annotatorId)
        .map(({ amountMicros }) => amountMicros),
    async expectBooks() {
      expect(await verifyBooks(db)).toMatchObject({ holds: true, overdrawn: [], sumMicros: 0n });
      expect((await verifyLedger(db)).filter(({ holds }) => !holds)).toEqual([]);
    },
  };
}

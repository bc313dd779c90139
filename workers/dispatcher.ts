import type { Db } from '../db/client.ts';
import { dispatchUnits } from '../db/queries/vendor-units.ts';
import type { Log } from './log.ts';
import { pause } from './sweeper.ts';

const GATHER_MS = 5000;

/** Makes orders of the tasks that wait for a vendor, until `signal` aborts. */
export async function runDispatcher(
  options: {
    readonly db: Db;
    readonly log: Log;
    readonly wake: () => void;
    readonly everyMs?: number;
    readonly gatherMs?: number;
  },
  signal: AbortSignal,
): Promise<void> {
  const { db, log, wake, gatherMs = GATHER_MS } = options;
  const failed = (error: unknown) => log.warn({ err: error }, 'Tasks could not be put into an order; trying again.');
  while (!signal.aborted) {
    try {
      if ((await dispatchUnits(db, { gatherMs, failed })) > 0) wake();
    } catch (error) {
      log.warn({ err: error }, 'Tasks could not be put into orders; trying again.');
    }
    await pause(options.everyMs ?? 1000, signal);
  }
}

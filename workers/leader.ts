import { connect, type Db } from '../db/client.ts';
import { isElsewhere, markTemporal, unmarkTemporal } from '../db/queries/temporal-mark.ts';
import { within } from '../db/within.ts';
import { QuorateError } from '../domain/failures.ts';
import type { Log } from './log.ts';
import { pause } from './sweeper.ts';

// Any constant does, as long as every worker uses the same one.
const RELAY_LOCK = 7_400_741;
const ALIVE_CHECK_MS = 1000;
/** A database that says nothing for so long is as good as gone: it may have given the lock to somebody else. */
const SILENT_MS = 10_000;

export const ELSEWHERE =
  'Another Quorate works on this database with another Temporal server. Stop it, or use its server: set TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.';

/**
 * Runs `work` in one process at a time: whoever holds a session lock of the database. When that process or its
 * connection dies, the lock is free and another worker takes over within about a second; when its machine does, without
 * a word, once the database has found that out (see `db/client.ts`), within a dozen seconds. Throws `conflict` where another
 * leads with another Temporal.
 */
export async function whileLeading(
  options: {
    readonly databaseUrl: string;
    readonly log: Log;
    /** Which Temporal the work is done with, where that is known. */
    readonly temporal?: string | undefined;
    readonly silentMs?: number;
  },
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { log, temporal, silentMs = SILENT_MS } = options;
  // A connection of its own: one of a pool may be given to others once its session has been cut.
  const open = () => connect(options.databaseUrl, { max: 1, name: 'quorate-leader' });
  let session = open();
  let elsewhere = false;
  while (!signal.aborted && !elsewhere) {
    try {
      const [lock] = await within(
        silentMs,
        session<{ held: boolean }[]>`select pg_try_advisory_lock(${RELAY_LOCK}) as held`,
      );
      if (lock?.held) {
        if (temporal !== undefined) await within(silentMs, markTemporal(session, temporal));
        await lead(session, work, { signal, silentMs });
        if (temporal !== undefined) await within(silentMs, unmarkTemporal(session, temporal));
        await within(silentMs, session`select pg_advisory_unlock(${RELAY_LOCK})`);
      } else if (temporal !== undefined) elsewhere = await within(silentMs, isElsewhere(session, temporal));
    } catch (error) {
      log.warn({ err: error }, 'The database did not answer; trying again.');
      // One that hangs would hang for ever; its lock goes with it.
      void session.end({ timeout: 0 }).catch(() => undefined);
      session = open();
    }
    if (!elsewhere) await pause(ALIVE_CHECK_MS, signal);
  }
  await session.end({ timeout: 1 });
  if (elsewhere) throw new QuorateError('conflict', ELSEWHERE);
}

/** One term: ends when `signal` aborts, when `work` ends, or when the session does not hold the lock (any more). */
async function lead(
  session: Db,
  work: (signal: AbortSignal) => Promise<void>,
  { signal, silentMs }: { signal: AbortSignal; silentMs: number },
): Promise<void> {
  const term = new AbortController();
  const over = () => term.abort();
  signal.addEventListener('abort', over);
  if (signal.aborted) over();
  const watch = async () => {
    while (!term.signal.aborted) {
      // The connection comes back by itself, but as another session, which does not hold the lock. Process ids are no
      // sign of that: after a restart of the database they begin anew.
      const held = await within(
        silentMs,
        session`
          select 1 from pg_locks
          where locktype = 'advisory' and pid = pg_backend_pid() and classid = 0 and objid = ${RELAY_LOCK} and granted`,
      );
      if (held.length === 0) return;
      await pause(ALIVE_CHECK_MS, term.signal);
    }
  };
  const watching = watch()
    .catch(() => undefined)
    .finally(over);
  try {
    await work(term.signal);
  } finally {
    over();
    await watching;
    signal.removeEventListener('abort', over);
  }
}

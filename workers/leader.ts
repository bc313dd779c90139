import { connect, type Db } from '../db/client.ts';
import type { Log } from './log.ts';
import { pause } from './sweeper.ts';

// Any constant does, as long as every worker uses the same one.
const RELAY_LOCK = 7_400_741;
const ALIVE_CHECK_MS = 1000;

/**
 * Runs `work` in one process at a time: whoever holds a session lock of the database. When that process or its
 * connection dies, the lock is free and another worker takes over within about a second.
 */
export async function whileLeading(
  options: { readonly databaseUrl: string; readonly log: Log },
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  // A connection of its own: one of a pool may be given to others once its session has been cut.
  const session = connect(options.databaseUrl, { max: 1, name: 'quorate-leader' });
  while (!signal.aborted) {
    try {
      const [lock] = await session<{ held: boolean; backend: number }[]>`
        select pg_try_advisory_lock(${RELAY_LOCK}) as held, pg_backend_pid() as backend`;
      if (lock?.held) {
        await lead(session, lock.backend, work, signal);
        await session`select pg_advisory_unlock(${RELAY_LOCK})`;
      }
    } catch (error) {
      options.log.warn({ err: error }, 'The database did not answer; trying again.');
    }
    await pause(ALIVE_CHECK_MS, signal);
  }
  await session.end({ timeout: 1 });
}

/** One term: ends when `signal` aborts, when `work` ends, or when the session that holds the lock is gone. */
async function lead(
  session: Db,
  backend: number,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const term = new AbortController();
  const over = () => term.abort();
  signal.addEventListener('abort', over);
  if (signal.aborted) over();
  const watch = async () => {
    while (!term.signal.aborted) {
      // The connection comes back by itself, but as another session, which does not hold the lock.
      const [now] = await session<{ backend: number }[]>`select pg_backend_pid() as backend`;
      if (now?.backend !== backend) return;
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

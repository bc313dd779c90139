import type { Db } from '../db/client.ts';
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
  options: { readonly db: Db; readonly log: Log },
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { db, log } = options;
  while (!signal.aborted) {
    try {
      const session = await db.reserve();
      try {
        const [lock] = await session<{ held: boolean }[]>`select pg_try_advisory_lock(${RELAY_LOCK}) as held`;
        if (lock?.held) {
          const term = new AbortController();
          const over = () => term.abort();
          signal.addEventListener('abort', over);
          const watch = async () => {
            // The lock lives as long as this session; when the session is gone, the term is over.
            while (!term.signal.aborted) {
              await session`select 1`;
              await pause(ALIVE_CHECK_MS, term.signal);
            }
          };
          const watching = watch().catch(over);
          await work(term.signal).finally(over);
          await watching;
          signal.removeEventListener('abort', over);
          await session`select pg_advisory_unlock(${RELAY_LOCK})`.catch(() => undefined);
        }
      } finally {
        session.release();
      }
    } catch (error) {
      log.warn({ err: error }, 'The database did not answer; trying again.');
    }
    await pause(ALIVE_CHECK_MS, signal);
  }
}

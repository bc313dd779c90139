import { setTimeout as sleep } from 'node:timers/promises';
import type { Ended } from './daemon.ts';
import { errorMessage, type Log } from './problem.ts';

export interface Startable {
  pid: number;
  exited: Promise<Ended>;
  stop(): Promise<void>;
}

export interface Kept<T extends Startable> {
  /** The one that runs now, or ran last. */
  current(): T;
  stop(): Promise<void>;
}

/**
 * Starts a server and, whenever it ends without being asked to, starts it again in the same place: at once the first
 * time, then after pauses that double up to 30 s until it has stayed up for a minute. The first start's error is thrown.
 */
export async function keepAlive<T extends Startable>(
  name: string,
  start: () => Promise<T>,
  log: Log,
): Promise<Kept<T>> {
  let current = await start();
  const stopping = new AbortController();
  const loop = (async () => {
    for (let pauseMs = 0; ; ) {
      const startedAt = Date.now();
      const { code, signal } = await current.exited;
      if (stopping.signal.aborted) return;
      log(`${name} ended unexpectedly (${signal ?? `code ${code}`}); starting it again.`);
      if (Date.now() - startedAt > 60_000) pauseMs = 0;
      for (;;) {
        await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (stopping.signal.aborted) return;
        pauseMs = Math.min(30_000, Math.max(500, pauseMs * 2));
        try {
          current = await start();
          log(`${name} is up again.`);
          break;
        } catch (error) {
          log(`${name} cannot be started again: ${errorMessage(error)}`);
        }
      }
      if (stopping.signal.aborted) await current.stop();
    }
  })();
  return {
    current: () => current,
    async stop() {
      stopping.abort();
      await current.stop();
      await loop;
    },
  };
}

import type { Db } from './client.ts';
import { OUTBOX_CHANNEL } from './queries/outbox.ts';

/**
 * Wakes the relay after commits: at most one notification every few milliseconds and one under way, and nobody waits
 * for it. A lost one costs nothing but the time until the relay's next look.
 */
export function createRelayBell(db: Db, everyMs = 5) {
  let timer: NodeJS.Timeout | undefined;
  let underWay = false;
  let again = false;

  function ring(): void {
    if (timer) return;
    if (underWay) {
      again = true;
      return;
    }
    timer = setTimeout(() => void send(), everyMs);
  }

  async function send(): Promise<void> {
    timer = undefined;
    underWay = true;
    try {
      // Not part of any transaction: a commit with a notification in it would queue behind all others.
      await db`select pg_notify(${OUTBOX_CHANNEL}, '')`;
    } catch {
      // The database is away; the relay polls.
    } finally {
      underWay = false;
      if (again) {
        again = false;
        ring();
      }
    }
  }

  return { ring, stop: () => clearTimeout(timer) };
}

export type RelayBell = ReturnType<typeof createRelayBell>;

import { Context } from '@temporalio/activity';

const HEARTBEAT_MS = 5000;

/** Says that this worker is alive until the work is done: what a dead worker had in hand goes on elsewhere soon, and else once. */
export async function whileAlive<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}

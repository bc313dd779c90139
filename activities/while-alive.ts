import { CancelledFailure, Context } from '@temporalio/activity';

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

/** Aborts as `signal` does, but not as the worker shuts down: what is under way then may come to its end. */
export function unlessShutdown(signal: AbortSignal): AbortSignal {
  const own = new AbortController();
  const pass = () => {
    const { reason } = signal;
    if (!(reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN')) own.abort(reason);
  };
  if (signal.aborted) pass();
  else signal.addEventListener('abort', pass, { once: true });
  return own.signal;
}

import { Context } from '@temporalio/activity';
import type { Wanted } from './apart.ts';

/** Heartbeats of the activity that runs now, and the signal of its end: for work that goes on apart from it. */
export function whileWanted(): Wanted {
  const context = Context.current();
  return { alive: () => context.heartbeat(), signal: context.cancellationSignal };
}

import { Worker } from 'node:worker_threads';
import { isFailureCode, QuorateError } from '../domain/failures.ts';
import type { AskedPlan, PlanAnswer } from '../domain/planning/asked-plan.ts';

/** Where the compiled thread lies, from the sources and from the build alike. */
const BUILT = new URL(import.meta.url.endsWith('.ts') ? '../dist/' : '../', import.meta.url);
const MAX_WAITING = 4;

export type ThreadAnswer =
  | { readonly plan: PlanAnswer }
  | { readonly failure: { readonly message: string; readonly code?: string } };

/** Makes plans in a thread of their own, one at a time, so that no request waits for one but its own. */
export function createPlanner() {
  let thread: Worker | undefined;
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function made(asked: AskedPlan): Promise<PlanAnswer> {
    thread ??= new Worker(new URL('api/plan-thread.js', BUILT));
    try {
      const answer = await answerOf(thread, asked);
      if ('plan' in answer) return answer.plan;
      const { message, code } = answer.failure;
      throw isFailureCode(code) ? new QuorateError(code, message) : new Error(message);
    } catch (error) {
      if (!(error instanceof QuorateError)) await end();
      throw error;
    }
  }

  async function end(): Promise<void> {
    const ended = thread;
    thread = undefined;
    await ended?.terminate();
  }

  return {
    /** Throws unavailable where enough others wait. */
    async plan(asked: AskedPlan): Promise<PlanAnswer> {
      if (waiting >= MAX_WAITING) throw new QuorateError('unavailable', 'Other plans are being made; try again soon.');
      waiting += 1;
      const mine = last.then(() => made(asked));
      last = mine.catch(() => undefined);
      return mine.finally(() => {
        waiting -= 1;
      });
    },
    end,
  };
}

function answerOf(thread: Worker, asked: AskedPlan): Promise<ThreadAnswer> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      // Not all of its listeners: some are its own, without which it hears nothing more.
      thread.off('message', onMessage).off('error', onError).off('exit', onExit);
      // Idle, it keeps no process from ending.
      thread.unref();
      settle();
    };
    const onMessage = (answer: ThreadAnswer) => finish(() => resolve(answer));
    const onError = (error: unknown) => finish(() => reject(error));
    const onExit = () => finish(() => reject(new QuorateError('unavailable', 'The plan was ended with its server.')));
    thread.on('message', onMessage).on('error', onError).on('exit', onExit);
    thread.ref();
    thread.postMessage(asked);
  });
}

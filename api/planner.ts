import { Worker } from 'node:worker_threads';
import { isFailureCode, QuorateError } from '../domain/failures.ts';
import type { AskedPlan, PlanAnswer } from '../domain/planning/asked-plan.ts';

/** Where the compiled thread lies, from the sources and from the build alike. */
const BUILT = new URL(import.meta.url.endsWith('.ts') ? '../dist/' : '../', import.meta.url);
const MAX_WAITING = 4;
const LIMIT_MS = 60_000;

export type ThreadAnswer =
  | { readonly plan: PlanAnswer }
  | { readonly failure: { readonly message: string; readonly code?: string } };

/** Makes plans in a thread of their own, one at a time, so that no request waits for one but its own. */
export function createPlanner({ limitMs = LIMIT_MS, program = new URL('api/plan-thread.js', BUILT) } = {}) {
  let thread: Worker | undefined;
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  let ended = false;

  function begun(): Worker {
    const worker = new Worker(program);
    // Heard even while no plan is made: such an error would end the process, and the next plan would wait for the dead.
    const gone = () => {
      if (thread === worker) thread = undefined;
    };
    return worker.on('error', gone).on('exit', gone);
  }

  async function made(asked: AskedPlan, signal: AbortSignal | undefined): Promise<PlanAnswer> {
    if (ended) throw new QuorateError('unavailable', 'The plan was ended with its server.');
    if (signal?.aborted) throw new QuorateError('unavailable', 'Nobody waits for the plan any more.');
    thread ??= begun();
    const answer = await answerOf(thread, asked, limitMs).catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    if ('plan' in answer) return answer.plan;
    const { message, code } = answer.failure;
    throw isFailureCode(code) ? new QuorateError(code, message) : new Error(message);
  }

  async function stop(): Promise<void> {
    const stopped = thread;
    thread = undefined;
    await stopped?.terminate();
  }

  return {
    /**
     * Throws unavailable where enough others wait, and where it takes too long.
     *
     * @param signal aborts when nobody waits for the plan any more: then it is not begun
     */
    async plan(asked: AskedPlan, signal?: AbortSignal): Promise<PlanAnswer> {
      if (waiting >= MAX_WAITING) throw new QuorateError('unavailable', 'Other plans are being made; try again soon.');
      waiting += 1;
      const mine = last.then(() => made(asked, signal));
      last = mine.catch(() => undefined);
      return mine.finally(() => {
        waiting -= 1;
      });
    },
    /** Ends what is being made, and begins nothing more. */
    async end(): Promise<void> {
      ended = true;
      await stop();
    },
  };
}

function answerOf(thread: Worker, asked: AskedPlan, limitMs: number): Promise<ThreadAnswer> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(limit);
      // Not all of its listeners: some are its own, without which it hears nothing more.
      thread.off('message', onMessage).off('error', onError).off('exit', onExit);
      // Idle, it keeps no process from ending.
      thread.unref();
      settle();
    };
    const refuse = (sentence: string) => finish(() => reject(new QuorateError('unavailable', sentence)));
    const onMessage = (answer: ThreadAnswer) => finish(() => resolve(answer));
    const onError = (error: unknown) => finish(() => reject(error));
    const onExit = () => refuse('The plan was ended with its server.');
    const limit = setTimeout(
      () => refuse(`The plan took longer than ${limitMs / 1000} s and was given up; ask for a smaller one.`),
      limitMs,
    );
    thread.on('message', onMessage).on('error', onError).on('exit', onExit);
    thread.ref();
    thread.postMessage(asked);
  });
}

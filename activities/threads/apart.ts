import { Worker } from 'node:worker_threads';
import { isFailureCode, QuorateError } from '../../domain/failures.ts';
import type { JobAnswer, JobMessage, JobName, Jobs } from './jobs.ts';

/** Where the compiled thread lies, from the sources and from the build alike. */
const BUILT = new URL(import.meta.url.endsWith('.ts') ? '../../dist/' : '../../', import.meta.url);
/** How often whoever waits for a job is told that it is being done. */
const BEAT_MS = 2000;

/** Told while a job runs that it does; throws, or aborts, when it is no longer wanted. */
export interface Wanted {
  alive(): void;
  readonly signal?: AbortSignal | undefined;
}

const idle: Worker[] = [];

/**
 * Does a job in a thread of its own, so that this one can go on answering: heartbeats, other activities. A job that is no
 * longer wanted is ended at once, with its thread. Threads are kept for the next job and keep no process from ending.
 */
export async function apart<Name extends JobName>(
  name: Name,
  input: Parameters<Jobs[Name]>[0],
  wanted: Wanted,
): Promise<ReturnType<Jobs[Name]>> {
  wanted.signal?.throwIfAborted();
  wanted.alive();
  const worker = idle.pop() ?? new Worker(new URL('activities/threads/thread.js', BUILT));
  worker.ref();
  let answer: JobAnswer;
  try {
    answer = await asked(worker, { name, input }, wanted);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  worker.unref();
  idle.push(worker);
  if ('output' in answer) return answer.output as ReturnType<Jobs[Name]>;
  const { message, code } = answer.failure;
  throw isFailureCode(code) ? new QuorateError(code, message) : new Error(message);
}

function asked(worker: Worker, job: JobMessage, { alive, signal }: Wanted): Promise<JobAnswer> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearInterval(beat);
      // Not all of the worker's listeners: some are its own, without which it hears nothing more.
      worker.off('message', onMessage).off('error', fail).off('exit', onExit);
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    const fail = (error: unknown) => finish(() => reject(error));
    const onAbort = () => fail(signal?.reason);
    const onMessage = (message: JobAnswer) => finish(() => resolve(message));
    const onExit = (code: number) => fail(new Error(`The thread of ${job.name} ended with code ${code}.`));
    const beat = setInterval(() => {
      try {
        alive();
      } catch (error) {
        fail(error);
      }
    }, BEAT_MS);
    signal?.addEventListener('abort', onAbort);
    worker.on('message', onMessage).on('error', fail).on('exit', onExit);
    worker.postMessage(job);
  });
}

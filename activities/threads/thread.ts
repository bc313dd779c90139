/** A thread that does one job after the other; see `apart`. */
import { parentPort } from 'node:worker_threads';
import { QuorateError } from '../../domain/failures.ts';
import { JOBS, type JobAnswer, type JobMessage } from './jobs.ts';

parentPort?.on('message', ({ name, input }: JobMessage) => {
  parentPort?.postMessage(done(name, input));
});

function done(name: JobMessage['name'], input: unknown): JobAnswer {
  try {
    return { output: JOBS[name](input as never) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { failure: { message, code: error instanceof QuorateError ? error.code : undefined } };
  }
}

import { ApplicationFailure } from '@temporalio/common';
import { QuorateError } from '../domain/failures.ts';

/** An expected failure as Temporal carries it: typed by its code, retried only where a retry can help. */
export function asApplicationFailure(error: QuorateError): ApplicationFailure {
  return ApplicationFailure.create({
    type: error.code,
    message: error.message,
    nonRetryable: !error.retryable,
    category: 'BENIGN',
    cause: error,
  });
}

/** Wraps each activity so that expected failures are typed; anything else is a bug and passes through untouched. */
export function typedFailures<A extends Record<string, (input: never) => Promise<unknown>>>(activities: A): A {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      try {
        return await activity(input);
      } catch (error) {
        throw error instanceof QuorateError ? asApplicationFailure(error) : error;
      }
    },
  ]);
  return Object.fromEntries(wrapped) as A;
}

import { ApplicationFailure } from '@temporalio/common';
import { type FailureCode, QuorateError } from '../domain/failures.ts';

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

/**
 * Wraps each activity so that expected failures are typed; anything else is a bug and passes through untouched, to be
 * tried again until it is mended. So are the codes in `bugs`, which are no answer to anybody where no input is a user's:
 * refused for good it would end the workflow, and with it a task or what is known of an annotator.
 */
export function typedFailures<A extends Record<string, (input: never) => Promise<unknown>>>(
  activities: A,
  { bugs = ['invalid_input', 'conflict'] }: { bugs?: readonly FailureCode[] } = {},
): A {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (input: never) => {
      try {
        return await activity(input);
      } catch (error) {
        const expected = error instanceof QuorateError && !bugs.includes(error.code);
        throw expected ? asApplicationFailure(error) : error;
      }
    },
  ]);
  return Object.fromEntries(wrapped) as A;
}

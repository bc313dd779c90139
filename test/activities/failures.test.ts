import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { typedFailures } from '../../activities/failures.ts';
import { type FailureCode, QuorateError } from '../../domain/failures.ts';

const failing = (code: FailureCode) => async (_: object) => {
  throw new QuorateError(code, 'What happened.');
};
const failureOf = (activity: (input: object) => Promise<unknown>) => activity({}).catch((error: unknown) => error);

test('expected failures are typed, and tried again only where that may help', async () => {
  const activities = { refused: failing('invalid_input'), away: failing('unavailable') };
  const { refused, away } = typedFailures(activities, { bugs: [] });
  expect(await failureOf(refused)).toMatchObject({ type: 'invalid_input', nonRetryable: true });
  expect(await failureOf(away)).toMatchObject({ type: 'unavailable', nonRetryable: false });
});

test('where no input is a user’s, refusing it is a bug: it passes through, and is tried again', async () => {
  const { learn, clash, gone } = typedFailures({
    learn: failing('invalid_input'),
    clash: failing('conflict'),
    gone: failing('not_found'),
  });
  for (const activity of [learn, clash]) {
    expect(await failureOf(activity)).toBeInstanceOf(QuorateError);
    expect(await failureOf(activity)).not.toBeInstanceOf(ApplicationFailure);
  }
  expect(await failureOf(gone)).toMatchObject({ type: 'not_found', nonRetryable: true });
});

import { CancelledFailure } from '@temporalio/activity';
import { expect, test } from 'vitest';
import { unlessShutdown } from '../../activities/while-alive.ts';

test.each([
  ['WORKER_SHUTDOWN', false],
  ['TIMED_OUT', true],
  ['CANCELLED', true],
])('%s ends what is under way: %s', (reason, ends) => {
  const controller = new AbortController();
  const before = unlessShutdown(controller.signal);
  controller.abort(new CancelledFailure(reason));
  expect(before.aborted).toBe(ends);
  expect(unlessShutdown(controller.signal).aborted).toBe(ends);
});

import { afterEach, expect, test, vi } from 'vitest';
import { createPace } from '../../vendors/pace.ts';

afterEach(() => void vi.useRealTimers());

test('so many calls a minute are let through, the first at once', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
  const pace = createPace(60);
  let through = 0;
  for (let n = 0; n < 5; n++) void pace().then(() => through++);
  const after = [];
  for (const ms of [0, 999, 1, 1000, 2000]) {
    await vi.advanceTimersByTimeAsync(ms);
    after.push(through);
  }
  expect(after).toEqual([1, 1, 2, 3, 5]);
});

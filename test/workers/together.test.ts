import { expect, test } from 'vitest';
import { together } from '../../workers/together.ts';

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });

test('all end when they are told to', async () => {
  const stop = new AbortController();
  const running = together([untilAborted, untilAborted], stop.signal);
  stop.abort();
  await expect(running).resolves.toBeUndefined();
  await expect(together([untilAborted], stop.signal), 'told before it began').resolves.toBeUndefined();
});

test('where one fails the others are ended and waited for, and its reason is the one that is told', async () => {
  const ended: string[] = [];
  const other = async (signal: AbortSignal) => {
    await untilAborted(signal);
    await Promise.resolve();
    ended.push('other');
    throw new Error('the consequence');
  };
  const failing = async () => {
    throw new Error('the cause');
  };
  await expect(together([other, failing], new AbortController().signal)).rejects.toThrow('the cause');
  expect(ended).toEqual(['other']);
});

test('where one ends by itself the others do not go on without it', async () => {
  await expect(together([untilAborted, async () => undefined], new AbortController().signal)).resolves.toBeUndefined();
});

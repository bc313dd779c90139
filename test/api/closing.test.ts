import { EventEmitter, getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { untilEither } from '../../api/closing.ts';

test('a request waits until its client or the server goes away, and leaves nothing behind at the server', () => {
  const server = new AbortController();
  const listeners = () => getEventListeners(server.signal, 'abort').length;
  const [one, two] = [new EventEmitter(), new EventEmitter()];
  const first = untilEither(one, server.signal);
  const second = untilEither(two, server.signal);
  expect(listeners()).toBe(2);
  one.emit('close');
  expect([first.aborted, second.aborted, listeners()]).toEqual([true, false, 1]);
  server.abort();
  expect(second.aborted).toBe(true);
  two.emit('close');
  expect(listeners()).toBe(0);
  expect(untilEither(new EventEmitter(), server.signal).aborted).toBe(true);
});

import { expect, test } from 'vitest';
import { TimedCache } from '../../api/timed-cache.ts';

function rig(ahead: boolean) {
  let nowMs = 0;
  let loads = 0;
  const cache = new TimedCache({ load: async () => ++loads, keepMs: 100, limit: 10, ahead, nowMs: () => nowMs });
  const at = async (ms: number) => {
    nowMs = ms;
    const value = await cache.get('key');
    await new Promise((resolve) => setImmediate(resolve));
    return value;
  };
  return { cache, at };
}

test('a value is kept for its time and then loaded again', async () => {
  const { at } = rig(false);
  expect([await at(0), await at(99), await at(100), await at(150)]).toEqual([1, 1, 2, 2]);
});

test('ahead: a value in use is loaded again behind its readers, and none of them waits', async () => {
  const { at } = rig(true);
  expect([await at(0), await at(49), await at(60), await at(61), await at(140)]).toEqual([1, 1, 1, 2, 2]);
});

test('what is forgotten while it is loaded ahead does not come back', async () => {
  const { cache, at } = rig(true);
  await at(0);
  const held = cache.get('key');
  await at(60);
  cache.forget('key');
  await held;
  expect(await at(61)).toBe(3);
});

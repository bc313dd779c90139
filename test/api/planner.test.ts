import { pathToFileURL } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { createPlanner } from '../../api/planner.ts';
import type { AskedPlan } from '../../domain/planning/asked-plan.ts';

// A thread that does as it is told.
const program = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from 'node:worker_threads';
    parentPort.on('message', ({ seed }) => {
      if (seed === 'hangs') for (;;);
      parentPort.postMessage({ plan: threadId });
      if (seed === 'exits') setImmediate(() => process.exit(1));
      if (seed === 'throws') setImmediate(() => { throw new Error('idle'); });
    });`)}`,
);
const asked = (seed: string) => ({ seed }) as AskedPlan;

let planner: ReturnType<typeof createPlanner>;
const planned = (given: Parameters<typeof createPlanner>[0] = {}) => {
  planner = createPlanner({ program, ...given });
  return planner;
};
afterEach(() => planner.end());

test.each(['exits', 'throws'])('a thread that %s by itself is followed by another one', async (seed) => {
  const { plan } = planned();
  const first = await plan(asked(seed));
  await vi.waitUntil(async () => (await plan(asked('')).catch(() => first)) !== first, 10_000);
  expect(await plan(asked(''))).toBe(await plan(asked('')));
});

test('a plan that takes too long is given up, and the next one is made', async () => {
  const { plan } = planned({ limitMs: 2000 });
  const slow = plan(asked('hangs'));
  const next = plan(asked(''));
  await expect(slow).rejects.toThrow('The plan took longer than 2 s and was given up; ask for a smaller one.');
  expect(await next).toBeTypeOf('number');
});

test('nothing is begun once the server ends or nobody waits', async () => {
  const { plan, end } = planned();
  const [running, queued] = [plan(asked('hangs')), plan(asked(''))];
  const refused = Promise.all([running, queued].map((each) => expect(each).rejects.toThrow('ended with its server')));
  await new Promise(setImmediate);
  await end();
  await refused;
  const { plan: other } = planned({ program: pathToFileURL('/there/is/none.js') });
  await expect(other(asked(''), AbortSignal.abort())).rejects.toThrow('Nobody waits');
});

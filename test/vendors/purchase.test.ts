import { afterAll, describe, expect, test } from 'vitest';
import { asAttempt, SupersededError } from '../../vendors/purchase.ts';
import type { Bench } from './bench.ts';
import { BENCHES } from './benches.ts';
import { orderOf } from './orders.ts';

const stops: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(stops.map((stop) => stop())));

const start = async (name: string): Promise<Bench> => {
  const bench = await BENCHES[name]?.();
  if (!bench) throw new Error(`There is no bench of ${name}.`);
  stops.push(bench.stop);
  return bench;
};
const order = orderOf('classification', { units: 2, answers: 1 });
const alive = new AbortController().signal;

/** Where a purchase is made at once by an idempotent request, there is no step between for a later attempt to meet. */
describe.each(['prolific', 'surge_ai'])('an attempt at %s', (name) => {
  test('whose place a later one takes buys nothing after that, at whatever step it is', async () => {
    const whole = await start(name);
    let steps = 0;
    const isLatest = async () => ++steps > 0;
    await asAttempt({ signal: alive, isLatest }, () => whole.vendor.submit(order, { again: false }));
    expect(steps).toBeGreaterThan(1);
    for (let until = 0; until < steps; until++) {
      const bench = await start(name);
      let step = 0;
      const late = { signal: alive, isLatest: async () => step++ < until };
      const attempt = asAttempt(late, () => bench.vendor.submit(order, { again: false }));
      await expect(attempt).rejects.toThrow(SupersededError);
      await bench.vendor.submit(order, { again: true });
      expect(order.units.map(({ key }) => bench.purchases(key))).toEqual([1, 1]);
      expect(bench.asked.filter(({ method }) => method !== 'GET').length).toBeGreaterThanOrEqual(steps);
    }
  });

  test('that nobody waits for any more ends', async () => {
    const bench = await start(name);
    const attempt = { signal: AbortSignal.abort(), isLatest: async () => true };
    await expect(asAttempt(attempt, () => bench.vendor.submit(order, { again: false }))).rejects.toThrow(
      SupersededError,
    );
    expect(bench.asked).toEqual([]);
  });
});

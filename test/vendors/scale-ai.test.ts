import { afterEach, describe, expect, test } from 'vitest';
import { createScaleAi } from '../../vendors/scale-ai.ts';
import { FakeServer } from './fake.ts';
import { type ScaleBenchOptions, scaleAiBench } from './fakes/scale-ai.ts';
import { orderOf } from './orders.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function start(options: ScaleBenchOptions = {}) {
  const bench = await scaleAiBench(options);
  stops.push(bench.stop);
  return bench;
}

test.each([false, true])('labels of marks are objects, or texts where these are wanted: %s', async (labelTexts) => {
  const bench = await start({ labelTexts });
  const order = orderOf('span', { units: 2, answers: 1 });
  const placement = await bench.vendor.submit(order, { again: false });
  expect(bench.allPurchases()).toBe(2);
  bench.work();
  const units = await bench.vendor.fetch(order, placement);
  expect(units.map(({ responses }) => responses[0]?.answers.spans)).toEqual([
    [{ start: 0, end: 3, label: 'name' }],
    [{ start: 0, end: 3, label: 'name' }],
  ]);
});

test.each([(status: string) => status.toUpperCase(), (status: string) => (status === 'staging' ? 'open' : status)])(
  'a batch whose attempt ended before it began is begun, however its status is written',
  async (written) => {
    const bench = await start({ written });
    const order = orderOf('classification', { units: 1, answers: 1 });
    const placement = await bench.vendor.submit(order, { again: false });
    const finals = () => bench.asked.filter(({ path }) => path.endsWith('/finalize')).length;
    expect(finals()).toBe(1);
    expect(await bench.vendor.submit(order, { again: true })).toEqual(placement);
    bench.work();
    expect((await bench.vendor.fetch(order, placement))[0]?.state).toBe('done');
    expect(bench.allPurchases()).toBe(1);
  },
);

test.each([
  [{}, 'https://quorate.example/hook'],
  [{ callbackAuthKey: undefined }, undefined],
])('a callback is asked for only where it would be believed: %j', async (adapter, expected) => {
  const order = { ...orderOf('classification', { units: 1 }), callbackUrl: 'https://quorate.example/hook' };
  const bench = await start({ adapter: adapter as ScaleBenchOptions['adapter'] & object });
  await bench.vendor.submit(order, { again: false });
  const made = bench.asked.find(({ method, path }) => method === 'POST' && path.startsWith('/v1/task/'));
  expect((made?.body ?? {}) as object).toHaveProperty('unique_id');
  expect(((made?.body ?? {}) as { callback_url?: string }).callback_url).toBe(expected);
});

describe('marks', () => {
  // "Ann 👋 lives in Rome": Rome is at 15 to 19.
  const rome = { start: 15, end: 19 };
  const place = { ...rome, label: 'place' };

  test.each([
    ['a list', { annotations: [{ ...rome, label: 'place' }] }, [place]],
    ['under another name', { entities: [{ ...rome, tag: 'place' }] }, [place]],
    ['within', { annotations: { spans: [{ ...rome, name: 'place' }] } }, [place]],
    ['by a key', { annotations: { x1: { ...rome, type: 'place' } } }, [place]],
    ['placed by their text', { annotations: [{ start: 16, end: 20, text: 'Rome', label: 'place' }] }, [place]],
    ['none', { annotations: [] }, []],
    ['nowhere', { outcome: 'fine' }, undefined],
  ])('%s', async (_what, response, expected) => {
    const order = orderOf('span', { units: 1, answers: 1 });
    const docs = [{ task_id: 't', unique_id: order.units[0]?.key, status: 'completed', response }];
    const server = new FakeServer({ admit: () => undefined, answer: () => ({ status: 200, body: { docs } }) });
    stops.push(() => server.stop());
    const vendor = createScaleAi({ baseUrl: await server.start(), apiKey: 'k' });
    const [unit] = await vendor.fetch(order, { externalId: order.key, units: {} });
    expect(unit?.responses[0]?.answers.spans).toEqual(expected);
  });
});

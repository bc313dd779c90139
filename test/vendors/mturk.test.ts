import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { getTaskType } from '../../domain/tasks/index.ts';
import { formOf } from '../../domain/vendors/form.ts';
import { rewardMicros } from '../../vendors/mturk.ts';
import type { Order } from '../../vendors/vendor.ts';
import type { Reply } from './fake.ts';
import { type MturkBenchOptions, mturkBench, refused } from './fakes/mturk.ts';
import { orderOf } from './orders.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function start(options: MturkBenchOptions = {}) {
  const bench = await mturkBench(options);
  stops.push(bench.stop);
  return bench;
}

const several = (): Order => {
  const order = orderOf('classification', { units: 1, answers: 1 });
  const own = getTaskType('classification');
  const config = own.configSchema.parse({ labels: ['spam', 'ham', 'other'], multiple: true });
  const form = formOf('classification', config, { text: 'win money' });
  return { ...order, units: order.units.map((unit) => ({ ...unit, form })) };
};

test.each<MturkBenchOptions>([{}, { plain: true }])('boxes are read from a form that is %j', async (options) => {
  const { vendor, work } = await start(options);
  const order = several();
  const placement = await vendor.submit(order, { again: false });
  work();
  const [unit] = await vendor.fetch(order, placement);
  expect(unit?.responses.map(({ answers }) => answers.label)).toEqual([['spam']]);
});

test.each([
  [undefined, 604_800],
  [3_600_500, 3601],
  [200, 30],
  [366 * 86_400_000, 31_536_000],
])('a task whose answers are waited for %j ms is listed for %i s', async (waitMs, expected) => {
  const { vendor, asked } = await start();
  const order = orderOf('classification', { units: 1 });
  await vendor.submit({ ...order, ...(waitMs === undefined ? {} : { waitMs }) }, { again: false });
  const made = asked.find(({ headers }) => headers['x-amz-target']?.endsWith('.CreateHIT'));
  expect(made?.body).toMatchObject({ LifetimeInSeconds: expected });
});

test('lines of instructions and of a task are shown as lines', async () => {
  const { vendor, asked } = await start();
  await vendor.submit({ ...orderOf('classification', { units: 1 }), instructions: 'one\ntwo' }, { again: false });
  const shown = asked.map(({ raw }) => raw.toString('utf8')).find((raw) => raw.includes('crowd-form'));
  expect(shown).toContain(JSON.stringify('<p style="white-space:pre-wrap">one\ntwo</p>').slice(1, -1));
});

test('marks are counted as browsers count, and read by code points', async () => {
  const { vendor, work } = await start();
  const order = orderOf('span', { units: 1, answers: 1 });
  const placement = await vendor.submit(order, { again: false });
  work();
  const [unit] = await vendor.fetch(order, placement);
  expect(unit?.responses[0]?.answers.spans).toEqual([{ start: 4, end: 5, label: 'name' }]);
});

describe('a look', () => {
  const order = orderOf('classification', { units: 5, answers: 1 });
  /** Says this to every call of an operation on one HIT, or so often. */
  const on = (wanted: string, hit: string | undefined, reply: Reply, most = Number.POSITIVE_INFINITY) => {
    let left = most;
    return (operation: string, body: Readonly<Record<string, unknown>>) =>
      operation === wanted && (hit === undefined || body.HITId === hit) && left-- > 0 ? reply : undefined;
  };
  const THROTTLED = [
    refused('AWS.ThrottlingException', 'Rate exceeded'),
    refused('', 'The request was denied due to request throttling.'),
    { status: 400, body: { __type: 'ServiceUnavailable', Message: 'slow down' } },
    { status: 429, body: {} },
  ];

  const looked = async (instead: MturkBenchOptions['instead']) => {
    const { vendor, work } = await start(instead ? { instead } : {});
    const placement = await vendor.submit(order, { again: false });
    work();
    return vendor.fetch(order, placement);
  };

  test.each(THROTTLED)('goes on after a call that met a limit, told as %j', async (reply) => {
    const units = await looked(on('GetHIT', '3H2', reply, 2));
    expect(units.map(({ state, fault }) => [state, fault])).toEqual(order.units.map(() => ['done', undefined]));
  });

  test('tells what it has where one task cannot be asked about', async () => {
    const units = await looked(on('GetHIT', '3H2', { status: 503, body: {} }));
    expect(units.map(({ state, fault }) => [state, fault?.kind])).toEqual([
      ['done', undefined],
      ['done', undefined],
      ['open', 'retryable'],
      ['done', undefined],
      ['done', undefined],
    ]);
  });

  test('that finds nobody there asks about two tasks, not about all', async () => {
    const bench = await start({ instead: on('GetHIT', undefined, { status: 503, body: {} }) });
    const placement = await bench.vendor.submit(order, { again: false });
    await expect(bench.vendor.fetch(order, placement)).rejects.toMatchObject({ kind: 'retryable' });
    const hits = bench.asked.flatMap(({ headers, raw }) =>
      headers['x-amz-target']?.endsWith('.GetHIT') ? [JSON.parse(raw.toString('utf8')).HITId] : [],
    );
    expect([...new Set(hits)]).toEqual(['3H0', '3H1']);
  });

  test.each([refused('AWS.MechanicalTurk.HITDoesNotExist', 'gone'), refused('', 'Hit 3H2 does not exist.')])(
    'takes a HIT that is gone for cancelled: %j',
    async (reply) => {
      const units = await looked(on('GetHIT', '3H2', reply));
      expect(units.map(({ state }) => state)).toEqual(['done', 'done', 'cancelled', 'done', 'done']);
    },
  );
});

test('a HIT that a limit kept from being made is made once', async () => {
  let left = 2;
  const limited = refused('AWS.ThrottlingException', 'Rate exceeded');
  const bench = await start({
    instead: (operation) => (operation === 'CreateHIT' && left-- > 0 ? limited : undefined),
  });
  await bench.vendor.submit(orderOf('classification', { units: 1 }), { again: false });
  expect(bench.allPurchases()).toBe(1);
});

test.each([
  ['well done', 0, true],
  ['well done', 1, undefined],
  ['for another thing', 0, undefined],
])('a bonus as large for the reason "%s", beside %d others, is found: %s', async (Reason, others, found) => {
  const BonusPayments = [{ BonusAmount: '0.50', Reason }];
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  const { vendor } = await start({
    instead: (operation) =>
      operation === 'ListBonusPayments' ? { status: 200, body: { BonusPayments }, headers } : undefined,
  });
  const act = { act: 'bonus', unitKey: 'u', responseId: '3A', workerId: 'A1', reason: 'well done', key: 'k' } as const;
  const order = orderOf('classification');
  const look = (amountMicros: bigint) =>
    vendor.findBonus(order, { externalId: '', units: {} }, { ...act, amountMicros, others });
  expect(await look(500_000n)).toBe(found);
  expect(await look(400_000n)).toBe(false);
});

test('a bonus that meets a limit is not sent again by itself', async () => {
  const limited = refused('AWS.ThrottlingException', 'Rate exceeded');
  const bench = await start({ instead: (operation) => (operation === 'SendBonus' ? limited : undefined) });
  const act = { act: 'bonus', unitKey: 'u', responseId: '3A', workerId: 'A1', reason: 'r', key: 'k' } as const;
  const bonus = bench.vendor.bonus(
    orderOf('classification'),
    { externalId: '', units: {} },
    { ...act, amountMicros: 500_000n },
  );
  await expect(bonus).rejects.toMatchObject({ kind: 'retryable' });
  expect(bench.asked).toHaveLength(1);
});

test('the reward and the fee on it are never more than the price, and a cent more of reward would be', () => {
  const cent = 10_000n;
  fc.assert(
    fc.property(fc.bigInt({ min: 2n * cent, max: 10n ** 12n }), fc.integer({ min: 1, max: 25 }), (price, answers) => {
      const withFee = (reward: bigint) => {
        const fee = (reward * (answers >= 10 ? 40n : 20n)) / 100n;
        return reward + (fee > cent ? fee : cent);
      };
      const reward = rewardMicros(price, answers);
      expect(reward % cent).toBe(0n);
      expect(withFee(reward) <= price).toBe(true);
      expect(withFee(reward + cent) > price).toBe(true);
    }),
  );
});

test('nobody is offered nothing', async () => {
  const bench = await start();
  const order = { ...orderOf('classification', { units: 1, answers: 1 }), priceMicros: 15_000n };
  const asked = bench.vendor.submit(order, { again: false });
  await expect(asked).rejects.toMatchObject({ kind: 'permanent', message: expect.stringContaining('at least $0.02') });
  expect(bench.allPurchases()).toBe(0);
  await bench.vendor.submit({ ...order, priceMicros: 20_000n }, { again: false });
  expect(bench.allPurchases()).toBe(1);
});

import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { labelOf } from '../../domain/vendors/read-answers.ts';
import { createHttp } from '../../vendors/http.ts';
import { createProlificStudies } from '../../vendors/prolific-studies.ts';
import type { Placement } from '../../vendors/vendor.ts';
import { type ProlificBenchOptions, prolificBench } from './fakes/prolific.ts';
import { orderOf, sampleOf } from './orders.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function start(options: ProlificBenchOptions = {}) {
  const bench = await prolificBench(options);
  stops.push(bench.stop);
  return bench;
}

const order = orderOf('classification', { units: 2, answers: 2 });

test('nobody is offered nothing', async () => {
  const bench = await start();
  const asked = bench.vendor.submit({ ...order, priceMicros: 14_299n }, { again: false });
  await expect(asked).rejects.toMatchObject({
    kind: 'permanent',
    message: expect.stringContaining('at least $0.0143'),
  });
  expect(bench.allPurchases()).toBe(0);
  await bench.vendor.submit({ ...order, priceMicros: 14_300n }, { again: false });
  expect(bench.allPurchases()).toBe(2);
});

describe('tasks', () => {
  test.each<ProlificBenchOptions>([{}, { needsFile: true }, { without: 'records' }, { without: 'files' }])(
    'are shown once each by a server that is %j',
    async (options) => {
      const bench = await start(options);
      const placement = await bench.vendor.submit(order, { again: false });
      expect(await bench.vendor.submit(order, { again: true })).toEqual(placement);
      expect(order.units.map(({ key }) => bench.purchases(key))).toEqual([1, 1]);
      bench.work({ workers: 2 });
      const units = await bench.vendor.fetch(order, placement);
      expect(units.map(({ state, responses }) => [state, responses.length])).toEqual([
        ['done', 2],
        ['done', 2],
      ]);
    },
  );

  test.each<ProlificBenchOptions>([{}, { without: 'records' }])(
    'that are refused in part, by a server that is %j, are not published',
    async (options) => {
      const [first] = order.units;
      const record = (given: Record<string, string>) => (given.quorate_unit === first?.key ? 'refused' : undefined);
      const bench = await start({ ...options, record });
      const submit = bench.vendor.submit(order, { again: false });
      await expect(submit).rejects.toMatchObject({ kind: 'permanent', message: expect.stringContaining('schema') });
      expect(bench.allPurchases()).toBe(0);
      expect(bench.asked.some(({ method, path }) => method === 'POST' && path.endsWith('/studies/'))).toBe(false);
    },
  );

  test('that no way of telling them is known for are refused before anything is published', async () => {
    const bench = await start({ needsFile: true, without: 'files' });
    const submit = bench.vendor.submit(order, { again: false });
    await expect(submit).rejects.toMatchObject({ kind: 'permanent', message: expect.stringContaining('import job') });
    expect(bench.allPurchases()).toBe(0);
  });

  test('have instructions that are safe in HTML', async () => {
    const bench = await start();
    await bench.vendor.submit({ ...order, instructions: 'Is a < b & c?' }, { again: false });
    expect(bench.allPurchases()).toBe(2);
  });
});

describe('studies', () => {
  test('are known with their tasks, whether or not the server says these', async () => {
    const bench = await start({ echo: 'nothing' });
    const placement = await bench.vendor.submit(order, { again: false });
    expect(placement).toEqual({
      externalId: 's0',
      units: Object.fromEntries(order.units.map(({ key }) => [key, 's0/b0'])),
    });
    // Found again by the batch's name.
    expect(await bench.vendor.submit(order, { again: true })).toEqual(placement);
    bench.work({ workers: 2 });
    expect((await bench.vendor.fetch(order, placement)).map(({ state }) => state)).toEqual(['done', 'done']);
    await bench.vendor.cancel(order, placement, []);
    expect(bench.allPurchases()).toBe(2);
  });

  test('of orders that were placed before their tasks were noted go on', async () => {
    const bench = await start();
    const placed = await bench.vendor.submit(order, { again: false });
    const old: Placement = { ...placed, units: Object.fromEntries(order.units.map(({ key }) => [key, 's0'])) };
    bench.work({ workers: 2 });
    expect((await bench.vendor.fetch(order, old)).map(({ state }) => state)).toEqual(['done', 'done']);
    const act = { act: 'bonus', unitKey: order.units[0]?.key ?? '', responseId: 's0-0-0', workerId: 'pid0' } as const;
    const bonus = bench.vendor.bonus(order, old, { ...act, amountMicros: 500_000n, reason: 'well done', key: 'k' });
    await expect(bonus).rejects.toMatchObject({ status: 404 });
    expect(bench.asked.at(-1)?.body).toEqual({ study_id: 's0', csv_bonuses: 's0-0-0,0.50\n' });
  });

  test.each(['pr1', 'gone'])('are found again among those of the project %s and one’s own', async (projectId) => {
    const bench = await start({ adapter: { projectId } });
    const placement = await bench.vendor.submit(order, { again: false });
    expect(await bench.vendor.submit(order, { again: true })).toEqual(placement);
    expect(bench.asked.some(({ path }) => path === `/api/v1/projects/${projectId}/studies/`)).toBe(true);
    expect(bench.allPurchases()).toBe(2);
  });
});

describe('submissions', () => {
  test.each<ProlificBenchOptions>([{}, { texts: true }])('a free text is read, be it as %j', async (options) => {
    const bench = await start(options);
    const own = orderOf('free_text', { units: 1, answers: 1 });
    const placement = await bench.vendor.submit(own, { again: false });
    bench.work();
    const [unit] = await bench.vendor.fetch(own, placement);
    const { config, payload } = sampleOf('free_text');
    expect(labelOf('free_text', config, payload, unit?.responses[0]?.answers ?? {})).toMatch(/fine answer/);
  });

  const seen = async (submission: Record<string, unknown>) => {
    const bench = await start({ submission });
    const own = orderOf('classification', { units: 1, answers: 1 });
    const placement = await bench.vendor.submit(own, { again: false });
    bench.work();
    return (await bench.vendor.fetch(own, placement))[0];
  };

  test.each([
    ['AWAITING REVIEW', 'open'],
    ['PARTIALLY APPROVED', 'open'],
    ['partially_approved', 'open'],
    ['PROCESSING', 'open'],
    ['SOMETHING NEW', 'open'],
    ['APPROVED', 'accepted'],
    ['REJECTED', 'rejected'],
    ['SCREENED OUT', undefined],
    ['SCREENED-OUT', undefined],
    ['TIMED-OUT', undefined],
    ['RETURNED', undefined],
    ['ACTIVE', undefined],
  ])('one that is %s has an answer that is %s', async (status, review) => {
    expect((await seen({ status }))?.responses.map((each) => each.review)).toEqual(review ? [review] : []);
  });

  test.each([null, '', undefined])('a time of %j is none', async (time_taken) => {
    expect((await seen({ time_taken }))?.responses[0]).not.toHaveProperty('timeSpentS');
  });

  test('one that is changing is asked about again, and not refused', async () => {
    const bench = await start();
    const own = orderOf('classification', { units: 1, answers: 1 });
    const placement = await bench.vendor.submit(own, { again: false });
    bench.work();
    const [submission] = bench.submissions();
    if (!submission) throw new Error('There is no submission.');
    submission.status = 'PROCESSING';
    const act = { act: 'accept', unitKey: own.units[0]?.key ?? '', responseId: submission.id } as const;
    await expect(bench.vendor.settle(own, placement, act)).rejects.toMatchObject({ kind: 'retryable' });
    submission.status = 'APPROVED';
    expect(await bench.vendor.settle(own, placement, act)).toBe('done');
  });
});

test('a reward with the fee on it is never more than the price, and parts again into the two to the micro-dollar', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.integer({ min: 0, max: 10_000 }), (price, hundredths) => {
      const feePercent = hundredths / 100;
      const none = createHttp({ baseUrl: 'http://127.0.0.1:9', headers: {}, secrets: [] });
      const studies = createProlificStudies(none, { workspaceId: 'w', feePercent });
      const whole = studies.answerMicros(price);
      expect(whole <= price).toBe(true);
      const reward = (price * 10_000n) / BigInt(10_000 + hundredths) / 10_000n;
      const { costMicros = 0n, feeMicros = 0n } = studies.costOf(Number(reward));
      expect([costMicros, costMicros - feeMicros]).toEqual([whole, reward * 10_000n]);
    }),
  );
});

import { afterEach, describe, expect, test } from 'vitest';
import { readLabel } from '../../domain/tasks/read.ts';
import { labelOf } from '../../domain/vendors/read-answers.ts';
import { VendorError } from '../../vendors/errors.ts';
import type { FetchedUnit, Order, Placement, Vendor } from '../../vendors/vendor.ts';
import type { Bench, BenchOptions } from './bench.ts';
import { BENCHES } from './benches.ts';
import { ALL_TYPES, orderOf, sampleOf } from './orders.ts';

// A schedule takes a tenth of a second alone; QUORATE_FAULT_SEEDS=200 is the full run.
const SEEDS = Number(process.env.QUORATE_FAULT_SEEDS ?? 20);
const LANES = 8;
/** Some requests are never answered: a short wait, which a busy machine may exceed, too, as it may in earnest. */
const HUNG_MS = 400;
// Of ten cents: 8 and a fifth of it; 6 and 43 % of it.
const COSTS: Readonly<Record<string, { all: bigint; fee: bigint }>> = {
  mturk: { all: 96_000n, fee: 16_000n },
  prolific: { all: 85_800n, fee: 25_800n },
};
let bench: Bench | undefined;
afterEach(async () => {
  await bench?.stop();
  bench = undefined;
});

/** As the workflow does: tries until it is through; after an unknown outcome the next attempt says `again`. */
async function buy(vendor: Vendor, order: Order, attempts = 0): Promise<Placement> {
  let made = attempts;
  return persist(() => vendor.submit(order, { again: made++ > 0 }));
}

/** What cannot be asked about now is asked for again. */
async function look(vendor: Vendor, order: Order, placement: Placement): Promise<FetchedUnit[]> {
  const units = await vendor.fetch(order, placement);
  const fault = units.find((unit) => unit.fault)?.fault;
  if (fault) throw fault;
  return units;
}

async function persist<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 0; attempt < 60; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof VendorError) || error.kind === 'permanent') throw error;
    }
  }
  throw new Error('It never came through.');
}

const answersIn = (units: readonly FetchedUnit[]) =>
  units.flatMap(({ key, responses }) => responses.map(({ id }) => `${key} ${id}`));

describe.each(Object.entries(BENCHES))('%s', (name, open) => {
  const start = async (options?: BenchOptions): Promise<Bench> => {
    bench = await open(options);
    return bench;
  };

  test.each(ALL_TYPES)('a task of type %s comes back as a label of its type', async (type) => {
    const { vendor, work, showsPartial } = await start();
    expect(vendor.name).toBe(name);
    const can = vendor.capabilities.types[type];
    if (can !== true) return expect(can.length).toBeGreaterThan(10);
    const order = orderOf(type);
    const placement = await vendor.submit(order, { again: false });
    expect(Object.keys(placement.units).sort()).toEqual(order.units.map(({ key }) => key).sort());
    expect(JSON.parse(JSON.stringify(placement))).toEqual(placement);

    const before = await vendor.fetch(order, placement);
    expect(before.map(({ state, responses }) => [state, responses.length])).toEqual([
      ['open', 0],
      ['open', 0],
    ]);
    work({ workers: 1 });
    expect((await vendor.fetch(order, placement)).map(({ responses }) => responses.length)).toEqual(
      showsPartial ? [1, 1] : [0, 0],
    );
    work({ workers: 5 });
    const done = await vendor.fetch(order, placement);
    const own = sampleOf(type);
    for (const { key, state, responses } of done) {
      expect(order.units.map((unit) => unit.key)).toContain(key);
      expect(state).toBe('done');
      expect(responses).toHaveLength(2);
      expect(new Set(responses.map(({ id }) => id)).size).toBe(2);
      expect(new Set(responses.map(({ workerId }) => workerId)).size).toBe(2);
      for (const { answers } of responses) {
        const label = labelOf(type, own.config, own.payload, answers);
        expect(() => readLabel(own.type, own.config, label, own.payload)).not.toThrow();
      }
    }
    // Reading again reads the same.
    expect(await vendor.fetch(order, placement)).toEqual(done);
  });

  test('buying again under the same key buys nothing and finds what was bought', async () => {
    const { vendor, purchases, allPurchases } = await start();
    const order = orderOf('classification', { units: 3 });
    const first = await vendor.submit(order, { again: false });
    expect(await vendor.submit(order, { again: true })).toEqual(first);
    expect(order.units.map(({ key }) => purchases(key))).toEqual([1, 1, 1]);
    expect(allPurchases()).toBe(3);
  });

  test('two orders are two purchases', async () => {
    const { vendor, allPurchases, work } = await start();
    const [one, other] = [orderOf('pairwise', { key: 'one' }), orderOf('pairwise', { key: 'other' })];
    const placements = [
      await vendor.submit(one, { again: false }),
      await vendor.submit(other, { again: true }),
    ] as const;
    expect(allPurchases()).toBe(4);
    work({ workers: 2 });
    const [a, b] = [await vendor.fetch(one, placements[0]), await vendor.fetch(other, placements[1])];
    expect(answersIn(a).filter((id) => answersIn(b).includes(id))).toEqual([]);
  });

  test('what is cancelled gets no more answers; cancelling again changes nothing', async () => {
    const { vendor, work, isCancelled, cancelsStarted } = await start();
    const order = orderOf('likert', { units: 2, answers: 3 });
    const placement = await vendor.submit(order, { again: false });
    const before = cancelsStarted ? 1 : 0;
    work({ workers: before });
    const keys = order.units.map(({ key }) => key);
    const some = vendor.capabilities.cancels === 'unit' ? keys.slice(0, 1) : keys;
    await vendor.cancel(order, placement, some);
    await vendor.cancel(order, placement, some);
    expect(some.every(isCancelled)).toBe(true);
    work({ workers: 3 });
    for (const { key, state, responses } of await vendor.fetch(order, placement)) {
      const gone = some.includes(key);
      expect([key, responses.length, state]).toEqual([key, gone ? before : 3, gone ? 'cancelled' : 'done']);
    }
  });

  test('accepting an answer can be repeated', async () => {
    const { vendor, work } = await start();
    const order = orderOf('classification', { units: 1 });
    const placement = await vendor.submit(order, { again: false });
    work({ workers: 2 });
    const [unit] = await vendor.fetch(order, placement);
    const [response] = unit?.responses ?? [];
    if (!unit || !response) throw new Error('There is no answer.');
    const act = { act: 'accept' as const, unitKey: unit.key, responseId: response.id };
    const said = await vendor.settle(order, placement, act);
    expect(await vendor.settle(order, placement, act)).toBe(said);
    const after = (await vendor.fetch(order, placement))[0]?.responses;
    const accepted = vendor.capabilities.workersPaid === 'on_acceptance' ? { review: 'accepted' } : {};
    expect(after).toEqual(unit.responses.map((each) => (each.id === response.id ? { ...each, ...accepted } : each)));
  });

  test('where workers are paid by acceptance, an answer says how it stands and what it costs, within its price', async () => {
    const { vendor, work, takeBack } = await start();
    if (vendor.capabilities.workersPaid !== 'on_acceptance') return expect(takeBack).toBeUndefined();
    const order = orderOf('classification', { units: 1, answers: 3 });
    const placement = await vendor.submit(order, { again: false });
    work({ workers: 3 });
    const fetched = async () => (await vendor.fetch(order, placement)).flatMap(({ responses }) => responses);
    const before = await fetched();
    expect(before.map(({ review, costMicros, feeMicros }) => [review, costMicros, feeMicros])).toEqual(
      Array.from({ length: 3 }, () => ['open', COSTS[name]?.all, COSTS[name]?.fee]),
    );
    const [kept = '', refused = '', gone = ''] = before.map(({ id }) => id);
    const unitKey = order.units[0]?.key ?? '';
    const act = (what: 'accept' | 'reject', responseId: string) =>
      vendor.settle(order, placement, { act: what, unitKey, responseId, reason: 'It is not what was asked for.' });
    expect(await act('accept', kept)).toBe('done');
    expect(await act('reject', refused)).toBe('done');
    takeBack?.(gone);
    expect(await act('accept', refused)).toEqual({ refused: expect.stringMatching(/rejected/i) });
    expect(await act('reject', kept)).toEqual({ refused: expect.stringMatching(/approved/i) });
    expect(await act('accept', gone)).toEqual({ refused: expect.stringMatching(/unknown|returned/i) });
    const after = await fetched();
    expect(after.map(({ id, review }) => [id, review])).toEqual([
      [kept, 'accepted'],
      [refused, 'rejected'],
    ]);
  });

  test('an amended answer is seen as such', async () => {
    const { vendor, work } = await start();
    const order = orderOf('free_text', { units: 1 });
    const placement = await vendor.submit(order, { again: false });
    work({ workers: 2 });
    const before = await vendor.fetch(order, placement);
    work({ amend: true });
    const after = await vendor.fetch(order, placement);
    expect(answersIn(after)).toEqual(answersIn(before));
    expect(after).not.toEqual(before);
  });

  test('a webhook is believed with its signature, names the order, and tampered with is refused', async () => {
    const { vendor, webhook } = await start();
    const callbackUrl = 'https://quorate.example/v1/vendors/any/webhook';
    const order = { ...orderOf('classification'), callbackUrl };
    const placement = await vendor.submit(order, { again: false });
    const sent = webhook(order, placement);
    if (vendor.capabilities.news === 'poll' || !sent) return expect(sent).toBeUndefined();
    const nowMs = Date.now();
    const hint = vendor.parseWebhook({ ...sent, nowMs });
    expect(hint.eventKey).not.toBe('');
    const known = [order.key, placement.externalId, ...Object.entries(placement.units).flat()];
    expect(hint.mentions.filter((each) => known.includes(each))).not.toEqual([]);
    expect(vendor.parseWebhook({ ...sent, nowMs }).eventKey).toBe(hint.eventKey);
    if (sent.path !== undefined) {
      const { path: _, ...nowhere } = sent;
      const another = sent.path.replace(order.key, 'another');
      for (const at of [
        nowhere,
        { ...sent, path: `${sent.path}x` },
        { ...sent, path: another },
        { ...sent, path: '' },
      ]) {
        expect(() => vendor.parseWebhook({ ...at, nowMs })).toThrow(VendorError);
      }
    }
    for (const name of Object.keys(sent.headers)) {
      if (!/signature|auth|secret/i.test(name)) continue;
      const headers = { ...sent.headers, [name]: `${sent.headers[name]}x` };
      expect(() => vendor.parseWebhook({ headers, body: sent.body, nowMs })).toThrow(VendorError);
      expect(() => vendor.parseWebhook({ headers: {}, body: sent.body, nowMs })).toThrow(VendorError);
    }
  });

  test('a server that cannot be reached is an error without secrets', async () => {
    const { vendor, secrets, stop } = await start();
    await stop();
    bench = undefined;
    const order = orderOf('classification');
    const error = await vendor.submit(order, { again: false }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(VendorError);
    expect((error as VendorError).kind).not.toBe('permanent');
    const told = `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack}`;
    for (const secret of secrets) expect(told).not.toContain(secret);
  });

  test('credentials that it throws back are in nothing that is said of it', async () => {
    const told: string[] = [];
    for (const kind of ['echoed', 'echoed_as_done'] as const) {
      for (let seed = 0; seed < 30; seed++) {
        const one = await open({ faults: { seed: `${name} ${seed}`, share: 0.2, most: 1, kinds: [kind] } });
        const { vendor, work, secrets } = one;
        const order = orderOf('classification', { units: 1, answers: 1 });
        const say = (error: unknown) => void told.push(error instanceof Error ? error.message : String(error));
        try {
          const placement = await vendor.submit(order, { again: true });
          say(placement.refused);
          work();
          for (const { key, reason, fault, responses } of await vendor.fetch(order, placement)) {
            told.push(reason ?? '', fault?.message ?? '');
            const [{ id: responseId = '' } = {}] = responses;
            const acts = [{ act: 'accept' as const }, { act: 'reject' as const, reason: 'No.' }];
            for (const act of acts) {
              const said = await vendor.settle(order, placement, { ...act, unitKey: key, responseId }).catch(say);
              told.push(JSON.stringify(said) ?? '');
            }
          }
          await vendor.cancel(order, placement, [order.units[0]?.key ?? '']);
        } catch (error) {
          say(error);
        } finally {
          await one.stop();
        }
        // Nor any part of one that a cut may leave.
        for (const secret of secrets) {
          expect(told.filter((each) => each.includes(secret.slice(0, 10)))).toEqual([]);
        }
      }
    }
    expect(told.join(' ')).toContain('I do not like');
  }, 120_000);

  async function misbehaving(seed: number): Promise<void> {
    const one = await open({ faults: { seed: `${name} ${seed}`, share: 0.35, most: 8 }, timeoutMs: HUNG_MS });
    try {
      const { vendor, work, purchases, allPurchases } = one;
      const order = orderOf('classification', { key: `quorate-${seed}`, units: 3, answers: 2 });
      const placement = await buy(vendor, order);
      work({ workers: 1, part: true });
      await persist(() => vendor.fetch(order, placement));
      // As a worker that was killed before it could note what it did.
      const found = await buy(vendor, order, 1);
      expect(found, `seed ${seed}`).toEqual(placement);
      work({ workers: 2 });
      const units = await persist(() => look(vendor, order, placement));
      for (const { key, responses } of units) {
        expect([seed, key, purchases(key), responses.length]).toEqual([seed, key, 1, 2]);
        for (const { id } of responses) {
          await persist(() => vendor.settle(order, placement, { act: 'accept', unitKey: key, responseId: id }));
        }
      }
      expect([seed, allPurchases(), units.length]).toEqual([seed, 3, 3]);
    } finally {
      await one.stop();
    }
  }

  test('however it misbehaves, each task is bought once and each answer is fetched once', async () => {
    // Most of the time is waiting for what hangs, so some go side by side.
    const lanes = Array.from({ length: LANES }, async (_, lane) => {
      for (let seed = lane; seed < SEEDS; seed += LANES) await misbehaving(seed);
    });
    await Promise.all(lanes);
  }, 1_800_000);
});

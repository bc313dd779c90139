import { afterAll, describe, expect, test } from 'vitest';
import { createJudgeCache } from '../../db/queries/judge-cache.ts';
import { judgeCounts } from '../../db/queries/judges.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import type { VendorName } from '../../domain/vendors/names.ts';
import { VendorError } from '../../vendors/errors.ts';
import { createHttpVendor } from '../../vendors/http-vendor.ts';
import { createLlmJudge } from '../../vendors/llm-judge.ts';
import { call, type FetchedUnit, type Vendor } from '../../vendors/vendor.ts';
import { createTestDatabase } from '../support/database.ts';
import { deferred } from '../support/deferred.ts';
import { until } from '../support/rig.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import type { Bench } from '../vendors/bench.ts';
import { BENCHES } from '../vendors/benches.ts';
import { FakeServer } from '../vendors/fake.ts';
import * as stage from './stage.ts';

const server = await startDevServer();
const database = 'stop' in server ? await createTestDatabase() : undefined;
afterAll(async () => {
  if ('stop' in server) await server.stop();
  await database?.drop();
});

const QUICK = { pollMs: [60], graceMs: 1500, reconcileMs: 20, circuit: { limit: 20, openMs: 100 } };

describe('the way of an order', () => {
  if ('unavailable' in server || !database) {
    test.skip('unavailable' in server ? server.unavailable : 'There is no database.');
    return;
  }
  const { db } = database;
  const ended = (taskId: string) =>
    until(
      'the task has ended',
      async () => {
        const state = await stage.taskState(db, taskId);
        return state !== 'open' && state !== 'planned' && state;
      },
      90_000,
    );
  const closed = (campaignId: string) =>
    until(
      'all orders are closed',
      async () => {
        const open = await db`
        select 1 from vendor_orders where campaign_id = ${campaignId} and state in ('intent', 'submitting', 'placed')`;
        const waiting = await db`
        select 1 from vendor_units where campaign_id = ${campaignId} and state in ('waiting', 'ordered')`;
        if (open.length > 0 || waiting.length > 0) return false;
        const all = await db<{ id: string }[]>`select id from vendor_orders where campaign_id = ${campaignId}`;
        const runs = all.map(({ id }) => server.client.getHandle(`vendor-order-${id}`).describe());
        return (await Promise.all(runs)).every(({ status }) => status.name === 'COMPLETED');
      },
      90_000,
    );
  const units = (taskId: string) => db<{ id: string; vendor: string; state: string; answers: number }[]>`
    select id, vendor, state, answers from vendor_units where task_id = ${taskId} order by created_at, id`;
  const kinds = async (campaignId: string) =>
    (
      await db<{ kind: string }[]>`
        select distinct i.kind from vendor_incidents i join vendor_orders o on o.id = i.order_id
        where o.campaign_id = ${campaignId} order by i.kind`
    ).map(({ kind }) => kind);
  const working = (bench: Bench, workers = 1) => {
    const timer = setInterval(() => bench.work({ workers }), 40);
    return () => clearInterval(timer);
  };
  const vendorsOf = (name: string, bench: Bench) => new Map([[name as VendorName, bench.vendor]]);

  for (const [name, open] of Object.entries(BENCHES)) {
    test(`${name}: tasks are bought, answered, decided and paid`, async () => {
      const bench = await open();
      try {
        await stage.onStage({ server, db, name, vendors: { vendors: vendorsOf(name, bench), ...QUICK } }, async () => {
          const made = await stage.scene(db, { items: 4, settings: { workforces: [name], redundancy: 2 } });
          const taskIds = await stage.plan(db, made, 4);
          const stop = working(bench);
          try {
            for (const id of taskIds) expect(await ended(id)).toBe('decided');
            await closed(made.campaignId);
            await until('all is delivered', () => stage.isDelivered(db));
          } finally {
            stop();
          }
          const bought = (await Promise.all(taskIds.map(units))).flat();
          expect(bought.map(({ id }) => bench.purchases(id))).toEqual([1, 1, 1, 1]);
          expect(bench.allPurchases()).toBe(4);
          const money = await stage.moneyOf(db, made.campaignId);
          // Where the vendor says what an answer costs, that is booked: reward and fee, in whole cents of reward.
          const spent = { mturk: 768_000n, prolific: 686_400n }[name] ?? 800_000n;
          expect([money.spent, money.reserved, money.paid]).toEqual([spent, 0n, spent]);
          const annotators = await db`
            select distinct a.kind, a.workforce from annotations n join annotators a on a.id = n.annotator_id
            where n.campaign_id = ${made.campaignId}`;
          expect(annotators.map((row) => ({ ...row }))).toEqual([{ kind: 'vendor', workforce: name }]);
          await stage.expectInvariants(db, made.campaignId);
          expect(await kinds(made.campaignId)).toEqual([]);
        });
      } finally {
        await bench.stop();
      }
    });
  }

  test.each([
    ['hears of it', async () => undefined],
    ['refuses', () => Promise.reject(new VendorError('permanent', 'There is no such act.', { status: 405 }))],
  ])(
    'the next workforce takes over; the vendor is told to stop, %s, and what it still sends is kept and paid',
    async (how, cancel) => {
      const bench = await BENCHES.http_vendor?.();
      if (!bench) throw new Error('There is no bench.');
      try {
        const { vendor } = bench;
        const escalation = [{ step: 'next_workforce' }, { step: 'give_up' }] as const;
        const settings = {
          workforces: ['http_vendor', 'internal'],
          redundancy: 1,
          escalation: [...escalation],
          windowMs: 8000,
        };
        // Deaf to cancelling, as a vendor is whose worker has the task in hand.
        const deaf = { ...vendor, cancel: call('idempotent_by_key', cancel) };
        const vendors = new Map([['http_vendor', deaf] as const]);
        await stage.onStage(
          { server, db, name: `failover-${how.length}`, vendors: { vendors, ...QUICK, graceMs: 60_000 } },
          async () => {
            const made = await stage.scene(db, { items: 1, settings });
            const [taskId = ''] = await stage.plan(db, made, 1);
            await until('it is bought', () => bench.allPurchases() === 1);
            await until('it has moved on', async () => {
              const [task] = await db<{ workforce: string }[]>`select workforce from tasks where id = ${taskId}`;
              return task?.workforce === 'internal';
            });
            await stage.answer(db, { taskId, annotatorId: made.annotators[0] ?? '' });
            await db.notify('quorate_outbox', '');
            expect(await ended(taskId)).toBe('decided');
            bench.work();
            await closed(made.campaignId);
            await until(
              'the late answer is paid',
              async () => (await stage.moneyOf(db, made.campaignId)).paid === 200_000n,
            );
            expect((await units(taskId)).map(({ state }) => state)).toEqual(['complete']);
            await stage.expectInvariants(db, made.campaignId);
          },
        );
      } finally {
        await bench.stop();
      }
    },
  );

  test.each(['refuses', 'takes only a part', 'runs out of time'] as const)(
    'where the first vendor %s the next one is asked at once, and no window is waited for',
    async (how) => {
      const bench = await BENCHES.scale_ai?.();
      if (!bench) throw new Error('There is no bench.');
      const first: Vendor = {
        ...createHttpVendor({ baseUrl: 'http://127.0.0.1:1', token: 'none' }),
        submit: call('idempotent_by_key', async ({ key, units: wanted }) => {
          if (how === 'refuses') throw new VendorError('permanent', 'We do not do this.', { status: 422 });
          const taken = how === 'takes only a part' ? wanted.slice(0, 1) : wanted;
          return { externalId: key, units: Object.fromEntries(taken.map((unit) => [unit.key, unit.key])) };
        }),
        fetch: call('read_only', async (_order, { units: taken }) =>
          Object.keys(taken).map((key): FetchedUnit => {
            const answered = { id: key, workerId: 'w', answers: { label: 'spam' } };
            if (how === 'takes only a part') return { key, state: 'done', responses: [answered] };
            return { key, state: 'open', responses: [] };
          }),
        ),
        settle: call('idempotent_by_key', async () => 'unsupported' as const),
        cancel: call('idempotent_by_key', async () => undefined),
      };
      const vendors = new Map<VendorName, Vendor>([
        ['http_vendor', first],
        ['scale_ai', bench.vendor],
      ]);
      const stop = working(bench);
      try {
        await stage.onStage({ server, db, name: `left-${how.length}`, vendors: { vendors, ...QUICK } }, async () => {
          const waitMs = how === 'runs out of time' ? 300 : 3_600_000;
          const made = await stage.scene(db, {
            items: 2,
            settings: { workforces: ['http_vendor', 'scale_ai'], redundancy: 1, vendors: { http_vendor: { waitMs } } },
          });
          const taskIds = await stage.plan(db, made, 2);
          // A window is three days.
          for (const id of taskIds) expect(await ended(id)).toBe('decided');
          expect(bench.allPurchases()).toBe(how === 'takes only a part' ? 1 : 2);
          await closed(made.campaignId);
          await stage.expectInvariants(db, made.campaignId);
        });
      } finally {
        stop();
        await bench.stop();
      }
    },
  );

  test('a vendor that is slow, or never answers, is hedged: the next workforce decides, within the budget for it', async () => {
    const bench = await BENCHES.http_vendor?.();
    if (!bench) throw new Error('There is no bench.');
    try {
      await stage.onStage(
        { server, db, name: 'hedged', vendors: { vendors: vendorsOf('http_vendor', bench), ...QUICK } },
        async () => {
          const made = await stage.scene(db, {
            items: 1,
            settings: {
              workforces: ['http_vendor', 'internal'],
              redundancy: 1,
              hedge: { afterMs: 300, budgetUsd: '1' },
            },
          });
          const [taskId = ''] = await stage.plan(db, made, 1);
          await until('people are asked, too', async () => {
            const [task] = await db<{ workforce: string }[]>`select workforce from tasks where id = ${taskId}`;
            return task?.workforce === 'internal';
          });
          expect((await units(taskId)).map(({ state }) => state)).toEqual(['ordered']);
          await stage.answer(db, { taskId, annotatorId: made.annotators[0] ?? '' });
          await db.notify('quorate_outbox', '');
          expect(await ended(taskId)).toBe('decided');
          await closed(made.campaignId);
          expect((await units(taskId)).map(({ state }) => state)).toEqual(['cancelled']);
          const money = await stage.moneyOf(db, made.campaignId);
          expect([money.reserved, money.paid]).toEqual([0n, 100_000n]);
          await stage.expectInvariants(db, made.campaignId);
        },
      );
    } finally {
      await bench.stop();
    }
  });

  test('a vendor that does not answer takes no worker from another, however many orders wait for it', async () => {
    const bench = await BENCHES.scale_ai?.();
    if (!bench) throw new Error('There is no bench.');
    const answers = deferred<void>();
    let hanging = 0;
    const slow: Vendor = {
      ...createHttpVendor({ baseUrl: 'http://127.0.0.1:1', token: 'none' }),
      submit: call('idempotent_by_key', async ({ key, units: wanted }) => {
        hanging++;
        await answers.promise;
        return { externalId: key, units: Object.fromEntries(wanted.map((unit) => [unit.key, unit.key])) };
      }),
      fetch: call('read_only', async ({ units: wanted }) =>
        wanted.map((unit) => ({ key: unit.key, state: 'failed' as const, responses: [] })),
      ),
      // Of those whose window is over before they are answered.
      cancel: call('idempotent_by_key', async () => undefined),
    };
    const vendors = new Map<VendorName, Vendor>([
      ['http_vendor', slow],
      ['scale_ai', bench.vendor],
    ]);
    try {
      await stage.onStage({ server, db, name: 'apart', vendors: { vendors, ...QUICK } }, async () => {
        const escalation = [{ step: 'give_up' as const }];
        const terms = { redundancy: 1, windowMs: 60_000, escalation };
        const waiting: { campaignId: string; taskIds: string[] }[] = [];
        // Each an order of its own, and more than a queue has places.
        for (let n = 0; n < 22; n++) {
          const made = await stage.scene(db, {
            items: 1,
            settings: { ...terms, workforces: ['http_vendor'], windowMs: 8000 },
          });
          waiting.push({ campaignId: made.campaignId, taskIds: await stage.plan(db, made, 1) });
        }
        await until('all places are taken', () => hanging === 20, 60_000);
        const made = await stage.scene(db, { items: 2, settings: { ...terms, workforces: ['scale_ai'] } });
        const taskIds = await stage.plan(db, made, 2);
        const stop = working(bench);
        try {
          for (const id of taskIds) expect(await ended(id)).toBe('decided');
        } finally {
          stop();
        }
        expect(hanging).toBe(20);
        answers.resolve();
        for (const { campaignId, taskIds: left } of waiting) {
          for (const id of left) expect(await ended(id)).toBe('unresolved');
          await closed(campaignId);
        }
        await closed(made.campaignId);
        await until('all is delivered', () => stage.isDelivered(db));
      });
    } finally {
      answers.resolve();
      await bench.stop();
    }
  }, 240_000);

  test('a vendor that refuses is reported, and nothing is lost', async () => {
    const bench = await BENCHES.http_vendor?.();
    if (!bench) throw new Error('There is no bench.');
    try {
      await stage.onStage({ server, db, name: 'refused', vendors: { vendors: new Map(), ...QUICK } }, async () => {
        const settings = {
          workforces: ['http_vendor'],
          redundancy: 1,
          windowMs: 8000,
          escalation: [{ step: 'give_up' as const }],
        };
        const made = await stage.scene(db, { items: 1, settings });
        const [taskId = ''] = await stage.plan(db, made, 1);
        expect(await ended(taskId)).toBe('unresolved');
        await closed(made.campaignId);
        expect(await kinds(made.campaignId)).toEqual(['order_failed']);
        expect((await stage.moneyOf(db, made.campaignId)).reserved).toBe(0n);
      });
    } finally {
      await bench.stop();
    }
  });

  test('an answer that changes after it was taken in is kept beside it and reported', async () => {
    const bench = await BENCHES.http_vendor?.();
    if (!bench) throw new Error('There is no bench.');
    try {
      const vendors = { vendors: vendorsOf('http_vendor', bench), ...QUICK };
      await stage.onStage({ server, db, name: 'amended', vendors }, async () => {
        const config = { min: 1, max: 1000, criteria: [{ name: 'good' }] };
        const made = await stage.scene(db, {
          items: 1,
          settings: { type: 'likert', config, workforces: ['http_vendor'], redundancy: 2 },
        });
        const [taskId = ''] = await stage.plan(db, made, 1);
        await until('it is bought', () => bench.allPurchases() === 1);
        bench.work({ workers: 1 });
        await until(
          'one is in',
          async () => (await db`select 1 from annotations where task_id = ${taskId}`).length === 1,
        );
        bench.work({ amend: true });
        await until('it is reported', async () => (await kinds(made.campaignId)).includes('amended'));
        bench.work({ workers: 1 });
        expect(await ended(taskId)).toBe('decided');
        await closed(made.campaignId);
        const versions = await db<{ version: number; state: string }[]>`
          select version, r.state from vendor_responses r join vendor_units u on u.id = r.unit_id
          where u.task_id = ${taskId} order by version, r.state`;
        expect(versions.map(({ version, state }) => `${version} ${state}`)).toEqual([
          '1 counted',
          '1 counted',
          '2 amended',
        ]);
        await stage.expectInvariants(db, made.campaignId);
      });
    } finally {
      await bench.stop();
    }
  });

  test('a judge answers first and once, people the rest; what its tokens cost is booked', async () => {
    const judge = new FakeServer({
      admit: () => undefined,
      answer: () => {
        const message = { role: 'assistant', content: JSON.stringify({ label: 'spam' }) };
        const usage = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 };
        return {
          status: 200,
          body: { id: 'c', created: 1, model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }], usage },
        };
      },
    });
    const prices = { inputMicros: 1_000_000n, outputMicros: 2_000_000n, capMicros: 1_000_000n };
    const cache = createJudgeCache(db);
    const vendor = createLlmJudge({ baseUrl: await judge.start(), model: 'm', ...prices, cache });
    try {
      await stage.onStage(
        { server, db, name: 'judge', vendors: { vendors: new Map([['llm', vendor]]), ...QUICK } },
        async () => {
          const escalation = [{ step: 'next_workforce' as const }, { step: 'give_up' as const }];
          const settings = { workforces: ['llm', 'internal'], redundancy: 2, windowMs: 10_000, escalation };
          const made = await stage.scene(db, { items: 1, settings });
          const [taskId = ''] = await stage.plan(db, made, 1);
          await until('people are asked', async () => {
            const [task] = await db<{ workforce: string }[]>`select workforce from tasks where id = ${taskId}`;
            return task?.workforce === 'internal';
          });
          await stage.answer(db, { taskId, annotatorId: made.annotators[0] ?? '' });
          await db.notify('quorate_outbox', '');
          expect(await ended(taskId)).toBe('decided');
          await closed(made.campaignId);
          const kindsThere = await db<{ kind: string }[]>`
          select a.kind from annotations n join annotators a on a.id = n.annotator_id where n.task_id = ${taskId} order by a.kind`;
          expect(kindsThere.map(({ kind }) => kind)).toEqual(['llm', 'person']);
          expect((await stage.moneyOf(db, made.campaignId)).spent).toBe(101_200n);
          expect(judge.asked).toHaveLength(1);
          expect(await kinds(made.campaignId)).toEqual([]);
          await stage.expectInvariants(db, made.campaignId);
          const [counts] = await judgeCounts(db, { organisationId: DEFAULT_ORGANISATION });
          expect(counts).toMatchObject({
            judge: 'judge:m:v1',
            answers: 1,
            costMicros: 1200n,
            compared: 1,
            same: 1,
            pairs: 0,
          });
        },
      );
    } finally {
      await judge.stop();
    }
  });

  test('a vendor that throws our credentials back: they are in no table, no history and no error', async () => {
    const secret = 'planted-token-that-must-not-come-out';
    const rude = new FakeServer({
      admit: ({ headers }) => ({ status: 400, body: `I do not like ${headers.authorization}` }),
      answer: () => ({ status: 404 }),
    });
    const vendor = createHttpVendor({ baseUrl: await rude.start(), token: secret });
    try {
      await stage.onStage(
        { server, db, name: 'secrets', vendors: { vendors: new Map([['http_vendor', vendor]]), ...QUICK } },
        async () => {
          const escalation = [{ step: 'give_up' as const }];
          const made = await stage.scene(db, {
            items: 1,
            settings: { workforces: ['http_vendor'], windowMs: 8000, escalation },
          });
          const [taskId = ''] = await stage.plan(db, made, 1);
          expect(await ended(taskId)).toBe('unresolved');
          await closed(made.campaignId);
          expect(rude.asked[0]?.headers.authorization).toContain(secret);
          const [order] = await db<{ id: string; lastError: string }[]>`
          select id, last_error as "lastError" from vendor_orders where campaign_id = ${made.campaignId}`;
          expect(order?.lastError).toContain('I do not like Bearer [secret]');
          const history = await server.client.getHandle(`vendor-order-${order?.id}`).fetchHistory();
          const told = JSON.stringify(history, (_key, value: unknown) =>
            value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
          );
          expect(told).toContain('I do not like');
          const tables = await db<{ name: string }[]>`
          select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`;
          const dump = [];
          for (const { name } of tables)
            dump.push(...(await db<{ row: string }[]>`select t::text as row from ${db(name)} t`));
          const all = dump.map(({ row }) => row).join('\n');
          expect(all).toContain('I do not like');
          expect(`${told}\n${all}`).not.toContain(secret);
        },
      );
    } finally {
      await rude.stop();
    }
  });
});

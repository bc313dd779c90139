import { afterAll, expect, test } from 'vitest';
import { giveBonus } from '../../db/queries/adjustments.ts';
import { verifyBooks } from '../../db/queries/books.ts';
import { vendorFigures } from '../../db/queries/vendor-views.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { VendorError } from '../../vendors/errors.ts';
import { call, type Vendor } from '../../vendors/vendor.ts';
import { annotatorWorkflowId } from '../../workflows/messages.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import { httpVendorBench } from '../vendors/fakes/http-vendor.ts';
import * as stage from './stage.ts';

const server = await startDevServer();
const database = 'stop' in server ? await createTestDatabase() : undefined;
afterAll(async () => {
  if ('stop' in server) await server.stop();
  await database?.drop();
});

const QUICK = { pollMs: [60], graceMs: 1500, reconcileMs: 20, circuit: { limit: 20, openMs: 100 } };
const PRICE = 100_000n;
const BONUS = 500_000n;

test.skipIf(!database)(
  'golds go with an order and grade its workers, a bonus is sent once, and the books balance',
  async () => {
    if ('unavailable' in server || !database) return;
    const { db } = database;
    const bench = await httpVendorBench();
    // Paid, and its answer is lost: what the vendor lists then is what counts.
    const bonus: Vendor['bonus'] = call('at_most_once', async (...input) => {
      await bench.vendor.bonus(...input);
      throw new VendorError('ambiguous', 'It timed out.');
    });
    const vendors = new Map([['http_vendor' as const, { ...bench.vendor, bonus }]]);
    const leftOpen: Record<string, string> = {};
    try {
      // All four tasks go in one order, however slowly their workflows begin.
      const given = { server, db, name: 'golds', leftOpen, gatherMs: 5000, vendors: { vendors, ...QUICK } };
      await stage.onStage(given, async () => {
        const made = await stage.scene(db, {
          ...{ items: 4, gold: 3 },
          settings: { workforces: ['http_vendor'], redundancy: 2, goldRatio: 0.5, priceUsd: '0.10' },
        });
        const { campaignId } = made;
        await stage.openGolds(db, made, 10n * PRICE);
        const taskIds = await stage.plan(db, made, 4);
        await until('all is bought', () => bench.allPurchases() === 6, 60_000);
        // Nothing that the vendor is sent tells golds from work.
        const [order] = bench.asked.filter(({ method }) => method === 'PUT');
        expect(JSON.stringify(order?.body)).not.toMatch(/gold|honeypot/);

        const golds = await db<{ unit: string; known: string }[]>`
          select u.id as unit, g.label #>> '{}' as known
          from vendor_units u join tasks t on t.id = u.task_id join gold_answers g on g.item_id = t.item_id
          where u.campaign_id = ${campaignId} and t.kind = 'gold'`;
        expect(golds).toHaveLength(2);
        // All golds are answered before the last work is, so that none is called back.
        bench.work({ workers: 2 });
        for (const taskId of taskIds) {
          await until('it is decided', async () => (await stage.taskState(db, taskId)) === 'decided', 90_000);
        }
        const answered = () => db<{ unit: string; label: string; annotatorId: string; worker: string }[]>`
          select r.unit_id as unit, l.label #>> '{}' as label, n.annotator_id as "annotatorId", r.worker_id as worker
          from vendor_responses r join annotations n on n.id = r.annotation_id
          join annotation_labels l on l.annotation_id = n.id where n.campaign_id = ${campaignId}`;
        // Decided when the work is in; the golds of the same order may be taken in after it.
        const answers = await until('all answers are in', async () => {
          const all = await answered();
          return all.length === 12 && all;
        });
        for (const { annotatorId } of answers) {
          leftOpen[annotatorWorkflowId(annotatorId)] = 'an annotator’s workflow does not end by itself';
        }
        const known = new Map(golds.map(({ unit, known }) => [unit, known]));
        const right = answers.filter(({ unit, label }) => known.get(unit) === label).length;
        const figures = () => vendorFigures(db, DEFAULT_ORGANISATION);
        await until('the golds are graded', async () => (await figures())[0]?.goldTotal === 4, 60_000);
        expect(await figures()).toMatchObject([
          { vendor: 'http_vendor', goldTotal: 4, goldCorrect: right, answers: 12 },
        ]);
        await until('all is paid', async () => (await stage.moneyOf(db, campaignId)).paid === 12n * PRICE);

        const [thanked] = answers;
        const thanks = { campaignId, annotatorId: thanked?.annotatorId ?? '', reason: 'Well done.', by: 'ada' };
        const id = await giveBonus(db, { ...thanks, amountMicros: BONUS });
        await db.notify('quorate_outbox', '');
        const stateOf = async () => (await db`select state, detail from vendor_bonuses where id = ${id}`)[0];
        await until('the bonus is paid', async () => (await stateOf())?.state === 'paid', 60_000);
        const sent = bench.asked.filter(({ method, path }) => method === 'PUT' && path.includes('/bonuses/'));
        expect(sent.map(({ body }) => body)).toEqual([
          expect.objectContaining({ workerId: thanked?.worker, amountMicros: `${BONUS}` }),
        ]);
        // Each answer was accepted at the vendor, golds too, and none twice.
        const accepted = bench.asked.flatMap(({ path }) => /settlements\/(.+)$/.exec(path)?.[1] ?? []);
        expect([accepted.length, new Set(accepted).size]).toEqual([12, 12]);

        const money = await stage.moneyOf(db, campaignId);
        expect(money.spent).toBe(12n * PRICE + BONUS);
        expect(money.ledgerSpent).toBe(12n * PRICE);
        expect([money.reserved, money.ledgerReserved]).toEqual([10n * PRICE - 4n * PRICE, 10n * PRICE - 4n * PRICE]);
        await stage.expectInvariants(db, campaignId);
        expect(await verifyBooks(db)).toMatchObject({ holds: true });
        await until('all is delivered', () => stage.isDelivered(db));
        const [bought] = await db<{ id: string }[]>`select id from vendor_orders where campaign_id = ${campaignId}`;
        const run = server.client.getHandle(`vendor-order-${bought?.id}`);
        await until('the order is closed', async () => (await run.describe()).status.name === 'COMPLETED');
      });
    } finally {
      await bench.stop();
    }
  },
  240_000,
);

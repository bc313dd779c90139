import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { setLimits, setOrganisationCap } from '../../db/queries/limits.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { beginSubmit, findOrder } from '../../db/queries/vendor-orders.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { createTestDatabase } from '../support/database.ts';
import { learningStage } from './learning-stage.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const { activities, within } = learningStage(db);

const settings = { redundancy: 3, priceUsd: '0.05', goldRatio: 0.05, evaluation: null };
beforeEach(async () => {
  // Who may work on a campaign is whoever there is.
  await db`update annotators set standing = 'suspended'`;
});
afterEach(() => setOrganisationCap(db, DEFAULT_ORGANISATION, null));

const select = (campaignId: string, round: number, count = 10) =>
  within(activities.selectBatch, { campaignId, round, count });
const goldMoney = async (campaignId: string) => {
  const [pot] = await db<{ amount: bigint }[]>`
    select amount_micros as amount from authorizations where campaign_id = ${campaignId} and task_id is null`;
  return pot?.amount ?? 0n;
};

it('a day’s pace that is below the first golds of all who may come lets a campaign begin all the same', async () => {
  const made = await stage.scene(db, { items: 100, gold: 12, annotators: 20, settings });
  // 20 annotators, 10 golds each: ten dollars.
  await setLimits(db, made.campaignId, { paceMicros: 5_000_000n });
  const { taskIds } = await select(made.campaignId, 1, 100);
  expect(taskIds.length).toBeGreaterThan(15);
  expect(await goldMoney(made.campaignId)).toBeGreaterThan(0n);
  await stage.expectInvariants(db, made.campaignId);
});

it('a workforce’s cap bounds tasks, and not their golds', async () => {
  const made = await stage.scene(db, { items: 20, gold: 12, annotators: 20, settings });
  await setLimits(db, made.campaignId, { workforces: { internal: 300_000n } });
  expect((await select(made.campaignId, 1)).taskIds).toHaveLength(2);
  await stage.expectInvariants(db, made.campaignId);
});

it('golds have as much set aside as may be met beside the open tasks, and each round only what is missing of that', async () => {
  const made = await stage.scene(db, { items: 40, gold: 12, annotators: 50, settings });
  const { campaignId } = made;
  await select(campaignId, 1);
  // Beside 30 answers: 2 by the ratio, and of those that newcomers meet 7.5 and what chance may add, 16 in all.
  expect(await goldMoney(campaignId)).toBe(18n * 50_000n);
  // These are over, and nobody has met a gold: there is money for the next ones.
  await db`update tasks set state = 'cancelled', closed_at = now() where campaign_id = ${campaignId} and kind = 'work'`;
  await select(campaignId, 2);
  expect(await goldMoney(campaignId)).toBe(18n * 50_000n);
  await select(campaignId, 3);
  // Beside 60 answers, 3 and 15 and chance, 27.
  expect(await goldMoney(campaignId)).toBe(30n * 50_000n);
});

it('what somebody met of golds beyond their first leaves others theirs', async () => {
  const made = await stage.scene(db, { items: 40, gold: 30, annotators: 3, settings });
  const { campaignId } = made;
  await select(campaignId, 1);
  // All of the 30 are met by one annotator.
  const golds = db`select id, gen_random_uuid() as lease from tasks where campaign_id = ${campaignId} and kind <> 'work'`;
  await db`
    with golds as materialized (${golds}), slots as (
      insert into slots (task_id, slot_no, campaign_id, workforce, priority, required_tier, state, annotator_id, assignment_id)
      select id, 1, ${campaignId}, 'internal', 0, 0, 'submitted', ${made.annotators[0] ?? ''}, lease from golds
    ), leases as (
      insert into assignments (id, task_id, slot_no, campaign_id, annotator_id, fence, state, price_micros, expires_at, closed_at)
      select lease, id, 1, ${campaignId}, ${made.annotators[0] ?? ''}, 1, 'submitted', 50000, now(), now() from golds
    )
    insert into annotations (id, assignment_id, task_id, campaign_id, annotator_id, counted, of_gold, time_spent_s, price_micros)
    select gen_random_uuid(), lease, id, ${campaignId}, ${made.annotators[0] ?? ''}, true, true, 5, 50000 from golds`;
  await select(campaignId, 2);
  // Beside 60 answers 3 by the ratio, and the first ten of each of the two others.
  expect(await goldMoney(campaignId)).toBe(23n * 50_000n);
});

it('golds that decide a recalibration have money of their own, else whoever is in doubt waits for them', async () => {
  const made = await stage.scene(db, { items: 40, gold: 12, annotators: 3, settings: { ...settings, goldFloor: 0 } });
  const { campaignId, annotators } = made;
  const { taskIds } = await select(campaignId, 1);
  expect(await goldMoney(campaignId)).toBe(2n * 50_000n);
  const [taskId = ''] = taskIds;
  await openSlots(db, taskId);
  for (const annotatorId of annotators.slice(0, 2)) await stage.answer(db, { taskId, annotatorId });
  // The third is not at work here, and the second in doubt elsewhere.
  await db`
    insert into annotator_standings (annotator_id, task_type, standing, recent_golds, recent_correct, gold_total,
      gold_correct, quality_score)
    values (${annotators[0] ?? ''}, 'classification', 'recalibrating', 10, 5, 10, 5, 0.5),
      (${annotators[1] ?? ''}, 'pairwise', 'recalibrating', 10, 5, 10, 5, 0.5),
      (${annotators[2] ?? ''}, 'classification', 'recalibrating', 10, 5, 10, 5, 0.5)`;
  await select(campaignId, 2);
  expect(await goldMoney(campaignId)).toBe((3n + 10n) * 50_000n);
});

it('where another cap than its own has no room it waits, and looks again', async () => {
  const made = await stage.scene(db, { items: 20, annotators: 3, settings: { ...settings, goldRatio: 0 } });
  const { campaignId } = made;
  await setLimits(db, campaignId, { workforces: { internal: 149_999n } });
  const waiting = { taskIds: [], blocked: 'pace', untilMs: expect.any(Number) };
  const blocked = await select(campaignId, 1);
  expect(blocked).toEqual(waiting);
  expect((blocked.untilMs ?? 0) - Date.now()).toBeGreaterThan(9 * 60_000);
  expect((blocked.untilMs ?? 0) - Date.now()).toBeLessThanOrEqual(10 * 60_000);
  await setLimits(db, campaignId, { workforces: { internal: null } });
  const [drawn] = await db<{ micros: bigint }[]>`
    select sum(reserved_micros + spent_micros)::bigint as micros from budgets`;
  await setOrganisationCap(db, DEFAULT_ORGANISATION, (drawn?.micros ?? 0n) + 149_999n);
  expect(await select(campaignId, 1)).toEqual(waiting);
  // Its own is used up for good.
  await db`update budgets set cap_micros = 149999 where campaign_id = ${campaignId}`;
  expect(await select(campaignId, 1)).toEqual({ taskIds: [], blocked: 'budget' });
});

it('a batch is as large as the price of the vendor that is asked first allows, which its orders need not reserve again', async () => {
  const terms = { workforces: ['surge_ai', 'internal'], vendors: { surge_ai: { priceUsd: '0.30' } } };
  const made = await stage.scene(db, { items: 20, settings: { ...settings, ...terms, goldRatio: 0, budgetUsd: '2' } });
  const { campaignId } = made;
  const { taskIds } = await select(campaignId, 1);
  expect(taskIds).toHaveLength(2);
  expect((await stage.moneyOf(db, campaignId)).reserved).toBe(1_800_000n);
  await db`
    insert into vendor_orders (id, campaign_id, vendor, key, policy_version, price_micros, deadline_at)
    values (gen_random_uuid(), ${campaignId}, 'surge_ai', 'order', 1, 300000, now() + interval '1 day')`;
  await db`
    insert into vendor_units (id, task_id, campaign_id, vendor, generation, answers, state, order_id)
    select gen_random_uuid(), t.id, ${campaignId}, 'surge_ai', 1, 3, 'ordered', o.id
    from tasks t cross join vendor_orders o where t.campaign_id = ${campaignId} and o.campaign_id = ${campaignId}`;
  const [{ id = '' } = {}] = await db<{ id: string }[]>`select id from vendor_orders where campaign_id = ${campaignId}`;
  const order = await findOrder(db, id);
  if (!order) throw new Error('There is no order.');
  await beginSubmit(db, order);
  expect((await stage.moneyOf(db, campaignId)).reserved).toBe(1_800_000n);
  const units = await db`select state from vendor_units where campaign_id = ${campaignId}`;
  expect(units.map(({ state }) => state)).toEqual(['ordered', 'ordered']);
});

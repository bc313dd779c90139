import { afterAll, describe, expect, test } from 'vitest';
import { storePredictions } from '../../db/queries/predictions.ts';
import { lastRounds } from '../../db/queries/progress.ts';
import { chosenItems } from '../../db/queries/selection.ts';
import { sliceRange } from '../../domain/learning/evaluation-slice.ts';
import { createTestDatabase } from '../support/database.ts';
import { learningStage, spreadItems } from './learning-stage.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const { round, fit: fitted } = learningStage(db);
const labelOf = (text: string) => (text.includes('win') ? 'spam' : 'ham');

async function campaign(items: number, options: Parameters<typeof stage.scene>[1] = {}) {
  const made = await stage.scene(db, {
    items,
    gold: 6,
    annotators: 1,
    ...options,
    settings: { redundancy: 1, budgetUsd: '1000', ...options.settings },
  });
  await spreadItems(db, made.campaignId);
  return made;
}

const purposes = (campaignId: string) => db<{ purpose: string; round: number; shuffle: number; strategy: string }[]>`
  select t.purpose, t.round, i.shuffle, i.selection ->> 'strategy' as strategy
  from tasks t join items i on i.id = t.item_id where t.campaign_id = ${campaignId} and t.kind = 'work'`;

describe('the evaluation slice of a campaign', () => {
  test('is drawn from what was set aside, measures the model, and teaches it nothing', async () => {
    const made = await campaign(200);
    const { campaignId, settings } = made;
    for (let at = 1; at <= 4; at++) {
      await round(made, { round: at, count: 20, labelOf });
      await fitted(campaignId, at);
    }
    const tasks = await purposes(campaignId);
    const { from, to } = sliceRange(`${settings.seed}:${campaignId}`, 0.1);
    const isAside = ({ shuffle }: { shuffle: number }) => shuffle >= from && shuffle < to;
    const measuring = tasks.filter(({ purpose }) => purpose === 'evaluation');
    expect(measuring).toHaveLength(8);
    expect(measuring.every((task) => isAside(task) && task.strategy === 'evaluation')).toBe(true);
    const teaching = tasks.filter(({ purpose }) => purpose === 'training');
    expect(teaching).toHaveLength(72);
    expect(teaching.some(isAside)).toBe(false);
    const last = (await lastRounds(db, campaignId, 10)).at(-1);
    expect(last).toMatchObject({ trainedOn: 72, heldOutOn: 'slice', heldOutCount: 8, heldOutAccuracy: 1 });
  });

  test('draws no more than its own budget', async () => {
    const made = await campaign(200, { settings: { evaluation: { share: 0.2, budgetUsd: '0.30' } } });
    for (let at = 1; at <= 3; at++)
      expect((await round(made, { round: at, count: 20, labelOf })).taskIds).toHaveLength(20);
    const tasks = await purposes(made.campaignId);
    expect(tasks.filter(({ purpose }) => purpose === 'evaluation')).toHaveLength(3);
    await stage.expectInvariants(db, made.campaignId);
  });

  test('tells what of it the model is not measured on: several labels or none, and what people came to no end of', async () => {
    const made = await campaign(200, {
      settings: { config: { labels: [...stage.LABELS], multiple: true }, evaluation: { share: 0.5 } },
    });
    const { campaignId } = made;
    const several = (text: string) => (Number(/\d+/.exec(text)?.[0]) % 4 < 2 ? [...stage.LABELS] : [labelOf(text)]);
    await round(made, { round: 1, count: 60, labelOf: several });
    const [given] = await db<{ id: string }[]>`
      select t.id from tasks t join item_payloads p using (item_id)
      where t.campaign_id = ${campaignId} and t.purpose = 'evaluation' and (substring(p.payload ->> 'text' from '\\d+'))::int % 4 = 2
      limit 1`;
    await db`update tasks set state = 'unresolved' where id = ${given?.id ?? ''}`;
    const { point } = await fitted(campaignId, 1);
    const [last] = await lastRounds(db, campaignId, 1);
    const { heldOutCount = 0, heldOutLeftOut } = last ?? {};
    expect(heldOutLeftOut).toEqual({ unresolved: 1, ties: 0, severalOrNone: 29 - (heldOutCount ?? 0) });
    expect(heldOutLeftOut?.severalOrNone).toBeGreaterThan(0);
    expect(point?.measuredShare).toBeCloseTo((heldOutCount ?? 0) / 30, 9);
  });

  test('is work like any other when all else is labelled; gold counts where there is no slice', async () => {
    const made = await campaign(20, { settings: { evaluation: null } });
    await round(made, { round: 1, count: 20, labelOf });
    await fitted(made.campaignId, 1);
    expect((await lastRounds(db, made.campaignId, 1)).at(-1)).toMatchObject({ heldOutOn: 'gold', heldOutCount: 6 });

    const sliced = await campaign(20, { settings: { evaluation: { share: 0.5 } } });
    const first = await round(sliced, { round: 1, count: 15, labelOf });
    const rest = await round(sliced, { round: 2, count: 15, labelOf });
    expect(first.taskIds.length + rest.taskIds.length).toBe(20);
    const { from, to } = sliceRange(`${sliced.settings.seed}:${sliced.campaignId}`, 0.5);
    for (const { purpose, shuffle } of await purposes(sliced.campaignId)) {
      if (purpose === 'evaluation') expect(shuffle >= from && shuffle < to).toBe(true);
    }
  });

  test('is drawn by chance alone, when there is nothing else: what is left of it still measures the model', async () => {
    const settings = {
      strategy: 'uncertainty' as const,
      evaluation: { share: 0.5, budgetUsd: '0.50' },
      model: { predictions: true as const },
    };
    const made = await campaign(60, { settings });
    const { campaignId } = made;
    const keys = await db<
      { key: string }[]
    >`select key from items where campaign_id = ${campaignId} and state = 'pool'`;
    await storePredictions(
      db,
      campaignId,
      keys.map(({ key }) => ({ key, shares: Number(key.split('-')[1]) % 3 === 0 ? [0.5, 0.5] : [0.95, 0.05] })),
    );
    await round(made, { round: 1, count: 60, labelOf });
    await round(made, { round: 2, count: 60, labelOf });
    const rest = await db<{ round: number; strategy: string }[]>`
      select t.round, i.selection ->> 'strategy' as strategy
      from tasks t join items i on i.id = t.item_id where t.campaign_id = ${campaignId} and t.kind = 'work'`;
    const strategies = (number: number) => rest.filter((each) => each.round === number).map(({ strategy }) => strategy);
    expect(new Set(strategies(1))).toEqual(new Set(['evaluation', 'uncertainty']));
    expect(new Set(strategies(2))).toEqual(new Set(['random']));
  });

  test('is nothing that a new batch keeps its distance from, no more than what was given up', async () => {
    const made = await campaign(20, { settings: { evaluation: { share: 0.5 } } });
    const { campaignId } = made;
    const { taskIds } = await round(made, { round: 1, count: 12, labelOf });
    const training = await db<{ id: string; itemId: string }[]>`
      select id, item_id as "itemId" from tasks where campaign_id = ${campaignId} and kind = 'work' and purpose = 'training'`;
    expect(training.length).toBeLessThan(taskIds.length);
    const [given, ...taught] = training;
    await db`update tasks set state = 'unresolved' where id = ${given?.id ?? ''}`;
    const known = await chosenItems(db, { campaignId, from: 0, limit: 100 });
    expect([...known].sort()).toEqual(taught.map(({ itemId }) => itemId).sort());
  });
});

describe('what was chosen before', () => {
  test('is told by half of the newest and half of all, where it is very much', async () => {
    const made = await campaign(60, { settings: { evaluation: null } });
    const { campaignId } = made;
    await round(made, { round: 1, count: 60, labelOf });
    const tasks = await db<{ itemId: string }[]>`
      select item_id as "itemId" from tasks where campaign_id = ${campaignId} and kind = 'work' order by id desc`;
    const newest = tasks.map(({ itemId }) => itemId);
    const met = new Set<string>();
    for (let from = 0; from < 1; from += 1 / 16) {
      const known = await chosenItems(db, { campaignId, from, limit: 20 });
      expect(known.slice(0, 10)).toEqual(newest.slice(0, 10));
      // Of a run of twenty there may be some that are among the newest.
      expect(known.length).toBe(20);
      expect(new Set(known).size).toBe(20);
      for (const id of known) met.add(id);
    }
    expect(met.size).toBeGreaterThan(45);
    expect(await chosenItems(db, { campaignId, from: 0, limit: 100 })).toEqual(newest);
  });

  test('is not asked again in copies of it, however long ago, until nothing else is left', async () => {
    const made = await campaign(60, { settings: { evaluation: null, strategy: 'uncertainty' } });
    const { campaignId } = made;
    await round(made, { round: 1, count: 10, labelOf });
    await fitted(campaignId, 1);
    // Twenty of the others come to show just what the first ones do.
    await db`
      with chosen as (
        select p.payload, p.hash, row_number() over () as n from items i join item_payloads p on p.item_id = i.id
        where i.campaign_id = ${campaignId} and i.state = 'selected'
      ), others as (
        select id, 1 + (row_number() over (order by shuffle) - 1) % 10 as n from items
        where campaign_id = ${campaignId} and state = 'pool' order by shuffle limit 20
      )
      update item_payloads p set payload = chosen.payload, hash = chosen.hash
      from others join chosen using (n) where p.item_id = others.id`;
    const copies = () => db<{ asked: boolean }[]>`
      select i.state = 'selected' as asked from item_payloads p join items i on i.id = p.item_id
      where i.campaign_id = ${campaignId} and (i.round is null or i.round > 1)
        and p.hash in (select q.hash from items o join item_payloads q on q.item_id = o.id
          where o.campaign_id = ${campaignId} and o.round = 1)`;
    for (const number of [2, 3, 4]) {
      expect((await round(made, { round: number, count: 10, labelOf })).taskIds).toHaveLength(10);
      expect((await copies()).filter(({ asked }) => asked)).toEqual([]);
    }
    expect((await round(made, { round: 5, count: 15, labelOf })).taskIds).toHaveLength(15);
    expect((await copies()).filter(({ asked }) => asked)).toHaveLength(15);
  });
});

import { afterAll, describe, expect, test } from 'vitest';
import { labelByModel } from '../../activities/auto-label.ts';
import { createCampaignActivities } from '../../activities/campaigns.ts';
import { findCampaign } from '../../db/queries/campaigns.ts';
import {
  autoLabelingOf,
  type ModelLabelRow,
  modelLabelBatches,
  storeAutoLabeling,
} from '../../db/queries/model-labels.ts';
import { storePredictions } from '../../db/queries/predictions.ts';
import { sliceRange } from '../../domain/learning/evaluation-slice.ts';
import type { CampaignSettings } from '../../domain/settings.ts';
import { createTestDatabase } from '../support/database.ts';
import { learningStage, spreadItems } from './learning-stage.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const { activities, within, round, fit: fitted } = learningStage(db);

/** Settings with a model whose predictions are imported. */
const predicted = {
  redundancy: 1,
  budgetUsd: '1000',
  strategy: 'random' as const,
  evaluation: { share: 0.5 },
  model: { predictions: true as const },
};

const labelOf = (text: string) => (text.includes('win') ? 'spam' : 'ham');

async function labelsOf(campaignId: string) {
  const batches: ModelLabelRow[][] = [];
  for await (const batch of modelLabelBatches(db, campaignId)) batches.push(batch);
  return batches;
}

const states = async (campaignId: string) => {
  const rows = await db<{ state: string; count: number }[]>`
    select state, count(*)::int as count from items where campaign_id = ${campaignId} group by state`;
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
};

describe('a campaign whose model may label what is left', () => {
  test('does so once audits support it, for nothing, and takes it back when people no longer agree', async () => {
    const settings = {
      redundancy: 1,
      budgetUsd: '1000',
      evaluation: { share: 0.5 },
      autoLabel: { target: 0.9, minAudited: 20 },
    };
    const made = await stage.scene(db, { items: 260, annotators: 1, settings });
    const { campaignId } = made;
    await spreadItems(db, campaignId);

    // Thirty audits, all right, say too little.
    await round(made, { round: 1, count: 60, labelOf });
    await fitted(campaignId, 1);
    expect(await autoLabelingOf(db, campaignId)).toMatchObject({ threshold: null, audited: 30, right: 30 });
    expect(await states(campaignId)).toEqual({ pool: 200, selected: 60 });

    await round(made, { round: 2, count: 80, labelOf });
    const spent = await stage.moneyOf(db, campaignId);
    await fitted(campaignId, 2);
    expect(await states(campaignId)).toEqual({ selected: 140, model: 120 });
    expect(await stage.moneyOf(db, campaignId)).toEqual(spent);
    const [batch] = await labelsOf(campaignId);
    expect(batch).toHaveLength(120);
    for (const { label, payload } of batch ?? []) expect(label).toBe(labelOf((payload as { text: string }).text));
    expect(await autoLabelingOf(db, campaignId)).toMatchObject({ threshold: 0.5, audited: 70 });
    await stage.expectInvariants(db, campaignId);

    // Of what comes later, and looks just the same, people come to say the opposite.
    await db`
      with copied as (
        insert into items (id, campaign_id, key, shuffle)
        select gen_random_uuid(), campaign_id, 'later ' || key, shuffle from items where campaign_id = ${campaignId} returning id, key
      )
      insert into item_payloads (item_id, payload, hash)
      select copied.id, p.payload, copied.key
      from copied join items i on i.campaign_id = ${campaignId} and 'later ' || i.key = copied.key join item_payloads p on p.item_id = i.id`;
    const opposite = (text: string) => (labelOf(text) === 'spam' ? 'ham' : 'spam');
    await round(made, { round: 3, count: 40, labelOf: opposite });
    await db`delete from outbox`;
    await fitted(campaignId, 3);
    expect(await autoLabelingOf(db, campaignId)).toMatchObject({ threshold: null });
    expect((await states(campaignId)).model).toBeUndefined();
    const told = await db<{ message: string }[]>`select message from outbox where target_id = ${campaignId}`;
    expect(told.map(({ message }) => message)).toContain('poolGrew');
  });

  test('is audited by what people said beyond its classes, too', async () => {
    const settings = {
      type: 'pairwise' as const,
      config: { allowBothBad: true },
      ...predicted,
      autoLabel: { target: 0.9, minAudited: 20 },
    };
    const made = await stage.scene(db, { items: 200, annotators: 1, settings });
    const { campaignId } = made;
    await spreadItems(db, campaignId);
    await db`
      update item_payloads p set payload = p.payload || '{"prompt": "Which?", "a": "this", "b": "that"}'::jsonb
      from items i where i.id = p.item_id and i.campaign_id = ${campaignId}`;
    const keys = await db<{ key: string }[]>`select key from items where campaign_id = ${campaignId}`;
    await storePredictions(
      db,
      campaignId,
      keys.map(({ key }) => ({ key, shares: [0.1, 0.9] })),
    );
    // The model is right of all that are a or b; of one in four people say neither.
    const choiceOf = (text: string) => (Number(/\d+/.exec(text)?.[0]) % 4 === 0 ? 'both_bad' : 'a');
    await round(made, { round: 1, count: 100, labelOf: (text) => ({ choice: choiceOf(text) }) });
    await fitted(campaignId, 1);
    const { threshold, audited, right } = (await autoLabelingOf(db, campaignId)) ?? {};
    expect({ threshold, audited }).toEqual({ threshold: null, audited: 50 });
    expect(right).toBeLessThan(45);
    expect(right).toBeGreaterThan(25);

    // Nor is the model right of what people came to no end of.
    await db`
      update tasks set state = 'unresolved' where id in (
        select t.id from tasks t join item_payloads p using (item_id)
        where t.campaign_id = ${campaignId} and t.purpose = 'evaluation'
          and (substring(p.payload ->> 'text' from '\\d+'))::int % 4 = 1 limit 3
      )`;
    await fitted(campaignId, 1);
    expect(await autoLabelingOf(db, campaignId)).toMatchObject({ audited: 50, right: (right ?? 0) - 3 });
  });

  test('finishes the pool: once all else is done it labels what people were never asked of the slice', async () => {
    const settings = { ...predicted, autoLabel: { target: 0.8, minAudited: 20 } };
    const made = await stage.scene(db, { items: 200, annotators: 1, settings });
    const { campaignId } = made;
    await spreadItems(db, campaignId);
    const rows = await db<{ key: string; text: string }[]>`
      select i.key, p.payload ->> 'text' as text from items i join item_payloads p on p.item_id = i.id
      where i.campaign_id = ${campaignId}`;
    // It is sure of all but one in ten.
    const isUnsure = (key: string) => Number(key.split('-')[1]) % 10 === 0;
    await storePredictions(
      db,
      campaignId,
      rows.map(({ key, text }) => {
        const share = isUnsure(key) ? 0.5 : 0.95;
        return { key, shares: labelOf(text) === 'spam' ? [share, 1 - share] : [1 - share, share] };
      }),
    );
    const { from, to } = sliceRange(`${made.settings.seed}:${campaignId}`, 0.5);
    const left = () => db<{ key: string; aside: boolean }[]>`
      select key, shuffle >= ${from} and shuffle < ${to} as aside from items where campaign_id = ${campaignId} and state = 'pool'`;
    await round(made, { round: 1, count: 80, labelOf });
    await fitted(campaignId, 1);
    // Outside there is what it is not sure of: people are asked, and the slice stays as it is.
    const first = await left();
    expect(first.filter(({ aside }) => !aside).every(({ key }) => isUnsure(key))).toBe(true);
    expect(first.filter(({ aside }) => aside)).toHaveLength(60);

    const outside = first.filter(({ aside }) => !aside).length;
    await round(made, { round: 2, count: 2 * outside, labelOf });
    expect((await left()).filter(({ aside }) => !aside)).toEqual([]);
    await fitted(campaignId, 2);
    const rest = await left();
    expect(rest.every(({ key }) => isUnsure(key))).toBe(true);
    const inSlice = (
      await db<{ count: number }[]>`
      select count(*)::int from items where campaign_id = ${campaignId} and state = 'model'
        and shuffle >= ${from} and shuffle < ${to}`
    )[0]?.count;
    expect(inSlice).toBeGreaterThan(30);

    // What is left of it is no random part, and measures nothing.
    const last = await round(made, { round: 3, count: 100, labelOf });
    expect(last.taskIds).toHaveLength(rest.length);
    const purposes = await db<
      { purpose: string }[]
    >`select distinct purpose from tasks where id = any(${last.taskIds}::uuid[])`;
    expect(purposes).toEqual(rest.length === 0 ? [] : [{ purpose: 'training' }]);
    expect((await round(made, { round: 4, count: 100, labelOf })).blocked).toBe('pool_empty');
    await stage.expectInvariants(db, campaignId);
  });

  test('looks at all that is left when the campaign ends', async () => {
    const settings = { redundancy: 1, budgetUsd: '1000', evaluation: { share: 0.5 }, autoLabel: { target: 0.7 } };
    const made = await stage.scene(db, { items: 160, annotators: 1, settings });
    await spreadItems(db, made.campaignId);
    await round(made, { round: 1, count: 110, labelOf });
    await fitted(made.campaignId, 1);
    await db`delete from model_labels where campaign_id = ${made.campaignId}`;
    await db`update items set state = 'pool' where campaign_id = ${made.campaignId} and state = 'model'`;
    await within(activities.reviseDecisions, { campaignId: made.campaignId });
    expect(await states(made.campaignId)).toEqual({ selected: 110, model: 50 });
  });

  test.each([20_000, Number.POSITIVE_INFINITY])(
    'holds no snapshot of the database open while a model is asked (looking at %d labels)',
    async (limit) => {
      const settings = { ...predicted, autoLabel: { target: 0.8, minAudited: 20 } };
      const made = await stage.scene(db, { items: 700, annotators: 1, settings });
      const { campaignId } = made;
      await spreadItems(db, campaignId);
      await round(made, { round: 1, count: 80, labelOf: () => 'spam' });
      await db`
        with taken as (
          update items set state = 'model' where campaign_id = ${campaignId} and state = 'pool' returning id
        )
        insert into model_labels (item_id, campaign_id, label, confidence, round)
        select id, ${campaignId}, '"spam"', 0.9, 1 from taken`;
      // As much as was supported before, so that a limit holds.
      const before = { threshold: 0.99, audited: 40, right: 40, low: 0.9, temperature: 1, round: 1 };
      await storeAutoLabeling(db, campaignId, before);
      const asked: string[] = [];
      const held: number[] = [];
      const judge = {
        answersOf: async () => undefined,
        async probabilitiesOf(ids: readonly string[]) {
          const [{ count } = { count: -1 }] = await db<{ count: number }[]>`
            select count(*)::int from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and backend_xmin is not null`;
          held.push(count);
          asked.push(...ids);
          return Float64Array.from(ids.flatMap(() => [0.9, 0.1]));
        },
      };
      const campaign = await findCampaign(db, campaignId);
      const given = { campaignId, settings: campaign?.settings as CampaignSettings, round: 2, judge, limit };
      await labelByModel(db, { ...given, alive: () => undefined });
      expect(new Set(held)).toEqual(new Set([0]));
      // Each label once, beside the audits.
      expect(new Set(asked).size).toBe(asked.length);
      expect(asked.length).toBe(40 + 620);
    },
  );

  test('does not end for want of items while the last look has given some back', async () => {
    const made = await stage.scene(db, { items: 2 });
    const { campaignId } = made;
    const { endCampaign } = createCampaignActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
    const stateOf = async () => (await findCampaign(db, campaignId))?.state;
    await db`update campaigns set state = 'stopping' where id = ${campaignId}`;
    const end = { campaignId, reason: 'pool_empty', unlessPoolGrew: true } as const;
    expect(await endCampaign(end)).toEqual({ open: [], poolGrew: true });
    expect(await stateOf()).toBe('running');
    await db`update items set state = 'model' where campaign_id = ${campaignId}`;
    expect(await endCampaign(end)).toBeUndefined();
    expect(await stateOf()).toBe('finished');
    // For any other reason it ends, whatever is left.
    const other = await stage.scene(db, { items: 2 });
    expect(await endCampaign({ ...end, campaignId: other.campaignId, reason: 'plateau' })).toBeUndefined();
  });

  test('stands by a label as long as the model of now is as sure of it', async () => {
    const settings = { ...predicted, autoLabel: { target: 0.8, minAudited: 20 } };
    const made = await stage.scene(db, { items: 260, annotators: 1, settings });
    const { campaignId } = made;
    await spreadItems(db, campaignId);
    const rows = await db<{ key: string; text: string }[]>`
      select i.key, p.payload ->> 'text' as text from items i join item_payloads p on p.item_id = i.id
      where i.campaign_id = ${campaignId}`;
    const numberOf = (key: string) => Number(key.split('-')[1]);
    /** Hardly sure of a quarter of the items, by `weak` of their true label. */
    const predict = (weak: number) =>
      storePredictions(
        db,
        campaignId,
        rows.map(({ key, text }) => {
          const share = numberOf(key) % 4 === 0 ? weak : 0.9;
          return { key, shares: labelOf(text) === 'spam' ? [share, 1 - share] : [1 - share, share] };
        }),
      );
    await predict(0.58);
    await round(made, { round: 1, count: 120, labelOf });
    await fitted(campaignId, 1);
    expect(await autoLabelingOf(db, campaignId)).toMatchObject({ threshold: 0.5, audited: 60, right: 60 });
    const first = (await labelsOf(campaignId)).flat();
    const weak = first.filter(({ key }) => numberOf(key) % 4 === 0);
    const sure = first.filter(({ key }) => numberOf(key) % 4 !== 0);
    expect(weak.length).toBeGreaterThan(5);
    // Sixty audits without a fault make a model that hardly knows no sure one.
    for (const { confidence } of weak) expect(confidence).toBeLessThan(0.9);
    for (const { confidence } of sure) expect(confidence).toBeGreaterThan(0.9);

    // The model comes to say the opposite of some, and people turn out to differ from it there.
    await predict(0.42);
    await round(made, { round: 2, count: 40, labelOf });
    await fitted(campaignId, 2);
    const { threshold = 0 } = (await autoLabelingOf(db, campaignId)) ?? {};
    expect(threshold).toBeGreaterThan(0.5);
    const second = (await labelsOf(campaignId)).flat();
    expect(second.filter(({ key }) => numberOf(key) % 4 === 0)).toEqual([]);
    expect(second.length).toBeGreaterThan(0);
    for (const { confidence } of second) expect(confidence).toBeGreaterThan(threshold ?? 1);

    // Of some it is sure of the opposite: their labels are now those.
    const turned = second.slice(0, 3).map(({ key }) => key);
    await storePredictions(
      db,
      campaignId,
      turned.map((key) => ({ key, shares: numberOf(key) % 2 === 0 ? [0.05, 0.95] : [0.95, 0.05] })),
    );
    await fitted(campaignId, 2);
    const third = new Map((await labelsOf(campaignId)).flat().map((row) => [row.key, row.label]));
    for (const key of turned) expect(third.get(key)).toBe(numberOf(key) % 2 === 0 ? 'ham' : 'spam');
    await stage.expectInvariants(db, campaignId);
  });
});

import { afterAll, describe, expect, test } from 'vitest';
import { pauseCampaign } from '../../db/queries/campaigns.ts';
import { KEPT_ROUNDS } from '../../db/queries/kept-selections.ts';
import { storePredictions } from '../../db/queries/predictions.ts';
import { loadModel } from '../../db/queries/selection.ts';
import { createTestDatabase } from '../support/database.ts';
import { learningStage, spreadItems } from './learning-stage.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const { activities, within, round, fit: fitted } = learningStage(db);
const labelOf = (text: string) => (text.includes('win') ? 'spam' : 'ham');

async function campaign(items: number, settings: stage.SceneSettings = {}) {
  const made = await stage.scene(db, {
    items,
    annotators: 1,
    settings: { redundancy: 1, budgetUsd: '1000', ...settings },
  });
  await spreadItems(db, made.campaignId);
  return made;
}
const again = (campaignId: string, number: number) =>
  within(activities.previewSelection, { campaignId, round: number, count: 100 });
const taught = async (campaignId: string, number: number) => {
  const rows = await db<{ itemId: string }[]>`
    select i.id as "itemId" from items i join tasks t on t.item_id = i.id
    where t.campaign_id = ${campaignId} and t.round = ${number} and t.purpose = 'training'
    order by (i.selection ->> 'rank')::int`;
  return rows.map(({ itemId }) => itemId);
};
const counts = async (campaignId: string) => {
  const [row] = await db<{ models: number[]; selections: number[]; spaces: number[] }[]>`
    select (select array_agg(round order by round) from models where campaign_id = ${campaignId}) as models,
      (select array_agg(round order by round) from selections where campaign_id = ${campaignId}) as selections,
      (select array_agg(version order by version) from feature_spaces where campaign_id = ${campaignId}) as spaces`;
  return row;
};

describe('the choice of a round, made again from what is stored', () => {
  test.each(['combined', 'badge', 'uncertainty', 'entropy', 'diversity', 'kmeans++', 'random'] as const)(
    'by %s is the same, score by score, whatever was chosen, fitted and imported since',
    async (strategy) => {
      const made = await campaign(160, { strategy });
      const { campaignId } = made;
      for (let at = 1; at <= 4; at++) {
        await round(made, { round: at, count: 20, labelOf });
        await fitted(campaignId, at);
      }
      await db`
        update items set state = 'model', shuffle = 0 where id in (
          select id from items where campaign_id = ${campaignId} and state = 'pool' limit 10)`;
      for (let at = 1; at <= 4; at++) {
        const made = await again(campaignId, at);
        const items = await taught(campaignId, at);
        expect(made).toMatchObject({ strategy, round: at, again: { tasks: items.length, same: items.length } });
        expect(made.chosen.map(({ itemId }) => itemId)).toEqual(items);
      }
    },
  );

  test('by a model of the requester’s own goes by what that said then', async () => {
    const made = await campaign(80, { strategy: 'uncertainty', model: { predictions: true } });
    const { campaignId } = made;
    const keys = await db<{ key: string }[]>`select key from items where campaign_id = ${campaignId}`;
    const predict = (share: (at: number) => number) =>
      storePredictions(
        db,
        campaignId,
        keys.map(({ key }, at) => ({ key, shares: [share(at), 1 - share(at)] })),
      );
    await predict((at) => 0.5 + at / 200);
    await round(made, { round: 1, count: 20, labelOf });
    await predict(() => 0.9);
    const items = await taught(campaignId, 1);
    expect(await again(campaignId, 1)).toMatchObject({ again: { tasks: items.length, same: items.length } });
  });

  test('by chance for want of vectors says so again', async () => {
    const endpoint = { url: 'http://127.0.0.1:9/embeddings', model: 'm' };
    const made = await campaign(40, { features: { embeddings: endpoint } });
    await round(made, { round: 1, count: 20, labelOf });
    const { strategy, chosen, again: same } = await again(made.campaignId, 1);
    expect(strategy).toBe('random');
    expect(chosen[0]?.selection).toMatchObject({ model: 'no vectors: 127.0.0.1:9 is not among QUORATE_MODEL_HOSTS' });
    expect(same?.same).toBe(same?.tasks);
  });

  test('is refused where what is stored is not what it was made from, or not there', async () => {
    const made = await campaign(80);
    const { campaignId } = made;
    await round(made, { round: 1, count: 20, labelOf });
    await fitted(campaignId, 1);
    await round(made, { round: 2, count: 20, labelOf });
    await expect(again(campaignId, 3)).rejects.toMatchObject({ type: 'not_found' });
    await fitted(campaignId, 1);
    const newer = await loadModel(db, campaignId, 1);
    await db`update models set model = set_byte(model, 20, 255 - get_byte(model, 20)) where campaign_id = ${campaignId}`;
    expect((await loadModel(db, campaignId, 1))?.model).not.toEqual(newer?.model);
    await expect(again(campaignId, 2)).rejects.toMatchObject({ type: 'conflict' });
    expect((await again(campaignId, 1)).again?.same, 'the first had no model').toBeGreaterThan(0);
  });

  test('is there for the last rounds, with every model and space that one of them goes by', async () => {
    const made = await campaign(300, { strategy: 'uncertainty', evaluation: null });
    const { campaignId } = made;
    const last = KEPT_ROUNDS + 3;
    for (let at = 1; at <= last; at++) {
      await round(made, { round: at, count: 5, labelOf });
      // Without a fit the model of before chooses on.
      if (at <= 2 || at === last) await fitted(campaignId, at);
    }
    const kept = Array.from({ length: KEPT_ROUNDS }, (_, at) => at + 4);
    expect(await counts(campaignId)).toEqual({ models: [2, last], selections: kept, spaces: [1] });
    expect((await again(campaignId, 4)).again).toEqual({ tasks: 5, same: 5 });
    await expect(again(campaignId, 3)).rejects.toThrow('is not kept');

    // A space of before goes when no round goes by it any more.
    await db`update feature_spaces set fitted_on = 60 where campaign_id = ${campaignId}`;
    for (let at = last + 1; at <= last + KEPT_ROUNDS + 1; at++) {
      await round(made, { round: at, count: 5, labelOf });
      if (at === last + 1 || at === last + KEPT_ROUNDS) await fitted(campaignId, at);
      if (at === last + 2) expect(await counts(campaignId)).toMatchObject({ spaces: [1, 2] });
    }
    await fitted(campaignId, last + KEPT_ROUNDS + 1);
    expect(await counts(campaignId)).toMatchObject({ spaces: [2] });
    expect((await again(campaignId, last + KEPT_ROUNDS)).again).toEqual({ tasks: 5, same: 5 });
  });
});

test('a campaign that was paused meanwhile gets no batch, and is not to ask again at once', async () => {
  const { campaignId } = await campaign(4);
  await pauseCampaign(db, campaignId);
  const before = Date.now();
  const batch = await within(activities.selectBatch, { campaignId, round: 1, count: 4 });
  expect(batch).toMatchObject({ taskIds: [], blocked: 'pace' });
  expect(batch.untilMs).toBeGreaterThan(before);
});

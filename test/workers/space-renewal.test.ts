import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, test } from 'vitest';
import { createFeatureStore } from '../../activities/feature-store.ts';
import { newestSpace } from '../../db/queries/feature-spaces.ts';
import { insertItems } from '../../db/queries/items.ts';
import { loadModel } from '../../db/queries/selection.ts';
import { floatBytes } from '../../domain/learning/float-bytes.ts';
import { createTestDatabase } from '../support/database.ts';
import { learningStage, spreadItems } from './learning-stage.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const { activities, within, round, fit: fitted } = learningStage(db);
const wanted = { alive: () => undefined };
const labelOf = (text: string) => (/win|prize/.test(text) ? 'spam' : 'ham');

async function campaign(items: number, settings: stage.SceneSettings = {}) {
  const made = await stage.scene(db, {
    items,
    annotators: 1,
    settings: { redundancy: 1, budgetUsd: '1000', evaluation: null, ...settings },
  });
  await spreadItems(db, made.campaignId);
  return made;
}

/** Imports items in words of their own. */
async function grow(campaignId: string, count: number, vectorOf?: (at: number) => number[]): Promise<void> {
  const rows = Array.from({ length: count }, (_, at) => {
    const payloadJson = JSON.stringify({
      text: `letter ${at} ${at % 2 === 0 ? 'a lottery prize awaits' : 'minutes of the meeting'}`,
    });
    return {
      ...{ id: uuidv7(), key: `later-${at}`, payloadJson, domain: null, goldJson: null, state: 'pool' as const },
      hash: createHash('sha256').update(payloadJson).digest('hex'),
      shuffle: 0,
      ...(vectorOf ? { vector: floatBytes(vectorOf(at)) } : {}),
    };
  });
  await insertItems(db, campaignId, rows);
  await spreadItems(db, campaignId);
}

const modelSpace = async (campaignId: string) => (await loadModel(db, campaignId))?.spaceVersion;
const scores = (campaignId: string, number: number) => db<{ uncertainty: number | null }[]>`
  select (i.selection ->> 'uncertainty')::float8 as uncertainty from items i
  where i.campaign_id = ${campaignId} and i.round = ${number}`;

describe('the space of a campaign that has grown', () => {
  test('is learnt anew at the next fit, with the model; until then choosing goes on in the old one', async () => {
    const made = await campaign(30);
    const { campaignId } = made;
    await round(made, { round: 1, count: 20, labelOf });
    await fitted(campaignId, 1);
    expect(await newestSpace(db, campaignId)).toEqual({ version: 1, fittedOn: 30 });

    await grow(campaignId, 89);
    await round(made, { round: 2, count: 10, labelOf });
    await fitted(campaignId, 2);
    expect(await newestSpace(db, campaignId), '119 are not four times 30').toMatchObject({ version: 1 });

    await grow(campaignId, 90);
    await round(made, { round: 3, count: 10, labelOf });
    expect(await modelSpace(campaignId)).toBe(1);
    expect((await scores(campaignId, 3)).every(({ uncertainty }) => uncertainty !== null)).toBe(true);
    await fitted(campaignId, 3);
    expect(await newestSpace(db, campaignId)).toEqual({ version: 2, fittedOn: 120 });
    expect(await modelSpace(campaignId)).toBe(2);
    await round(made, { round: 4, count: 10, labelOf });
    expect((await scores(campaignId, 4)).every(({ uncertainty }) => uncertainty !== null)).toBe(true);
    await fitted(campaignId, 4);
    expect(await newestSpace(db, campaignId)).toMatchObject({ version: 2 });
    const { count } = (
      await db<{ count: number }[]>`
      select count(*)::int as count from feature_spaces where campaign_id = ${campaignId}`
    )[0] ?? { count: 0 };
    expect(count, 'the first is still there for what speaks of it').toBe(2);
  });

  test('is that of the newest model for all who choose, also when the fit ended before there was one in the new', async () => {
    const made = await campaign(30);
    const { campaignId, settings } = made;
    await round(made, { round: 1, count: 20, labelOf });
    await fitted(campaignId, 1);
    await grow(campaignId, 120);
    const other = createFeatureStore(db);
    expect(await other.renewSpace({ campaignId, settings }, wanted)).toBe(true);
    expect(await other.renewSpace({ campaignId, settings }, wanted)).toBe(false);
    expect(await modelSpace(campaignId)).toBe(1);
    const preview = await within(activities.previewSelection, { campaignId, count: 5 });
    expect(preview.chosen.every(({ selection }) => typeof selection.uncertainty === 'number')).toBe(true);
    await fitted(campaignId, 1);
    expect(await modelSpace(campaignId)).toBe(2);
  });

  test('is read by version: rows in memory are never those of another', async () => {
    const { campaignId, settings } = await campaign(20);
    const ids = (
      await db<{ id: string }[]>`select id from items where campaign_id = ${campaignId} order by shuffle`
    ).map(({ id }) => id);
    const store = createFeatureStore(db, { sampleSize: 50 });
    const items = { campaignId, settings };
    const first = await store.rowsOf(items, ids, wanted);
    expect(first.spaceVersion).toBe(1);
    await grow(campaignId, 100);
    expect(await store.renewSpace(items, wanted)).toBe(true);
    const second = await store.rowsOf(items, ids, wanted);
    expect(second.spaceVersion).toBe(2);
    expect(second.matrix).not.toEqual(first.matrix);
    expect(await store.rowsOf({ ...items, spaceVersion: 1 }, ids, wanted)).toEqual(first);
    expect(await createFeatureStore(db).rowsOf(items, ids, wanted)).toEqual(second);
    await expect(store.rowsOf({ ...items, spaceVersion: 3 }, ids, wanted)).rejects.toThrow('Version 3 of the space');
    await grow(campaignId, 300);
    expect(await store.renewSpace(items, wanted), 'a whole sample is as good as there is').toBe(false);
  });

  test('of vectors is their scale, and is renewed likewise', async () => {
    const made = await campaign(20, { features: { vectors: { dims: 2 } }, strategy: 'uncertainty' });
    const { campaignId } = made;
    await db`
      insert into item_vectors (item_id, vector)
      select id, ${Buffer.from(floatBytes([1, 2]))} from items where campaign_id = ${campaignId}`;
    await round(made, { round: 1, count: 10, labelOf });
    await fitted(campaignId, 1);
    await grow(campaignId, 80, (at) => [at % 2 === 0 ? 100 : -100, at]);
    await fitted(campaignId, 1);
    expect(await newestSpace(db, campaignId)).toEqual({ version: 2, fittedOn: 100 });
    await round(made, { round: 2, count: 40, labelOf });
    await fitted(campaignId, 2);
    expect(await modelSpace(campaignId)).toBe(2);
  });
});

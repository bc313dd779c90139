import { afterAll, expect, test } from 'vitest';
import { createFeatureStore } from '../../activities/feature-store.ts';
import { itemReader, textsOf } from '../../activities/item-texts.ts';
import { getTaskType } from '../../domain/tasks/index.ts';
import { createTestDatabase } from '../support/database.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const wanted = { alive: () => undefined };

test('rows are those of the items asked for, whatever others push out of memory meanwhile', async () => {
  const { campaignId, settings } = await stage.scene(db, { items: 640 });
  const rows = await db<{ id: string }[]>`select id from items where campaign_id = ${campaignId} order by shuffle`;
  const ids = rows.map(({ id }) => id);
  const plenty = createFeatureStore(db);
  const asked = ids.slice(0, 620);
  const right = await plenty.rowsOf({ campaignId, settings }, asked, wanted);

  const scarce = createFeatureStore(db, { keptTexts: 2 });
  await scarce.rowsOf({ campaignId, settings }, ids.slice(0, 2), wanted);
  // The second is done long before the first, which counts on two items in memory.
  const [read] = await Promise.all([
    scarce.rowsOf({ campaignId, settings }, asked, wanted),
    scarce.rowsOf({ campaignId, settings }, ids.slice(630, 632), wanted),
  ]);
  expect(read.matrix.rows).toBe(620);
  expect(read).toEqual(right);
});

test('a pair that is gone reads as two empty texts, an item as one', async () => {
  const gone = ['00000000-0000-7000-8000-000000000000'];
  const texts = (type: 'pairwise' | 'classification', config: unknown) =>
    textsOf(db, itemReader(getTaskType(type), getTaskType(type).configSchema.parse(config)), gone);
  expect(await texts('pairwise', {})).toEqual([['', '']]);
  expect(await texts('classification', { labels: ['a', 'b'] })).toEqual([['']]);
});

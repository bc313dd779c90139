import { afterAll, expect, it } from 'vitest';
import { judgeCounts, judgedComparisons, ownTexts } from '../../db/queries/judges.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { ingest } from '../../db/queries/vendor-ingest.ts';
import { dispatchUnits } from '../../db/queries/vendor-units.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { createTestDatabase } from '../support/database.ts';
import * as stage from '../workers/stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);

it('a task counts once for a judge, however many people answered it: the first, beside the second', async () => {
  const made = await stage.scene(db, { items: 4, settings: { workforces: ['llm', 'internal'], redundancy: 4 } });
  const taskIds = await stage.plan(db, made, 4);
  await openSlots(db, ...taskIds);
  expect(await dispatchUnits(db, { gatherMs: 0 })).toBe(1);
  const units = await db<{ id: string; taskId: string; orderId: string }[]>`
    select id, task_id as "taskId", order_id as "orderId" from vendor_units where campaign_id = ${made.campaignId} order by task_id = ${taskIds[3] ?? ''}`;
  for (const { id: unitId, taskId, orderId } of units) {
    await ingest(db, {
      ...{ orderId, unitId, taskId, campaignId: made.campaignId, vendor: 'llm' },
      ...{ responseKey: 'j', workerId: 'judge:m:v1', answers: {}, hash: 'j' },
      ...{ read: { label: 'spam', presentation: null }, timeSpentS: 1, costMicros: null, priceMicros: 1000n },
    });
  }
  await db`update tasks set workforce = 'internal' where id = any(${taskIds}::uuid[])`;
  const said = [['spam', 'ham', 'ham'], ['ham', 'ham', 'spam'], ['spam']];
  for (const [at, labels] of said.entries()) {
    for (const [n, label] of labels.entries()) {
      await stage.answer(db, { taskId: taskIds[at] ?? '', annotatorId: made.annotators[n] ?? '', label });
    }
  }
  const [counts] = await judgeCounts(db, { organisationId: DEFAULT_ORGANISATION });
  // The first person said the judge's "spam" in two of three tasks; the first two agree in one of two.
  expect(counts).toMatchObject({ answers: 4, compared: 3, same: 2, peopleCompared: 2, peopleSame: 1 });

  // The newest comparison that a person made, too, though there is a newer one of the judge alone.
  await db`update campaigns set settings = settings || '{"type": "pairwise"}' where id = ${made.campaignId}`;
  const of = { organisationId: DEFAULT_ORGANISATION, campaignId: made.campaignId };
  expect(await judgedComparisons(db, of, 1)).toMatchObject([{ judge: 'judge:m:v1', type: 'pairwise', judged: 'spam' }]);
  expect(await judgedComparisons(db, of)).toHaveLength(3);
  // What it wrote itself, and nobody else did.
  expect(await ownTexts(db, DEFAULT_ORGANISATION)).toEqual([]);
  await db`update campaigns set settings = settings || '{"type": "free_text"}' where id = ${made.campaignId}`;
  const own = { judge: 'judge:m:v1', text: 'spam' };
  expect(await ownTexts(db, DEFAULT_ORGANISATION)).toEqual([own, own, own, own]);
});

import { afterAll, describe, expect, test } from 'vitest';
import { createWorkflowDoor } from '../../api/workflow-door.ts';
import { createTestDatabase } from '../support/database.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import { learningStage, spreadItems } from './learning-stage.ts';
import * as stage from './stage.ts';

const server = await startDevServer();
const { db, drop } = await createTestDatabase();
afterAll(async () => {
  if ('stop' in server) await server.stop();
  await drop();
});
const { activities, within, round, fit: fitted } = learningStage(db);
const labelOf = (text: string) => (text.includes('win') ? 'spam' : 'ham');

async function campaign() {
  const settings = { redundancy: 1, budgetUsd: '1000', evaluation: null };
  const made = await stage.scene(db, { items: 120, annotators: 1, settings });
  await spreadItems(db, made.campaignId);
  return made;
}
const trace = async (campaignId: string) => {
  const [row] = await db<{ tasks: number; chosen: number; reserved: bigint; spaces: number }[]>`
    select (select count(*) from tasks where campaign_id = c.id)::int as tasks,
      (select count(*) from items where campaign_id = c.id and state <> 'pool')::int as chosen,
      (select reserved_micros from budgets where campaign_id = c.id) as reserved,
      (select count(*) from feature_spaces where campaign_id = c.id)::int as spaces
    from campaigns c where id = ${campaignId}`;
  return row;
};

describe('a preview of what would be chosen', () => {
  test('is what the next selection chooses, with the same scores, and leaves no trace', async () => {
    const made = await campaign();
    const { campaignId } = made;
    for (let at = 1; at <= 2; at++) {
      await round(made, { round: at, count: 10, labelOf });
      await fitted(campaignId, at);
    }
    const before = await trace(campaignId);
    const preview = await within(activities.previewSelection, { campaignId, count: 10 });
    expect(await trace(campaignId)).toEqual(before);
    expect(preview).toMatchObject({ strategy: 'combined', round: 3 });
    await round(made, { round: 3, count: 10, labelOf });
    const chosen = await db<{ itemId: string; selection: Record<string, unknown> }[]>`
      select i.id as "itemId", i.selection from items i join tasks t on t.item_id = i.id
      where i.campaign_id = ${campaignId} and t.round = 3 order by (i.selection ->> 'rank')::int`;
    expect(chosen).toEqual(preview.chosen);
    expect(chosen.every(({ selection }) => typeof selection.uncertainty === 'number')).toBe(true);
  });

  test('of another strategy chooses by that, never what is chosen already; a draft keeps no space for it', async () => {
    const made = await campaign();
    const { campaignId } = made;
    await round(made, { round: 1, count: 20, labelOf });
    const taken = await db<{ id: string }[]>`
      select id from items where campaign_id = ${campaignId} and state <> 'pool'`;
    const { strategy, chosen } = await within(activities.previewSelection, {
      campaignId,
      strategy: 'diversity',
      count: 100,
    });
    expect(strategy).toBe('diversity');
    expect(chosen).toHaveLength(100);
    expect(chosen.filter(({ itemId }) => taken.some(({ id }) => id === itemId))).toEqual([]);

    const draft = await campaign();
    await db`update campaigns set state = 'draft', started_at = null where id = ${draft.campaignId}`;
    const first = await within(activities.previewSelection, { campaignId: draft.campaignId, count: 5 });
    expect(first.chosen).toHaveLength(5);
    expect(await trace(draft.campaignId)).toMatchObject({ spaces: 0, tasks: 0 });
  });

  test('comes through the API’s door from the learning worker, and fails as what it is', async () => {
    if ('unavailable' in server) return console.warn(server.unavailable);
    const { campaignId } = await campaign();
    // The relay is not to start the tasks of the tests before.
    await db`delete from outbox`;
    await stage.onStage({ server, db, name: 'preview', learning: true }, async ({ client }) => {
      const door = createWorkflowDoor(client);
      const asked = { campaignId, count: 3 };
      const preview = await door.previewSelection(asked);
      expect(preview.chosen).toHaveLength(3);
      // What nothing keeps from being made again is the same.
      expect(await door.previewSelection(asked)).toEqual(preview);
      const nobody = '01890000-0000-7000-8000-000000000000';
      await expect(door.previewSelection({ campaignId: nobody, count: 3 })).rejects.toMatchObject({
        code: 'not_found',
      });
    });
  });
});

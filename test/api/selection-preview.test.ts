import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Rig, runningCampaign, spam, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const itemsOf = (campaignId: string) => rig.db<{ id: string; key: string }[]>`
  select id, key from items where campaign_id = ${campaignId} order by key`;

describe('a preview of the next selection', () => {
  test('shows the items with their text and scores, of a draft too', async () => {
    const { body } = await rig.call(rig.requester, 'POST', '/v1/campaigns', spam);
    const rows = [
      { key: 'a', text: 'Buy now' },
      { key: 'b', text: `${'x'.repeat(299)}😀 and more` },
    ];
    await rig.call(rig.requester, 'POST', `/v1/campaigns/${body.id}/items`, rows);
    const chosen = (await itemsOf(body.id)).map(({ id: itemId }, rank) => ({
      itemId,
      selection: { strategy: 'badge', rank, uncertainty: 0.5, distance: null },
    }));
    rig.temporal.answer = async () => ({ strategy: 'badge', round: 1, chosen });
    const asked = { strategy: 'badge', count: 2 };
    const answer = await rig.call(rig.requester, 'POST', `/v1/campaigns/${body.id}/selection/preview`, asked);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ strategy: 'badge', round: 1, byModel: true });
    expect(answer.body.items.map((item: { key: string; text: string }) => [item.key, item.text])).toEqual([
      ['a', 'Buy now'],
      ['b', `${'x'.repeat(299)}😀`],
    ]);
    expect(answer.body.items[1].selection).toEqual(chosen[1]?.selection);
    expect(rig.temporal.started.at(-1)).toMatchObject({
      type: 'selectionPreviewWorkflow',
      workflowId: `selection-preview-${body.id}`,
      args: [{ campaignId: body.id, ...asked }],
    });
  });

  test('is of a round that was chosen before, by its own strategy, where one is named; of a closed campaign too', async () => {
    const { id } = await runningCampaign(rig);
    const path = `/v1/campaigns/${id}/selection/preview`;
    await rig.db`update campaigns set state = 'finished', ended_at = now() where id = ${id}`;
    rig.temporal.answer = async () => ({ strategy: 'badge', round: 3, chosen: [], again: { tasks: 20, same: 20 } });
    const answer = await rig.call(rig.requester, 'POST', path, { round: 3 });
    expect([answer.status, answer.body.again]).toEqual([200, { tasks: 20, same: 20 }]);
    expect(rig.temporal.started.at(-1)).toMatchObject({ args: [{ campaignId: id, round: 3 }] });
    const both = await rig.call(rig.requester, 'POST', path, { round: 3, strategy: 'random' });
    expect([both.status, both.body.field]).toEqual([422, 'strategy']);
  });

  test('is refused where a campaign chooses no more, and where the input is none', async () => {
    const { id } = await runningCampaign(rig);
    const path = `/v1/campaigns/${id}/selection/preview`;
    expect((await rig.call(rig.requester, 'POST', path, { strategy: 'best' })).status).toBe(422);
    expect((await rig.call(rig.requester, 'POST', path, { count: 101 })).status).toBe(422);
    expect((await rig.call(rig.viewer, 'POST', path, {})).status).toBe(403);
    await rig.db`update campaigns set state = 'finished', ended_at = now() where id = ${id}`;
    const closed = await rig.call(rig.requester, 'POST', path, {});
    expect([closed.status, closed.body.code]).toEqual([409, 'campaign_closed']);
  });
});

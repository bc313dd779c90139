import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { setLimits } from '../../db/queries/limits.ts';
import { storePredictions } from '../../db/queries/predictions.ts';
import { lastRounds } from '../../db/queries/progress.ts';
import { createTestDatabase } from '../support/database.ts';
import { jsonRequest } from '../support/json-request.ts';
import { learningStage, spreadItems } from './learning-stage.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
/** Sure of all but the items whose number ends in 7. */
function sharesOf(text: string): number[] {
  if (/\d*7 /.test(text)) return [0.52, 0.48];
  return text.includes('win') ? [0.99, 0.01] : [0.01, 0.99];
}

let asked = 0;
const server = createServer((request, response) => {
  asked++;
  jsonRequest<{ items: { payload: { text: string } }[] }>(request).then(
    ({ items }) => {
      const probabilities = items.map(({ payload: { text } }) => sharesOf(text));
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ probabilities }));
    },
    (error: Error) => response.destroy(error),
  );
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await drop();
});

const labelOf = (text: string) => (text.includes('win') ? 'spam' : 'ham');
const campaign = async (more: stage.SceneSettings = {}) => {
  const settings = {
    redundancy: 1,
    budgetUsd: '1000',
    strategy: 'uncertainty' as const,
    model: { http: { url: `http://${host}/predict` } },
    ...more,
  };
  const made = await stage.scene(db, { items: 100, annotators: 1, settings });
  await spreadItems(db, made.campaignId);
  return made;
};
const chosen = (campaignId: string) => db<{ text: string; model: string | null }[]>`
  select p.payload ->> 'text' as text, i.selection ->> 'model' as model
  from tasks t join items i on i.id = t.item_id join item_payloads p on p.item_id = i.id
  where t.campaign_id = ${campaignId} and t.purpose = 'training'`;

describe('a campaign whose requester has a model', () => {
  test('chooses by it, and measures it on the slice', async () => {
    const { round, fit: fitted } = learningStage(db, { modelHosts: [host] });
    const made = await campaign();
    await round(made, { round: 1, count: 5, labelOf });
    const texts = (await chosen(made.campaignId)).map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(3);
    // What it is least sure of, and one of the class that it guesses of none of these.
    expect(texts.filter((text) => !/\d*7 /.test(text))).toHaveLength(1);
    await round(made, { round: 2, count: 35, labelOf });
    await fitted(made.campaignId, 2);
    const [last] = await lastRounds(db, made.campaignId, 1);
    expect(last).toMatchObject({ heldOutOn: 'slice', heldOutCount: 4 });
    const slice = await db<{ text: string }[]>`
      select p.payload ->> 'text' as text from tasks t join item_payloads p using (item_id)
      where t.campaign_id = ${made.campaignId} and t.purpose = 'evaluation'`;
    const right = slice.filter(({ text }) => (sharesOf(text)[0] ?? 0) > 0.5 === (labelOf(text) === 'spam'));
    expect(last?.heldOutAccuracy).toBe(right.length / slice.length);
  });

  test.each([{}, { relabel: true as const }])(
    'asks it nothing where there is no room for a task anyway: %o',
    async (more) => {
      const { round, activities, within } = learningStage(db, { modelHosts: [host] });
      const made = await campaign({ priceUsd: '0.05', evaluation: null, ...more });
      const { campaignId } = made;
      await round(made, { round: 1, count: 5, labelOf });
      const select = () => within(activities.selectBatch, { campaignId, round: 2, count: 5 });
      const before = asked;
      expect(before).toBeGreaterThan(0);
      await setLimits(db, campaignId, { paceMicros: 1n });
      const [day] = await db<{ tomorrow: Date }[]>`
      select ((now() at time zone 'utc')::date + 1)::timestamp at time zone 'utc' as tomorrow`;
      expect(await select()).toEqual({ taskIds: [], blocked: 'pace', untilMs: day?.tomorrow.getTime() });
      await db`update budgets set cap_micros = reserved_micros + spent_micros where campaign_id = ${campaignId}`;
      expect(await select()).toEqual({ taskIds: [], blocked: 'budget' });
      expect(asked).toBe(before);
      // One that has nothing left to choose ends, and waits for no day.
      await setLimits(db, campaignId, { paceMicros: 1n });
      await db`update items set state = 'selected' where campaign_id = ${campaignId} and state = 'pool'`;
      expect(await select()).toEqual({ taskIds: [], blocked: 'pool_empty' });
    },
  );

  test('goes on without it where it cannot be heard, and says why', async () => {
    const { round, fit: fitted } = learningStage(db);
    const made = await campaign();
    const batch = await round(made, { round: 1, count: 10, labelOf });
    expect(batch.taskIds).toHaveLength(10);
    const rows = await chosen(made.campaignId);
    expect(rows.every(({ model }) => model === `not heard: ${host} is not among QUORATE_MODEL_HOSTS`)).toBe(true);
    await expect(fitted(made.campaignId, 1)).resolves.toMatchObject({ point: null });
  });

  test('whose predictions were imported chooses what they are unsure of, or say nothing of', async () => {
    const { round } = learningStage(db);
    const settings = {
      ...{ redundancy: 1, budgetUsd: '1000', evaluation: null, strategy: 'uncertainty' as const },
      model: { predictions: true as const },
    };
    const made = await stage.scene(db, { items: 40, annotators: 1, settings });
    const { campaignId } = made;
    const sure = Array.from({ length: 39 }, (_, at) => ({
      key: `item-${at}`,
      shares: at === 5 ? [0.6, 0.4] : [0.9, 0.1],
    }));
    expect((await storePredictions(db, campaignId, sure)).size).toBe(39);
    await round(made, { round: 1, count: 2, labelOf });
    const texts = (await chosen(campaignId)).map(({ text }) => Number(/\d+/.exec(text)?.[0]));
    expect(texts.sort((a, b) => a - b)).toEqual([5, 39]);
  });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../api/app.ts';
import type { App } from '../../api/context.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
let other: App;
beforeAll(async () => {
  rig = await startRig();
  other = await createApp({ db: rig.db, temporal: rig.temporal.client });
  await other.ready();
});
afterAll(async () => {
  await other.close();
  await rig.close();
});

const items = Array.from({ length: 40 }, (_, at) => ({ key: `item-${at}`, text: `Item ${at}` }));
const golds = Array.from({ length: 10 }, (_, at) => ({ key: `gold-${at}`, text: `Gold ${at}`, gold: 'spam' }));

/** Twelve requests at once, half of them to each of two processes; what they were given. */
async function askAll(apiKey: string, campaignId: string): Promise<string[]> {
  const ask = async (app: App) => {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    const payload = JSON.stringify({ campaignId });
    const answer = await app.inject({ method: 'POST', url: '/v1/assignments/next', headers, payload });
    expect([200, 204]).toContain(answer.statusCode);
    return answer.statusCode === 200 ? [(JSON.parse(answer.body) as { assignmentId: string }).assignmentId] : [];
  };
  const given = await Promise.all(Array.from({ length: 12 }, (_, at) => ask(at % 2 === 0 ? rig.app : other)));
  return [...new Set(given.flat())];
}

test.each([
  ['of work', 0],
  ['of work and gold', 0.5],
])('nobody holds more %s than they may, or gets more in a day, whichever processes they ask', async (_, goldRatio) => {
  const settings = { maxLeases: 2, dailyLimit: 5, goldRatio };
  const { id, annotators } = await runningCampaign(rig, { settings, items: [...items, ...golds], annotators: 4 });
  for (const { id: annotatorId, apiKey } of annotators) {
    const count = async (state: string) =>
      (
        await rig.db<{ n: number }[]>`
          select count(*)::int as n from assignments
          where annotator_id = ${annotatorId} and campaign_id = ${id} and state = ${state}`
      )[0]?.n;
    for (let day = 0; day < 4; day++) {
      const given = await askAll(apiKey, id);
      expect(await count('leased')).toBeLessThanOrEqual(2);
      for (const assignmentId of given) {
        const answer = { label: 'spam', timeSpentS: 20 };
        const sent = await rig.call(apiKey, 'POST', `/v1/assignments/${assignmentId}/annotation`, answer);
        expect(sent.status).toBe(201);
      }
    }
    expect(await count('submitted')).toBe(5);
  }
});

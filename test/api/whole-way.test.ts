import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

test('a campaign is made, filled, started and answered', async () => {
  const { id, annotators } = await runningCampaign(rig, {
    items: [
      { key: 'a', text: 'Buy now' },
      { key: 'b', text: 'See you at noon' },
    ],
  });
  const [first] = annotators;
  const next = await rig.call(first?.apiKey, 'POST', '/v1/assignments/next');
  expect(next.status).toBe(200);
  expect(next.body.task).toMatchObject({
    type: 'classification',
    instructions: 'Is this e-mail spam?',
    priceUsd: '0.05',
  });
  const path = `/v1/assignments/${next.body.assignmentId}/annotation`;
  const answer = { label: 'spam', timeSpentS: 12.5, confidence: 0.9 };
  const stored = await rig.call(first?.apiKey, 'POST', path, answer);
  expect(stored.status).toBe(201);
  const repeated = await rig.call(first?.apiKey, 'POST', path, answer);
  expect(repeated.status).toBe(200);
  expect(repeated.body).toEqual(stored.body);
  const other = await rig.call(first?.apiKey, 'POST', path, { ...answer, label: 'ham' });
  expect(other.status).toBe(409);
  expect(other.body).toMatchObject({ code: 'conflict', field: 'label' });

  const view = await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}`);
  expect(view.body).toMatchObject({ state: 'running', eligibleAnnotators: 3, budget: { capUsd: '100.00' } });
  expect(rig.temporal.started).toEqual([
    { type: 'campaignWorkflow', workflowId: `campaign-${id}`, args: [expect.objectContaining({ campaignId: id })] },
  ]);
});

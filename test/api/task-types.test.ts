import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

type Campaign = Awaited<ReturnType<typeof runningCampaign>>;

const next = async (campaign: Campaign, at: number) =>
  (await rig.call(campaign.annotators[at]?.apiKey, 'POST', '/v1/assignments/next', { campaignId: campaign.id })).body;
const submit = (campaign: Campaign, at: number, assignmentId: string, label: unknown) =>
  rig.call(campaign.annotators[at]?.apiKey, 'POST', `/v1/assignments/${assignmentId}/annotation`, {
    label,
    timeSpentS: 20,
  });
const decide = (campaign: Campaign) => {
  const { decideTask } = createTaskActivities({ db: rig.db, wake: () => {}, nowMs: Date.now });
  return decideTask({ taskId: campaign.taskIds[0] ?? '', minConfidence: 0, acceptAny: true, log: [] });
};
const exported = async (campaign: Campaign, format: string) =>
  (await rig.call(rig.viewer, 'GET', `/v1/campaigns/${campaign.id}/export?format=${format}`)).text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('spans are checked against the text, in code points, and come out with what they mark', async () => {
  const text = '👩‍👩‍👧 met שלום in Paris';
  const settings = { type: 'span', config: { labels: ['PERSON', 'PLACE'] } };
  const campaign = await runningCampaign(rig, { settings, items: [{ key: 'one', text, source: 'x' }] });
  const start = Array.from(text.slice(0, text.indexOf('Paris'))).length;
  const place = { start, end: start + 5, label: 'PLACE' };
  for (const [at, label] of [[place], [place, { start: 0, end: 5, label: 'PERSON' }], [place]].entries()) {
    const offer = await next(campaign, at);
    expect(offer.task).toMatchObject({ type: 'span', payload: { text } });
    expect(offer.task.payload).not.toHaveProperty('source');
    const beyond = await submit(campaign, at, offer.assignmentId, [{ ...place, end: text.length }]);
    expect(beyond).toMatchObject({ status: 422, body: { code: 'invalid_input', field: 'label' } });
    expect(beyond.body.detail).toContain(
      `label[0].end: ${text.length} is not a whole number from ${start + 1} to ${start + 5}`,
    );
    expect((await submit(campaign, at, offer.assignmentId, label)).status).toBe(201);
    expect((await submit(campaign, at, offer.assignmentId, [...label].reverse())).status).toBe(200);
  }
  await decide(campaign);
  expect(await exported(campaign, 'jsonl')).toMatchObject([
    {
      key: 'one',
      state: 'decided',
      method: 'span_vote',
      label: [place],
      spans: [{ ...place, text: 'Paris', share: 1 }],
    },
  ]);
});

test('rankings are shown in an order of each annotator and stored in that of the item', async () => {
  const answers = ['worst', 'middling', 'best', 'good'];
  const value = (answer: string) => ['best', 'good', 'middling', 'worst'].indexOf(answer) + 1;
  const campaign = await runningCampaign(rig, {
    settings: { type: 'preference_ranking' },
    items: [{ key: 'one', prompt: 'Say it', answers }],
    annotators: 3,
  });
  for (const at of [0, 1, 2]) {
    const offer = await next(campaign, at);
    const shown = offer.task.payload.answers as string[];
    expect([...shown].sort()).toEqual([...answers].sort());
    const short = await submit(campaign, at, offer.assignmentId, [1, 2]);
    expect(short.body).toMatchObject({
      status: 422,
      detail: expect.stringContaining('label has 2 ranks; there must be 4'),
    });
    const groups = [...shown.keys()].sort((a, b) => value(shown[a] ?? '') - value(shown[b] ?? ''));
    expect((await submit(campaign, at, offer.assignmentId, { groups })).status).toBe(201);
  }
  await decide(campaign);
  expect(await exported(campaign, 'jsonl')).toMatchObject([
    { label: { ranks: [4, 3, 1, 2] }, confidence: expect.closeTo(64 / 65, 9) },
  ]);
  expect(await exported(campaign, 'dpo')).toEqual([
    {
      ...{ prompt: 'Say it', chosen: 'best', rejected: 'worst', n_annotators: 3 },
      ...{ confidence: expect.closeTo(64 / 65, 9), key: 'one', task_id: campaign.taskIds[0] },
    },
  ]);
});

test('known answers are checked against their items too', async () => {
  const settings = {
    ...{ name: 'D', type: 'dialog', budgetUsd: '10' },
    config: { turn: { choices: ['good', 'bad'] } },
  };
  const { id } = (await rig.call(rig.requester, 'POST', '/v1/campaigns', settings)).body;
  const turns = [
    { role: 'user', text: 'Hi' },
    { role: 'assistant', text: 'Hello' },
  ];
  const imported = await rig.call(rig.requester, 'POST', `/v1/campaigns/${id}/items`, [
    { key: 'right', turns, gold: { turns: [null, 'good'] } },
    { key: 'short', turns, gold: { turns: ['good'] } },
    { key: 'csv', turns: JSON.stringify(turns), gold: '{"turns":[null,"bad"]}' },
  ]);
  expect(imported.text).toContain('gold.turns has 1 places; the dialog has 2 turns');
  const [row] = await rig.db<{ n: number }[]>`select count(*)::int as n from items where campaign_id = ${id}`;
  expect(row?.n).toBe(2);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Rig, spam, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

async function campaign(model: object | null = { predictions: true }): Promise<string> {
  const { id } = (await rig.call(rig.requester, 'POST', '/v1/campaigns', { ...spam, ...(model && { model }) })).body;
  const items = ['a', 'b', 'c'].map((key) => ({ key, text: `mail ${key}` }));
  await rig.call(rig.requester, 'POST', `/v1/campaigns/${id}/items`, items);
  return id;
}
const send = (id: string, body: string, type = 'application/x-ndjson', key = rig.requester) =>
  rig.call(key, 'POST', `/v1/campaigns/${id}/predictions`, body, { 'content-type': type });
const stored = (id: string) => rig.db<{ key: string; shares: number[] }[]>`
  select i.key, p.shares from items i join item_predictions p on p.item_id = i.id where i.campaign_id = ${id} order by key`;

describe('an import of predictions', () => {
  test('keeps what it names, in either form, and lists what will not do', async () => {
    const id = await campaign();
    const rows = [
      { key: 'a', probabilities: { ham: 0.25, spam: 0.75 } },
      { key: 'b', label: 'ham', confidence: 0.9 },
      { key: 'x', label: 'ham', confidence: 0.9 },
      { key: 'c', label: 'eggs', confidence: 0.9 },
      { key: 'c', label: 'ham', confidence: 1.5 },
      { key: 'c', probabilities: { ham: 0.5, spam: 0.4 } },
      { key: 'c', probabilities: { eggs: 1 } },
      { label: 'ham', confidence: 1 },
    ];
    const answer = await send(id, rows.map((row) => JSON.stringify(row)).join('\n'));
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      accepted: 2,
      rejectedCount: 6,
      rejected: [
        { line: 3, reason: 'there is no item with the key "x"' },
        { line: 4, reason: 'label is "eggs"; it must be one of spam, ham' },
        { line: 5, reason: 'confidence is 1.5; it must be a number from 0 to 1' },
        { line: 6, reason: 'probabilities sum to 0.9, not to 1' },
        { line: 7, reason: 'probabilities names "eggs"; the classes are spam, ham' },
        { line: 8, reason: 'key is missing' },
      ],
    });
    const [a, b] = await stored(id);
    expect(a).toEqual({ key: 'a', shares: [0.75, 0.25] });
    expect(b?.shares[0]).toBeCloseTo(0.1, 9);
    // A later one replaces it, also from CSV and twice in a file.
    await send(id, 'key,label,confidence\nb,ham,0.1\nb,spam,0.8\n', 'text/csv');
    expect((await stored(id))[1]?.shares[0]).toBe(0.8);
  });

  test('lists a key that cannot be stored, or is too long for one, and takes in the others', async () => {
    const id = await campaign();
    const rows = ['b\u0000', 'x'.repeat(501), 'a'].map((key) => ({ key, label: 'ham', confidence: 0.9 }));
    const answer = await send(id, rows.map((row) => JSON.stringify(row)).join('\n'));
    expect([answer.status, answer.body.accepted]).toEqual([200, 1]);
    expect(answer.body.rejected).toMatchObject([
      { line: 1, reason: expect.stringContaining('key') },
      { line: 2, reason: 'key is longer than 500 characters' },
    ]);
  });

  test('is for campaigns that said so, and for those who run them', async () => {
    const without = await campaign(null);
    expect((await send(without, '{}')).status).toBe(409);
    const id = await campaign();
    expect((await send(id, '{}', 'application/x-ndjson', rig.viewer)).status).toBe(403);
    expect((await send(id, 'x', 'text/plain')).status).toBe(415);
  });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { insertKey } from '../../db/queries/annotators.ts';
import { formatUsd } from '../../domain/money.ts';
import { quorate } from '../cli/run.ts';
import { nobodysId, type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

test('a budget shows what is committed, the worst case and its limits; a change holds at once', async () => {
  const { id } = await runningCampaign(rig, {
    items: [
      { key: 'a', text: 'one' },
      { key: 'b', text: 'two' },
    ],
  });
  const path = `/v1/campaigns/${id}`;
  await rig.call(rig.requester, 'POST', `${path}/items`, [{ key: 'c', text: 'three' }]);
  const limits = { dailyUsd: '5', hedgeUsd: '1.50', workforces: { internal: '20' } };
  const set = await rig.call(rig.requester, 'PUT', `${path}/limits`, limits);
  expect(set.status).toBe(200);
  // Two tasks of 3 answers at $0.05 and a dollar of gold money are reserved; one item is left in the pool.
  expect(set.body).toMatchObject({
    capUsd: '100.00',
    reservedUsd: '1.30',
    exposure: { committedUsd: '1.30', wholePoolUsd: '1.45', atMostUsd: '1.45' },
    daily: { capUsd: '5.00', usedUsd: '1.30' },
    limits: [
      { scope: 'hedge', name: '', capUsd: '1.50', drawnUsd: '0.00' },
      { scope: 'workforce', name: 'internal', capUsd: '20.00', drawnUsd: '0.30' },
    ],
    warnings: [],
  });
  expect(rig.temporal.updates).toContainEqual(
    expect.objectContaining({ name: 'setBudget', args: [{ capMicros: '100000000' }] }),
  );
  expect((await rig.call(rig.viewer, 'GET', `${path}/budget`)).body).toEqual(set.body);
  const lifted = await rig.call(rig.requester, 'PUT', `${path}/limits`, {
    dailyUsd: null,
    workforces: { internal: null },
  });
  expect(lifted.body).toMatchObject({ daily: null, limits: [{ scope: 'hedge' }] });
});

test('what makes no sense is refused with its field', async () => {
  const { id } = await runningCampaign(rig);
  const put = (body: unknown, of = id) => rig.call(rig.requester, 'PUT', `/v1/campaigns/${of}/limits`, body);
  expect((await put({ dailyUsd: '0.10' })).body).toMatchObject({ code: 'invalid_input', field: 'dailyUsd' });
  expect((await put({ workforces: { internal: '0.10' } })).body).toMatchObject({ code: 'budget_below_spent' });
  expect((await put({ weeklyUsd: '1' })).status).toBe(422);
  expect((await put({}, nobodysId())).status).toBe(404);
  expect((await rig.call(rig.viewer, 'PUT', `/v1/campaigns/${id}/limits`, {})).status).toBe(403);
});

test('quorate campaign limits says what it is told', async () => {
  expect(await quorate(undefined, 'campaign', 'limits', 'x', '--workforce', 'nothing')).toMatchObject({
    code: 2,
    err: expect.stringContaining('a name, = and dollars'),
  });
});

test('an organisation’s cap is its owner’s, and counts all of its campaigns', async () => {
  const owner = newApiKey();
  await insertKey(rig.db, { hash: hashKey(owner), role: 'owner', name: 'head' });
  await runningCampaign(rig);
  const [{ drawn } = { drawn: 0n }] = await rig.db<{ drawn: bigint }[]>`
    select sum(reserved_micros + spent_micros)::bigint as drawn from budgets`;
  const put = (key: string, capUsd: string | null) => rig.call(key, 'PUT', '/v1/budget', { capUsd });
  expect((await put(rig.requester, '50')).status).toBe(403);
  expect((await put(owner, '50')).body).toEqual({
    cap: { capUsd: '50.00', capMicros: 50_000_000, drawnUsd: formatUsd(drawn), drawnMicros: Number(drawn) },
  });
  expect((await put(owner, '0.10')).body).toMatchObject({ code: 'budget_below_spent' });
  expect((await rig.call(rig.viewer, 'GET', '/v1/budget')).body.cap).toMatchObject({ capUsd: '50.00' });
  expect((await put(owner, null)).body).toEqual({ cap: null });
});

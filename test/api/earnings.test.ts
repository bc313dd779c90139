import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAnnotators, nobodysId, type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

/** One answer to a task of a running campaign. */
async function answered(timeSpentS = 18) {
  const { id, annotators } = await runningCampaign(rig);
  const [who = { id: '', apiKey: '' }] = annotators;
  const next = await rig.call(who.apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
  const path = `/v1/assignments/${next.body.assignmentId}/annotation`;
  await rig.db`update assignments set leased_at = now() - interval '1 minute' where id = ${next.body.assignmentId}`;
  const sent = await rig.call(who.apiKey, 'POST', path, { label: 'spam', timeSpentS });
  expect(sent.status).toBe(201);
  return { id, who };
}

test('an annotator sees what answers come to by when they were given, before and after they are paid', async () => {
  const { id, who } = await answered();
  const mine = () => rig.call(who.apiKey, 'GET', '/v1/me/earnings');
  const before = await mine();
  // 18 seconds are no hour.
  expect(before.body).toEqual({
    period: new Date().toISOString().slice(0, 7),
    answers: 1,
    accruedUsd: '0.05',
    accruedMicros: 50_000,
    focusedHours: 0.005,
    perHourUsd: null,
    perHourMicros: null,
    adjustedUsd: '0.00',
    adjustedMicros: 0,
    payouts: [],
    campaigns: [
      { campaignId: id, name: 'Spam', answers: 1, accruedUsd: '0.05', accruedMicros: 50_000, focusedHours: 0.005 },
    ],
  });
  const full = await rig.call(rig.requester, 'GET', `/v1/annotators/${who.id}/earnings`);
  expect(full.body).toMatchObject({ pendingUsd: '0.05', paidUsd: '0.00', campaigns: [{ pendingUsd: '0.05' }] });
  await rig.db`update annotations set pay_state = 'paid' where annotator_id = ${who.id}`;
  expect((await mine()).body).toEqual(before.body);
  // Five minutes for $0.05.
  await rig.db`update assignments set leased_at = leased_at - interval '1 hour' where annotator_id = ${who.id}`;
  await rig.db`update annotations set time_spent_s = 300 where annotator_id = ${who.id}`;
  expect((await mine()).body).toMatchObject({ focusedHours: 0.0833, perHourUsd: '0.60', perHourMicros: 600_000 });
  expect((await rig.call(rig.requester, 'GET', `/v1/annotators/${who.id}/earnings`)).body).toMatchObject({
    paidUsd: '0.05',
    pendingUsd: '0.00',
  });
});

test('nobody is believed more time than they had their lease, as the floors of pay have it', async () => {
  const { who } = await answered(3 * 3600);
  const { body } = await rig.call(who.apiKey, 'GET', '/v1/me/earnings');
  // A minute and a little.
  expect(body.focusedHours).toBeGreaterThan(0.016);
  expect(body.focusedHours).toBeLessThan(0.05);
});

test('late answers that are not paid by policy are no earnings', async () => {
  const { who } = await answered();
  await rig.db`update annotations set pay_state = 'unpaid_by_policy' where annotator_id = ${who.id}`;
  const { body } = await rig.call(rig.requester, 'GET', `/v1/annotators/${who.id}/earnings`);
  expect(body).toMatchObject({
    answers: 0,
    accruedUsd: '0.00',
    perHourUsd: null,
    perHourMicros: null,
    unpaidAnswers: 1,
  });
});

test('other months, others’ earnings and what is no month', async () => {
  const [who] = await addAnnotators(rig, 1);
  const ask = (path: string, key = who?.apiKey) => rig.call(key, 'GET', path);
  expect((await ask('/v1/me/earnings?period=2020-01')).body).toMatchObject({ period: '2020-01', campaigns: [] });
  expect((await ask('/v1/me/earnings?period=May')).body).toMatchObject({ code: 'invalid_input', field: 'period' });
  expect((await ask(`/v1/annotators/${who?.id}/earnings`)).status).toBe(403);
  expect((await ask(`/v1/annotators/${nobodysId()}/earnings`, rig.requester)).status).toBe(404);
});

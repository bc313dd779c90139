import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { collectRun, exportRun } from '../../db/queries/payouts.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { insertKey } from '../support/keys.ts';
import { runActivity } from '../support/temporal-servers.ts';
import { owedAtProlific, paidNonsense } from '../workers/accepting-vendor.ts';
import { paidPerson } from './paid.ts';
import { seat } from './people.ts';
import { nobodysId, type Rig, runningCampaign, spam, startRig } from './rig.ts';

let rig: Rig;
let nowMs = Date.now();
const owner = newApiKey();
const second = newApiKey();
beforeAll(async () => {
  rig = await startRig({ now: () => new Date(nowMs) });
  await insertKey(rig.db, { hash: hashKey(owner), role: 'owner', name: 'owner' });
  await insertKey(rig.db, { hash: hashKey(second), role: 'requester', name: 'second' });
});
afterAll(() => rig.close());

const account = { holder: 'Ana Müller', account: 'DE89 3704 0044 0532 0130 00', region: 'DE' };

test('a run from its beginning to no difference; only owners let money go', async () => {
  const who = await paidPerson(rig);
  const ana = await seat(rig, owner, who.id);
  const put = await ana.call('PUT', '/v1/me/payout-account', account);
  expect(put.body).toEqual({
    holder: 'Ana Müller',
    account: 'DE89370400440532013000',
    bic: null,
    region: 'DE',
    regionAsked: null,
  });
  expect((await ana.call('GET', '/v1/me/payout-account')).body).toEqual(put.body);
  // The region decides which floor of pay holds: who says nothing of it keeps theirs.
  const meyer = { holder: 'Ana Meyer', account: account.account };
  expect((await ana.call('PUT', '/v1/me/payout-account', meyer)).body.region).toBe('DE');
  await ana.call('PUT', '/v1/me/payout-account', account);
  const changes = (query: string) => ana.call('GET', `/v1/me/payout-account/changes?${query}`);
  const newest = (await changes('limit=1')).body;
  const { regionAsked: _, ...said } = put.body;
  expect(newest.items).toEqual([{ ...said, id: expect.any(String), at: expect.any(String) }]);
  const { items: older, nextCursor } = (await changes(`cursor=${newest.nextCursor}`)).body;
  expect([older.map(({ holder }: { holder: string }) => holder), nextCursor]).toEqual([
    ['Ana Meyer', 'Ana Müller'],
    null,
  ]);
  await expect(rig.db`update payout_account_changes set holder = 'Eve'`).rejects.toThrow('its rows are a record');
  nowMs = Date.now() + 40 * 24 * 3600 * 1000;
  const period = new Date().toISOString().slice(0, 7);
  expect((await rig.call(rig.requester, 'POST', '/v1/payouts', { period })).status).toBe(403);
  const begun = await rig.call(owner, 'POST', '/v1/payouts', { period });
  expect([begun.status, begun.body.state]).toEqual([201, 'collecting']);
  expect((await rig.call(owner, 'POST', '/v1/payouts', { period })).status).toBe(200);
  const told = await rig.db`select 1 from outbox where kind = 'signal_payout' and target_id = ${begun.body.id}`;
  expect(told).toHaveLength(1);
  const path = `/v1/payouts/${begun.body.id}`;
  const early = await rig.call(owner, 'POST', `${path}/approve`, {});
  expect([early.status, early.body.detail]).toEqual([
    409,
    'The run is collecting and cannot be approved. It has to be frozen.',
  ]);
  await collectRun(rig.db, begun.body.id);
  expect((await rig.call(owner, 'GET', `${path}/file`)).status).toBe(409);
  expect((await rig.call(owner, 'POST', `${path}/approve`, {})).body.state).toBe('approved');
  await exportRun(rig.db, begun.body.id);
  const file = await rig.call(owner, 'GET', `${path}/file`);
  expect(file.headers['content-disposition']).toBe(`attachment; filename="payout-${period}.csv"`);
  expect(file.text.split('\r\n')[1]).toMatch(
    new RegExp(`^[0-9a-f]{32},Ana Müller,DE89370400440532013000,,0.05,USD,Annotation work ${period}$`),
  );
  const [reference = ''] = (file.text.split('\r\n')[1] ?? '').split(',');
  const lines = [{ reference, amountUsd: '0.05', status: 'paid' }];
  const report = await rig.call(owner, 'POST', `${path}/report`, { lines });
  expect(report.body).toMatchObject({ paidUsd: '0.05', differenceUsd: '0.00', payments: [{ state: 'paid' }] });
  const { items: payments } = (await rig.call(owner, 'GET', `${path}/payments`)).body;
  expect(payments).toEqual(report.body.payments);
  const mine = await rig.call(who.apiKey, 'GET', `/v1/me/earnings?period=${period}`);
  expect(mine.body.payouts).toEqual([{ state: 'paid', amountUsd: '0.05', amountMicros: 50_000, reference }]);
  expect((await rig.call(rig.requester, 'GET', '/v1/payouts')).body.items).toMatchObject([{ period, items: 1 }]);
  expect((await rig.call(rig.viewer, 'GET', '/v1/payouts')).status).toBe(403);
  expect((await rig.call(owner, 'GET', `/v1/payouts/${nobodysId()}`)).status).toBe(404);
});

const accountOf = (apiKey: string, method: string, body?: unknown) =>
  rig.call(apiKey, method, '/v1/me/payout-account', body);

test('whoever makes a key in the name of an annotator who signs in gets none, and an older one touches no pay', async () => {
  const who = await paidPerson(rig);
  const ana = await seat(rig, owner, who.id);
  const made = await rig.call(rig.requester, 'POST', `/v1/annotators/${who.id}/key`, {});
  expect([made.status, made.body.detail]).toEqual([409, expect.stringContaining('signs in')]);
  expect((await accountOf(who.apiKey, 'PUT', account)).status).toBe(403);
  expect((await ana.call('PUT', '/v1/me/payout-account', account)).status).toBe(200);
  expect((await accountOf(who.apiKey, 'GET')).status).toBe(403);
  expect((await rig.call(who.apiKey, 'GET', '/v1/me/payout-account/changes')).status).toBe(403);
  const elsewhere = { ...account, holder: 'Eve' };
  expect((await rig.call(owner, 'PUT', `/v1/annotators/${who.id}/payout-account`, elsewhere)).status).toBe(403);
  const proposed = await rig.call(rig.requester, 'POST', `/v1/annotations/${who.annotationId}/deduction`, {
    reason: 'copied',
  });
  const path = `/v1/adjustments/${proposed.body.id}`;
  expect((await rig.call(who.apiKey, 'POST', `${path}/dispute`, { statement: 'Take it.' })).status).toBe(403);
});

test('a key says where pay goes once; afterwards an owner does, on record', async () => {
  const who = await paidPerson(rig);
  expect((await accountOf(who.apiKey, 'PUT', account)).status).toBe(200);
  const elsewhere = { ...account, holder: 'Eve' };
  expect((await accountOf(who.apiKey, 'PUT', elsewhere)).body.detail).toContain('an owner can change it');
  const path = `/v1/annotators/${who.id}/payout-account`;
  expect((await rig.call(rig.requester, 'PUT', path, elsewhere)).status).toBe(403);
  expect((await rig.call(owner, 'PUT', path, { ...account, account: 'DE00' })).status).toBe(422);
  expect((await rig.call(owner, 'PUT', path, { ...account, holder: 'Ana Meyer' })).body.holder).toBe('Ana Meyer');
  const [key] = await rig.db<{ id: string }[]>`select id from api_keys where hash = ${hashKey(owner)}`;
  const changes = await rig.db`
    select holder, set_by from payout_account_changes where annotator_id = ${who.id} order by id`;
  expect(changes).toEqual([
    { holder: 'Ana Müller', set_by: null },
    { holder: 'Ana Meyer', set_by: key?.id },
  ]);
});

test('what a key says against a deduction does not end the time for it', async () => {
  const who = await paidPerson(rig);
  const proposed = await rig.call(rig.requester, 'POST', `/v1/annotations/${who.annotationId}/deduction`, {
    reason: 'copied',
  });
  const path = `/v1/adjustments/${proposed.body.id}`;
  const said = await rig.call(who.apiKey, 'POST', `${path}/dispute`, { statement: 'I wrote it.' });
  expect(said.body.statement).toBe('I wrote it.');
  const ruling = { verdict: 'applied', note: 'compared' };
  expect((await rig.call(second, 'POST', `${path}/review`, ruling)).body.detail).toContain('may say something until');
});

test('a payment by acceptance shows how many answers its vendor pays for, at what cost, and why not the others', async () => {
  const owed = await owedAtProlific(rig.db);
  const { shop, order, units } = owed;
  const [good = '', bad = ''] = units;
  await paidNonsense(rig.db, owed);
  for (const id of [bad, 'nonsense']) shop.review.set(id, 'rejected');
  nowMs = Date.now() + 80 * 24 * 3600 * 1000;
  const period = new Date(Date.now() + 40 * 24 * 3600 * 1000).toISOString().slice(0, 7);
  const path = `/v1/payouts/${(await rig.call(owner, 'POST', '/v1/payouts', { period })).body.id}`;
  const runId = path.split('/').at(-1) ?? '';
  await collectRun(rig.db, runId);
  await rig.call(owner, 'POST', `${path}/approve`, {});
  await exportRun(rig.db, runId);
  const payment = async () => {
    const { payments } = (await rig.call(owner, 'GET', path)).body;
    return payments.find(({ channel }: { channel: string }) => channel === 'prolific');
  };
  const before = await payment();
  expect(before).toMatchObject({ state: 'sent', paidBy: 'acceptance', amountMicros: 250_000 });
  expect(before.settlement).toEqual({
    ...{ answers: 3, accepted: 0, refused: 0, chargedUsd: '0.00', chargedMicros: 0, refusals: [] },
  });
  await runActivity(order.activities.settlePayment, { paymentId: before.id });
  const after = await payment();
  expect(after).toMatchObject({ state: 'ambiguous', note: 'prolific does not pay its workers for 2 of 3 answers.' });
  expect(after.settlement).toMatchObject({
    ...{ answers: 3, accepted: 1, refused: 2, chargedUsd: '0.0858', chargedMicros: 85_800 },
    refusals: [
      {
        ...{ responseKey: bad, workerId: `worker of ${bad}`, amountUsd: '0.0858', amountMicros: 85_800 },
        why: 'prolific has the answer as rejected.',
      },
      { responseKey: 'nonsense', annotationId: null, why: 'prolific has the answer as rejected.' },
    ],
  });
  expect(shop.asked).toEqual([good]);
});

test('another organisation finds neither runs nor adjustments, and pays nobody of ours', async () => {
  const who = await paidPerson(rig);
  const proposed = await rig.call(rig.requester, 'POST', `/v1/annotations/${who.annotationId}/deduction`, {
    reason: 'x',
  });
  const [run] = (await rig.call(owner, 'GET', '/v1/payouts')).body.items;
  const other = uuidv7();
  await rig.db`insert into organisations (id, name) values (${other}, 'Other')`;
  const theirs = newApiKey();
  await insertKey(rig.db, { hash: hashKey(theirs), role: 'owner', name: 'theirs', organisationId: other });
  for (const [method, path, body] of [
    ['GET', `/v1/payouts/${run.id}`, undefined],
    ['GET', `/v1/payouts/${run.id}/file`, undefined],
    ['POST', `/v1/payouts/${run.id}/approve`, {}],
    ['POST', `/v1/payouts/${run.id}/cancel`, { reason: 'x' }],
    ['POST', `/v1/payouts/${run.id}/report`, { lines: [{ reference: 'x', amountUsd: '1', status: 'paid' }] }],
    ['POST', `/v1/payouts/${run.id}/resolve`, { paymentId: nobodysId(), outcome: 'paid', note: 'x' }],
    ['POST', `/v1/adjustments/${proposed.body.id}/review`, { verdict: 'dismissed', note: 'x' }],
    ['POST', `/v1/annotations/${who.annotationId}/deduction`, { reason: 'x' }],
    ['POST', `/v1/campaigns/${who.campaignId}/bonuses`, { annotatorId: who.id, amountUsd: '1', reason: 'x' }],
    ['GET', `/v1/campaigns/${who.campaignId}/pay`, undefined],
  ] as const) {
    expect((await rig.call(theirs, method, path, body)).status, path).toBe(404);
  }
  expect((await rig.call(theirs, 'GET', '/v1/payouts')).body.items).toEqual([]);
  expect((await rig.call(theirs, 'GET', '/v1/adjustments')).body.items).toEqual([]);
  const begun = await rig.call(theirs, 'POST', '/v1/payouts', { period: run.period });
  await collectRun(rig.db, begun.body.id);
  expect((await rig.call(theirs, 'GET', `/v1/payouts/${begun.body.id}`)).body).toMatchObject({
    items: 0,
    withoutAccount: 0,
  });
});

test('the payments of a run are paged, those that need a person before the others', async () => {
  const [run] = await rig.db<{ id: string }[]>`
    insert into payout_runs (id, organisation_id, period, ends_at, least_micros, started_by, state, frozen_at)
    values (gen_random_uuid(), ${DEFAULT_ORGANISATION}, '2020-01', '2020-02-01', 1, 'x', 'frozen', now()) returning id`;
  const ids = Array.from({ length: 130 }, () => uuidv7());
  await rig.db`
    insert into payout_items (id, run_id, organisation_id, period, recipient, channel, settles, amount_micros, reference, state)
    select g.id::uuid, r.id, r.organisation_id, r.period, 'vendor:' || g.id, 'surge_ai', false, 10000, g.id,
      case when g.at in (1, 120) then 'ambiguous' else 'sent' end
    from payout_runs r cross join unnest(${ids}::text[]) with ordinality as g(id, at) where r.id = ${run?.id ?? ''}`;
  const path = `/v1/payouts/${run?.id}`;
  const inOrder = [ids[0], ids[119], ...ids.slice(1, 119), ...ids.slice(120)];
  const idsOf = (items: { id: string }[]) => items.map(({ id }) => id);
  const whole = (await rig.call(owner, 'GET', path)).body;
  expect(idsOf(whole.payments)).toEqual(inOrder.slice(0, 100));
  const rest = (await rig.call(owner, 'GET', `${path}/payments?cursor=${whole.paymentsCursor}`)).body;
  expect([idsOf(rest.items), rest.nextCursor]).toEqual([inOrder.slice(100), null]);
  const first = (await rig.call(owner, 'GET', `${path}/payments?limit=1`)).body;
  expect(
    idsOf((await rig.call(owner, 'GET', `${path}/payments?limit=1&cursor=${first.nextCursor}`)).body.items),
  ).toEqual([inOrder[1]]);
  expect((await rig.call(rig.viewer, 'GET', `${path}/payments`)).status).toBe(403);
  expect((await rig.call(owner, 'GET', `/v1/payouts/${nobodysId()}/payments`)).status).toBe(404);
  await rig.db`update payout_runs set state = 'cancelled', closed_at = now() where id = ${run?.id ?? ''}`;
});

test('a report may have as many lines as a run of tens of thousands of payments', async () => {
  const lines = Array.from({ length: 20_000 }, (_, at) => {
    return { reference: `QUORATE-${String(at).padStart(40, '0')}`, amountUsd: '12.34', status: 'paid' };
  });
  const answer = await rig.call(owner, 'POST', `/v1/payouts/${nobodysId()}/report`, { lines });
  expect(answer.status).toBe(404);
});

test('accounts that are none are refused', async () => {
  const who = await paidPerson(rig);
  for (const wrong of [
    { ...account, account: 'DE89370400440532013001' },
    { ...account, holder: '=HYPERLINK("x")' },
    { ...account, region: 'Kenya' },
    { ...account, bic: 'x' },
  ]) {
    expect((await rig.call(who.apiKey, 'PUT', '/v1/me/payout-account', wrong)).status).toBe(422);
  }
  expect((await (await seat(rig, owner, who.id)).call('GET', '/v1/me/payout-account')).status).toBe(404);
});

test('a bonus is paid once, whatever became of the first request with its Idempotency-Key', async () => {
  const who = await paidPerson(rig);
  const headers = { 'idempotency-key': 'bonus-1' };
  const give = () =>
    rig.call(
      rig.requester,
      'POST',
      `/v1/campaigns/${who.campaignId}/bonuses`,
      { annotatorId: who.id, amountUsd: '0.20', reason: 'careful work' },
      headers,
    );
  const first = await give();
  // As after the death of the process between the payment and the note of its answer.
  await rig.db`
    update idempotency_keys set status = null, response = null, created_at = now() - interval '3 minutes'
    where key = 'bonus-1'`;
  const again = await give();
  expect([first.status, again.status, again.body.id]).toEqual([201, 201, first.body.id]);
  const paid = await rig.db`select amount_micros from ledger where annotator_id = ${who.id} and kind = 'bonus'`;
  expect(paid).toEqual([{ amount_micros: 200_000n }]);
});

test('who made a key is the one who reviews with it', async () => {
  const who = await paidPerson(rig);
  const made = await rig.call(owner, 'POST', '/v1/keys', { name: 'mine', role: 'requester' });
  const proposed = await rig.call(owner, 'POST', `/v1/annotations/${who.annotationId}/deduction`, { reason: 'copied' });
  expect(proposed.status).toBe(201);
  const path = `/v1/adjustments/${proposed.body.id}`;
  const said = await (await seat(rig, owner, who.id)).call('POST', `${path}/dispute`, { statement: 'No.' });
  expect(said.status).toBe(200);
  const ruling = { verdict: 'applied', note: 'compared' };
  const own = await rig.call(made.body.apiKey, 'POST', `${path}/review`, ruling);
  expect([own.status, own.body.detail]).toEqual([409, expect.stringContaining('somebody else')]);
  expect((await rig.call(second, 'POST', `${path}/review`, ruling)).status).toBe(200);
});

test('a bonus, and a deduction that its annotator disputes and a second person rules on', async () => {
  const who = await paidPerson(rig);
  const bonus = { annotatorId: who.id, amountUsd: '0.20', reason: 'careful work' };
  const given = await rig.call(rig.requester, 'POST', `/v1/campaigns/${who.campaignId}/bonuses`, bonus);
  expect([given.status, given.body]).toMatchObject([201, { kind: 'bonus', state: 'applied', amountUsd: '0.20' }]);
  const propose = await rig.call(rig.requester, 'POST', `/v1/annotations/${who.annotationId}/deduction`, {
    reason: 'copied',
  });
  expect([propose.status, propose.body]).toMatchObject([201, { state: 'proposed', amountUsd: '0.05' }]);
  const path = `/v1/adjustments/${propose.body.id}`;
  const ruling = { verdict: 'applied', note: 'compared' };
  expect((await rig.call(rig.requester, 'POST', `${path}/review`, ruling)).body.detail).toContain('somebody else');
  expect((await rig.call(second, 'POST', `${path}/review`, ruling)).body.detail).toContain('may say something until');
  const person = await seat(rig, owner, who.id);
  const said = await person.call('POST', `${path}/dispute`, { statement: 'I wrote it.' });
  expect(said.body).toMatchObject({ statement: 'I wrote it.', state: 'proposed' });
  expect((await rig.call(second, 'POST', `${path}/review`, ruling)).body).toMatchObject({ state: 'applied' });
  const mine = await rig.call(who.apiKey, 'GET', '/v1/me/adjustments');
  expect(Object.keys(mine.body.items[0])).not.toContain('taskId');
  const period = new Date().toISOString().slice(0, 7);
  expect(mine.body.items).toMatchObject([{ kind: 'deduction', note: 'compared' }, { kind: 'bonus' }]);
  const earnings = await rig.call(who.apiKey, 'GET', `/v1/me/earnings?period=${period}`);
  expect(earnings.body).toMatchObject({ accruedUsd: '0.05', adjustedUsd: '0.15' });
  const other = await paidPerson(rig);
  expect((await rig.call(other.apiKey, 'POST', `${path}/dispute`, { statement: 'x' })).status).toBe(404);
});

test('by the hour the default cap of an answer goes by the greatest floor where that is above the rate', async () => {
  const floors = [{ hourlyUsd: '12' }, { region: 'CH', hourlyUsd: '36' }];
  await rig.call(owner, 'PUT', '/v1/pay-floors', { floors });
  const made = async (hourlyUsd: string) =>
    (await rig.call(rig.requester, 'POST', '/v1/campaigns', { ...spam, priceUsd: undefined, hourlyUsd })).body.id;
  const capOf = async (id: string) => {
    const [row] = await rig.db<{ micros: bigint }[]>`
      select (settings ->> 'priceMicros')::bigint as micros from campaigns where id = ${id}`;
    return row?.micros;
  };
  expect(await capOf(await made('18'))).toBe(await capOf(await made('36')));
  expect(await capOf(await made('72'))).toBe(2n * ((await capOf(await made('36'))) ?? 0n));
  await rig.call(owner, 'PUT', '/v1/pay-floors', { floors: [] });
});

test('by the hour nobody earns less than before for want of a price, and by the answer again what it was', async () => {
  await rig.call(owner, 'PUT', '/v1/pay-floors', { floors: [{ hourlyUsd: '36' }] });
  const { id } = (await rig.call(rig.requester, 'POST', '/v1/campaigns', { ...spam, priceUsd: '0.05' })).body;
  const change = async (rules: object) =>
    (await rig.call(rig.requester, 'PATCH', `/v1/campaigns/${id}`, rules)).body.settings;
  // Twice the usual 15 seconds, at the rate or the floor.
  expect(await change({ hourlyUsd: '18' })).toMatchObject({ hourlyUsd: '18.00', priceUsd: '0.30' });
  expect(await change({ hourlyUsd: '72' })).toMatchObject({ priceUsd: '0.60' });
  // A higher one stays, and one that is said is taken.
  expect(await change({ hourlyUsd: '36' })).toMatchObject({ priceUsd: '0.60' });
  expect(await change({ hourlyUsd: '40', priceUsd: '0.10' })).toMatchObject({ priceUsd: '0.10' });
  expect(await change({ hourlyUsd: null })).toMatchObject({ priceUsd: '0.05' });
  const always = { ...spam, priceUsd: undefined, hourlyUsd: '36' };
  const other = (await rig.call(rig.requester, 'POST', '/v1/campaigns', always)).body.id;
  const usual = (await rig.call(rig.requester, 'POST', '/v1/campaigns', { ...spam, priceUsd: undefined })).body;
  const ended = await rig.call(rig.requester, 'PATCH', `/v1/campaigns/${other}`, { hourlyUsd: null });
  expect(ended.body.settings.priceUsd).toBe(usual.settings.priceUsd);
  await rig.call(owner, 'PUT', '/v1/pay-floors', { floors: [] });
});

test('a region of a higher floor holds once an owner has confirmed it', async () => {
  const floors = [{ hourlyUsd: '12' }, { region: 'KE', hourlyUsd: '4' }, { region: 'CH', hourlyUsd: '25' }];
  await rig.call(owner, 'PUT', '/v1/pay-floors', { floors });
  const who = await paidPerson(rig);
  const ana = await seat(rig, owner, who.id);
  const say = async (more: object) => {
    const { status, body } = await ana.call('PUT', '/v1/me/payout-account', { ...account, region: undefined, ...more });
    expect(status).toBe(200);
    return [body.region, body.regionAsked];
  };
  const rule = (region: string, verdict: string, key = owner) =>
    rig.call(key, 'POST', `/v1/annotators/${who.id}/region`, { region, verdict });
  expect(await say({ region: 'KE' })).toEqual(['KE', null]);
  expect(await say({ region: 'CH' })).toEqual(['KE', 'CH']);
  expect(await say({})).toEqual(['KE', 'CH']);
  expect((await ana.call('GET', '/v1/me/payout-account')).body).toMatchObject({ region: 'KE', regionAsked: 'CH' });
  const listed = await rig.call(rig.requester, 'GET', '/v1/asked-regions');
  expect(listed.body.items).toEqual([
    expect.objectContaining({
      annotatorId: who.id,
      region: 'KE',
      asked: 'CH',
      floorUsd: '4.00',
      askedFloorUsd: '25.00',
    }),
  ]);
  expect((await rule('CH', 'confirmed', rig.requester)).status).toBe(403);
  // What is no longer asked for is not confirmed, and taking it back needs nobody.
  expect((await rule('DE', 'confirmed')).status).toBe(409);
  expect(await say({ region: 'KE' })).toEqual(['KE', null]);
  expect((await rule('CH', 'confirmed')).status).toBe(409);
  expect(await say({ region: 'CH' })).toEqual(['KE', 'CH']);
  expect((await rule('CH', 'refused')).status).toBe(200);
  expect(await say({})).toEqual(['KE', null]);
  await say({ region: null });
  expect(await say({})).toEqual(['KE', null]);
  await say({ region: 'CH' });
  expect((await rule('CH', 'confirmed')).status).toBe(200);
  expect(await say({})).toEqual(['CH', null]);
  expect((await rig.call(owner, 'GET', '/v1/asked-regions')).body.items).toEqual([]);
  const changes = await rig.db`
    select region, set_by is not null as by_owner from payout_account_changes where annotator_id = ${who.id} order by id desc limit 2`;
  expect([...changes]).toEqual([
    { region: 'CH', by_owner: false },
    { region: 'CH', by_owner: true },
  ]);
  await rig.call(owner, 'PUT', '/v1/pay-floors', { floors: [] });
});

test('a region that was said before its floor was set is asked for once it has a higher one', async () => {
  const [ana, beat, kim] = [await paidPerson(rig), await paidPerson(rig), await paidPerson(rig)];
  for (const [who, region] of [
    [ana, 'CH'],
    [beat, 'CH'],
    [kim, 'KE'],
  ] as const) {
    const said = await rig.call(who.apiKey, 'PUT', '/v1/me/payout-account', { ...account, region });
    expect(said.body).toMatchObject({ region, regionAsked: null });
  }
  // An owner who says another account says nothing of the region.
  const { region: _, ...elsewhere } = { ...account, region: '', holder: 'Ana B.' };
  const moved = await rig.call(owner, 'PUT', `/v1/annotators/${ana.id}/payout-account`, elsewhere);
  expect(moved.body).toMatchObject({ holder: 'Ana B.', region: 'CH' });
  const regionsOf = async () => {
    const rows = await rig.db<{ id: string; region: string | null; asked: string | null }[]>`
      select id, region, region_asked as asked from annotators where id in (${ana.id}, ${beat.id}, ${kim.id})`;
    const at = new Map(rows.map(({ id, region, asked }) => [id, [region, asked]]));
    return [ana, beat, kim].map(({ id }) => at.get(id));
  };
  const set = (hourlyUsd: string) => {
    const floors = [{ hourlyUsd: '10' }, { region: 'CH', hourlyUsd }, { region: 'KE', hourlyUsd: '4' }];
    return rig.call(owner, 'PUT', '/v1/pay-floors', { floors });
  };
  await set('30');
  expect(await regionsOf()).toEqual([
    [null, 'CH'],
    [null, 'CH'],
    ['KE', null],
  ]);
  const verdict = { region: 'CH', verdict: 'confirmed' };
  expect((await rig.call(owner, 'POST', `/v1/annotators/${beat.id}/region`, verdict)).status).toBe(200);
  // What an owner has confirmed stays.
  await set('35');
  expect(await regionsOf()).toEqual([
    [null, 'CH'],
    ['CH', null],
    ['KE', null],
  ]);
  await rig.call(owner, 'PUT', '/v1/pay-floors', { floors: [] });
});

test('an hourly floor by region is warned of with the right price', async () => {
  const items = Array.from({ length: 20 }, (_, at) => ({ key: `k${at}`, text: `Mail ${at}` }));
  const made = await runningCampaign(rig, { settings: { redundancy: 1 }, items, annotators: 1 });
  const [who = { id: '', apiKey: '' }] = made.annotators;
  const answer = async () => {
    const next = await rig.call(who.apiKey, 'POST', '/v1/assignments/next', { campaignId: made.id });
    const { assignmentId } = next.body;
    await rig.db`update assignments set leased_at = now() - interval '1 minute' where id = ${assignmentId}`;
    const path = `/v1/assignments/${assignmentId}/annotation`;
    expect((await rig.call(who.apiKey, 'POST', path, { label: 'spam', timeSpentS: 18 })).status).toBe(201);
  };
  const set = { floors: [{ hourlyUsd: '12' }, { region: 'KE', hourlyUsd: '4' }] };
  expect((await rig.call(owner, 'PUT', '/v1/pay-floors', set)).body.floors).toEqual([
    { region: '', hourlyUsd: '12.00', hourlyMicros: 12_000_000 },
    { region: 'KE', hourlyUsd: '4.00', hourlyMicros: 4_000_000 },
  ]);
  expect((await rig.call(rig.requester, 'PUT', '/v1/pay-floors', set)).status).toBe(403);
  const pay = async () => (await rig.call(rig.viewer, 'GET', `/v1/campaigns/${made.id}/pay`)).body;
  await answer();
  expect(await pay()).toMatchObject({ priceUsd: '0.05', regions: [{ answers: 1, hourlyUsd: null }], warnings: [] });
  for (let at = 1; at < items.length; at++) await answer();
  // $0.05 for 18 seconds: ten dollars an hour.
  expect(await pay()).toMatchObject({
    regions: [
      {
        answers: 20,
        secondsEach: 18,
        hourlyUsd: '10.00',
        floorUsd: '12.00',
        ...{ rightPriceUsd: '0.06', hourlyMicros: 10_000_000, floorMicros: 12_000_000, rightPriceMicros: 60_000 },
        meetsFloor: false,
      },
    ],
    warnings: [
      'In regions that are not known a focused hour comes to $10.00, below the floor of $12.00: set priceUsd to at least 0.06.',
    ],
  });
  // Whatever they say, they had each for nine seconds.
  await rig.db`
    update assignments a set leased_at = n.submitted_at - interval '9 seconds'
    from annotations n where n.assignment_id = a.id and a.campaign_id = ${made.id}`;
  expect(await pay()).toMatchObject({ regions: [{ secondsEach: 9, hourlyUsd: '20.00', meetsFloor: true }] });
  await rig.call(who.apiKey, 'PUT', '/v1/me/payout-account', { ...account, region: 'KE' });
  expect(await pay()).toMatchObject({ regions: [{ region: 'KE', floorUsd: '4.00', meetsFloor: true }], warnings: [] });
});

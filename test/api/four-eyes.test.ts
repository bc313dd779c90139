import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashKey, newApiKey } from '../../api/keys.ts';
import { collectRun } from '../../db/queries/payouts.ts';
import { payDesk } from '../db/pay-desk.ts';
import { insertKey } from '../support/keys.ts';
import { type Browser, browserOf, join, makeOwner, PASSWORD } from './people.ts';
import { type Answer, type Rig, startRig } from './rig.ts';

// Everything of these months was earned before they began: nothing.
const NOW = new Date('2031-01-15T00:00:00Z');
let rig: Rig;
let ada: Browser;
const nobodys = newApiKey();
beforeEach(async () => {
  rig = await startRig({ now: () => NOW });
  const given = { name: 'Ada', email: 'ada@example.org', password: PASSWORD, organisation: 'Acme' };
  ada = browserOf(rig, given.email, await makeOwner(rig, given));
  await insertKey(rig.db, { hash: hashKey(nobodys), role: 'owner', name: 'data folder' });
});
afterEach(() => rig.close());

type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;
const byKey =
  (key: string): Call =>
  (...args) =>
    rig.call(key, ...args);
const keyOf = async (person: Browser, name: string): Promise<Call> =>
  byKey((await person.call('POST', '/v1/keys', { name, role: 'owner' })).body.apiKey);
const owner = (name: string) => join(rig, ada, { email: `${name}@example.org`, role: 'owner' });

/** Begins the run of a month and collects it: waits for approval. */
async function frozen(call: Call, period = '2030-12'): Promise<string> {
  const begun = await call('POST', '/v1/payouts', { period });
  if (begun.status !== 201) throw new Error(`The run was refused: ${begun.text}`);
  await collectRun(rig.db, begun.body.id);
  return `/v1/payouts/${begun.body.id}`;
}
const approve = (call: Call, path: string) => call('POST', `${path}/approve`, {});
const actsOf = async (path: string) => (await ada.call('GET', `${path}/acts`)).body.items;

test('of two persons one begins a run and the other approves it, and both are named', async () => {
  const bea = await owner('bea');
  const path = await frozen(ada.call);
  const own = (await ada.call('GET', path)).body;
  const refusal = 'You have begun this run; somebody else has to approve it: bea.';
  expect(own).toMatchObject({ fourEyes: true, startedByName: 'Ada', approvedByName: null, cannotApprove: refusal });
  const refused = await approve(ada.call, path);
  expect(refused).toMatchObject({ status: 409, body: { code: 'conflict', detail: refusal } });
  expect((await bea.call('GET', path)).body.cannotApprove).toBeNull();
  expect((await approve(bea.call, path)).body).toMatchObject({
    ...{ state: 'approved', fourEyes: true, startedByName: 'Ada', approvedByName: 'bea' },
  });
  // Whoever asks again finds it done.
  expect((await approve(ada.call, path)).status).toBe(200);
  expect(await actsOf(path)).toMatchObject([
    { act: 'begun', name: 'Ada', keyName: null },
    { act: 'approved', name: 'bea', keyName: null },
  ]);
});

test('one person with two keys is one person', async () => {
  const bea = await owner('bea');
  const [first, second] = [await keyOf(ada, 'laptop'), await keyOf(ada, 'nightly')];
  const path = await frozen(first);
  for (const call of [first, second, ada.call]) {
    expect((await approve(call, path)).body.detail).toContain('somebody else has to approve it');
  }
  expect((await approve(await keyOf(bea, 'desk'), path)).status).toBe(200);
  expect(await actsOf(path)).toMatchObject([
    { act: 'begun', name: 'Ada', keyName: 'laptop' },
    { act: 'approved', name: 'bea', keyName: 'desk' },
  ]);
});

test('an organisation of one person is not kept from paying, whatever they use', async () => {
  const key = byKey(nobodys);
  for (const [at, [begins, approves]] of [
    [ada.call, ada.call],
    [key, key],
    [key, ada.call],
  ].entries()) {
    if (!begins || !approves) throw new Error('Nobody begins it.');
    const path = await frozen(begins, `2030-0${at + 1}`);
    expect((await approves('GET', path)).body).toMatchObject({ fourEyes: false, cannotApprove: null });
    expect((await approve(approves, path)).body).toMatchObject({ state: 'approved', fourEyes: false });
  }
});

test('a requester beside the owner may not approve, and makes no second person', async () => {
  const rita = await join(rig, ada, { email: 'rita@example.org', role: 'requester' });
  const path = await frozen(ada.call);
  expect((await rita.call('GET', path)).body).toMatchObject({ fourEyes: false, cannotApprove: null });
  expect((await approve(rita.call, path)).status).toBe(403);
  expect((await approve(ada.call, path)).status).toBe(200);
});

test('a key that nobody made neither begins nor approves where there are two', async () => {
  const key = byKey(nobodys);
  const early = await frozen(key);
  const bea = await owner('bea');
  const late = await key('POST', '/v1/payouts', { period: '2030-11' });
  expect(late).toMatchObject({ status: 403, body: { detail: expect.stringContaining('stands for none of them') } });
  expect(await rig.db`select 1 from payout_runs where period = '2030-11'`).toHaveLength(0);
  // It was begun before there were two: nobody knows by whom.
  expect((await approve(key, early)).body.detail).toContain('stands for none of them');
  expect((await approve(bea.call, early)).body.detail).toContain('Cancel it, and begin it again signed in.');
  expect((await bea.call('POST', `${early}/cancel`, { reason: 'Again, by one of us.' })).status).toBe(200);
  const again = await frozen(bea.call);
  expect((await approve(ada.call, again)).status).toBe(200);
  expect(await actsOf(early)).toMatchObject([
    { act: 'begun', name: 'data folder', keyName: 'data folder' },
    { act: 'cancelled', name: 'bea', note: 'Again, by one of us.' },
  ]);
});

test('who has left stays in the record under their name, and their key approves nothing', async () => {
  const [bea] = [await owner('bea'), await owner('cy')];
  const beas = await keyOf(bea, 'desk');
  const path = await frozen(ada.call);
  const { items } = (await ada.call('GET', '/v1/members')).body;
  const id = items.find(({ email }: { email: string }) => email === bea.email).id;
  const begun = await frozen(bea.call, '2030-10');
  expect((await ada.call('DELETE', `/v1/members/${id}`)).status).toBe(200);
  // Within a second or so it is no key any more; until then it is nobody's.
  await expect.poll(async () => (await approve(beas, path)).status).toBe(401);
  expect((await ada.call('GET', path)).body.state).toBe('frozen');
  expect((await ada.call('GET', begun)).body.startedByName).toBe('bea');
  expect((await approve(ada.call, begun)).status).toBe(200);
});

test('nobody deducts alone: not with a key that stands for nobody beside their own name', async () => {
  const desk = payDesk(rig.db);
  const { answers } = await desk.earned(await desk.person(), 2);
  const key = byKey(nobodys);
  const propose = (call: Call, at: number) =>
    call('POST', `/v1/annotations/${answers[at]}/deduction`, { reason: 'It was copied.' });
  const review = (call: Call, id: string) =>
    call('POST', `/v1/adjustments/${id}/review`, { verdict: 'applied', note: 'Seen.' });
  const early = (await propose(key, 0)).body.id;
  const bea = await owner('bea');
  expect(await propose(key, 1)).toMatchObject({
    ...{ status: 403, body: { detail: expect.stringContaining('stands for none of them') } },
  });
  const own = (await propose(ada.call, 1)).body.id;
  expect(await review(key, own)).toMatchObject({
    ...{ status: 409, body: { detail: expect.stringContaining('stands for none of them') } },
  });
  // It was proposed before there were two: nobody knows by whom.
  expect((await review(ada.call, early)).body.detail).toContain('Dismiss it, and have it proposed');
  const until = expect.stringContaining('The annotator may say something until');
  expect(await review(bea.call, own)).toMatchObject({ status: 409, body: { detail: until } });
});

test('the database itself refuses one person for two', async () => {
  await owner('bea');
  const path = await frozen(ada.call);
  await expect(
    rig.db`
      update payout_runs set state = 'approved', approved_by = started_by, four_eyes = true
      where id = ${path.split('/').at(-1) ?? ''}`,
  ).rejects.toThrow('payout_runs_four_eyes');
  await expect(rig.db`delete from payout_acts`).rejects.toThrow('its rows are a record');
});

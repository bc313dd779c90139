import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Browser, browserOf, join, makeOwner, PASSWORD, signIn } from './people.ts';
import { nobodysId, type Rig, startRig } from './rig.ts';

let rig: Rig;
let owner: Browser;
beforeAll(async () => {
  rig = await startRig({ signIn: { publicUrl: 'https://quorate.example.org' } });
  const given = { name: 'Olga', email: 'olga@example.org', password: PASSWORD, organisation: 'Acme' };
  owner = browserOf(rig, given.email, await makeOwner(rig, given));
});
afterAll(() => rig.close());

interface Member {
  readonly id: string;
  readonly email: string;
  readonly role: string;
}
const members = async () => (await owner.call('GET', '/v1/members')).body.items as Member[];
const idOf = async (email: string) => (await members()).find((each) => each.email === email)?.id ?? '';
const change = (by: Browser, id: string, role: string) => by.call('PATCH', `/v1/members/${id}`, { role });

test('a member gets another role, which takes effect within a second or so', async () => {
  const rita = await join(rig, owner, { email: 'rita@example.org', role: 'reviewer' });
  expect((await rita.call('GET', '/v1/members')).status).toBe(403);
  const id = await idOf(rita.email);
  expect((await change(rita, id, 'owner')).status).toBe(403);
  expect(await change(owner, id, 'requester')).toMatchObject({ status: 200, body: { id, role: 'requester' } });
  const role = async () => (await rita.call('GET', '/v1/me')).body.role;
  await expect.poll(role, { timeout: 5000 }).toBe('requester');
  expect(await change(owner, id, 'emperor')).toMatchObject({ status: 422 });
  expect(await change(owner, nobodysId(), 'viewer')).toMatchObject({ status: 404 });
});

test('annotators stay annotators, and nobody becomes one this way', async () => {
  const anna = await join(rig, owner, { email: 'anna@example.org', role: 'annotator' });
  const refused = await change(owner, await idOf(anna.email), 'reviewer');
  expect(refused).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(refused.body.detail).toContain('Remove them and invite them again.');
  expect((await change(owner, await idOf('rita@example.org'), 'annotator')).status).toBe(409);
});

test('whoever is removed is signed out, cannot come back by password, and may be invited anew', async () => {
  const vera = await join(rig, owner, { email: 'vera@example.org', role: 'viewer' });
  const id = await idOf(vera.email);
  expect((await vera.call('DELETE', `/v1/members/${id}`)).status).toBe(403);
  expect((await owner.call('DELETE', `/v1/members/${id}`)).status).toBe(200);
  await expect.poll(async () => (await vera.call('GET', '/v1/me')).status, { timeout: 5000 }).toBe(401);
  expect((await signIn(rig, vera.email)).status).toBe(401);
  expect((await owner.call('DELETE', `/v1/members/${id}`)).status).toBe(404);
  await join(rig, owner, { email: vera.email, role: 'viewer' });
});

test('an annotator who is removed leaves their answers and pay where they are', async () => {
  const abe = await join(rig, owner, { email: 'abe@example.org', role: 'annotator' });
  const [before] = await rig.db`
    select m.annotator_id as id from members m join users u on u.id = m.user_id where u.email = ${abe.email}`;
  expect((await owner.call('DELETE', `/v1/members/${await idOf(abe.email)}`)).status).toBe(200);
  expect((await owner.call('GET', `/v1/annotators/${before?.id}`)).body).toMatchObject({ name: 'abe' });
});

test('with an owner end the keys they made and the invitations they sent, and with the owner they were', async () => {
  const removed = await join(rig, owner, { email: 'oda@example.org', role: 'owner' });
  const demoted = await join(rig, owner, { email: 'olaf@example.org', role: 'owner' });
  for (const [gone, end] of [
    [removed, (id: string) => owner.call('DELETE', `/v1/members/${id}`)],
    [demoted, (id: string) => change(owner, id, 'requester')],
  ] as const) {
    const { body: key } = await gone.call('POST', '/v1/keys', { name: 'left behind', role: 'owner' });
    const email = `friend-of-${gone.email}`;
    const { body: invitation } = await gone.call('POST', '/v1/invitations', { email, role: 'owner' });
    const me = (await gone.call('GET', '/v1/me')).body.user.id;
    const listed = (await owner.call('GET', '/v1/keys')).body.items as { id: string; madeBy: string | null }[];
    expect(listed.find(({ id }) => id === key.id)?.madeBy).toBe(me);
    expect((await rig.call(key.apiKey, 'GET', '/v1/members')).status).toBe(200);
    expect((await end(me)).status).toBeLessThan(300);
    const status = async () => (await rig.call(key.apiKey, 'GET', '/v1/members')).status;
    await expect.poll(status, { timeout: 5000 }).toBe(401);
    const token = String(invitation.link).split('/').at(-1);
    expect((await rig.call(undefined, 'GET', `/v1/invitations/${token}`)).status).toBe(404);
  }
});

test('keys that a member gave to annotators end when they go, or may give none any more, and the answer says whose', async () => {
  const rex = await join(rig, owner, { email: 'rex@example.org', role: 'owner' });
  const id = await idOf(rex.email);
  const added = await rex.call('POST', '/v1/annotators', { name: 'Mina' });
  const { apiKey } = (await rex.call('POST', '/v1/annotators', { name: 'Noor' })).body;
  const works = async () => (await rig.call(apiKey, 'GET', '/v1/me/assignments')).status;
  expect((await change(owner, id, 'requester')).body).toMatchObject({ annotatorKeysEnded: 0, withoutKey: [] });
  expect(await works()).toBe(200);
  const demoted = (await change(owner, id, 'viewer')).body;
  expect(demoted.annotatorKeysEnded).toBe(2);
  expect(demoted.withoutKey).toMatchObject([{ id: added.body.id, name: 'Mina' }, { name: 'Noor' }]);
  await expect.poll(works, { timeout: 5000 }).toBe(401);
  await change(owner, id, 'requester');
  await expect.poll(async () => (await rex.call('GET', '/v1/me')).body.role, { timeout: 5000 }).toBe('requester');
  expect((await rex.call('POST', `/v1/annotators/${added.body.id}/key`, {})).status).toBe(201);
  const { body } = await owner.call('DELETE', `/v1/members/${id}`);
  expect(body).toEqual({ annotatorKeysEnded: 1, withoutKey: [{ id: added.body.id, name: 'Mina' }] });
});

test('the last owner stays, however many try at once', async () => {
  const id = await idOf(owner.email);
  expect((await change(owner, id, 'viewer')).body.detail).toContain('is the only owner');
  expect((await owner.call('DELETE', `/v1/members/${id}`)).status).toBe(409);
  const second = await join(rig, owner, { email: 'otto@example.org', role: 'owner' });
  const other = await idOf(second.email);
  const both = await Promise.all([
    owner.call('DELETE', `/v1/members/${id}`),
    second.call('DELETE', `/v1/members/${other}`),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  const [left] = await rig.db`select count(*)::int as owners from members where role = 'owner'`;
  expect(left?.owners).toBe(1);
});

test('what another organisation has is not there', async () => {
  const organisationId = nobodysId();
  const userId = nobodysId();
  await rig.db`insert into organisations (id, name) values (${organisationId}, 'Other')`;
  await rig.db`insert into users (id, name, email) values (${userId}, 'Stranger', 'stranger@example.org')`;
  await rig.db`
    insert into members (user_id, organisation_id, role) values (${userId}, ${organisationId}, 'viewer')`;
  const [left] = await rig.db`
    select u.email from members m join users u on u.id = m.user_id where m.role = 'owner' limit 1`;
  const mine = browserOf(rig, left?.email, await signIn(rig, left?.email));
  expect((await change(mine, userId, 'owner')).status).toBe(404);
  expect((await mine.call('DELETE', `/v1/members/${userId}`)).status).toBe(404);
});

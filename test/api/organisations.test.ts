import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Browser, browserOf, makeOwner, PASSWORD, signIn } from './people.ts';
import { type Rig, startRig } from './rig.ts';

let rig: Rig;
let owner: Browser;
beforeAll(async () => {
  rig = await startRig({ signIn: { publicUrl: 'https://quorate.example.org' } });
  const given = { name: 'Olga', email: 'olga@example.org', password: PASSWORD, organisation: 'Acme' };
  owner = browserOf(rig, given.email, await makeOwner(rig, given));
});
afterAll(() => rig.close());

const email = 'nadia@example.org';
const names = async (by: Browser) =>
  (await by.call('GET', '/v1/organisations')).body.items.map(({ name }: { name: string }) => name);

test('the owner of the server makes an organisation, whose owner joins by a link and sees nothing of ours', async () => {
  const made = await owner.call('POST', '/v1/organisations', { name: 'Neighbour', email });
  expect(made).toMatchObject({
    status: 201,
    body: { name: 'Neighbour', invitation: { email, role: 'owner', state: 'open', mailed: false } },
  });
  expect(await names(owner)).toEqual(['Acme', 'Neighbour']);
  const token = made.body.invitation.link.split('/').at(-1);
  const joined = await rig.call(undefined, 'POST', `/v1/invitations/${token}/accept`, {
    name: 'Nadia',
    password: PASSWORD,
  });
  expect(joined.status).toBe(201);
  const nadia = browserOf(rig, email, await signIn(rig, email));
  expect((await nadia.call('GET', '/v1/me')).body).toMatchObject({
    role: 'owner',
    organisation: { id: made.body.id, name: 'Neighbour', first: false },
  });
  expect((await owner.call('GET', '/v1/me')).body.organisation).toMatchObject({ name: 'Acme', first: true });
  expect((await nadia.call('GET', '/v1/members')).body.items).toMatchObject([{ email }]);
  expect((await owner.call('GET', '/v1/members')).body.items).toMatchObject([{ email: owner.email }]);

  for (const [method, body] of [
    ['GET', undefined],
    ['POST', { name: 'Third', email: 'third@example.org' }],
  ] as const) {
    expect(await nadia.call(method, '/v1/organisations', body)).toMatchObject({ status: 403 });
  }
  // Nothing is made where its owner cannot be invited.
  expect((await owner.call('POST', '/v1/organisations', { name: 'Fourth', email })).status).toBe(409);
  expect(await names(owner)).toEqual(['Acme', 'Neighbour']);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { CLIENT, type Provider, startProvider } from '../support/oidc-provider.ts';
import { type Browser, browserOf, cookiesOf, makeOwner, PASSWORD } from './people.ts';
import { type Rig, startRig } from './rig.ts';

let rig: Rig;
let provider: Provider;
let owner: Browser;
beforeAll(async () => {
  provider = await startProvider();
  const oidc = { issuer: provider.issuer, clientId: CLIENT, clientSecret: 'secret', name: 'Acme login' };
  rig = await startRig({ signIn: { publicUrl: 'http://localhost:7400', oidc } });
  const given = { name: 'Olga', email: 'olga@example.org', password: PASSWORD, organisation: 'Acme' };
  owner = browserOf(rig, given.email, await makeOwner(rig, given));
});
afterAll(async () => {
  await rig.close();
  provider.close();
});

/** What a browser does: asks where to go, goes there, and comes back with a code. */
async function signInAs(person: Record<string, unknown>) {
  provider.person = person;
  const begin = await rig.call(undefined, 'POST', '/v1/auth/sign-in/social', {
    provider: 'oidc',
    callbackURL: '/campaigns',
  });
  expect(begin.status).toBe(200);
  const asked = new URL(begin.body.url);
  expect(asked.origin).toBe(provider.issuer);
  expect(asked.searchParams.get('redirect_uri')).toBe('http://localhost:7400/v1/auth/callback/oidc');
  provider.codes.set('code', {
    challenge: asked.searchParams.get('code_challenge') ?? '',
    nonce: asked.searchParams.get('nonce'),
  });
  const back = `/v1/auth/callback/oidc?code=code&state=${asked.searchParams.get('state')}`;
  const answer = await rig.call(undefined, 'GET', back, undefined, { cookie: cookiesOf(begin) });
  const me = await rig.call(undefined, 'GET', '/v1/me', undefined, { cookie: cookiesOf(answer) });
  return { status: answer.status, location: String(answer.headers.location), me };
}

describe('single sign-on', () => {
  test('is offered by the name that was set', async () => {
    const { body } = await rig.call(undefined, 'GET', '/v1/setup');
    expect(body).toMatchObject({ singleSignOn: { providerId: 'oidc', name: 'Acme login' }, mails: false });
  });

  test('lets people in who are here already, by their verified address', async () => {
    const { status, location, me } = await signInAs({
      sub: 's1',
      email: 'olga@example.org',
      email_verified: true,
      name: 'Olga',
    });
    expect(status).toBe(302);
    expect(location).toMatch(/\/campaigns$/);
    expect(me.body).toMatchObject({ role: 'owner', user: { email: 'olga@example.org' } });
  });

  test('has whoever is invited by their verified address accept it, once and without a password', async () => {
    const invite = (email: string, role: string) => owner.call('POST', '/v1/invitations', { email, role });
    expect((await invite('ida@example.org', 'annotator')).status).toBe(201);
    const ida = { sub: 's4', email: 'Ida@example.org', email_verified: true, name: 'Ida' };
    const unverified = await signInAs({ ...ida, email_verified: false });
    expect(unverified.me.status).toBe(401);
    expect(await rig.db`select 1 from users where email = 'ida@example.org'`).toHaveLength(0);
    const joined = await signInAs(ida);
    expect(joined.location).toMatch(/\/campaigns$/);
    expect(joined.me.body).toMatchObject({ role: 'annotator', annotator: { tier: 'crowd' }, user: { name: 'Ida' } });
    const { body } = await owner.call('GET', '/v1/invitations');
    expect(body.items).toMatchObject([{ email: 'ida@example.org', state: 'accepted' }]);
    expect((await signInAs(ida)).me.body).toMatchObject({ role: 'annotator' });

    // Whose account there is known here under another address is nobody new.
    await invite('ida@elsewhere.example', 'reviewer');
    expect((await signInAs({ ...ida, email: 'ida@elsewhere.example' })).me.body).toMatchObject({ role: 'annotator' });
    expect(await rig.db`select 1 from users where email = 'ida@elsewhere.example'`).toHaveLength(0);
  });

  test('asks whom several invite, and whose invitation is over, to open a link', async () => {
    await owner.call('POST', '/v1/invitations', { email: 'sam@example.org', role: 'reviewer' });
    const sam = { sub: 's5', email: 'sam@example.org', email_verified: true, name: 'Sam' };
    const [other] = await rig.db<{ id: string }[]>`
      insert into organisations (id, name) values (gen_random_uuid(), 'Other') returning id`;
    await rig.db`
      insert into invitations (id, organisation_id, token_hash, email, role, invited_by, expires_at)
      select gen_random_uuid(), ${other?.id ?? ''}, 'another', email, role, invited_by, expires_at
      from invitations where email = 'sam@example.org'`;
    expect((await signInAs(sam)).location).toContain('error=');
    await rig.db`update invitations set revoked_at = now() where organisation_id = ${other?.id ?? ''}`;
    await rig.db`update invitations set expires_at = now() where email = 'sam@example.org'`;
    expect((await signInAs(sam)).location).toContain('error=');
    await rig.db`
      update invitations set expires_at = now() + interval '1 day'
      where email = 'sam@example.org' and organisation_id = ${DEFAULT_ORGANISATION}`;
    expect((await signInAs(sam)).me.body).toMatchObject({ role: 'reviewer' });
  });

  test('lets nobody in whom nobody invited, nor by an address the provider has not verified', async () => {
    const stranger = await signInAs({ sub: 's2', email: 'eve@example.org', email_verified: true, name: 'Eve' });
    expect(stranger.location).toContain('error=');
    expect(stranger.me.status).toBe(401);
    const unverified = await signInAs({ sub: 's3', email: 'olga@example.org', email_verified: false, name: 'Eve' });
    expect(unverified.me.status).toBe(401);
    expect(await rig.db`select 1 from users where email = 'eve@example.org'`).toHaveLength(0);
  });
});

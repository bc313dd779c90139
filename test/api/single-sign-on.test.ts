import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLIENT, type Provider, startProvider } from '../support/oidc-provider.ts';
import { cookiesOf, makeOwner, PASSWORD } from './people.ts';
import { type Rig, startRig } from './rig.ts';

let rig: Rig;
let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
  const oidc = { issuer: provider.issuer, clientId: CLIENT, clientSecret: 'secret', name: 'Acme login' };
  rig = await startRig({ signIn: { publicUrl: 'http://localhost:7400', oidc } });
  const given = { name: 'Olga', email: 'olga@example.org', password: PASSWORD, organisation: 'Acme' };
  await makeOwner(rig, given);
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
    expect(body.singleSignOn).toEqual({ providerId: 'oidc', name: 'Acme login' });
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

  test('lets nobody in whom nobody invited, nor by an address the provider has not verified', async () => {
    const stranger = await signInAs({ sub: 's2', email: 'eve@example.org', email_verified: true, name: 'Eve' });
    expect(stranger.location).toContain('error=');
    expect(stranger.me.status).toBe(401);
    const unverified = await signInAs({ sub: 's3', email: 'olga@example.org', email_verified: false, name: 'Eve' });
    expect(unverified.me.status).toBe(401);
    expect(await rig.db`select 1 from users where email = 'eve@example.org'`).toHaveLength(0);
  });
});

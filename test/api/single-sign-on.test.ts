import { createHash, createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cookiesOf, PASSWORD } from './people.ts';
import { type Rig, startRig } from './rig.ts';

const CLIENT = 'quorate';

/** An OpenID Connect provider where whoever asks is `person`. */
async function startProvider() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const codes = new Map<string, { challenge: string; nonce: string | null }>();
  const provider = { issuer: '', person: {} as Record<string, unknown>, codes, close: () => server.close() };
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { issuer } = provider;
      const answer = (body: unknown, status = 200) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      };
      if (request.url === '/.well-known/openid-configuration') {
        return answer({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          userinfo_endpoint: `${issuer}/userinfo`,
          jwks_uri: `${issuer}/jwks`,
          id_token_signing_alg_values_supported: ['RS256'],
        });
      }
      if (request.url === '/jwks')
        return answer({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] });
      if (request.url === '/userinfo') return answer(provider.person);
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const code = codes.get(form.get('code') ?? '');
      const proof = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      if (code?.challenge !== proof) return answer({ error: 'invalid_grant' }, 400);
      const now = Math.floor(Date.now() / 1000);
      const nonce = code.nonce === null ? {} : { nonce: code.nonce };
      const claims = { iss: issuer, aud: CLIENT, iat: now, exp: now + 300, ...nonce, ...provider.person };
      const signed = `${part({ alg: 'RS256', kid: 'k', typ: 'JWT' })}.${part(claims)}`;
      const signature = createSign('RSA-SHA256').update(signed).sign(privateKey).toString('base64url');
      return answer({ access_token: 'a', token_type: 'Bearer', expires_in: 300, id_token: `${signed}.${signature}` });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  provider.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return provider;
}

let rig: Rig;
let provider: Awaited<ReturnType<typeof startProvider>>;
beforeAll(async () => {
  provider = await startProvider();
  const oidc = { issuer: provider.issuer, clientId: CLIENT, clientSecret: 'secret', name: 'Acme login' };
  rig = await startRig({ signIn: { publicUrl: 'http://localhost:7400', oidc } });
  const given = { name: 'Olga', email: 'olga@example.org', password: PASSWORD, organisation: 'Acme' };
  await rig.call(undefined, 'POST', '/v1/setup', given);
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

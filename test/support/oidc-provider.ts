import { createHash, createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What this server is called there. */
export const CLIENT = 'quorate';

export type Provider = Awaited<ReturnType<typeof startProvider>>;

/** An OpenID Connect provider where whoever asks is `person`: it asks for nothing and sends them back at once. */
export async function startProvider() {
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
      const asked = new URL(request.url ?? '/', issuer);
      if (asked.pathname === '/authorize') {
        const { searchParams: given } = asked;
        const code = `code-${codes.size}`;
        codes.set(code, { challenge: given.get('code_challenge') ?? '', nonce: given.get('nonce') });
        const back = new URL(given.get('redirect_uri') ?? issuer);
        back.searchParams.set('code', code);
        back.searchParams.set('state', given.get('state') ?? '');
        response.writeHead(302, { location: back.href }).end();
        return;
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

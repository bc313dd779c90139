import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../runtime/config.ts';
import { withoutTemporal } from '../../runtime/stack.ts';
import { tempFolder } from './support.ts';

const none = { TEMPORAL_CONFIG_FILE: '/dev/null' };

function problemsOf(env: Record<string, string>): Record<string, string> {
  try {
    loadConfig({ ...none, ...env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.problems.map(({ variable, message }) => [variable, message]));
  }
  return {};
}

describe('loadConfig', () => {
  it('has a default for everything', () => {
    const config = loadConfig({ ...none, HOME: '/home/ann', XDG_CACHE_HOME: '/cache' });
    expect(config).toMatchObject({
      cacheDir: '/cache/quorate',
      host: '127.0.0.1',
      port: 7400,
      logLevel: 'info',
      database: { port: 7401 },
      temporal: { namespace: 'default', port: 7402, uiPort: 7403 },
    });
    expect(config.home).toMatch(/\.quorate$/);
    expect(config.temporal.external).toBeUndefined();
  });

  it('reads whom to believe the address of a client, as a count or as networks', () => {
    const of = (text: string) => loadConfig({ ...none, QUORATE_TRUST_PROXY: text }).trustProxy;
    expect(of('1')).toBe(1);
    expect(of('10.0.0.0/8, ::1')).toEqual(['10.0.0.0/8', '::1']);
    expect(of('')).toBeUndefined();
    expect(Object.keys(problemsOf({ QUORATE_TRUST_PROXY: 'everybody' }))).toEqual(['QUORATE_TRUST_PROXY']);
  });

  it('reads keys by host, and repeats none of them in a complaint', () => {
    const { modelKeys } = loadConfig({ ...none, QUORATE_MODEL_KEYS: 'api.example.org=sk=1==, 127.0.0.1:8000=b' });
    expect(modelKeys).toEqual({ 'api.example.org': 'sk=1==', '127.0.0.1:8000': 'b' });
    expect(problemsOf({ QUORATE_MODEL_KEYS: 'hush' }).QUORATE_MODEL_KEYS).not.toContain('hush');
  });

  it('reads prices of embeddings by host, and by model', () => {
    const text = 'api.example.org=0.13, api.example.org/BAAI/small=0.02';
    const { modelPrices } = loadConfig({ ...none, QUORATE_MODEL_PRICES: text });
    expect(modelPrices).toEqual({ 'api.example.org': '0.13', 'api.example.org/BAAI/small': '0.02' });
    expect(Object.keys(problemsOf({ QUORATE_MODEL_PRICES: 'a=free' }))).toEqual(['QUORATE_MODEL_PRICES']);
  });

  it('reports all problems at once, each with its variable', () => {
    const problems = problemsOf({
      QUORATE_PORT: '74000',
      QUORATE_PG_PORT: 'abc',
      QUORATE_LOG_LEVEL: 'loud',
      QUORATE_DATABASE_URL: 'mysql://x',
      QUORATE_URL: 'localhost:7400',
      TEMPORAL_ADDRESS: 'https://host/x',
    });
    expect(Object.keys(problems).sort()).toEqual([
      'QUORATE_DATABASE_URL',
      'QUORATE_LOG_LEVEL',
      'QUORATE_PG_PORT',
      'QUORATE_PORT',
      'QUORATE_URL',
      'TEMPORAL_*',
    ]);
    expect(problems.QUORATE_LOG_LEVEL).toContain('trace, debug, info');
  });

  it('repeats no key and no password in its messages', () => {
    const problems = problemsOf({ QUORATE_API_KEY: 'short-secret', QUORATE_DATABASE_URL: 'mysql://u:secret@h/d' });
    expect(Object.keys(problems)).toHaveLength(2);
    expect(JSON.stringify(problems)).not.toContain('secret');
  });

  it('refuses one port for two servers', () => {
    expect(problemsOf({ QUORATE_PORT: '5000', QUORATE_PG_PORT: '5000' })).toEqual({
      QUORATE_PG_PORT: 'is 5000, the same as QUORATE_PORT',
    });
  });

  it('takes an empty variable for an unset one', () => {
    const config = loadConfig({ ...none, QUORATE_PORT: '', QUORATE_DATABASE_URL: '', TEMPORAL_ADDRESS: '' });
    expect(config.port).toBe(7400);
    expect(config.database.url).toBeUndefined();
    expect(config.temporal.external).toBeUndefined();
  });

  it('uses the Temporal server that TEMPORAL_ADDRESS names', () => {
    const config = loadConfig({
      ...none,
      TEMPORAL_ADDRESS: 'acme.tmprl.cloud:7233',
      TEMPORAL_NAMESPACE: 'acme',
      TEMPORAL_API_KEY: 'k',
    });
    const external = { address: 'acme.tmprl.cloud:7233', namespace: 'acme', apiKey: 'k', tls: true };
    expect(config.temporal).toMatchObject({ external, namespace: 'acme' });
  });

  it('uses the Temporal server of the profile that TEMPORAL_PROFILE names', () => {
    const file = join(tempFolder(), 'temporal.toml');
    writeFileSync(file, '[profile.prod]\naddress = "prod:7233"\nnamespace = "labels"\n');
    const config = loadConfig({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'prod' });
    expect(config.temporal.external).toEqual({ address: 'prod:7233', namespace: 'labels' });
    expect(loadConfig({ TEMPORAL_CONFIG_FILE: file }).temporal.external).toBeUndefined();
  });

  it('of a child finds our own Temporal, whatever the shell says of another one', () => {
    const file = join(tempFolder(), 'temporal.toml');
    writeFileSync(file, '[profile.default]\napi_key = "abc"\n[profile.default.tls]\nserver_name = "cloud"\n');
    const shell = { TEMPORAL_CONFIG_FILE: file, TEMPORAL_API_KEY: 'abc', TEMPORAL_TLS: 'true' };
    const ours = { TEMPORAL_ADDRESS: '127.0.0.1:7402', TEMPORAL_NAMESPACE: 'default' };
    const { external } = loadConfig({ ...shell, ...withoutTemporal(shell), ...ours }).temporal;
    expect(external).toEqual({ address: '127.0.0.1:7402', namespace: 'default' });
  });

  it('takes a host without its port, an IPv6 address too', () => {
    expect(loadConfig({ ...none, QUORATE_HOST: '::1' }).host).toBe('::1');
    expect(Object.keys(problemsOf({ QUORATE_HOST: 'localhost:80' }))).toEqual(['QUORATE_HOST']);
  });

  it('says so when the profile or its file does not exist', () => {
    expect(problemsOf({ TEMPORAL_PROFILE: 'nope' })['TEMPORAL_*']).toContain('nope');
    expect(problemsOf({ TEMPORAL_CONFIG_FILE: '/no/such.toml' })['TEMPORAL_*']).toContain('/no/such.toml');
  });

  it('takes a provider for single sign-on whole or not at all, and repeats no secret', () => {
    const oidc = { QUORATE_OIDC_ISSUER: 'https://login.example.org', QUORATE_OIDC_CLIENT_ID: 'quorate' };
    expect(() => loadConfig({ ...oidc })).toThrow(/QUORATE_OIDC_CLIENT_SECRET: must be set, as QUORATE_OIDC_ISSUER is/);
    expect(loadConfig({ ...oidc, QUORATE_OIDC_CLIENT_SECRET: 'x' }).oidc).toEqual({
      issuer: 'https://login.example.org',
      clientId: 'quorate',
      clientSecret: 'x',
      name: 'Single sign-on',
    });
    expect(() => loadConfig({ QUORATE_AUTH_SECRET: 'too-short' })).toThrow(/32 characters, not "\.\.\."/);
  });
});

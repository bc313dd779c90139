import { existsSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { defaultCache, defaultHome } from './paths.ts';
import { errorMessage, RuntimeProblem } from './problem.ts';

type ConnectionOptions = ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
type Env = Readonly<Record<string, string | undefined>>;

/** How to reach a Temporal server; without `namespace` these are the options of `Connection.connect`. */
export interface TemporalAddress {
  address: string;
  namespace: string;
  apiKey?: string;
  tls?: NonNullable<ConnectionOptions['tls']>;
  metadata?: Record<string, string>;
}

export interface Config {
  /** Data folder of this stack. */
  home: string;
  /** Programs that were downloaded or built; may be deleted at any time. */
  cacheDir: string;
  /** Temporal's time-skipping server; unset: it is looked for, and fetched where that can be. */
  testServer?: string;
  /** Where our HTTP server listens. */
  host: string;
  port: number;
  /** Of the running stack that commands should talk to; unset: the one noted in the data folder. */
  url?: string;
  /** The owner's key; unset: `up` makes one. */
  apiKey?: string;
  logLevel: LogLevel;
  /** Where people reach this server, when not where it listens: behind TLS, or under a name. */
  publicUrl?: string;
  /** Hosts (with their port, where they have one) at which requesters' own models may be asked. */
  modelHosts: readonly string[];
  /** Keys for embeddings by host. */
  modelKeys: Readonly<Record<string, string>>;
  /** Dollars for a million tokens of embeddings, by host or `host/model`. */
  modelPrices: Readonly<Record<string, string>>;
  /** Folder of models for embeddings on this machine. */
  modelsDir?: string;
  /** Signs session cookies; unset: one that is kept in the database. */
  authSecret?: string;
  /** How mail leaves; unset: it is written to the log. */
  smtp?: { url: string; from: string };
  /** An OpenID Connect provider to sign in with, too. */
  oidc?: { issuer: string; clientId: string; clientSecret: string; name: string };
  /** `url` set: that server is used and none is started. */
  database: { url?: string; port: number };
  /** Whom the client's address is believed of, where proxies stand before us: how many, or their networks. */
  trustProxy?: number | string[];
  /** `external` set: that server is used and none is started. `namespace` holds for both. `uiUrl`: Temporal's pages. */
  temporal: { external?: TemporalAddress; namespace: string; port: number; uiPort: number; uiUrl?: string };
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface ConfigProblem {
  variable: string;
  message: string;
}

/** Everything that is wrong with the settings, at once. */
export class ConfigError extends RuntimeProblem {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const list = problems.map(({ variable, message }) => `${variable}: ${message}`);
    const head = list.length === 1 ? 'One setting is wrong.' : `${list.length} settings are wrong.`;
    super('invalid_config', `${head}\n  ${list.join('\n  ')}`, '');
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const port = (standard: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a port number from 1 to 65535')
    .transform(Number)
    .refine((n) => n >= 1 && n <= 65_535, 'must be a port number from 1 to 65535')
    .default(standard);

const url = (pattern: RegExp, example: string) =>
  z.string().refine((text) => pattern.test(text) && URL.canParse(text), `must look like ${example}`);

const schema = z.object({
  QUORATE_DATABASE_URL: url(/^postgres(ql)?:\/\//, 'postgres://user:password@host:5432/name').optional(),
  QUORATE_HOME: z.string().optional(),
  QUORATE_CACHE: z.string().optional(),
  QUORATE_TEST_SERVER: z.string().optional(),
  QUORATE_HOST: z
    .string()
    .refine((host) => isIPv6(host) || /^[\w.-]+$/.test(host), 'must be a host name or an IP address, without a port')
    .default('127.0.0.1'),
  QUORATE_PORT: port(7400),
  QUORATE_PG_PORT: port(7401),
  QUORATE_TEMPORAL_PORT: port(7402),
  QUORATE_TEMPORAL_UI_PORT: port(7403),
  QUORATE_API_KEY: z.string().min(16, 'must have at least 16 characters').optional(),
  QUORATE_LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  QUORATE_PUBLIC_URL: url(/^https?:\/\//, 'https://quorate.example.org').optional(),
  QUORATE_TRUST_PROXY: z
    .string()
    .regex(
      /^(\d{1,2}|[\da-fA-F.:/]+(\s*,\s*[\da-fA-F.:/]+)*)$/,
      'must be how many proxies there are, or their addresses',
    )
    .optional(),
  QUORATE_MODEL_HOSTS: z
    .string()
    .regex(
      /^[^\s/,?#]+(\/[^\s,?#]*)?(\s*,\s*[^\s/,?#]+(\/[^\s,?#]*)?)*$/,
      'must be hosts, with or without a path, such as api.example.org/v1/embeddings,127.0.0.1:8000',
    )
    .optional(),
  QUORATE_MODEL_KEYS: z
    .string()
    .regex(/^[^\s/,=]+=[^\s,]+(\s*,\s*[^\s/,=]+=[^\s,]+)*$/, 'must be host=key, such as api.example.org=KEY')
    .optional(),
  QUORATE_MODEL_PRICES: z
    .string()
    .regex(
      /^[^\s,=]+=\d{1,6}(\.\d{1,6})?(\s*,\s*[^\s,=]+=\d{1,6}(\.\d{1,6})?)*$/,
      'must be host=USD or host/model=USD for a million tokens, such as api.example.org=0.13,api.example.org/small=0.02',
    )
    .optional(),
  QUORATE_MODELS_DIR: z.string().min(1).optional(),
  QUORATE_TEMPORAL_UI_URL: url(/^https?:\/\//, 'http://127.0.0.1:7403').optional(),
  QUORATE_AUTH_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  QUORATE_SMTP_URL: url(/^smtps?:\/\//, 'smtp://user:password@host:587').optional(),
  QUORATE_OIDC_ISSUER: url(/^https?:\/\//, 'https://login.example.org').optional(),
  QUORATE_OIDC_CLIENT_ID: z.string().optional(),
  QUORATE_OIDC_CLIENT_SECRET: z.string().optional(),
  QUORATE_OIDC_NAME: z.string().default('Single sign-on'),
  QUORATE_MAIL_FROM: z.string().min(3).default('quorate@localhost'),
  QUORATE_URL: url(/^https?:\/\//, 'http://127.0.0.1:7400').optional(),
});

/**
 * Reads the settings from environment variables (an empty one counts as unset) and, for Temporal, from its profile
 * file. Only entry points call this; everything else receives values. Throws ConfigError naming all problems.
 */
export function loadConfig(env: Env = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  const problems: ConfigProblem[] = (parsed.error?.issues ?? []).map((issue) => ({
    variable: String(issue.path[0] ?? ''),
    message: `${issue.message}, not "${shown(String(issue.path[0]), given)}"`,
  }));
  let external: TemporalAddress | undefined;
  try {
    external = temporalAddress(given as Record<string, string>);
  } catch (error) {
    problems.push({ variable: 'TEMPORAL_*', message: errorMessage(error) });
  }
  if (parsed.success) problems.push(...clashingPorts(parsed.data), ...incompleteOidc(parsed.data));
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const v = parsed.data;
  return {
    home: resolve(v.QUORATE_HOME ?? defaultHome()),
    cacheDir: resolve(v.QUORATE_CACHE ?? defaultCache(env)),
    ...(v.QUORATE_TEST_SERVER !== undefined && { testServer: resolve(v.QUORATE_TEST_SERVER) }),
    host: v.QUORATE_HOST,
    port: v.QUORATE_PORT,
    ...(v.QUORATE_URL !== undefined && { url: v.QUORATE_URL.replace(/\/+$/, '') }),
    ...(v.QUORATE_API_KEY !== undefined && { apiKey: v.QUORATE_API_KEY }),
    logLevel: v.QUORATE_LOG_LEVEL,
    ...(v.QUORATE_PUBLIC_URL !== undefined && { publicUrl: v.QUORATE_PUBLIC_URL.replace(/\/+$/, '') }),
    ...(v.QUORATE_TRUST_PROXY !== undefined && { trustProxy: proxiesOf(v.QUORATE_TRUST_PROXY) }),
    modelHosts: v.QUORATE_MODEL_HOSTS?.split(/\s*,\s*/) ?? [],
    modelKeys: byHost(v.QUORATE_MODEL_KEYS),
    modelPrices: byHost(v.QUORATE_MODEL_PRICES),
    ...(v.QUORATE_MODELS_DIR !== undefined && { modelsDir: resolve(v.QUORATE_MODELS_DIR) }),
    ...(v.QUORATE_AUTH_SECRET !== undefined && { authSecret: v.QUORATE_AUTH_SECRET }),
    ...oidcOf(v),
    ...(v.QUORATE_SMTP_URL !== undefined && { smtp: { url: v.QUORATE_SMTP_URL, from: v.QUORATE_MAIL_FROM } }),
    database: {
      ...(v.QUORATE_DATABASE_URL !== undefined && { url: v.QUORATE_DATABASE_URL }),
      port: v.QUORATE_PG_PORT,
    },
    temporal: {
      ...(external && { external }),
      namespace: external?.namespace ?? given.TEMPORAL_NAMESPACE ?? 'default',
      port: v.QUORATE_TEMPORAL_PORT,
      uiPort: v.QUORATE_TEMPORAL_UI_PORT,
      ...(v.QUORATE_TEMPORAL_UI_URL !== undefined && { uiUrl: v.QUORATE_TEMPORAL_UI_URL.replace(/\/+$/, '') }),
    },
  };
}

/** "2" is a count, "10.0.0.0/8, 192.168.1.4" are networks. */
function proxiesOf(text: string): number | string[] {
  return /^\d{1,2}$/.test(text) ? Number(text) : text.split(',').map((each) => each.trim());
}

/** host=key or host=price, separated by commas; a key may hold further equals signs. */
function byHost(text: string | undefined): Record<string, string> {
  const pairs = text?.split(/\s*,\s*/) ?? [];
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

/** Keys and passwords are not repeated in messages. */
function shown(variable: string, given: Record<string, string | undefined>): string {
  return /KEY|DATABASE|SECRET|SMTP/.test(variable) ? '...' : (given[variable] ?? '');
}

function incompleteOidc(v: z.infer<typeof schema>): ConfigProblem[] {
  const names = ['QUORATE_OIDC_ISSUER', 'QUORATE_OIDC_CLIENT_ID', 'QUORATE_OIDC_CLIENT_SECRET'] as const;
  const given = names.filter((name) => v[name] !== undefined);
  if (given.length === 0) return [];
  return names
    .filter((name) => v[name] === undefined)
    .map((variable) => ({ variable, message: `must be set, as ${given[0]} is` }));
}

function oidcOf(v: z.infer<typeof schema>): Pick<Config, 'oidc'> {
  const { QUORATE_OIDC_ISSUER: issuer, QUORATE_OIDC_CLIENT_ID: clientId, QUORATE_OIDC_CLIENT_SECRET: clientSecret } = v;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return {};
  return { oidc: { issuer, clientId, clientSecret, name: v.QUORATE_OIDC_NAME } };
}

function clashingPorts(values: z.infer<typeof schema>): ConfigProblem[] {
  const seen = new Map<number, string>();
  const problems: ConfigProblem[] = [];
  const names = ['QUORATE_PORT', 'QUORATE_PG_PORT', 'QUORATE_TEMPORAL_PORT', 'QUORATE_TEMPORAL_UI_PORT'] as const;
  for (const name of names) {
    const other = seen.get(values[name]);
    if (other !== undefined) problems.push({ variable: name, message: `is ${values[name]}, the same as ${other}` });
    else seen.set(values[name], name);
  }
  return problems;
}

function connectConfig(env: Record<string, string>): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig({ overrideEnvVars: env });
  } catch (error) {
    // The SDK (1.24) trips over a profile file without any profile, which is a valid one.
    if (!(error instanceof TypeError)) throw error;
    if (env.TEMPORAL_PROFILE !== undefined) throw new Error(`the profile "${env.TEMPORAL_PROFILE}" does not exist`);
    return loadClientConnectConfig({ overrideEnvVars: env, disableFile: true });
  }
}

/** The standard TEMPORAL_... variables and profile file, read by the SDK; undefined when neither names an address. */
function temporalAddress(env: Record<string, string>): TemporalAddress | undefined {
  const file = env.TEMPORAL_CONFIG_FILE;
  if (file !== undefined && !existsSync(file))
    throw new Error(`TEMPORAL_CONFIG_FILE names ${file}, which does not exist`);
  const { connectionOptions, namespace } = connectConfig(env);
  const { address, apiKey, tls, metadata } = connectionOptions;
  if (address === undefined) return undefined;
  if (!/^[^\s/]+(:\d+)?$/.test(address)) throw new Error(`TEMPORAL_ADDRESS must look like host:7233, not "${address}"`);
  return {
    address,
    namespace: namespace ?? 'default',
    ...(typeof apiKey === 'string' && { apiKey }),
    ...(tls !== undefined && tls !== null && { tls }),
    ...(metadata && { metadata: metadata as Record<string, string> }),
  };
}

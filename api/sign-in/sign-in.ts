import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { hashPassword } from 'better-auth/crypto';
import { betterAuth } from 'better-auth/minimal';
import { genericOAuth } from 'better-auth/plugins/generic-oauth';
import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { drizzleBeside } from '../../db/beside.ts';
import type { Db } from '../../db/client.ts';
import { acceptVerified } from '../../db/queries/people.ts';
import { countReset, forgetFailures } from '../../db/queries/sign-in-failures.ts';
import { accounts, sessions, users, verifications } from '../../db/schema/people.ts';
import type { Mailer } from './mail.ts';
import { isSetupToken } from './setup-link.ts';

export interface SignInOptions {
  /** Where people reach this server, without a path; over https its cookies are Secure. */
  readonly publicUrl: string;
  /** Signs cookies; at least 32 characters, the same in all processes. */
  readonly secret: string;
  readonly mailer: Mailer;
  /** An OpenID Connect provider that people of this server may sign in with, too. */
  readonly oidc?: OidcOptions;
}

export interface OidcOptions {
  /** Where `/.well-known/openid-configuration` is found. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What the button says. */
  readonly name: string;
}

/** Sessions of people: better-auth behind what the rest needs of it. */
export interface SignIn {
  readonly publicUrl: string;
  readonly publicOrigin: string;
  readonly mailer: Mailer;
  /** The provider one may sign in with, too. */
  readonly singleSignOn: { readonly providerId: string; readonly name: string } | null;
  /** Whether this is the token of the link by which the first owner is made. */
  isSetupToken(given: string): boolean;
  /** The signed session in a Cookie header; undefined without one. */
  cookieOf(header: string | undefined): string | undefined;
  /** The user of a signed session that is valid now. */
  userOf(cookie: string): Promise<{ readonly id: string; readonly email: string } | undefined>;
  /** Answers one of better-auth's own endpoints. */
  handle(request: FastifyRequest): Promise<Response>;
  /** Opens a session; the answer carries its cookie. */
  open(credentials: { email: string; password: string }, request: FastifyRequest): Promise<Response>;
  hashPassword(password: string): Promise<string>;
  close(): Promise<void>;
}

export const PASSWORD = { min: 10, max: 128 } as const;

const DAY_S = 86_400;
/** Links for a new password to one address: whoever asks on does not fill somebody's mailbox. */
const RESETS_AN_HOUR = 5;
const BASE_PATH = '/v1/auth';
const MAX_CONNECTIONS = 3;
const OIDC = 'oidc';

/** Nothing is connected before it is first used. */
export function createSignIn(db: Db, options: SignInOptions, log: Pick<FastifyBaseLogger, 'warn'>): SignIn {
  const { publicUrl, secret, mailer, oidc } = options;
  const { origin, protocol } = new URL(publicUrl);
  const secure = protocol === 'https:';
  const pool = drizzleBeside(db, { max: MAX_CONNECTIONS, name: 'quorate-sign-in' });
  const cookieName = `${secure ? '__Secure-' : ''}quorate.session_token`;
  const cookiePattern = new RegExp(`(?:^|; *)${cookieName.replace('.', '\\.')}=([^;]+)`);
  const auth = betterAuth({
    appName: 'Quorate',
    baseURL: origin,
    basePath: BASE_PATH,
    secret,
    database: drizzleAdapter(pool.drizzle, {
      provider: 'pg',
      schema: { user: users, session: sessions, account: accounts, verification: verifications },
    }),
    emailAndPassword: {
      enabled: true,
      // Users are made by the first set-up and by invitations.
      disableSignUp: true,
      minPasswordLength: PASSWORD.min,
      maxPasswordLength: PASSWORD.max,
      revokeSessionsOnPasswordReset: true,
      resetPasswordTokenExpiresIn: 3600,
      sendResetPassword: async ({ user, token }) => {
        const mail = {
          to: user.email,
          subject: 'Set a new Quorate password',
          text: `Somebody, hopefully you, asked to set a new password. Within an hour, open\n\n${publicUrl}/reset-password?token=${token}\n\nIf it was not you, nothing needs to be done.\n`,
        };
        // Not waited for: how long it takes would tell who has an account.
        const sendOne = async () => {
          if (await countReset(db, { email: user.email, max: RESETS_AN_HOUR })) await mailer.send(mail);
        };
        sendOne().catch((err: unknown) => log.warn({ err }, 'the link for a new password could not be mailed'));
      },
      // Wrong passwords do not keep out whoever has the mailbox.
      onPasswordReset: ({ user }) => forgetFailures(db, user.email),
    },
    plugins: oidc ? [genericOAuth({ config: [providerOf(db, oidc)] })] : [],
    onAPIError: { errorURL: `${publicUrl}/sign-in` },
    session: { expiresIn: 14 * DAY_S, updateAge: DAY_S },
    // Counted and refused by our own routes, for all processes together.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    advanced: {
      useSecureCookies: secure,
      cookiePrefix: 'quorate',
      // Our routes look at the origin themselves, the same way for all of them.
      disableCSRFCheck: true,
      ipAddress: { disableIpTracking: true },
      database: { generateId: () => uuidv7() },
    },
  });

  return {
    publicUrl,
    publicOrigin: origin,
    mailer,
    singleSignOn: oidc ? { providerId: OIDC, name: oidc.name } : null,
    isSetupToken: (given) => isSetupToken(given, secret),
    cookieOf: (header) => (header === undefined ? undefined : cookiePattern.exec(header)?.[1]),
    async userOf(cookie) {
      const headers = new Headers({ cookie: `${cookieName}=${cookie}` });
      const found = await auth.api.getSession({ headers, query: { disableRefresh: true } });
      return found?.user;
    },
    handle: (request) => auth.handler(asWebRequest(request, origin)),
    open: ({ email, password }, request) =>
      auth.api.signInEmail({ body: { email, password }, headers: asHeaders(request), asResponse: true }),
    hashPassword,
    close: () => pool.end(),
  };
}

/** For people who are here already, or are invited, by the e-mail address that the provider has verified. */
function providerOf(db: Db, { issuer, clientId, clientSecret, name }: OidcOptions) {
  return {
    providerId: OIDC,
    name,
    discoveryUrl: `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`,
    requireIdTokenVerification: true,
    clientId,
    clientSecret,
    scopes: ['openid', 'email', 'profile'],
    pkce: true,
    disableSignUp: true,
    disableImplicitSignUp: true,
    // Asked for once its token is verified, and before it is looked for whose account it is.
    mapProfileToUser: async (profile: unknown) => {
      const verified = verifiedSchema.safeParse(profile);
      if (verified.success) {
        const { sub, email, name: called } = verified.data;
        await acceptVerified(db, { providerId: OIDC, accountId: sub, email, name: called });
      }
      return {};
    },
  };
}

/** What a provider says of somebody whose address it has verified. */
const verifiedSchema = z
  .object({
    sub: z.coerce.string(),
    email: z.string().transform((email) => email.toLowerCase()),
    emailVerified: z.literal(true),
    name: z.string().trim().max(200).optional().catch(undefined),
  })
  .transform(({ name, ...rest }) => ({ ...rest, name: name || (rest.email.split('@')[0] ?? rest.email) }));

function asWebRequest(request: FastifyRequest, origin: string): Request {
  const { method, body } = request;
  const init = { method, headers: asHeaders(request) };
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(request.url, origin), hasBody ? { ...init, body: JSON.stringify(body ?? {}) } : init);
}

/** What sign-in reads of a request's headers, and nothing else of them. */
function asHeaders({ headers }: FastifyRequest): Headers {
  const kept = new Headers({ 'content-type': 'application/json' });
  for (const name of ['cookie', 'user-agent'] as const) {
    const value = headers[name];
    if (value !== undefined) kept.set(name, value);
  }
  return kept;
}

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { makeOwner, needsOwner } from '../../db/queries/people.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { QuorateError } from '../../domain/failures.ts';
import { bearerKey, rolesOf } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { copyCookies, sendAnswer } from '../sign-in/answer.ts';
import { withLockout } from '../sign-in/lockout.ts';
import { refuseOtherOrigins } from '../sign-in/origin.ts';
import { PASSWORD } from '../sign-in/sign-in.ts';

const tags = ['sign-in'];
/** Guesses are what these are limited against, for one address of the network. */
const limited = { rateLimit: { max: 30, timeWindow: 60_000 } };

export const emailSchema = z
  .email()
  .max(254)
  .transform((email) => email.toLowerCase());
export const nameSchema = z.string().trim().min(1).max(200);
export const passwordSchema = z.string().min(PASSWORD.min).max(PASSWORD.max);

const sessionSchema = z.looseObject({}).nullable();

/** Signing in and out, passwords, and the first owner. */
export function signInRoutes(app: App, ctx: Context): void {
  const { signIn } = ctx;

  app.post(
    '/v1/auth/sign-in/email',
    {
      config: limited,
      schema: {
        tags,
        summary: 'Sign in with e-mail and password; the answer sets the session cookie',
        body: z.strictObject({
          email: emailSchema,
          password: z.string().max(1000),
          rememberMe: z.boolean().optional(),
        }),
        response: { 200: sessionSchema },
      },
    },
    async (request, reply) => {
      refuseOtherOrigins(request, signIn.publicOrigin);
      return sendAnswer(
        reply,
        await withLockout(ctx.db, { email: request.body.email, ip: request.ip }, () => signIn.handle(request)),
      );
    },
  );

  app.post(
    '/v1/auth/sign-out',
    {
      schema: {
        tags,
        summary: 'End the session',
        body: z.looseObject({}).optional(),
        response: { 200: sessionSchema },
      },
    },
    async (request, reply) => {
      refuseOtherOrigins(request, signIn.publicOrigin);
      const answer = await signIn.handle(request);
      const cookie = signIn.cookieOf(request.headers.cookie);
      if (cookie !== undefined) ctx.principals.forget(cookie);
      return sendAnswer(reply, answer);
    },
  );

  app.get(
    '/v1/auth/get-session',
    {
      schema: {
        tags,
        summary: 'The session, or null; keeps one that is in use alive',
        response: { 200: sessionSchema },
      },
    },
    async (request, reply) => sendAnswer(reply, await signIn.handle(request)),
  );

  app.post(
    '/v1/auth/change-password',
    {
      config: limited,
      schema: {
        tags,
        summary: 'Change your password',
        body: z.strictObject({
          currentPassword: z.string().max(1000),
          newPassword: passwordSchema,
          revokeOtherSessions: z.literal(true).default(true).describe('All other sessions end'),
        }),
        response: { 200: sessionSchema },
      },
    },
    async (request, reply) => {
      refuseOtherOrigins(request, signIn.publicOrigin);
      const cookie = signIn.cookieOf(request.headers.cookie);
      const user = cookie === undefined ? undefined : await signIn.userOf(cookie);
      const attempt = () => signIn.handle(request);
      // A session that somebody left open is no place to guess the password, either.
      const answer = user ? withLockout(ctx.db, { email: user.email, ip: request.ip }, attempt) : attempt();
      return sendAnswer(reply, await answer);
    },
  );

  for (const [path, summary, body] of [
    [
      'request-password-reset',
      'Have a link mailed that sets a new password; the answer does not tell whether there is such an account',
      z.strictObject({ email: emailSchema }),
    ],
    [
      'reset-password',
      'Set a new password by a mailed token',
      z.strictObject({ token: z.string().max(200), newPassword: passwordSchema }),
    ],
  ] as const) {
    app.post(
      `/v1/auth/${path}`,
      { config: limited, schema: { tags, summary, body, response: { 200: sessionSchema } } },
      async (request, reply) => {
        refuseOtherOrigins(request, signIn.publicOrigin);
        return sendAnswer(reply, await signIn.handle(request));
      },
    );
  }

  app.post(
    '/v1/auth/sign-in/social',
    {
      config: limited,
      schema: {
        tags,
        summary: 'Begin to sign in with the provider; the answer says where to send the browser',
        body: z.strictObject({
          provider: z.literal('oidc'),
          callbackURL: z.string().max(1000).optional().describe('A path here, to come back to'),
        }),
        response: { 200: sessionSchema },
      },
    },
    async (request, reply) => {
      refuseOtherOrigins(request, signIn.publicOrigin);
      return sendAnswer(reply, await signIn.handle(request));
    },
  );

  app.get(
    '/v1/auth/callback/:provider',
    {
      config: limited,
      schema: {
        tags,
        summary: 'Where the provider sends the browser back to',
        params: z.object({ provider: z.literal('oidc') }),
        querystring: z.looseObject({}),
        response: { 302: z.null() },
      },
    },
    async (request, reply) => {
      const answer = await signIn.handle(request);
      copyCookies(reply, answer);
      return reply.redirect(answer.headers.get('location') ?? signIn.publicUrl);
    },
  );

  app.get(
    '/v1/setup',
    {
      schema: {
        tags,
        summary: 'Whether this server still needs an owner',
        response: {
          200: z.object({
            needsOwner: z.boolean(),
            singleSignOn: z.object({ providerId: z.string(), name: z.string() }).nullable(),
            mails: z
              .boolean()
              .describe('Whether mail is sent; if not, links for new passwords are in the log of the server'),
          }),
        },
      },
    },
    async () => ({
      needsOwner: await needsOwner(ctx.db),
      singleSignOn: signIn.singleSignOn,
      mails: signIn.mailer.delivers,
    }),
  );

  app.post(
    '/v1/setup',
    {
      config: limited,
      schema: {
        tags,
        summary:
          'Make the owner of a new server and sign them in; only while it has none, by the link it prints or an owner’s key',
        body: z.strictObject({
          name: nameSchema,
          email: emailSchema,
          password: passwordSchema,
          organisation: nameSchema,
          token: z
            .string()
            .max(200)
            .optional()
            .describe('Of the link that the server prints; not needed with an owner’s key'),
        }),
        response: { 201: z.object({ email: z.string() }) },
      },
    },
    async (request, reply) => {
      refuseOtherOrigins(request, signIn.publicOrigin);
      const { name, email, password, organisation, token } = request.body;
      await requireSetUp(ctx, request, token);
      await makeOwner(ctx.db, { name, email, organisation, passwordHash: await signIn.hashPassword(password) });
      copyCookies(reply, await signIn.open({ email, password }, request));
      return reply.code(201).send({ email });
    },
  );
}

/** Nobody becomes the owner by coming first: it takes the link that the server prints, or an owner's key. */
async function requireSetUp(ctx: Context, request: FastifyRequest, token: string | undefined): Promise<void> {
  if (token !== undefined && ctx.signIn.isSetupToken(token)) return;
  if (bearerKey(request) !== undefined) {
    const { organisation, scopes } = await ctx.principals.admit(request, rolesOf('people:manage'), 'people:manage');
    // An owner may do everything, which a key with scopes may not.
    if (organisation.id === DEFAULT_ORGANISATION && scopes === null) return;
  }
  const message =
    'The owner is made by the link that the server prints when it starts (`quorate up`, `quorate serve api`), or with an owner’s API key without scopes; open that link.';
  throw new QuorateError('forbidden', message);
}

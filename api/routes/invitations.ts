import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  acceptInvitation,
  type InvitationRow,
  insertInvitation,
  listInvitations,
  openInvitation,
  revokeInvitation,
} from '../../db/queries/people.ts';
import { ROLES, type Role } from '../../db/schema/states.ts';
import { QuorateError } from '../../domain/failures.ts';
import { TIERS } from '../../domain/tiers.ts';
import { principalFor, refuseMore } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { hashKey } from '../keys.ts';
import { notFound } from '../problems.ts';
import { idParams, moment, momentSchema, pageOf, pageQuery, toPage } from '../schemas.ts';
import { copyCookies } from '../sign-in/answer.ts';
import { refuseOtherOrigins } from '../sign-in/origin.ts';
import { workShape } from './annotators.ts';
import { emailSchema, nameSchema, passwordSchema } from './sign-in.ts';

const tags = ['people'];
const limited = { rateLimit: { max: 30, timeWindow: 60_000 } };
export const INVITATION_MS = 7 * 86_400_000;

const WORK = Object.keys(workShape) as (keyof typeof workShape)[];

const tokenParams = z.object({ token: z.string().min(20).max(200) });

export const invitationSchema = z.object({
  id: z.uuid(),
  email: z.string(),
  role: z.enum(ROLES),
  tier: z.enum(TIERS).nullable().describe('Of annotators, as the next three; null for other roles'),
  workforce: z.string().nullable(),
  specializations: z.array(z.string()),
  languages: z.array(z.string()),
  state: z.enum(['open', 'accepted', 'revoked', 'expired']),
  createdAt: momentSchema,
  expiresAt: momentSchema,
});

export function invitationView(row: InvitationRow, now: Date): z.output<typeof invitationSchema> {
  const { id, email, role, tier, specializations, languages, createdAt, expiresAt, acceptedAt, revokedAt } = row;
  const workforce = role === 'annotator' ? row.workforce : null;
  const ended = acceptedAt ? 'accepted' : revokedAt ? 'revoked' : expiresAt <= now ? 'expired' : undefined;
  return {
    ...{ id, email, role, tier, workforce, specializations, languages, state: ended ?? 'open' },
    ...{ createdAt: moment(createdAt), expiresAt: moment(expiresAt) },
  };
}

export const sentShape = {
  link: z.string(),
  mailed: z.boolean().describe('Whether the link was handed to the mail server; if not, pass it on yourself'),
};

/** Asking people to join, and joining. */
export function invitationRoutes(app: App, ctx: Context): void {
  const { signIn } = ctx;

  app.post(
    '/v1/invitations',
    {
      config: { idempotency: 'sealed' },
      schema: {
        tags,
        summary: 'Invite somebody; the answer holds their link, this once, which is mailed too where mail is set up',
        body: z.strictObject({
          email: emailSchema,
          role: z.enum(ROLES),
          ...workShape,
          tier: workShape.tier.describe('Of an annotator, as all that follows; by default crowd'),
        }),
        response: {
          201: invitationSchema.extend(sentShape),
        },
      },
    },
    async (request, reply) => {
      const { email, role, ...work } = request.body;
      const field = WORK.find((name) => work[name] !== undefined);
      if (field && role !== 'annotator') {
        throw new QuorateError('invalid_input', `Only annotators have a ${field}, not a ${role}; leave it out.`, {
          field,
        });
      }
      const token = randomBytes(32).toString('base64url');
      const principal = principalFor(request);
      refuseMore(principal, role);
      const { organisation, keyId } = principal;
      const row = await insertInvitation(ctx.db, {
        organisationId: organisation.id,
        tokenHash: hashKey(token),
        email,
        role,
        ...work,
        tier: role === 'annotator' ? (work.tier ?? 'crowd') : null,
        invitedBy: keyId,
        expiresAt: new Date(ctx.now().getTime() + INVITATION_MS),
      });
      const sent = await sendLink(ctx, request, { token, email, role, organisation: organisation.name });
      return reply.code(201).send({ ...invitationView(row, ctx.now()), ...sent });
    },
  );

  app.get(
    '/v1/invitations',
    {
      schema: {
        tags,
        summary: 'Invitations, oldest first',
        querystring: pageQuery.extend({
          state: z.literal('open').optional().describe('Only those that can still be accepted'),
        }),
        response: { 200: pageOf(invitationSchema) },
      },
    },
    async (request) => {
      const { state, cursor, limit } = request.query;
      const organisationId = principalFor(request).organisation.id;
      const now = ctx.now();
      const openAt = state === 'open' ? now : undefined;
      const rows = await listInvitations(ctx.db, { organisationId, openAt, cursor, limit: limit + 1 });
      return toPage(rows, limit, (row) => invitationView(row, now));
    },
  );

  app.post(
    '/v1/invitations/:id/revoke',
    { schema: { tags, summary: 'Take an invitation back', params: idParams, response: { 204: z.null() } } },
    async (request, reply) => {
      const { id } = request.params;
      const organisationId = principalFor(request).organisation.id;
      if (!(await revokeInvitation(ctx.db, { id, organisationId }))) throw notFound('open invitation', id);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/v1/invitations/:token',
    {
      config: limited,
      schema: {
        tags,
        summary: 'What a link invites to',
        params: tokenParams,
        response: {
          200: z.object({ email: z.string(), role: z.enum(ROLES), organisation: z.string(), expiresAt: momentSchema }),
        },
      },
    },
    async (request) => {
      const row = await openInvitation(ctx.db, hashKey(request.params.token));
      if (!row) throw unusable();
      const { email, role, organisation, expiresAt } = row;
      return { email, role, organisation, expiresAt: moment(expiresAt) };
    },
  );

  app.post(
    '/v1/invitations/:token/accept',
    {
      config: limited,
      schema: {
        tags,
        summary: 'Join by a link; the answer sets the session cookie',
        params: tokenParams,
        body: z.strictObject({ name: nameSchema, password: passwordSchema }),
        response: { 201: z.object({ email: z.string() }) },
      },
    },
    async (request, reply) => {
      refuseOtherOrigins(request, signIn.publicOrigin);
      const { name, password } = request.body;
      const tokenHash = hashKey(request.params.token);
      // Before the slow hash: a made-up link costs a look.
      if (!(await openInvitation(ctx.db, tokenHash))) throw unusable();
      const accepted = { tokenHash, name, passwordHash: await signIn.hashPassword(password) };
      const joined = await acceptInvitation(ctx.db, accepted);
      if (!joined) throw unusable();
      copyCookies(reply, await signIn.open({ email: joined.email, password }, request));
      return reply.code(201).send({ email: joined.email });
    },
  );
}

/** The link that lets somebody in; mailed, where mail is set up. */
export async function sendLink(
  { signIn }: Context,
  request: FastifyRequest,
  invited: { token: string; email: string; role: Role; organisation: string },
): Promise<{ link: string; mailed: boolean }> {
  const { token, email, role, organisation } = invited;
  const link = `${signIn.publicUrl}/invitations/${token}`;
  if (!signIn.mailer.delivers) return { link, mailed: false };
  const text = `${organisation} invites you to Quorate as ${role}. Within a week, open\n\n${link}\n`;
  const mail = { to: email, subject: `Join ${organisation} on Quorate`, text };
  // The invitation is made, and its link is told this once: mail that fails does not take it away.
  const mailed = await signIn.mailer.send(mail).then(
    () => true,
    (err: unknown) => {
      request.log.warn({ err }, 'an invitation could not be mailed');
      return false;
    },
  );
  return { link, mailed };
}

function unusable(): QuorateError {
  return new QuorateError('not_found', 'This invitation was used, taken back or has expired; ask for a new one.');
}

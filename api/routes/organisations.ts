import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Principal } from '../../db/queries/annotators.ts';
import { insertOrganisation, listOrganisations, type OrganisationRow } from '../../db/queries/people.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { QuorateError } from '../../domain/failures.ts';
import { principalFor, refuseMore } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { madeIdOf } from '../idempotency.ts';
import { hashKey } from '../keys.ts';
import { moment, momentSchema, pageOf, pageQuery, toPage } from '../schemas.ts';
import { INVITATION_MS, invitationSchema, invitationView, sendLink, sentShape } from './invitations.ts';
import { emailSchema, nameSchema } from './sign-in.ts';

const tags = ['people'];

const organisationSchema = z.object({ id: z.uuid(), name: z.string(), createdAt: momentSchema });

function viewOf(row: OrganisationRow): z.output<typeof organisationSchema> {
  return { ...row, createdAt: moment(row.createdAt) };
}

/** The organisations of this server, which its owner makes: whoever owns the first one. */
export function organisationRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/organisations',
    {
      schema: {
        tags,
        summary: 'The organisations of this server; for the owners of the first one',
        querystring: pageQuery,
        response: { 200: pageOf(organisationSchema) },
      },
    },
    async (request) => {
      requireServerOwner(principalFor(request));
      const { cursor, limit } = request.query;
      return toPage(await listOrganisations(ctx.db, { cursor, limit: limit + 1 }), limit, viewOf);
    },
  );

  app.post(
    '/v1/organisations',
    {
      config: { idempotency: 'sealed' },
      schema: {
        tags,
        summary: 'Make an organisation and invite its owner; the answer holds their link, this once',
        body: z.strictObject({ name: nameSchema, email: emailSchema.describe('Whose it will be') }),
        response: {
          201: organisationSchema.extend({ invitation: invitationSchema.extend(sentShape) }),
        },
      },
    },
    async (request, reply) => {
      const principal = principalFor(request);
      requireServerOwner(principal);
      refuseMore(principal, 'owner');
      const { name, email } = request.body;
      const token = randomBytes(32).toString('base64url');
      const role = 'owner';
      const { organisation, invitation } = await insertOrganisation(ctx.db, {
        name,
        invitation: {
          ...{ organisationId: madeIdOf(request), tokenHash: hashKey(token), email, role, tier: null },
          invitedBy: principal.keyId,
          expiresAt: new Date(ctx.now().getTime() + INVITATION_MS),
        },
      });
      const sent = await sendLink(ctx, request, { token, email, role, organisation: name });
      const view = { ...invitationView(invitation, ctx.now()), ...sent };
      return reply.code(201).send({ ...viewOf(organisation), invitation: view });
    },
  );
}

function requireServerOwner({ organisation }: Principal): void {
  if (organisation.id === DEFAULT_ORGANISATION) return;
  throw new QuorateError('forbidden', 'Organisations are made by an owner of the first one of this server.');
}

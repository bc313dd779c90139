import { z } from 'zod';
import type { Principal } from '../../db/queries/annotators.ts';
import {
  createKey,
  findKey,
  type KeyRow,
  listKeys,
  listMembers,
  type MemberRow,
  revokeKey,
} from '../../db/queries/keys.ts';
import { changeRole, removeMember } from '../../db/queries/members.ts';
import { ROLES, type Role } from '../../db/schema/states.ts';
import { QuorateError } from '../../domain/failures.ts';
import { PERMISSIONS, type Permission } from '../access.ts';
import { principalFor, refuseMore, rolesOf } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { madeIdOf } from '../idempotency.ts';
import { hashKey, newApiKey } from '../keys.ts';
import { notFound } from '../problems.ts';
import { idParams, moment, momentSchema, pageOf, pageQuery, toPage } from '../schemas.ts';
import { nameSchema } from './sign-in.ts';

const tags = ['people'];

const scopeSchema = z.enum(Object.keys(PERMISSIONS) as [Permission, ...Permission[]]);

const keySchema = z.object({
  id: z.uuid(),
  name: z.string(),
  role: z.enum(ROLES),
  scopes: z.array(z.string()).nullable().describe('The permissions it is limited to; null: all of its role'),
  madeBy: z
    .string()
    .nullable()
    .describe('Id of the member who made it, or whose key made it; null for the server’s own'),
  createdAt: momentSchema,
  revokedAt: momentSchema.nullable(),
});

const memberSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  email: z.string(),
  role: z.enum(ROLES),
  annotatorId: z.uuid().nullable(),
  createdAt: momentSchema,
});

const endedSchema = {
  annotatorKeysEnded: z.int().describe('API keys of annotators that ended, as the member had made them'),
  withoutKey: z
    .array(z.object({ id: z.uuid(), name: z.string() }))
    .describe('Whose keys they were: the first hundred; `POST /v1/annotators/{id}/key` gives them another one'),
};

function viewOf(row: KeyRow): z.output<typeof keySchema> {
  return { ...row, createdAt: moment(row.createdAt), revokedAt: moment(row.revokedAt) };
}

function memberView(row: MemberRow): z.output<typeof memberSchema> {
  return { ...row, createdAt: moment(row.createdAt) };
}

/** An organisation's people and API keys. Annotators' keys are made with their annotator. */
export function peopleRoutes(app: App, ctx: Context): void {
  app.get(
    '/v1/members',
    {
      schema: {
        tags,
        summary: 'People who sign in, in the order they joined',
        querystring: pageQuery,
        response: { 200: pageOf(memberSchema) },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const organisationId = principalFor(request).organisation.id;
      const rows = await listMembers(ctx.db, { organisationId, cursor, limit: limit + 1 });
      return toPage(rows, limit, memberView);
    },
  );

  app.patch(
    '/v1/members/:id',
    {
      schema: {
        tags,
        summary:
          'Give a member another role, within a second or so; keys and open invitations that it may not make end with it',
        params: idParams,
        body: z.strictObject({ role: z.enum(ROLES) }),
        response: { 200: memberSchema.extend(endedSchema) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const principal = principalFor(request);
      refuseMore(principal, request.body.role);
      const organisationId = principal.organisation.id;
      const { role } = request.body;
      const givesKeys = rolesOf('annotators:write').includes(role);
      const admit = (present: Role) => refuseMore(principal, present);
      const row = await changeRole(ctx.db, { userId: id, organisationId, role, givesKeys, admit });
      if (!row) throw notFound('member', id);
      return { ...row, createdAt: moment(row.createdAt) };
    },
  );

  app.delete(
    '/v1/members/:id',
    {
      schema: {
        tags,
        summary:
          'Remove a member with their account, sessions, keys and open invitations; what they did stays, and the last owner cannot go',
        params: idParams,
        response: { 200: z.object(endedSchema) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const principal = principalFor(request);
      const admit = (role: Role) => refuseMore(principal, role);
      const ended = await removeMember(ctx.db, { userId: id, organisationId: principal.organisation.id, admit });
      if (!ended) throw notFound('member', id);
      return ended;
    },
  );

  app.get(
    '/v1/keys',
    {
      schema: {
        tags,
        summary: 'API keys, oldest first',
        querystring: pageQuery,
        response: { 200: pageOf(keySchema) },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const organisationId = principalFor(request).organisation.id;
      return toPage(await listKeys(ctx.db, { organisationId, cursor, limit: limit + 1 }), limit, viewOf);
    },
  );

  app.post(
    '/v1/keys',
    {
      config: { idempotency: 'sealed' },
      schema: {
        tags,
        summary: 'Make an API key; the answer holds it, this once',
        body: z.strictObject({
          name: nameSchema,
          role: z.enum(['owner', 'requester', 'reviewer', 'viewer']),
          scopes: z.array(scopeSchema).min(1).max(20).optional().describe('Limits it to these permissions of its role'),
        }),
        response: { 201: keySchema.extend({ apiKey: z.string() }) },
      },
    },
    async (request, reply) => {
      const { name, role, scopes } = request.body;
      const beyond = scopes?.find((scope) => !rolesOf(scope).includes(role));
      if (beyond !== undefined) {
        const message = `The role ${role} does not have the permission ${beyond}; leave it out or choose another role.`;
        throw new QuorateError('invalid_input', message, { field: 'scopes' });
      }
      const { organisation, personId, scopes: own } = principalFor(request);
      const more = scopes === undefined ? 'all of its role' : scopes.find((scope) => !own?.includes(scope));
      if (own && more !== undefined) {
        const message = `Your API key is limited to ${own.join(', ')}; it cannot make one that may do more (${more}). Name scopes among yours.`;
        throw new QuorateError('forbidden', message, { field: 'scopes' });
      }
      const apiKey = newApiKey();
      const made = { id: madeIdOf(request), madeBy: personId, organisationId: organisation.id };
      const key = { ...made, hash: hashKey(apiKey), role, name, scopes: scopes ?? null };
      return reply.code(201).send({ ...viewOf(await createKey(ctx.db, key)), apiKey });
    },
  );

  app.post(
    '/v1/keys/:id/revoke',
    {
      schema: {
        tags,
        summary: 'End a key; it stops working within a second or so',
        params: idParams,
        body: z.strictObject({}).optional(),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const principal = principalFor(request);
      const key = { id, organisationId: principal.organisation.id };
      const known = await findKey(ctx.db, key);
      if (!known) throw notFound('key', id);
      refuseWider(principal, known);
      await revokeKey(ctx.db, key);
      return reply.code(204).send(null);
    },
  );
}

/** Throws `forbidden` where a key with scopes would end one that may do more than it. */
function refuseWider(principal: Principal, { role, scopes }: Pick<KeyRow, 'role' | 'scopes'>): void {
  if (principal.scopes === null) return;
  if (scopes === null) refuseMore(principal, role);
  const more = scopes?.find((scope) => !principal.scopes?.includes(scope));
  if (more === undefined) return;
  const message = `Your API key is limited to ${principal.scopes.join(', ')}; it cannot end one that may do more (${more}).`;
  throw new QuorateError('forbidden', message);
}

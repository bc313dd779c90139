import { createHash } from 'node:crypto';
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Db } from '../db/client.ts';
import { type Claim, claimKey, dropClaim, storeAnswer, yieldClaim } from '../db/queries/idempotency.ts';
import { QuorateError } from '../domain/failures.ts';
import { bearerKey, principalFor } from './auth.ts';
import { seal, unseal } from './keys.ts';
import { newId } from './new-id.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set while a request with an Idempotency-Key is under way. */
    claim: Claim | null;
    /** Of the raw JSON body. */
    bodyHash: string | null;
  }
}

/**
 * Honours `Idempotency-Key` on writes: the same key with the same request gets the first answer again, so that a
 * client may repeat a write whose answer was lost. Only successes are remembered; a refused write changed nothing and
 * may simply be tried again. One that failed may have done its work: its repeat is carried out under the same id
 * (`madeIdOf`).
 */
export function honourIdempotencyKeys(app: FastifyInstance, db: Db): void {
  app.decorateRequest('claim', null);
  app.decorateRequest('bodyHash', null);

  app.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key'];
    const { method, config } = request.routeOptions;
    if (key === undefined || !honoursKeys(String(method), config)) return;
    if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
      const message = 'Idempotency-Key must be 1 to 255 visible ASCII characters without spaces.';
      throw new QuorateError('invalid_input', message, { field: 'Idempotency-Key' });
    }
    const asked = { principal: principalFor(request).keyId, key };
    const before = await claimKey(db, { ...asked, requestHash: requestHash(request), madeId: newId() });
    if ('madeId' in before) {
      request.claim = before;
      return;
    }
    if (before.requestHash !== requestHash(request)) {
      const message = 'This Idempotency-Key was used for another request; use a new one.';
      throw new QuorateError('idempotency_mismatch', message, { field: 'Idempotency-Key' });
    }
    if (before.status === null) {
      throw new QuorateError('idempotency_in_progress', 'The first request with this Idempotency-Key still runs.');
    }
    return replay(request, reply, { status: before.status, response: before.response });
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const { claim } = request;
    if (!claim) return payload;
    request.claim = null;
    const stored = reply.statusCode < 300 && (typeof payload === 'string' || payload == null);
    if (reply.statusCode >= 500) await yieldClaim(db, claim);
    else if (!stored) await dropClaim(db, claim);
    else await storeAnswer(db, { ...claim, status: reply.statusCode, response: toStore(request, reply, payload) });
    return payload;
  });
}

/** The id of what a request makes: the same when it is repeated with its Idempotency-Key; a new one without a key. */
export function madeIdOf(request: FastifyRequest): string {
  return request.claim?.madeId ?? newId();
}

/** The update id that makes Temporal, too, carry out a repeated request once; undefined without a key. */
export function updateIdOf(request: FastifyRequest): string | undefined {
  const { claim } = request;
  return claim ? createHash('sha256').update(`${claim.principal} ${claim.key}`).digest('hex') : undefined;
}

/** Whether a route remembers what it answered to an Idempotency-Key. */
export function honoursKeys(method: string, { access, idempotency }: FastifyContextConfig): boolean {
  return method !== 'GET' && method !== 'HEAD' && access !== 'anybody' && idempotency !== false;
}

function requestHash(request: FastifyRequest): string {
  return createHash('sha256')
    .update(`${request.method} ${request.url}\n${request.bodyHash ?? ''}`)
    .digest('hex');
}

function toStore(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  if (typeof payload !== 'string' || payload === '') return null;
  const key = secretOf(request);
  const location = reply.getHeader('location');
  const sealed = request.routeOptions.config.idempotency === 'sealed' && key !== undefined;
  return { location, ...(sealed ? { sealed: seal(payload, key) } : { text: payload }) };
}

/** What only the sender has: their key or session. */
function secretOf(request: FastifyRequest): string | undefined {
  return bearerKey(request) ?? /quorate\.session_token=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
}

function unsealed(text: string, request: FastifyRequest): string {
  try {
    return unseal(text, secretOf(request) ?? '');
  } catch {
    const message = 'The answer to this Idempotency-Key can be read only in the session that got it; use a new key.';
    throw new QuorateError('idempotency_mismatch', message, { field: 'Idempotency-Key' });
  }
}

function replay(request: FastifyRequest, reply: FastifyReply, before: { status: number; response: unknown }) {
  reply.code(before.status).header('idempotency-replayed', 'true');
  const stored = (before.response ?? {}) as { text?: string; sealed?: string; location?: string };
  if (stored.location !== undefined) reply.header('location', stored.location);
  const text = stored.sealed === undefined ? stored.text : unsealed(stored.sealed, request);
  if (text === undefined) return reply.send();
  return reply
    .type('application/json; charset=utf-8')
    .serializer((body: string) => body)
    .send(text);
}

import type { FastifyRequest } from 'fastify';
import type { Db } from '../db/client.ts';
import { type AnnotatorRow, type Principal, principalOf } from '../db/queries/annotators.ts';
import type { Role } from '../db/schema/states.ts';
import { QuorateError } from '../domain/failures.ts';
import { hashKey } from './keys.ts';
import { TimedCache } from './timed-cache.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route: some roles, or anybody. A route that does not say is not served. */
    access?: readonly Role[] | 'anybody';
    /** False for a route that has no use for an Idempotency-Key; `sealed` where the answer holds a secret. */
    idempotency?: false | 'sealed';
  }
  interface FastifyRequest {
    principal: Principal | null;
  }
}

// A suspension or a revoked key takes effect within this time.
const KEEP_MS = 1000;
const MAX_KEYS = 10_000;
// Longer than any key we make; longer ones are not worth hashing.
const MAX_KEY_LENGTH = 512;

/** Finds out who sends a request, asking the database at most once a second for each key. */
export class Principals {
  readonly #known: TimedCache<Principal | undefined>;

  constructor(db: Db, nowMs: () => number) {
    const load = (hash: string) => principalOf(db, hash);
    this.#known = new TimedCache({ load, keepMs: KEEP_MS, limit: MAX_KEYS, ahead: true, nowMs });
  }

  /** Throws `unauthorized` without a valid key, `forbidden` when its role is not among `access`. */
  async admit(request: FastifyRequest, access: readonly Role[]): Promise<Principal> {
    const key = bearerKey(request);
    if (key === undefined) {
      throw new QuorateError('unauthorized', 'Send your API key in the header "Authorization: Bearer KEY".');
    }
    const principal = key.length > MAX_KEY_LENGTH ? undefined : await this.#known.get(hashKey(key));
    if (!principal) throw new QuorateError('unauthorized', 'This API key is unknown or was revoked.');
    if (!access.includes(principal.role)) {
      const message = `A key of role ${principal.role} may not do this; it takes ${access.join(' or ')}.`;
      throw new QuorateError('forbidden', message);
    }
    return principal;
  }
}

/** The key a request carries, in either header. */
export function bearerKey(request: FastifyRequest): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  const own = request.headers['x-api-key'];
  return bearer ?? (typeof own === 'string' && own !== '' ? own : undefined);
}

/** The principal of a route that is not open to anybody. */
export function principalFor(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error('A route asks for a principal but lets anybody in.');
  return request.principal;
}

/** The annotator behind an annotator's key. */
export function annotatorFor(request: FastifyRequest): AnnotatorRow {
  const { annotator } = principalFor(request);
  if (!annotator) throw new Error('An annotator route let in a key without an annotator.');
  return annotator;
}

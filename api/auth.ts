import type { FastifyRequest } from 'fastify';
import { Batcher } from '../db/batcher.ts';
import type { Db } from '../db/client.ts';
import { type AnnotatorRow, type Principal, principalOfUser, principalsOf } from '../db/queries/annotators.ts';
import type { Role } from '../db/schema/states.ts';
import { QuorateError } from '../domain/failures.ts';
import { PERMISSIONS, type Permission } from './access.ts';
import { hashKey } from './keys.ts';
import { requireSameOrigin } from './sign-in/origin.ts';
import type { SignIn } from './sign-in/sign-in.ts';
import { TimedCache } from './timed-cache.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route: some roles, or anybody. Taken from the table in `access.ts`. */
    access?: readonly Role[] | 'anybody';
    permission?: Permission;
    /** False for a route that has no use for an Idempotency-Key; `sealed` where the answer holds a secret. */
    idempotency?: false | 'sealed';
  }
  interface FastifyRequest {
    principal: Principal | null;
  }
}

// A suspension, a revoked key or an ended session takes effect within this time.
const KEEP_MS = 1000;
const MAX_KEYS = 10_000;
// Longer than any key or cookie we make; longer ones are not worth looking at.
const MAX_KEY_LENGTH = 512;

/** Finds out who sends a request, asking the database at most once a second for each key or session. */
export class Principals {
  readonly #keys: TimedCache<Principal | undefined>;
  readonly #sessions: TimedCache<Principal | undefined>;
  readonly #signIn: SignIn;

  constructor(db: Db, signIn: SignIn, nowMs: () => number) {
    const kept = { keepMs: KEEP_MS, limit: MAX_KEYS, ahead: true, nowMs };
    this.#signIn = signIn;
    // Keys that were first used together become stale together: one statement for all of them, not a burst of many.
    const keys = new Batcher<string, Principal | undefined>({
      async run(hashes) {
        const principals = await principalsOf(db, hashes);
        return hashes.map((hash) => principals.get(hash));
      },
      keyOf: (hash) => hash,
      concurrency: 1,
      maxBatch: 100,
    });
    this.#keys = new TimedCache({ ...kept, load: (hash) => keys.add(hash) });
    this.#sessions = new TimedCache({
      ...kept,
      async load(cookie) {
        const user = await signIn.userOf(cookie);
        return user && principalOfUser(db, user.id);
      },
    });
  }

  /**
   * Throws `unauthorized` without a valid key or session, `forbidden` when its role is not among `access`, its scopes
   * leave `permission` out, or another site's page sends the session along.
   */
  async admit(request: FastifyRequest, access: readonly Role[], permission?: Permission): Promise<Principal> {
    const principal = await this.#find(request);
    const { role, scopes } = principal;
    if (!access.includes(role)) {
      throw new QuorateError('forbidden', `The role ${role} may not do this; it takes ${access.join(' or ')}.`);
    }
    if (scopes !== null && permission !== 'self' && !(permission !== undefined && scopes.includes(permission))) {
      const message = `This API key is limited to ${scopes.join(', ') || 'nothing'}; this takes ${permission}.`;
      throw new QuorateError('forbidden', message);
    }
    return principal;
  }

  /** Has a session looked up anew: it was just ended. */
  forget(cookie: string): void {
    this.#sessions.forget(cookie);
  }

  async #find(request: FastifyRequest): Promise<Principal> {
    const key = bearerKey(request);
    if (key !== undefined) {
      const principal = key.length > MAX_KEY_LENGTH ? undefined : await this.#keys.get(hashKey(key));
      if (!principal) throw new QuorateError('unauthorized', 'This API key is unknown or was revoked.');
      return principal;
    }
    const cookie = this.#signIn.cookieOf(request.headers.cookie);
    if (cookie === undefined) {
      throw new QuorateError(
        'unauthorized',
        'Sign in, or send your API key in the header "Authorization: Bearer KEY".',
      );
    }
    const principal = cookie.length > MAX_KEY_LENGTH ? undefined : await this.#sessions.get(cookie);
    if (!principal) throw new QuorateError('unauthorized', 'Your session has ended; sign in again.');
    if (request.method !== 'GET' && request.method !== 'HEAD') requireSameOrigin(request, this.#signIn.publicOrigin);
    return principal;
  }
}

/** Throws `forbidden` where a key with scopes would let in, change or remove somebody who may do more than it. */
export function refuseMore({ scopes }: Principal, role: Role): void {
  if (scopes === null) return;
  const more = (Object.keys(PERMISSIONS) as Permission[]).filter(
    (permission) => permission !== 'self' && permission !== 'work' && rolesOf(permission).includes(role),
  );
  const beyond = more.find((permission) => !scopes.includes(permission));
  if (beyond === undefined) return;
  const message = `Your API key is limited to ${scopes.join(', ')}; it has no say about who may do more, as the role ${role} may (${beyond}).`;
  throw new QuorateError('forbidden', message, { field: 'role' });
}

/** The roles that have a permission. */
export function rolesOf(permission: Permission): readonly Role[] {
  return PERMISSIONS[permission];
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

/** Looks again at who sends a request that has been under way for a while; throws as `Principals.admit` does. */
export async function admitAgain(principals: Principals, request: FastifyRequest): Promise<Principal> {
  const { access, permission } = request.routeOptions.config;
  if (access === 'anybody') throw new Error('A route asks again for a principal but lets anybody in.');
  request.principal = await principals.admit(request, access ?? [], permission);
  return request.principal;
}

/** The annotator behind an annotator's key or session. */
export function annotatorFor(request: FastifyRequest): AnnotatorRow {
  const { annotator } = principalFor(request);
  if (!annotator) throw new Error('An annotator route let in somebody who is no annotator.');
  return annotator;
}

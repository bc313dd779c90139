import type { FastifyRequest } from 'fastify';
import { QuorateError } from '../../domain/failures.ts';

/**
 * Throws `forbidden` unless a page of this very server sends the request: browsers send cookies along for any page,
 * and say in headers that no page can set which page it was.
 */
export function requireSameOrigin(request: FastifyRequest, publicOrigin: string): void {
  if (originIsOurs(request, publicOrigin) === true) return;
  const message = 'A signed-in browser may send this only from a page of this server; programs use an API key.';
  throw new QuorateError('forbidden', message);
}

/** Throws `forbidden` when a page of another server sends the request. Programs, which name no page, may. */
export function refuseOtherOrigins(request: FastifyRequest, publicOrigin: string): void {
  if (originIsOurs(request, publicOrigin) !== false) return;
  throw new QuorateError('forbidden', 'This may not be sent from a page of another server.');
}

/** Undefined when the request does not say. */
function originIsOurs({ headers }: FastifyRequest, publicOrigin: string): boolean | undefined {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  if (origin === undefined) return undefined;
  return origin === publicOrigin || (URL.canParse(origin) && new URL(origin).host === host);
}

import type { FastifyInstance } from 'fastify';
import type { Db } from '../db/client.ts';
import { OWNED, type Owned, organisationOf } from '../db/queries/ownership.ts';
import { BoundedMap } from '../domain/bounded-map.ts';
import { notFound } from './problems.ts';

const MAX_KNOWN = 50_000;

/**
 * Keeps organisations apart: whatever a request names by id in its path or as `campaignId` must belong to the caller's
 * organisation; else it is not there. What an annotator names (assignments, annotations) is checked to be theirs by the
 * statements that touch it.
 */
export function keepOrganisationsApart(app: FastifyInstance, db: Db): void {
  // Nothing ever changes hands.
  const known = new BoundedMap<string, string>(MAX_KNOWN);
  const require = async (what: Owned, id: string, organisationId: string) => {
    const key = `${what} ${id}`;
    const owner = known.get(key) ?? (await organisationOf(db, what, id));
    if (owner !== undefined) known.set(key, owner);
    if (owner !== organisationId) throw notFound(what, id);
  };
  app.addHook('preHandler', async (request) => {
    const organisationId = request.principal?.organisation.id;
    if (organisationId === undefined) return;
    const what = ownedBy(request.routeOptions.url ?? '');
    const { id } = (request.params ?? {}) as { id?: string };
    if (what !== undefined && id !== undefined) await require(what, id, organisationId);
    for (const part of [request.query, request.body]) {
      const campaignId = (part as { campaignId?: unknown } | null | undefined)?.campaignId;
      if (typeof campaignId === 'string') await require('campaign', campaignId, organisationId);
    }
  });
}

/** What the `:id` of a route is. */
export function ownedBy(url: string): Owned | undefined {
  const plural = /^\/v1\/([a-z]+)\/:id/.exec(url)?.[1];
  return OWNED.find((what) => `${what}s` === plural);
}

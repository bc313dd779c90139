import { z } from 'zod';
import { findAssignment, giveBack, type HeldAssignment } from '../../db/queries/leases.ts';
import {
  closeReport,
  dropDraft,
  extendLease,
  findDraft,
  insertReport,
  listReports,
  saveDraft,
} from '../../db/queries/workspace.ts';
import { QuorateError } from '../../domain/failures.ts';
import { annotatorFor, principalFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import { givenId, idParams, moment, momentSchema, pageOf, pageQuery, toPage } from '../schemas.ts';

const tags = ['assignments'];
// Each of these is harmless to repeat by its own rules.
const config = { idempotency: false } as const;

const MAX_DRAFT_CHARS = 256 * 1024;
/** However often it is extended, a lease lasts this many times its time at most. */
const MAX_LEASES = 4;

const draftSchema = z.object({ content: z.unknown(), updatedAt: momentSchema });
const reportSchema = z.object({
  id: z.uuid(),
  campaignId: z.uuid(),
  campaign: z.string().describe("The campaign's name"),
  taskId: z.uuid(),
  key: z.string().describe("The item's key"),
  annotatorId: z.uuid(),
  annotator: z.string(),
  reason: z.string(),
  createdAt: momentSchema,
  doneAt: momentSchema.nullable().describe('When somebody had seen to it'),
});

/** What an annotator does with an assignment beside answering it. */
export function workspaceRoutes(app: App, ctx: Context): void {
  const own = async (id: string, annotatorId: string): Promise<HeldAssignment> => {
    const assignment = await findAssignment(ctx.db, id);
    if (!assignment) throw notFound('assignment', id);
    if (assignment.annotatorId !== annotatorId) {
      throw new QuorateError('lease_foreign', 'This assignment was given to another annotator.');
    }
    return assignment;
  };

  app.post(
    '/v1/assignments/:id/extend',
    {
      config,
      schema: {
        tags,
        summary: `Give a lease its full time again while working; ${MAX_LEASES} times its time at most`,
        params: idParams,
        body: z.strictObject({}).optional(),
        response: { 200: z.object({ assignmentId: z.uuid(), expiresAt: momentSchema }) },
      },
    },
    async (request) => {
      const { id: assignmentId } = request.params;
      const { id: annotatorId } = annotatorFor(request);
      const { campaignId } = await own(assignmentId, annotatorId);
      const campaign = await ctx.campaigns.facts(campaignId);
      if (!campaign) throw notFound('campaign', campaignId);
      const { leaseMs } = campaign.settings;
      const expiresAt = await extendLease(ctx.db, { assignmentId, annotatorId, leaseMs, mostMs: MAX_LEASES * leaseMs });
      if (!expiresAt)
        throw new QuorateError('lease_expired', 'This assignment is not yours any more; ask for the next.');
      return { assignmentId, expiresAt: moment(expiresAt) };
    },
  );

  app.put(
    '/v1/assignments/:id/draft',
    {
      config,
      schema: {
        tags,
        summary: 'Keep an unfinished answer, in place of the one before; it outlives the lease',
        params: idParams,
        body: z.strictObject({ content: z.looseObject({}).describe('Whatever the page needs to show it again') }),
        response: { 200: z.object({ updatedAt: momentSchema }) },
      },
    },
    async (request) => {
      const { id: assignmentId } = request.params;
      const { id: annotatorId } = annotatorFor(request);
      const { content } = request.body;
      if (JSON.stringify(content).length > MAX_DRAFT_CHARS) {
        const message = `A draft may have ${MAX_DRAFT_CHARS / 1024} KiB at most; make it shorter.`;
        throw new QuorateError('payload_too_large', message, { field: 'content' });
      }
      await own(assignmentId, annotatorId);
      const updatedAt = await saveDraft(ctx.db, { assignmentId, annotatorId, content });
      if (!updatedAt) throw new QuorateError('conflict', 'This assignment was answered; it takes no more drafts.');
      return { updatedAt: moment(updatedAt) };
    },
  );

  app.get(
    '/v1/assignments/:id/draft',
    {
      config,
      schema: {
        tags,
        summary: 'Your unfinished answer; null where there is none',
        params: idParams,
        response: { 200: draftSchema.nullable() },
      },
    },
    async (request) => {
      const { id: assignmentId } = request.params;
      const { id: annotatorId } = annotatorFor(request);
      await own(assignmentId, annotatorId);
      const draft = await findDraft(ctx.db, { assignmentId, annotatorId });
      return draft && { content: draft.content, updatedAt: moment(draft.updatedAt) };
    },
  );

  app.delete(
    '/v1/assignments/:id/draft',
    { config, schema: { tags, summary: 'Throw a draft away', params: idParams, response: { 204: z.null() } } },
    async (request, reply) => {
      const { id: assignmentId } = request.params;
      const { id: annotatorId } = annotatorFor(request);
      await own(assignmentId, annotatorId);
      await dropDraft(ctx.db, { assignmentId, annotatorId });
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/v1/assignments/:id/report',
    {
      config,
      schema: {
        tags,
        summary: 'Say what is wrong with a task; if it is still yours it is given back',
        params: idParams,
        body: z.strictObject({ reason: z.string().trim().min(1).max(2000) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id: assignmentId } = request.params;
      const { id: annotatorId } = annotatorFor(request);
      const { campaignId } = await own(assignmentId, annotatorId);
      const { reason } = request.body;
      await insertReport(ctx.db, { assignmentId, annotatorId, reason });
      const lease = { assignmentId, annotatorId, as: 'skipped', note: reason } as const;
      const gone = await ctx.db.begin((tx) => giveBack(tx, lease));
      if (gone) ctx.chooser.closed(annotatorId, campaignId);
      return reply.code(204).send(null);
    },
  );

  const reportQuery = pageQuery.extend({
    state: z.enum(['open', 'done']).optional().describe('Those in this state alone'),
  });
  const reportsOf = async (
    of: Parameters<typeof listReports>[1]['of'],
    { state, cursor, limit }: z.output<typeof reportQuery>,
  ) => {
    const isDone = state === undefined ? undefined : state === 'done';
    const rows = await listReports(ctx.db, { of, isDone, cursor, limit: limit + 1 });
    return toPage(rows, limit, (row) => ({ ...row, createdAt: moment(row.createdAt), doneAt: moment(row.doneAt) }));
  };

  app.get(
    '/v1/reports',
    {
      schema: {
        tags: ['tasks'],
        summary: 'What annotators reported of tasks of all campaigns, newest first',
        querystring: reportQuery,
        response: { 200: pageOf(reportSchema) },
      },
    },
    async (request) => reportsOf({ organisationId: principalFor(request).organisation.id }, request.query),
  );

  app.get(
    '/v1/campaigns/:id/reports',
    {
      schema: {
        tags: ['campaigns'],
        summary: 'What annotators reported of tasks, newest first',
        params: idParams,
        querystring: reportQuery,
        response: { 200: pageOf(reportSchema) },
      },
    },
    async ({ params: { id: campaignId }, query }) => reportsOf({ campaignId }, query),
  );

  app.post(
    '/v1/campaigns/:id/reports/:reportId/done',
    {
      config,
      schema: {
        tags: ['campaigns'],
        summary: 'Note that a report was seen to; once more changes nothing',
        params: idParams.extend({ reportId: givenId }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id: campaignId, reportId } = request.params;
      const by = principalFor(request).keyId;
      if (!(await closeReport(ctx.db, { id: reportId, campaignId, by }))) throw notFound('report', reportId);
      return reply.code(204).send(null);
    },
  );
}

import { z } from 'zod';
import { findAssignment, giveBack } from '../../db/queries/leases.ts';
import { QuorateError } from '../../domain/failures.ts';
import { TASK_TYPE_NAMES } from '../../domain/tasks/task-type.ts';
import { admitAgain, annotatorFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import type { Offer } from '../next-task.ts';
import { notFound } from '../problems.ts';
import { givenId, idParams, microsSchema, moment, momentSchema, money, moneyOrNull, usdSchema } from '../schemas.ts';
import { submit } from '../submissions.ts';
import { WaitingRequests } from '../waiting-requests.ts';

const tags = ['assignments'];
// Each of these is harmless to repeat by its own rules.
/** Leases and answers are harmless to repeat by themselves. */
const unkeyed = { idempotency: false } as const;

// No task id and no kind: an annotator must not be able to tell gold from work.
export const offerSchema = z.object({
  assignmentId: z.uuid(),
  campaignId: z.uuid(),
  expiresAt: momentSchema,
  task: z.object({
    type: z.enum(TASK_TYPE_NAMES),
    config: z.unknown(),
    instructions: z.string(),
    payload: z.unknown(),
    priceUsd: usdSchema,
    priceMicros: microsSchema,
    hourlyUsd: usdSchema
      .nullable()
      .describe('Pay for a focused hour, up to the price; null where an answer pays its price'),
    hourlyMicros: microsSchema.nullable(),
    lateAnswers: z
      .enum(['pay', 'keep_unpaid'])
      .describe('Whether an answer is paid that came after its place was taken'),
    simulated: z.boolean(),
  }),
});

const receiptSchema = z.object({ annotationId: z.uuid(), assignmentId: z.uuid(), submittedAt: momentSchema });

const MAX_SECONDS = 86_400;
const MAX_WAIT_S = 60;

export function viewOf({ lease, campaign }: Offer): z.output<typeof offerSchema> {
  const { type, config, instructions, hourlyMicros, lateAnswers, simulated } = campaign.settings;
  const shown = campaign.type.present?.(lease.payload, lease.assignmentId).payload ?? lease.payload;
  return {
    assignmentId: lease.assignmentId,
    campaignId: lease.campaignId,
    expiresAt: moment(lease.expiresAt),
    task: {
      ...{ type, config, instructions, payload: shown, lateAnswers, simulated },
      ...money('price', lease.priceMicros),
      ...moneyOrNull('hourly', hourlyMicros === undefined ? null : BigInt(hourlyMicros)),
    },
  };
}

/** Asking for work and answering it. These touch the database alone, so they work while Temporal is away. */
export function assignmentRoutes(app: App, ctx: Context): void {
  const waiting = new WaitingRequests();

  app.post(
    '/v1/assignments/next',
    {
      config: unkeyed,
      schema: {
        tags,
        summary: 'Lease the next task, of one campaign or of any; 204 when there is none now',
        body: z
          .strictObject({
            campaignId: givenId.optional(),
            waitS: z
              .number()
              .min(0)
              .max(MAX_WAIT_S)
              .optional()
              .describe(
                'Wait this long for a task when there is none; beyond four of one annotator, the oldest request ends',
              ),
          })
          .optional(),
        response: { 200: offerSchema, 204: z.null() },
      },
    },
    async (request, reply) => {
      const me = annotatorFor(request);
      const { campaignId: asked, waitS = 0 } = request.body ?? {};
      const wait = waitS > 0 ? waiting.begin(me.id, reply.raw, ctx.closing) : undefined;
      const signal = wait?.signal ?? ctx.closing;
      const again = async () => {
        await admitAgain(ctx.principals, request);
        return annotatorFor(request);
      };
      const offer = await ctx.chooser.next(me, { campaignId: asked, waitMs: 1000 * waitS, signal, again });
      if (!offer) {
        await wait?.rest();
        return reply.code(204).send(null);
      }
      const { assignmentId: id, campaignId, taskId, slotNo } = offer.lease;
      ctx.recentLeases.set(id, { id, campaignId, taskId, slotNo, annotatorId: me.id, state: 'leased' });
      ctx.metrics.leases.inc();
      return viewOf(offer);
    },
  );

  app.post(
    '/v1/assignments/:id/annotation',
    {
      config: unkeyed,
      schema: {
        tags,
        summary: 'Answer an assignment; the same answer again gets the same receipt with status 200',
        params: idParams,
        body: z.strictObject({
          // Not left to this schema: the task type's own says which labels there are.
          label: z.unknown().optional().describe("Required; as the task's type wants it"),
          timeSpentS: z.number().min(0).max(MAX_SECONDS),
          confidence: z.number().min(0).max(1).optional(),
          comment: z.string().trim().max(2000).optional().describe('For whoever reads the answer; not compared'),
        }),
        response: { 200: receiptSchema, 201: receiptSchema },
      },
    },
    async (request, reply) => {
      const me = annotatorFor(request);
      const { receipt, fresh, campaignId } = await submit(ctx, me.id, request.params.id, request.body);
      ctx.metrics.submissions.inc({ outcome: fresh ? 'stored' : 'repeated' });
      if (fresh) {
        ctx.bell.ring();
        ctx.chooser.closed(me.id, campaignId);
      }
      const { annotationId, assignmentId, submittedAt } = receipt;
      return reply.code(fresh ? 201 : 200).send({ annotationId, assignmentId, submittedAt: moment(submittedAt) });
    },
  );

  for (const [action, as, summary] of [
    ['release', 'released', 'Give an assignment back unanswered'],
    ['skip', 'skipped', 'Give an assignment back because it cannot be answered well'],
  ] as const) {
    app.post(
      `/v1/assignments/:id/${action}`,
      {
        config: unkeyed,
        schema: {
          tags,
          summary,
          params: idParams,
          body: z.strictObject({ reason: z.string().max(1000).optional() }).optional(),
          response: { 204: z.null() },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const me = annotatorFor(request);
        const assignment = await findAssignment(ctx.db, id);
        if (!assignment) throw notFound('assignment', id);
        if (assignment.annotatorId !== me.id) {
          throw new QuorateError('lease_foreign', 'This assignment was given to another annotator.');
        }
        const note = request.body?.reason;
        const lease = { assignmentId: id, annotatorId: me.id, as, ...(note === undefined ? {} : { note }) };
        if (await ctx.db.begin((tx) => giveBack(tx, lease))) ctx.chooser.closed(me.id, assignment.campaignId);
        else refuseUnlessGone((await findAssignment(ctx.db, id))?.state);
        return reply.code(204).send(null);
      },
    );
  }
}

/** Giving back what was given back before is fine; what was answered or has expired cannot be given back. */
function refuseUnlessGone(state: string | undefined): void {
  if (state === 'released' || state === 'skipped') return;
  if (state === 'submitted' || state === 'late') {
    throw new QuorateError('conflict', 'This assignment was answered already.');
  }
  throw new QuorateError('lease_expired', 'This assignment has expired; the task went back to the queue by itself.');
}

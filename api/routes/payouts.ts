import { z } from 'zod';
import type { Principal } from '../../db/queries/annotators.ts';
import { type ActView, listActs, peopleWith } from '../../db/queries/payout-acts.ts';
import {
  type ItemView,
  importReport,
  itemViews,
  type RunView,
  resolveItem,
  runViews,
} from '../../db/queries/payout-reports.ts';
import { approveRun, bankFileOf, cancelRun, startRun } from '../../db/queries/payouts.ts';
import { type RefusedView, refusalsOf, type SettlementView, settlementsOf } from '../../db/queries/settlements.ts';
import { PAYOUT_ACTS, PAYOUT_ITEM_STATES, PAYOUT_RUN_STATES } from '../../db/schema/states.ts';
import { parsePeriod } from '../../domain/books/period.ts';
import { QuorateError } from '../../domain/failures.ts';
import { CENT_MICROS } from '../../domain/payouts/collect.ts';
import { refuseApproval, takesTwo } from '../../domain/payouts/four-eyes.ts';
import { REPORT_STATUSES } from '../../domain/payouts/reconcile.ts';
import { usd } from '../../domain/settings.ts';
import { principalFor, rolesOf } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import {
  givenId,
  idParams,
  microsSchema,
  moment,
  momentSchema,
  money,
  pageOf,
  pageQuery,
  toPage,
  usdSchema,
} from '../schemas.ts';

const tags = ['money'];
const MAX_LINES = 100_000;
/** So many lines of the longest kind. */
const MAX_REPORT_BYTES = 16 * 1024 * 1024;

const runSchema = z.object({
  id: z.uuid(),
  period: z.string(),
  state: z.enum(PAYOUT_RUN_STATES),
  startedBy: z.string().describe("The person's id; of a key that nobody made, the key's"),
  startedByName: z.string(),
  createdAt: momentSchema,
  frozenAt: momentSchema.nullable(),
  approvedBy: z.string().nullable(),
  approvedByName: z.string().nullable(),
  exportedAt: momentSchema.nullable(),
  closedAt: momentSchema.nullable(),
  note: z.string().nullable(),
  items: z.int().describe('How many payments it has'),
  ambiguous: z.int().describe('Payments whose outcome a person has to find out'),
  withoutAccount: z.int().describe('Recipients who have not said where their pay goes'),
  withoutAccountUsd: usdSchema,
  withoutAccountMicros: microsSchema,
  totalUsd: usdSchema,
  totalMicros: microsSchema,
  waitingUsd: usdSchema,
  waitingMicros: microsSchema,
  paidUsd: usdSchema,
  paidMicros: microsSchema,
  failedUsd: usdSchema.describe('Owed again, and part of the next run'),
  failedMicros: microsSchema,
  differenceUsd: usdSchema.describe(
    'What the books say has left, less what the provider says arrived; zero when closed',
  ),
  differenceMicros: microsSchema,
});

/** Payments that a run shows by itself. */
const PAYMENTS = 100;

/** Refused answers that a payment shows. */
const REFUSALS = 20;

const settlementSchema = z.object({
  answers: z.int(),
  accepted: z.int().describe('The vendor pays its workers for these'),
  refused: z.int(),
  chargedUsd: usdSchema.describe('What the vendor says the accepted ones cost, with its fee, and bonuses'),
  chargedMicros: microsSchema,
  refusals: z
    .array(
      z.object({
        taskId: z.uuid(),
        annotationId: z.uuid().nullable().describe('Null where it did not count, and a person had it paid'),
        orderKey: z.string().describe('Under which the vendor has the order'),
        responseKey: z.string().describe("The vendor's name of the answer"),
        workerId: z.string().describe("The vendor's name of its worker"),
        amountUsd: usdSchema.describe('As booked'),
        amountMicros: microsSchema,
        why: z.string(),
      }),
    )
    .describe(`The first ${REFUSALS}`),
});

const itemSchema = z.object({
  id: z.uuid(),
  recipient: z.string(),
  name: z.string().nullable(),
  channel: z.string().describe('`bank`, or the vendor'),
  paidBy: z
    .enum(['transfer', 'invoice', 'acceptance'])
    .describe("By the bank's file; to a vendor by its invoice, or by our accepting its workers' answers there"),
  state: z.enum(PAYOUT_ITEM_STATES),
  reference: z.string(),
  amountUsd: usdSchema,
  amountMicros: microsSchema,
  note: z.string().nullable(),
  settlement: settlementSchema.nullable().describe('Where it is paid by acceptance: what the vendor says'),
});

const wholeSchema = runSchema.extend({
  fourEyes: z
    .boolean()
    .describe('Two people or more may approve it, or could when it was approved: not the one who began it'),
  cannotApprove: z
    .string()
    .nullable()
    .describe('Of a run that waits to be approved: why not by you, though your role may; null where you can'),
  payments: z.array(itemSchema).describe(`The first ${PAYMENTS}, those that need a person before the others`),
  paymentsCursor: z
    .string()
    .nullable()
    .describe('Of the rest, for `GET /v1/payouts/{id}/payments`; null where these are all'),
});

const actSchema = z.object({
  id: z.uuid(),
  act: z.enum(PAYOUT_ACTS),
  paymentId: z.uuid().nullable().describe('What it was about; null: all payments'),
  personId: z.string(),
  name: z.string().describe('As they were called then'),
  keyName: z.string().nullable().describe('Of the API key that was used; null: they were signed in'),
  note: z.string().nullable(),
  at: momentSchema,
});

/** Paying out: one run a month. Its workflow collects, freezes and exports; people approve, report and find out. */
export function payoutRoutes(app: App, ctx: Context): void {
  const roles = rolesOf('pay:manage');
  const whole = async (by: Principal, id: string): Promise<z.output<typeof wholeSchema>> => {
    const organisationId = by.organisation.id;
    const [run] = await runViews(ctx.db, { organisationId, id, limit: 1 });
    if (!run) throw notFound('payout run', id);
    const { items, nextCursor } = toPage(
      await itemViews(ctx.db, id, { limit: PAYMENTS + 1 }),
      PAYMENTS,
      (item) => item,
    );
    const payments = await paymentsOf(items);
    return { ...viewOf(run), ...(await approvalOf(run, by)), payments, paymentsCursor: nextCursor };
  };
  const approvalOf = async (run: RunView, { organisation, personId, role }: Principal) => {
    if (run.state !== 'collecting' && run.state !== 'frozen') return { fourEyes: run.fourEyes, cannotApprove: null };
    const approvers = await peopleWith(ctx.db, { organisationId: organisation.id, roles });
    const refusal = refuseApproval({ ...run, approvers, personId, begunBy: run.startedBy });
    return { fourEyes: takesTwo(approvers), cannotApprove: (roles.includes(role) && refusal) || null };
  };
  const paymentsOf = async (items: readonly ItemView[]): Promise<z.output<typeof itemSchema>[]> => {
    const settled = items.filter(({ settles }) => settles).map(({ id }) => id);
    if (settled.length === 0) return items.map((item) => paymentOf(item, undefined, []));
    const [settlements, refusals] = await Promise.all([
      settlementsOf(ctx.db, settled),
      refusalsOf(ctx.db, settled, REFUSALS),
    ]);
    const byId = new Map(settlements.map((each) => [each.itemId, each]));
    return items.map((item) => {
      const mine = refusals.filter(({ itemId }) => itemId === item.id);
      return paymentOf(item, byId.get(item.id), mine);
    });
  };
  /** The run, if it is the caller's; acts come after. */
  const own = async (organisationId: string, id: string): Promise<void> => {
    if ((await runViews(ctx.db, { organisationId, id, limit: 1 })).length === 0) throw notFound('payout run', id);
  };

  app.get(
    '/v1/payouts',
    {
      schema: {
        tags,
        summary: 'Payout runs, newest first',
        querystring: pageQuery,
        response: { 200: pageOf(runSchema) },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const organisationId = principalFor(request).organisation.id;
      return toPage(await runViews(ctx.db, { organisationId, cursor, limit: limit + 1 }), limit, viewOf);
    },
  );

  app.post(
    '/v1/payouts',
    {
      schema: {
        tags,
        summary: 'Begin the payout run of a month that has ended; the same again finds it',
        body: z.strictObject({
          period: z.string().describe('Such as 2026-10 (UTC)'),
          leastUsd: usd.optional().describe('Who is owed less waits for the next run; by default a cent'),
        }),
        response: { 200: wholeSchema, 201: wholeSchema },
      },
    },
    async (request, reply) => {
      const by = principalFor(request);
      const { id, fresh } = await startRun(ctx.db, {
        organisationId: by.organisation.id,
        period: parsePeriod(request.body.period),
        leastMicros: request.body.leastUsd === undefined ? CENT_MICROS : BigInt(request.body.leastUsd),
        ...{ by, roles },
        now: ctx.now(),
      });
      if (fresh) ctx.bell.ring();
      return reply.code(fresh ? 201 : 200).send(await whole(by, id));
    },
  );

  app.get(
    '/v1/payouts/:id',
    { schema: { tags, summary: 'A payout run with its payments', params: idParams, response: { 200: wholeSchema } } },
    async (request) => whole(principalFor(request), request.params.id),
  );

  app.post(
    '/v1/payouts/:id/approve',
    {
      schema: {
        tags,
        summary: 'Let a frozen run go out; where two people or more may, another than the one who began it',
        params: idParams,
        response: { 200: wholeSchema },
      },
    },
    async (request) => {
      const by = principalFor(request);
      const { id } = request.params;
      await own(by.organisation.id, id);
      await approveRun(ctx.db, { runId: id, by, roles });
      ctx.bell.ring();
      return whole(by, id);
    },
  );

  app.post(
    '/v1/payouts/:id/cancel',
    {
      schema: {
        tags,
        summary: 'Take a run back before it is approved; everything is owed again',
        params: idParams,
        body: z.strictObject({ reason: z.string().trim().min(1).max(2000) }),
        response: { 200: wholeSchema },
      },
    },
    async (request) => {
      const by = principalFor(request);
      const { id } = request.params;
      await own(by.organisation.id, id);
      await cancelRun(ctx.db, { runId: id, reason: request.body.reason, by });
      ctx.bell.ring();
      return whole(by, id);
    },
  );

  app.get(
    '/v1/payouts/:id/payments',
    {
      schema: {
        tags,
        summary: 'The payments of a run, those that need a person first',
        params: idParams,
        querystring: pageQuery,
        response: { 200: pageOf(itemSchema) },
      },
    },
    async (request) => {
      const { id } = request.params;
      await own(principalFor(request).organisation.id, id);
      const { cursor, limit } = request.query;
      const page = toPage(await itemViews(ctx.db, id, { cursor, limit: limit + 1 }), limit, (item) => item);
      return { ...page, items: await paymentsOf(page.items) };
    },
  );

  app.get(
    '/v1/payouts/:id/acts',
    {
      schema: {
        tags,
        summary: 'Who did what to a run, and when',
        params: idParams,
        querystring: pageQuery,
        response: { 200: pageOf(actSchema) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { cursor, limit } = request.query;
      await own(principalFor(request).organisation.id, id);
      return toPage(await listActs(ctx.db, { runId: id, cursor, limit: limit + 1 }), limit, actOf);
    },
  );

  app.get(
    '/v1/payouts/:id/file',
    {
      schema: {
        tags,
        summary: "The bank's file of an exported run as CSV: the same bytes at every call",
        params: idParams,
        produces: ['text/csv'],
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await own(principalFor(request).organisation.id, id);
      const file = await bankFileOf(ctx.db, id);
      if (!file) throw new QuorateError('conflict', 'The run has not been exported yet; approve it first.');
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="payout-${file.period}.csv"`)
        .send(file.text);
    },
  );

  app.post(
    '/v1/payouts/:id/report',
    {
      bodyLimit: MAX_REPORT_BYTES,
      schema: {
        tags,
        summary: "Take in the provider's report: what became of each payment. The same again changes nothing",
        params: idParams,
        body: z.strictObject({
          lines: z
            .array(
              z.strictObject({
                reference: z.string().min(1).max(100),
                amountUsd: usd,
                status: z.enum(REPORT_STATUSES),
                line: z
                  .int()
                  .min(1)
                  .optional()
                  .describe('Of the file that it was read from, to be named by; by default its place here'),
              }),
            )
            .min(1)
            .max(MAX_LINES),
        }),
        response: { 200: wholeSchema },
      },
    },
    async (request) => {
      const by = principalFor(request);
      const { id } = request.params;
      await own(by.organisation.id, id);
      const lines = request.body.lines.map(({ reference, amountUsd, status, line }, at) => ({
        ...{ reference, status, line: line ?? at + 1 },
        amountMicros: BigInt(amountUsd),
      }));
      await importReport(ctx.db, { runId: id, lines, by });
      ctx.bell.ring();
      return whole(by, id);
    },
  );

  app.post(
    '/v1/payouts/:id/resolve',
    {
      schema: {
        tags,
        summary: 'Say what became of a payment that no report tells',
        params: idParams,
        body: z.strictObject({
          paymentId: givenId,
          outcome: z.enum(['paid', 'failed']),
          amountUsd: usd
            .optional()
            .describe('What has arrived of one that is paid, by default what its report says; the rest is owed again'),
          note: z.string().trim().min(1).max(2000).describe('How you know'),
        }),
        response: { 200: wholeSchema },
      },
    },
    async (request) => {
      const by = principalFor(request);
      const { id } = request.params;
      await own(by.organisation.id, id);
      const { paymentId: itemId, outcome, amountUsd, note } = request.body;
      const arrivedMicros = amountUsd === undefined ? undefined : BigInt(amountUsd);
      await resolveItem(ctx.db, { runId: id, itemId, outcome, arrivedMicros, note, by });
      ctx.bell.ring();
      return whole(by, id);
    },
  );
}

const actOf = (act: ActView): z.output<typeof actSchema> => ({ ...act, at: moment(act.at) });

function viewOf(run: RunView): z.output<typeof runSchema> {
  const { createdAt, frozenAt, exportedAt, closedAt, ...rest } = run;
  return {
    ...rest,
    createdAt: moment(createdAt),
    frozenAt: moment(frozenAt),
    exportedAt: moment(exportedAt),
    closedAt: moment(closedAt),
    ...money('withoutAccount', run.withoutAccountMicros),
    ...money('total', run.totalMicros),
    ...money('waiting', run.waitingMicros),
    ...money('paid', run.paidMicros),
    ...money('failed', run.failedMicros),
    ...money('difference', run.differenceMicros),
  };
}

function paymentOf(
  { settles, ...item }: ItemView,
  settlement: SettlementView | undefined,
  refusals: readonly RefusedView[],
): z.output<typeof itemSchema> {
  return {
    ...item,
    ...money('amount', item.amountMicros),
    paidBy: item.channel === 'bank' ? 'transfer' : settles ? 'acceptance' : 'invoice',
    settlement: settlement
      ? {
          ...{ answers: settlement.answers, accepted: settlement.accepted, refused: settlement.refused },
          ...money('charged', settlement.chargedMicros),
          refusals: refusals.map(({ itemId: _, detail, amountMicros, ...refusal }) => {
            return { ...refusal, ...money('amount', amountMicros), why: detail };
          }),
        }
      : null,
  };
}

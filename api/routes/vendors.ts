import { z } from 'zod';
import { listIncidents, resolveIncident } from '../../db/queries/vendor-incidents.ts';
import { noteWebhook } from '../../db/queries/vendor-units.ts';
import { circuitsOf, ordersOf, vendorFigures } from '../../db/queries/vendor-views.ts';
import { ORDER_STATES } from '../../db/schema/states.ts';
import { QuorateError } from '../../domain/failures.ts';
import { INCIDENT_RULINGS, rulingsOn } from '../../domain/vendors/incidents.ts';
import { VENDOR_NAMES } from '../../domain/vendors/names.ts';
import { principalFor } from '../auth.ts';
import type { App, Context } from '../context.ts';
import { notFound } from '../problems.ts';
import {
  givenId,
  idParams,
  microsSchema,
  moment,
  momentSchema,
  money,
  moneyOrNull,
  namedPageOf,
  namedPageQuery,
  namesOfPage,
  pageOf,
  pageQuery,
  toPage,
  usdSchema,
} from '../schemas.ts';

const tags = ['vendors'];
const MAX_WEBHOOK_BYTES = 1024 * 1024;

const figuresSchema = z.object({
  vendor: z.string(),
  orders: z.int(),
  openOrders: z.int(),
  tasks: z.int(),
  answers: z.int().describe('Taken in, late ones too'),
  spentUsd: usdSchema,
  spentMicros: microsSchema,
  meanSecondsToAnswer: z.number().nullable().describe('From the purchase to the answer'),
  goldTotal: z.int(),
  goldCorrect: z.int(),
  agreesWithDecision: z.number().nullable().describe('Share of its counted answers that became the decision'),
  circuit: z
    .object({ failures: z.int(), openUntil: momentSchema.nullable(), lastError: z.string().nullable() })
    .nullable(),
});

const incidentSchema = z.object({
  id: z.uuid(),
  orderId: z.uuid(),
  vendor: z.string(),
  kind: z.string(),
  detail: z.string(),
  evidence: z.unknown(),
  createdAt: momentSchema,
  rulings: z.array(z.enum(INCIDENT_RULINGS)).describe('How it can be resolved; empty where another page rules on it'),
  resolvedAt: momentSchema.nullable(),
  resolvedBy: z.string().nullable(),
  ruling: z.enum(INCIDENT_RULINGS).nullable(),
  note: z.string().nullable(),
  rejectsAt: momentSchema
    .nullable()
    .describe('When its rejection is carried out: until then it can be ruled to be paid. Null where none waits'),
});

const circuitSchema = z.object({
  vendor: z.string(),
  failures: z.int().describe('In a row'),
  openUntil: momentSchema.nullable().describe('Until then nothing is asked of the vendor'),
  lastError: z.string().nullable().describe('Null where it is about an order of another organisation'),
});

const orderSchema = z.object({
  id: z.uuid(),
  vendor: z.string(),
  state: z.enum(ORDER_STATES),
  priceUsd: usdSchema.describe('Of one answer at most, fees included'),
  priceMicros: microsSchema,
  tasks: z.int(),
  answersWanted: z.int(),
  answersIn: z.int().describe('Taken in, late ones too'),
  attempts: z.int(),
  estimateUsd: usdSchema.nullable().describe('Of the whole order, before it was sent'),
  estimateMicros: microsSchema.nullable(),
  estimateBasis: z.string().nullable().describe('Where that figure comes from'),
  lastError: z.string().nullable(),
  deadlineAt: momentSchema,
  createdAt: momentSchema,
  closedAt: momentSchema.nullable(),
});

/** What vendors tell us, and what became of what was bought of them. */
export async function vendorRoutes(app: App, ctx: Context): Promise<void> {
  app.get(
    '/v1/vendors',
    {
      schema: {
        tags,
        summary: 'Each vendor that was bought of: orders, answers, price, speed, agreement, and its circuit breaker',
        querystring: namedPageQuery,
        response: { 200: namedPageOf(figuresSchema) },
      },
    },
    async (request) => {
      const figures = await vendorFigures(ctx.db, principalFor(request).organisation.id);
      const { shown, nextCursor } = namesOfPage(
        figures.map(({ vendor }) => vendor),
        request.query,
      );
      const items = figures
        .filter(({ vendor }) => shown.has(vendor))
        .map(({ spentMicros, ...rest }) => ({ ...rest, ...money('spent', spentMicros) }));
      return { items, nextCursor };
    },
  );

  app.get(
    '/v1/campaigns/:id/vendor-incidents',
    {
      schema: {
        tags,
        summary: 'What a person has to look at, newest first: unknown outcomes, recalls, amended and invalid answers',
        params: idParams,
        querystring: pageQuery.extend({
          resolved: z
            .stringbool()
            .default(false)
            .describe('Those that are resolved, and how, instead of those that are not, or whose rejection waits'),
        }),
        response: { 200: pageOf(incidentSchema) },
      },
    },
    async ({ params: { id }, query: { resolved, cursor, limit } }) => {
      const rows = await listIncidents(ctx.db, { campaignId: id, resolved, limit: limit + 1, before: cursor ?? null });
      return toPage(rows, limit, (each) => {
        return { ...each, rulings: resolved ? [] : rulingsOn({ ...each, waits: each.rejectsAt !== null }) };
      });
    },
  );

  app.post(
    '/v1/campaigns/:id/vendor-incidents/:incidentId/resolve',
    {
      schema: {
        tags,
        summary: 'Rule on what happened at a vendor: what is to be done about it is done, once',
        params: idParams.extend({ incidentId: givenId }),
        body: z.strictObject({
          ruling: z
            .enum(INCIDENT_RULINGS)
            .describe(
              'seen: nothing is to be done. send_again: look for the order there, and buy what of it is missing. not_bought: they do not have it. accept, reject: pay an answer that was not taken in, or refuse it there: 7 days later, or as `rejectionWindowMs` says, and in any case before the vendor pays by itself; until then accept takes its place. leave_out: the answer counts no more, and another one is asked for',
            ),
          note: z.string().trim().min(1).max(1000).describe('How you know; what is rejected is told so to its worker'),
        }),
        response: { 200: z.object({ resolved: z.literal(true) }) },
      },
    },
    async (request) => {
      const { id: campaignId, incidentId: id } = request.params;
      const { ruling, note } = request.body;
      const by = principalFor(request).keyId;
      await resolveIncident(ctx.db, { campaignId, id, ruling, note, by, nowMs: ctx.now().getTime() });
      ctx.bell.ring();
      return { resolved: true as const };
    },
  );

  app.get(
    '/v1/campaigns/:id/vendor-orders',
    {
      schema: {
        tags,
        summary: "A campaign's orders at vendors, newest first, and these vendors' circuit breakers",
        params: idParams,
        querystring: pageQuery,
        response: { 200: pageOf(orderSchema).extend({ circuits: z.array(circuitSchema) }) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { limit, cursor } = request.query;
      const organisationId = principalFor(request).organisation.id;
      const orders = await ordersOf(ctx.db, id, { limit: limit + 1, before: cursor ?? null });
      const vendors = [...new Set(orders.map(({ vendor }) => vendor))];
      const circuits = vendors.length === 0 ? [] : await circuitsOf(ctx.db, { vendors, organisationId });
      const page = toPage(orders, limit, (order) => ({
        ...order,
        ...money('price', order.priceMicros),
        ...moneyOrNull('estimate', order.estimateMicros),
        deadlineAt: moment(order.deadlineAt),
        createdAt: moment(order.createdAt),
        closedAt: moment(order.closedAt),
      }));
      return { ...page, circuits };
    },
  );

  await app.register(async (scope) => {
    // The signature is over the bytes as they came.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_WEBHOOK_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    scope.post<{ Params: { vendor: string; path?: string }; Body: unknown }>(
      '/v1/vendors/:vendor/webhook/:path?',
      { config: { idempotency: false }, bodyLimit: MAX_WEBHOOK_BYTES, schema: { hide: true } },
      async (request, reply) => {
        const { vendor, path } = request.params;
        if (!(VENDOR_NAMES as readonly string[]).includes(vendor)) throw notFound('vendor', vendor);
        const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
        );
        const hint = ctx.readWebhook(vendor, {
          ...{ headers, body, nowMs: ctx.now().getTime() },
          ...(path === undefined ? {} : { path }),
        });
        if (!hint) throw new QuorateError('unauthorized', 'This webhook is not signed as its vendor would.');
        // A hint and no more: the order's workflow asks the vendor itself.
        const { orders } = await noteWebhook(ctx.db, { vendor, ...hint });
        if (orders > 0) ctx.bell.ring();
        return reply.code(202).send({ accepted: true });
      },
    );
  });
}

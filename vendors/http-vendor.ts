import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { z } from 'zod';
import { VENDOR_TYPES } from '../domain/vendors/capabilities.ts';
import { MAX_UNITS } from '../domain/vendors/limits.ts';
import { WORKERS_PAID } from '../domain/vendors/paying.ts';
import { VendorError } from './errors.ts';
import { baseUrlWith, createHttp } from './http.ts';
import { flatEstimate, hint, jsonFrom, lowerCased, mentionsIn } from './shared.ts';
import { call, type FetchedUnit, type Order, type Placement, type Vendor } from './vendor.ts';

export interface HttpVendorOptions {
  readonly baseUrl: string;
  readonly token: string;
  /** Of Standard Webhooks (`whsec_…`); without one no webhook is believed. */
  readonly webhookSecret?: string;
  readonly timeoutMs?: number;
  /** Requests a minute of this process at most. */
  readonly perMinute?: number | undefined;
}

const textSchema = z.union([z.string(), z.number().transform(String)]);

const placedSchema = z.looseObject({
  id: textSchema.optional(),
  units: z.array(z.looseObject({ key: textSchema, id: textSchema.optional() })).nullish(),
});

const responseSchema = z.looseObject({
  id: textSchema,
  workerId: textSchema,
  answers: z.record(z.string(), z.unknown()),
  // A time or price that is none must not keep an answer away.
  timeSpentS: textSchema.transform(Number).pipe(z.number().min(0).max(86_400)).optional().catch(undefined),
  costMicros: textSchema
    .pipe(z.string().regex(/^\d{1,15}$/))
    .optional()
    .catch(undefined),
});

const pageSchema = z.looseObject({
  units: z.array(
    z.looseObject({
      key: textSchema,
      state: z.enum(['open', 'done', 'cancelled', 'failed']),
      reason: z.string().nullish(),
      responses: z.array(responseSchema).nullish(),
    }),
  ),
  next: textSchema.nullish(),
});

const MAX_PAGES = 1000;

/** Whoever speaks Quorate's own vendor protocol; see docs/vendors.md. Orders are made by PUT under our key. */
export function createHttpVendor(options: HttpVendorOptions): Vendor {
  const { token, webhookSecret } = options;
  const http = createHttp({
    baseUrl: baseUrlWith(options.baseUrl, '/v1'),
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    secrets: [token, webhookSecret ?? ''],
    perMinute: options.perMinute,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  const at = (order: Order) => `/orders/${encodeURIComponent(order.key)}`;
  const settle = async (order: Order, responseId: string, body: object) => {
    const path = `${at(order)}/settlements/${encodeURIComponent(responseId)}`;
    await http({ method: 'PUT', path, body, repeatable: true });
    return 'done' as const;
  };

  return {
    name: 'http_vendor',
    capabilities: {
      types: VENDOR_TYPES.http_vendor,
      news: 'webhook_and_poll',
      price: 'set_by_us',
      workersPaid: WORKERS_PAID.http_vendor,
      maxUnits: MAX_UNITS.http_vendor,
      maxAnswers: 25,
      cancels: 'unit',
    },
    estimate: (order) => flatEstimate(order, 'the price of the order'),

    submit: call('idempotent_by_key', async (order) => {
      const { campaign, type, instructions, priceMicros, units, callbackUrl } = order;
      const body = { campaign, type, instructions, priceMicros: priceMicros.toString(), units, callbackUrl };
      const answer = await http({ method: 'PUT', path: at(order), body, repeatable: true });
      const placed = read(placedSchema, answer.json);
      // A vendor that has no ids of its own keeps ours.
      const ids = new Map(placed.units?.map(({ key, id }) => [key, id ?? key]));
      return {
        externalId: placed.id ?? order.key,
        units: Object.fromEntries(units.map(({ key }) => [key, ids.get(key) ?? key])),
      };
    }),

    fetch: call('read_only', async (order): Promise<FetchedUnit[]> => {
      const units: FetchedUnit[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MAX_PAGES; page++) {
        const { json } = await http({ method: 'GET', path: at(order), query: { cursor }, repeatable: true });
        const found = read(pageSchema, json);
        for (const { key, state, reason, responses } of found.units) {
          units.push({
            key,
            state,
            ...(typeof reason === 'string' ? { reason } : {}),
            responses: (responses ?? []).map(({ id, workerId, answers, timeSpentS, costMicros }) => ({
              id,
              workerId,
              answers,
              ...(timeSpentS === undefined ? {} : { timeSpentS }),
              ...(costMicros === undefined ? {} : { costMicros: BigInt(costMicros) }),
            })),
          });
        }
        cursor = found.next || undefined;
        if (cursor === undefined) return units;
      }
      throw new VendorError('permanent', `The order has more than ${MAX_PAGES} pages.`);
    }),

    cancel: call('idempotent_by_key', async (order, _placement, unitKeys) => {
      await http({ method: 'POST', path: `${at(order)}/cancel`, body: { units: unitKeys }, repeatable: true });
    }),

    settle: call('idempotent_by_key', (order, _placement, act) => {
      const reason = act.act === 'reject' ? { reason: act.reason } : {};
      return settle(order, act.responseId, { act: act.act, ...reason });
    }),

    bonusFeeMicros: () => 0n,

    // The bonus key is the resource's name, and yet it is tried once alone: money is never sent on a guess.
    bonus: call('at_most_once', async (order, _placement, act) => {
      const { key, responseId, workerId, amountMicros, reason } = act;
      const body = { responseId, workerId, amountMicros: amountMicros.toString(), reason };
      await http({ method: 'PUT', path: `${at(order)}/bonuses/${encodeURIComponent(key)}`, body, repeatable: false });
      return 'done' as const;
    }),

    findBonus: call('read_only', async (order, _placement: Placement, { key }) => {
      const path = `${at(order)}/bonuses/${encodeURIComponent(key)}`;
      return (await http({ method: 'GET', path, repeatable: true, accept: [404] })).status !== 404;
    }),

    parseWebhook({ headers: given, body }) {
      if (webhookSecret === undefined) throw new VendorError('permanent', 'No webhook secret is set.');
      const headers = lowerCased(given);
      try {
        new Webhook(webhookSecret).verify(Buffer.from(body), headers as Record<string, string>, { jsonParse: false });
      } catch (error) {
        if (!(error instanceof WebhookVerificationError)) throw error;
        throw new VendorError('permanent', 'The webhook’s signature or time is not right.');
      }
      return hint(headers['webhook-id'] ?? '', mentionsIn(jsonFrom(body), ['orderKey', 'orderId']));
    },
  };
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new VendorError(
    'permanent',
    `The vendor’s answer is not as agreed: ${issue?.path.join('.')}: ${issue?.message}.`,
  );
}

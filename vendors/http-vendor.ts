import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { VENDOR_TYPES } from '../domain/vendors/capabilities.ts';
import { MAX_UNITS } from '../domain/vendors/limits.ts';
import { WORKERS_PAID } from '../domain/vendors/paying.ts';
import { VendorError } from './errors.ts';
import { baseUrlWith, createHttp } from './http.ts';
import { pageOf, placementOf } from './http-vendor-answers.ts';
import { flatEstimate, hint, jsonFrom, lowerCased, mentionsIn } from './shared.ts';
import { call, type FetchedUnit, type Order, type Placement, type Vendor } from './vendor.ts';

export interface HttpVendorOptions {
  readonly baseUrl: string;
  readonly token: string;
  /** `whsec_` and base64, as Standard Webhooks has it, or any other text; without one no webhook is asked for or believed. */
  readonly webhookSecret?: string;
  readonly timeoutMs?: number;
  /** Requests a minute of this process at most. */
  readonly perMinute?: number | undefined;
}

const MAX_PAGES = 1000;
/** Says that there is no such act at this vendor. */
const NO_SUCH_ACT = [404, 405, 501];
/** Says that the vendor has an answer otherwise. */
const OTHERWISE: readonly (number | undefined)[] = [409, 410, 422];

/** Under which names a webhook may say whose order has news. */
const NAMES = ['orderKey', 'order_key', 'orderId', 'order_id', 'key', 'id'];

/** Whoever speaks Quorate's own vendor protocol; see docs/vendor-protocol.md. Orders are made by PUT under our key. */
export function createHttpVendor(options: HttpVendorOptions): Vendor {
  const { token, webhookSecret } = options;
  const webhooks = webhookSecret === undefined ? [] : webhooksOf(webhookSecret);
  const http = createHttp({
    baseUrl: baseUrlWith(options.baseUrl, '/v1'),
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    secrets: [token, webhookSecret ?? ''],
    perMinute: options.perMinute,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  const at = (order: Order) => `/orders/${encodeURIComponent(order.key)}`;

  return {
    name: 'http_vendor',
    capabilities: {
      types: VENDOR_TYPES.http_vendor,
      news: webhookSecret === undefined ? 'poll' : 'webhook_and_poll',
      price: 'set_by_us',
      workersPaid: WORKERS_PAID.http_vendor,
      maxUnits: MAX_UNITS.http_vendor,
      maxAnswers: 25,
      cancels: 'unit',
    },
    estimate: (order) => flatEstimate(order, 'the price of the order'),

    submit: call('idempotent_by_key', async (order) => {
      const { campaign, type, instructions, priceMicros, units } = order;
      // A webhook that will not be believed is not asked for.
      const callbackUrl = webhookSecret === undefined ? undefined : order.callbackUrl;
      const body = { campaign, type, instructions, priceMicros: priceMicros.toString(), units, callbackUrl };
      return placementOf(order, await http({ method: 'PUT', path: at(order), body, repeatable: true }));
    }),

    fetch: call('read_only', async (order): Promise<FetchedUnit[]> => {
      const units = new Map<string, FetchedUnit>();
      const seen = new Set<string>();
      let cursor: string | undefined;
      for (let page = 0; page < MAX_PAGES; page++) {
        const found = pageOf(await http({ method: 'GET', path: at(order), query: { cursor }, repeatable: true }));
        for (const { reason, ...unit } of found.units) {
          units.set(unit.key, { ...unit, ...(reason === undefined ? {} : { reason: http.excerpt(reason) }) });
        }
        cursor = found.next;
        // Whoever takes no notice of cursors sends all of it again.
        if (cursor === undefined || seen.has(cursor)) return [...units.values()];
        seen.add(cursor);
      }
      throw new VendorError('permanent', `The order has more than ${MAX_PAGES} pages.`);
    }),

    cancel: call('idempotent_by_key', async (order, _placement, unitKeys) => {
      await http({ method: 'POST', path: `${at(order)}/cancel`, body: { units: unitKeys }, repeatable: true });
    }),

    settle: call('idempotent_by_key', async (order, _placement, act) => {
      const path = `${at(order)}/settlements/${encodeURIComponent(act.responseId)}`;
      const body = { act: act.act, ...(act.act === 'reject' ? { reason: act.reason } : {}) };
      try {
        const { status } = await http({ method: 'PUT', path, body, repeatable: true, accept: NO_SUCH_ACT });
        return NO_SUCH_ACT.includes(status) ? 'unsupported' : 'done';
      } catch (error) {
        if (!(error instanceof VendorError) || error.kind !== 'permanent') throw error;
        if (!OTHERWISE.includes(error.status)) throw error;
        return { refused: error.message };
      }
    }),

    bonusFeeMicros: () => 0n,

    // The bonus key is the resource's name, and yet it is tried once alone: money is never sent on a guess.
    bonus: call('at_most_once', async (order, _placement, act) => {
      const { key, responseId, workerId, amountMicros, reason } = act;
      const path = `${at(order)}/bonuses/${encodeURIComponent(key)}`;
      const body = { responseId, workerId, amountMicros: amountMicros.toString(), reason };
      const { status } = await http({ method: 'PUT', path, body, repeatable: false, accept: NO_SUCH_ACT });
      return NO_SUCH_ACT.includes(status) ? 'unsupported' : 'done';
    }),

    findBonus: call('read_only', async (order, _placement: Placement, { key }) => {
      const path = `${at(order)}/bonuses/${encodeURIComponent(key)}`;
      return (await http({ method: 'GET', path, repeatable: true, accept: [404] })).status !== 404;
    }),

    parseWebhook({ headers: given, body }) {
      if (webhooks.length === 0) throw new VendorError('permanent', 'No webhook secret is set.');
      const headers = lowerCased(given);
      if (!webhooks.some((webhook) => isSigned(webhook, headers, body))) {
        throw new VendorError('permanent', 'The webhook’s signature or time is not right.');
      }
      return hint(headers['webhook-id'] ?? '', mentionsIn(jsonFrom(body), NAMES));
    },
  };
}

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** By each key that a secret may mean: what it is in base64, and, where nothing says that it is that, its own text. */
function webhooksOf(secret: string): Webhook[] {
  const [prefix, rest] = secret.startsWith('whsec_') ? ['whsec_', secret.slice(6)] : ['', secret];
  const decoded = BASE64.test(rest) ? Buffer.from(rest, 'base64') : Buffer.alloc(0);
  const keys = [decoded, Buffer.from(prefix === '' ? secret : '')].filter(({ length }) => length > 0);
  if (keys.length > 0) return keys.map((key) => new Webhook(key, { format: 'raw' }));
  throw new VendorError(
    'permanent',
    'QUORATE_VENDOR_WEBHOOK_SECRET must be whsec_ and base64, or a text without whsec_.',
  );
}

function isSigned(webhook: Webhook, headers: Readonly<Record<string, string | undefined>>, body: Uint8Array): boolean {
  try {
    webhook.verify(Buffer.from(body), headers as Record<string, string>, { jsonParse: false });
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}

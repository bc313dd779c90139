import { Webhook } from 'standardwebhooks';
import type { FormQuestion } from '../../../domain/vendors/form.ts';
import { createHttpVendor } from '../../../vendors/http-vendor.ts';
import type { Bench, BenchOptions } from '../bench.ts';
import { type Asked, answersOf, FakeServer, type Reply } from '../fake.ts';

interface Unit {
  readonly key: string;
  readonly id: string;
  readonly answers: number;
  readonly questions: FormQuestion[];
  state: 'open' | 'done' | 'cancelled';
  responses: { id: string; workerId: string; answers: unknown; timeSpentS: number; costMicros: string }[];
}

interface Stored {
  readonly id: string;
  readonly body: string;
  readonly priceMicros: string;
  readonly units: Unit[];
  readonly settled: Map<string, unknown>;
  readonly bonuses: Map<string, unknown>;
}

const TOKEN = 'planted-http-vendor-token';
const SECRET = `whsec_${Buffer.from('planted-webhook-secret-planted').toString('base64')}`;
const PAGE = 7;

/** Speaks Quorate's own vendor protocol as docs/vendor-protocol.md has it. */
export async function httpVendorBench(options: BenchOptions = {}): Promise<Bench & { readonly baseUrl: string }> {
  const orders = new Map<string, Stored>();
  let made = 0;

  const server = new FakeServer({
    faults: options.faults,
    admit: ({ headers }) =>
      headers.authorization === `Bearer ${TOKEN}` ? undefined : { status: 401, body: { error: 'who are you' } },
    answer,
    // All of it has our keys.
    resends: () => true,
  });
  const baseUrl = await server.start();
  const units = () => [...orders.values()].flatMap((order) => order.units);

  function answer(asked: Asked): Reply {
    const [, version, kind, encoded = '', action, detail] = asked.path.split('/');
    if (version !== 'v1' || kind !== 'orders') return { status: 404, body: { error: 'not here' } };
    const key = decodeURIComponent(encoded);
    const order = orders.get(key);
    if (asked.method === 'PUT' && action === undefined) return put(key, order, asked);
    if (!order) return { status: 404, body: { error: 'no such order' } };
    if (asked.method === 'GET' && action === undefined) {
      const from = Number(asked.query.get('cursor') ?? 0);
      const page = order.units
        .slice(from, from + PAGE)
        .map(({ key, id, state, responses }) => ({ key, id, state, responses }));
      return {
        status: 200,
        body: { id: order.id, units: page, next: from + PAGE < order.units.length ? `${from + PAGE}` : null },
      };
    }
    if (asked.method === 'POST' && action === 'cancel') {
      const gone = (asked.body as { units: string[] }).units;
      for (const unit of order.units) if (gone.includes(unit.key) && unit.state === 'open') unit.state = 'cancelled';
      return { status: 200, body: {} };
    }
    if (action === 'settlements') {
      order.settled.set(decodeURIComponent(detail ?? ''), asked.body);
      return { status: 200, body: {} };
    }
    if (action === 'bonuses') {
      const bonus = decodeURIComponent(detail ?? '');
      if (asked.method === 'GET') return { status: order.bonuses.has(bonus) ? 200 : 404, body: {} };
      order.bonuses.set(bonus, asked.body);
      return { status: 200, body: {} };
    }
    return { status: 404, body: { error: 'not here' } };
  }

  function put(key: string, known: Stored | undefined, asked: Asked): Reply {
    const body = asked.raw.toString('utf8');
    if (known && known.body !== body) return { status: 409, body: { error: 'another order has this key' } };
    const given = asked.body as {
      priceMicros: string;
      units: { key: string; answers: number; form: { questions: FormQuestion[] } }[];
    };
    const order = known ?? {
      id: `order-${++made}`,
      body,
      priceMicros: given.priceMicros,
      units: given.units.map((unit, at) => ({
        key: unit.key,
        id: `task-${made}-${at}`,
        answers: unit.answers,
        questions: unit.form.questions,
        state: 'open' as const,
        responses: [],
      })),
      settled: new Map(),
      bonuses: new Map(),
    };
    orders.set(key, order);
    return {
      status: known ? 200 : 201,
      body: { id: order.id, units: order.units.map(({ key, id }) => ({ key, id })) },
    };
  }

  return {
    baseUrl,
    vendor: createHttpVendor({ baseUrl, token: TOKEN, webhookSecret: SECRET, timeoutMs: options.timeoutMs ?? 2000 }),
    asked: server.asked,
    env: {
      ...{ QUORATE_VENDOR_BASE_URL: baseUrl, QUORATE_VENDOR_TOKEN: TOKEN },
      QUORATE_VENDOR_WEBHOOK_SECRET: SECRET,
    },
    secrets: [TOKEN, SECRET],
    showsPartial: true,
    cancelsStarted: true,
    recall() {
      for (const unit of units()) Object.assign(unit, { state: 'open', responses: [] });
    },
    work({ workers = 1, amend = false, part = false } = {}) {
      for (const order of orders.values()) {
        for (const [at, unit] of order.units.entries()) {
          if (part && at % 2 > 0) continue;
          if (amend) {
            unit.responses = unit.responses.map((each) => ({
              ...each,
              answers: answersOf(unit.questions, `${each.id} again`),
            }));
            continue;
          }
          for (let n = 0; n < workers && unit.state === 'open'; n++) {
            const nth = unit.responses.length + 1;
            const workerId = `w${nth}`;
            const answers = answersOf(unit.questions, `${unit.key} ${workerId}`);
            unit.responses.push({
              id: `${unit.id}-${nth}`,
              workerId,
              answers,
              timeSpentS: 9,
              costMicros: order.priceMicros,
            });
            if (unit.responses.length >= unit.answers) unit.state = 'done';
          }
        }
      }
    },
    purchases: (unitKey) => units().filter(({ key }) => key === unitKey).length,
    allPurchases: () => units().length,
    isCancelled: (unitKey) => units().some(({ key, state }) => key === unitKey && state === 'cancelled'),
    webhook(order, _placement, event = 'msg-1') {
      const body = JSON.stringify({ type: 'order.changed', data: { orderKey: order.key } });
      const at = new Date();
      const signature = new Webhook(SECRET).sign(event, at, body);
      const timestamp = `${Math.floor(at.getTime() / 1000)}`;
      const headers = { 'webhook-id': event, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
      return { headers, body: Buffer.from(body) };
    },
    stop: () => server.stop(),
  };
}

// A vendor of Quorate's open vendor protocol (docs/vendor-protocol.md), small enough to read in some minutes: it keeps
// orders in memory, and answers each task by itself after a second, as so many made-up workers, who say so. It pays nobody.
//   VENDOR_TOKEN=change-me node examples/reference-vendor.mjs 7500
// Webhooks are sent where VENDOR_WEBHOOK_SECRET (whsec_ and base64) is set; VENDOR_DELAY_MS is the time until the answers.
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const { VENDOR_TOKEN: token, VENDOR_WEBHOOK_SECRET: secret, VENDOR_DELAY_MS: delay = '1000' } = process.env;
if (!token) {
  console.error('VENDOR_TOKEN is not set; give it the value that Quorate has as QUORATE_VENDOR_TOKEN.');
  process.exit(2);
}
const PAGE = 50;
const WEBHOOK_WAITS_MS = [0, 1000, 5000, 30_000];
const orders = new Map();

/** A status with which a request ends, and why. */
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function insist(holds, status, message) {
  if (!holds) throw new Refusal(status, message);
}

/** The first thing each kind of question allows. */
function answerTo(question) {
  if (question.kind === 'number') return question.min;
  if (question.kind === 'spans') return [];
  if (question.kind === 'text') {
    return 'An answer of the reference vendor.'.padEnd(question.minLength, '.').slice(0, question.maxLength);
  }
  const values = question.options.map((option) => option.value);
  if (question.kind === 'ranking') return values.map((value) => [value]);
  return question.kind === 'choices' ? [values[0]] : values[0];
}

/** What made-up workers do: the answers to all tasks that are still open, each with an id that stays. */
function work(order) {
  for (const unit of order.units.filter(({ state }) => state === 'open')) {
    unit.state = 'done';
    unit.responses = Array.from({ length: unit.answers }, (_, at) => ({
      id: `${unit.id}-${at + 1}`,
      workerId: `stand-in-${at + 1}`,
      answers: Object.fromEntries(unit.form.questions.map((question) => [question.id, answerTo(question)])),
      timeSpentS: 1,
      costMicros: order.priceMicros,
    }));
  }
  tell(order).catch((error) => console.error(`No webhook was taken: ${error.message}`));
}

/** Posts a webhook, signed as Standard Webhooks has it, again and again under one id until somebody takes it. */
async function tell(order) {
  if (!order.callbackUrl || !secret) return;
  const id = `msg_${randomUUID()}`;
  const body = JSON.stringify({ type: 'order.changed', data: { orderKey: order.key } });
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  for (const waitMs of WEBHOOK_WAITS_MS) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const timestamp = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': `${timestamp}`,
      'webhook-signature': `v1,${signature}`,
    };
    const taken = await fetch(order.callbackUrl, { method: 'POST', headers, body }).catch(() => undefined);
    if (taken?.ok) return;
  }
  throw new Error(`${order.callbackUrl} did not answer 2xx.`);
}

/** The same text for the same content, in whatever order its members are. */
function canonical(value) {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const members = Object.keys(value).filter((name) => value[name] !== undefined);
  return `{${members
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
    .join()}}`;
}

const isMoney = (value) => typeof value === 'string' && /^\d{1,15}$/.test(value);
const isUnit = ({ key, answers, form } = {}) =>
  typeof key === 'string' && Number.isInteger(answers) && answers >= 1 && Array.isArray(form?.questions);

/** Takes an order: the same again is answered as the first time, another one under its key is refused. */
function buy(key, known, { callbackUrl, ...body }) {
  // Where webhooks go may change between two attempts; it is no part of what is bought.
  const content = canonical(body);
  insist(!known || known.content === content, 409, 'Another order has this key.');
  if (!known) {
    const right = isMoney(body.priceMicros) && Array.isArray(body.units) && body.units.every(isUnit);
    insist(right, 422, 'priceMicros or units are not as the protocol has them.');
    const id = `order-${orders.size + 1}`;
    const units = body.units.map((unit, at) => ({ ...unit, id: `${id}-${at + 1}`, state: 'open', responses: [] }));
    const order = { id, key, content, priceMicros: body.priceMicros, units, settled: new Map(), bonuses: new Map() };
    orders.set(key, order);
    setTimeout(work, Number(delay), order);
  }
  const order = orders.get(key);
  order.callbackUrl = callbackUrl;
  return [known ? 200 : 201, { id: order.id, units: order.units.map((unit) => ({ key: unit.key, id: unit.id })) }];
}

function look(order, cursor) {
  const from = Number(cursor ?? 0);
  const page = order.units.slice(from, from + PAGE);
  const units = page.map(({ key, id, state, responses }) => ({ key, id, state, responses }));
  return [200, { id: order.id, units, next: from + PAGE < order.units.length ? `${from + PAGE}` : null }];
}

/** What is answered stays so. */
function cancel(order, keys) {
  insist(Array.isArray(keys), 422, 'units is no list of keys.');
  for (const unit of order.units) if (keys.includes(unit.key) && unit.state === 'open') unit.state = 'cancelled';
  return [204];
}

/** The first word on an answer stands. */
function settle(order, responseId, { act, reason }) {
  responseOf(order, responseId);
  insist(
    act === 'accept' || (act === 'reject' && typeof reason === 'string'),
    422,
    'act is accept, or reject with a reason.',
  );
  const said = order.settled.get(responseId) ?? act;
  insist(said === act, 409, `The answer has another settlement: ${said}.`);
  order.settled.set(responseId, act);
  return [204];
}

function payBonus(order, key, body) {
  const { responseId, workerId, amountMicros } = body;
  insist(responseOf(order, responseId).workerId === workerId, 422, 'The answer is of another worker.');
  insist(isMoney(amountMicros), 422, 'amountMicros is no amount.');
  const known = order.bonuses.get(key);
  insist(!known || canonical(known) === canonical(body), 409, 'Another bonus has this key.');
  order.bonuses.set(key, body);
  return [known ? 200 : 201, body];
}

function responseOf(order, id) {
  const found = order.units.flatMap(({ responses }) => responses).find((response) => response.id === id);
  insist(found, 409, 'There is no such answer in this order.');
  return found;
}

function handle(method, url, body) {
  const [, version, kind, ...rest] = url.pathname.split('/').map(decodeURIComponent);
  const [key, action = '', detail] = rest;
  insist(version === 'v1' && kind === 'orders' && key, 404, 'There is nothing here.');
  const order = orders.get(key);
  if (method === 'PUT' && action === '') return buy(key, order, body);
  insist(order, 404, 'There is no such order.');
  switch (`${method} ${action}`) {
    case 'GET ':
      return look(order, url.searchParams.get('cursor') ?? undefined);
    case 'POST cancel':
      return cancel(order, body.units);
    case 'PUT settlements':
      return settle(order, detail, body);
    case 'PUT bonuses':
      return payBonus(order, detail, body);
    case 'GET bonuses':
      insist(order.bonuses.has(detail), 404, 'There is no such bonus.');
      return [200, order.bonuses.get(detail)];
    default:
      throw new Refusal(404, 'There is nothing here.');
  }
}

async function serve(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (request.headers.authorization !== `Bearer ${token}`) throw new Refusal(401, 'The token is not right.');
  const text = Buffer.concat(chunks).toString('utf8');
  return handle(request.method, new URL(request.url, 'http://localhost'), text === '' ? {} : JSON.parse(text));
}

const server = createServer((request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  serve(request)
    .then(([status, body]) => answer(status, body))
    .catch((error) => answer(error.status ?? 400, { error: error.message }));
});
server.listen(Number(process.argv[2] ?? 7500), '127.0.0.1', () => {
  console.log(`A stand-in vendor listens on http://127.0.0.1:${server.address().port}`);
});

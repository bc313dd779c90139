// A vendor of Quorate's open vendor protocol (docs/vendors.md), small enough to read in a minute: it keeps orders in
// memory and answers each task by itself after a second, as so many made-up workers. It says so in every answer.
//   VENDOR_TOKEN=change-me node examples/reference-vendor.mjs 7500
import { createServer } from 'node:http';

const port = Number(process.argv[2] ?? 7500);
const token = process.env.VENDOR_TOKEN;
if (!token) {
  console.error('VENDOR_TOKEN is not set; give it the value that Quorate has as QUORATE_VENDOR_TOKEN.');
  process.exit(2);
}
const ANSWERS_AFTER_MS = 1000;
const orders = new Map();

/** The first thing each kind of question allows. */
function answer(question) {
  if (question.kind === 'number') return question.min;
  if (question.kind === 'text') return 'An answer of the reference vendor.'.slice(0, question.maxLength);
  if (question.kind === 'spans') return [];
  const values = question.options.map((option) => option.value);
  if (question.kind === 'ranking') return values.map((value) => [value]);
  return question.kind === 'choices' ? [values[0]] : values[0];
}

function unitView(order, unit, at) {
  const answered = Date.now() - order.madeAt >= ANSWERS_AFTER_MS && !unit.cancelled;
  const responses = Array.from({ length: answered ? unit.answers : 0 }, (_, worker) => ({
    id: `${unit.key}-${worker + 1}`,
    workerId: `stand-in-${worker + 1}`,
    answers: Object.fromEntries(unit.form.questions.map((question) => [question.id, answer(question)])),
    timeSpentS: 1,
    costMicros: order.body.priceMicros,
  }));
  const state = unit.cancelled ? 'cancelled' : answered ? 'done' : 'open';
  return { key: unit.key, id: `${order.id}-${at + 1}`, state, responses };
}

function handle(method, path, body) {
  const [, version, kind, encoded, action] = path.split('/');
  if (version !== 'v1' || kind !== 'orders' || !encoded) return [404, { error: 'There is nothing here.' }];
  const key = decodeURIComponent(encoded);
  const known = orders.get(key);
  if (method === 'PUT' && action === undefined) {
    // The same order again is answered as the first time; another one under its key is refused.
    if (known && known.text !== JSON.stringify(body)) return [409, { error: 'Another order has this key.' }];
    const units = body.units.map((unit) => ({ ...unit, cancelled: false }));
    const order = known ?? {
      id: `order-${orders.size + 1}`,
      text: JSON.stringify(body),
      body,
      units,
      madeAt: Date.now(),
    };
    orders.set(key, order);
    return [known ? 200 : 201, { id: order.id, units: order.units.map((unit, at) => unitView(order, unit, at)) }];
  }
  if (!known) return [404, { error: 'There is no such order.' }];
  if (method === 'GET' && action === undefined) {
    return [200, { id: known.id, units: known.units.map((unit, at) => unitView(known, unit, at)), next: null }];
  }
  if (method === 'POST' && action === 'cancel') {
    for (const unit of known.units) if (body.units.includes(unit.key)) unit.cancelled = true;
    return [200, {}];
  }
  // Settlements: nobody is paid by a stand-in.
  if (method === 'PUT' && action === 'settlements') return [200, {}];
  return [404, { error: 'There is nothing here.' }];
}

async function serve(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const admitted = request.headers.authorization === `Bearer ${token}`;
  const path = new URL(request.url, 'http://localhost').pathname;
  const [status, body] = admitted
    ? handle(request.method, path, text === '' ? undefined : JSON.parse(text))
    : [401, { error: 'The token is not right.' }];
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const server = createServer((request, response) => {
  serve(request, response).catch(() => response.writeHead(400).end());
});
server.listen(port, '127.0.0.1', () => console.log(`A stand-in vendor listens on http://127.0.0.1:${port}`));

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededRng } from '../../domain/rng.ts';
import type { FormAnswers, FormQuestion } from '../../domain/vendors/form.ts';

/**
 * What a fake may do to a request. `lost`: it is carried out, and its answer never arrives. `hung` and `hung_after`: nothing is
 * ever answered, before or after carrying it out. `resent`: something on the way sent it twice, and the second answer is the one
 * that comes: a 409 where the vendor knows the key. `echoed` and `echoed_as_done`: it throws our credentials back with an
 * error, whose status may say that there is none.
 */
export type Fault =
  | 'none'
  | 'lost'
  | 'refused'
  | 'busy'
  | 'broken'
  | 'broken_after'
  | 'slow'
  | 'hung'
  | 'hung_after'
  | 'resent'
  | 'echoed'
  | 'echoed_as_done';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
  readonly raw: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FaultPlan {
  /** The same seed misbehaves in the same way. */
  readonly seed: string;
  /** Chance that a request is hit; after `most` hits all goes well, so that every test ends. */
  readonly share: number;
  readonly most: number;
  /** By default all but echoes. */
  readonly kinds?: readonly Fault[];
  /** Which requests may be hit; all by default. */
  readonly when?: (asked: Asked) => boolean;
}

/** A vendor's server, made up: a real HTTP server that keeps state and misbehaves on a seeded schedule. */
export class FakeServer {
  readonly asked: Asked[] = [];
  readonly #server: Server;
  readonly #faults: (asked: Asked) => Fault;
  /** What every request meets first; undefined lets it through. */
  readonly #admit: (asked: Asked) => Reply | undefined;
  readonly #answer: (asked: Asked) => Reply;
  readonly #resends: (asked: Asked) => boolean;

  constructor(given: {
    admit: (asked: Asked) => Reply | undefined;
    answer: (asked: Asked) => Reply;
    faults?: FaultPlan | undefined;
    /** What may be sent twice on the way: by default what only reads, as nobody resends what has no key. */
    resends?: (asked: Asked) => boolean;
  }) {
    this.#admit = given.admit;
    this.#answer = given.answer;
    this.#faults = schedule(given.faults);
    this.#resends = given.resends ?? (({ method }) => method === 'GET');
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.writeHead(599).end(String(error)));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    // Those that were accepted just before, too.
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await readRequest(request);
    this.asked.push(asked);
    const refusal = this.#admit(asked);
    if (refusal) return send(response, refusal);
    const fault = this.#faults(asked);
    if (fault === 'refused') return void request.socket.destroy();
    if (fault === 'busy') return send(response, { status: 429, headers: { 'retry-after': '0.01' }, body: 'slow down' });
    if (fault === 'broken') return send(response, { status: 503, body: 'try later' });
    if (fault === 'hung') return;
    if (fault === 'echoed') return send(response, { status: 400, body: thrownBack(asked) });
    if (fault === 'echoed_as_done') return send(response, { status: 200, body: thrownBack(asked) });
    if (fault === 'resent' && this.#resends(asked)) this.#answer(asked);
    const reply = this.#answer(asked);
    if (fault === 'hung_after') return;
    if (fault === 'lost') return void request.socket.destroy();
    if (fault === 'broken_after') return send(response, { status: 500, body: 'oops' });
    if (fault === 'slow') return void setTimeout(() => send(response, reply), 20);
    return send(response, reply);
  }
}

const FAULTS: readonly Fault[] = [
  ...(['lost', 'refused', 'busy', 'broken', 'broken_after', 'slow'] as const),
  ...(['hung', 'hung_after', 'resent'] as const),
];

function schedule(plan: FaultPlan | undefined): (asked: Asked) => Fault {
  if (!plan) return () => 'none';
  const rng = seededRng(`faults ${plan.seed}`);
  let left = plan.most;
  const { kinds = FAULTS, when = () => true } = plan;
  return (asked) => {
    if (left <= 0 || !when(asked) || rng.next() >= plan.share) return 'none';
    left--;
    return kinds[Math.floor(rng.next() * kinds.length)] ?? 'none';
  };
}

/** What vendors write of an error, with all of a request's headers in it, again and again. */
function thrownBack({ headers, body }: Asked): unknown {
  const credentials = headers.authorization ?? '';
  const decoded = Buffer.from(credentials.split(' ')[1] ?? '', 'base64').toString('latin1');
  const said = `I do not like ${`your ${credentials.split(' ')[1]} ${decoded} `.repeat(40)}`;
  const errors = [{ message: said, extensions: { code: said } }];
  const again = typeof body === 'object' ? body : {};
  return { ...again, status: 'ERROR', error: said, reason: said, message: said, errors, rejected_count: 1 };
}

async function readRequest(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const url = new URL(request.url ?? '/', 'http://fake');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  const json = /[/+-](?:amz-)?json/.test(headers['content-type'] ?? '') && raw.length > 0;
  const body: unknown = json ? JSON.parse(raw.toString('utf8')) : undefined;
  return { method: request.method ?? '', path: url.pathname, query: url.searchParams, headers, body, raw };
}

function send(response: ServerResponse, reply: Reply): void {
  const json = typeof reply.body !== 'string' && !Buffer.isBuffer(reply.body);
  response.writeHead(reply.status, { ...(json ? { 'content-type': 'application/json' } : {}), ...reply.headers });
  response.end(reply.body === undefined ? '' : json ? JSON.stringify(reply.body) : (reply.body as string | Buffer));
}

/** What a made-up worker answers: for each question something its kind allows, drawn from `seed`. */
export function answersOf(questions: readonly FormQuestion[], seed: string): FormAnswers {
  const rng = seededRng(`worker ${seed}`);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(rng.next() * list.length)] as T;
  const answer = (question: FormQuestion): unknown => {
    switch (question.kind) {
      case 'choice':
        return pick(question.options).value;
      case 'choices':
        return [pick(question.options).value];
      case 'number':
        return question.min + Math.floor(rng.next() * (question.max - question.min + 1));
      case 'text':
        return `a fine answer, ${Math.floor(rng.next() * 1e6)}`;
      case 'ranking':
        return [...question.options].reverse().map(({ value }) => [value]);
      case 'spans':
        return [{ start: 0, end: 3, label: pick(question.options).value }];
    }
  };
  return Object.fromEntries(questions.map((question) => [question.id, answer(question)]));
}

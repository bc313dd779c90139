import { randomUUID } from 'node:crypto';
import { type Config, loadConfig } from '../runtime/config.ts';
import { readEndpoint } from '../runtime/endpoint.ts';
import { CliError, EXIT, exitCodeOf, usageError } from './output.ts';

/** The API's refusal, as its problem document says it. */
export class ApiError extends CliError {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;
  /** The whole problem document, with members of its own such as the rejected rows of an import. */
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(status: number, problem: Readonly<Record<string, unknown>>) {
    const { detail, title, field } = problem;
    const said = [detail, title].find((text) => typeof text === 'string' && text !== '');
    super(
      typeof said === 'string' ? said : `The server answered with status ${status}.`,
      exitCodeOf(status, problem.code),
    );
    this.name = 'ApiError';
    this.status = status;
    this.code = typeof problem.code === 'string' ? problem.code : `http_${status}`;
    this.field = typeof field === 'string' ? field : undefined;
    this.problem = problem;
  }
}

export interface RequestOptions {
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

const TRIES = 4;
const FIRST_WAIT_MS = 100;
/** What a server says it cannot do after such a time it has waited for itself: asking again would be as long. */
const WAITED_MS = 1900;
const REQUEST_TIMEOUT_MS = 60_000;

/** A small client of the HTTP API. Every refusal is thrown as ApiError, an unreachable server as CliError. */
export class ApiClient {
  readonly url: string;
  readonly #apiKey: string;
  readonly #timeoutMs: number;

  /** @param options `timeoutMs`: how long an answer may take, 60 s by default; a download only until it begins. */
  constructor(options: { url: string; apiKey: string; timeoutMs?: number }) {
    const { url, apiKey, timeoutMs = REQUEST_TIMEOUT_MS } = options;
    this.url = url.replace(/\/+$/, '');
    this.#apiKey = apiKey;
    this.#timeoutMs = timeoutMs;
  }

  /** The JSON answer of a GET, tried again a few times where the connection fails or the server asks for it. */
  async get(path: string): Promise<unknown> {
    return this.#retried(async () => this.#parsed(await this.#send(path, { method: 'GET', signal: this.#limit() })));
  }

  /** Sends JSON; one Idempotency-Key for all tries, so a write whose answer was lost is not done twice. */
  async post(path: string, body?: unknown): Promise<unknown> {
    return this.#write('POST', path, body);
  }

  async patch(path: string, body: unknown): Promise<unknown> {
    return this.#write('PATCH', path, body);
  }

  async put(path: string, body: unknown): Promise<unknown> {
    return this.#write('PUT', path, body);
  }

  /** Sends a stream once: it cannot be read again. */
  async upload(path: string, body: ReadableStream<Uint8Array>, options: RequestOptions): Promise<unknown> {
    const headers = { 'content-type': options.contentType ?? 'application/octet-stream' };
    // `duplex` is required by fetch for streamed bodies; its types do not know it yet.
    const init = { method: 'POST', headers, body, duplex: 'half', signal: options.signal ?? null } as RequestInit;
    return this.#parsed(await this.#send(path, init));
  }

  /** The answer's body as it comes. */
  async download(path: string): Promise<Response> {
    return this.#retried(async () => {
      const begun = new AbortController();
      const timer = setTimeout(() => begun.abort(timedOut()), this.#timeoutMs);
      try {
        return await this.#send(path, { method: 'GET', signal: begun.signal });
      } finally {
        clearTimeout(timer);
      }
    });
  }

  async #write(method: string, path: string, body: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const init = () => ({
      method,
      headers,
      body: JSON.stringify(body ?? {}),
      signal: this.#limit(),
    });
    return this.#retried(async () => this.#parsed(await this.#send(path, init())));
  }

  #limit(): AbortSignal {
    return AbortSignal.timeout(this.#timeoutMs);
  }

  async #retried<T>(send: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const sentMs = performance.now();
      try {
        return await send();
      } catch (error) {
        const hasWaited = error instanceof ApiError && performance.now() - sentMs > WAITED_MS;
        if (tries >= TRIES || hasWaited || !isPassing(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** (tries - 1)));
      }
    }
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${this.#apiKey}`);
    let response: Response;
    try {
      response = await fetch(`${this.url}${path}`, { ...init, headers });
    } catch (error) {
      throw this.#failed(error);
    }
    if (response.ok) return response;
    throw new ApiError(response.status, await problemOf(response));
  }

  async #parsed(response: Response): Promise<unknown> {
    let text: string;
    try {
      text = await response.text();
    } catch (error) {
      if (isTimeout(error)) throw this.#failed(error);
      const message = `The connection to Quorate at ${this.url} broke off before its answer was complete. Run it again.`;
      throw new Unreachable(message, EXIT.failure, { cause: error });
    }
    if (text === '') return undefined;
    try {
      return JSON.parse(text);
    } catch {
      throw new CliError(`${response.url} answered with something that is no JSON. Is it a Quorate server?`);
    }
  }

  /** Why there was no answer: what we were sending had a fault of its own, or the server is slow, or absent. */
  #failed(error: unknown): CliError {
    for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof CliError) return cause;
    if (!isTimeout(error)) return unreachable(this.url, error);
    const message = `Quorate at ${this.url} has not answered within ${this.#timeoutMs / 1000} seconds.`;
    return new CliError(`${message} It may be busy, and may still do what was asked: look before running it again.`);
  }
}

class Unreachable extends CliError {}

const timedOut = () => new DOMException('No answer in time.', 'TimeoutError');

function isTimeout(error: unknown): boolean {
  // After five minutes without an answer fetch gives up by itself.
  return error instanceof Error && (error.name === 'TimeoutError' || codeOf(error) === 'UND_ERR_HEADERS_TIMEOUT');
}

function codeOf(error: unknown): unknown {
  const { code } = (error instanceof Error ? (error.cause ?? error) : {}) as { code?: unknown };
  return code;
}

function unreachable(url: string, cause: unknown): CliError {
  const code = codeOf(cause);
  const why = typeof code === 'string' ? ` (${code})` : '';
  return new Unreachable(
    `No Quorate answers at ${url}${why}. Is it running? Start it with \`quorate up\`.`,
    EXIT.failure,
    {
      cause,
    },
  );
}

/** Whether the same request may succeed in a moment. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 429 || error.status === 503 || isStillRunning(error);
  return error instanceof Unreachable;
}

const isStillRunning = (error: ApiError) => error.code === 'idempotency_in_progress';

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(await response.text());
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The stack that commands talk to: QUORATE_URL with QUORATE_API_KEY, else the one running on the data folder. */
export function findStack(config: Config = loadConfig()): { url: string; apiKey: string } {
  const { url, apiKey, home } = config;
  if (url !== undefined && apiKey !== undefined) return { url, apiKey };
  const endpoint = readEndpoint(home);
  if (url !== undefined) {
    // The note's key belongs to the stack it names, and is sent to no other.
    if (endpoint?.url === url && endpoint.apiKey !== undefined) return { url, apiKey: endpoint.apiKey };
    throw usageError('QUORATE_URL is set, but QUORATE_API_KEY is not. Set it to an owner key of that server.');
  }
  const key = apiKey ?? endpoint?.apiKey;
  if (endpoint && key !== undefined) return { url: endpoint.url, apiKey: key };
  throw new CliError(
    'No Quorate is running here. Start it with `quorate up` in another terminal, ' +
      'or set QUORATE_URL and QUORATE_API_KEY to use one elsewhere.',
  );
}

/** A client of the stack that `findStack` finds. */
export function connectClient(config?: Config): ApiClient {
  return new ApiClient(findStack(config));
}

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
const REQUEST_TIMEOUT_MS = 60_000;

/** A small client of the HTTP API. Every refusal is thrown as ApiError, an unreachable server as CliError. */
export class ApiClient {
  readonly url: string;
  readonly #apiKey: string;

  constructor({ url, apiKey }: { url: string; apiKey: string }) {
    this.url = url.replace(/\/+$/, '');
    this.#apiKey = apiKey;
  }

  /** The JSON answer of a GET, tried again a few times where the connection fails or the server asks for it. */
  async get(path: string): Promise<unknown> {
    return parsed(await this.#retried(() => this.#send(path, { method: 'GET' })));
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
    return parsed(await this.#send(path, init));
  }

  /** The answer's body as it comes. */
  async download(path: string): Promise<Response> {
    return this.#retried(() => this.#send(path, { method: 'GET' }));
  }

  async #write(method: string, path: string, body: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const init = () => ({
      method,
      headers,
      body: JSON.stringify(body ?? {}),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    return parsed(await this.#retried(() => this.#send(path, init())));
  }

  async #retried(send: () => Promise<Response>): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await send();
      } catch (error) {
        if (tries >= TRIES || !(error instanceof CliError) || !isPassing(error)) throw error;
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
      throw unreachable(this.url, error);
    }
    if (response.ok) return response;
    throw new ApiError(response.status, await problemOf(response));
  }
}

class Unreachable extends CliError {}

function unreachable(url: string, cause: unknown): CliError {
  const { code } = (cause instanceof Error ? (cause.cause ?? cause) : {}) as { code?: unknown };
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
function isPassing(error: CliError): boolean {
  if (error instanceof ApiError) return error.status === 429 || error.status === 503 || isStillRunning(error);
  return error instanceof Unreachable;
}

const isStillRunning = (error: ApiError) => error.code === 'idempotency_in_progress';

async function parsed(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError(`${response.url} answered with something that is no JSON. Is it a Quorate server?`);
  }
}

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

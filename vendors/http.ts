import { VendorError } from './errors.ts';
import { createPace } from './pace.ts';
import { attemptOf, SupersededError } from './purchase.ts';
import { within } from './within.ts';

const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
const MAX_RETRY_AFTER_MS = 3_600_000;
const MAX_EXCERPT = 300;
const MAX_REDIRECTS = 3;

export interface HttpOptions {
  /** With the vendor's usual path, e.g. `https://api.scale.com/v1`. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Texts that must appear in no error. */
  readonly secrets: readonly string[];
  /** Further hosts that may be called, e.g. where exports are downloaded. The base URL's own is always one. */
  readonly hosts?: readonly string[];
  readonly timeoutMs?: number;
  /** Requests a minute of this process at most; no limit where it is left out. */
  readonly perMinute?: number | undefined;
  /** What is said with a refusal is in no error: those who read it may not see everything on that host. */
  readonly isDiscreet?: boolean;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the base URL; or a whole URL on an allowed host, which is called without our credentials. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether repeating the request is harmless: decides what a lost answer means. */
  readonly repeatable: boolean;
  /** Statuses from 400 on that the caller handles. */
  readonly accept?: readonly number[];
  readonly timeoutMs?: number;
  /** The most that an answer may have, uncompressed (64 MiB). */
  readonly maxBytes?: number;
  /** Ends the request when nobody waits for its answer any more. */
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly json: unknown;
  /** Of what is a part of a text: its end may be amid a character. */
  readonly bytes: Uint8Array;
}

export type Http = ((request: HttpRequest) => Promise<HttpAnswer>) & {
  /** The beginning of what a vendor said, for an error: our credentials, should it throw them back, are not in it. */
  readonly excerpt: (text: string) => string;
};

/** The header of a key that some endpoints need and others do not; none of an empty one. */
export const bearer = (key: string): Readonly<Record<string, string>> =>
  key === '' ? {} : { authorization: `Bearer ${key}` };

/**
 * Calls one vendor. Every failure is a VendorError: a refusal is permanent; a lost answer, a time-out or a server's
 * error is retryable where repeating is harmless and else ambiguous; too many requests are retryable always. Redirects
 * are followed within the same origin alone (a slash at the end, for example), and no host is called but the allowed ones.
 */
export function createHttp(options: HttpOptions): Http {
  const base = readBaseUrl(options.baseUrl);
  const allowed = new Set(
    [base.href, ...(options.hosts ?? []).map((host) => `http://${host}`)].map((url) => hostOf(new URL(url))),
  );
  const clean = (text: string) => withoutSecrets(text, options.secrets);
  const excerpt = (text: string) => excerptOf(text, options.secrets);

  const pace = options.perMinute === undefined ? undefined : createPace(options.perMinute);

  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    await pace?.();
    const whole = /^https?:\/\//.test(request.path);
    const url = whole ? new URL(request.path) : below(base, request.path);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const place = `${request.method} ${url.host}${url.pathname}`;
    if (!allowed.has(hostOf(url))) {
      throw new VendorError('permanent', clean(`${place} was not called: ${url.host} is not an allowed host.`));
    }
    const attempt = await attemptOf({ changes: request.method !== 'GET' });
    const lost = request.repeatable ? 'retryable' : 'ambiguous';
    const raw = typeof request.body === 'string' || request.body instanceof FormData;
    const limit = {
      ms: request.timeoutMs ?? options.timeoutMs ?? 30_000,
      signals: [request.signal, attempt?.signal],
    };
    let response: Response;
    let bytes: Buffer;
    try {
      ({ response, bytes } = await within(limit, async (signal) => {
        const answered = await fetchWithin(url, {
          method: request.method,
          headers: {
            ...(whole ? {} : options.headers),
            ...(request.body === undefined || raw ? {} : { 'content-type': 'application/json' }),
            ...request.headers,
          },
          ...(request.body === undefined
            ? {}
            : { body: raw ? (request.body as string) : JSON.stringify(request.body) }),
          redirect: 'manual',
          signal,
        });
        return { response: answered, bytes: await readBytes(answered, request.maxBytes ?? MAX_RESPONSE_BYTES) };
      }));
    } catch (error) {
      if (error instanceof VendorError) throw error;
      // Without a later attempt it is this one that must say that its outcome is unknown.
      if (attempt?.signal.aborted && !(await attempt.isLatest())) throw new SupersededError();
      throw new VendorError(lost, clean(`${place} got no answer: ${reasonOf(error)}.`));
    }
    const { status } = response;
    const text = bytes.toString('utf8');
    const retryAfterMs = retryAfterOf(response.headers.get('retry-after'));
    if (status < 300 || request.accept?.includes(status)) return { status, text, json: asJson(text), bytes };
    const said = clean(`${place} answered ${status}${options.isDiscreet ? '' : `: ${excerpt(text)}`}`);
    if (status === 429) throw new VendorError('retryable', said, { status, retryAfterMs });
    if (status === 408 || status >= 500) throw new VendorError(lost, said, { status, retryAfterMs });
    // Another request of the same key is still under way there, or it is too early: harmless to ask again, and not refused.
    const underWay = status === 425 || ([409, 423].includes(status) && retryAfterMs !== undefined);
    if (underWay && request.repeatable) throw new VendorError('retryable', said, { status, retryAfterMs });
    throw new VendorError('permanent', said, { status });
  };
  return Object.assign(send, { excerpt });
}

/** A text without these secrets, also as they are written within JSON and addresses. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const written = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [
      ...[secret, JSON.stringify(secret).slice(1, -1), secret.replaceAll('/', '\\/'), encodeURIComponent(secret)],
    ]);
  return written
    .reduce((rest, secret) => rest.split(secret).join('[secret]'), text)
    .replace(OWN_ADDRESS, '/webhook/[secret]');
}

/** Of ours, at which whoever knows it is believed. */
const OWN_ADDRESS = /\\?\/webhook\\?\/[\w.~%-]+/g;

/** The beginning of a text without these secrets: a cut must not leave a part of one. */
export function excerptOf(text: string, secrets: readonly string[]): string {
  return withoutSecrets(text, secrets).slice(0, MAX_EXCERPT);
}

/** The host that a setting names, be it by an address there. */
export function hostIn(text: string, setting: string): string {
  const address = /^https?:\/\//i.test(text) ? text : `http://${text}`;
  if (URL.canParse(address)) return new URL(address).host;
  throw new VendorError('permanent', `${setting} has ${text}, which is no host; it must be like files.example.`);
}

/** One's own machine has several names. */
function hostOf({ hostname, host, port }: URL): string {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) ? `localhost:${port}` : host;
}

/**
 * Follows redirects within the origin: a changed method would be another request, so 301 to 303 do for GET alone, and 301
 * where nothing but a slash at the end is another.
 */
async function fetchWithin(first: URL, init: RequestInit): Promise<Response> {
  let url = first;
  for (let hop = 0; ; hop++) {
    const response = await fetch(url, init);
    const { status, headers } = response;
    const to = headers.get('location');
    if (to === null || hop === MAX_REDIRECTS || !URL.canParse(to, url.href)) return response;
    const next = new URL(to, url);
    const reads = init.method === 'GET' && [301, 302, 303].includes(status);
    // A slash that is missing, or too many, is told before anything is done.
    const slash = status === 301 && next.pathname !== url.pathname && slashed(next) === slashed(url);
    if (!reads && !slash && ![307, 308].includes(status)) return response;
    if (next.origin !== url.origin) return response;
    await response.body?.cancel();
    url = next;
  }
}

const slashed = ({ pathname, search }: URL): string => pathname.replace(/\/*$/, '/') + search;

/** A base URL, with or without a query. Throws VendorError, with `name` in it, for what cannot be called. */
export function readBaseUrl(given: string, name = 'The base URL'): URL {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  // What was given may hold a password, which no error must show.
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new VendorError('permanent', `${name} is no address; it must be like https://api.example.org/v1.`);
  }
  if (url.username === '' && url.password === '') return url;
  throw new VendorError('permanent', `${name} holds a user or password; credentials have settings of their own.`);
}

/** A base URL without a path gets the vendor's usual one. */
export function baseUrlWith(given: string, usualPath: string): string {
  const url = readBaseUrl(given);
  url.pathname = url.pathname === '/' ? usualPath : url.pathname.replace(/\/+$/, '');
  return url.href;
}

/** The base URL's own query goes along. */
function below(base: URL, path: string): URL {
  const url = new URL(base.origin + base.pathname.replace(/\/+$/, '') + path);
  for (const [name, value] of base.searchParams) url.searchParams.append(name, value);
  return url;
}

/** HTTP Basic credentials with an empty password. */
export function basicAuth(user: string): string {
  return `Basic ${Buffer.from(`${user}:`).toString('base64')}`;
}

/** The answer's JSON, which the vendor promised. */
export function jsonOf(answer: HttpAnswer): Record<string, unknown> {
  if (typeof answer.json === 'object' && answer.json !== null && !Array.isArray(answer.json)) {
    return answer.json as Record<string, unknown>;
  }
  throw new VendorError('retryable', `The vendor answered ${answer.status} without a JSON object.`);
}

/**
 * An answer's bytes, uncompressed: a few on the wire may be a thousand times as many.
 *
 * @param beyond what becomes of one that has more: its beginning will do, or it throws
 */
export async function readBytes(
  response: Response,
  maxBytes: number,
  beyond: 'cut' | 'throw' = 'throw',
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes && beyond === 'cut') break;
    if (size > maxBytes) throw new VendorError('permanent', `The vendor’s answer is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch {
    return undefined;
  }
}

/** Seconds or a date, as RFC 9110 has it; at most an hour. */
export function retryAfterOf(header: string | null): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms)) : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `, ${error.cause.message}` : '';
  return `${error.message}${cause}`;
}

import createClient from 'openapi-fetch';
import { hearTime } from './clock';
import type { paths } from './schema.gen';

const KEY = 'quorate.key';

/** An API key a person pasted instead of signing in; undefined with a session cookie, or with neither. */
export function storedKey(): string | undefined {
  return sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY) ?? undefined;
}

export function storeKey(key: string, stay: boolean): void {
  forgetKey();
  (stay ? localStorage : sessionStorage).setItem(KEY, key);
}

export function forgetKey(): void {
  sessionStorage.removeItem(KEY);
  localStorage.removeItem(KEY);
}

/** What the server refused, as RFC 9457 says it; `status` 0 where it was not reached at all. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: unknown;

  constructor(status: number, code: string, message: string, details?: unknown) {
    super(message);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The code of what did not reach the server. */
export const UNREACHED = 'network';
const unreached = () => new Problem(0, UNREACHED, 'The server could not be reached.');

export const api = createClient<paths>({ baseUrl: '/' });
api.use({
  onRequest({ request }) {
    const key = storedKey();
    if (key !== undefined) request.headers.set('authorization', `Bearer ${key}`);
    return request;
  },
  onError() {
    return unreached();
  },
});

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The body of an answer; throws `Problem` for every other answer. A 204 gives undefined. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  if (response.ok) return data as T;
  throw problemOf(response.status, error);
}

function problemOf(status: number, body: unknown): Problem {
  const { code, detail, message, title } = (typeof body === 'object' && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  const said = [detail, message, title].find((each) => typeof each === 'string' && each !== '');
  const words = typeof said === 'string' ? said : `The server answered with status ${status}.`;
  return new Problem(status, typeof code === 'string' ? code : String(status), words, body);
}

/** A call outside of the generated types: streams, and sign-in, whose routes are not described. */
export async function call(method: string, path: string, body?: unknown, init: RequestInit = {}): Promise<unknown> {
  const response = await send(method, path, body, init);
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  const read: unknown = isJson && text !== '' ? JSON.parse(text) : text;
  if (!response.ok) throw problemOf(response.status, read);
  return response.status === 204 ? undefined : read;
}

export async function send(method: string, path: string, body?: unknown, init: RequestInit = {}): Promise<Response> {
  const key = storedKey();
  const headers = new Headers(init.headers);
  if (key !== undefined) headers.set('authorization', `Bearer ${key}`);
  if (body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
  try {
    const raw = typeof body === 'string' || body instanceof Blob;
    const sent = body === undefined ? {} : { body: raw ? body : JSON.stringify(body) };
    const response = await fetch(path, { ...init, method, headers, ...sent });
    hearTime(response.headers.get('date'), Date.now());
    return response;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreached();
  }
}

import { VendorError } from './errors.ts';
import { createHttp, type Http, type HttpAnswer } from './http.ts';
import { UPLOAD_FILE } from './labelbox-queries.ts';
import { type Json, listOf, objectOf, textOf } from './shared.ts';

export interface GraphqlOptions {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly secrets: readonly string[];
  readonly hosts: readonly string[];
  readonly timeoutMs?: number;
  /** Requests a minute of this process at most. */
  readonly perMinute?: number | undefined;
}

export interface Operation {
  readonly query: string;
  readonly variables?: Json;
  /** Whether repeating it is harmless. */
  readonly repeatable: boolean;
  /** The official client sends some of its calls to an endpoint of their own. */
  readonly experimental?: true;
  /** A name that is taken is not a failure: undefined comes back. */
  readonly mayConflict?: true;
  /** Not every server knows it: undefined comes back where it is refused. */
  readonly mayBeUnknown?: true;
}

export interface Labelbox {
  readonly http: Http;
  /** The operation's data; undefined where its name is taken and `mayConflict`, or it is refused and `mayBeUnknown`. */
  run(operation: Operation): Promise<Json | undefined>;
  /** Puts a file where Labelbox can read it; returns its address. */
  upload(name: string, content: string): Promise<string>;
}

/** Statuses with which Labelbox sends a GraphQL error in the body. */
const WITH_ERRORS = [400, 404, 405, 409, 422, 426];
/** Labelbox's own codes, and those of usual GraphQL servers, of what will not pass by itself. */
const LASTING = new Set([
  ...['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED', 'BAD_USER_INPUT', 'MALFORMED_REQUEST'],
  ...['RESOURCE_NOT_FOUND', 'RESOURCE_CONFLICT', 'OPERATION_NOT_ALLOWED'],
]);
/** Codes that refuse whoever asks, by the status that says the same. */
const OF_THE_CALLER: Readonly<Record<string, number>> = {
  AUTHENTICATION_ERROR: 401,
  UNAUTHENTICATED: 401,
  AUTHORIZATION_ERROR: 403,
  FORBIDDEN: 403,
};
/** How a name that is taken is told where no code says it. */
const TAKEN = /already (exists|used|taken)|duplicate|not unique/i;
/** Of an internal error: what it says in `extensions.exception.status` when it will not pass. */
const LASTING_STATUSES = [400, 422, 426];

/** Labelbox's GraphQL, whose errors come with any status, as VendorErrors. */
export function createLabelboxApi(options: GraphqlOptions): Labelbox {
  const http = createHttp({
    baseUrl: options.baseUrl,
    headers: { authorization: `Bearer ${options.apiKey}`, accept: 'application/json' },
    secrets: [options.apiKey, ...options.secrets],
    hosts: options.hosts,
    perMinute: options.perMinute,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });

  const post = (path: string, body: unknown, { repeatable }: Rest) =>
    http({ method: 'POST', path, body, repeatable, accept: WITH_ERRORS }).catch((error: unknown) => {
      throw isLimit(error) ? new VendorError('retryable', error.message, { status: 429 }) : error;
    });

  function read({ status, json }: HttpAnswer, { repeatable, mayConflict, mayBeUnknown }: Rest): Json | undefined {
    const said = objectOf(json);
    // Too many requests are told beside the errors, whatever the status.
    const limit = textOf(said.message) ?? '';
    if (LIMIT.test(limit)) throw new VendorError('retryable', `Labelbox: ${http.excerpt(limit)}`, { status: 429 });
    const [error] = listOf(said.errors).map(objectOf);
    if (error) {
      const code = textOf(objectOf(error.extensions).code) ?? '';
      if (mayConflict && (code === 'RESOURCE_CONFLICT' || TAKEN.test(textOf(error.message) ?? ''))) return undefined;
      const failure = failureOf(error, { code, status, repeatable, excerpt: http.excerpt });
      const unknown = failure.kind === 'permanent' || (code === '' && UNKNOWN.test(failure.message));
      if (mayBeUnknown && unknown && failure.status === undefined) return undefined;
      throw failure;
    }
    if (status >= 400) throw new VendorError('permanent', `Labelbox answered ${status}.`, { status });
    // A page of some proxy: what was bought must not seem to be missing.
    if (!('data' in said)) {
      const message = `Labelbox answered ${status} without data.`;
      throw new VendorError(repeatable ? 'retryable' : 'ambiguous', message);
    }
    return objectOf(said.data);
  }

  /** Servers that follow the published documents have one endpoint for all. */
  let onlyOne = false;
  async function run({ query, variables = {}, experimental, ...rest }: Operation) {
    const body = { query, variables };
    if (!experimental || onlyOne) return read(await post('/graphql', body, rest), rest);
    const answer = await post('/_gql', body, rest);
    const isThere = ![404, 405].includes(answer.status) || 'errors' in objectOf(answer.json);
    if (isThere) return read(answer, rest);
    const data = read(await post('/graphql', body, rest), rest);
    onlyOne = true;
    return data;
  }

  return {
    http,
    run,

    async upload(name, content) {
      const variables = { file: null, contentLength: Buffer.byteLength(content), sign: false };
      const form = new FormData();
      form.set('operations', JSON.stringify({ variables, query: UPLOAD_FILE }));
      form.set('map', JSON.stringify({ 1: ['variables.file'] }));
      form.set('1', new Blob([content], { type: 'application/json' }), name);
      const repeatable = { repeatable: true };
      const url = textOf(objectOf(read(await post('/graphql', form, repeatable), repeatable)?.uploadFile).url);
      if (url === undefined) throw new VendorError('retryable', 'Labelbox took a file and did not say where it is.');
      return url;
    },
  };
}

type Rest = Omit<Operation, 'query' | 'variables' | 'experimental'>;

const LIMIT = /^You have exceeded/i;
const isLimit = (error: unknown): error is VendorError =>
  error instanceof VendorError && error.kind === 'permanent' && /You have exceeded/i.test(error.message);
/** How a server without codes says that it does not know what was asked. */
const UNKNOWN = /unknown|unsupported|cannot query|not (found|implemented|supported)/i;

function failureOf(
  error: Json,
  {
    code,
    status,
    repeatable,
    excerpt,
  }: { readonly code: string; readonly status: number; readonly repeatable: boolean } & Pick<Http, 'excerpt'>,
): VendorError {
  const said = textOf(error.message) ?? code;
  const message = `Labelbox: ${excerpt(code)}: ${excerpt(said)}`;
  if (LIMIT.test(said)) return new VendorError('retryable', message, { status: 429 });
  const caller = OF_THE_CALLER[code];
  if (caller !== undefined) return new VendorError('permanent', message, { status: caller });
  if (LASTING.has(code)) return new VendorError('permanent', message);
  // An internal error says in a status of its own whether it will pass; else the answer's says so.
  const inner = Number(objectOf(objectOf(error.extensions).exception).status);
  const refused = code !== 'INTERNAL_SERVER_ERROR' && status >= 400 && status < 500;
  if (refused || LASTING_STATUSES.includes(inner)) return new VendorError('permanent', message);
  return new VendorError(repeatable ? 'retryable' : 'ambiguous', message);
}

import { VendorError } from './errors.ts';
import { createHttp, type Http } from './http.ts';
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
}

export interface Labelbox {
  readonly http: Http;
  /** The operation's data; undefined where its name is taken and `mayConflict`. */
  run(operation: Operation): Promise<Json | undefined>;
  /** Puts a file where Labelbox can read it; returns its address. */
  upload(name: string, content: string): Promise<string>;
}

/** Statuses with which Labelbox sends a GraphQL error in the body. */
const WITH_ERRORS = [400, 404, 409, 422, 426];
const LASTING = new Set([
  'AUTHENTICATION_ERROR',
  'AUTHORIZATION_ERROR',
  'GRAPHQL_VALIDATION_FAILED',
  'GRAPHQL_PARSE_FAILED',
  'RESOURCE_NOT_FOUND',
  'RESOURCE_CONFLICT',
  'MALFORMED_REQUEST',
  'OPERATION_NOT_ALLOWED',
]);
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

  async function send(path: string, body: unknown, { repeatable, mayConflict }: Omit<Operation, 'query'>) {
    const answer = await http({ method: 'POST', path, body, repeatable, accept: WITH_ERRORS });
    const said = objectOf(answer.json);
    const [error] = listOf(said.errors).map(objectOf);
    if (error) {
      const code = textOf(objectOf(error.extensions).code) ?? '';
      if (mayConflict && (code === 'RESOURCE_CONFLICT' || TAKEN.test(textOf(error.message) ?? ''))) return undefined;
      throw failureOf(error, code, repeatable);
    }
    if (answer.status >= 400) throw new VendorError('permanent', `Labelbox answered ${answer.status}.`, answer);
    // A page of some proxy: what was bought must not seem to be missing.
    if (!('data' in said)) {
      const message = `Labelbox answered ${answer.status} without data.`;
      throw new VendorError(repeatable ? 'retryable' : 'ambiguous', message);
    }
    return objectOf(said.data);
  }

  return {
    http,
    run: ({ query, variables = {}, experimental, ...rest }) =>
      send(experimental ? '/_gql' : '/graphql', { query, variables }, rest),

    async upload(name, content) {
      const query =
        'mutation UploadFile($file: Upload!, $contentLength: Int!, $sign: Boolean) { uploadFile(file: $file, contentLength: $contentLength, sign: $sign) { url filename } }';
      const variables = { file: null, contentLength: Buffer.byteLength(content), sign: false };
      const form = new FormData();
      form.set('operations', JSON.stringify({ query, variables }));
      form.set('map', JSON.stringify({ 1: ['variables.file'] }));
      form.set('1', new Blob([content], { type: 'application/json' }), name);
      const url = textOf(objectOf((await send('/graphql', form, { repeatable: true }))?.uploadFile).url);
      if (url === undefined) throw new VendorError('retryable', 'Labelbox took a file and did not say where it is.');
      return url;
    },
  };
}

function failureOf(error: Json, code: string, repeatable: boolean): VendorError {
  const said = textOf(error.message) ?? code;
  const message = `Labelbox: ${code}: ${said.slice(0, 300)}`;
  if (said.startsWith('You have exceeded')) return new VendorError('retryable', message, { status: 429 });
  const status = Number(objectOf(objectOf(error.extensions).exception).status);
  if (LASTING.has(code) || LASTING_STATUSES.includes(status)) return new VendorError('permanent', message);
  return new VendorError(repeatable ? 'retryable' : 'ambiguous', message);
}

import { within } from '../../vendors/within.ts';

/** The HTTP door of the crowd: the same requests that any annotator's program would make. */

const REQUEST_TIMEOUT_MS = 10_000;
/** So long the server may look for work before it says that there is none. */
const WAIT_S = 5;

export interface Lease {
  readonly assignmentId: string;
  /** As the server said it, e.g. "pairwise". */
  readonly taskType: string;
  readonly payload: unknown;
  readonly config: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970; undefined if the server did not say. */
  readonly expiresAtMs: number | undefined;
}

export interface Submission {
  readonly label: string | { readonly choice: string };
  readonly timeSpentS: number;
  readonly confidence: number;
}

/** The server's refusal: its failure code, or `http_STATUS` where it sent none. */
export interface Refusal {
  readonly kind: 'refused';
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Nobody knows whether the request arrived, or the server asks to try again. */
interface Unclear {
  readonly kind: 'unclear';
}

export type NextResult =
  | { readonly kind: 'lease'; readonly lease: Lease }
  | { readonly kind: 'empty' }
  | Refusal
  | Unclear;
export type SubmitResult = { readonly kind: 'acknowledged'; readonly annotationId: string } | Refusal | Unclear;

/** One annotator's access to a Quorate server. */
export class Door {
  readonly #baseUrl: string;
  readonly #apiKey: string;

  constructor({ baseUrl, apiKey }: { baseUrl: string; apiKey: string }) {
    this.#baseUrl = baseUrl.replace(/\/+$/, '');
    this.#apiKey = apiKey;
  }

  /** Asks for the next assignment, of one campaign or of any; where there is none the server waits for one, until `end`. */
  async next(campaignId: string | undefined, end: AbortSignal): Promise<NextResult> {
    const ask = { waitS: WAIT_S, ...(campaignId === undefined ? {} : { campaignId }) };
    const answer = await this.#post('/v1/assignments/next', ask, end);
    if (answer === undefined) return { kind: 'unclear' };
    if (answer.status === 204) return { kind: 'empty' };
    if (answer.status !== 200) return refusalOf(answer);
    const lease = leaseOf(answer.body);
    return lease === undefined ? { kind: 'unclear' } : { kind: 'lease', lease };
  }

  /** Submits an answer; safe to repeat with the same body until it is acknowledged. */
  async submit(assignmentId: string, submission: Submission): Promise<SubmitResult> {
    const answer = await this.#post(`/v1/assignments/${encodeURIComponent(assignmentId)}/annotation`, submission);
    if (answer === undefined) return { kind: 'unclear' };
    if (answer.status !== 200 && answer.status !== 201) return refusalOf(answer);
    const { annotationId, id } = record(answer.body);
    const acknowledged = annotationId ?? id;
    return typeof acknowledged === 'string'
      ? { kind: 'acknowledged', annotationId: acknowledged }
      : { kind: 'unclear' };
  }

  /** Undefined when the connection broke, however far the request had come. */
  async #post(path: string, body: object, end?: AbortSignal): Promise<{ status: number; body: unknown } | undefined> {
    try {
      return await within({ ms: REQUEST_TIMEOUT_MS, signals: [end] }, async (signal) => {
        const response = await fetch(`${this.#baseUrl}${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${this.#apiKey}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
          signal,
        });
        const text = await response.text();
        return { status: response.status, body: text === '' ? undefined : parsed(text) };
      });
    } catch {
      return undefined;
    }
  }
}

function refusalOf({ status, body }: { status: number; body: unknown }): Refusal | Unclear {
  const { code, type, detail, title } = record(body);
  const fromType = typeof type === 'string' && type !== 'about:blank' ? type.split(/[/:#]/).at(-1) : undefined;
  const name = typeof code === 'string' ? code : fromType || `http_${status}`;
  if (status >= 500 || status === 429 || status === 408 || name === 'idempotency_in_progress')
    return { kind: 'unclear' };
  const message = typeof detail === 'string' ? detail : typeof title === 'string' ? title : `HTTP status ${status}`;
  return { kind: 'refused', status, code: name, message };
}

function leaseOf(body: unknown): Lease | undefined {
  const { assignmentId, task, expiresAt } = record(body);
  const { type, payload, config } = record(task);
  if (typeof assignmentId !== 'string' || typeof type !== 'string') return undefined;
  const expiresAtMs = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.NaN;
  return {
    assignmentId,
    taskType: type,
    payload,
    config: record(config),
    expiresAtMs: Number.isNaN(expiresAtMs) ? undefined : expiresAtMs,
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

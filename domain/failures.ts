interface FailureInfo {
  /** The HTTP status the API answers with. */
  readonly httpStatus: number;
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean;
  /** The short, fixed title of the problem; the error's message says what happened this time. */
  readonly title: string;
}

/** Every failure code, once. The API, activities and the command line all map from here. */
export const FAILURES = {
  malformed_request: { httpStatus: 400, retryable: false, title: 'The request cannot be read' },
  unauthorized: { httpStatus: 401, retryable: false, title: 'Sign-in or API key needed' },
  forbidden: { httpStatus: 403, retryable: false, title: 'Not allowed' },
  lease_foreign: { httpStatus: 403, retryable: false, title: 'The assignment belongs to someone else' },
  suspended: { httpStatus: 403, retryable: false, title: 'The annotator is suspended' },
  not_found: { httpStatus: 404, retryable: false, title: 'Not found' },
  conflict: { httpStatus: 409, retryable: false, title: 'In conflict with the current state' },
  lease_expired: { httpStatus: 409, retryable: false, title: 'The assignment has expired' },
  campaign_closed: { httpStatus: 409, retryable: false, title: 'The campaign is closed' },
  not_startable: { httpStatus: 409, retryable: false, title: 'The campaign cannot start' },
  budget_exceeded: { httpStatus: 409, retryable: false, title: 'The budget does not allow this' },
  budget_below_spent: { httpStatus: 409, retryable: false, title: 'The new budget is less than what is committed' },
  idempotency_in_progress: { httpStatus: 409, retryable: true, title: 'The first request is still running' },
  payload_too_large: { httpStatus: 413, retryable: false, title: 'Too large' },
  unsupported_media_type: { httpStatus: 415, retryable: false, title: 'Unsupported content type' },
  invalid_input: { httpStatus: 422, retryable: false, title: 'Invalid input' },
  idempotency_mismatch: { httpStatus: 422, retryable: false, title: 'Idempotency key used for another request' },
  too_many_requests: { httpStatus: 429, retryable: true, title: 'Too many requests' },
  unavailable: { httpStatus: 503, retryable: true, title: 'Temporarily unavailable' },
} as const satisfies Record<string, FailureInfo>;

export type FailureCode = keyof typeof FAILURES;

export interface FailureOptions {
  /** The input the failure is about, as a path: `config.labels`, `budgetUsd`. */
  readonly field?: string;
  /** Plain JSON for machines: ids, limits, further problems. Never personal data. */
  readonly details?: unknown;
  /** When the same request is worth trying again, in seconds. */
  readonly retryAfterS?: number;
  readonly cause?: unknown;
}

/** A failure we expect and can explain. Its message is one sentence for the user; any other Error is a bug. */
export class QuorateError extends Error {
  readonly code: FailureCode;
  // `declare`: a failure without a field has no such property, rather than an undefined one.
  declare readonly field?: string;
  declare readonly details?: unknown;
  declare readonly retryAfterS?: number;

  constructor(code: FailureCode, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'QuorateError';
    this.code = code;
    if (options.field !== undefined) this.field = options.field;
    if (options.details !== undefined) this.details = options.details;
    if (options.retryAfterS !== undefined) this.retryAfterS = options.retryAfterS;
  }

  get httpStatus(): number {
    return FAILURES[this.code].httpStatus;
  }

  get retryable(): boolean {
    return FAILURES[this.code].retryable;
  }
}

/** Whether `value` is one of our failure codes (used where an error has crossed a process boundary). */
export function isFailureCode(value: unknown): value is FailureCode {
  return typeof value === 'string' && Object.hasOwn(FAILURES, value);
}

/** For the default branch of an exhaustive switch: a value nobody handles is a bug. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${String(value)}`);
}

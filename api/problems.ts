import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import postgres from 'postgres';
import { z } from 'zod';
import { FAILURES, type FailureCode, QuorateError } from '../domain/failures.ts';

/** An error's answer as RFC 9457 wants it; `code` is the machine's word for it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly field?: string;
  readonly details?: unknown;
  readonly [extension: string]: unknown;
}

export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('One sentence: what was wrong, where, and what to do.'),
    code: z.string(),
    field: z.string().optional().describe('The input the problem is about, as a path.'),
    details: z.unknown().optional(),
  })
  .describe('RFC 9457 problem details');

export const PROBLEM_TYPE = 'application/problem+json';

/** A failure that carries further members of its problem document, e.g. the rejected lines of an import. */
export class ProblemWith extends QuorateError {
  readonly extensions: Record<string, unknown>;

  constructor(code: FailureCode, message: string, extensions: Record<string, unknown>) {
    super(code, message);
    this.extensions = extensions;
  }
}

/** The problem document of a failure we expect. */
export function toProblem(error: QuorateError): Problem {
  const { code, message, field, details } = error;
  return {
    type: `urn:quorate:problem:${code}`,
    title: FAILURES[code].title,
    status: FAILURES[code].httpStatus,
    detail: sentence(message),
    code,
    ...(field === undefined ? {} : { field }),
    ...(details === undefined ? {} : { details }),
    ...(error instanceof ProblemWith ? error.extensions : {}),
  };
}

/** Answers every error of every route. What we did not expect is logged with its request id and explained to nobody. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const expected = asExpected(error);
  if (expected) {
    if (expected.code === 'unavailable') request.log.warn({ err: error }, 'unavailable');
    if (expected.retryable && !reply.hasHeader('retry-after'))
      reply.header('retry-after', String(expected.retryAfterS ?? 1));
    return sendProblem(reply, toProblem(expected));
  }
  request.log.error({ err: error }, 'unexpected error');
  return sendProblem(reply, {
    type: 'urn:quorate:problem:internal',
    title: 'Internal error',
    status: 500,
    detail: `Something went wrong on our side; the log has it under request ${request.id}.`,
    code: 'internal',
    requestId: request.id,
  });
}

/** Answers what never comes to a route, nor to the hooks before it: a path that is no path. */
export function answerUnroutable(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
  });
  const message = 'The path of this request is not validly percent-encoded; write a % itself as %25.';
  const badPath = new QuorateError('malformed_request', message);
  void answerError(error.statusCode === 400 ? badPath : error, request, reply);
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  // The route's own response schemas do not describe problems, so the document is sent as text.
  return reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .serializer((text: string) => text)
    .send(JSON.stringify(problem));
}

/** The expected failure that an error of a library stands for; undefined when it is a bug. */
function asExpected(error: unknown): QuorateError | undefined {
  if (error instanceof QuorateError) return error;
  if (error instanceof postgres.PostgresError) return ofDatabase(error);
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode } = error as Partial<FastifyError>;
  // The driver notes the statement on every error of a connection; others' connections fail by the same codes.
  if (typeof code === 'string' && (UNREACHABLE.has(code) || (LOST.has(code) && 'query' in error))) {
    return new QuorateError('unavailable', 'The database cannot be reached just now; try again shortly.');
  }
  if (statusCode === 415) {
    const message = 'This content type is not understood here; send JSON with content-type application/json.';
    return new QuorateError('unsupported_media_type', message, { field: 'content-type' });
  }
  if (statusCode === 413) {
    return new QuorateError('payload_too_large', 'The request body is larger than this endpoint accepts.');
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new QuorateError('malformed_request', error.message);
  }
  return undefined;
}

// Codes of postgres.js, and of Node, when there is no connection to be had.
const UNREACHABLE = new Set(['CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'CONNECTION_ENDED', 'CONNECT_TIMEOUT']);
const LOST = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT']);

function ofDatabase(error: postgres.PostgresError): QuorateError | undefined {
  // 57P01-57P03: the server is shutting down or starting; 53300: too many connections; 53100: its disk is full;
  // 55P03: somebody holds a lock for too long.
  if (/^57P0|^53|^08|^55P03/.test(error.code)) {
    return new QuorateError('unavailable', 'The database cannot answer just now; try again shortly.', { cause: error });
  }
  return undefined;
}

function sentence(message: string): string {
  const text = message.trim().replace(/\s+/g, ' ');
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

const MAX_PROBLEMS = 20;

/** What a zod error says about a part of a request, as one sentence that names the field. */
export function inputError(error: z.ZodError): QuorateError {
  // A field by another name is why the right one is missing.
  const issues = error.issues.toSorted((a, b) => Number(isStrange(b)) - Number(isStrange(a)));
  const problems = issues.slice(0, MAX_PROBLEMS).flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.slice(0, MAX_PROBLEMS).map((key) => {
        const field = [...path, key.slice(0, 60)].join('.');
        return { field, message: `${field} is not a field of this request` };
      });
    }
    const field = path.join('.');
    // What zod says of a value that is not there is about its own types.
    if (issue.code === 'invalid_type' && field !== '' && /received undefined$/.test(issue.message)) {
      return [{ field, message: `${field} is missing` }];
    }
    const message = field === '' || issue.message.startsWith(field) ? issue.message : `${field}: ${issue.message}`;
    return [{ field, message }];
  });
  const [first] = problems;
  return new QuorateError('invalid_input', first?.message ?? 'The request is invalid', {
    ...(first?.field ? { field: first.field } : {}),
    ...(problems.length > 1 ? { details: problems.slice(0, MAX_PROBLEMS) } : {}),
  });
}

const isStrange = ({ code }: { code?: string }) => code === 'unrecognized_keys';

/** What the collection has of which a route names one: of /v1/campaigns/:id it is a campaign. */
export function nameOfOne(url = ''): string {
  const [, collection = 'things'] = /([a-z-]+)\/:id/.exec(url) ?? [];
  return collection.replace(/ies$/, 'y').replace(/s$/, '').replaceAll('-', ' ');
}

/** A row that is not there. */
export function notFound(what: string, id: string): QuorateError {
  return new QuorateError('not_found', `There is no ${what} with id ${JSON.stringify(id.slice(0, 60))}.`);
}
